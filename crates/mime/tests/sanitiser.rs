//! What others have found to get through sanitisers does not get through this one.
//!
//! The judge is an HTML5 parser of its own with its own list: it must find nothing in the output that it would take out.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test"
)]

use std::collections::{HashMap, HashSet};

use qiyou_mime::{SafeHtml, Sanitise, sanitise};
use serde_json::Value;

fn data(path: &str) -> Vec<u8> {
    std::fs::read(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/data/sanitiser")
            .join(path),
    )
    .unwrap()
}

fn cleaned(html: &str, allow_remote: bool) -> SafeHtml {
    let cid = |id: &str| (!id.is_empty()).then(|| "https://cid.invalid/picture".to_owned());
    sanitise(
        html,
        &Sanitise {
            picture: allow_remote.then_some(&|n| format!("picture:{n}")),
            link: &|n| format!("https://link.invalid/{n}"),
            cid: &cid,
        },
    )
}

/// Asserts that nothing in `safe` acts, asks the network, or leaves its frame.
fn assert_inert(safe: &SafeHtml, input: &str) {
    let html = &safe.html;
    let (sheet, body) = match html
        .strip_prefix("<style>")
        .and_then(|rest| rest.split_once("</style>"))
    {
        Some((sheet, body)) => (sheet, body),
        None => ("", html.as_str()),
    };
    for bad in [
        "url(",
        "@import",
        "expression",
        "position",
        "behavior",
        "binding",
        "<",
        "javascript:",
        "vh",
    ] {
        assert!(
            !sheet.to_ascii_lowercase().contains(bad),
            "{bad} in the sheet of {input:?}: {sheet}"
        );
    }
    let tags = [
        "a",
        "abbr",
        "acronym",
        "address",
        "area",
        "article",
        "aside",
        "b",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "dir",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "font",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "main",
        "map",
        "mark",
        "menu",
        "nav",
        "nobr",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "section",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
    ];
    let attributes = [
        "align",
        "class",
        "dir",
        "id",
        "lang",
        "style",
        "title",
        "name",
        "alt",
        "coords",
        "shape",
        "width",
        "height",
        "border",
        "hspace",
        "vspace",
        "usemap",
        "color",
        "face",
        "size",
        "cellpadding",
        "cellspacing",
        "bgcolor",
        "bordercolor",
        "rules",
        "frame",
        "valign",
        "colspan",
        "rowspan",
        "nowrap",
        "scope",
        "span",
        "noshade",
        "start",
        "type",
        "value",
        "referrerpolicy",
        "rel",
    ];
    let urls = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&urls);
    let mut judge = ammonia::Builder::empty();
    judge
        .tags(HashSet::from(tags))
        .generic_attributes(HashSet::from(attributes))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("area", HashSet::from(["href"])),
            ("img", HashSet::from(["src"])),
            ("table", HashSet::from(["background"])),
            ("td", HashSet::from(["background"])),
        ]))
        .url_schemes(HashSet::from(["https", "http", "data"]))
        .link_rel(None)
        .attribute_filter(move |element, attribute, value| {
            if ["href", "src", "background", "id", "name", "class", "usemap", "style"].contains(&attribute) {
                seen.lock()
                    .unwrap()
                    .push((element.to_owned(), attribute.to_owned(), value.to_owned()));
            }
            Some(value.into())
        });
    let judged = judge.clean(body).to_string();
    // A tree that is written and read again can come out in another shape (a heading in a heading); its tags are the same.
    let tags = |html: &str| -> Vec<String> {
        html.split('<')
            .skip(1)
            .filter(|tag| !tag.starts_with('/'))
            .map(|tag| tag.split('>').next().unwrap_or_default().to_owned())
            .collect()
    };
    let left = tags(&judged);
    let taken: Vec<String> = tags(body).into_iter().filter(|tag| !left.contains(tag)).collect();
    assert!(
        taken.is_empty(),
        "{input:?}\nis shown as {body}\nof which the judge leaves {judged}\nwithout {taken:?}"
    );
    for (element, attribute, value) in urls.lock().unwrap().iter() {
        let fine = match attribute.as_str() {
            "href" => value.starts_with("https://link.invalid/") || value.starts_with("#m-"),
            "src" => {
                value == "https://cid.invalid/picture"
                    || ["png", "jpeg", "jpg", "gif", "webp", "bmp"]
                        .iter()
                        .any(|kind| value.to_ascii_lowercase().starts_with(&format!("data:image/{kind};")))
            }
            "background" => value == "https://cid.invalid/picture",
            "usemap" => value.starts_with("#m-"),
            "id" | "name" => value.starts_with("m-"),
            "class" => value == "mail-body" || value.split(' ').all(|class| class.starts_with("m-")),
            _ => {
                let value = value.to_ascii_lowercase();
                ![
                    "url",
                    "expression(",
                    "position",
                    "behavior",
                    "@import",
                    "javascript",
                    "{",
                    "}",
                    "<",
                ]
                .iter()
                .any(|bad| value.contains(bad))
            }
        };
        assert!(fine, "{input:?} keeps <{element} {attribute}={value:?}>");
    }
    for link in &safe.links {
        let scheme = link.split(':').next().unwrap().to_ascii_lowercase();
        assert!(
            ["http", "https", "mailto", "tel"].contains(&scheme.as_str()),
            "{input:?} links to {link}"
        );
    }
}

#[test]
fn payloads_of_dompurify() {
    let cases: Value = serde_json::from_slice(&data("dompurify/expect.json")).unwrap();
    let cases = cases.as_array().unwrap();
    assert!(cases.len() > 200);
    for case in cases {
        let payload = case["payload"].as_str().unwrap();
        assert_inert(&cleaned(payload, false), payload);
    }
}

#[test]
fn payloads_of_loofah() {
    // The file is nearly JSON: it has comments at the ends of lines.
    let nearly = String::from_utf8(data("loofah/testdata_sanitizer_tests1.dat")).unwrap();
    let json: String = nearly
        .lines()
        .map(|line| {
            line.rsplit_once("/*")
                .filter(|(_, comment)| comment.ends_with("*/"))
                .map_or(line, |(json, _)| json)
        })
        .collect();
    let cases: Value = serde_json::from_str(&json).unwrap();
    let cases = cases.as_array().unwrap();
    assert!(cases.len() > 50);
    for case in cases {
        let payload = case["input"].as_str().unwrap();
        assert_inert(&cleaned(payload, false), payload);
    }
}

#[test]
fn a_page_of_word() {
    let page = String::from_utf8_lossy(&data("loofah/msword.html")).into_owned();
    let safe = cleaned(&page, false);
    assert_inert(&safe, "msword");
    assert_eq!(qiyou_mime::html_to_text(&safe.html), "Foo BOLD");
    assert!(
        safe.html.contains("p.m-MsoNormal, li.m-MsoNormal"),
        "the styles stay: {}",
        safe.html
    );
}

#[test]
fn mails_of_the_corpus() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/corpus");
    let mut count = 0;
    for repository in std::fs::read_dir(folder).unwrap() {
        for file in std::fs::read_dir(repository.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let Some(html) = qiyou_mime::parse(&std::fs::read(&path).unwrap()).html else {
                continue;
            };
            count += 1;
            assert_inert(&cleaned(&html, false), &path.display().to_string());
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn our_own_tricks() {
    for html in [
        "<a href=\"java\tscript:alert(1)\">x</a>",
        "<a href=\" javascript:alert(1)\">x</a>",
        "<a href=\"&#106;avascript:alert(1)\">x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<a href='file:///etc/passwd'>x</a><a href='qiyou://x'>y</a><a href='vbscript:x'>z</a>",
        "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
        "<img src=x onerror=alert(1)>",
        "<img src='https://t.example/p.gif' srcset='https://t.example/q.gif 2x'>",
        "<table background='https://t.example/p.gif'><td background=//t.example/q.gif>",
        "<div style='background:url(https://t.example/p.gif)'>x</div>",
        "<div style='position:fixed;top:0'>x</div>",
        "<style>@import 'https://t.example/x.css';body{background:url(https://t.example)}</style>",
        "<style><!--</style><script>alert(1)</script>--></style>",
        "<style>p{font-family:'</style><img src=x onerror=alert(1)>'}</style>",
        "<base href='https://evil.example/'><meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<form action='https://evil.example'><input name=a><button>go</button></form>",
        "<iframe src='https://evil.example'></iframe><object data=x></object><embed src=x>",
        "<svg><script>alert(1)</script></svg><math><mi xlink:href='javascript:x'>y</mi></math>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
        "<title><p title=\"</title><img src=x onerror=alert(1)>\">",
        "<div id=app class='window host' name=body>x</div>",
        "<p title='\"><img src=x onerror=alert(1)>'>x</p>",
        "<a name='x' id=y href='#y' target=_top ping='https://t.example'>x</a>",
        "<link rel=stylesheet href=https://t.example/x.css><link rel=dns-prefetch href=//t.example>",
        "<video src=https://t.example poster=https://t.example><source src=https://t.example></video>",
        "<input type=image src=https://t.example><body background=https://t.example onload=x>",
        "<<img src=x onerror=alert(1)>>",
        "<a href=\"https://a.example/\"title='x'onclick=alert(1)>x</a>",
        "<template><img src=x onerror=alert(1)></template>",
        "<xmp><img src=x onerror=alert(1)></xmp><plaintext><script>x</script>",
    ] {
        assert_inert(&cleaned(html, false), html);
    }
}

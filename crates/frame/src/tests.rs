use qiyou_api::{ApiError, Body, ErrorCode};

use crate::{Asked, Page, Theme, View, body, nothing, policy, refused};

const LINKS: &str = "qymail://localhost/link/";
const LIGHT: View = View {
    remote: false,
    theme: Theme::Light,
};
const DARK: View = View {
    remote: false,
    theme: Theme::Dark,
};

fn ready(html: &str, links: &[&str]) -> Body {
    Body::Ready {
        html: html.to_owned(),
        plain: false,
        blocked_remote: 0,
        links: links.iter().map(|link| (*link).to_owned()).collect(),
        language: Some("zh-CN".to_owned()),
        warnings: Vec::new(),
    }
}

fn header<'p>(page: &'p Page, name: &str) -> &'p str {
    page.headers
        .iter()
        .find(|(n, _)| *n == name)
        .map_or("", |(_, value)| value)
}

#[test]
fn an_address_names_a_body_or_a_link_and_nothing_else() {
    let view = View {
        remote: true,
        theme: Theme::Dark,
    };
    assert_eq!(
        Asked::of("/body/5", "remote=1&theme=dark"),
        Some(Asked::Body { mail: 5, view })
    );
    assert_eq!(Asked::of("/body/5", ""), Some(Asked::Body { mail: 5, view: LIGHT }));
    assert_eq!(
        Asked::of("/body/5", "remote=true&theme=DARK"),
        Some(Asked::Body { mail: 5, view: LIGHT })
    );
    assert_eq!(Asked::of("/link/5/0", ""), Some(Asked::Link { mail: 5, number: 0 }));
    for wrong in [
        "",
        "/",
        "/body",
        "/body/",
        "/body/x",
        "/body/-5",
        "/body/+5",
        "/body/5/",
        "/body/5/6",
        "/link/5",
        "/link/5/",
        "/link/5/x",
        "/link/5/1/2",
        "/other/5",
        "body/5",
        "/body/99999999999999999999",
    ] {
        assert_eq!(Asked::of(wrong, "remote=1"), None, "{wrong}");
    }
}

#[test]
fn a_mail_may_ask_for_nothing_and_run_nothing() {
    let page = body(5, &ready("<p>你好</p>", &[]), LIGHT, LINKS);
    let csp = header(&page, "content-security-policy");
    assert!(csp.starts_with("default-src 'none'; "));
    assert!(csp.split("; ").any(|rule| rule == "img-src data:"), "{csp}");
    assert!(csp.split("; ").any(|rule| rule == "sandbox"), "{csp}");
    assert!(!csp.contains("script-src") && !csp.contains("http"), "{csp}");
    assert_eq!(header(&page, "x-content-type-options"), "nosniff");
    assert_eq!(header(&page, "referrer-policy"), "no-referrer");
    assert_eq!(page.status, 200);
}

#[test]
fn pictures_from_the_network_are_allowed_only_when_they_were_asked_for() {
    assert!(policy(true).contains("img-src data: https: http:;"));
    let fetching = body(
        5,
        &Body::Fetching,
        View {
            remote: true,
            theme: Theme::Light,
        },
        LINKS,
    );
    assert_eq!(
        header(&fetching, "content-security-policy"),
        policy(false),
        "a skeleton needs none"
    );
}

#[test]
fn links_lead_to_this_program_and_show_their_true_target() {
    let html = r#"<p>见 <a href="link:0">这里</a> 和 <a class="x" href="link:1" rel="noopener">那里</a></p>"#;
    let page = body(
        7,
        &ready(html, &["https://example.com/?a=1&b=\"2\"", "mailto:li.si@example.com"]),
        LIGHT,
        LINKS,
    );
    let first =
        r#"<a href="qymail://localhost/link/7/0" title="https://example.com/?a=1&amp;b=&quot;2&quot;">这里</a>"#;
    let second =
        r#"<a class="x" href="qymail://localhost/link/7/1" title="mailto:li.si@example.com" rel="noopener">那里</a>"#;
    assert!(page.html.contains(first), "{}", page.html);
    assert!(page.html.contains(second), "{}", page.html);
}

#[test]
fn words_that_look_like_a_link_are_left_as_they_were_written() {
    let html = r#"<p>写 href="link:0" 即可</p><a title="< href=&quot;link:0" href="link:9">无</a><style>a:before{content:"<a href=link:0"}</style><img alt="x > y" src="data:,">"#;
    let page = body(7, &ready(html, &["https://example.com/"]), LIGHT, LINKS);
    assert!(page.html.contains(html), "{}", page.html);
}

#[test]
fn a_cut_off_tag_is_passed_on_whole() {
    for html in [
        "<",
        "<a",
        "<a href=\"link:0",
        "a<b",
        "<a href=\"link:0\"",
        "<style>",
        "汉<字",
    ] {
        let page = body(7, &ready(html, &["https://example.com/"]), LIGHT, LINKS);
        assert!(page.html.contains("<main class=\"rich\">"), "{html}");
    }
}

#[test]
fn the_language_of_the_mail_is_on_the_document_and_cannot_break_out_of_it() {
    let with = |language: Option<&str>| {
        let mut ready = ready("", &[]);
        if let Body::Ready { language: field, .. } = &mut ready {
            *field = language.map(str::to_owned);
        }
        body(1, &ready, LIGHT, LINKS).html
    };
    assert!(with(Some("ja")).contains("<html lang=\"ja\""));
    assert!(with(None).contains("<html lang=\"zh-CN\""));
    assert!(with(Some("\"><script>")).contains("<html lang=\"zh-CN\""));
    assert!(!with(Some("\"><script>")).contains("<script>"));
}

#[test]
fn a_dark_sheet_keeps_mails_readable_that_chose_their_colours_for_paper() {
    let plain_colours = ready("<p style=\"color:#000\">黑字</p>", &[]);
    assert!(body(1, &plain_colours, DARK, LINKS).html.contains("class=\"paper\""));
    assert!(body(1, &plain_colours, LIGHT, LINKS).html.contains("class=\"rich\""));
    assert!(
        body(1, &ready("<p>无色</p>", &[]), DARK, LINKS)
            .html
            .contains("class=\"rich\"")
    );
    assert!(
        body(1, &ready("", &[]), DARK, LINKS)
            .html
            .contains("data-theme=\"dark\"")
    );
}

#[test]
fn while_a_text_is_fetched_bars_are_shown_and_when_it_failed_an_empty_sheet() {
    assert!(body(1, &Body::Fetching, LIGHT, LINKS).html.contains("aria-busy"));
    let failed = Body::Failed {
        error: ApiError::new(ErrorCode::Offline),
    };
    assert!(body(1, &failed, LIGHT, LINKS).html.contains("<body></body>"));
}

#[test]
fn a_followed_link_leaves_the_frame_where_it_is() {
    assert_eq!((nothing().status, nothing().html.len()), (204, 0));
    assert_eq!((refused().status, refused().html.len()), (404, 0));
}

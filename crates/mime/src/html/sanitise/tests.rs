use super::*;

fn safe(html: &str, allow_remote: bool) -> SafeHtml {
    let cid = |id: &str| (id == "logo@a").then(|| "mail://1/logo".to_owned());
    sanitise(
        html,
        &Sanitise {
            picture: allow_remote.then_some(&|n| format!("mail://picture/{n}")),
            link: &|n| format!("mail://link/{n}"),
            cid: &cid,
        },
    )
}

fn body(html: &str) -> String {
    safe(html, false)
        .html
        .strip_prefix("<div class=\"mail-body\">")
        .and_then(|h| h.strip_suffix("</div>"))
        .unwrap()
        .to_owned()
}

#[test]
fn what_mail_is_made_of_stays() {
    let table = "<table width=\"600\" bgcolor=\"#eee\"><tbody><tr><td align=\"center\" style=\"color:#333;\">设备</td></tr></tbody></table>";
    assert_eq!(body(table), table);
    assert_eq!(
        body("<p>a<b>b</b><br>c &amp; &lt;d&gt;&nbsp;</p>"),
        "<p>a<b>b</b><br>c &amp; &lt;d&gt;&nbsp;</p>"
    );
    assert_eq!(
        body("<font color=red face=\"宋体\" size=2>x</font>"),
        "<font color=\"red\" face=\"宋体\" size=\"2\">x</font>"
    );
}

#[test]
fn links_go_through_the_host_and_say_where_they_lead() {
    let safe = safe(
        "<a href=\"https://bank.example.evil.example/\" title=\"bank.example\">bank.example</a> <a href=www.a.example>b</a> <a href=\"mailto:a@b.example\">c</a> <a href=\"javascript:x\">d</a>",
        false,
    );
    assert_eq!(
        safe.links,
        [
            "https://bank.example.evil.example/",
            "http://www.a.example",
            "mailto:a@b.example"
        ]
    );
    assert!(safe.html.contains("<a href=\"mail://link/0\" title=\"https://bank.example.evil.example/\" rel=\"noopener noreferrer nofollow\">bank.example</a>"), "{}", safe.html);
    assert!(safe.html.contains("<a>d</a>"), "{}", safe.html);
}

#[test]
fn pictures() {
    let html = "<img src=\"cid:logo@a\" width=10><img src=\"cid:none@a\"><img src=\"https://t.example/p.gif\" alt=p><img src=//t.example/q.gif><img src=\"data:image/png;base64,iVBORw0=\"><td background=\"https://t.example/b.png\">";
    let blocked = safe(&format!("<table>{html}</table>"), false);
    assert_eq!(blocked.blocked_remote, 3);
    assert!(!blocked.html.contains("t.example"), "{}", blocked.html);
    assert!(
        blocked.html.contains("src=\"mail://1/logo\"")
            && blocked.html.contains("data:image/png")
            && blocked.html.contains("alt=\"p\"")
    );
    let allowed = safe(&format!("<table>{html}</table>"), true);
    assert_eq!(allowed.blocked_remote, 0);
    assert!(
        allowed.html.contains("src=\"mail://picture/0\"")
            && allowed.html.contains("src=\"mail://picture/1\"")
            && allowed.html.contains("background=\"mail://picture/2\"")
            && !allowed.html.contains("t.example"),
        "{}",
        allowed.html
    );
    let addresses = [
        "https://t.example/p.gif",
        "https://t.example/q.gif",
        "https://t.example/b.png",
    ];
    assert_eq!(allowed.pictures, addresses);
}

#[test]
fn names_of_the_mail_are_its_own() {
    let safe = safe(
        "<style>.mail-body, #top, div.a{color:red}</style><body bgcolor=\"#fafafa\" style=\"margin:0;position:fixed\"><div id=top class=\"mail-body a\"><a name=x href=\"#x\">y</a></div>",
        false,
    );
    assert_eq!(
        safe.html,
        "<style>.m-mail-body, #m-top, div.m-a{color:red;}</style><div class=\"mail-body\" style=\"margin:0;background-color:#fafafa;\"><div id=\"m-top\" class=\"m-mail-body m-a\"><a name=\"m-x\" href=\"#m-x\">y</a></div></div>"
    );
    assert!(safe.links.is_empty());
}

#[test]
fn plain_text_goes_the_same_way() {
    let safe = safe(&crate::text_to_html("你好 https://a.example\n> <b>quoted</b>"), false);
    assert_eq!(safe.links, ["https://a.example"]);
    assert!(
        safe.html.contains("white-space:pre-wrap")
            && safe
                .html
                .contains("<blockquote class=\"m-quote-1\">&lt;b&gt;quoted&lt;/b&gt;</blockquote>"),
        "{}",
        safe.html
    );
}

#[test]
fn the_script_tells_the_language() {
    for (text, language) in [
        ("各位同事好，请查收会议纪要", Some("zh-CN")),
        ("各位同事好，請查收會議紀要，謝謝您來開會", Some("zh-TW")),
        ("会議の議事録をお送りします", Some("ja")),
        ("회의록을 보내드립니다", Some("ko")),
        ("Dear all, please find the minutes", None),
    ] {
        assert_eq!(safe(&format!("<p>{text}</p>"), false).language, language, "{text}");
    }
}

#[test]
fn what_is_too_much_is_cut_and_said() {
    assert!(!safe("<p>x</p>", false).cut);
    let much = safe(&"<p>x</p>".repeat(700_000), false);
    assert!(much.cut && much.html.len() > 1_000_000);
    let long = safe(&"长".repeat(8_000_000), false);
    assert!(long.cut);
}

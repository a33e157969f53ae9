use qiyou_api::{ApiError, Body, ErrorCode};

use crate::{Asked, Doors, Theme, View, body, policy};

const DOORS: Doors<'static> = Doors {
    base: "qymail://localhost/",
    source: "qymail:",
};
const LIGHT: View = View {
    remote: false,
    theme: Theme::Light,
    whole: false,
};
const DARK: View = View {
    remote: false,
    theme: Theme::Dark,
    whole: false,
};

fn ready(html: &str, links: &[&str]) -> Body {
    Body::Ready {
        html: html.to_owned(),
        plain: false,
        cut: false,
        remote_pictures: 0,
        carried: 0,
        links: links.iter().map(|link| (*link).to_owned()).collect(),
        language: Some("zh-CN".to_owned()),
        warnings: Vec::new(),
    }
}

#[test]
fn an_address_names_a_body_or_a_link_and_nothing_else() {
    let view = View {
        remote: true,
        theme: Theme::Dark,
        whole: false,
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
    assert_eq!(
        Asked::of("/picture/5/7", ""),
        Some(Asked::Picture { mail: 5, number: 7 })
    );
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
        "/picture/5",
        "/picture/5/x",
        "/picture/-5/1",
        "body/5",
        "/body/99999999999999999999",
    ] {
        assert_eq!(Asked::of(wrong, "remote=1"), None, "{wrong}");
    }
}

#[test]
fn a_mail_may_ask_for_nothing_and_run_nothing() {
    let page = body(5, &ready("<p>你好</p>", &[]), LIGHT, &DOORS);
    let csp = policy(false, &DOORS);
    assert!(page.contains(&format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{csp}\">"
    )));
    // Before anything that the mail brings.
    assert!(page.find("Content-Security-Policy") < page.find("<style>"));
    assert!(csp.starts_with("default-src 'none'; "));
    assert!(csp.split("; ").any(|rule| rule == "img-src data:"), "{csp}");
    assert!(!csp.contains("script-src") && !csp.contains("http"), "{csp}");
    assert!(page.contains("<meta name=\"referrer\" content=\"no-referrer\">"));
}

#[test]
fn pictures_from_the_network_come_by_this_program_and_only_when_they_were_asked_for() {
    let html =
        r#"<img alt="src=&quot;picture:9&quot;" src="picture:0"><table background="picture:1"><img src="data:x">"#;
    let view = View {
        remote: true,
        theme: Theme::Light,
        whole: false,
    };
    let page = body(5, &ready(html, &[]), view, &DOORS);
    assert!(page.contains(r#"src="qymail://localhost/picture/5/0""#), "{page}");
    assert!(
        page.contains(r#"<table background="qymail://localhost/picture/5/1">"#),
        "{page}"
    );
    assert!(page.contains("img-src data: qymail:;"), "{page}");
    assert!(
        policy(
            true,
            &Doors {
                base: "http://qymail.localhost/",
                source: "http://qymail.localhost"
            }
        )
        .contains("img-src data: http://qymail.localhost;")
    );
    let fetching = body(5, &Body::Fetching, view, &DOORS);
    assert!(fetching.contains("img-src data:;"), "a skeleton needs none");
}

#[test]
fn links_lead_to_this_program_and_show_their_true_target() {
    let html = r#"<p>见 <a href="link:0">这里</a> 和 <a class="x" href="link:1" rel="noopener">那里</a></p>"#;
    let page = body(
        7,
        &ready(html, &["https://example.com/?a=1&b=\"2\"", "mailto:li.si@example.com"]),
        LIGHT,
        &DOORS,
    );
    let first =
        r#"<a href="qymail://localhost/link/7/0" title="https://example.com/?a=1&amp;b=&quot;2&quot;">这里</a>"#;
    let second =
        r#"<a class="x" href="qymail://localhost/link/7/1" title="mailto:li.si@example.com" rel="noopener">那里</a>"#;
    assert!(page.contains(first), "{}", page);
    assert!(page.contains(second), "{}", page);
}

#[test]
fn words_that_look_like_a_link_are_left_as_they_were_written() {
    let html = r#"<p>写 href="link:0" 即可</p><a title="< href=&quot;link:0" href="link:9">无</a><style>a:before{content:"<a href=link:0"}</style><img alt="x > y" src="data:,">"#;
    let page = body(7, &ready(html, &["https://example.com/"]), LIGHT, &DOORS);
    assert!(page.contains(html), "{}", page);
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
        let page = body(7, &ready(html, &["https://example.com/"]), LIGHT, &DOORS);
        assert!(page.contains("<main class=\"rich\">"), "{html}");
    }
}

#[test]
fn the_language_of_the_mail_is_on_the_document_and_cannot_break_out_of_it() {
    let with = |language: Option<&str>| {
        let mut ready = ready("", &[]);
        if let Body::Ready { language: field, .. } = &mut ready {
            *field = language.map(str::to_owned);
        }
        body(1, &ready, LIGHT, &DOORS)
    };
    assert!(with(Some("ja")).contains("<html lang=\"ja\""));
    assert!(with(None).contains("<html lang=\"zh-CN\""));
    assert!(with(Some("\"><script>")).contains("<html lang=\"zh-CN\""));
    assert!(!with(Some("\"><script>")).contains("<script>"));
}

#[test]
fn a_dark_sheet_keeps_mails_readable_that_chose_their_colours_for_paper() {
    let plain_colours = ready("<p style=\"color:#000\">黑字</p>", &[]);
    assert!(body(1, &plain_colours, DARK, &DOORS).contains("class=\"paper\""));
    assert!(body(1, &plain_colours, LIGHT, &DOORS).contains("class=\"rich\""));
    assert!(body(1, &ready("<p>无色</p>", &[]), DARK, &DOORS).contains("class=\"rich\""));
    assert!(body(1, &ready("", &[]), DARK, &DOORS).contains("data-theme=\"dark\""));
}

#[test]
fn while_a_text_is_fetched_bars_are_shown_and_when_it_failed_an_empty_sheet() {
    assert!(body(1, &Body::Fetching, LIGHT, &DOORS).contains("aria-busy"));
    let failed = Body::Failed {
        error: ApiError::new(ErrorCode::Offline),
    };
    assert!(body(1, &failed, LIGHT, &DOORS).contains("<body></body>"));
}

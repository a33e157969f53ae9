//! Whatever comes in, something comes out: no panic, no endless work, nothing beyond the bounds.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test"
)]

use proptest::prelude::*;

fn everything(raw: &[u8]) {
    let _ = qiyou_mime::report(raw);
    let mail = qiyou_mime::parse(raw);
    assert!(mail.summary.subject.chars().count() <= 1000);
    assert!(mail.summary.references.len() <= 100);
    for part in &mail.parts {
        assert!(qiyou_mime::attachment(raw, part.index).is_some());
    }
    let preview = qiyou_mime::preview(mail.text.as_deref(), mail.html.as_deref());
    assert!(preview.chars().count() <= 160 && !preview.contains(['\n', '\u{202E}']));
    let text = mail.text.unwrap_or_default();
    qiyou_mime::verification_code(&mail.summary.subject, &text);
    show(&qiyou_mime::text_to_html(&text));
    show(&mail.html.unwrap_or_default());
    show(&String::from_utf8_lossy(raw));
    for encoding in ["base64", "quoted-printable", "x-uuencode", ""] {
        for charset in [
            None,
            Some("gbk"),
            Some("utf-7"),
            Some("hz"),
            Some("iso-2022-jp"),
            Some("utf-16"),
            Some("big5"),
        ] {
            qiyou_mime::decode_text(raw, encoding, charset);
        }
    }
}

fn show(html: &str) {
    let cid = |id: &str| Some(format!("https://cid.invalid/{id}"));
    let options = qiyou_mime::Sanitise {
        picture: Some(&|n| format!("picture:{n}")),
        link: &|n| format!("https://link.invalid/{n}"),
        cid: &cid,
    };
    let safe = qiyou_mime::sanitise(html, &options);
    assert!(!safe.html.to_ascii_lowercase().contains("<script"));
    qiyou_mime::html_to_text(html);
}

/// Pieces that mails are made of, so that chance meets the code behind the first check.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<&[u8]> = vec![
        b"Content-Type: multipart/mixed; boundary=\"b\"\r\n",
        b"\r\n\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"Content-Type: text/html; charset=gb2312\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"Subject: =?gb2312?B?",
        b"?=",
        b"=?utf-8?Q?=E4=BC",
        b"From: ",
        b"\"",
        b"<",
        b">",
        b"(",
        b"\\",
        b"@",
        b",",
        b";",
        b":",
        b"=",
        b"*0*=utf-8''%E4",
        b"filename",
        b"Content-Disposition: attachment; filename*1*=",
        b"Content-Type: message/rfc822\r\n",
        b"Date: Sun, 22 Nov 2026 12:00:00 +0800\r\n",
        b"Date: 2026-11-22 ",
        b"References: <",
        b"\xc4\xe3\xba\xc3",
        b"\xe4\xbd\xa0",
        b"<a href=\"java\tscript:x\" ",
        b"<style>p{color:",
        b"url(",
        b"</style>",
        b"<!--",
        b"-->",
        b"<table><td>",
        b"<b><p>",
        b"&#x",
        b"&nbsp;",
        b"style=\"",
        b"<img src=cid:",
        b"<svg>",
        b"begin 644 x\n",
        b"~{",
        b"+AG",
        b"\x1b$B",
        b"\xe9\xaa\x8c\xe8\xaf\x81\xe7\xa0\x81",
        b"1234 ",
        b" is your ",
        b"code",
        b"\n> ",
        b"https://",
    ];
    prop_oneof![
        3 => proptest::sample::select(known).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..12),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mails_of_known_pieces(pieces in proptest::collection::vec(piece(), 0..60)) {
        everything(&pieces.concat());
    }

    #[test]
    fn mails_of_noise(raw in proptest::collection::vec(any::<u8>(), 0..400)) {
        everything(&raw);
    }

    #[test]
    fn names_of_files_are_safe(name in "\\PC{0,40}[/\\\\:.]{0,3}\\PC{0,300}") {
        let safe = qiyou_mime::safe_file_name(&name);
        prop_assert!(!safe.is_empty() && safe.len() <= 201);
        prop_assert!(!safe.contains(['/', '\\', ':', '\0', '\n', '"', '<', '>', '|', '?', '*']));
        prop_assert!(!safe.starts_with('.') && !safe.ends_with('.') && !safe.ends_with(' '));
    }
}

/// Each of these would take minutes or the whole memory if it were read naively.
#[test]
fn bombs() {
    let n = 100_000;
    for html in [
        "<div>".repeat(n),
        "<b>".repeat(n),
        (0..n)
            .map(|k| format!("<font color=c{k}>"))
            .collect::<Vec<_>>()
            .concat(),
        (0..2000)
            .map(|k| format!("<p><font color=c{k}><b><i>"))
            .collect::<Vec<_>>()
            .concat()
            + &"<div>x</div>".repeat(n),
        "<table><tr><td>".repeat(n),
        format!("<p {}>", "a ".repeat(n)),
        "<p style=\"".repeat(n),
        "<!--".repeat(n),
        "<svg>".repeat(n),
        "<a href=x>".repeat(n),
        "<style>@media x{".repeat(n),
        "<ul><li>".repeat(n),
        "<blockquote>".repeat(n),
        "&amp;".repeat(n),
        "\0".repeat(n),
        "<img src=data:".repeat(n),
        "<p><a><b></p></a>".repeat(n),
    ] {
        let start = std::time::Instant::now();
        show(&html);
        assert!(
            start.elapsed().as_secs() < 30,
            "{:.40} took {:?}",
            html,
            start.elapsed()
        );
    }
    for mail in [
        format!("Subject: {}\r\n\r\n", "=?utf-8?B?".repeat(n)),
        format!("To: {}\r\n\r\n", "\"<(".repeat(n)),
        format!("To: {}\r\n\r\n", "a@b ".repeat(n)),
        format!("References: {}\r\n\r\n", "<".repeat(n)),
        format!("Content-Type: a/b; {}\r\n\r\n", "x=\"y\";".repeat(n)),
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(n / 10),
        " \r\n".repeat(n),
        "a:b\r\n".repeat(n),
        "http://www.".repeat(n),
        "www.".repeat(n),
        "a@a.".repeat(n),
        "> ".repeat(n),
        "验证码 1234 ".repeat(n / 10),
    ] {
        let start = std::time::Instant::now();
        let parsed = qiyou_mime::parse(mail.as_bytes());
        let html = qiyou_mime::text_to_html(parsed.text.as_deref().unwrap_or_default());
        show(&html);
        assert!(
            start.elapsed().as_secs() < 30,
            "{:.20} took {:?}",
            mail,
            start.elapsed()
        );
    }
}

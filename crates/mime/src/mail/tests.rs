use super::*;

#[test]
fn text_html_and_attachment() {
    let raw = "From: 张三 <zhang@a.example>\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=\"b1\"\r\n\r\nignored\r\n\
        --b1\r\nContent-Type: multipart/alternative; boundary=b2\r\n\r\n\
        --b2\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n你好\r\n\
        --b2\r\nContent-Type: multipart/related; boundary=b3\r\n\r\n\
        --b3\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>你好</p>\r\n\
        --b3\r\nContent-Type: image/png; name=logo.png\r\nContent-ID: <logo@a>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n\
        --b3--\r\n--b2--\r\n\
        --b1\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''%E5%90%88%E5%90%8C.pdf\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b1--\r\nepilogue\r\n";
    let mail = parse(raw.as_bytes());
    assert_eq!(mail.text.as_deref(), Some("你好"));
    assert_eq!(mail.html.as_deref(), Some("<p>你好</p>"));
    let seen: Vec<_> = mail
        .parts
        .iter()
        .map(|p| (p.name.as_str(), p.mime_type.as_str(), p.inline, p.size))
        .collect();
    assert_eq!(
        seen,
        [
            ("logo.png", "image/png", true, 4),
            ("合同.pdf", "application/pdf", false, 5)
        ]
    );
    assert_eq!(mail.parts[0].content_id.as_deref(), Some("logo@a"));
    assert_eq!(attachment(raw.as_bytes(), 1).as_deref(), Some(&b"%PDF-"[..]));
    assert_eq!(attachment(raw.as_bytes(), 2), None);
    assert!(
        mail.header_list
            .contains(&("From".into(), "张三 <zhang@a.example>".into()))
    );
}

#[test]
fn what_is_broken_is_still_shown() {
    let unclosed = parse(b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nhello\n--x\n");
    assert_eq!(unclosed.text.as_deref(), Some("hello"));
    let no_boundary = parse(b"Content-Type: multipart/mixed\n\nhello\n");
    assert_eq!(no_boundary.text.as_deref(), Some("hello\n"));
    let wrong_boundary = parse(b"Content-Type: multipart/mixed; boundary=y\n\n--x\n\nhello\n");
    assert!(wrong_boundary.text.unwrap().contains("hello"));
    assert_eq!(parse(b"").text.as_deref(), Some(""));
    assert_eq!(parse("没有头的邮件".as_bytes()).text.as_deref(), Some("没有头的邮件"));
}

#[test]
fn a_boundary_that_begins_like_another_is_not_it() {
    let raw = b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b1\n\n--b1\n\none\n--b1--\n--b\n\ntwo\n--b--\n";
    assert_eq!(parse(raw).text.as_deref(), Some("one\ntwo"));
}

#[test]
fn mixed_texts_are_shown_in_order() {
    let raw = b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>one</p>\n--b\n\ntwo & a footer\n--b--\n";
    let mail = parse(raw);
    assert_eq!(mail.text.as_deref(), Some("one\ntwo & a footer"));
    assert!(
        mail.html
            .as_deref()
            .is_some_and(|html| html.contains("<p>one</p>") && html.contains("two &amp; a footer"))
    );
}

#[test]
fn a_forwarded_mail_is_an_attachment_named_by_its_subject() {
    let raw = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee below\n--b\nContent-Type: message/rfc822\n\nSubject: 报价 2026/11\n\ninner\n--b--\n";
    let mail = parse(raw.as_bytes());
    assert_eq!(mail.text.as_deref(), Some("see below"));
    assert_eq!(mail.parts[0].name, "报价 2026_11.eml");
    assert!(attachment(raw.as_bytes(), 0).unwrap().ends_with(b"inner"));
}

#[test]
fn nesting_and_numbers_are_bounded() {
    let level = |n: usize| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
    let deep: Vec<String> = (0..5000).map(level).collect();
    let deep = deep.concat();
    parse(deep.as_bytes());
    parse("Content-Type: message/rfc822\n\n".repeat(200_000).as_bytes());
    let many = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n{}",
        "--b\nContent-Type: image/png\n\nx\n".repeat(5000)
    );
    assert!(parse(many.as_bytes()).parts.len() <= MOST_PARTS);
}

#[test]
fn a_delimiter_within_a_line_is_text() {
    let raw = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee --b\nand --b--\nmore\n--b--\n";
    assert_eq!(parse(raw).text.as_deref(), Some("see --b\nand --b--\nmore"));
}

use super::*;

const LIMIT: usize = 64 * 1024;

fn push(content_type: &str, content: &str) -> Push {
    let body = json!({ "To": "zhangsan@example.cn", "Content-Type": content_type, "Content": content });
    Push::parse(body.to_string().as_bytes(), LIMIT).unwrap()
}

#[test]
fn a_push_is_read_as_netease_writes_it() {
    let body = r#"{"From":"wangwu@example.org","To":"zhangsan@example.cn","Subject":"季度计划","Content-Type":"text/html",
        "Content":"<p>正文&nbsp;摘要……</p>","mailsizebyte":"20480","SentDate":"1700000000000","charset":"UTF-8",
        "attachment":"1","AttachmentEx":[{"fileName":"plan.xlsx","offsetInMail":"3095",
        "mimeType":"application/octet-stream","encoding":"base64","storedSize":"940","partId":"1"}]}"#;
    let push = Push::parse(body.as_bytes(), LIMIT).unwrap();
    assert_eq!(
        (push.from.as_str(), push.subject.as_str()),
        ("wangwu@example.org", "季度计划")
    );
    assert_eq!(push.recipients, ["zhangsan@example.cn"]);
    assert_eq!(push.preview, "正文 摘要……");
    assert_eq!((push.sent_at, push.size), (Some(1_700_000_000_000), Some(20_480)));
    assert_eq!(push.files.len(), 1);
    assert_eq!(
        (push.files[0].name.as_str(), push.files[0].size),
        ("plan.xlsx", Some(940))
    );
}

#[test]
fn numbers_and_lists_in_other_shapes_are_read_as_well() {
    let body = json!({
        "To": "张三 <ZhangSan@example.cn>; \"李四, 市场\" <lisi@example.cn>, zhangsan@example.cn",
        "SentDate": 1_700_000_000_000_i64, "mailsizebyte": 7, "attachment": 0,
        "AttachmentEx": "[{\"fileName\":\"a.txt\",\"storedSize\":3}]",
    });
    let push = Push::parse(body.to_string().as_bytes(), LIMIT).unwrap();
    assert_eq!(push.recipients, ["zhangsan@example.cn", "lisi@example.cn"]);
    assert_eq!((push.sent_at, push.size), (Some(1_700_000_000_000), Some(7)));
    assert_eq!(push.files[0].name, "a.txt");
    assert_eq!((push.from.as_str(), push.preview.as_str()), ("", ""));
}

#[test]
fn what_is_no_push_is_refused() {
    let of = |body: &[u8]| Push::parse(body, LIMIT).unwrap_err();
    let deep = [b"{\"To\":".as_slice(), &b"[".repeat(20_000)].concat();
    for body in [b"".as_slice(), b"[]", b"hello", b"{\"To\":", b"\"To\"", &deep] {
        assert_eq!(of(body), PushError::Malformed);
    }
    for to in ["", "nobody", "@", "a@", "@b", "a b@c", "a@b@c"] {
        assert_eq!(
            of(json!({ "To": to }).to_string().as_bytes()),
            PushError::NoRecipient,
            "{to}"
        );
    }
    assert_eq!(of(b"{\"To\":[\"zhangsan@example.cn\"]}"), PushError::NoRecipient);
    assert_eq!(
        Push::parse(&[b' '; 11], 10).unwrap_err(),
        PushError::TooLong { limit: 10 }
    );
}

#[test]
fn bytes_that_are_no_utf_8_leave_the_addresses() {
    let mut body = br#"{"To":"zhangsan@example.cn","Subject":""#.to_vec();
    body.extend_from_slice(&[0xbc, 0xbe, 0xb6, 0xc8]);
    body.extend_from_slice(b"\"}");
    assert_eq!(Push::parse(&body, LIMIT).unwrap().recipients, ["zhangsan@example.cn"]);
}

#[test]
fn a_preview_is_words_whatever_the_html() {
    for (html, words) in [
        ("<style>p{color:red}</style><p>你好</p><p>世界</p>", "你好 世界"),
        ("<SCRIPT>alert('x')</SCRIPT >再见", "再见"),
        ("a<!-- <b>hidden</b> -->b", "a b"),
        (
            "1 < 2 &amp;&lt;b&gt; &#20320;&#x597d; &nope; &",
            "1 < 2 &<b> 你好 &nope; &",
        ),
        ("<p", ""),
        ("<style>never ends", ""),
        ("<img src=x onerror=alert(1)>图", "图"),
        ("&#0;&#x110000;&#xffffffffff;x", "&#x110000;&#xffffffffff;x"),
    ] {
        assert_eq!(push("text/html; charset=utf-8", html).preview, words, "{html}");
    }
    assert_eq!(push("text/plain", " <b>\r\n\u{0}as it is ").preview, "<b> as it is");
}

#[test]
fn hostile_lengths_end_early() {
    for long in ["界".repeat(8000), "<b>你</b>好".repeat(4000)] {
        let preview = push("text/html", &long).preview;
        assert!((PREVIEW - 1..=PREVIEW).contains(&preview.chars().count()), "{preview}");
    }
    for hostile in [
        "<style>".repeat(6000),
        "&".repeat(40_000),
        "</".repeat(20_000),
        "<".repeat(40_000),
    ] {
        assert!(push("text/html", &hostile).preview.chars().count() <= PREVIEW);
    }
    let to: Vec<String> = (0..5000).map(|n| format!("p{n}@e.cn")).collect();
    let many = json!({ "To": to.join(", "), "Subject": "s".repeat(9000) });
    let many = Push::parse(many.to_string().as_bytes(), 1 << 20).unwrap();
    assert_eq!((many.recipients.len(), many.subject.len()), (RECIPIENTS, 1000));
    assert_eq!(many.recipients[99], "p99@e.cn", "no address is cut");
}

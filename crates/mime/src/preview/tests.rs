use super::*;

#[test]
fn first_words() {
    for (text, shown) in [
        (
            "李四，你好：\r\n\r\n  附件是 最新版本，\n请查收。",
            "李四，你好： 附件是 最新版本， 请查收。",
        ),
        (
            "见 https://click.news.example/t/abc?utm_source=x&id=99999 谢谢",
            "见 click.news.example 谢谢",
        ),
        ("<https://user:pw@a.example/x>", "<a.example>"),
        ("-----原始邮件-----\n发件人: 张三", "原始邮件 发件人: 张三"),
        ("> 你上次说的\n好的", "> 你上次说的 好的"),
        (
            "本周要闻\u{200C}\u{A0}\u{200C}\u{A0}\u{34F}\u{200B}\u{FEFF} \u{AD}正文",
            "本周要闻 正文",
        ),
        ("👩\u{200D}👧 你好", "👩\u{200D}👧 你好"),
        ("发票\u{202E}fdp", "发票fdp"),
        ("========\n----\n", ""),
        ("", ""),
    ] {
        assert_eq!(preview(Some(text), None), shown, "{text:?}");
    }
}

#[test]
fn html_is_used_where_there_is_no_text() {
    assert_eq!(
        preview(None, Some("<style>x</style><p>你好</p><p>世界</p>")),
        "你好 世界"
    );
    assert_eq!(preview(Some(" \n"), Some("<p>你好</p>")), "你好");
    assert_eq!(preview(Some("<html><body><p>你好</p></body></html>"), None), "你好");
    assert_eq!(preview(None, None), "");
}

#[test]
fn never_longer_than_160_characters() {
    for text in [
        "词".repeat(1000),
        "word ".repeat(1000),
        "https://a-very-long-host.example/ ".repeat(100),
    ] {
        let count = preview(Some(&text), None).chars().count();
        assert!((100..=LONGEST).contains(&count), "{count}");
    }
}

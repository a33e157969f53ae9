use super::*;

fn body(text: &str) -> String {
    let html = text_to_html(text);
    html.strip_prefix("<div style=\"white-space:pre-wrap\">")
        .and_then(|h| h.strip_suffix("</div>"))
        .unwrap()
        .to_owned()
}

#[test]
fn text_is_escaped_and_lines_kept() {
    assert_eq!(body("a < b & \"c\"\n  d"), "a &lt; b &amp; &quot;c&quot;\n  d");
}

#[test]
fn links_end_where_the_sentence_goes_on() {
    let link = |address: &str| format!("<a href=\"{address}\">{address}</a>");
    assert_eq!(
        body("见 https://a.example/x?y=1&z=2。谢谢"),
        format!(
            "见 {}。谢谢",
            "<a href=\"https://a.example/x?y=1&amp;z=2\">https://a.example/x?y=1&amp;z=2</a>"
        )
    );
    assert_eq!(
        body("点击https://a.example/会议"),
        format!("点击{}会议", link("https://a.example/"))
    );
    assert_eq!(
        body("(https://a.example/b)."),
        format!("({}).", link("https://a.example/b"))
    );
    assert_eq!(body("https://a.example/b_(c)"), link("https://a.example/b_(c)"));
    assert_eq!(
        body("www.a.example, ok"),
        "<a href=\"http://www.a.example\">www.a.example</a>, ok"
    );
    assert_eq!(
        body("写给 zhang.san@a.example。"),
        "写给 <a href=\"mailto:zhang.san@a.example\">zhang.san@a.example</a>。"
    );
    for plain in [
        "javascript:alert(1)",
        "12:30",
        "@all",
        "a@b",
        "http://",
        "版本1.2.3",
        "ftp://x.example",
    ] {
        assert_eq!(body(plain), plain);
    }
}

#[test]
fn quotes_are_nested_by_depth() {
    assert_eq!(
        body("hi\n> one\n>> two\n> > two\nend"),
        "hi<blockquote class=\"quote-1\">one<blockquote class=\"quote-2\">two\ntwo</blockquote></blockquote>end"
    );
    let deep = text_to_html(&">".repeat(1000));
    assert_eq!(deep.matches("<blockquote").count(), 20);
    assert_eq!(deep.matches("</blockquote").count(), 20);
}

#[test]
fn flowed_lines_are_joined() {
    assert_eq!(
        unflow("one \ntwo\n> a \n> b\n-- \nme\n", false),
        "one two\n> a b\n-- \nme\n"
    );
    assert_eq!(unflow("会 \n议\n", true), "会议\n");
    assert_eq!(unflow(" >not a quote\n", false), ">not a quote\n");
}

use super::*;

#[test]
fn blocks_lists_tables_and_quotes() {
    for (html, text) in [
        ("<p>张三，</p><p>请   看\n附件。</p>", "张三，\n\n请 看 附件。"),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<div>a</div><div>b <b>c</b></div>d", "a\nb c\nd"),
        ("<ul><li>a<li>b</ul><ol start=3><li>c</li></ol>", "- a\n- b\n\n3. c"),
        (
            "<table><tr><td>设备</td><td>12</td></tr><tr><th>合计</th> <th>3</th></tr></table>",
            "设备\t12\n合计\t3",
        ),
        (
            "x<blockquote>a<blockquote>b</blockquote></blockquote>y",
            "x\n> a\n> > b\ny",
        ),
        ("<pre>a\n  b</pre>c", "a\n  b\n\nc"),
        ("a&nbsp;&lt;b&gt;", "a <b>"),
        ("<style>p{}</style><script>x</script><title>t</title>a<!-- b -->", "a"),
        ("<img alt=\"标志\" src=x>a", "标志a"),
        ("<div style=\"display: none\">no<div>no</div></div>yes", "yes"),
        ("1 < 2", "1 < 2"),
        ("", ""),
    ] {
        assert_eq!(html_to_text(html), text, "{html}");
    }
}

#[test]
fn a_preview_keeps_what_is_hidden_for_it_and_stops_early() {
    let html = "<div style='display:none'>本周要闻</div><p>正文</p>";
    assert_eq!(read(html, Hidden::Keep, 1000), "本周要闻\n\n正文");
    assert!(read(&"<p>词</p>".repeat(100_000), Hidden::Keep, 100).len() < 120);
}

use super::*;

#[test]
fn a_strangers_text_is_bounded_and_tame() {
    assert_eq!(tame("周报\u{7}\r\n第二行", 100, true), "周报 \n第二行");
    assert_eq!(tame("周报\n第二行", 100, false), "周报 第二行");
    assert_eq!(tame("gpj.\u{202e}exe", 100, false), "gpj.exe");
    let long = tame(&"长".repeat(5000), TITLE_MAX, false);
    assert_eq!(long.chars().count(), TITLE_MAX + 1);
    assert!(long.ends_with('…'));
}

#[test]
fn markup_is_shown_not_obeyed() {
    assert_eq!(
        escape("<b>1 & \"2\"'</b>"),
        "&lt;b&gt;1 &amp; &quot;2&quot;&#39;&lt;/b&gt;"
    );
}

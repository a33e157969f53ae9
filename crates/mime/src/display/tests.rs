use super::*;

#[test]
fn lines_are_folded_and_marks_taken_out() {
    assert_eq!(one_line("  会议\r\n\t通知 \u{0}x ", 100), "会议 通知 x");
    assert_eq!(one_line("发票\u{202E}fdp.exe", 100), "发票fdp.exe");
    assert_eq!(one_line("a\u{200B}\u{FEFF}b\u{2066}c", 100), "abc");
    assert_eq!(
        one_line("👩\u{200D}👧 ok", 100),
        "👩\u{200D}👧 ok",
        "emoji sequences stay"
    );
}

#[test]
fn limits_hold() {
    assert_eq!(one_line("会议通知", 2), "会议");
    assert_eq!(one_line("a b", 2), "a");
    assert_eq!(one_line(&"x ".repeat(1000), 10).chars().count(), 9);
    assert_eq!(clip("会议", 4), "会");
}

#[test]
fn body_text_keeps_lines() {
    assert_eq!(body_text("a\r\nb\rc\u{0}\td\n"), "a\nb\nc\td\n");
}

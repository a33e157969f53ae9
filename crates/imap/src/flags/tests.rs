use super::*;

#[test]
fn wire_flags_are_taken_in_any_case_and_printed_back() {
    let mut flags = Flags::default();
    for flag in [
        "\\SEEN",
        "\\flagged",
        "\\Recent",
        "$FORWARDED",
        "$label1",
        "NonJunk",
        "$label1",
        "\\Weird",
    ] {
        flags.add_wire(flag.as_bytes());
    }
    assert!(flags.seen && flags.flagged && flags.forwarded && !flags.deleted);
    assert_eq!(flags.keywords, ["$label1", "NonJunk"]);
    assert_eq!(flags.to_string(), "\\Seen \\Flagged $Forwarded $label1 NonJunk");
}

#[test]
fn a_server_cannot_fill_memory_with_keywords() {
    let mut flags = Flags::default();
    for i in 0..10_000 {
        flags.add_wire(format!("k{i}").as_bytes());
    }
    flags.add_wire(&[b'x'; 5000]);
    assert_eq!(flags.keywords.len(), MAX_KEYWORDS);
}

#[test]
fn a_keyword_that_is_no_atom_is_never_sent() {
    let mut flags = Flags::seen();
    flags.keywords.push("a) DELETE INBOX".to_owned());
    flags.keywords.push("行".to_owned());
    assert_eq!(flags.to_string(), "\\Seen");
}

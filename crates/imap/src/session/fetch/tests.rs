use super::*;

#[test]
fn a_message_id_is_read_from_its_block() {
    assert_eq!(message_id(b"Message-ID: <a@b>\r\n\r\n").as_deref(), Some("a@b"));
    assert_eq!(
        message_id(b"message-id:\r\n <long@\r\n\thost>\r\n\r\n").as_deref(),
        Some("long@host")
    );
    assert_eq!(message_id(b"\r\n"), None);
    assert_eq!(message_id(b"Message-ID: \r\n\r\n"), None);
}

#[test]
fn one_agreeing_value_is_no_identity() {
    let one = Identity {
        uid: 1,
        size: Some(5),
        internal_date: Some(9),
        message_id: Some("a@b".into()),
    };
    assert!(
        one.is_same(&Identity { uid: 7, ..one.clone() }),
        "the UID does not count"
    );
    assert!(!one.is_same(&Identity {
        size: Some(6),
        ..one.clone()
    }));
    assert!(!one.is_same(&Identity {
        message_id: Some("c@d".into()),
        ..one.clone()
    }));
    assert!(one.is_same(&Identity {
        message_id: None,
        ..one.clone()
    }));
    assert!(!one.is_same(&Identity {
        message_id: None,
        internal_date: None,
        ..one.clone()
    }));
}

#[test]
fn a_section_cannot_smuggle_a_command() {
    assert!(is_section("1.2.MIME") && is_section("") && is_section("HEADER.FIELDS (Received)"));
    assert!(!is_section("1]\r\nA1 DELETE INBOX") && !is_section("1] BODY[2"));
}

#[test]
fn the_uid_of_an_oversized_answer_is_found_in_its_start() {
    assert_eq!(
        uid_of(&Bytes::from_static(
            b"* 5 FETCH (UID 77 FLAGS (\\Seen) BODYSTRUCTURE ((\"text"
        )),
        Some(77)
    );
    assert_eq!(uid_of(&Bytes::from_static(b"* 5 FETCH (BODYSTRUCTURE ((\"text")), None);
    assert_eq!(uid_of(&Bytes::from_static(b"* OK nothing")), None);
}

use proptest::prelude::*;

use super::*;

#[test]
fn the_folders_of_netease_and_qq_are_read_and_written() {
    for (display, wire) in [
        ("草稿箱", "&g0l6P3ux-"),
        ("已发送", "&XfJT0ZAB-"),
        ("已删除", "&XfJSIJZk-"),
        ("垃圾邮件", "&V4NXPpCuTvY-"),
        ("病毒文件夹", "&dcVr0mWHTvZZOQ-"),
        ("广告邮件", "&Xn9USpCuTvY-"),
        ("订阅邮件", "&i6KWBZCuTvY-"),
        ("已发送邮件", "&XfJT0ZABkK5O9g-"),
        ("其他文件夹/项目 A&B", "&UXZO1mWHTvZZOQ-/&mHl27g- A&-B"),
        ("收件箱", "&ZTZO9nux-"),
        ("😀", "&2D3eAA-"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
    ] {
        assert_eq!(MailboxName::from_display(display).wire(), wire.as_bytes());
        assert_eq!(MailboxName::from_wire(wire.as_bytes()).display(), display);
    }
}

#[test]
fn a_broken_name_is_shown_as_it_stands_and_sent_back_unchanged() {
    for wire in [&b"A&B"[..], b"&V4N", b"&!!-", b"&2D0-", b"&AAA-x", b"\xB2\xDD\xB8\xE5"] {
        let name = MailboxName::from_wire(wire);
        assert_eq!(name.wire(), wire);
        assert_eq!(MailboxName::from_wire_text(&name.wire_text()), name);
    }
    assert_eq!(
        MailboxName::from_wire(b"\xB2\xDD\xB8\xE5").display(),
        "草稿",
        "raw GBK, as some servers send"
    );
}

#[test]
fn plain_utf8_on_the_wire_is_the_same_name() {
    // quirk: Dovecot tells of folders by NOTIFY in UTF-8, and lists them in modified UTF-7.
    assert_eq!(
        MailboxName::from_wire("项目".as_bytes()),
        MailboxName::from_wire(b"&mHl27g-")
    );
}

#[test]
fn inbox_is_one_name_in_any_case() {
    assert_eq!(MailboxName::from_wire(b"inbox"), MailboxName::from_display("Inbox"));
    assert!(MailboxName::from_wire(b"InBoX").is_inbox());
    assert!(!MailboxName::from_wire(b"INBOX/a").is_inbox());
}

#[test]
fn hierarchy_is_walked_in_the_decoded_name() {
    let name = MailboxName::from_display("其他文件夹/项目");
    assert_eq!(name.leaf(Some('/')), "项目");
    assert_eq!(name.parent(Some('/')), Some(MailboxName::from_display("其他文件夹")));
    assert_eq!(name.parent(Some('/')).unwrap().child('/', "项目"), name);
    assert_eq!(name.parent(None), None);
}

#[test]
fn a_session_in_utf8_sends_the_plain_name() {
    let name = MailboxName::from_utf8_wire("垃圾&邮件".as_bytes());
    assert_eq!(name.for_session(true), "垃圾&邮件".as_bytes());
    assert_eq!(name, MailboxName::from_wire(name.for_session(false)));
}

proptest! {
    #[test]
    fn every_text_survives_the_wire(text in any::<String>()) {
        let name = MailboxName::from_display(&text);
        prop_assert!(name.wire().iter().all(|b| (0x20..0x7F).contains(b)));
        if text.len() < 1000 {
            let back = MailboxName::from_wire(name.wire());
            prop_assert_eq!(&back, &name);
            if !name.is_inbox() {
                prop_assert_eq!(back.display(), &*text);
            }
        }
    }

    #[test]
    fn no_bytes_panic_and_all_survive_storage(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let name = MailboxName::from_wire(&bytes);
        prop_assert_eq!(MailboxName::from_wire_text(&name.wire_text()), name.clone());
        let json = format!("{name:?}");
        prop_assert!(json.len() < 10_000);
    }
}

//! What any server does.
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{MAIL, MIXED, another, signed_in};
use crate::imap_sim::{ImapSim, PASSWORD, Quirks, USER};
use crate::raw_imap::{RawImap, mailbox};
use crate::tls::{Security, TestCa};

#[tokio::test]
async fn a_mail_is_fetched_whole_in_pieces_and_by_item() {
    let (server, mut client) = signed_in(Quirks::plain()).await;
    let uid = server.deliver("INBOX", MAIL);
    client.select("INBOX").await.unwrap();
    let all = client
        .ok(&format!("UID FETCH {uid} (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"))
        .await
        .unwrap()
        .all();
    assert!(all.contains("INTERNALDATE \"02-Nov-2026 09:01:00 +0800\""), "{all}");
    assert!(all.contains(&format!("RFC822.SIZE {}", MAIL.len())), "{all}");
    assert!(all.contains("({6}\r\n李四 NIL \"lisi\" \"qiyou.test\")"), "{all}");
    assert!(all.contains("\"<1@qiyou.test>\""), "{all}");
    let whole = client.ok("UID FETCH 1:* (BODY.PEEK[])").await.unwrap();
    assert!(whole.untagged[0].windows(MAIL.len()).any(|part| part == MAIL));
    let piece = client.ok("UID FETCH 1 (BODY.PEEK[TEXT]<1.3>)").await.unwrap().all();
    assert!(piece.contains("BODY[TEXT]<1> {3}\r\nody)"), "{piece}");
    let fields = client
        .ok("UID FETCH 1 (BODY.PEEK[HEADER.FIELDS (SUBJECT \"message-id\")])")
        .await
        .unwrap()
        .all();
    assert!(
        fields.contains("\r\nSubject: hello\r\nMessage-ID: <1@qiyou.test>\r\n\r\n)"),
        "{fields}"
    );
    assert_eq!(server.flags("INBOX", uid).unwrap(), Vec::<String>::new(), "peeked only");
    client.ok("UID FETCH 1 (BODY[TEXT])").await.unwrap();
    assert_eq!(server.flags("INBOX", uid).unwrap(), ["\\Seen"]);
}

#[tokio::test]
async fn parts_have_their_structure_and_numbers() {
    let (server, mut client) = signed_in(Quirks::plain()).await;
    server.deliver("INBOX", MIXED);
    client.select("INBOX").await.unwrap();
    let all = client.ok("FETCH 1 BODYSTRUCTURE").await.unwrap().all();
    assert!(
        all.contains(
            "BODYSTRUCTURE ((\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 3 0 NIL NIL NIL NIL)\
             (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 28 (NIL \"inner\""
        ),
        "{all}"
    );
    assert!(all.contains(" \"mixed\" (\"boundary\" \"b 1\") NIL NIL NIL)"), "{all}");
    for (section, content) in [
        ("1", "one"),
        ("2.HEADER", "Subject: inner\r\n\r\n"),
        ("2.1", "inner body"),
    ] {
        let all = client
            .ok(&format!("FETCH 1 (BODY.PEEK[{section}])"))
            .await
            .unwrap()
            .all();
        assert!(
            all.contains(&format!("BODY[{section}] {{{}}}\r\n{content})", content.len())),
            "{section}: {all}"
        );
    }
    assert!(
        client
            .ok("FETCH 1 (BODY.PEEK[7])")
            .await
            .unwrap()
            .all()
            .contains("BODY[7] NIL")
    );
}

#[tokio::test]
async fn idle_tells_of_arrivals_flags_and_deletions() {
    let (server, mut client) = signed_in(Quirks::plain()).await;
    let first = server.deliver("INBOX", MAIL);
    client.select("INBOX").await.unwrap();
    let tag = client.idle().await.unwrap();
    server.deliver("INBOX", MAIL);
    client.until("* 2 EXISTS").await.unwrap();
    server.set_flags("INBOX", first, &["\\Seen"]);
    client.until("* 1 FETCH (UID 1 FLAGS (\\Seen))").await.unwrap();
    server.remove("INBOX", first);
    client.until("* 1 EXPUNGE").await.unwrap();
    client.send("DONE").await.unwrap();
    assert!(client.finish(&tag).await.unwrap().is_ok());
}

#[tokio::test]
async fn mails_are_flagged_copied_moved_and_expunged_by_uid() {
    let (server, mut client) = signed_in(Quirks::plain()).await;
    for _ in 0..4 {
        server.deliver("INBOX", MAIL);
    }
    client.select("INBOX").await.unwrap();
    assert!(
        client
            .ok("UID COPY 1 Archive")
            .await
            .unwrap()
            .text
            .contains("[COPYUID 1700000000 1 1]")
    );
    let moved = client.ok("UID MOVE 2 Archive").await.unwrap().all();
    assert!(
        moved.contains("[COPYUID 1700000000 2 2]") && moved.contains("* 2 EXPUNGE"),
        "{moved}"
    );
    client.ok("UID STORE 1,3 +FLAGS.SILENT (\\Deleted)").await.unwrap();
    client.ok("UID EXPUNGE 3").await.unwrap();
    assert_eq!(server.uids("INBOX"), [1, 4], "1 is marked but was not named");
    client.ok("CLOSE").await.unwrap();
    assert_eq!(server.uids("INBOX"), [4]);
    assert_eq!(server.uids("Archive"), [1, 2]);
}

#[tokio::test]
async fn append_keeps_flags_and_date() {
    let (server, mut client) = signed_in(Quirks::plain()).await;
    let reply = client.append("Sent", "\\Seen", MAIL).await.unwrap();
    assert!(reply.text.contains("[APPENDUID 1700000000 1]"), "{reply:?}");
    let command = format!("APPEND Sent () \"05-Jan-2020 10:00:00 +0000\" {{{}+}}\r\n", MAIL.len());
    client.raw(format!("x {command}").as_bytes()).await.unwrap();
    client.raw(MAIL).await.unwrap();
    client.raw(b"\r\n").await.unwrap();
    assert!(client.finish("x").await.unwrap().is_ok());
    client.select("Sent").await.unwrap();
    let all = client.ok("UID FETCH 2 (INTERNALDATE)").await.unwrap().all();
    assert!(all.contains("05-Jan-2020 18:00:00 +0800"), "{all}");
    assert_eq!(server.flags("Sent", 1).unwrap(), ["\\Seen"]);
    assert_eq!(server.raw("Sent", 2).unwrap(), MAIL);
    let refused = client.append("没有", "", MAIL).await.unwrap_err().to_string();
    assert!(refused.contains("TRYCREATE"), "{refused}");
}

#[tokio::test]
async fn folders_are_listed_made_renamed_and_deleted() {
    let (server, mut client) = signed_in(Quirks::plain()).await;
    client.ok(&format!("CREATE {}", mailbox("项目/华东"))).await.unwrap();
    client.ok(&format!("CREATE {}", mailbox("项目"))).await.unwrap();
    assert!(
        !client
            .command(&format!("CREATE {}", mailbox("项目")))
            .await
            .unwrap()
            .is_ok()
    );
    let top = client.ok("LIST \"\" %").await.unwrap().all();
    assert!(
        top.contains("(\\HasChildren) \"/\" \"&mHl27g-\"") && !top.contains("&mHl27g-/"),
        "{top}"
    );
    assert!(top.contains("(\\HasNoChildren \\Sent) \"/\" \"Sent\""), "{top}");
    client
        .ok(&format!("RENAME {} {}", mailbox("项目"), mailbox("存档")))
        .await
        .unwrap();
    assert!(server.folders().contains(&"存档/华东".to_owned()));
    client.ok(&format!("UNSUBSCRIBE {}", mailbox("存档"))).await.unwrap();
    let subscribed = client.ok("LSUB \"\" *").await.unwrap().all();
    assert!(
        subscribed.contains("&W1hoYw-/") && !subscribed.contains("&W1hoYw-\""),
        "{subscribed}"
    );
    client.ok(&format!("DELETE {}", mailbox("存档/华东"))).await.unwrap();
    assert!(!client.command("SELECT &W1hoYw-/&U05OHA-").await.unwrap().is_ok());
    assert!(!client.command("DELETE INBOX").await.unwrap().is_ok());
}

#[tokio::test]
async fn search_finds_by_flag_date_number_and_word() {
    let (server, mut client) = signed_in(Quirks::plain()).await;
    server.deliver_with("INBOX", MAIL, &["\\Seen"], Some(1_577_836_800));
    server.deliver("INBOX", MIXED);
    client.select("INBOX").await.unwrap();
    for (query, found) in [
        ("ALL", vec![1, 2]),
        ("UNSEEN", vec![2]),
        ("NOT UNSEEN", vec![1]),
        ("BEFORE 02-Jan-2020", vec![1]),
        ("SINCE 1-Nov-2026", vec![2]),
        ("SUBJECT parts", vec![2]),
        ("OR (SEEN) (SUBJECT parts)", vec![1, 2]),
        ("HEADER Message-ID <1@qiyou.test>", vec![1]),
        ("UID 9:*", vec![2]),
    ] {
        assert_eq!(
            client.ok(&format!("UID SEARCH {query}")).await.unwrap().search(),
            found,
            "{query}"
        );
    }
}

#[tokio::test]
async fn every_mechanism_signs_in_and_the_record_keeps_no_secret() {
    let server = ImapSim::builder(Quirks::plain()).token("the-token").start().unwrap();
    let plain = STANDARD.encode(format!("\0{USER}\0{PASSWORD}"));
    let bearer = |token: &str| STANDARD.encode(format!("user={USER}\x01auth=Bearer {token}\x01\x01"));
    let mut client = RawImap::connect(server.port()).await.unwrap();
    client.ok(&format!("AUTHENTICATE PLAIN {plain}")).await.unwrap();
    let mut client = RawImap::connect(server.port()).await.unwrap();
    let tag = client.start("AUTHENTICATE LOGIN").await.unwrap();
    client.until("+ VXNlcm5hbWU6").await.unwrap();
    client.send(&STANDARD.encode(USER)).await.unwrap();
    client.until("+ ").await.unwrap();
    client.send(&STANDARD.encode(PASSWORD)).await.unwrap();
    assert!(client.finish(&tag).await.unwrap().is_ok());
    let mut client = RawImap::connect(server.port()).await.unwrap();
    let tag = client
        .start(&format!("AUTHENTICATE XOAUTH2 {}", bearer("old")))
        .await
        .unwrap();
    client.until("+ eyJzdGF0dXMi").await.unwrap();
    client.send("").await.unwrap();
    assert_eq!(client.finish(&tag).await.unwrap().status, "NO");
    client
        .ok(&format!("AUTHENTICATE XOAUTH2 {}", bearer("the-token")))
        .await
        .unwrap();
    let record = server.log().join("\n");
    assert!(
        record.contains("AUTHENTICATE") && !record.contains(&plain) && !record.contains(PASSWORD),
        "{record}"
    );
    server.set_password("neu");
    let mut client = RawImap::connect(server.port()).await.unwrap();
    assert!(client.login(USER, PASSWORD).await.is_err());
    client.login(USER, "neu").await.unwrap();
}

#[tokio::test]
async fn tls_comes_at_once_or_by_starttls_before_any_password() {
    let ca = TestCa::new().unwrap();
    let identity = ca.localhost().unwrap();
    let server = ImapSim::builder(Quirks::plain())
        .tls(Security::Implicit, &identity)
        .unwrap()
        .start()
        .unwrap();
    RawImap::connect_tls(server.port(), &ca)
        .await
        .unwrap()
        .login(USER, PASSWORD)
        .await
        .unwrap();
    let server = ImapSim::builder(Quirks::plain())
        .tls(Security::StartTls, &identity)
        .unwrap()
        .start()
        .unwrap();
    let mut open = RawImap::connect(server.port()).await.unwrap();
    assert!(
        open.ok("CAPABILITY")
            .await
            .unwrap()
            .all()
            .contains("STARTTLS LOGINDISABLED")
    );
    assert!(
        open.login(USER, PASSWORD)
            .await
            .unwrap_err()
            .to_string()
            .contains("PRIVACYREQUIRED")
    );
    let mut closed = RawImap::connect_starttls(server.port(), &ca).await.unwrap();
    closed.login(USER, PASSWORD).await.unwrap();
}

#[tokio::test]
async fn what_happens_is_counted_and_can_be_waited_for() {
    let (server, mut client) = signed_in(Quirks::plain()).await;
    let second = another(&server).await;
    client.start("NOOP").await.unwrap();
    server
        .wait_for_command("NOOP", 1, Duration::from_secs(5))
        .await
        .unwrap();
    assert_eq!(
        (server.sessions(), server.open_sessions(), server.max_concurrent()),
        (2, 2, 2)
    );
    drop(second);
    server
        .wait_until(Duration::from_secs(5), |server| server.open_sessions() == 1)
        .await
        .unwrap();
    server.disconnect_all();
    client.until_closed().await.unwrap();
}

#[tokio::test]
async fn commands_out_of_place_and_unknown_are_bad() {
    let server = ImapSim::start(Quirks::plain()).unwrap();
    let mut client = RawImap::connect(server.port()).await.unwrap();
    for command in ["SELECT INBOX", "FROBNICATE", "FETCH 1 FLAGS", "SORT"] {
        assert_eq!(client.command(command).await.unwrap().status, "BAD", "{command}");
    }
    client.login(USER, PASSWORD).await.unwrap();
    assert_eq!(
        client.command("UID FETCH 1 (FLAGS)").await.unwrap().status,
        "BAD",
        "nothing is selected"
    );
    client.select("INBOX").await.unwrap();
    assert_eq!(
        client.command("FETCH 1 (NONSENSE)").await.unwrap().status,
        "OK",
        "an empty mailbox looks at no item"
    );
    server.deliver("INBOX", MAIL);
    client.ok("NOOP").await.unwrap();
    assert_eq!(client.command("FETCH 1 (NONSENSE)").await.unwrap().status, "BAD");
}

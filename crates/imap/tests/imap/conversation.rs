//! Whole conversations with scripted servers: what is sent, what comes of the answers, and that the session lives on.

use std::time::Duration;

use crate::common::{PASSWORD, Script, TAG, client_id};
use qiyou_imap::{
    Credentials, Error, FlagChange, Flags, Limits, MailboxName, Search, SelectOptions, Session, SpecialUse, UidSet,
    Unsolicited, Wait, Waited,
};
use secrecy::SecretString;

fn done(what: &str) -> String {
    format!("{TAG} OK {what} done\r\n")
}

#[tokio::test]
async fn coremail_is_signed_in_by_login_and_hears_who_we_are() {
    let (session, lines) = Script::new("* OK Coremail System IMap Server Ready(163com[1a2b])\r\n")
        .on(
            "CAPABILITY",
            &format!(
                "* CAPABILITY IMAP4rev1 XLIST SPECIAL-USE ID LITERAL+ STARTTLS APPENDLIMIT=71680000 XAPPLEPUSHSERVICE \
                 UIDPLUS X-CM-EXT-1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2\r\n{}",
                done("CAPABILITY")
            ),
        )
        .on("LOGIN", &done("LOGIN"))
        .on(
            "CAPABILITY",
            &format!(
                "* CAPABILITY IMAP4rev1 XLIST SPECIAL-USE ID LITERAL+ UIDPLUS X-CM-EXT-1\r\n{}",
                done("CAPABILITY")
            ),
        )
        .on(
            "ID (",
            &format!(
                "* ID (\"name\" \"Coremail Imap\" \"vendor\" \"Mailtech\" \"TransID\" \"x\")\r\n{}",
                done("ID")
            ),
        )
        .on(
            "SELECT \"INBOX\"",
            &format!(
                "* 2 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 1] UIDs valid\r\n* FLAGS (\\Seen)\r\n\
                 {TAG} OK [READ-WRITE] SELECT completed\r\n"
            ),
        )
        .open()
        .await;
    let mut session = session.unwrap();
    assert!(session.quirks().login_instead_of_sasl_ir && session.quirks().unsafe_login_until_id);
    assert!(session.quirks().no_idle);
    assert_eq!(session.server_id()[0], ("name".to_owned(), "Coremail Imap".to_owned()));
    let opened = session
        .select(&MailboxName::inbox(), SelectOptions::default())
        .await
        .unwrap();
    assert_eq!((opened.exists, opened.uidvalidity, opened.uidnext), (2, Some(1), None));
    assert!(session.quirks().hides_uidnext);
    drop(session);
    let lines = lines.await.unwrap();
    // A password beyond ASCII goes as a literal; LITERAL+ spares the round trip.
    assert_eq!(
        lines[1],
        format!("LOGIN \"zhangsan@example.test\" {{{}+}}\r\n{PASSWORD}", PASSWORD.len())
    );
    assert_eq!(
        lines[3],
        "ID (\"name\" \"Qiyou\" \"version\" \"0.1\" \"vendor\" \"Qiyou\")"
    );
}

#[tokio::test]
async fn unsafe_login_is_met_by_saying_who_we_are_again() {
    let refusal = format!("{TAG} NO SELECT Unsafe Login. Please contact kefu@188.com for help\r\n");
    let (session, _lines) = Script::signed_in("X-CM-EXT-1")
        .on("SELECT", &refusal)
        .on("ID (", &done("ID"))
        .on("SELECT", &format!("* 1 EXISTS\r\n{TAG} OK [READ-WRITE] SELECT\r\n"))
        .on("SELECT", &refusal)
        .on("ID (", &done("ID"))
        .on("SELECT", &refusal)
        .open()
        .await;
    let mut session = session.unwrap();
    assert_eq!(
        session
            .select(&MailboxName::inbox(), SelectOptions::default())
            .await
            .unwrap()
            .exists,
        1
    );
    // Twice in a row is not healed by us: the person hears of it.
    let again = session.select(&MailboxName::inbox(), SelectOptions::default()).await;
    assert!(matches!(again, Err(Error::UnsafeLogin { text }) if text.contains("kefu@188.com")));
    assert_eq!(session.selected(), None);
}

#[tokio::test]
async fn the_password_goes_out_in_whichever_form_the_server_takes() {
    // Without LITERAL+ a literal waits for the server's "+".
    let (session, lines) = Script::new("* OK [CAPABILITY IMAP4rev1] ready\r\n")
        .on("LOGIN", &format!("{TAG} OK [CAPABILITY IMAP4rev1] in\r\n"))
        .open()
        .await;
    drop(session.unwrap());
    assert!(lines.await.unwrap()[0].ends_with(PASSWORD));

    // AUTHENTICATE PLAIN in one line.
    let (session, lines) = Script::new("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\r\n")
        .on(
            "AUTHENTICATE PLAIN ",
            &format!("{TAG} OK [CAPABILITY IMAP4rev1] in\r\n"),
        )
        .open()
        .await;
    drop(session.unwrap());
    let sent = lines.await.unwrap()[0].clone();
    let encoded = sent.rsplit(' ').next().unwrap().to_owned();
    let plain = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, encoded).unwrap();
    assert_eq!(plain, format!("\0zhangsan@example.test\0{PASSWORD}").into_bytes());

    // And after a challenge.
    let (session, lines) = Script::new("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN LOGINDISABLED] ready\r\n")
        .on("AUTHENTICATE PLAIN", "+ \r\n")
        .on("AHpo", &format!("* CAPABILITY IMAP4rev1 IDLE\r\n{TAG} OK in\r\n"))
        .open()
        .await;
    assert!(
        session.unwrap().capabilities().idle(),
        "capabilities that come untagged at sign-in count"
    );
    assert_eq!(lines.await.unwrap()[0], "AUTHENTICATE PLAIN");

    // By AUTHENTICATE LOGIN, in two steps, where nothing else is left.
    let (session, lines) = Script::new("* OK [CAPABILITY IMAP4rev1 AUTH=LOGIN LOGINDISABLED] ready\r\n")
        .on("AUTHENTICATE LOGIN", "+ VXNlcm5hbWU6\r\n")
        .on("emhhbmdzYW5AZXhhbXBsZS50ZXN0", "+ UGFzc3dvcmQ6\r\n")
        .on("R2VoZWltL", &format!("{TAG} OK [CAPABILITY IMAP4rev1] in\r\n"))
        .open()
        .await;
    drop(session.unwrap());
    assert_eq!(lines.await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_refused_token_ends_with_an_empty_line_and_the_servers_no() {
    let bearer = Credentials::Bearer {
        user: "z@example.test".into(),
        token: SecretString::from("tok-en"),
    };
    let (stream, lines) = Script::new("* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR] ready\r\n")
        .on(
            "AUTHENTICATE XOAUTH2 dXNlcj16QGV4YW1wbGUudGVzdAFhdXRoPUJlYXJlciB0b2stZW4BAQ==",
            "+ eyJzdGF0dXMiOiI0MDEifQ==\r\n",
        )
        .on(
            "",
            &format!("{TAG} NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)\r\n"),
        )
        .start();
    let refused = Session::over(stream, &bearer, &client_id(), &Limits::default()).await;
    assert!(matches!(refused, Err(Error::Auth { text }) if text.contains("Invalid credentials")));
    assert_eq!(lines.await.unwrap()[1], "");
}

#[tokio::test]
async fn an_inline_answer_that_is_not_understood_is_followed_by_login() {
    let (session, _) = Script::new("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\r\n")
        .on("AUTHENTICATE PLAIN", &format!("{TAG} BAD Parse command error\r\n"))
        .on("LOGIN", &format!("{TAG} OK [CAPABILITY IMAP4rev1] in\r\n"))
        .open()
        .await;
    assert!(session.unwrap().quirks().login_instead_of_sasl_ir);
}

#[tokio::test]
async fn a_connection_that_is_signed_in_already_is_used_as_it_is() {
    let (session, lines) = Script::new("* PREAUTH [CAPABILITY IMAP4rev1] welcome\r\n")
        .on("CAPABILITY", &format!("* CAPABILITY IMAP4rev1 IDLE\r\n{}", done("C")))
        .on("NOOP", &done("NOOP"))
        .open()
        .await;
    session.unwrap().noop().await.unwrap();
    assert!(!lines.await.unwrap().iter().any(|l| l.contains("LOGIN")));
}

#[tokio::test]
async fn a_wrong_password_is_told_in_the_servers_words_and_gbk_is_read() {
    let (gbk, _, _) = encoding_rs::GB18030.encode("密码错误");
    let mut answer = format!("{TAG} NO LOGIN ").into_bytes();
    answer.extend_from_slice(&gbk);
    answer.extend_from_slice(b"\r\n");
    let (session, _) = Script::new("* OK [CAPABILITY IMAP4rev1] ready\r\n")
        .on_bytes("LOGIN", answer)
        .open()
        .await;
    match session {
        Err(Error::Auth { text }) => assert_eq!(text, "LOGIN 密码错误"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_server_that_repeats_the_password_does_not_get_it_into_an_error() {
    let (session, _) = Script::new("* OK [CAPABILITY IMAP4rev1] ready\r\n")
        .on("LOGIN", &format!("{TAG} NO wrong: {PASSWORD}\r\n"))
        .open()
        .await;
    let shown = format!("{:?}", session.unwrap_err());
    assert!(!shown.contains("Geheim"), "{shown}");
    assert!(shown.contains("Auth"));
}

#[tokio::test]
async fn a_bye_at_sign_in_says_too_many_or_goodbye() {
    let (session, _) = Script::new("* BYE Too many connections from your address\r\n")
        .open()
        .await;
    assert!(matches!(session, Err(Error::TooManyConnections { .. })));
    let (session, _) = Script::new("* OK [CAPABILITY IMAP4rev1] ready\r\n")
        .on_cut("LOGIN", "* BYE shutting down\r\n")
        .open()
        .await;
    assert!(matches!(session, Err(Error::Bye { text }) if text == "shutting down"));
    let (session, _) = Script::new("220 mail.example.test ESMTP\r\n").open().await;
    assert!(matches!(session, Err(Error::Protocol(_))));
}

#[tokio::test]
async fn folders_come_with_purposes_from_xlist_and_from_chinese_names() {
    let (session, _) = Script::signed_in("XLIST")
        .on(
            "XLIST \"\" \"*\"",
            &format!(
                "* XLIST (\\HasNoChildren \\Inbox) \"/\" \"INBOX\"\r\n\
                 * XLIST (\\HasNoChildren) \"/\" \"&g0l6P3ux-\"\r\n\
                 * XLIST (\\Sent \\HasNoChildren) \"/\" \"&XfJT0ZAB-\"\r\n\
                 * XLIST (\\Noselect) \"/\" \"&UXZO1mWHTvZZOQ-\"\r\n\
                 * STATUS \"INBOX\" (MESSAGES 1 APPENDLIMIT NIL SIZE 5)\r\n{}",
                done("XLIST")
            ),
        )
        .on("LSUB", &format!("* LSUB () \"/\" INBOX\r\n{}", done("LSUB")))
        .on("NOOP", &done("NOOP"))
        .open()
        .await;
    let mut session = session.unwrap();
    let folders = session.list().await.unwrap();
    let told: Vec<_> = folders
        .iter()
        .map(|m| (m.name.display(), m.special_use, m.selectable, m.subscribed))
        .collect();
    assert_eq!(
        told,
        [
            ("INBOX", Some(SpecialUse::Inbox), true, Some(true)),
            ("草稿箱", Some(SpecialUse::Drafts), true, Some(false)),
            ("已发送", Some(SpecialUse::Sent), true, Some(false)),
            ("其他文件夹", None, false, Some(false)),
        ]
    );
    assert_eq!(folders[0].status.as_ref().unwrap().size, Some(5));
    session.noop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_refuses_list_return_is_asked_plainly() {
    let (session, _) = Script::signed_in("LIST-EXTENDED LIST-STATUS SPECIAL-USE")
        .on(
            "LIST \"\" \"*\" RETURN (SUBSCRIBED SPECIAL-USE STATUS (MESSAGES",
            &format!("{TAG} BAD what?\r\n"),
        )
        .on(
            "LIST \"\" \"*\"",
            &format!("* LIST (\\Trash) \"/\" Bin\r\n{}", done("LIST")),
        )
        .on("LSUB", &format!("{TAG} NO not here\r\n"))
        .open()
        .await;
    let mut session = session.unwrap();
    let folders = session.list().await.unwrap();
    assert_eq!(
        (folders[0].special_use, folders[0].subscribed),
        (Some(SpecialUse::Trash), None)
    );
    assert!(session.quirks().no_list_return);
}

#[tokio::test]
async fn search_is_filtered_where_servers_answer_too_much() {
    let (session, _) = Script::signed_in("")
        .on("UID SEARCH UID 8:*", &format!("* SEARCH 7\r\n{}", done("SEARCH")))
        .on("UID SEARCH ALL", &format!("* SEARCH\r\n* SEARCH 3 1 2 (MODSEQ 9)\r\n{}", done("SEARCH")))
        .on("UID SEARCH HEADER Message-ID \"a@b\"", &format!("* SEARCH 1 2 3\r\n{}", done("SEARCH")))
        .on(
            "UID FETCH 1:3 (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])",
            &format!(
                "* 1 FETCH (UID 1 RFC822.SIZE 5 BODY[HEADER.FIELDS (MESSAGE-ID)] {{19}}\r\nMessage-ID: <x@y>\r\n)\r\n\
                 * 2 FETCH (UID 2 RFC822.SIZE 5 BODY[HEADER.FIELDS (\"MESSAGE-ID\")] {{19}}\r\nMessage-ID: <a@b>\r\n)\r\n{}",
                done("FETCH")
            ),
        )
        .on("UID SEARCH RAW", &format!("{TAG} NO [BADCHARSET (US-ASCII)] charset\r\n"))
        .open()
        .await;
    let mut session = session.unwrap();
    assert_eq!(session.uid_search(&Search::Since(8)).await.unwrap(), [0_u32; 0]);
    assert_eq!(session.uid_search(&Search::All).await.unwrap(), [1, 2, 3]);
    assert_eq!(session.uid_search(&Search::MessageId("a@b".into())).await.unwrap(), [2]);
    assert!(matches!(
        session.uid_search(&Search::Raw("RAW".into())).await,
        Err(Error::BadCharset)
    ));
}

#[tokio::test]
async fn esearch_answers_are_taken() {
    let (session, _) = Script::signed_in("ESEARCH")
        .on(
            "UID SEARCH RETURN (ALL) ALL",
            &format!("* ESEARCH (TAG \"{TAG}\") UID ALL 1:3,9 COUNT 4\r\n{}", done("S")),
        )
        .on(
            "UID SEARCH RETURN (ALL) UNSEEN",
            &format!("* ESEARCH (TAG \"{TAG}\") UID\r\n{}", done("S")),
        )
        .open()
        .await;
    let mut session = session.unwrap();
    assert_eq!(session.uid_search(&Search::All).await.unwrap(), [1, 2, 3, 9]);
    assert_eq!(session.uid_search(&Search::Unseen).await.unwrap(), [0_u32; 0]);
}

#[tokio::test]
async fn expunge_without_uidplus_is_never_sent_over_foreign_deleted_mails() {
    let (session, lines) = Script::signed_in("")
        .on("NOOP", &done("NOOP"))
        .on("UID SEARCH DELETED", &format!("* SEARCH 4 5\r\n{}", done("SEARCH")))
        .on("NOOP", &done("NOOP"))
        .on("UID SEARCH DELETED", &format!("* SEARCH\r\n{}", done("SEARCH")))
        .on("UID COPY 4 \"&V4NXPpCuTvY-\"", &done("COPY"))
        .on("UID STORE 4 +FLAGS.SILENT (\\Deleted)", &done("STORE"))
        .on("NOOP", &done("NOOP"))
        .on("UID SEARCH DELETED", &format!("* SEARCH 4\r\n{}", done("SEARCH")))
        .on("EXPUNGE", &format!("* 2 EXPUNGE\r\n{}", done("EXPUNGE")))
        .open()
        .await;
    let mut session = session.unwrap();
    let junk = MailboxName::from_display("垃圾邮件");
    let refused = session.move_to(&UidSet::one(4), &junk).await;
    assert!(matches!(refused, Err(Error::ForeignDeleted)));
    // Nothing was copied or marked by the refused attempt; now the foreign one is gone.
    assert_eq!(session.move_to(&UidSet::one(4), &junk).await.unwrap(), None);
    assert_eq!(session.take_unsolicited(), [Unsolicited::Expunge(2)]);
    drop(session);
    assert_eq!(lines.await.unwrap().iter().filter(|l| *l == "EXPUNGE").count(), 1);
}

#[tokio::test]
async fn move_tells_the_new_uids_also_from_exchanges_bare_code() {
    let (session, _) = Script::signed_in("MOVE UIDPLUS")
        .on(
            "UID MOVE 4:5 \"Archive\"",
            &format!("* OK [COPYUID 1 4:5 10:11] moved\r\n* 1 EXPUNGE\r\n{}", done("MOVE")),
        )
        .on(
            "UID MOVE 31 \"Archive\"",
            &format!("[COPYUID 55 31 6]\r\n* 1 EXPUNGE\r\n* 0 EXISTS\r\n{}", done("MOVE")),
        )
        .on(
            "UID MOVE 9 \"Archive\"",
            &format!("{TAG} NO [TRYCREATE] no such mailbox\r\n"),
        )
        .open()
        .await;
    let mut session = session.unwrap();
    let archive = MailboxName::from_display("Archive");
    let pairs = session.move_to(&UidSet::range(4, 5), &archive).await.unwrap();
    assert_eq!(pairs, Some(vec![(4, 10), (5, 11)]));
    assert_eq!(
        session.move_to(&UidSet::one(31), &archive).await.unwrap(),
        Some(vec![(31, 6)])
    );
    assert!(matches!(
        session.move_to(&UidSet::one(9), &archive).await,
        Err(Error::NoSuchMailbox { .. })
    ));
}

#[tokio::test]
async fn a_value_with_a_line_break_cannot_become_a_second_command() {
    let (session, lines) = Script::signed_in("")
        .on("CREATE {", &done("CREATE"))
        .on("SUBSCRIBE", &done("S"))
        .open()
        .await;
    let mut session = session.unwrap();
    // A name with a line break goes as a literal, where it is data; a keyword with one is not sent at all.
    session
        .create(&MailboxName::from_wire(b"a\r\nA9 DELETE INBOX"))
        .await
        .unwrap();
    let mut flags = Flags::default();
    flags.keywords.push("x)\r\nA9 LOGOUT".into());
    session
        .store_flags(&UidSet::one(1), &FlagChange::Add(flags))
        .await
        .unwrap();
    drop(session);
    let lines = lines.await.unwrap();
    assert_eq!(lines.len(), 3, "{lines:?}");
    for line in lines {
        assert!(!line.starts_with("DELETE") && !line.starts_with("LOGOUT"), "{line}");
    }
}

#[tokio::test]
async fn idle_returns_at_the_first_event_and_the_session_lives_on() {
    let (session, lines) = Script::signed_in("IDLE")
        .on("IDLE", "+ idling\r\n* OK Still here\r\n* 3 EXISTS\r\n")
        .on("DONE", &format!("* 1 FETCH (FLAGS (\\Seen) UID 9)\r\n{}", done("IDLE")))
        .on("IDLE", "+ idling\r\n")
        .on("DONE", &done("IDLE"))
        .on("IDLE", "+ idling\r\n")
        .on("DONE", &format!("* 4 EXISTS\r\n{}", done("IDLE")))
        .on("NOOP", &done("NOOP"))
        .on("IDLE", &format!("{TAG} BAD not now\r\n"))
        .open()
        .await;
    let mut session = session.unwrap();
    let minute = Duration::from_mins(1);
    let Waited::Events(events) = session.wait(Wait::Idle, minute, std::future::pending()).await.unwrap() else {
        panic!("no events")
    };
    assert_eq!(events[0], Unsolicited::Exists(3));
    assert!(matches!(&events[1], Unsolicited::Fetch(row) if row.uid == 9 && row.flags.seen));
    let renewed = session
        .wait(Wait::Idle, Duration::from_millis(20), std::future::pending())
        .await
        .unwrap();
    assert_eq!(renewed, Waited::Renew);
    // Dropped in the middle: the next command ends the IDLE by itself, and nothing is lost.
    let dropped = tokio::time::timeout(
        Duration::from_millis(50),
        session.wait(Wait::Idle, minute, std::future::pending()),
    )
    .await;
    assert!(dropped.is_err());
    assert_eq!(session.noop().await.unwrap(), [Unsolicited::Exists(4)]);
    let refused = session.wait(Wait::Idle, minute, std::future::pending()).await;
    assert!(matches!(refused, Err(Error::NotOffered("IDLE"))) && session.quirks().no_idle);
    drop(session);
    assert_eq!(lines.await.unwrap().iter().filter(|l| *l == "DONE").count(), 3);
}

#[tokio::test]
async fn a_cut_line_is_closed_and_a_silent_one_times_out() {
    let (session, _) = Script::signed_in("")
        .on_cut("NOOP", "* 1 EXISTS\r\n* 1 FET")
        .open()
        .await;
    let mut session = session.unwrap();
    assert!(matches!(session.noop().await, Err(Error::Closed)));
    assert!(session.is_dead());
    assert!(matches!(session.noop().await, Err(Error::Closed)));

    let limits = Limits {
        command_timeout: Duration::from_millis(50),
        ..Limits::default()
    };
    let (session, _) = Script::signed_in("").on("NOOP", "").open_with(limits).await;
    assert!(matches!(session.unwrap().noop().await, Err(Error::Timeout)));
}

#[tokio::test]
async fn waiting_is_interrupted_and_renewed() {
    let (session, _) = Script::signed_in("NOTIFY")
        .on("NOTIFY SET STATUS", &done("NOTIFY"))
        .on("NOOP", &done("N"))
        .open()
        .await;
    let mut session = session.unwrap();
    session.notify_all().await.unwrap();
    let waited = session
        .wait(Wait::Listen, Duration::from_millis(20), std::future::pending())
        .await
        .unwrap();
    assert_eq!(waited, Waited::Renew);
    let waited = session
        .wait(Wait::Listen, Duration::from_mins(1), std::future::ready(()))
        .await
        .unwrap();
    assert_eq!(waited, Waited::Interrupted);
    session.noop().await.unwrap();
}

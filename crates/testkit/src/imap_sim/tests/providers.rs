//! What each provider refuses.
use std::time::Duration;

use super::{MAIL, MIXED, another, signed_in};
use crate::imap_sim::{ImapSim, PASSWORD, Quirks, Search, USER};
use crate::raw_imap::RawImap;

#[tokio::test]
async fn coremail_selects_nothing_before_an_id_with_a_name_after_login() {
    let server = ImapSim::start(Quirks::coremail()).unwrap();
    let mut client = RawImap::connect(server.port()).await.unwrap();
    client.ok("ID (\"name\" \"too early\")").await.unwrap();
    client.login(USER, PASSWORD).await.unwrap();
    client.ok("ID NIL").await.unwrap();
    for command in ["SELECT", "EXAMINE"] {
        let refused = client.command(&format!("{command} INBOX")).await.unwrap();
        assert_eq!(refused.status, "NO");
        assert_eq!(
            refused.text,
            format!("{command} Unsafe Login. Please contact kefu@188.com for help")
        );
    }
    let after = client.command("UID SEARCH ALL").await.unwrap();
    assert_eq!(
        (after.status.as_str(), after.text.as_str()),
        ("NO", "SEARCH State error")
    );
    let named = client
        .ok("ID (\"name\" \"qiyou\" \"version\" \"1\")")
        .await
        .unwrap()
        .all();
    assert!(
        named.contains("* ID (\"name\" \"Coremail Imap\" \"vendor\" \"Mailtech\""),
        "{named}"
    );
    client.select("INBOX").await.unwrap();
}

#[tokio::test]
async fn coremail_announces_sasl_ir_and_refuses_it() {
    use base64::Engine as _;
    let server = ImapSim::start(Quirks::coremail()).unwrap();
    let mut client = RawImap::connect(server.port()).await.unwrap();
    assert!(
        client
            .ok("CAPABILITY")
            .await
            .unwrap()
            .all()
            .contains("X-CM-EXT-1 SASL-IR AUTH=XOAUTH2")
    );
    let word = base64::engine::general_purpose::STANDARD.encode(format!("\0{USER}\0{PASSWORD}"));
    assert_eq!(
        client
            .command(&format!("AUTHENTICATE PLAIN {word}"))
            .await
            .unwrap()
            .status,
        "BAD"
    );
    let tag = client.start("AUTHENTICATE PLAIN").await.unwrap();
    client.until("+").await.unwrap();
    client.send(&word).await.unwrap();
    assert!(client.finish(&tag).await.unwrap().is_ok());
}

#[tokio::test]
async fn coremail_says_which_password_is_wrong_in_its_own_words() {
    let server = ImapSim::start(Quirks::coremail()).unwrap();
    let mut client = RawImap::connect(server.port()).await.unwrap();
    let refused = client.command(&format!("LOGIN {USER} falsch")).await.unwrap();
    assert_eq!(
        (refused.status.as_str(), refused.text.as_str()),
        ("NO", "LOGIN Login error or password error")
    );
}

#[tokio::test]
async fn coremail_hides_uidnext_and_deals_large_uids() {
    let (server, mut client) = signed_in(Quirks::coremail()).await;
    let uid = server.deliver("INBOX", MAIL);
    assert!(uid > 1_700_000_000);
    let status = client
        .ok("STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)")
        .await
        .unwrap()
        .all();
    assert!(status.contains("(MESSAGES 1 UIDVALIDITY 1 UNSEEN 1)"), "{status}");
    for command in ["SELECT", "EXAMINE"] {
        let all = client.ok(&format!("{command} INBOX")).await.unwrap().all();
        assert!(all.contains("UIDVALIDITY 1]") && !all.contains("UIDNEXT"), "{all}");
    }
    let past = client.ok(&format!("UID SEARCH {}:*", uid + 1)).await.unwrap().search();
    assert_eq!(past, [uid], "read as message numbers, the range holds the last one");
    let past = client
        .ok(&format!("UID SEARCH UID {}:*", uid + 1))
        .await
        .unwrap()
        .search();
    assert_eq!(past, [uid], "the last mail is found again");
}

#[tokio::test]
async fn coremail_knows_neither_idle_nor_move_nor_bare_items() {
    let (server, mut client) = signed_in(Quirks::coremail()).await;
    server.deliver("INBOX", MAIL);
    client.select("INBOX").await.unwrap();
    for command in [
        "UID SEARCH UID ALL",
        "IDLE",
        "UID MOVE 1 INBOX",
        "NAMESPACE",
        "ENABLE CONDSTORE",
        "UNSELECT",
        "FETCH 1 FLAGS",
        "UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1)",
        "LIST \"\" * RETURN (STATUS (MESSAGES))",
        "STATUS INBOX (HIGHESTMODSEQ)",
    ] {
        let refused = client.command(command).await.unwrap();
        assert_eq!(
            (refused.status.as_str(), refused.text.as_str()),
            ("BAD", "Parse command error"),
            "{command}"
        );
    }
    client.ok("FETCH 1 (FLAGS)").await.unwrap();
}

#[tokio::test]
async fn coremail_names_its_folders_in_chinese_with_flags_in_list_and_xlist() {
    let (_server, mut client) = signed_in(Quirks::coremail()).await;
    let list = client.ok("LIST \"\" \"*\"").await.unwrap().all();
    assert!(
        list.contains("* LIST (\\HasNoChildren \\Trash) \"/\" \"&XfJSIJZk-\""),
        "{list}"
    );
    let list = client.ok("XLIST \"\" \"*\"").await.unwrap().all();
    assert!(
        list.contains("* XLIST (\\HasNoChildren \\Spam) \"/\" \"&V4NXPpCuTvY-\""),
        "{list}"
    );
}

#[tokio::test]
async fn coremail_logs_out_who_is_idle_and_resets_the_third_session() {
    let mut quirks = Quirks::coremail();
    quirks.autologout = Some(Duration::from_millis(400));
    let (server, mut first) = signed_in(quirks).await;
    let second = another(&server).await;
    assert!(RawImap::connect(server.port()).await.is_err());
    assert_eq!((server.resets(), server.max_concurrent()), (1, 2));
    assert_eq!(
        first.until_closed().await.unwrap(),
        ["* BYE Autologout; idle for too long"]
    );
    drop(second);
    server
        .wait_until(Duration::from_secs(5), |server| server.open_sessions() == 0)
        .await
        .unwrap();
    RawImap::connect(server.port()).await.unwrap();
}

#[tokio::test]
async fn coremail_takes_no_more_than_its_limit_and_keeps_sent_mails_itself() {
    let mut quirks = Quirks::coremail();
    for word in &mut quirks.capabilities_after {
        if word.starts_with("APPENDLIMIT") {
            "APPENDLIMIT=50".clone_into(word);
        }
    }
    let (server, mut client) = signed_in(quirks).await;
    assert!(
        client
            .append("已发送", "", MAIL)
            .await
            .unwrap_err()
            .to_string()
            .contains("TOOBIG")
    );
    let uid = server.store_sent(MAIL).unwrap();
    assert_eq!(server.flags("已发送", uid).unwrap(), ["\\Seen"]);
}

#[tokio::test]
async fn qq_deals_uids_anew_between_sessions_without_a_word() {
    let (server, mut client) = signed_in(Quirks::qq()).await;
    for number in 0..4 {
        server.deliver("INBOX", format!("Subject: {number}\r\n\r\n").as_bytes());
    }
    let before = client.select("INBOX").await.unwrap().all();
    let old: Vec<_> = server
        .uids("INBOX")
        .into_iter()
        .map(|uid| server.raw("INBOX", uid))
        .collect();
    server.renumber("INBOX");
    client.until_closed().await.unwrap();
    let after = another(&server).await.select("INBOX").await.unwrap().all();
    assert_eq!(before, after, "UIDVALIDITY and UIDNEXT are as before");
    let new: Vec<_> = server
        .uids("INBOX")
        .into_iter()
        .map(|uid| server.raw("INBOX", uid))
        .collect();
    assert!(
        old.iter().zip(&new).all(|(old, new)| old != new),
        "every number is another mail now"
    );
}

#[tokio::test]
async fn qq_refuses_or_ignores_what_is_searched_for() {
    let (server, mut client) = signed_in(Quirks::qq()).await;
    server.deliver("INBOX", MAIL);
    server.deliver_with("INBOX", MIXED, &["\\Seen"], None);
    client.select("INBOX").await.unwrap();
    for query in ["TEXT hello", "CHARSET utf-8 ALL", "SUBJECT \"你好\""] {
        let refused = client.command(&format!("UID SEARCH {query}")).await.unwrap();
        let said = (refused.status.as_str(), refused.text.as_str());
        assert_eq!(said, ("BAD", "UID SEARCH invalid argument"), "{query}");
    }
    for query in ["SUBJECT nowhere", "FROM nobody", "(UNSEEN)"] {
        assert_eq!(
            client.ok(&format!("UID SEARCH {query}")).await.unwrap().search(),
            [1, 2],
            "{query}"
        );
    }
    assert_eq!(client.ok("UID SEARCH UNSEEN").await.unwrap().search(), [1]);
}

#[tokio::test]
async fn qq_refuses_odd_sets_of_uids() {
    let (server, mut client) = signed_in(Quirks::qq()).await;
    server.deliver("INBOX", MAIL);
    client.select("INBOX").await.unwrap();
    for command in [
        "UID FETCH * (FLAGS)",
        "UID FETCH 0 (FLAGS)",
        "UID FETCH 3:1 (FLAGS)",
        "UID STORE \"\" +FLAGS (\\Seen)",
    ] {
        let refused = client.command(command).await.unwrap();
        assert_eq!(
            (refused.status.as_str(), refused.text.as_str()),
            ("BAD", "UID parameters!"),
            "{command}"
        );
    }
    client.ok("UID FETCH 1:* (FLAGS)").await.unwrap();
}

#[tokio::test]
async fn qq_tells_no_special_uses_and_its_parent_folder_cannot_be_selected() {
    let (_server, mut client) = signed_in(Quirks::qq()).await;
    assert!(client.greeting().contains("QQMail IMAP4Server ready"));
    let list = client.ok("LIST \"\" *").await.unwrap().all();
    assert!(
        !list.contains("\\Sent") && list.contains("(\\HasChildren \\Noselect) \"/\" \"&UXZO1mWHTvZZOQ-\""),
        "{list}"
    );
    assert_eq!(client.command("SELECT &UXZO1mWHTvZZOQ-").await.unwrap().status, "NO");
    assert_eq!(client.command("XLIST \"\" *").await.unwrap().status, "BAD");
    client.ok("NAMESPACE").await.unwrap();
    client.idle().await.unwrap();
}

#[tokio::test]
async fn exchange_searches_in_ascii_alone_and_loses_parts() {
    let (server, mut client) = signed_in(Quirks::exchange()).await;
    server.deliver("INBOX", MIXED);
    client.select("INBOX").await.unwrap();
    let refused = client.command("UID SEARCH CHARSET UTF-8 ALL").await.unwrap();
    assert!(
        refused.status == "NO" && refused.text.starts_with("[BADCHARSET (US-ASCII)]"),
        "{refused:?}"
    );
    let structure = client.ok("UID FETCH 1 (BODYSTRUCTURE)").await.unwrap().all();
    assert!(
        structure.contains("BODYSTRUCTURE (\"mixed\" (\"boundary\" \"b 1\")"),
        "{structure}"
    );
    assert!(server.folders().contains(&"日历".to_owned()));
    client.ok("UID MOVE 1 &W1hoYw-").await.unwrap();
    assert_eq!(server.uids("存档"), [1]);
}

#[tokio::test]
async fn exchange_on_premises_has_no_id_and_fails_on_chinese() {
    let (server, mut client) = signed_in(Quirks::exchange_on_premises()).await;
    server.deliver("INBOX", MAIL);
    client.select("INBOX").await.unwrap();
    assert_eq!(client.command("ID NIL").await.unwrap().status, "BAD");
    let refused = client.command("UID SEARCH SUBJECT \"你好\"").await.unwrap();
    assert_eq!(
        (refused.status.as_str(), refused.text.as_str()),
        ("BAD", "Command Error. 11")
    );
    server.change_quirks(|quirks| quirks.search = Search::Correct);
    client.ok("UID SEARCH SUBJECT \"你好\"").await.unwrap();
}

#[tokio::test]
async fn aliyun_tells_special_uses_in_xlist_alone() {
    let (_server, mut client) = signed_in(Quirks::aliyun()).await;
    assert!(!client.ok("LIST \"\" *").await.unwrap().all().contains("\\Sent"));
    let xlist = client.ok("XLIST \"\" *").await.unwrap().all();
    assert!(
        xlist.contains("(\\HasNoChildren \\Sent) \"/\" \"&XfJT0ZAB-\"") && xlist.contains("\\Inbox"),
        "{xlist}"
    );
    assert_eq!(client.command("UID MOVE 1 INBOX").await.unwrap().status, "BAD");
}

#[tokio::test]
async fn gmail_shows_a_mail_in_all_mail_too_and_its_flags_are_one() {
    let (server, mut client) = signed_in(Quirks::gmail()).await;
    let uid = server.deliver("INBOX", MAIL);
    client.select("INBOX").await.unwrap();
    let all = client
        .ok("UID FETCH 1 (X-GM-MSGID X-GM-LABELS MODSEQ)")
        .await
        .unwrap()
        .all();
    assert!(
        all.contains("X-GM-MSGID 1700000000000000001 X-GM-LABELS (\"\\\\Inbox\") MODSEQ ("),
        "{all}"
    );
    server.set_flags("INBOX", uid, &["\\Seen"]);
    assert_eq!(server.flags("[Gmail]/所有邮件", 1).unwrap(), ["\\Seen"]);
    server.remove("INBOX", uid);
    assert_eq!(server.uids("[Gmail]/所有邮件"), [1], "only the label is gone");
    let list = client
        .ok("LIST \"\" \"*\" RETURN (SPECIAL-USE STATUS (MESSAGES HIGHESTMODSEQ))")
        .await
        .unwrap()
        .all();
    assert!(list.contains("\\All) \"/\" \"[Gmail]/&YkBnCZCuTvY-\""), "{list}");
    assert!(
        list.contains("* STATUS \"[Gmail]/&YkBnCZCuTvY-\" (MESSAGES 1 HIGHESTMODSEQ "),
        "{list}"
    );
}

#[tokio::test]
async fn gmail_gives_changes_since_a_modseq() {
    let (server, mut client) = signed_in(Quirks::gmail()).await;
    server.deliver("INBOX", MAIL);
    let second = server.deliver("INBOX", MAIL);
    let selected = client.select("INBOX").await.unwrap().all();
    let highest: u64 = selected
        .split("HIGHESTMODSEQ ")
        .nth(1)
        .unwrap()
        .split(']')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    server.set_flags("INBOX", second, &["\\Flagged"]);
    let all = client
        .ok(&format!("UID FETCH 1:* (FLAGS) (CHANGEDSINCE {highest})"))
        .await
        .unwrap();
    let fetched: Vec<_> = all.lines().into_iter().filter(|line| line.contains("MODSEQ")).collect();
    assert!(
        fetched.len() == 1 && fetched[0].starts_with("* 2 FETCH (UID 2 FLAGS (\\Flagged)"),
        "{fetched:?}"
    );
}

//! Every IMAP transcript of MailKit's tests, fed through the wire as a server's answers: the session lives on.

use std::path::{Path, PathBuf};

use qiyou_imap::{Error, Limits, MailboxName, Search, SelectOptions, Session, SpecialUse, UidSet, Unsolicited};

use crate::common::{Script, TAG, replace};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/mailkit")
}

/// A transcript as it is on the wire.
fn transcript(name: &str) -> Vec<u8> {
    let stored = std::fs::read(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let lf = replace(&stored, b"\r\n", b"\n");
    replace(&lf, b"\n", b"\r\n")
}

fn all() -> Vec<String> {
    let mut names = Vec::new();
    for folder in std::fs::read_dir(root()).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            names.push(file.strip_prefix(root()).unwrap().to_string_lossy().into_owned());
        }
    }
    names.sort();
    names
}

/// Whether the transcript answers a command.
fn is_answer(raw: &[u8]) -> bool {
    memchr::memmem::find(raw, TAG.as_bytes()).is_some()
}

#[tokio::test]
async fn after_every_answer_the_session_lives_on() {
    let mut fed = 0;
    for name in all() {
        let raw = transcript(&name);
        if !is_answer(&raw) || name.ends_with("logout.txt") {
            continue;
        }
        let raw = if raw.ends_with(b"\r\n") {
            raw
        } else {
            [raw, b"\r\n".to_vec()].concat()
        };
        // Two commands may answer in one file, or the first bytes may be a "+": whatever it is, it answers a NOOP.
        let first = {
            let at = if raw.starts_with(TAG.as_bytes()) {
                0
            } else {
                memchr::memmem::find(&raw, format!("\n{TAG}").as_bytes()).unwrap() + 1
            };
            let end = memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |e| at + e + 1);
            raw[..end].to_vec()
        };
        let limits = Limits {
            command_timeout: std::time::Duration::from_secs(5),
            ..Limits::default()
        };
        let (session, _) = Script::signed_in("")
            .on_bytes("NOOP", first)
            .on("NOOP", &format!("* 77 EXISTS\r\n{TAG} OK second\r\n"))
            .open_with(limits)
            .await;
        let mut session = session.unwrap();
        match session.noop().await {
            Ok(_) | Err(Error::No { .. } | Error::Bad { .. } | Error::NoSuchMailbox { .. }) => {}
            Err(e) => panic!("{name}: {e:?}"),
        }
        let news = session.noop().await.unwrap_or_else(|e| panic!("after {name}: {e:?}"));
        assert!(news.contains(&Unsolicited::Exists(77)), "after {name}: {news:?}");
        fed += 1;
    }
    assert!(fed > 250, "only {fed} transcripts were fed");
}

#[tokio::test]
async fn every_greeting_is_understood() {
    let mut greeted = 0;
    for name in all() {
        let raw = transcript(&name);
        if is_answer(&raw) || !name.contains("greeting") {
            continue;
        }
        let greeting = String::from_utf8(raw).unwrap();
        let greeting = format!("{}\r\n", greeting.trim_end());
        let told = greeting.contains("CAPABILITY");
        let preauth = greeting.starts_with("* PREAUTH");
        let mut script = Script::new(&greeting);
        if !told {
            script = script.on("CAPABILITY", &format!("* CAPABILITY IMAP4rev1\r\n{TAG} OK done\r\n"));
        }
        // Whatever way a greeting offers to sign in ends in an OK here; who is in already asks for CAPABILITY alone.
        let next = if preauth { "CAPABILITY" } else { "" };
        script = script.on(next, &format!("* CAPABILITY IMAP4rev1\r\n{TAG} OK in\r\n"));
        let (session, _) = script.on("NOOP", &format!("{TAG} OK done\r\n")).open().await;
        match session {
            Ok(mut session) => {
                session.noop().await.unwrap_or_else(|e| panic!("{name}: {e:?}"));
            }
            // GSSAPI and the like alone: there is no way in for a password, which is said as such.
            Err(Error::NoMechanism) => {}
            Err(e) => panic!("{name}: {e:?}"),
        }
        greeted += 1;
    }
    assert!(greeted >= 15, "only {greeted} greetings");
}

#[tokio::test]
async fn servers_are_told_apart_by_greeting_and_capabilities() {
    let greeting = String::from_utf8(transcript("qqmail/greeting.txt")).unwrap();
    let (session, _) = Script::new(&format!("{}\r\n", greeting.trim_end()))
        .on("", &format!("* CAPABILITY IMAP4rev1 IDLE NAMESPACE\r\n{TAG} OK in\r\n"))
        .on_bytes("NAMESPACE", [transcript("gmail/namespace.txt"), Vec::new()].concat())
        .open()
        .await;
    let session = session.unwrap();
    assert!(session.quirks().renumbers_uids && session.quirks().search_unreliable);
    assert_eq!(session.namespaces().personal[0].delimiter, Some('/'));

    let (session, _) = Script::new(&String::from_utf8(transcript("gmail/greeting.txt")).unwrap())
        .on_bytes("CAPABILITY", transcript("gmail/capability.txt"))
        .on_bytes("AUTHENTICATE PLAIN ", transcript("gmail/authenticate.txt"))
        .on_bytes("ID (", transcript("common/id.txt"))
        .on_bytes("ENABLE CONDSTORE UTF8=ACCEPT", transcript("gmail/utf8accept.txt"))
        .on_bytes("NAMESPACE", transcript("gmail/namespace.txt"))
        .open()
        .await;
    let session = session.unwrap();
    assert!(session.capabilities().gmail() && session.capabilities().idle() && session.capabilities().uidplus());
    assert!(session.quirks().stores_sent);
    assert!(session.server_id().contains(&("name".to_owned(), "GImap".to_owned())));
    assert_eq!(session.capabilities().append_limit(), Some(35_651_584));
    assert_eq!(session.capabilities().non_sync_literal(), 4096);
}

/// A session whose next command gets this answer.
async fn with_answer(capabilities: &str, command: &str, name: &str) -> Session {
    let (session, _) = Script::signed_in(capabilities)
        .on_bytes(command, transcript(name))
        .open()
        .await;
    session.unwrap()
}

#[tokio::test]
async fn folders_of_many_servers_are_read() {
    let (session, _) = Script::signed_in("XLIST")
        .on_bytes("XLIST", transcript("zoho/xlist.txt"))
        .on("LSUB", &format!("{TAG} OK none\r\n"))
        .open()
        .await;
    let folders = session.unwrap().list().await.unwrap();
    let of = |special| {
        folders
            .iter()
            .find(|m| m.special_use == Some(special))
            .map(|m| m.name.display().to_owned())
    };
    assert_eq!(of(SpecialUse::Drafts).as_deref(), Some("Entwürfe"));
    assert_eq!(of(SpecialUse::Sent).as_deref(), Some("Gesendet"));
    assert_eq!(of(SpecialUse::Junk).as_deref(), Some("Spam"));
    assert_eq!(of(SpecialUse::Trash).as_deref(), Some("Papierkorb"));
    assert_eq!(of(SpecialUse::Inbox).as_deref(), Some("Posteingang"));

    let (session, _) = Script::signed_in("XLIST LIST-EXTENDED LIST-STATUS CONDSTORE X-GM-EXT-1")
        .on_bytes(
            "LIST \"\" \"*\" RETURN (SUBSCRIBED STATUS (",
            transcript("gmail/list-all.txt"),
        )
        .on_bytes("XLIST", transcript("gmail/xlist.txt"))
        .open()
        .await;
    let folders = session.unwrap().list().await.unwrap();
    let of = |special| {
        folders
            .iter()
            .find(|m| m.special_use == Some(special))
            .map(|m| m.name.display().to_owned())
    };
    assert_eq!(of(SpecialUse::All).as_deref(), Some("[Gmail]/All Mail"));
    assert_eq!(of(SpecialUse::Trash).as_deref(), Some("[Gmail]/Trash"));
    assert!(folders.iter().any(|m| m.status.is_some()), "LIST-STATUS");

    let (session, _) = Script::signed_in("LIST-EXTENDED")
        .on_bytes("LIST \"\" \"*\" RETURN", transcript("common/list-nil-folder-delim.txt"))
        .open()
        .await;
    let folders = session.unwrap().list().await.unwrap();
    let told: Vec<_> = folders.iter().map(|m| (m.name.display(), m.delimiter)).collect();
    assert_eq!(told, [("INBOX", Some('/')), ("Folder1", None), ("Folder2", None)]);

    let (session, _) = Script::signed_in("LIST-EXTENDED")
        .on_bytes(
            "LIST \"\" \"*\" RETURN",
            transcript("common/list-literal-subfolders.txt"),
        )
        .open()
        .await;
    let folders = session.unwrap().list().await.unwrap();
    assert_eq!(folders[1].name.display(), "Literal Folder Name");
}

#[tokio::test]
async fn status_answers_beyond_the_standard_are_read() {
    for (file, messages) in [
        ("common/status-literal-folder.txt", Some(60)),
        ("gmail/status-inbox-appendlimit.txt", None),
        ("gmail/status-inbox-appendlimit-nil.txt", None),
        ("gmail/status-inbox.txt", Some(60)),
    ] {
        let mut session = with_answer("", "STATUS", file).await;
        let status = session.status(&MailboxName::inbox()).await.unwrap();
        assert_eq!(status.messages, messages, "{file}");
        if file == "gmail/status-inbox.txt" {
            assert_eq!((status.highestmodseq, status.size), (Some(41_234), Some(1024)));
            assert_eq!(
                status.mailbox_id.as_deref(),
                Some("d0f3b017-d3ec-40aa-9bb9-66c1aeccbb24")
            );
        }
    }
}

#[tokio::test]
async fn a_mailbox_is_opened_with_what_changed() {
    let (session, _) = Script::signed_in("ENABLE QRESYNC CONDSTORE")
        .on(
            "ENABLE QRESYNC",
            &format!("* ENABLED QRESYNC CONDSTORE\r\n{TAG} OK enabled\r\n"),
        )
        .on_bytes(
            "SELECT \"UnitTests.Messages\" (QRESYNC (1436832084 2 1:8))",
            transcript("dovecot/select-unittests-messages-qresync.txt"),
        )
        .open()
        .await;
    let mut session = session.unwrap();
    let since = qiyou_imap::Qresync {
        uidvalidity: 1_436_832_084,
        modseq: 2,
        known: Some(UidSet::range(1, 8)),
    };
    let options = SelectOptions {
        read_only: false,
        qresync: Some(since),
    };
    let opened = session
        .select(&MailboxName::from_display("UnitTests.Messages"), options)
        .await
        .unwrap();
    assert_eq!(
        (opened.exists, opened.uidvalidity, opened.uidnext),
        (7, Some(1_436_832_084), Some(9))
    );
    assert_eq!(opened.highestmodseq, Some(6));
    assert_eq!(opened.vanished.to_string(), "8");
    assert_eq!(opened.changed.len(), 7);
    assert!(opened.changed[0].flags.answered && !opened.changed[3].flags.answered);
    assert!(opened.new_keywords && !opened.read_only);

    for name in [
        "common/select-inbox.txt",
        "gmail/select-inbox.txt",
        "yandex/select-inbox.txt",
    ] {
        let mut session = with_answer("", "SELECT", name).await;
        let opened = session
            .select(&MailboxName::inbox(), SelectOptions::default())
            .await
            .unwrap();
        assert!(
            opened.uidvalidity.is_some() && opened.uidnext.is_some(),
            "{name}: {opened:?}"
        );
    }
    for name in [
        "yahoo/examine-inbox.txt",
        "gmail/examine-inbox.txt",
        "zoho/examine-gesendet.txt",
    ] {
        let mut session = with_answer("", "EXAMINE", name).await;
        let options = SelectOptions {
            read_only: true,
            qresync: None,
        };
        let opened = session.select(&MailboxName::inbox(), options).await.unwrap();
        assert!(opened.read_only, "{name}");
    }
}

#[tokio::test]
async fn fetch_answers_with_oddities_are_read() {
    // Zoho's MODSEQ (-1) and (0) are none.
    let mut session = with_answer("", "UID FETCH", "zoho/fetch-negative-modseq-values.txt").await;
    let (rows, _) = session.fetch_flags(&UidSet::range(1, 100_000), None).await.unwrap();
    assert_eq!(rows.len(), 74);
    assert!(rows[0].modseq.is_none() && rows[39].modseq.is_none(), "0 and -1");
    assert_eq!((rows[73].uid, rows[73].modseq), (742, Some(1_535_447_416_753_010_001)));
    assert!(rows.iter().any(|r| r.flags.forwarded && r.uid == 271));

    // Domino's extra parentheses and Yandex's part without content.
    let mut session = with_answer("", "UID FETCH", "domino/fetch-extra-parens.txt").await;
    assert_eq!(
        session
            .fetch_flags(&UidSet::range(1, 100_000), None)
            .await
            .unwrap()
            .0
            .len(),
        0
    );
    let mut session = with_answer("", "UID FETCH", "yandex/getbodypart-missing-content.txt").await;
    let mut parts = Vec::new();
    let wanted = |section: &str| qiyou_imap::PartRequest {
        uid: 3016,
        section: section.into(),
        max_len: 1000,
    };
    session
        .fetch_parts(&[wanted("2"), wanted("2.MIME")], &mut |uid, section, data| {
            parts.push((uid, section.to_owned(), data.len()));
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(parts, [(3016, "2.MIME".to_owned(), 145)]);

    // A plain search, and one with a code that nobody knows.
    let mut session = with_answer("", "UID SEARCH", "yahoo/search.txt").await;
    assert_eq!(session.uid_search(&Search::All).await.unwrap().len(), 14);
}

#[tokio::test]
async fn notify_tells_of_folders_and_counts() {
    let (session, _) = Script::signed_in("IDLE")
        .on_bytes("IDLE", transcript("dovecot/notify-idle.txt"))
        .open()
        .await;
    let mut session = session.unwrap();
    let waiting = session.wait(
        qiyou_imap::Wait::Idle,
        std::time::Duration::from_secs(5),
        std::future::pending(),
    );
    // The scripted server never answers DONE; what came is kept although the wait is dropped.
    assert!(
        tokio::time::timeout(std::time::Duration::from_millis(200), waiting)
            .await
            .is_err()
    );
    let news = session.take_unsolicited();
    let inbox = news.iter().find_map(|n| match n {
        Unsolicited::Status(name, status) if name.is_inbox() => Some(status),
        _ => None,
    });
    assert_eq!(inbox.unwrap().uidnext, Some(4));
    assert!(
        news.iter()
            .any(|n| matches!(n, Unsolicited::Folder { name, gone: true, .. } if name.display() == "DeleteMe"))
    );
    assert!(
        news.iter()
            .any(|n| matches!(n, Unsolicited::Folder { name, old_name: Some(old), .. }
        if name.display() == "RenamedFolder" && old.display() == "RenameMe"))
    );
}

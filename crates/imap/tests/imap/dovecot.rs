//! Against a real Dovecot.

use std::time::Duration;

use qiyou_imap::{
    BodyStructure, Error, FlagChange, Flags, Limits, MailboxName, PartRequest, Qresync, Search, SelectOptions, Server,
    Session, SpecialUse, UidSet, Unsolicited, Wait, Waited,
};
use qiyou_net::{DialConfig, Dialer, Endpoint, ProxyChoice, Security};
use qiyou_testkit::dovecot::{Dovecot, Options};
use secrecy::SecretString;

use crate::common::client_id;

const USER: &str = "zhangsan@qiyou.test";
const PASS: &str = "密码-geheim-1";

fn credentials() -> qiyou_imap::Credentials {
    qiyou_imap::Credentials::Password {
        user: USER.into(),
        password: SecretString::from(PASS),
    }
}

async fn server(options: Options) -> (Dovecot, Dialer) {
    let server = Dovecot::start(options).await.unwrap();
    let config = DialConfig {
        proxy: ProxyChoice::Direct,
        extra_roots: vec![server.ca_der()],
        ..DialConfig::default()
    };
    let dialer = Dialer::new(config).unwrap();
    (server, dialer)
}

async fn open(server: &Dovecot, dialer: &Dialer) -> Session {
    let at = Server {
        endpoint: Endpoint::new("127.0.0.1", server.imap_port()),
        security: Security::None,
    };
    Session::open(dialer, &at, &credentials(), &client_id(), &Limits::default())
        .await
        .unwrap()
}

fn mail(subject: &str, body: &str) -> Vec<u8> {
    format!(
        "From: 李四 <lisi@qiyou.test>\r\nTo: {USER}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@qiyou.test>\r\n\
         Date: Mon, 16 Nov 2026 09:00:00 +0800\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    )
    .into_bytes()
}

/// Waits until a piece of news comes for which `wanted` holds; what else comes is of other folders.
async fn until(session: &mut Session, how: Wait, wanted: impl Fn(&Unsolicited) -> bool) {
    let limit = Duration::from_secs(20);
    let mut seen = Vec::new();
    let waiting = async {
        loop {
            match session.wait(how, limit, std::future::pending()).await.unwrap() {
                Waited::Events(events) if events.iter().any(&wanted) => return,
                Waited::Events(events) => seen.extend(events),
                other => panic!("{other:?}"),
            }
        }
    };
    let in_time = tokio::time::timeout(limit, waiting).await.is_ok();
    assert!(in_time, "the news never came, only {seen:?}");
}

#[tokio::test]
async fn signs_in_over_tls_and_starttls_and_is_refused_with_a_wrong_password() {
    let (server, dialer) = server(Options::for_user(USER, PASS)).await;
    for (port, security) in [
        (server.imaps_port(), Security::Tls),
        (server.imap_port(), Security::StartTls),
    ] {
        let at = Server {
            endpoint: Endpoint::new("localhost", port),
            security,
        };
        let mut session = Session::open(&dialer, &at, &credentials(), &client_id(), &Limits::default())
            .await
            .unwrap();
        assert!(session.has_qresync() && session.capabilities().notify());
        session.noop().await.unwrap();
        assert!(session.count().received() > 100 && session.count().sent() > 50);
        session.logout().await;
    }
    let at = Server {
        endpoint: Endpoint::new("127.0.0.1", server.imap_port()),
        security: Security::None,
    };
    let wrong = qiyou_imap::Credentials::Password {
        user: USER.into(),
        password: SecretString::from("wrong"),
    };
    let refused = Session::open(&dialer, &at, &wrong, &client_id(), &Limits::default()).await;
    assert!(matches!(refused, Err(Error::Auth { .. })), "{refused:?}");
}

#[tokio::test]
async fn folders_rows_flags_and_changes_elsewhere() {
    let (server, dialer) = server(Options::for_user(USER, PASS)).await;
    for i in 1..=5 {
        server
            .save(USER, "INBOX", &mail(&format!("m{i}"), "你好"), "")
            .await
            .unwrap();
    }
    let mut session = open(&server, &dialer).await;
    let folders = session.list().await.unwrap();
    let of = |special| {
        folders
            .iter()
            .find(|m| m.special_use == Some(special))
            .map(|m| m.name.display())
    };
    assert_eq!(of(SpecialUse::Trash), Some("已删除"));
    assert_eq!(of(SpecialUse::Junk), Some("垃圾邮件"));
    let inbox = folders.iter().find(|m| m.name.is_inbox()).unwrap();
    let status = inbox.status.as_ref().unwrap();
    assert_eq!((status.messages, status.unseen), (Some(5), Some(5)));
    assert!(status.highestmodseq.is_some() && status.uidvalidity.is_some());
    assert_eq!(session.status(&MailboxName::inbox()).await.unwrap().messages, Some(5));

    let opened = session
        .select(&MailboxName::inbox(), SelectOptions::default())
        .await
        .unwrap();
    assert_eq!((opened.exists, opened.uidnext), (5, Some(6)));
    let all = UidSet::range(1, 5);
    let mut rows = Vec::new();
    session
        .fetch_rows(&all, &mut |row| {
            rows.push(row);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(rows.iter().map(|r| r.uid).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let first = &rows[0];
    assert!(first.modseq.is_some() && first.internal_date.unwrap() > 1_600_000_000);
    let structure: &BodyStructure = first.structure.as_ref().unwrap();
    assert_eq!(structure.text_parts()[0].path, "1");
    assert_eq!(structure.root.charset.as_deref(), Some("utf-8"));
    let header = String::from_utf8_lossy(&first.header).into_owned();
    assert!(header.contains("Subject: m1") && header.contains("李四"), "{header}");
    let identity = session.fetch_identity(&all).await.unwrap();
    assert_eq!(identity[2].message_id.as_deref(), Some("m3@qiyou.test"));
    assert_eq!(
        session
            .uid_search(&Search::MessageId("m4@qiyou.test".into()))
            .await
            .unwrap(),
        [4]
    );

    // Flags by us, flags and removal by somebody else, seen by CONDSTORE and by QRESYNC at the next SELECT.
    session
        .store_flags(&UidSet::one(2), &FlagChange::Add(Flags::seen()))
        .await
        .unwrap();
    server
        .store_flags(USER, "INBOX", "3", "+FLAGS (\\Flagged)")
        .await
        .unwrap();
    server.expunge(USER, "INBOX", "4").await.unwrap();
    let (changed, vanished) = session
        .fetch_flags(&UidSet::range(1, u32::MAX), opened.highestmodseq)
        .await
        .unwrap();
    assert!(changed.iter().any(|r| r.uid == 2 && r.flags.seen), "{changed:?}");
    assert!(changed.iter().any(|r| r.uid == 3 && r.flags.flagged), "{changed:?}");
    let _ = vanished;
    let mut second = open(&server, &dialer).await;
    let since = Qresync {
        uidvalidity: opened.uidvalidity.unwrap(),
        modseq: opened.highestmodseq.unwrap(),
        known: Some(all),
    };
    let again = second
        .select(
            &MailboxName::inbox(),
            SelectOptions {
                read_only: true,
                qresync: Some(since),
            },
        )
        .await
        .unwrap();
    assert_eq!(again.exists, 4);
    assert!(again.vanished.contains(4) && again.read_only);
    assert!(again.changed.iter().any(|r| r.uid == 3 && r.flags.flagged));
    assert_eq!(second.uid_search(&Search::Unseen).await.unwrap(), [1, 3, 5]);
    assert_eq!(second.uid_search(&Search::Since(4)).await.unwrap(), [5]);
    second.logout().await;
}

#[tokio::test]
async fn mails_are_moved_removed_appended_and_folders_changed() {
    let (server, dialer) = server(Options::for_user(USER, PASS)).await;
    for i in 1..=4 {
        server
            .save(USER, "INBOX", &mail(&format!("m{i}"), "x"), "")
            .await
            .unwrap();
    }
    let mut session = open(&server, &dialer).await;
    let project = MailboxName::from_display("项目 A&B");
    session.create(&project).await.unwrap();
    session
        .select(&MailboxName::inbox(), SelectOptions::default())
        .await
        .unwrap();
    let pairs = session.move_to(&UidSet::range(1, 2), &project).await.unwrap().unwrap();
    assert_eq!(pairs, [(1, 1), (2, 2)]);
    session.remove(&UidSet::one(3)).await.unwrap();
    assert_eq!(session.uid_search(&Search::All).await.unwrap(), [4]);
    let pairs = session.copy(&UidSet::one(4), &project).await.unwrap().unwrap();
    assert_eq!(pairs, [(4, 3)]);

    // Appended: small (unasked), and 5 MB streamed.
    let small = bytes::Bytes::from(mail("small", "y"));
    let uid = session
        .append_bytes(&project, &Flags::seen(), Some(1_700_000_000), &small)
        .await
        .unwrap();
    assert_eq!(uid, Some(4));
    let mut big = mail("big", "");
    while big.len() < 5 << 20 {
        big.extend_from_slice(b"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz\r\n");
    }
    let uid = session
        .append(&project, &Flags::default(), None, big.len() as u64, big.as_slice())
        .await
        .unwrap();
    assert_eq!(uid, Some(5));
    session.select(&project, SelectOptions::default()).await.unwrap();
    assert_eq!(session.selected(), Some(&project));
    let mut got = Vec::new();
    let mut largest = 0;
    let length = session
        .fetch_section(5, "", &mut |data| {
            largest = largest.max(data.len());
            got.extend_from_slice(&data);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(length, big.len() as u64);
    assert!(got == big && largest < 200_000);
    let (flags, _) = session.fetch_flags(&UidSet::one(4), None).await.unwrap();
    assert!(flags[0].flags.seen);
    let identity = session.fetch_identity(&UidSet::one(4)).await.unwrap();
    assert_eq!(identity[0].internal_date, Some(1_700_000_000));

    let mut parts = Vec::new();
    let want = |uid, section: &str| PartRequest {
        uid,
        section: section.into(),
        max_len: 1000,
    };
    session
        .fetch_parts(
            &[
                want(1, "1"),
                want(2, "1"),
                want(3, "1"),
                want(3, "HEADER"),
                want(99, "1"),
            ],
            &mut |uid, section, data| {
                parts.push((uid, section.to_owned(), data.len()));
                Ok(())
            },
        )
        .await
        .unwrap();
    parts.sort();
    assert_eq!(
        parts.iter().map(|p| (p.0, p.1.as_str())).collect::<Vec<_>>(),
        [(1, "1"), (2, "1"), (3, "1"), (3, "HEADER")]
    );
    assert_eq!(parts[0].2, 3);

    let renamed = MailboxName::from_display("项目 2026");
    session.rename(&project, &renamed).await.unwrap();
    let folders = session.list().await.unwrap();
    let found = folders.iter().find(|m| m.name == renamed).unwrap();
    assert_eq!(
        (found.subscribed, found.status.as_ref().unwrap().messages),
        (Some(true), Some(5))
    );
    session.delete(&renamed).await.unwrap();
    assert!(matches!(
        session.status(&renamed).await,
        Err(Error::NoSuchMailbox { .. } | Error::No { .. })
    ));
    assert!(matches!(
        session
            .append_bytes(&renamed, &Flags::default(), None, &bytes::Bytes::from(big))
            .await,
        Err(Error::NoSuchMailbox { .. })
    ));
    session.noop().await.unwrap();
}

#[tokio::test]
async fn idle_tells_of_a_mail_at_once() {
    let (server, dialer) = server(Options::for_user(USER, PASS)).await;
    let mut session = open(&server, &dialer).await;
    session
        .select(&MailboxName::inbox(), SelectOptions::default())
        .await
        .unwrap();
    let news = mail("new", "x");
    let (waited, delivered) = tokio::join!(
        session.wait(Wait::Idle, Duration::from_secs(20), std::future::pending()),
        server.deliver(USER, &news),
    );
    delivered.unwrap();
    let Waited::Events(events) = waited.unwrap() else {
        panic!("nothing came")
    };
    assert!(events.contains(&Unsolicited::Exists(1)), "{events:?}");
    assert_eq!(session.uid_search(&Search::Since(1)).await.unwrap(), [1]);
}

#[tokio::test]
async fn notify_tells_of_every_folder_over_one_connection() {
    let (server, dialer) = server(Options::for_user(USER, PASS)).await;
    let mut session = open(&server, &dialer).await;
    let project = MailboxName::from_display("项目");
    session.create(&project).await.unwrap();
    session
        .select(&MailboxName::inbox(), SelectOptions::default())
        .await
        .unwrap();
    session.notify_all().await.unwrap();
    session.take_unsolicited();
    let news = mail("elsewhere", "x");
    let told = until(&mut session, Wait::Listen, |event| {
        matches!(event, Unsolicited::Status(name, status)
            if *name == project && status.messages == Some(1) && status.uidnext == Some(2))
    });
    let ((), saved) = tokio::join!(told, server.save(USER, "项目", &news, ""));
    saved.unwrap();
    // The selected one too.
    let news = mail("here", "x");
    let told = until(&mut session, Wait::Listen, |event| *event == Unsolicited::Exists(1));
    let ((), delivered) = tokio::join!(told, server.deliver(USER, &news));
    delivered.unwrap();
    // And commands go on between.
    let mut rows = 0;
    session
        .fetch_rows(&UidSet::one(1), &mut |_| {
            rows += 1;
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn a_compressed_line_carries_the_same_conversation() {
    let (server, dialer) = server(Options::for_user(USER, PASS)).await;
    for i in 1..=50 {
        server
            .save(USER, "INBOX", &mail(&format!("m{i}"), &"压缩".repeat(100)), "")
            .await
            .unwrap();
    }
    let mut session = open(&server, &dialer).await;
    session.compress().await.unwrap();
    session
        .select(&MailboxName::inbox(), SelectOptions::default())
        .await
        .unwrap();
    let before = session.count().received();
    let mut bytes = 0_u64;
    for uid in 1..=50 {
        bytes += session.fetch_section(uid, "", &mut |_| Ok(())).await.unwrap();
    }
    let over_the_line = session.count().received() - before;
    assert!(over_the_line < bytes / 2, "{over_the_line} of {bytes}");
}

#[tokio::test]
async fn without_extensions_the_same_is_reached_by_plain_means() {
    let bare = Options::for_user(USER, PASS).without(&[
        "NOTIFY",
        "IDLE",
        "CONDSTORE",
        "QRESYNC",
        "MOVE",
        "UIDPLUS",
        "LIST-STATUS",
        "LIST-EXTENDED",
        "SPECIAL-USE",
        "ESEARCH",
        "ENABLE",
        "NAMESPACE",
        "UNSELECT",
        "SASL-IR",
        "LITERAL+",
    ]);
    let (server, dialer) = server(bare).await;
    for i in 1..=3 {
        server
            .save(USER, "INBOX", &mail(&format!("m{i}"), "x"), "")
            .await
            .unwrap();
    }
    let mut session = open(&server, &dialer).await;
    let caps = session.capabilities();
    assert!(
        !caps.idle() && !caps.qresync() && !caps.move_() && !caps.uidplus(),
        "{caps:?}"
    );
    let folders = session.list().await.unwrap();
    assert!(folders.iter().any(|m| m.special_use == Some(SpecialUse::Sent)));
    session
        .select(&MailboxName::inbox(), SelectOptions::default())
        .await
        .unwrap();
    // Somebody else marked a mail: nothing is expunged.
    server
        .store_flags(USER, "INBOX", "3", "+FLAGS (\\Deleted)")
        .await
        .unwrap();
    let trash = MailboxName::from_display("已删除");
    assert!(matches!(
        session.move_to(&UidSet::one(1), &trash).await,
        Err(Error::ForeignDeleted)
    ));
    server
        .store_flags(USER, "INBOX", "3", "-FLAGS (\\Deleted)")
        .await
        .unwrap();
    session.move_to(&UidSet::one(1), &trash).await.unwrap();
    assert_eq!(session.uid_search(&Search::All).await.unwrap(), [2, 3]);
    assert_eq!(session.status(&trash).await.unwrap().messages, Some(1));
    session.unselect().await.unwrap();
    assert_eq!(session.selected(), None);
}

#[tokio::test]
async fn a_cut_connection_is_told_as_closed() {
    let (server, dialer) = server(Options::for_user(USER, PASS)).await;
    let mut session = open(&server, &dialer).await;
    session
        .select(&MailboxName::inbox(), SelectOptions::default())
        .await
        .unwrap();
    let (waited, kicked) = tokio::join!(
        session.wait(Wait::Idle, Duration::from_secs(20), std::future::pending()),
        server.kick(USER)
    );
    kicked.unwrap();
    // Dovecot says goodbye before it closes: either way the watcher learns of it at once.
    match waited {
        Err(Error::Closed | Error::Bye { .. } | Error::Io(_) | Error::TooManyConnections { .. }) => {}
        Ok(Waited::Events(events)) => assert!(events.iter().any(|e| matches!(e, Unsolicited::Bye(_))), "{events:?}"),
        other => panic!("{other:?}"),
    }
}

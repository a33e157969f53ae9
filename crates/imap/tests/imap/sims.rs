//! Against servers that refuse what Coremail, QQ, Exchange, Aliyun and Gmail refuse, and against liars.

use std::time::Duration;

use qiyou_imap::{
    Credentials, Error, Limits, MailboxName, Search, SelectOptions, Server, Session, SpecialUse, UidSet, Wait,
};
use qiyou_net::{DialConfig, Dialer, Endpoint, ProxyChoice, Security};
use qiyou_testkit::imap_sim::{ImapSim, Lie, PASSWORD, Quirks, USER};
use secrecy::SecretString;

use crate::common::client_id;

fn password(text: &str) -> Credentials {
    Credentials::Password {
        user: USER.into(),
        password: SecretString::from(text),
    }
}

async fn open_as(sim: &ImapSim, credentials: &Credentials) -> Result<Session, Error> {
    let dialer = Dialer::new(DialConfig {
        proxy: ProxyChoice::Direct,
        ..DialConfig::default()
    })
    .unwrap();
    let at = Server {
        endpoint: Endpoint::new("127.0.0.1", sim.port()),
        security: Security::None,
    };
    let limits = Limits {
        command_timeout: Duration::from_secs(3),
        answer_timeout: Duration::from_secs(3),
        max_skip: 2 << 20,
        ..Limits::default()
    };
    Session::open(&dialer, &at, credentials, &client_id(), &limits).await
}

async fn open(sim: &ImapSim) -> Session {
    open_as(sim, &password(PASSWORD)).await.unwrap()
}

fn mail(subject: &str) -> Vec<u8> {
    format!("From: lisi@qiyou.test\r\nSubject: {subject}\r\nMessage-ID: <{subject}@qiyou.test>\r\n\r\n{subject}\r\n")
        .into_bytes()
}

async fn uids_of_rows(session: &mut Session, set: &UidSet) -> Result<Vec<u32>, Error> {
    let mut uids = Vec::new();
    session
        .fetch_rows(set, &mut |row| {
            uids.push(row.uid);
            Ok(())
        })
        .await?;
    Ok(uids)
}

async fn purposes(session: &mut Session) -> Vec<(SpecialUse, String)> {
    let mut found: Vec<_> = session
        .list()
        .await
        .unwrap()
        .into_iter()
        .filter_map(|m| m.special_use.map(|s| (s, m.name.display().to_owned())))
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn coremail_gives_rows_moves_and_searches() {
    let sim = ImapSim::start(Quirks::coremail()).unwrap();
    let uids: Vec<u32> = (1..=5).map(|n| sim.deliver("INBOX", &mail(&format!("m{n}")))).collect();
    let mut session = open(&sim).await;
    let quirks = session.quirks();
    assert!(quirks.unsafe_login_until_id && quirks.login_instead_of_sasl_ir && quirks.short_autologout);
    assert!(quirks.few_connections && quirks.no_idle && quirks.stores_sent);
    assert!(
        purposes(&mut session)
            .await
            .contains(&(SpecialUse::Junk, "垃圾邮件".into()))
    );
    let opened = session
        .select(&MailboxName::inbox(), SelectOptions::default())
        .await
        .unwrap();
    assert_eq!((opened.exists, opened.uidnext, opened.uidvalidity), (5, None, Some(1)));
    assert!(session.quirks().hides_uidnext);
    let status = session.status(&MailboxName::from_display("已发送")).await.unwrap();
    assert_eq!((status.messages, status.uidnext), (Some(0), None));
    let all: UidSet = uids.iter().copied().collect();
    assert_eq!(uids_of_rows(&mut session, &all).await.unwrap(), uids);
    // "last+1:*" names the last mail again; nothing new is nothing.
    assert_eq!(
        session.uid_search(&Search::Since(uids[4] + 1)).await.unwrap(),
        [0_u32; 0]
    );
    assert_eq!(session.uid_search(&Search::Since(uids[3])).await.unwrap(), uids[3..]);
    session
        .move_to(&UidSet::one(uids[0]), &MailboxName::from_display("已删除"))
        .await
        .unwrap();
    assert_eq!(sim.uids("已删除").len(), 1);
    assert_eq!(session.uid_search(&Search::All).await.unwrap(), uids[1..]);
    let mut body = Vec::new();
    session
        .fetch_section(uids[1], "", &mut |data| {
            body.extend_from_slice(&data);
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(body, mail("m2"));
    session.take_unsolicited();
    let refused = session
        .wait(Wait::Idle, Duration::from_secs(1), std::future::pending())
        .await;
    assert!(matches!(refused, Err(Error::NotOffered("IDLE"))));
    assert_eq!(sim.commands("AUTHENTICATE"), 0, "{:?}", sim.log());
}

#[tokio::test]
async fn coremail_logs_out_the_idle_and_refuses_a_wrong_code() {
    let mut quirks = Quirks::coremail();
    quirks.autologout = Some(Duration::from_millis(100));
    let sim = ImapSim::start(quirks).unwrap();
    let refused = open_as(&sim, &password("wrong")).await;
    assert!(matches!(refused, Err(Error::Auth { text }) if text.contains("Login error or password error")));
    let mut session = open(&sim).await;
    // The goodbye comes while nobody asks.
    let waited = session
        .wait(Wait::Listen, Duration::from_secs(3), std::future::pending())
        .await;
    let told = match waited {
        Err(Error::Bye { text }) => text,
        Ok(qiyou_imap::Waited::Events(events)) => format!("{events:?}"),
        other => panic!("{other:?}"),
    };
    assert!(told.contains("Autologout"), "{told}");
    assert!(matches!(
        session.noop().await,
        Err(Error::Bye { .. } | Error::Closed | Error::Io(_))
    ));
}

#[tokio::test]
async fn qq_is_known_by_its_greeting_and_its_search_is_checked() {
    let sim = ImapSim::start(Quirks::qq()).unwrap();
    for n in 1..=4 {
        sim.deliver("INBOX", &mail(&format!("m{n}")));
    }
    let refused = open_as(&sim, &password("wrong")).await;
    assert!(
        matches!(&refused, Err(e @ Error::Auth { .. }) if !e.is_transient()),
        "a wrong code must not be retried"
    );
    let mut session = open(&sim).await;
    assert!(session.quirks().renumbers_uids && session.quirks().search_unreliable);
    let found = purposes(&mut session).await;
    assert!(found.contains(&(SpecialUse::Sent, "Sent Messages".into())), "{found:?}");
    assert!(
        found.contains(&(SpecialUse::Trash, "Deleted Messages".into())),
        "{found:?}"
    );
    session
        .select(&MailboxName::inbox(), SelectOptions::default())
        .await
        .unwrap();
    let all = session.uid_search(&Search::All).await.unwrap();
    let before = session.fetch_identity(&all.iter().copied().collect()).await.unwrap();
    assert_eq!(
        session
            .uid_search(&Search::MessageId("m3@qiyou.test".into()))
            .await
            .unwrap(),
        [all[2]]
    );
    session.logout().await;
    // Other UIDs in the next session: the same mails are known again.
    sim.renumber("INBOX");
    let mut session = open(&sim).await;
    session
        .select(&MailboxName::inbox(), SelectOptions::default())
        .await
        .unwrap();
    let now = session.uid_search(&Search::All).await.unwrap();
    let after = session.fetch_identity(&now.iter().copied().collect()).await.unwrap();
    assert_ne!(before, after, "UIDs mean other mails now");
    for old in &before {
        assert_eq!(
            after.iter().filter(|new| new.is_same(old)).count(),
            1,
            "{old:?} among {after:?}"
        );
    }
}

#[tokio::test]
async fn exchange_aliyun_and_gmail_tell_their_folders() {
    let sim = ImapSim::start(Quirks::exchange()).unwrap();
    let mut session = open(&sim).await;
    let found = purposes(&mut session).await;
    for wanted in [
        (SpecialUse::Drafts, "草稿"),
        (SpecialUse::Sent, "已发送邮件"),
        (SpecialUse::Archive, "存档"),
    ] {
        assert!(found.contains(&(wanted.0, wanted.1.into())), "{found:?}");
    }
    let multi =
        b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: \
        text/plain\r\n\r\nx\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\ny\r\n--b--\r\n";
    let uid = sim.deliver("INBOX", multi);
    session
        .select(&MailboxName::inbox(), SelectOptions::default())
        .await
        .unwrap();
    assert_eq!(
        uids_of_rows(&mut session, &UidSet::one(uid)).await.unwrap(),
        [uid],
        "a broken structure loses no row"
    );

    // Aliyun takes a token alone and tells purposes in XLIST alone.
    let sim = ImapSim::start(Quirks::aliyun()).unwrap();
    let bearer = Credentials::Bearer {
        user: USER.into(),
        token: SecretString::from(PASSWORD),
    };
    let mut session = open_as(&sim, &bearer).await.unwrap();
    assert!(
        purposes(&mut session)
            .await
            .contains(&(SpecialUse::Trash, "已删除邮件".into()))
    );
    let wrong = Credentials::Bearer {
        user: USER.into(),
        token: SecretString::from("stale"),
    };
    assert!(matches!(open_as(&sim, &wrong).await, Err(Error::Auth { .. })));

    let sim = ImapSim::start(Quirks::gmail()).unwrap();
    let mut session = open(&sim).await;
    let found = purposes(&mut session).await;
    assert!(
        found.contains(&(SpecialUse::All, "[Gmail]/所有邮件".into())),
        "{found:?}"
    );
    assert!(session.status_of_all().await.unwrap().is_some_and(|all| all.len() >= 6));
}

#[tokio::test]
async fn liars_cost_one_clear_error_and_little_time() {
    for lie in [
        Lie::WrongSizes,
        Lie::HugeLiteral,
        Lie::EndlessLine,
        Lie::GarbageAfterOk,
        Lie::ByeMidFetch,
        Lie::UidZero,
        Lie::CutMidFetch,
        Lie::HugeExists,
        Lie::DeepStructure,
        Lie::Mute,
    ] {
        let sim = ImapSim::start(Quirks::liar(&[lie])).unwrap();
        let uid = sim.deliver("INBOX", &mail("m1"));
        let told = tokio::time::timeout(Duration::from_secs(15), async {
            let mut session = open_as(&sim, &password(PASSWORD)).await?;
            session.select(&MailboxName::inbox(), SelectOptions::default()).await?;
            uids_of_rows(&mut session, &UidSet::one(uid)).await?;
            let mut body = Vec::new();
            session
                .fetch_section(uid, "", &mut |data| {
                    body.extend_from_slice(&data);
                    Ok(())
                })
                .await?;
            session.noop().await?;
            Ok::<_, Error>(body)
        })
        .await
        .unwrap_or_else(|_| panic!("{lie:?} costs too much time"));
        match (lie, told) {
            (Lie::WrongSizes | Lie::GarbageAfterOk | Lie::HugeExists | Lie::DeepStructure, Ok(body)) => {
                assert_eq!(body, mail("m1"), "{lie:?}");
            }
            (Lie::HugeLiteral | Lie::EndlessLine, Err(Error::TooLarge | Error::Timeout))
            | (Lie::ByeMidFetch, Err(Error::Bye { .. } | Error::Closed))
            | (Lie::CutMidFetch, Err(Error::Closed | Error::Io(_)))
            | (Lie::UidZero, Err(Error::Gone) | Ok(_))
            | (Lie::Mute, Err(Error::Timeout)) => {}
            (lie, told) => panic!("{lie:?}: {told:?}"),
        }
    }
}

#[tokio::test]
async fn oauthbearer_is_spoken_where_it_is_the_only_way() {
    let mut quirks = Quirks::plain();
    for list in [&mut quirks.capabilities, &mut quirks.capabilities_after] {
        list.retain(|word| !word.starts_with("AUTH="));
        list.push("AUTH=OAUTHBEARER".into());
    }
    quirks.mechanisms = vec!["OAUTHBEARER".into()];
    for inline in [true, false] {
        if !inline {
            quirks.capabilities.retain(|word| word != "SASL-IR");
        }
        let sim = ImapSim::start(quirks.clone()).unwrap();
        let bearer = |token: &str| Credentials::Bearer {
            user: USER.into(),
            token: SecretString::from(token),
        };
        open_as(&sim, &bearer(PASSWORD)).await.unwrap();
        let refused = open_as(&sim, &bearer("stale")).await;
        assert!(matches!(refused, Err(Error::Auth { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn names_are_plain_utf8_once_the_server_accepts_it() {
    let mut quirks = Quirks::plain();
    quirks.capabilities_after.push("UTF8=ACCEPT".into());
    quirks.folders.push(("项目 & 合同".into(), None));
    let sim = ImapSim::start(quirks).unwrap();
    let mut session = open(&sim).await;
    let name = MailboxName::from_display("项目 & 合同");
    let listed = session.list().await.unwrap();
    assert!(listed.iter().any(|m| m.name.display() == name.display()), "{listed:?}");
    sim.deliver("项目 & 合同", &mail("m1"));
    assert_eq!(session.status(&name).await.unwrap().messages, Some(1));
    let opened = session.select(&name, SelectOptions::default()).await.unwrap();
    assert_eq!(opened.exists, 1);
    let made = MailboxName::from_display("新建文件夹");
    session.create(&made).await.unwrap();
    session
        .rename(&made, &MailboxName::from_display("改过名的"))
        .await
        .unwrap();
    assert!(sim.folders().contains(&"改过名的".to_owned()), "{:?}", sim.folders());
    let moved = session
        .move_to(&UidSet::one(1), &MailboxName::from_display("改过名的"))
        .await;
    moved.unwrap();
    assert_eq!(sim.uids("改过名的").len(), 1);
}

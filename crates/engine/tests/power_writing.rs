//! The power goes while mails are written and sent: what was kept is there after it, and what was sent goes once.
//!
//! The store lies on a disk that forgets what was not synced. `QIYOU_ROUNDS` sets how often the power goes.
// Dovecot serves on Unix alone.
#![cfg(unix)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test did not expect ends it"
)]

mod story;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use qiyou_api::*;
use qiyou_engine::{Engine, Pace};
use qiyou_testkit::fault::FaultProxy;
use qiyou_testkit::power::{Disk, Left};
use qiyou_testkit::smtp::SmtpServer;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use story::{Known, PASSWORD, ZHANGSAN, brisk, dovecot, engine_in, settings};

const SENT: &str = "已发送";
/// How long a piece is on its way to the server.
const WIRE: Duration = Duration::from_millis(40);

fn pace() -> Pace {
    Pace {
        retry: Duration::from_millis(10),
        filing: Duration::from_secs(1),
        // Copies on the server are another story.
        drafts: Duration::from_hours(1),
        ..brisk()
    }
}

async fn start(home: &Path) -> Engine {
    let (engine, mut tells) = engine_in(home, Arc::new(Known), pace()).await;
    tokio::spawn(async move { while tells.recv().await.is_some() {} });
    engine
}

/// What was promised of each subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Promise {
    /// The text of this number, or a later one, is kept.
    Kept(DraftId, u32),
    Sent,
    /// It was asked for, and the power went before the answer.
    Perhaps,
}

type Promises = BTreeMap<String, Promise>;

async fn write_until_dark(engine: &Engine, disk: &Disk, promises: &mut Promises, dice: &mut StdRng) {
    let limit = tokio::time::Instant::now() + Duration::from_secs(6);
    while !disk.is_dark() {
        if tokio::time::Instant::now() > limit {
            disk.go_dark();
        }
        let subject = format!("mail-{}", promises.len());
        let Ok(draft) = engine.draft_create(DraftCreateParams::default()).await else {
            continue;
        };
        for version in 1..=dice.random_range(1..4) {
            let content = DraftContent {
                subject: subject.clone(),
                html: format!("<p>{version}</p>"),
                to: vec![Address {
                    name: String::new(),
                    address: "lisi@huadong-tech.example".into(),
                }],
                ..draft.content.clone()
            };
            let kept = if version == 3 {
                let before = promises.insert(subject.clone(), Promise::Perhaps);
                let params = DraftSendParams {
                    id: draft.id,
                    content,
                    at: Some(0),
                };
                let sent = engine.draft_send(params).await.is_ok();
                if sent { Some(Promise::Sent) } else { before }
            } else {
                let params = DraftSaveParams {
                    id: draft.id,
                    content,
                    resting: false,
                };
                let kept = engine.draft_save(params).await.is_ok();
                kept.then_some(Promise::Kept(draft.id, version))
            };
            if let Some(promise) = kept
                && !disk.is_dark()
            {
                promises.insert(subject.clone(), promise);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_and_sent_outlives_the_power() {
    let rounds: u32 = std::env::var("QIYOU_ROUNDS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(10);
    let disk = Disk::install().unwrap();
    let imap = Arc::new(dovecot(&[]).await);
    let smtp = Arc::new(SmtpServer::builder().user(ZHANGSAN, PASSWORD).start().unwrap());
    let proxy = Arc::new(FaultProxy::start(smtp.port()).unwrap());
    let over = Arc::new(AtomicBool::new(false));
    let keeper = {
        let (imap, smtp, over) = (Arc::clone(&imap), Arc::clone(&smtp), Arc::clone(&over));
        tokio::spawn(async move {
            let mut done = 0;
            while !over.load(Ordering::Relaxed) {
                for mail in smtp.mails().iter().skip(done) {
                    imap.save(ZHANGSAN, SENT, &mail.data, "\\Seen").await.unwrap();
                    done += 1;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
    };
    let mut dice = StdRng::seed_from_u64(7);
    let mut home = tempfile::tempdir().unwrap();
    disk.go_dark_after(u64::MAX);
    let engine = start(home.path()).await;
    let params = AddParams {
        address: ZHANGSAN.into(),
        name: String::new(),
        color: None,
        settings: settings(imap.imap_port(), proxy.port()),
        credential: Credential::Password {
            secret: PASSWORD.into(),
        },
        even_offline: true,
    };
    engine.add(params).await.unwrap();
    // The first mail shows that the server keeps what it sent.
    let mut promises = Promises::new();
    let draft = engine.draft_create(DraftCreateParams::default()).await.unwrap();
    let content = DraftContent {
        subject: "mail-0".into(),
        to: vec![Address {
            name: String::new(),
            address: "lisi@huadong-tech.example".into(),
        }],
        ..draft.content
    };
    let params = DraftSendParams {
        id: draft.id,
        content,
        at: Some(0),
    };
    engine.draft_send(params).await.unwrap();
    promises.insert("mail-0".into(), Promise::Sent);
    all_gone(&engine).await;
    engine.stop().await;
    disk.go_dark();

    for _ in 0..rounds {
        disk.go_dark_after(2_u64.pow(dice.random_range(4..=9)) + dice.random_range(0..50));
        proxy.heal();
        // A computer without power sends nothing either: what it says takes longer than the line takes to be cut.
        proxy.delay(WIRE);
        let line = Arc::clone(&proxy);
        let watch = std::thread::spawn(move || {
            while !disk.is_dark() {
                std::thread::sleep(Duration::from_micros(200));
            }
            line.refuse(true);
            line.cut_now();
        });
        let engine = start(home.path()).await;
        write_until_dark(&engine, disk, &mut promises, &mut dice).await;
        watch.join().unwrap();
        engine.stop().await;
        let left = [Left::Nothing, Left::Prefix, Left::Sectors][dice.random_range(0..3)];
        let after = tempfile::tempdir().unwrap();
        disk.survivors(home.path(), after.path(), left, &mut dice).unwrap();
        home = after;
    }

    // The next start, this time with light.
    disk.go_dark_after(u64::MAX);
    proxy.heal();
    let engine = start(home.path()).await;
    all_gone(&engine).await;
    let mut delivered: BTreeMap<String, usize> = BTreeMap::new();
    for mail in smtp.mails() {
        *delivered.entry(qiyou_mime::summary(&mail.data).subject).or_default() += 1;
    }
    let (mut kept, mut sent) = (0, 0);
    for (subject, promise) in &promises {
        let times = delivered.get(subject).copied().unwrap_or(0);
        match *promise {
            Promise::Sent => {
                assert_eq!(times, 1, "{subject} was promised to go");
                sent += 1;
            }
            Promise::Kept(id, version) => {
                let draft = engine
                    .draft(id)
                    .await
                    .unwrap_or_else(|error| panic!("{subject} is lost: {error:?}"));
                assert_eq!(&draft.content.subject, subject);
                let there: u32 = draft
                    .content
                    .html
                    .trim_matches(|c: char| !c.is_ascii_digit())
                    .parse()
                    .unwrap();
                assert!(there >= version, "{subject}: {there} instead of {version}");
                assert_eq!(times, 0, "{subject} was not to go");
                kept += 1;
            }
            Promise::Perhaps => assert!(times <= 1, "{subject} went {times} times"),
        }
    }
    eprintln!("{rounds} times dark: {kept} drafts kept, {sent} mails sent, none lost, none doubled");
    assert!(kept > 0 && sent > 1);
    over.store(true, Ordering::Relaxed);
    keeper.await.unwrap();
    engine.stop().await;
}

/// Waits until nothing is on its way out.
async fn all_gone(engine: &Engine) {
    let limit = tokio::time::Instant::now() + Duration::from_mins(2);
    loop {
        let open: Vec<_> = engine.outbox().await.unwrap();
        if open.iter().all(|entry| entry.state == OutboxState::Sent) {
            return;
        }
        assert!(tokio::time::Instant::now() < limit, "{open:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

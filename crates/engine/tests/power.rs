//! The power goes while mails come in and actions are replayed: what was promised is done exactly once after it, and
//! every mail is where it may be.
//!
//! The store lies on a disk that forgets what was not synced. `QIYOU_ROUNDS` sets how often the power goes.
// Dovecot serves on Unix alone; what is told here of the engine is told on scripted servers elsewhere as well.
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
use std::time::Duration;

use qiyou_api::*;
use qiyou_engine::{Engine, Pace};
use qiyou_testkit::fault::FaultProxy;
use qiyou_testkit::power::{Disk, Left};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use story::{Known, PASSWORD, Story, ZHANGSAN, brisk, dovecot, engine_in, mail, settings};

/// Mails that are there before the first time.
const MAILS: u32 = 40;
const FOLDERS: [(&str, Role); 3] = [("INBOX", Role::Inbox), ("归档", Role::Archive), ("已删除", Role::Trash)];

fn hasty() -> Pace {
    Pace {
        retry: Duration::from_millis(10),
        ..brisk()
    }
}

async fn folder(engine: &Engine, role: Role) -> Option<FolderId> {
    let folders = engine.folders(None).await.unwrap();
    folders.into_iter().find(|f| f.role == role).map(|f| f.id)
}

/// Where each mail may be: where the last promised action put it, or where one that was not promised may have.
type May = BTreeMap<String, Vec<String>>;

/// Acts at random until the power goes. Returns how many actions were promised.
async fn act_until_dark(engine: &Engine, disk: &Disk, may: &mut May, dice: &mut StdRng) -> usize {
    let mut promised = 0;
    let limit = tokio::time::Instant::now() + Duration::from_secs(20);
    while !disk.is_dark() {
        if tokio::time::Instant::now() > limit {
            // So many writes were never needed: the power goes in the silence after the work.
            disk.go_dark();
        }
        let _ = engine.sync(None, dice.random_bool(0.2)).await;
        let (_, from) = FOLDERS[dice.random_range(0..3)];
        let (name, to) = FOLDERS[dice.random_range(0..3)];
        let (Some(from), Some(to)) = (folder(engine, from).await, folder(engine, to).await) else {
            tokio::time::sleep(Duration::from_millis(2)).await;
            continue;
        };
        let rows = story::rows_of(engine, from).await;
        if rows.is_empty() || from == to {
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        }
        let row = &rows[dice.random_range(0..rows.len())];
        let places = may.get_mut(&row.subject).unwrap();
        // Before the answer it may happen or not.
        places.push(name.to_owned());
        let done = engine
            .act(ActParams {
                mails: vec![row.id],
                action: Action::Move { folder: to },
            })
            .await;
        if done.is_ok_and(|done| done.count == 1) && !disk.is_dark() {
            *places = vec![name.to_owned()];
            promised += 1;
        }
    }
    promised
}

/// Opens the store as a start finds it.
async fn start(home: &Path) -> Engine {
    let (engine, mut tells) = engine_in(home, Arc::new(Known), hasty()).await;
    tokio::spawn(async move { while tells.recv().await.is_some() {} });
    engine
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_promised_outlives_the_power() {
    let rounds: u32 = std::env::var("QIYOU_ROUNDS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(20);
    let disk = Disk::install().unwrap();
    let server = dovecot(&[]).await;
    let proxy = FaultProxy::start(server.imap_port()).unwrap();
    let mut may = May::new();
    for n in 1..=MAILS {
        let subject = format!("mail-{n}");
        server.deliver(ZHANGSAN, &mail(n, &subject, "text")).await.unwrap();
        may.insert(subject, vec!["INBOX".into()]);
    }
    let mut dice = StdRng::seed_from_u64(11);
    let mut home = tempfile::tempdir().unwrap();
    disk.go_dark_after(u64::MAX);
    let engine = start(home.path()).await;
    let params = AddParams {
        address: ZHANGSAN.into(),
        name: String::new(),
        color: None,
        settings: settings(proxy.port(), 1),
        credential: Credential::Password {
            secret: PASSWORD.into(),
        },
        even_offline: true,
    };
    engine.add(params).await.unwrap();
    engine.stop().await;
    disk.go_dark();

    let (mut promised, mut cut_short) = (0, 0);
    for round in 0..rounds {
        // Mail comes in as well.
        let n = MAILS + 1 + round;
        let subject = format!("mail-{n}");
        server.deliver(ZHANGSAN, &mail(n, &subject, "text")).await.unwrap();
        may.insert(subject, vec!["INBOX".into()]);

        // Sometimes while the store is being opened, most often in the middle of the work.
        disk.go_dark_after(2_u64.pow(dice.random_range(3..=10)) + dice.random_range(0..50));
        proxy.heal();
        let engine = start(home.path()).await;
        promised += act_until_dark(&engine, disk, &mut may, &mut dice).await;
        // A computer without power sends nothing either.
        proxy.refuse(true);
        proxy.cut_now();
        cut_short += usize::from(engine.pending_operations().await.unwrap() > 0);
        engine.stop().await;
        let left = [Left::Nothing, Left::Prefix, Left::Sectors][dice.random_range(0..3)];
        let after = tempfile::tempdir().unwrap();
        disk.survivors(home.path(), after.path(), left, &mut dice).unwrap();
        home = after;
    }

    // The next start, this time with light.
    disk.go_dark_after(u64::MAX);
    proxy.heal();
    let (engine, tells) = engine_in(home.path(), Arc::new(Known), hasty()).await;
    let mut story = Story {
        events: engine.subscribe(),
        engine,
        tells,
        home,
        keychain: Arc::default(),
    };
    story.engine.sync(None, true).await.unwrap();
    story.settled().await;
    story.engine.sync(None, true).await.unwrap();
    let there = story.each_once(&server, &FOLDERS).await;
    assert_eq!(
        there.keys().collect::<Vec<_>>(),
        may.keys().collect::<Vec<_>>(),
        "none lost"
    );
    for (subject, place) in &there {
        let places = &may[subject];
        assert!(places.contains(place), "{subject} is in {place}, not in {places:?}");
    }
    eprintln!(
        "{rounds} times dark, {promised} actions promised, {cut_short} times with some not yet done, {} mails: 0 lost, \
         0 doubled",
        there.len()
    );
    assert!(promised > 0);
    story.engine.stop().await;
}

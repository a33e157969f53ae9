//! The engine on a line that breaks: nothing is lost, nothing is done twice, nothing hangs.
//!
//! `QIYOU_SEED` throws other dice, which are always the same for the same number.
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
use std::time::{Duration, Instant};

use qiyou_api::*;
use qiyou_engine::{Pace, Tell};
use qiyou_testkit::dovecot::Dovecot;
use qiyou_testkit::fault::{Direction, FaultProxy};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use story::{Story, ZHANGSAN, brisk, dovecot, mail};

/// Where each mail lies and whether it is read and starred, by subject.
type Truth = BTreeMap<String, (String, bool, bool)>;

const FOLDERS: [(&str, Role); 3] = [("INBOX", Role::Inbox), ("归档", Role::Archive), ("已删除", Role::Trash)];

/// The dice of a story.
fn dice(own: u64) -> StdRng {
    let seed = std::env::var("QIYOU_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(0_u64);
    StdRng::seed_from_u64(own ^ (seed << 8))
}

/// What the server has. A mail that is there twice panics.
async fn on_server(server: &Dovecot) -> Truth {
    let mut out = Truth::new();
    let mut raw = server.session(ZHANGSAN).await.unwrap();
    for (name, _) in FOLDERS {
        raw.select(name).await.unwrap();
        let reply = raw.ok("FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])").await;
        // An empty folder has no message 1.
        let Ok(reply) = reply else { continue };
        let mut flags = String::new();
        for line in reply.all().lines() {
            if line.starts_with("* ") && line.contains("FLAGS (") {
                line.clone_into(&mut flags);
            } else if let Some(subject) = line.strip_prefix("Subject: ") {
                let now = (name.to_owned(), flags.contains("\\Seen"), flags.contains("\\Flagged"));
                let before = out.insert(subject.trim().to_owned(), now);
                assert_eq!(before, None, "{subject} is there twice");
            }
        }
    }
    out
}

/// Names what differs.
fn same(whose: &str, found: &Truth, truth: &Truth) {
    let names: std::collections::BTreeSet<&String> = found.keys().chain(truth.keys()).collect();
    let other: Vec<_> = names
        .into_iter()
        .filter(|name| found.get(*name) != truth.get(*name))
        .map(|name| format!("{name}: {:?} instead of {:?}", found.get(name), truth.get(name)))
        .collect();
    assert!(other.is_empty(), "{whose}: {other:#?}");
}

/// What the engine shows. A mail that is there twice panics.
async fn here(story: &mut Story) -> Truth {
    let mut out = Truth::new();
    for (name, role) in FOLDERS {
        let folder = story.folder(role).await.id;
        for row in story.rows(folder).await {
            let before = out.insert(row.subject.clone(), (name.to_owned(), !row.unread, row.starred));
            assert_eq!(before, None, "{} is here twice", row.subject);
        }
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_sync_that_is_cut_again_and_again_ends_with_every_mail_once() {
    const MAILS: u32 = 30;
    let server = dovecot(&[]).await;
    for n in 1..=MAILS {
        server
            .deliver(ZHANGSAN, &mail(n, &format!("mail {n}"), &"words ".repeat(200)))
            .await
            .unwrap();
    }
    let mut dice = dice(1);
    let mut cuts = 0;
    for round in 0..20 {
        let proxy = FaultProxy::start(server.imap_port()).unwrap();
        let mut story = Story::begin().await;
        story.imap_account(ZHANGSAN, proxy.port()).await;
        for _ in 0..3 {
            let before = proxy.connections();
            proxy.cut_after(Direction::Down, dice.random_range(0..20_000));
            // The next connection, or the end of the sync: whichever comes first.
            let _ = proxy
                .wait_until(Duration::from_millis(400), |p| p.connections() > before)
                .await;
        }
        proxy.heal();
        cuts += proxy.connections().saturating_sub(2);
        let inbox = story.folder(Role::Inbox).await.id;
        story.counts(inbox, MAILS as usize).await;
        story
            .eventually("every text", |engine| async move {
                let rows = story::rows_of(&engine, inbox).await;
                rows.iter().all(|row| !row.preview.is_empty()).then_some(())
            })
            .await;
        let ids = story.ids(inbox).await;
        assert_eq!(ids.len(), MAILS as usize, "round {round}: each once");
        story.engine.stop().await;
    }
    eprintln!("20 first syncs, {cuts} lines cut");
    assert!(cuts > 20, "{cuts}");
}

/// Random actions and arrivals while each line is cut after some random number of bytes.
async fn work_on_a_bad_line(without: &[&str], rounds: u32, seed: u64) {
    const MAILS: u32 = 12;
    let server = dovecot(without).await;
    for n in 1..=MAILS {
        server
            .deliver(ZHANGSAN, &mail(n, &format!("mail {n}"), "text"))
            .await
            .unwrap();
    }
    let proxy = FaultProxy::start(server.imap_port()).unwrap();
    let mut story = Story::begin_at(Pace {
        retry: Duration::from_millis(5),
        retry_most: Duration::from_millis(20),
        ..brisk()
    })
    .await;
    story.imap_account(ZHANGSAN, proxy.port()).await;
    let inbox = story.folder(Role::Inbox).await.id;
    let archive = story.folder(Role::Archive).await.id;
    let trash = story.folder(Role::Trash).await.id;
    story.counts(inbox, MAILS as usize).await;
    story.engine.sync(None, true).await.unwrap();
    let mut truth = here(&mut story).await;
    let mut dice = dice(seed);
    let mut arrived = MAILS;
    for round in 0..rounds {
        let way = if dice.random_bool(0.5) {
            Direction::Up
        } else {
            Direction::Down
        };
        proxy.cut_after(way, dice.random_range(0..3_000));
        if round % 10 == 9 {
            arrived += 1;
            let subject = format!("mail {arrived}");
            server
                .deliver(ZHANGSAN, &mail(arrived, &subject, "text"))
                .await
                .unwrap();
            truth.insert(subject, ("INBOX".into(), false, false));
        }
        for _ in 0..dice.random_range(1..=3) {
            let from = [inbox, archive, trash][dice.random_range(0..3)];
            let rows = story.rows(from).await;
            if rows.is_empty() {
                continue;
            }
            let row = &rows[dice.random_range(0..rows.len())];
            let Some(state) = truth.get_mut(&row.subject) else {
                panic!("{} was never sent", row.subject)
            };
            let action = match dice.random_range(0..6) {
                0 => {
                    "归档".clone_into(&mut state.0);
                    Action::Archive
                }
                1 => {
                    "已删除".clone_into(&mut state.0);
                    Action::Move { folder: trash }
                }
                2 => {
                    "INBOX".clone_into(&mut state.0);
                    Action::Move { folder: inbox }
                }
                3 => {
                    state.1 = !state.1;
                    if state.1 { Action::MarkRead } else { Action::MarkUnread }
                }
                4 => {
                    state.2 = !state.2;
                    if state.2 { Action::Star } else { Action::Unstar }
                }
                _ => continue,
            };
            story
                .engine
                .act(ActParams {
                    mails: vec![row.id],
                    action,
                })
                .await
                .unwrap();
        }
        if dice.random_bool(0.3) {
            story.settled().await;
        }
    }
    let connections = proxy.connections();
    proxy.heal();
    story.engine.network_changed();
    story.settled().await;
    story.engine.sync(None, true).await.unwrap();
    same("the server", &on_server(&server).await, &truth);
    story
        .eventually("the engine shows what the server has", |engine| {
            let total = truth.len();
            async move {
                let mut rows = 0;
                for folder in [inbox, archive, trash] {
                    let params = ListParams {
                        scope: Scope::Folder { folder },
                        filter: Filter::All,
                        sort: qiyou_api::Sort::default(),
                        offset: 0,
                        limit: 1,
                    };
                    rows += engine.list(params).await.unwrap().total as usize;
                }
                (rows == total).then_some(())
            }
        })
        .await;
    same("the engine", &here(&mut story).await, &truth);
    eprintln!(
        "{rounds} rounds on a bad line: {connections} connections, {} mails, none lost or doubled",
        truth.len()
    );
    assert!(connections > rounds as usize / 4, "{connections}");
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_on_a_line_that_breaks_are_each_done_once() {
    work_on_a_bad_line(&[], 130, 11).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_by_copy_on_a_line_that_breaks_are_each_done_once() {
    let bare = [
        "NOTIFY",
        "IDLE",
        "CONDSTORE",
        "QRESYNC",
        "MOVE",
        "LIST-STATUS",
        "ESEARCH",
    ];
    work_on_a_bad_line(&bare, 70, 12).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_line_is_noticed_within_six_seconds_of_a_change_of_network() {
    let server = dovecot(&[]).await;
    let proxy = FaultProxy::start(server.imap_port()).unwrap();
    let mut story = Story::begin().await;
    let account = story.imap_account(ZHANGSAN, proxy.port()).await.id;
    story.engine.sync(None, true).await.unwrap();
    // A network that changes and stays good costs nothing.
    let before = proxy.connections();
    story.engine.network_changed();
    story.engine.sync(None, true).await.unwrap();
    assert_eq!(proxy.connections(), before, "the line lives");

    proxy.black_hole(true);
    let started = Instant::now();
    story.engine.network_changed();
    proxy
        .wait_until(Duration::from_secs(6), |p| p.connections() > before)
        .await
        .expect("another line within 6 s");
    eprintln!("a dead line was left after {:?}", started.elapsed());
    // Its successor hangs in the same hole; the next change of network does not wait for its time-out.
    let hanging = proxy.connections();
    proxy.black_hole(false);
    proxy.cut_now();
    story.engine.network_changed();
    proxy
        .wait_until(Duration::from_secs(2), |p| p.connections() > hanging)
        .await
        .expect("at once");
    story
        .state(account, "connected", |s| matches!(s, AccountState::Connected { .. }))
        .await;
    server.deliver(ZHANGSAN, &mail(1, "after", "text")).await.unwrap();
    assert!(matches!(story.tell().await, Tell::Mails { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn garbled_bytes_end_a_session_and_harm_no_mail() {
    let server = dovecot(&["COMPRESS=DEFLATE"]).await;
    for n in 1..=10 {
        server
            .deliver(ZHANGSAN, &mail(n, &format!("mail {n}"), "text"))
            .await
            .unwrap();
    }
    let proxy = FaultProxy::start(server.imap_port()).unwrap();
    let mut story = Story::begin().await;
    story.imap_account(ZHANGSAN, proxy.port()).await;
    let inbox = story.folder(Role::Inbox).await.id;
    story.counts(inbox, 10).await;
    story.engine.sync(None, true).await.unwrap();
    // What the server says is noise now and then. A wrong number in it may lead anywhere but to a lost mail.
    proxy.garble(Direction::Down, Some(997));
    for n in 11..=20 {
        server
            .deliver(ZHANGSAN, &mail(n, &format!("mail {n}"), "text"))
            .await
            .unwrap();
        let _ = tokio::time::timeout(Duration::from_millis(300), story.tells.recv()).await;
    }
    proxy.heal();
    proxy.cut_now();
    server.deliver(ZHANGSAN, &mail(21, "mail 21", "text")).await.unwrap();
    story
        .eventually("the last mail", |engine| async move {
            let rows = story::rows_of(&engine, inbox).await;
            rows.iter().any(|row| row.subject == "mail 21").then_some(())
        })
        .await;
    story.counts(inbox, 21).await;
    assert_eq!(on_server(&server).await.len(), 21);
}

//! Many mails through a line that is cut wherever it can be and an agent that dies wherever it can: each arrives once
//! and stands in the sent-box once, or is a question. What the servers hold is looked at only in the end, by the test.
//!
//! `QIYOU_SENDS` says how many mails each kind of server gets; `cargo xtask sends` takes a thousand.
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
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use qiyou_api::*;
use qiyou_testkit::dovecot::Dovecot;
use qiyou_testkit::fault::{Direction, FaultProxy};
use qiyou_testkit::smtp::SmtpServer;
use story::{PASSWORD, Story, ZHANGSAN, brisk, dovecot};

const SENT: &str = "已发送";
const LISI: &str = "lisi@huadong-tech.example";

/// How a server keeps what it was given to send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// Not at all.
    Plain,
    /// At once.
    Storing,
    /// Late: when a client that did not know would nearly have stored it itself.
    Late,
    /// With a Message-ID of its own.
    Replacing,
}

fn how_many(usual: usize) -> usize {
    std::env::var("QIYOU_SENDS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(usual)
}

/// Numbers that only look random, so that a run can be had again.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

/// Puts into the sent-box what the submission server took, as such servers do. Ends when it is told to.
async fn storing(kind: Kind, imap: Arc<Dovecot>, smtp: Arc<SmtpServer>, over: Arc<AtomicBool>) {
    let mut done = 0;
    while !over.load(Ordering::Relaxed) {
        let mails = smtp.mails();
        for mail in mails.iter().skip(done) {
            if kind == Kind::Late {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            let mut text = String::from_utf8(mail.data.clone()).unwrap();
            if kind == Kind::Replacing {
                text = text.replace("Message-ID: <", "Message-ID: <replaced-");
            }
            imap.save(ZHANGSAN, SENT, text.as_bytes(), "\\Seen").await.unwrap();
            done += 1;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn settled(state: OutboxState) -> bool {
    matches!(state, OutboxState::Sent | OutboxState::NeedsYou | OutboxState::Refused)
}

async fn draft(story: &Story, n: usize) -> OutboxId {
    let engine = &story.engine;
    let draft = engine.draft_create(DraftCreateParams::default()).await.unwrap();
    let content = DraftContent {
        to: vec![Address {
            name: "李四".into(),
            address: LISI.into(),
        }],
        subject: format!("report {n}"),
        html: format!("<p>第 {n} 份</p>{}", "<p>内容</p>".repeat(n % 40)),
        ..draft.content
    };
    let params = DraftSendParams {
        id: draft.id,
        content,
        at: Some(0),
    };
    engine.draft_send(params).await.unwrap().id
}

/// How often each subject is there.
fn counted(subjects: impl IntoIterator<Item = String>) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for subject in subjects {
        *all.entry(subject).or_default() += 1;
    }
    all
}

async fn in_sent(imap: &Dovecot) -> BTreeMap<String, usize> {
    let fetch = ["fetch", "-u", ZHANGSAN, "hdr.subject", "mailbox", SENT];
    let found = imap.doveadm(&fetch).await.unwrap_or_default();
    counted(
        found
            .lines()
            .filter_map(|line| line.strip_prefix("hdr.subject: ").map(str::to_owned)),
    )
}

fn delivered(smtp: &SmtpServer) -> BTreeMap<String, usize> {
    counted(smtp.mails().iter().map(|mail| qiyou_mime::summary(&mail.data).subject))
}

async fn sends(kind: Kind, seed: u64) {
    let count = how_many(10);
    let imap = Arc::new(dovecot(&[]).await);
    let smtp = Arc::new(SmtpServer::builder().user(ZHANGSAN, PASSWORD).start().unwrap());
    let proxy = FaultProxy::start(smtp.port()).unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let pace = qiyou_engine::Pace {
        filing: Duration::from_secs(1),
        ..brisk()
    };
    let mut story = Story::begin_at(pace).await;
    story.account(imap.imap_port(), proxy.port()).await;
    let keeper = (kind != Kind::Plain)
        .then(|| tokio::spawn(storing(kind, Arc::clone(&imap), Arc::clone(&smtp), Arc::clone(&over))));

    // The first shows the server's kind, on a good day.
    let first = draft(&story, 0).await;
    let begun = Instant::now();
    loop {
        let known = story.engine.outbox().await.unwrap();
        if known
            .iter()
            .any(|entry| entry.id == first && entry.state == OutboxState::Sent)
        {
            break;
        }
        assert!(begun.elapsed() < Duration::from_mins(2), "{known:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let mut dice = Dice(seed);
    let mut begun = 1;
    let mut deaths = 0;
    let patience = Instant::now();
    loop {
        let known = story.engine.outbox().await.unwrap();
        let open = known.iter().filter(|entry| !settled(entry.state)).count();
        if begun > count && open == 0 {
            break;
        }
        while begun <= count && open < 10 && dice.throw(3) > 0 {
            draft(&story, begun).await;
            begun += 1;
        }
        match dice.throw(12) {
            0..=2 => proxy.cut_after(Direction::Up, 1 + dice.throw(1500)),
            3..=6 => proxy.cut_after(Direction::Down, 1 + dice.throw(450)),
            7 => proxy.cut_now(),
            8 if deaths < count / 8 => {
                story = story.again_at(pace).await;
                deaths += 1;
            }
            // The line is good for a while: mails shall go, too.
            _ => {
                proxy.heal();
                tokio::time::sleep(Duration::from_millis(30 + dice.throw(120))).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(dice.throw(40))).await;
        assert!(
            patience.elapsed() < Duration::from_secs(150 + count as u64 * 3),
            "{known:?}"
        );
    }
    proxy.heal();

    let known = story.engine.outbox().await.unwrap();
    let asks: Vec<_> = known
        .iter()
        .filter(|entry| entry.state == OutboxState::NeedsYou)
        .collect();
    if kind != Kind::Plain {
        assert!(asks.is_empty(), "a server that keeps what it sent can tell: {asks:?}");
    }
    let there = delivered(&smtp);
    // A question is answered as a person would who asked 李四.
    for entry in &asks {
        let decision = if there.contains_key(&entry.subject) {
            Decision::Went
        } else {
            Decision::Send
        };
        let act = OutboxActParams { id: entry.id, decision };
        story.engine.outbox_act(act).await.unwrap();
    }
    let patience = Instant::now();
    while story
        .engine
        .outbox()
        .await
        .unwrap()
        .iter()
        .any(|entry| entry.state != OutboxState::Sent)
    {
        assert!(
            patience.elapsed() < Duration::from_mins(1),
            "{:?}",
            story.engine.outbox().await
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    over.store(true, Ordering::Relaxed);
    if let Some(keeper) = keeper {
        keeper.await.unwrap();
    }
    let wanted = counted((0..=count).map(|n| format!("report {n}")));
    assert_eq!(delivered(&smtp), wanted, "each arrived once");
    assert_eq!(in_sent(&imap).await, wanted, "each stands in the sent-box once");
    assert!(story.engine.drafts().await.unwrap().is_empty(), "no draft is left");
    // Here as there: what was shown at once became the server's own.
    let sent = story.folder(Role::Sent).await.id;
    story.counts(sent, wanted.len()).await;
    let rows = story.rows(sent).await;
    assert_eq!(
        counted(rows.into_iter().map(|row| row.subject)),
        wanted,
        "each is listed once"
    );
    eprintln!(
        "{kind:?}: {count} mails, {deaths} deaths, {} connections, {} questions",
        proxy.connections(),
        asks.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_server_that_keeps_nothing_each_goes_once_or_is_a_question() {
    sends(Kind::Plain, 0x9E37_79B9).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_server_that_keeps_what_it_sent_each_goes_once() {
    sends(Kind::Storing, 0x1234_5678).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_server_that_keeps_it_late_each_goes_once() {
    sends(Kind::Late, 0xDEAD_BEEF).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_server_that_replaces_message_ids_each_goes_once() {
    sends(Kind::Replacing, 0x0BAD_CAFE).await;
}

//! Two replicas on one PostgreSQL, behind one address, that die in the middle of sign-ins.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that fails says so by itself"
)]

mod house;
#[path = "replicas/row.rs"]
mod row;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::StreamExt as _;
use house::{Browser, Desk, House};
use qiyou_bridge_api::{Session, SigninStarted, SigninState};
use qiyou_signin::bridge::Error;
use row::{Row, row};
use secrecy::ExposeSecret as _;

/// How many sign in; `QIYOU_SIGNINS` says another number.
const SIGNINS: usize = 60;
/// How many do so at the same time.
const AT_ONCE: usize = 8;

#[tokio::test]
async fn a_sign_in_goes_from_replica_to_replica_at_each_step() {
    let row = row().await;
    let house = &row.house;
    house.sim.quick("zhangsan");
    let mut desk = house.device();
    row.balancer.lead_to(0);
    let started = desk.start().await;
    row.balancer.lead_to(1);
    let mut browser = house.browser();
    let wecom = browser.step(&started.url).await.unwrap();
    row.balancer.lead_to(0);
    browser.go(&wecom).await;
    row.balancer.lead_to(1);
    desk.reconnect();
    // One waits at a replica; the person says yes at the other.
    let id = started.id.clone();
    let bridge = desk.bridge.clone();
    assert_eq!(
        bridge.poll(&id, SigninState::Waiting).await.unwrap(),
        SigninState::Scanned
    );
    let waits = tokio::spawn(async move { bridge.poll(&id, SigninState::Scanned).await });
    row.balancer.lead_to(0);
    let done = browser.confirm("yes").await;
    assert_eq!(waits.await.unwrap().unwrap(), SigninState::Confirmed);
    let mut tokens = BTreeSet::new();
    let mut session = None;
    for replica in [0, 1, 0] {
        row.balancer.lead_to(replica);
        desk.reconnect();
        let made = desk.redeem(&started, &done.code()).await.unwrap();
        tokens.insert(made.refresh_token.expose_secret().to_owned());
        session = Some(made);
    }
    assert_eq!(tokens.len(), 1);
    let mut session = session.unwrap();
    for replica in [1, 0, 1] {
        row.balancer.lead_to(replica);
        desk.reconnect();
        session = desk.bridge.refresh(&session.refresh_token).await.unwrap();
        assert_eq!(desk.bridge.member(&session.access_token).await.unwrap().id, "zhangsan");
    }
    // Of the two, one has the work that is done once.
    assert_eq!(
        house.postgres().psql("SELECT name FROM lease").await.unwrap(),
        "sweep\n"
    );
}

/// What went wrong on the way, and was mended by asking again.
#[derive(Default)]
struct Losses {
    answers: AtomicUsize,
    begun_anew: AtomicUsize,
}

impl Losses {
    /// Asks the bridge until an answer arrives.
    async fn until_answered<T>(&self, ask: impl AsyncFn() -> Result<T, Error>) -> T {
        loop {
            match ask().await {
                Ok(answer) => return answer,
                Err(Error::Away(_)) => self.answers.fetch_add(1, Ordering::Relaxed),
                Err(error) => panic!("{error}"),
            };
        }
    }

    /// Up to the page with the code. `None` when a page was lost that is shown once: people begin anew then.
    async fn confirmed(&self, mut browser: Browser, started: &SigninStarted) -> Option<String> {
        while browser.try_go(&started.url).await.is_err() {
            self.answers.fetch_add(1, Ordering::Relaxed);
        }
        if !browser.page.contains("name=\"ticket\"") {
            return None;
        }
        let ticket = browser.ticket();
        while browser.try_answer(&ticket, "yes").await.is_err() {
            self.answers.fetch_add(1, Ordering::Relaxed);
        }
        browser.page.contains("qiyou://signin?c=").then(|| browser.code())
    }

    /// A person signs in, and does not give up.
    async fn sign_in(&self, house: &House) -> (Desk, Session) {
        loop {
            let desk = house.device();
            let started = self.until_answered(async || desk.try_start().await).await;
            let Some(code) = self.confirmed(house.browser(), &started).await else {
                self.begun_anew.fetch_add(1, Ordering::Relaxed);
                continue;
            };
            let redeem = async || desk.redeem(&started, &code).await;
            // What was confirmed is never lost; asked twice at once, it is the same.
            let (one, other) = tokio::join!(self.until_answered(redeem), self.until_answered(redeem));
            assert_eq!(one.refresh_token.expose_secret(), other.refresh_token.expose_secret());
            let refreshed = self
                .until_answered(async || desk.bridge.refresh(&one.refresh_token).await)
                .await;
            return (desk, refreshed);
        }
    }
}

/// Kills one replica after the other and starts it again: now while it is at work, now when it has done what it was
/// asked to and nobody has heard of it.
async fn kill_by_turns(row: &Row) {
    for (turn, pause) in [17, 5, 11, 23, 7].into_iter().cycle().enumerate() {
        let replica = turn / 2 % 2;
        row.balancer.requests_to(replica, pause).await;
        if turn % 2 == 1 {
            row.balancer.lose_answer_of(replica).await;
        }
        row.kill(replica);
        row.start(replica).await;
    }
}

#[tokio::test]
async fn replicas_killed_amid_sign_ins_lose_none_and_answer_none_twice() {
    let count = std::env::var("QIYOU_SIGNINS").map_or(SIGNINS, |count| count.parse().unwrap());
    let row = row().await;
    row.house.sim.quick("zhangsan");
    let losses = Losses::default();
    let people = futures::stream::iter(0..count)
        .map(|_| losses.sign_in(&row.house))
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>();
    let signed_in = tokio::select! {
        signed_in = people => signed_in,
        () = kill_by_turns(&row) => unreachable!(),
    };
    for replica in [0, 1] {
        row.start(replica).await;
    }
    let mut sessions = BTreeSet::new();
    for (desk, session) in &signed_in {
        let lines = desk.bridge.sessions(&session.access_token).await;
        let lines = match lines {
            // Its connection was to one that is no more.
            Err(Error::Away(_)) => desk.bridge.sessions(&session.access_token).await.unwrap(),
            lines => lines.unwrap(),
        };
        sessions.insert(lines.into_iter().find(|line| line.own).unwrap().id);
    }
    assert_eq!(sessions.len(), count, "each has a session of their own");
    // And there is none that nobody has.
    let kept = row
        .house
        .postgres()
        .psql("SELECT id FROM session WHERE ended = 0 ORDER BY id COLLATE \"C\"");
    assert_eq!(
        kept.await.unwrap().lines().collect::<Vec<_>>(),
        sessions.iter().map(String::as_str).collect::<Vec<_>>()
    );
    let redeemed = "SELECT COUNT(*), COUNT(DISTINCT session) FROM signin WHERE step = 'redeemed'";
    assert_eq!(
        row.house.postgres().psql(redeemed).await.unwrap(),
        format!("{count}|{count}\n")
    );
    let (kills, answers) = (row.kills(), losses.answers.into_inner());
    let anew = losses.begun_anew.into_inner();
    eprintln!("{count} signed in, {kills} kills, {answers} answers lost, {anew} begun anew");
    assert!(kills >= 4 && answers > 0, "{kills} kills, {answers} answers lost");
}

//! The engine against servers that lie, and accounts beside them that must not notice.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test did not expect ends it"
)]

mod story;

use std::time::{Duration, Instant};

use qiyou_api::*;
use qiyou_engine::Tell;
use qiyou_testkit::imap_sim::{ImapSim, Lie, Quirks};
use story::{PASSWORD, Story, ZHANGSAN, mail, sim};

const WANGWU: &str = "wangwu@huadong-tech.example";
const SOON: Duration = Duration::from_secs(15);

/// Resident memory of this process in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A liar and an honest server at once: the honest one's mail is told of, the liar costs little, and once it stops
/// lying all its mails are there.
async fn beside_a_liar(lie: Lie, breaks: bool) {
    let started = Instant::now();
    let before = resident();
    let liar = sim(Quirks::liar(&[lie]));
    for n in 1..=5 {
        liar.deliver("INBOX", &mail(n, &format!("mail {n}"), "text"));
    }
    let honest = ImapSim::builder(Quirks::plain())
        .user(WANGWU, PASSWORD)
        .start()
        .unwrap();
    let mut story = Story::begin().await;
    let bad = story.imap_account(ZHANGSAN, liar.port()).await.id;
    let good = story.imap_account(WANGWU, honest.port()).await.id;
    let inbox = story.folder_of(good, Role::Inbox).await.id;
    if breaks {
        story
            .state(bad, "the liar's account is offline", |s| {
                matches!(s, AccountState::Offline { .. })
            })
            .await;
    }
    if lie == Lie::EndlessLines {
        // NOOP is what it floods; after a change of network the line is asked whether it lives.
        story.engine.sync(Some(bad), true).await.unwrap();
        story.engine.network_changed();
        liar.wait_for_command("NOOP", 1, SOON).await.unwrap();
    }
    for n in 1..=3 {
        honest.deliver("INBOX", &mail(n, &format!("honest {n}"), "text"));
        story.counts(inbox, n as usize).await;
    }
    story
        .state(good, "connected", |s| matches!(s, AccountState::Connected { .. }))
        .await;
    // At most one session in each 50 ms, doubled up to 400 ms: the back-off holds.
    let most = started.elapsed().as_millis() / 40 + 10;
    assert!(
        (liar.sessions() as u128) < most,
        "{lie:?}: {} sessions in {:?}",
        liar.sessions(),
        started.elapsed()
    );
    let grown = resident().saturating_sub(before) / 1024;
    assert!(grown < 150, "{lie:?}: {grown} MiB more");

    liar.change_quirks(|quirks| quirks.lies.clear());
    liar.disconnect_all();
    let inbox = story.folder_of(bad, Role::Inbox).await.id;
    story.counts(inbox, 5).await;
    eprintln!(
        "{lie:?}: {:?}, {} sessions, {grown} MiB more at most",
        started.elapsed(),
        liar.sessions()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_line_is_bounded() {
    beside_a_liar(Lie::EndlessLine, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_lines_are_bounded() {
    beside_a_liar(Lie::EndlessLines, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_literal_of_four_gigabytes_is_bounded() {
    beside_a_liar(Lie::HugeLiteral, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_after_ok_is_no_end() {
    beside_a_liar(Lie::GarbageAfterOk, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_goodbye_in_the_middle_of_a_mail_is_met_by_waiting() {
    beside_a_liar(Lie::ByeMidFetch, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_cut_in_the_middle_of_a_mail_is_met_by_waiting() {
    beside_a_liar(Lie::CutMidFetch, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_billion_mails_that_are_not_there_are_no_end() {
    beside_a_liar(Lie::HugeExists, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_under_uid_zero_come_once_they_have_numbers() {
    beside_a_liar(Lie::UidZero, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_structure_of_a_hundred_thousand_levels_is_no_end() {
    beside_a_liar(Lie::DeepStructure, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_sizes_are_lived_with() {
    let server = sim(Quirks::liar(&[Lie::WrongSizes]));
    server.deliver("INBOX", &mail(1, "one", "all the words of this mail"));
    let mut story = Story::begin().await;
    story.imap_account(ZHANGSAN, server.port()).await;
    let inbox = story.folder(Role::Inbox).await.id;
    story.counts(inbox, 1).await;
    let id = story.ids(inbox).await["one"];
    assert!(story.text(id).await.contains("all the words of this mail"));
    story
        .engine
        .act(ActParams {
            mails: vec![id],
            action: Action::Archive,
        })
        .await
        .unwrap();
    story.settled().await;
    assert_eq!((server.uids("INBOX").len(), server.uids("Archive").len()), (0, 1));
    assert!(matches!(story.tell().await, Tell::Withdraw { .. }));
    // Another mail is told of as ever.
    server.deliver("INBOX", &mail(2, "two", "text"));
    assert!(matches!(story.tell().await, Tell::Mails { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_password_later_is_no_storm() {
    let server = sim(Quirks::plain());
    let mut story = Story::begin().await;
    let account = story.imap_account(ZHANGSAN, server.port()).await.id;
    story.engine.sync(None, true).await.unwrap();
    server.set_password("another");
    server.disconnect_all();
    story
        .state(account, "sign-in needed", |s| {
            matches!(s, AccountState::SignInNeeded { .. })
        })
        .await;
    let logins = server.commands("LOGIN") + server.commands("AUTHENTICATE");
    story.engine.network_changed();
    let another = server.wait_until(Duration::from_secs(1), |s| {
        s.commands("LOGIN") + s.commands("AUTHENTICATE") > logins
    });
    assert!(
        another.await.is_err(),
        "a change of network says nothing about a password"
    );
    server.set_password(PASSWORD);
    story.engine.sync(None, false).await.unwrap();
    story
        .state(account, "connected", |s| matches!(s, AccountState::Connected { .. }))
        .await;
    server.wait_until(SOON, |s| s.open_sessions() > 0).await.unwrap();
}

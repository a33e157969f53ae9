//! Folders that change their identity, several accounts, and large mailboxes, on a real Dovecot.
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

use std::time::Duration;

use qiyou_api::*;
use qiyou_engine::Tell;
use qiyou_testkit::dovecot::{Dovecot, Options};
use qiyou_testkit::fault::FaultProxy;
use qiyou_testkit::imap_sim::Quirks;
use qiyou_testkit::mailbox;
use story::{EVERY_MODE, PASSWORD, Story, ZHANGSAN, dovecot, mail, sim};

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_made_anew_with_the_same_mails_keeps_them() {
    for (mode, without) in EVERY_MODE {
        let server = dovecot(without).await;
        let mut raw = server.session(ZHANGSAN).await.unwrap();
        raw.ok("CREATE Projects").await.unwrap();
        for n in 1..=30 {
            server
                .save(ZHANGSAN, "Projects", &mail(n, &format!("mail {n}"), "text"), "")
                .await
                .unwrap();
        }
        let proxy = FaultProxy::start(server.imap_port()).unwrap();
        let mut story = Story::begin().await;
        story.account(proxy.port(), server.submission_port()).await;
        story.engine.sync(None, true).await.unwrap();
        let folder = story
            .eventually("the folder", |engine| async move {
                engine
                    .folders(None)
                    .await
                    .unwrap()
                    .into_iter()
                    .find(|f| f.name == "Projects")
            })
            .await
            .id;
        story.counts(folder, 30).await;
        let ids = story.ids(folder).await;

        // While nobody looks: another folder of the same name, with most of the mails in another order and a new one.
        proxy.refuse(true);
        proxy.cut_now();
        raw.ok("DELETE Projects").await.unwrap();
        raw.ok("CREATE Projects").await.unwrap();
        for n in (3..=31).rev() {
            server
                .save(ZHANGSAN, "Projects", &mail(n, &format!("mail {n}"), "text"), "")
                .await
                .unwrap();
        }
        proxy.heal();
        story.engine.network_changed();
        story
            .eventually("the new mail", |engine| async move {
                let rows = story::rows_of(&engine, folder).await;
                (rows.len() == 29 && rows.iter().any(|r| r.subject == "mail 31")).then_some(())
            })
            .await;
        let mut now = story.ids(folder).await;
        now.remove("mail 31").unwrap();
        for (subject, id) in &now {
            assert_eq!(ids[subject], *id, "{mode:?}: {subject} is another mail");
        }
        assert_eq!(now.len(), 28);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_accounts_are_at_work_at_once() {
    let people = [ZHANGSAN, "lisi@huadong-tech.example", "wangwu@huadong-tech.example"];
    let options = Options::for_user(people[0], PASSWORD)
        .and_user(people[1], PASSWORD)
        .and_user(people[2], PASSWORD);
    let server = Dovecot::start(options).await.unwrap();
    let mut story = Story::begin().await;
    let mut accounts = Vec::new();
    for person in people {
        accounts.push(story.imap_account(person, server.imap_port()).await.id);
    }
    story.engine.sync(None, true).await.unwrap();
    for (n, person) in people.iter().enumerate() {
        server
            .deliver(person, &mail(1, &format!("for {n}"), "text"))
            .await
            .unwrap();
    }
    let mut told = Vec::new();
    for _ in people {
        let Tell::Mails { account, mails } = story.tell().await else {
            panic!("a bubble was expected")
        };
        told.push((account, mails[0].row.subject.clone()));
    }
    told.sort();
    let expected: Vec<_> = accounts
        .iter()
        .enumerate()
        .map(|(n, id)| (*id, format!("for {n}")))
        .collect();
    assert_eq!(told, expected);

    // The order that a person gives them outlives a restart.
    let order = vec![accounts[2], accounts[0], accounts[1]];
    story.engine.order(order.clone()).await.unwrap();
    let mut story = story.again().await;
    let shown = story.engine.accounts().await.unwrap();
    assert_eq!(shown.iter().map(|a| a.id).collect::<Vec<_>>(), order);
    assert_eq!(shown.iter().map(|a| a.position).collect::<Vec<_>>(), [0, 1, 2]);
    story.engine.sync(None, true).await.unwrap();

    // One is removed with its mails; the others stay.
    story.engine.remove(accounts[1]).await.unwrap();
    assert_eq!(
        story
            .engine
            .accounts()
            .await
            .unwrap()
            .iter()
            .map(|a| a.id)
            .collect::<Vec<_>>(),
        [accounts[2], accounts[0]]
    );
    server.deliver(people[2], &mail(2, "still", "text")).await.unwrap();
    assert!(
        matches!(story.tell().await, Tell::Withdraw { .. }),
        "the bubble of the account that went"
    );
    assert!(matches!(story.tell().await, Tell::Mails { account, .. } if account == accounts[2]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_five_thousand_the_newest_hundred_come_first_and_no_text_is_fetched_that_nobody_wants() {
    let dir = tempfile::tempdir().unwrap();
    let maildir = dir.path().join("Maildir");
    let made = mailbox::generate(
        &maildir,
        &mailbox::Options {
            messages: 5000,
            ..mailbox::Options::default()
        },
    )
    .unwrap();
    let mut options = Options::for_user(ZHANGSAN, PASSWORD);
    options.prepared.push((ZHANGSAN.into(), maildir));
    let server = Dovecot::start(options).await.unwrap();
    let mut story = Story::begin().await;
    story
        .engine
        .set_settings(Settings {
            prefetch_months: 0,
            ..Settings::default()
        })
        .await
        .unwrap();
    // From here on every event counts.
    story.events = story.engine.subscribe();
    story.account(server.imap_port(), server.submission_port()).await;
    let inbox_total = made.folders.iter().find(|(name, _)| name == "INBOX").unwrap().1;
    let mut progress: Vec<(FolderId, u32, u32)> = Vec::new();
    let limit = Duration::from_mins(1);
    let all = tokio::time::timeout(limit, async {
        let mut done = std::collections::BTreeMap::new();
        while done.values().sum::<u32>() < u32::try_from(made.messages()).unwrap() {
            match story.events.recv().await {
                Ok(event) => {
                    if let Event::SyncProgress {
                        folder,
                        done: here,
                        total,
                        ..
                    } = event.1
                    {
                        progress.push((folder, here, total));
                        done.insert(folder, here);
                    }
                }
                Err(error) => panic!("{error}"),
            }
        }
    });
    all.await.expect("all rows in time");
    let inbox = story.folder(Role::Inbox).await.id;
    assert_eq!(
        progress[0],
        (inbox, 100, u32::try_from(inbox_total).unwrap()),
        "the newest of the inbox first"
    );
    let filled = progress
        .iter()
        .position(|(f, done, total)| *f == inbox && done == total)
        .unwrap();
    // The rest of the inbox comes before the rest of any other folder.
    assert!(
        progress[..filled]
            .iter()
            .all(|(f, done, _)| *f == inbox || *done <= 100),
        "{progress:?}"
    );
    story.engine.sync(None, true).await.unwrap();
    let mut rows = 0;
    for folder in story.engine.folders(None).await.unwrap() {
        let params = ListParams {
            scope: Scope::Folder { folder: folder.id },
            filter: Filter::All,
            sort: qiyou_api::Sort::default(),
            offset: 0,
            limit: 500,
        };
        let list = story.engine.list(params).await.unwrap();
        rows += list.total as usize;
        assert!(
            list.rows.iter().all(|row| row.preview.is_empty()),
            "a text was fetched that nobody wanted"
        );
    }
    assert_eq!(rows, made.messages());
    assert!(story.silent(), "a first sync is no news");
    let newest = story.rows(inbox).await.remove(0).id;
    assert!(!story.text(newest).await.is_empty(), "on demand it comes");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_of_the_last_months_come_many_to_a_round_trip() {
    let server = sim(Quirks::plain());
    let large = "长文".repeat(60_000);
    for n in 1..=100 {
        let text = if n == 50 { large.clone() } else { format!("text of {n}") };
        server.deliver("INBOX", &mail(n, &format!("mail {n}"), &text));
    }
    let mut story = Story::begin().await;
    story.imap_account(ZHANGSAN, server.port()).await;
    let inbox = story.folder(Role::Inbox).await.id;
    story.counts(inbox, 100).await;
    story
        .eventually("all first words", |engine| async move {
            let rows = story::rows_of(&engine, inbox).await;
            rows.iter().all(|row| !row.preview.is_empty()).then_some(())
        })
        .await;
    let ids = story.ids(inbox).await;
    assert!(story.text(ids["mail 7"]).await.contains("text of 7"));
    assert!(
        story.text(ids["mail 50"]).await.contains("长文长文"),
        "a large one comes alone, and whole"
    );
    let asked = server.log().iter().filter(|line| line.contains("BODY.PEEK[1]")).count();
    assert!(asked <= 12, "{asked} round trips for 100 texts");
}

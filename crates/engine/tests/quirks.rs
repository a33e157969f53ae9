//! The engine against servers that do things otherwise.
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
use std::time::Duration;

use qiyou_api::*;
use qiyou_engine::{Pace, Tell};
use qiyou_testkit::fault::{Direction, FaultProxy};
use qiyou_testkit::imap_sim::{ImapSim, Quirks};
use story::{Story, ZHANGSAN, brisk, mail, sim};

const SOON: Duration = Duration::from_secs(15);

/// Message numbers (as [`mail`] writes them) of a folder on the server, rising.
fn on_server(server: &ImapSim, folder: &str) -> Vec<u32> {
    let mut out: Vec<u32> = server
        .uids(folder)
        .into_iter()
        .map(|uid| {
            let raw = String::from_utf8(server.raw(folder, uid).unwrap()).unwrap();
            let id = raw.split_once("<m").unwrap().1;
            id.split_once('@').unwrap().0.parse().unwrap()
        })
        .collect();
    out.sort_unstable();
    out
}

fn act(mails: Vec<MailId>, action: Action) -> ActParams {
    ActParams { mails, action }
}

/// Bubbles say these subjects, in this order, and nothing else so far.
async fn told(story: &mut Story, subjects: &[&str]) {
    for subject in subjects {
        match story.tell().await {
            Tell::Mails { mails, .. } => {
                assert_eq!(
                    mails.iter().map(|m| m.row.subject.as_str()).collect::<Vec<_>>(),
                    [*subject]
                );
            }
            other => panic!("instead of {subject}: {other:?}"),
        }
    }
    assert!(story.silent());
}

#[tokio::test(flavor = "multi_thread")]
async fn coremail_is_signed_in_to_polled_on_one_line_and_told_of() {
    let server = sim(Quirks::coremail());
    for n in 1..=3 {
        server.deliver("INBOX", &mail(n, &format!("old {n}"), "text"));
    }
    let mut story = Story::begin().await;
    let account = story.imap_account(ZHANGSAN, server.port()).await.id;
    let inbox = story.folder(Role::Inbox).await.id;
    story.shows(inbox, &["old 3", "old 2", "old 1"]).await;
    story
        .state(account, "polled", |s| {
            *s == AccountState::Connected { watch: WatchMode::Poll }
        })
        .await;
    for role in [Role::Drafts, Role::Sent, Role::Trash, Role::Junk] {
        story.folder(role).await;
    }
    story.engine.sync(None, true).await.unwrap();

    let uid = server.deliver("INBOX", &mail(4, "new", "first words"));
    assert!(uid > 1_700_000_000);
    told(&mut story, &["new"]).await;
    let id = story.ids(inbox).await["new"];
    assert!(story.text(id).await.contains("first words"));

    // What it takes in an hour, from what the last rounds took.
    let names = ["NOOP", "UID FETCH", "UID SEARCH", "STATUS", "SELECT"];
    let count = || names.map(|name| server.commands(name));
    let before = count();
    server.wait_for_command("NOOP", before[0] + 12, SOON).await.unwrap();
    let after = count();
    let rounds = after[0] - before[0];
    let per_hour = |at: usize| (after[at] - before[at]) * 240 / rounds;
    let hour: BTreeMap<&str, usize> = names
        .iter()
        .copied()
        .zip((0..).map(per_hour).take(names.len()))
        .collect();
    // STATUS goes out at another pace here (500 ms to 300 ms) than in life (60 s to 15 s).
    let status = hour["STATUS"] * 500 / 300 / 4;
    let sum: usize = hour
        .iter()
        .filter(|(name, _)| **name != "STATUS")
        .map(|(_, n)| n)
        .sum::<usize>()
        + status;
    eprintln!("Coremail, commands per hour: {hour:?}, STATUS at its own pace {status}, together about {sum}");
    assert!(sum < 2_000, "{sum}");

    let log = server.log();
    let place = |needle: &str| log.iter().position(|line| line.contains(needle)).unwrap();
    assert!(
        place("LOGIN") < place(" ID (") && place(" ID (") < place("SELECT"),
        "{log:?}"
    );
    assert!(
        !log.iter()
            .any(|line| line.contains("AUTHENTICATE") || line.contains(" IDLE")),
        "{log:?}"
    );
    assert!(server.max_concurrent() <= 2);
    assert_eq!(server.resets(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn coremail_s_autologout_is_put_off_and_survived_and_nothing_is_told_twice() {
    let mut quirks = Quirks::coremail();
    quirks.autologout = Some(Duration::from_secs(1));
    let server = sim(quirks);
    let mut story = Story::begin().await;
    let account = story.imap_account(ZHANGSAN, server.port()).await.id;
    story.engine.sync(None, true).await.unwrap();
    let sessions = server.sessions();
    server.wait_for_command("NOOP", 8, SOON).await.unwrap();
    assert_eq!(server.sessions(), sessions, "NOOP keeps the session alive");

    server.deliver("INBOX", &mail(1, "one", "text"));
    told(&mut story, &["one"]).await;
    while story.events.try_recv().is_ok() {}
    server.change_quirks(|quirks| quirks.autologout = Some(Duration::from_millis(60)));
    server
        .wait_until(SOON, |s| s.sessions() > sessions || s.open_sessions() == 0)
        .await
        .unwrap();
    server.change_quirks(|quirks| quirks.autologout = Some(Duration::from_secs(1)));
    server.wait_until(SOON, |s| s.sessions() > sessions).await.unwrap();
    server.deliver("INBOX", &mail(2, "two", "text"));
    told(&mut story, &["two"]).await;
    story
        .state(account, "connected", |s| matches!(s, AccountState::Connected { .. }))
        .await;
    while let Ok(event) = story.events.try_recv() {
        if let Event::AccountChanged { account } = &event.1 {
            assert!(
                !matches!(account.state, AccountState::Offline { .. }),
                "another session at once"
            );
        }
    }
    assert_eq!(server.resets(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_coremail_mails_are_moved_by_copy_and_flags_from_elsewhere_come_in() {
    let server = sim(Quirks::coremail());
    for n in 1..=4 {
        server.deliver("INBOX", &mail(n, &format!("mail {n}"), "text"));
    }
    server.deliver("订阅邮件", &mail(9, "elsewhere", "text"));
    // A foreign mail that somebody marked: it must outlive all that is done here.
    let foreign = server.deliver("INBOX", &mail(5, "marked", "text"));
    server.set_flags("INBOX", foreign, &["\\Deleted"]);
    let mut story = Story::begin_at(Pace {
        sweep: Duration::from_secs(1),
        ..brisk()
    })
    .await;
    let account = story.imap_account(ZHANGSAN, server.port()).await.id;
    let inbox = story.folder(Role::Inbox).await.id;
    story.counts(inbox, 5).await;
    let made = FolderCreateParams {
        account,
        parent: None,
        name: "归档".into(),
    };
    let archive = story.engine.create_folder(made).await.unwrap();
    assert_eq!(archive.role, Role::Archive);
    let ids = story.ids(inbox).await;
    story
        .engine
        .act(act(vec![ids["mail 1"]], Action::MarkRead))
        .await
        .unwrap();
    story.engine.act(act(vec![ids["mail 1"]], Action::Star)).await.unwrap();
    story
        .engine
        .act(act(vec![ids["mail 2"]], Action::Archive))
        .await
        .unwrap();
    story
        .engine
        .act(act(vec![ids["mail 3"]], Action::Delete { confirmed: false }))
        .await
        .unwrap();
    story.settled().await;
    assert_eq!(on_server(&server, "INBOX"), [1, 4, 5]);
    assert_eq!(on_server(&server, "归档"), [2]);
    assert_eq!(on_server(&server, "已删除"), [3]);
    let mut flags = server.flags("INBOX", server.uids("INBOX")[0]).unwrap();
    flags.sort();
    assert_eq!(flags, ["\\Flagged", "\\Seen"]);
    assert_eq!(server.commands("UID MOVE") + server.commands("EXPUNGE"), 0);
    assert!(server.commands("UID COPY") >= 2 && server.commands("UID EXPUNGE") >= 2);
    story.engine.sync(None, true).await.unwrap();
    assert_eq!(story.ids(archive.id).await["mail 2"], ids["mail 2"]);

    // Read elsewhere in the inbox, starred elsewhere in a folder whose numbers do not change by that.
    server.set_flags("INBOX", server.uids("INBOX")[1], &["\\Seen"]);
    server.set_flags("订阅邮件", server.uids("订阅邮件")[0], &["\\Flagged"]);
    story
        .eventually("both flags", |engine| async move {
            let all = engine.folders(None).await.unwrap();
            let mut rows = Vec::new();
            for folder in all {
                rows.extend(story::rows_of(&engine, folder.id).await);
            }
            let read = rows.iter().any(|r| r.subject == "mail 4" && !r.unread);
            let starred = rows.iter().any(|r| r.subject == "elsewhere" && r.starred);
            (read && starred).then_some(())
        })
        .await;
    server.remove("INBOX", server.uids("INBOX")[1]);
    story.counts(inbox, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_by_copy_that_breaks_off_anywhere_is_finished_and_never_doubled() {
    const MAILS: u32 = 24;
    let server = sim(Quirks::coremail());
    for n in 1..=MAILS {
        server.deliver("INBOX", &mail(n, &format!("mail {n}"), "text"));
    }
    let proxy = FaultProxy::start(server.port()).unwrap();
    let mut story = Story::begin().await;
    story.imap_account(ZHANGSAN, proxy.port()).await;
    let inbox = story.folder(Role::Inbox).await.id;
    story.counts(inbox, MAILS as usize).await;
    story.engine.sync(None, true).await.unwrap();
    let ids = story.ids(inbox).await;
    for n in 1..=MAILS {
        // From before the first command of the move to behind its last.
        proxy.cut_after(Direction::Up, u64::from(n) * 16);
        let one = act(vec![ids[&format!("mail {n}")]], Action::Delete { confirmed: false });
        story.engine.act(one).await.unwrap();
        story.settled().await;
        assert_eq!(
            on_server(&server, "已删除"),
            (1..=n).collect::<Vec<_>>(),
            "{:#?}",
            server.log()
        );
    }
    assert_eq!(on_server(&server, "INBOX"), Vec::<u32>::new());
    assert!(
        proxy.connections() > MAILS as usize / 2,
        "lines were cut: {}",
        proxy.connections()
    );
    proxy.heal();
    story.engine.sync(None, true).await.unwrap();
    let trash = story.folder(Role::Trash).await.id;
    story.counts(trash, MAILS as usize).await;
    assert_eq!(story.ids(trash).await, ids, "each still is the mail that it was");
}

/// Sets that QQ answers with `UID parameters!`.
fn odd_set(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace().skip_while(|word| *word != "UID").skip(1);
    let (Some(verb), Some(set)) = (words.next(), words.next()) else {
        return false;
    };
    let number = |text: &str| {
        if text == "*" {
            Some(u32::MAX)
        } else {
            text.parse::<u32>().ok()
        }
    };
    ["FETCH", "STORE", "COPY", "EXPUNGE"].contains(&verb)
        && set.split(',').any(|range| match range.split_once(':') {
            Some((low, high)) => number(low).is_none_or(|l| l == 0 || number(high).is_none_or(|h| l > h)),
            None => range == "*" || number(range).is_none_or(|n| n == 0),
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn qq_s_new_numbers_are_seen_through_and_a_hundred_deletes_hit_none_that_was_not_meant() {
    const MAILS: u32 = 240;
    let server = sim(Quirks::qq());
    for n in 1..=MAILS {
        server.deliver("INBOX", &mail(n, &format!("mail {n}"), &format!("words of {n}")));
    }
    let proxy = FaultProxy::start(server.port()).unwrap();
    let mut story = Story::begin().await;
    let account = story.imap_account(ZHANGSAN, proxy.port()).await.id;
    let inbox = story.folder(Role::Inbox).await.id;
    story.counts(inbox, MAILS as usize).await;
    story
        .state(account, "idle", |s| {
            *s == AccountState::Connected { watch: WatchMode::Idle }
        })
        .await;
    // Texts are fetched in the background; then nothing is left to be downloaded.
    server
        .wait_until(Duration::from_secs(30), |s| s.commands("IDLE") > 0)
        .await
        .unwrap();
    let ids = story.ids(inbox).await;
    // The question for mail that is newer than the newest (`241:*`) is none for mails that are here.
    let download = |l: &&String| (l.contains("BODYSTRUCTURE") && !l.contains(":* ")) || l.contains("BODY.PEEK[1]");
    let downloads = || server.log().iter().filter(download).count();
    let before = downloads();
    assert!(before > 10, "rows and texts, twenty to a round trip");

    server.renumber("INBOX");
    let idles = server.commands("IDLE");
    server.wait_until(SOON, |s| s.commands("IDLE") > idles).await.unwrap();
    story.engine.sync(None, true).await.unwrap();
    assert_eq!(story.ids(inbox).await, ids, "each still is the mail that it was");
    for n in [1, 100, MAILS] {
        let id = ids[&format!("mail {n}")];
        assert!(story.text(id).await.contains(&format!("words of {n}")));
    }
    assert_eq!(
        downloads(),
        before,
        "nothing was downloaded again: {:?}",
        server.log().iter().rfind(download)
    );

    // Offline: a hundred deletes, some of them starred or read before; meanwhile the numbers change once more.
    proxy.refuse(true);
    proxy.cut_now();
    story
        .state(account, "offline", |s| !matches!(s, AccountState::Connected { .. }))
        .await;
    let chosen: Vec<u32> = (1..=MAILS).filter(|n| n % 12 < 5).collect();
    assert_eq!(chosen.len(), 100);
    for (at, n) in chosen.iter().enumerate() {
        let id = ids[&format!("mail {n}")];
        match at % 5 {
            0 => drop(story.engine.act(act(vec![id], Action::Star)).await.unwrap()),
            1 => drop(story.engine.act(act(vec![id], Action::MarkRead)).await.unwrap()),
            _ => {}
        }
        story
            .engine
            .act(act(vec![id], Action::Delete { confirmed: false }))
            .await
            .unwrap();
    }
    server.renumber("INBOX");
    proxy.heal();
    story.engine.network_changed();
    story.settled().await;
    let kept: Vec<u32> = (1..=MAILS).filter(|n| n % 12 >= 5).collect();
    assert_eq!(on_server(&server, "Deleted Messages"), chosen);
    assert_eq!(on_server(&server, "INBOX"), kept);
    let starred = server
        .uids("Deleted Messages")
        .into_iter()
        .filter(|uid| {
            server
                .flags("Deleted Messages", *uid)
                .unwrap()
                .contains(&"\\Flagged".to_owned())
        })
        .count();
    assert_eq!(starred, 20, "no operation was lost on the way");
    story.engine.sync(None, true).await.unwrap();
    let trash = story.folder(Role::Trash).await.id;
    story.counts(trash, chosen.len()).await;
    story.counts(inbox, kept.len()).await;
    for (subject, id) in story.ids(trash).await {
        assert_eq!(ids[&subject], id);
    }
    assert_eq!(server.log().iter().find(|line| odd_set(line)), None, "UID parameters!");
}

#[tokio::test(flavor = "multi_thread")]
async fn exchange_s_folders_and_its_broken_structures_are_understood() {
    let server = sim(Quirks::exchange());
    let forwarded = "From: lisi@huadong-tech.example\r\nSubject: forwarded\r\nMessage-ID: <f@huadong-tech.example>\r\n\
        MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n\
        see below\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner words\r\n--x--\r\n";
    server.deliver("INBOX", forwarded.as_bytes());
    server.deliver("INBOX", &mail(1, "plain", "plain words"));
    let mut story = Story::begin().await;
    let account = story.imap_account(ZHANGSAN, server.port()).await.id;
    let inbox = story.folder(Role::Inbox).await.id;
    story.shows(inbox, &["plain", "forwarded"]).await;
    story
        .state(account, "idle", |s| {
            *s == AccountState::Connected { watch: WatchMode::Idle }
        })
        .await;
    let ids = story.ids(inbox).await;
    let text = story.text(ids["forwarded"]).await;
    assert!(text.contains("see below"), "{text}");
    assert!(story.text(ids["plain"]).await.contains("plain words"));
    // What was cleared comes again, though the server describes it no better than the first time.
    story.engine.clear_storage().await.unwrap();
    assert!(story.text(ids["plain"]).await.contains("plain words"));
    assert!(story.text(ids["forwarded"]).await.contains("see below"));
    let roles: BTreeMap<String, Role> = story
        .engine
        .folders(None)
        .await
        .unwrap()
        .into_iter()
        .map(|f| (f.name, f.role))
        .collect();
    for (name, role) in [
        ("已发送邮件", Role::Sent),
        ("草稿", Role::Drafts),
        ("已删除邮件", Role::Trash),
        ("垃圾邮件", Role::Junk),
        ("存档", Role::Archive),
        ("日历", Role::None),
    ] {
        assert_eq!(roles[name], role, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn aliyun_s_folders_are_told_by_xlist() {
    let server = sim(Quirks::aliyun());
    let mut story = Story::begin().await;
    story.imap_account(ZHANGSAN, server.port()).await;
    for (role, name) in [
        (Role::Drafts, "草稿"),
        (Role::Sent, "已发送"),
        (Role::Trash, "已删除邮件"),
        (Role::Junk, "垃圾邮件"),
    ] {
        assert_eq!(story.folder(role).await.name, name);
    }
    story.engine.sync(None, true).await.unwrap();
    server.deliver("INBOX", &mail(1, "new", "text"));
    told(&mut story, &["new"]).await;
    assert!(server.commands("XLIST") > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_followed_folder_is_watched_within_the_limit_and_gives_way_to_reading() {
    let server = sim(Quirks::exchange());
    server.deliver("INBOX", &mail(1, "to read", "words to read"));
    // Nothing is asked for in the time of this story: what is told of was pushed.
    let pace = Pace {
        inbox: Duration::from_hours(1),
        others: Duration::from_hours(1),
        ..brisk()
    };
    let mut story = Story::begin_at(pace).await;
    story
        .engine
        .set_settings(Settings {
            prefetch_months: 0,
            ..Settings::default()
        })
        .await
        .unwrap();
    let account = story.imap_account(ZHANGSAN, server.port()).await.id;
    story.engine.sync(None, true).await.unwrap();
    server.wait_until(SOON, |s| s.commands("IDLE") > 0).await.unwrap();
    let archive = story.folder(Role::Archive).await.id;
    let inbox = story.folder(Role::Inbox).await.id;
    let follow = |on| FolderUpdateParams {
        folder: archive,
        followed: Some(on),
        telling: Some(Telling::Bubble),
        ..FolderUpdateParams::default()
    };
    story.engine.update_folder(follow(true)).await.unwrap();
    server
        .wait_until(SOON, |s| {
            s.log()
                .iter()
                .any(|l| l.starts_with(&s.sessions().to_string()) && l.contains(" IDLE"))
                && s.open_sessions() == 2
        })
        .await
        .unwrap();
    server.deliver("存档", &mail(2, "pushed", "text"));
    told(&mut story, &["pushed"]).await;
    let pushed = server.uids("存档")[0];
    server.set_flags("存档", pushed, &["\\Seen"]);
    assert!(matches!(story.tell().await, Tell::Withdraw { .. }));
    server.remove("存档", pushed);
    story.counts(archive, 0).await;

    // Reading needs a session: the limit of an unknown provider is two, so the watcher goes for that time.
    let id = story.ids(inbox).await["to read"];
    assert!(story.text(id).await.contains("words to read"));
    assert_eq!(server.max_concurrent(), 2);

    story.engine.update_folder(follow(false)).await.unwrap();
    story
        .state(account, "connected", |s| matches!(s, AccountState::Connected { .. }))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_provider_bears_five_sessions_and_not_one_more() {
    let mut quirks = Quirks::exchange();
    quirks.folders.extend((1..=6).map(|n| (format!("项目{n}"), None)));
    let server = sim(quirks);
    server.deliver("INBOX", &mail(1, "to read", "words to read"));
    let pace = Pace {
        inbox: Duration::from_hours(1),
        others: Duration::from_hours(1),
        ..brisk()
    };
    let mut story = Story::begin_at(pace).await;
    let quiet = Settings {
        prefetch_months: 0,
        ..Settings::default()
    };
    story.engine.set_settings(quiet).await.unwrap();
    let account = story.imap_account(ZHANGSAN, server.port()).await;
    let mut known = account.settings.clone();
    known.provider = "office365".into();
    let change = UpdateParams {
        account: account.id,
        settings: Some(known),
        ..UpdateParams::default()
    };
    story.engine.update(change).await.unwrap();
    story.engine.sync(None, true).await.unwrap();
    let folders = story.engine.folders(None).await.unwrap();
    for folder in folders.iter().filter(|f| f.name.starts_with("项目")) {
        let follow = FolderUpdateParams {
            folder: folder.id,
            followed: Some(true),
            telling: Some(Telling::Bubble),
            ..FolderUpdateParams::default()
        };
        story.engine.update_folder(follow).await.unwrap();
    }
    server.wait_until(SOON, |s| s.open_sessions() == 5).await.unwrap();
    // Watched are the inbox and four of the six; a reader takes the place of one of these.
    let inbox = story.folder(Role::Inbox).await.id;
    let id = story.ids(inbox).await["to read"];
    assert!(story.text(id).await.contains("words to read"));
    assert_eq!(server.max_concurrent(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfollowed_folder_s_session_ends_and_a_refused_one_does_no_harm() {
    let mut quirks = Quirks::exchange();
    quirks.max_sessions = Some(1);
    let server = sim(quirks);
    let mut story = Story::begin().await;
    story.imap_account(ZHANGSAN, server.port()).await;
    story.engine.sync(None, true).await.unwrap();
    let archive = story.folder(Role::Archive).await.id;
    let follow = |on| FolderUpdateParams {
        folder: archive,
        followed: Some(on),
        telling: Some(Telling::Bubble),
        ..FolderUpdateParams::default()
    };
    story.engine.update_folder(follow(true)).await.unwrap();
    server.wait_until(SOON, |s| s.resets() > 0).await.ok();
    server.deliver("存档", &mail(1, "polled", "text"));
    told(&mut story, &["polled"]).await;
    server.deliver("INBOX", &mail(2, "pushed", "text"));
    told(&mut story, &["pushed"]).await;
    assert_eq!(server.max_concurrent(), 1);

    server.change_quirks(|quirks| quirks.max_sessions = None);
    server.wait_until(SOON, |s| s.open_sessions() == 2).await.unwrap();
    story.engine.update_folder(follow(false)).await.unwrap();
    server.wait_until(SOON, |s| s.open_sessions() == 1).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_keeps_no_keywords_is_told_of_receipts_in_vain_and_nobody_is_bothered() {
    let mut quirks = Quirks::coremail();
    quirks.refuse_keywords = true;
    let server = sim(quirks);
    let mut story = Story::begin().await;
    story.imap_account(ZHANGSAN, server.port()).await;
    let inbox = story.folder(Role::Inbox).await.id;
    let raw = String::from_utf8(mail(1, "read me", "text")).unwrap();
    let raw = format!("Disposition-Notification-To: lisi@huadong-tech.example\r\n{raw}");
    server.deliver("INBOX", raw.as_bytes());
    story.shows(inbox, &["read me"]).await;
    let id = story.ids(inbox).await["read me"];
    let asked = story.engine.mail(id).await.unwrap().receipt;
    assert!(asked.is_some());
    let params = ReceiptParams {
        mail: id,
        send: false,
        automatic: false,
        subject: String::new(),
        text: String::new(),
    };
    story.engine.mail_receipt(params).await.unwrap();
    story.settled().await;
    story.engine.sync(None, true).await.unwrap();
    assert_eq!(
        story.engine.mail(id).await.unwrap().receipt,
        None,
        "what was decided stays"
    );
    while let Ok(event) = story.events.try_recv() {
        assert!(!matches!(event.1, Event::OperationFailed { .. }), "{event:?}");
    }
    assert!(server.commands("UID STORE") >= 1);
}

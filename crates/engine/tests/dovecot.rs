//! The engine against a real Dovecot, in each way of watching.
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

use qiyou_api::*;
use qiyou_engine::Tell;
use story::{EVERY_MODE, Story, ZHANGSAN, dovecot, mail};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_is_listed_and_what_comes_is_told_with_its_first_words() {
    for (mode, without) in EVERY_MODE {
        let server = dovecot(without).await;
        for n in 1..=5 {
            server
                .deliver(ZHANGSAN, &mail(n, &format!("old {n}"), "seen before"))
                .await
                .unwrap();
        }
        let mut story = Story::begin().await;
        story.account(server.imap_port(), server.submission_port()).await;
        let inbox = story.folder(Role::Inbox).await.id;
        story.shows(inbox, &["old 5", "old 4", "old 3", "old 2", "old 1"]).await;
        story
            .eventually("connected", |engine| async move {
                let state = engine.accounts().await.unwrap().remove(0).state;
                (state == AccountState::Connected { watch: mode }).then_some(())
            })
            .await;

        server
            .deliver(ZHANGSAN, &mail(6, "new", "验收安排在周四下午两点"))
            .await
            .unwrap();
        let Tell::Mails { mails, .. } = story.tell().await else {
            panic!("{mode:?}: another bubble was expected")
        };
        assert_eq!(mails.len(), 1, "{mode:?}");
        assert_eq!(mails[0].row.subject, "new");
        assert_eq!(mails[0].row.from.name, "李四");
        assert_eq!(mails[0].row.preview, "验收安排在周四下午两点");
        assert_eq!(story.rows(inbox).await.len(), 6);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_in_another_folder_is_told_of_too() {
    for (mode, without) in EVERY_MODE {
        let server = dovecot(without).await;
        let mut story = Story::begin().await;
        story.account(server.imap_port(), server.submission_port()).await;
        server
            .session(ZHANGSAN)
            .await
            .unwrap()
            .ok("CREATE Projects")
            .await
            .unwrap();
        story.engine.sync(None, true).await.unwrap();
        story
            .eventually("the folder", |engine| async move {
                engine
                    .folders(None)
                    .await
                    .unwrap()
                    .into_iter()
                    .find(|f| f.name == "Projects")
            })
            .await;
        story.engine.sync(None, true).await.unwrap();
        server
            .save(ZHANGSAN, "Projects", &mail(1, "in a project", "text"), "")
            .await
            .unwrap();
        let Tell::Mails { mails, .. } = story.tell().await else {
            panic!("{mode:?}")
        };
        assert_eq!(mails[0].row.subject, "in a project", "{mode:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_and_deletions_made_elsewhere_come_in_and_take_the_bubble_away() {
    for (mode, without) in EVERY_MODE {
        let server = dovecot(without).await;
        let mut story = Story::begin().await;
        story.account(server.imap_port(), server.submission_port()).await;
        let inbox = story.folder(Role::Inbox).await.id;
        story.engine.sync(None, true).await.unwrap();
        server.deliver(ZHANGSAN, &mail(1, "one", "text")).await.unwrap();
        assert!(matches!(story.tell().await, Tell::Mails { .. }), "{mode:?}");
        let id = story.rows(inbox).await[0].id;

        server
            .store_flags(ZHANGSAN, "INBOX", "1", "+FLAGS (\\Seen \\Flagged)")
            .await
            .unwrap();
        assert_eq!(story.tell().await, Tell::Withdraw { mails: vec![id] }, "{mode:?}");
        let row = story.rows(inbox).await.remove(0);
        assert!(!row.unread && row.starred, "{mode:?}: {row:?}");

        server.expunge(ZHANGSAN, "INBOX", "1").await.unwrap();
        story.shows(inbox, &[]).await;
        assert_eq!(story.folder(Role::Inbox).await.unread, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_are_at_once_here_reach_the_server_and_can_be_taken_back() {
    for (mode, without) in EVERY_MODE {
        let server = dovecot(without).await;
        server.deliver(ZHANGSAN, &mail(1, "one", "text")).await.unwrap();
        server.deliver(ZHANGSAN, &mail(2, "two", "text")).await.unwrap();
        let mut story = Story::begin().await;
        story.account(server.imap_port(), server.submission_port()).await;
        let inbox = story.folder(Role::Inbox).await.id;
        story.shows(inbox, &["two", "one"]).await;
        let archive = story.folder(Role::Archive).await;
        let two = story.rows(inbox).await[0].id;

        let act = |action| ActParams {
            mails: vec![two],
            action,
        };
        let done = story.engine.act(act(Action::Star)).await.unwrap();
        assert_eq!(done.count, 1);
        let done = story.engine.act(act(Action::Archive)).await.unwrap();
        assert_eq!(story.rows(inbox).await.len(), 1, "{mode:?}: gone at once");
        assert_eq!(story.rows(archive.id).await[0].id, two);
        pending_is_empty(&mut story).await;
        let mut elsewhere = server.session(ZHANGSAN).await.unwrap();
        elsewhere.select("INBOX").await.unwrap();
        assert_eq!(elsewhere.ok("UID SEARCH ALL").await.unwrap().search(), [1], "{mode:?}");

        let back = story.engine.undo(done.undo).await.unwrap();
        assert_eq!(back.count, 1);
        story.shows(inbox, &["two", "one"]).await;
        pending_is_empty(&mut story).await;
        elsewhere.ok("NOOP").await.unwrap();
        assert_eq!(
            elsewhere.ok("UID SEARCH ALL").await.unwrap().search().len(),
            2,
            "{mode:?}: back on the server"
        );
        assert_eq!(
            elsewhere.ok("UID SEARCH FLAGGED").await.unwrap().search().len(),
            1,
            "{mode:?}"
        );
        story.engine.sync(None, true).await.unwrap();
        story.shows(inbox, &["two", "one"]).await;
        assert_eq!(story.rows(inbox).await[0].id, two, "{mode:?}: still the same mail");
        assert!(story.rows(archive.id).await.is_empty(), "{mode:?}: not doubled");
    }
}

async fn pending_is_empty(story: &mut Story) {
    story
        .eventually("no operation waits", |engine| async move {
            (engine.pending_operations().await.unwrap() == 0).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_offline_is_done_on_the_server_after_a_restart() {
    let server = dovecot(&[]).await;
    for n in 1..=3 {
        server
            .deliver(ZHANGSAN, &mail(n, &format!("mail {n}"), "text"))
            .await
            .unwrap();
    }
    let mut story = Story::begin().await;
    story.account(server.imap_port(), server.submission_port()).await;
    let inbox = story.folder(Role::Inbox).await.id;
    story.shows(inbox, &["mail 3", "mail 2", "mail 1"]).await;
    let trash = story.folder(Role::Trash).await.id;
    story.engine.sync(None, true).await.unwrap();

    server.stop().await.unwrap();
    let ids: Vec<MailId> = story.rows(inbox).await.iter().map(|r| r.id).collect();
    story
        .engine
        .act(ActParams {
            mails: vec![ids[0]],
            action: Action::Delete { confirmed: false },
        })
        .await
        .unwrap();
    story
        .engine
        .act(ActParams {
            mails: vec![ids[1]],
            action: Action::MarkRead,
        })
        .await
        .unwrap();
    let mut story = story.again().await;
    assert_eq!(story.engine.pending_operations().await.unwrap(), 2);
    story.shows(inbox, &["mail 2", "mail 1"]).await;

    server.resume().await.unwrap();
    pending_is_empty(&mut story).await;
    story.shows(trash, &["mail 3"]).await;
    let mut elsewhere = server.session(ZHANGSAN).await.unwrap();
    elsewhere.select("INBOX").await.unwrap();
    assert_eq!(elsewhere.ok("UID SEARCH ALL").await.unwrap().search(), [1, 2]);
    assert_eq!(elsewhere.ok("UID SEARCH SEEN").await.unwrap().search(), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_fetched_when_asked_for_and_made_safe() {
    let server = dovecot(&[]).await;
    let html = b"From: <lisi@huadong-tech.example>\r\nSubject: page\r\nMessage-ID: <h@x.example>\r\nMIME-Version: 1.0\r\n\
        Content-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p onclick=alert(1)>\xc4\xe3\xba\xc3\
        <script>alert(1)</script><img src=\"https://tracker.example/p.png\"><a href=\"https://huadong-tech.example/x\">go</a>\r\n";
    server.deliver(ZHANGSAN, html).await.unwrap();
    let mut story = Story::begin().await;
    story.account(server.imap_port(), server.submission_port()).await;
    let inbox = story.folder(Role::Inbox).await.id;
    story.shows(inbox, &["page"]).await;
    let id = story.rows(inbox).await[0].id;
    let body = story
        .eventually("the text", |engine| async move {
            match engine.body(BodyParams::of(id)).await.unwrap() {
                Body::Ready {
                    html,
                    remote_pictures,
                    links,
                    plain,
                    ..
                } => Some((html, remote_pictures, links, plain)),
                Body::Fetching => None,
                Body::Failed { error } => panic!("{error:?}"),
            }
        })
        .await;
    let (html, blocked, links, plain) = body;
    assert!(
        html.contains("你好") && !html.contains("alert") && !html.contains("tracker.example"),
        "{html}"
    );
    assert!(html.contains("link:0"), "{html}");
    assert_eq!((blocked, plain), (1, false));
    assert_eq!(links, ["https://huadong-tech.example/x"]);
    let source = story.engine.source(id).await.unwrap();
    assert!(source.text.contains("Subject: page") && !source.truncated);
}

/// A mail with one file.
fn with_file(n: u32, content: &str) -> Vec<u8> {
    format!(
        "From: lisi@example.com\r\nTo: {ZHANGSAN}\r\nSubject: file {n}\r\nMessage-ID: <file{n}@example.com>\r\n\
         Date: Sun, 22 Nov 2026 10:{n:02}:00 +0800\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee the file\r\n\
         --b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"f.txt\"\r\n\r\n{content}\r\n\
         --b--\r\n"
    )
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_came_while_the_line_for_texts_stood_has_its_files_too_and_an_empty_file_is_one() {
    let server = dovecot(&[]).await;
    server.deliver(ZHANGSAN, &with_file(1, "one")).await.unwrap();
    let mut story = Story::begin().await;
    story.account(server.imap_port(), server.submission_port()).await;
    let inbox = story.folder(Role::Inbox).await.id;
    let place = tempfile::tempdir().unwrap();
    for (n, content) in [(1, "one"), (2, "two"), (3, "")] {
        if n > 1 {
            server.deliver(ZHANGSAN, &with_file(n, content)).await.unwrap();
        }
        story.counts(inbox, usize::try_from(n).unwrap()).await;
        let mail = story.ids(inbox).await[&format!("file {n}")];
        let path = place.path().join(format!("{n}.txt"));
        let params = SaveAttachmentParams {
            mail,
            index: 0,
            path: path.to_string_lossy().into_owned(),
        };
        story.engine.save_attachment(params).await.unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap().trim_end(), content);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_refused_at_once_and_named_and_later_not_tried_again_by_itself() {
    let server = dovecot(&[]).await;
    let mut story = Story::begin().await;
    let wrong = AddParams {
        address: ZHANGSAN.into(),
        name: String::new(),
        color: None,
        settings: story::settings(server.imap_port(), server.submission_port()),
        credential: Credential::Password { secret: "wrong".into() },
        even_offline: true,
    };
    let error = story.engine.add(wrong).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::AccountTest);
    assert_eq!(error.cause.unwrap().code, CauseCode::Password);
    assert!(story.engine.accounts().await.unwrap().is_empty());

    let account = story.account(server.imap_port(), server.submission_port()).await;
    story.engine.sync(None, true).await.unwrap();
    server.change_password(ZHANGSAN, "another-one").await.unwrap();
    server.kick(ZHANGSAN).await.unwrap();
    story
        .eventually("sign-in needed", |engine| async move {
            matches!(
                engine.accounts().await.unwrap().remove(0).state,
                AccountState::SignInNeeded {
                    cause: Cause {
                        code: CauseCode::Password,
                        ..
                    }
                }
            )
            .then_some(())
        })
        .await;
    let update = UpdateParams {
        account: account.id,
        credential: Some(Credential::Password {
            secret: "another-one".into(),
        }),
        ..UpdateParams::default()
    };
    story.engine.update(update).await.unwrap();
    story
        .eventually("connected again", |engine| async move {
            matches!(
                engine.accounts().await.unwrap().remove(0).state,
                AccountState::Connected { .. }
            )
            .then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_made_renamed_and_deleted_and_keep_their_mails_identity() {
    let server = dovecot(&[]).await;
    let mut story = Story::begin().await;
    let account = story.account(server.imap_port(), server.submission_port()).await.id;
    story.engine.sync(None, true).await.unwrap();
    let made = story
        .engine
        .create_folder(FolderCreateParams {
            account,
            parent: None,
            name: "项目".into(),
        })
        .await
        .unwrap();
    let below = story
        .engine
        .create_folder(FolderCreateParams {
            account,
            parent: Some(made.id),
            name: "上海二期".into(),
        })
        .await
        .unwrap();
    assert_eq!(below.path, "项目 / 上海二期");
    assert_eq!(below.parent, Some(made.id));
    server
        .save(ZHANGSAN, "项目/上海二期", &mail(1, "plan", "text"), "")
        .await
        .unwrap();
    story.shows(below.id, &["plan"]).await;
    let renamed = story
        .engine
        .rename_folder(FolderRenameParams {
            folder: made.id,
            name: "工程".into(),
            parent: None,
        })
        .await
        .unwrap();
    assert_eq!(renamed.id, made.id);
    let folders = story.engine.folders(None).await.unwrap();
    let moved = folders.iter().find(|f| f.id == below.id).unwrap();
    assert_eq!(moved.path, "工程 / 上海二期");
    story.shows(below.id, &["plan"]).await;
    story.engine.delete_folder(below.id).await.unwrap();
    assert!(
        !story
            .engine
            .folders(None)
            .await
            .unwrap()
            .iter()
            .any(|f| f.id == below.id)
    );
}

//! Mails that are written: kept, quoted, given files, sent; against Dovecot and a submission server.
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

use std::time::Duration;

use qiyou_api::*;
use qiyou_testkit::dovecot::Dovecot;
use qiyou_testkit::smtp::SmtpServer;
use story::{PASSWORD, Story, ZHANGSAN, dovecot, mail};

const LISI: &str = "lisi@huadong-tech.example";

struct House {
    story: Story,
    imap: Dovecot,
    smtp: SmtpServer,
    account: Account,
}

impl House {
    async fn new() -> Self {
        let imap = dovecot(&[]).await;
        let smtp = SmtpServer::builder().user(ZHANGSAN, PASSWORD).start().unwrap();
        let story = Story::begin().await;
        let account = story.account(imap.imap_port(), smtp.port()).await;
        Self {
            story,
            imap,
            smtp,
            account,
        }
    }

    /// Delivers a mail and gives its number here.
    async fn receives(&mut self, raw: &[u8], subject: &str) -> MailId {
        self.imap.deliver(ZHANGSAN, raw).await.unwrap();
        let inbox = self.story.folder(Role::Inbox).await;
        self.story.shows(inbox.id, &[subject]).await;
        self.story.rows(inbox.id).await[0].id
    }

    async fn begins(&self, kind: DraftKind, mails: &[MailId], prefix: &str) -> Draft {
        let params = DraftCreateParams {
            kind,
            mails: mails.to_vec(),
            prefix: prefix.into(),
            ..DraftCreateParams::default()
        };
        self.story.engine.draft_create(params).await.unwrap()
    }

    /// The draft once all that it takes over is here.
    async fn complete(&mut self, id: DraftId) -> Draft {
        self.story
            .eventually("the draft is whole", |engine| async move {
                let draft = engine.draft(id).await.ok()?;
                let quoted = draft.quoted.as_ref().is_none_or(|quoted| quoted.here);
                (quoted && draft.files.iter().all(|file| file.state == FileState::Whole)).then_some(draft)
            })
            .await
    }

    async fn sends(&self, draft: &Draft, content: DraftContent) -> OutboxEntry {
        self.story
            .engine
            .draft_send(DraftSendParams {
                id: draft.id,
                content,
                at: Some(0),
            })
            .await
            .unwrap()
    }

    async fn delivered(&self) -> qiyou_mime::Mail {
        let mails = self.smtp.wait_for_mails(1, Duration::from_secs(20)).await.unwrap();
        qiyou_mime::parse(&mails[0].data)
    }
}

/// What Outlook writes: a style sheet, a table, a picture by its content id, a file.
fn outlook() -> Vec<u8> {
    format!(
        "From: =?utf-8?B?5p2O5Zub?= <{LISI}>\r\nTo: {ZHANGSAN}, wangwu@huadong-tech.example\r\n\
         Subject: table\r\nDate: Mon, 16 Nov 2026 10:42:00 +0800\r\n\
         Message-ID: <t1@huadong-tech.example>\r\nReferences: <root@huadong-tech.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/related; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
         <html><head><style>.MsoNormal {{color: #123456}}</style></head><body><p class=MsoNormal>合计</p>\
         <table border=1><tr><td style=\"mso-x:1;background:#ff0000\">一</td></tr></table><img src=\"cid:pic1\">\
         <img src=\"https://pictures.example/a.png\"><a href=\"https://www.example.com/x\">x</a></body></html>\r\n\
         --b\r\nContent-Type: image/png; name=p.png\r\nContent-ID: <pic1>\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: inline; filename=p.png\r\n\r\niVBORw0KGgo=\r\n--b--\r\n--a\r\n\
         Content-Type: application/pdf; name=c.pdf\r\nContent-Disposition: attachment; filename=c.pdf\r\n\
         Content-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--a--\r\n"
    )
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_survives_a_restart_and_goes_with_the_original_as_it_was() {
    let mut house = House::new().await;
    let mail = house.receives(&outlook(), "table").await;
    house.story.text(mail).await;
    let draft = house.begins(DraftKind::ReplyAll, &[mail], "回复：").await;
    let draft = house.complete(draft.id).await;
    assert_eq!(draft.content.subject, "回复：table");
    assert_eq!(
        draft.content.to.iter().map(|p| p.address.as_str()).collect::<Vec<_>>(),
        [LISI, "wangwu@huadong-tech.example"]
    );
    assert_eq!(
        draft.files.len(),
        1,
        "the picture alone, not the file: {:?}",
        draft.files
    );
    let Body::Ready {
        html, remote_pictures, ..
    } = house
        .story
        .engine
        .draft_quote(DraftQuoteParams {
            id: draft.id,
            remote: false,
        })
        .await
        .unwrap()
    else {
        panic!("no quote")
    };
    assert!(
        html.contains("data:image/png;base64,") && !html.contains("pictures.example"),
        "{html}"
    );
    assert_eq!(remote_pictures, 1);

    let file = house.story.home.path().join("合同（终稿）.pdf");
    std::fs::write(&file, vec![b'x'; 700_000]).unwrap();
    let attach = DraftAttachParams {
        id: draft.id,
        path: file.to_str().unwrap().into(),
    };
    house.story.engine.draft_attach(attach).await.unwrap();
    // A private copy: what becomes of the file harms nothing.
    std::fs::remove_file(&file).unwrap();
    let content = DraftContent {
        html: "<p>已阅，<b>同意</b></p>".into(),
        caret: 5,
        ..draft.content.clone()
    };
    house
        .story
        .engine
        .draft_save(DraftSaveParams {
            id: draft.id,
            content: content.clone(),
            resting: false,
        })
        .await
        .unwrap();
    house.story = house.story.again().await;

    let draft = house.story.engine.draft(draft.id).await.unwrap();
    assert_eq!(draft.content, content);
    assert_eq!(draft.files.len(), 2);
    let entry = house.sends(&draft, content).await;
    assert_eq!(entry.draft, Some(draft.id));
    let sent = house.delivered().await;
    assert_eq!(sent.summary.subject, "回复：table");
    assert_eq!(sent.summary.in_reply_to, ["t1@huadong-tech.example"]);
    assert_eq!(
        sent.summary.references,
        ["root@huadong-tech.example", "t1@huadong-tech.example"]
    );
    // The original says so, here and on the server.
    house
        .story
        .eventually("the original is answered", |engine| async move {
            engine.mail(mail).await.ok().filter(|mail| mail.row.answered)
        })
        .await;
    let fetch = ["fetch", "-u", ZHANGSAN, "flags", "mailbox", "INBOX", "answered"];
    let mut answered = String::new();
    while !answered.contains("Answered") {
        answered = house.imap.doveadm(&fetch).await.unwrap_or_default();
        house.story.engine.sync(None, true).await.unwrap();
    }
    let html = sent.html.unwrap();
    for kept in [
        "<b>同意</b>",
        "background:#ff0000",
        "cid:pic1",
        "https://pictures.example/a.png",
        "https://www.example.com/x",
        ".m-MsoNormal",
    ] {
        assert!(html.contains(kept), "{kept} in {html}");
    }
    assert!(sent.text.unwrap().contains("> 合计"));
    let names: Vec<_> = sent.parts.iter().map(|part| (part.name.as_str(), part.size)).collect();
    assert!(
        names.contains(&("合同（终稿）.pdf", 700_000)) && names.contains(&("p.png", 8)),
        "{names:?}"
    );
    house
        .story
        .eventually("the draft is gone", |engine| async move {
            engine.draft(draft.id).await.is_err().then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_taken_back_is_a_draft_again() {
    let house = House::new().await;
    let draft = house.begins(DraftKind::New, &[], "").await;
    let content = DraftContent {
        to: vec![Address {
            name: "李四".into(),
            address: LISI.into(),
        }],
        subject: "周报".into(),
        html: "<p>内容</p>".into(),
        ..draft.content.clone()
    };
    let engine = &house.story.engine;
    let entry = engine
        .draft_send(DraftSendParams {
            id: draft.id,
            content: content.clone(),
            at: None,
        })
        .await
        .unwrap();
    assert!(entry.due >= entry.created + 10, "ten seconds to take it back");
    assert!(engine.drafts().await.unwrap().is_empty());
    // While it is on its way nothing changes about it.
    let late = engine
        .draft_save(DraftSaveParams {
            id: draft.id,
            content: content.clone(),
            resting: false,
        })
        .await;
    assert_eq!(late.unwrap_err().code, ErrorCode::TooLate);
    engine
        .outbox_act(OutboxActParams {
            id: entry.id,
            decision: Decision::Withdraw,
        })
        .await
        .unwrap();
    let back = engine.draft(draft.id).await.unwrap();
    assert_eq!((back.entry, &back.content), (None, &content));
    assert_eq!(engine.drafts().await.unwrap()[0].preview, "内容");
    engine.draft_discard(draft.id).await.unwrap();
    assert!(engine.drafts().await.unwrap().is_empty());
    assert_eq!(engine.draft_restore(draft.id).await.unwrap().content, content);
    assert!(house.smtp.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_goes_on_with_its_files_or_whole_though_nobody_read_it() {
    let mut house = House::new().await;
    let mail = house.receives(&outlook(), "table").await;
    let draft = house.begins(DraftKind::Forward, &[mail], "转发：").await;
    let draft = house.complete(draft.id).await;
    assert!(draft.content.to.is_empty());
    let mut names: Vec<_> = draft.files.iter().map(|file| file.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["c.pdf", "p.png"]);

    let whole = house.begins(DraftKind::ForwardAttached, &[mail], "Fwd: ").await;
    let whole = house.complete(whole.id).await;
    assert_eq!(whole.files[0].name, "table.eml");
    let content = DraftContent {
        to: vec![Address {
            name: String::new(),
            address: LISI.into(),
        }],
        ..whole.content.clone()
    };
    house.sends(&whole, content).await;
    let mails = house.smtp.wait_for_mails(1, Duration::from_secs(20)).await.unwrap();
    let text = String::from_utf8(mails[0].data.clone()).unwrap();
    assert!(text.contains("Content-Type: message/rfc822"), "{text}");
    assert!(
        text.contains("<p class=MsoNormal>合计</p>"),
        "as it is, not encoded: {text}"
    );
    let anew = house.begins(DraftKind::EditAsNew, &[mail], "").await;
    let anew = house.complete(anew.id).await;
    assert!(anew.content.html.contains("合计") && !anew.content.quote && anew.content.subject == "table");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_said_and_nothing_goes() {
    let house = House::new().await;
    let engine = &house.story.engine;
    let draft = house.begins(DraftKind::New, &[], "").await;
    let send = async |content: DraftContent| {
        engine
            .draft_send(DraftSendParams {
                id: draft.id,
                content,
                at: Some(0),
            })
            .await
            .unwrap_err()
            .code
    };
    assert_eq!(send(draft.content.clone()).await, ErrorCode::NoRecipient);
    let bad = DraftContent {
        to: vec![Address {
            name: "李四".into(),
            address: "李四".into(),
        }],
        ..draft.content.clone()
    };
    assert_eq!(send(bad).await, ErrorCode::BadRecipient);
    let crowd = (0..1001)
        .map(|n| Address {
            name: String::new(),
            address: format!("p{n}@x.example"),
        })
        .collect();
    let crowded = DraftSaveParams {
        resting: false,
        id: draft.id,
        content: DraftContent {
            to: crowd,
            ..draft.content.clone()
        },
    };
    assert_eq!(
        engine.draft_save(crowded).await.unwrap_err().code,
        ErrorCode::TooManyRecipients
    );
    for path in ["relative.txt", "/nowhere/at/all", "/dev/null"] {
        let error = engine
            .draft_attach(DraftAttachParams {
                id: draft.id,
                path: path.into(),
            })
            .await
            .unwrap_err();
        assert_eq!(error.code, ErrorCode::FileNotReadable, "{path}");
    }
    assert!(engine.draft(draft.id).await.unwrap().files.is_empty());
    assert!(engine.outbox().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_becomes_a_zip() {
    let house = House::new().await;
    let draft = house.begins(DraftKind::New, &[], "").await;
    let folder = house.story.home.path().join("材料");
    std::fs::create_dir_all(folder.join("子")).unwrap();
    std::fs::write(folder.join("一.txt"), "1").unwrap();
    std::fs::write(folder.join("子/二.txt"), "x".repeat(300_000)).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", folder.join("out")).unwrap();
    let attach = DraftAttachParams {
        id: draft.id,
        path: folder.to_str().unwrap().into(),
    };
    let file = house.story.engine.draft_attach(attach).await.unwrap();
    assert_eq!(
        (file.name.as_str(), file.mime_type.as_str()),
        ("材料.zip", "application/zip")
    );
    let content = DraftContent {
        to: vec![Address {
            name: String::new(),
            address: LISI.into(),
        }],
        ..draft.content.clone()
    };
    house.sends(&draft, content).await;
    let sent = house.delivered().await;
    let raw = house.smtp.mails()[0].data.clone();
    let bytes = qiyou_mime::attachment(&raw, sent.parts[0].index).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut names: Vec<String> = (0..zip.len())
        .map(|n| zip.by_index(n).unwrap().name().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["一.txt", "子/", "子/二.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_one_wrote_to_is_completed() {
    let mut house = House::new().await;
    house.imap.deliver(ZHANGSAN, &mail(1, "hello", "text")).await.unwrap();
    let inbox = house.story.folder(Role::Inbox).await;
    house.story.shows(inbox.id, &["hello"]).await;
    let draft = house.begins(DraftKind::New, &[], "").await;
    let content = DraftContent {
        to: vec![Address {
            name: "曾国强".into(),
            address: "zgq@huadong-tech.example".into(),
        }],
        ..draft.content.clone()
    };
    house.sends(&draft, content).await;
    for (query, address) in [("zenggq", "zgq@huadong-tech.example"), ("lis", LISI), ("李", LISI)] {
        house
            .story
            .eventually(query, |engine| async move {
                let params = CompleteParams {
                    query: query.into(),
                    most: 5,
                };
                let found = engine.complete(params).await.unwrap();
                engine.gather().await;
                (found.first()?.address == address).then_some(())
            })
            .await;
    }
    let _ = house.account;
}

/// Subjects of the server's folder of drafts.
async fn on_server(imap: &Dovecot) -> Vec<String> {
    let fetch = [
        "fetch",
        "-u",
        ZHANGSAN,
        "hdr.subject hdr.bcc flags",
        "mailbox",
        "草稿箱",
    ];
    let found = imap.doveadm(&fetch).await.unwrap_or_default();
    found
        .lines()
        .filter(|line| line.starts_with("hdr.") || line.starts_with("flags"))
        .map(str::to_owned)
        .collect()
}

async fn stands(imap: &Dovecot, wanted: &[&str]) {
    for _ in 0..400 {
        let found = on_server(imap).await;
        let same = found.iter().filter(|line| line.starts_with("hdr.subject")).count() == wanted.len()
            && wanted
                .iter()
                .all(|subject| found.iter().any(|line| line.ends_with(subject)));
        if same {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{wanted:?}: {:?}", on_server(imap).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_stands_on_the_server_once_is_replaced_and_goes_when_it_was_sent_or_thrown_away() {
    let mut house = House::new().await;
    let drafts = house.story.folder(Role::Drafts).await;
    let draft = house.begins(DraftKind::New, &[], "").await;
    let with = |subject: &str| DraftContent {
        subject: subject.into(),
        bcc: vec![Address {
            name: String::new(),
            address: LISI.into(),
        }],
        html: "<p>text</p>".into(),
        ..draft.content.clone()
    };
    let save = |content: DraftContent| DraftSaveParams {
        id: draft.id,
        content,
        resting: true,
    };
    house.story.engine.draft_save(save(with("one"))).await.unwrap();
    stands(&house.imap, &["one"]).await;
    house.story.engine.draft_save(save(with("two"))).await.unwrap();
    stands(&house.imap, &["two"]).await;
    let found = on_server(&house.imap).await.join(" ");
    assert!(
        found.contains("Draft") && found.contains("Seen") && found.contains(LISI),
        "{found}"
    );
    // It is in the list, and going on with it goes on with the draft.
    house.story.shows(drafts.id, &["two"]).await;
    let row = house.story.rows(drafts.id).await[0].id;
    assert_eq!(house.story.engine.draft_continue(row).await.unwrap().id, draft.id);
    // A restart forgets nothing of it.
    house.story = house.story.again().await;
    house.story.engine.draft_save(save(with("three"))).await.unwrap();
    stands(&house.imap, &["three"]).await;
    house.sends(&draft, with("three")).await;
    stands(&house.imap, &[]).await;

    let other = house.begins(DraftKind::New, &[], "").await;
    let content = DraftContent {
        subject: "four".into(),
        ..other.content.clone()
    };
    house
        .story
        .engine
        .draft_save(DraftSaveParams {
            id: other.id,
            content,
            resting: true,
        })
        .await
        .unwrap();
    stands(&house.imap, &["four"]).await;
    house.story.engine.draft_discard(other.id).await.unwrap();
    stands(&house.imap, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_of_another_program_is_gone_on_with_and_takes_its_place() {
    let mut house = House::new().await;
    let foreign = mail(7, "from the phone", "begun on the way");
    house
        .imap
        .save(ZHANGSAN, "草稿箱", &foreign, "\\Draft \\Seen")
        .await
        .unwrap();
    let drafts = house.story.folder(Role::Drafts).await;
    house.story.shows(drafts.id, &["from the phone"]).await;
    let row = house.story.rows(drafts.id).await[0].id;
    let draft = house.story.engine.draft_continue(row).await.unwrap();
    let draft = house.complete(draft.id).await;
    assert_eq!(draft.content.to[0].address, ZHANGSAN);
    assert!(
        draft.content.html.contains("begun on the way"),
        "{}",
        draft.content.html
    );
    let content = DraftContent {
        subject: "ended here".into(),
        ..draft.content.clone()
    };
    house
        .story
        .engine
        .draft_save(DraftSaveParams {
            id: draft.id,
            content,
            resting: true,
        })
        .await
        .unwrap();
    stands(&house.imap, &["ended here"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_was_changed_elsewhere_is_offered_and_neither_version_is_lost() {
    let mut house = House::new().await;
    let drafts = house.story.folder(Role::Drafts).await;
    // What a phone makes of the draft: the same Message-ID, another text.
    let phone = |id: &str, text: &str| {
        format!(
            "From: {ZHANGSAN}\r\nTo: {LISI}\r\nSubject: {text}\r\nMessage-ID: <{id}>\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{text} goes on\r\n"
        )
    };
    for take in [true, false] {
        let draft = house.begins(DraftKind::New, &[], "").await;
        let content = DraftContent {
            subject: "desk".into(),
            html: "<p>from the desk</p>".into(),
            ..draft.content.clone()
        };
        let save = DraftSaveParams {
            id: draft.id,
            content: content.clone(),
            resting: true,
        };
        house.story.engine.draft_save(save.clone()).await.unwrap();
        stands(&house.imap, &["desk"]).await;
        house.story.shows(drafts.id, &["desk"]).await;
        let row = house.story.rows(drafts.id).await[0].id;
        let message_id = house.story.engine.mail(row).await.unwrap().message_id;
        let raw = phone(&message_id, "phone");
        house
            .imap
            .save(ZHANGSAN, "草稿箱", raw.as_bytes(), "\\Draft \\Seen")
            .await
            .unwrap();
        let id = draft.id;
        house
            .story
            .eventually("the other version is offered", |engine| async move {
                engine.draft(id).await.unwrap().elsewhere
            })
            .await;
        // Who writes on here does not take the other's work away.
        let more = DraftContent {
            html: "<p>from the desk, and more</p>".into(),
            ..content
        };
        house
            .story
            .engine
            .draft_save(DraftSaveParams { content: more, ..save })
            .await
            .unwrap();
        house.story.engine.sync(None, true).await.unwrap();
        stands(&house.imap, &["desk", "phone"]).await;
        let settled = house
            .story
            .engine
            .draft_settle(DraftSettleParams { id, take })
            .await
            .unwrap();
        let settled = house.complete(settled.id).await;
        assert_eq!(settled.elsewhere, None);
        if take {
            assert_ne!(settled.id, id);
            assert!(
                settled.content.html.contains("phone goes on"),
                "{}",
                settled.content.html
            );
            assert_eq!(settled.content.to[0].address, LISI);
            let save = DraftSaveParams {
                id: settled.id,
                content: DraftContent {
                    subject: "both".into(),
                    ..settled.content
                },
                resting: true,
            };
            house.story.engine.draft_save(save).await.unwrap();
            stands(&house.imap, &["both"]).await;
            // The other one can be had back.
            assert!(
                house
                    .story
                    .engine
                    .draft_restore(id)
                    .await
                    .unwrap()
                    .content
                    .html
                    .contains("and more")
            );
            house.story.engine.draft_discard(id).await.unwrap();
        } else {
            assert_eq!(settled.id, id);
            stands(&house.imap, &["desk"]).await;
        }
        house.story.engine.draft_discard(settled.id).await.unwrap();
        stands(&house.imap, &[]).await;
        house.story.shows(drafts.id, &[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_put_off_goes_at_its_time_and_not_before_also_after_a_restart() {
    let mut house = House::new().await;
    let draft = house.begins(DraftKind::New, &[], "").await;
    let content = DraftContent {
        to: vec![Address {
            name: String::new(),
            address: LISI.into(),
        }],
        subject: "later".into(),
        html: "<p>text</p>".into(),
        ..draft.content.clone()
    };
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let due = i64::try_from(now.as_secs()).unwrap() + 4;
    let entry = house
        .story
        .engine
        .draft_send(DraftSendParams {
            id: draft.id,
            content,
            at: Some(due),
        })
        .await
        .unwrap();
    assert_eq!((entry.due, entry.state), (due, OutboxState::Waiting));
    house.story = house.story.again().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(house.smtp.mails().is_empty(), "its time has not come");
    house.delivered().await;
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert!(i64::try_from(now.as_secs()).unwrap() >= due);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_the_server_took_stands_in_the_sent_box_here_at_once() {
    let mut house = House::new().await;
    let sent = house.story.folder(Role::Sent).await;
    let draft = house.begins(DraftKind::New, &[], "").await;
    let file = house.story.home.path().join("a.pdf");
    std::fs::write(&file, "pdf").unwrap();
    let attach = DraftAttachParams {
        id: draft.id,
        path: file.to_str().unwrap().into(),
    };
    house.story.engine.draft_attach(attach).await.unwrap();
    let content = DraftContent {
        to: vec![Address {
            name: "李四".into(),
            address: LISI.into(),
        }],
        subject: "at once".into(),
        html: "<p>内容</p>".into(),
        ..draft.content.clone()
    };
    // The server of this account has not shown yet whether it keeps what it sends: it is looked at for a while.
    let story = std::mem::replace(&mut house.story, Story::begin().await);
    let pace = qiyou_engine::Pace {
        filing: Duration::from_millis(200),
        ..story::brisk()
    };
    house.story = story.again_at(pace).await;
    let entry = house.sends(&draft, content).await;
    let row = house
        .story
        .eventually("it is listed while it is still being filed", |engine| async move {
            let row = story::rows_of(&engine, sent.id).await.into_iter().next()?;
            // After the row: it comes with the mail's being filed, not before.
            let state = engine
                .outbox()
                .await
                .unwrap()
                .into_iter()
                .find(|each| each.id == entry.id)?
                .state;
            assert_eq!(state, OutboxState::Filing);
            Some(row)
        })
        .await;
    assert_eq!(
        (row.subject.as_str(), row.unread, row.attachments),
        ("at once", false, true)
    );
    assert_eq!(row.to[0].address, LISI);
    assert!(house.story.text(row.id).await.contains("内容"));
    // The server's copy is the same row, and has the file.
    house
        .story
        .eventually("it is the server's", |engine| async move {
            let mail = engine.mail(row.id).await.ok()?;
            (mail.attachments.len() == 1).then_some(())
        })
        .await;
    house.story.counts(sent.id, 1).await;
}

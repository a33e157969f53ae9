//! Lists in every order, mails with one person, what a mail warns of, attachments as files, and what lies on the disk.
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
use qiyou_testkit::imap_sim::{ImapSim, Quirks};
use story::{Story, ZHANGSAN, sim};

const LISI: &str = "李四 <lisi@huadong-tech.example>";
const WANGWU: &str = "王五 <wangwu@huadong-tech.example>";

/// A mail of the day `day` of November.
fn mail(day: u32, from: &str, to: &str, subject: &str, text: &str) -> Vec<u8> {
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {day:02} Nov 2026 10:00:00 +0800\r\n\
         Message-ID: <{day}-{}@huadong-tech.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n",
        subject.len()
    )
    .into_bytes()
}

async fn settled(server: &ImapSim) -> (Story, Account) {
    let mut story = Story::begin().await;
    let account = story.imap_account(ZHANGSAN, server.port()).await;
    story.engine.sync(None, true).await.unwrap();
    let inbox = story.folder(Role::Inbox).await;
    story.counts(inbox.id, inbox.total as usize).await;
    (story, account)
}

async fn subjects(story: &Story, scope: Scope, filter: Filter, sort: Sort) -> Vec<String> {
    let params = ListParams {
        scope,
        filter,
        sort,
        offset: 0,
        limit: 100,
    };
    let page = story.engine.list(params).await.unwrap();
    assert_eq!(page.total as usize, page.rows.len());
    page.rows.into_iter().map(|row| row.subject).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_stands_in_every_order_and_follows_what_comes_and_goes() {
    let server = sim(Quirks::exchange());
    server.deliver("INBOX", &mail(1, WANGWU, ZHANGSAN, "Re: beta", "short"));
    server.deliver("INBOX", &mail(2, LISI, ZHANGSAN, "alpha", &"long ".repeat(200)));
    server.deliver("INBOX", &mail(3, WANGWU, ZHANGSAN, "回复：Beta", "middle, middle"));
    server.deliver(
        "INBOX",
        &mail(4, "anna@phoenix.example", ZHANGSAN, "Gamma", &"x".repeat(90)),
    );
    let (mut story, _) = settled(&server).await;
    let inbox = story.folder(Role::Inbox).await.id;
    let here = || Scope::Folder { folder: inbox };
    let list = async |sort| subjects(&story, here(), Filter::All, sort).await;
    assert_eq!(list(Sort::Newest).await, ["Gamma", "回复：Beta", "alpha", "Re: beta"]);
    assert_eq!(list(Sort::Oldest).await, ["Re: beta", "alpha", "回复：Beta", "Gamma"]);
    // By name, and by the address where there is none; the newest of one sender first.
    assert_eq!(list(Sort::Sender).await, ["Gamma", "alpha", "回复：Beta", "Re: beta"]);
    // What an answer puts before the subject does not count.
    assert_eq!(list(Sort::Subject).await, ["alpha", "回复：Beta", "Re: beta", "Gamma"]);
    assert_eq!(list(Sort::Size).await[0], "alpha");

    let ids = story.ids(inbox).await;
    for sort in [Sort::Newest, Sort::Oldest, Sort::Sender, Sort::Subject, Sort::Size] {
        let at = list(sort).await.iter().position(|subject| subject == "alpha").unwrap();
        let params = LocateParams {
            mail: ids["alpha"],
            scope: here(),
            filter: Filter::All,
            sort,
        };
        let found = story.engine.locate(params).await.unwrap().offset;
        assert_eq!(found, Some(u32::try_from(at).unwrap()), "{sort:?}");
    }

    // A list that was sorted before is not the list of now.
    server.deliver("INBOX", &mail(5, LISI, ZHANGSAN, "aleph", "new"));
    story
        .shows(inbox, &["aleph", "Gamma", "回复：Beta", "alpha", "Re: beta"])
        .await;
    assert_eq!(subjects(&story, here(), Filter::All, Sort::Subject).await[0], "aleph");
    let act = ActParams {
        mails: vec![ids["alpha"]],
        action: Action::Star,
    };
    assert_eq!(subjects(&story, here(), Filter::Starred, Sort::Subject).await, [""; 0]);
    story.engine.act(act).await.unwrap();
    assert_eq!(
        subjects(&story, here(), Filter::Starred, Sort::Subject).await,
        ["alpha"]
    );
    let act = ActParams {
        mails: vec![ids["alpha"]],
        action: Action::Archive,
    };
    story.engine.act(act).await.unwrap();
    assert_eq!(subjects(&story, here(), Filter::Starred, Sort::Subject).await, [""; 0]);
    assert_eq!(subjects(&story, here(), Filter::All, Sort::Size).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_with_a_person_are_found_from_and_to_in_every_folder_but_junk_and_trash() {
    let server = sim(Quirks::exchange());
    server.deliver("INBOX", &mail(1, LISI, ZHANGSAN, "from him", "a"));
    server.deliver("INBOX", &mail(2, WANGWU, "LiSi@Huadong-Tech.example", "to him", "b"));
    server.deliver(
        "INBOX",
        &mail(3, WANGWU, ZHANGSAN, "of others", "lisi@huadong-tech.example"),
    );
    server.deliver(
        "INBOX",
        &mail(4, "evil-lisi@huadong-tech.example", ZHANGSAN, "of his kin", "c"),
    );
    server.deliver("INBOX", &mail(5, LISI, ZHANGSAN, "thrown away", "d"));
    server.deliver("存档", &mail(6, LISI, ZHANGSAN, "put away", "e"));
    let (mut story, _) = settled(&server).await;
    let archive = story.folder(Role::Archive).await.id;
    story.counts(archive, 1).await;
    let inbox = story.folder(Role::Inbox).await.id;
    let ids = story.ids(inbox).await;
    let act = ActParams {
        mails: vec![ids["thrown away"]],
        action: Action::Delete { confirmed: false },
    };
    story.engine.act(act).await.unwrap();
    let him = || Scope::Person {
        address: "lisi@huadong-tech.example".into(),
    };
    assert_eq!(
        subjects(&story, him(), Filter::All, Sort::Newest).await,
        ["put away", "to him", "from him"]
    );
    assert_eq!(
        subjects(&story, him(), Filter::All, Sort::Oldest).await,
        ["from him", "to him", "put away"]
    );
    let page = ListParams {
        scope: him(),
        filter: Filter::Unread,
        sort: Sort::Newest,
        offset: 1,
        limit: 1,
    };
    let page = story.engine.list(page).await.unwrap();
    assert_eq!((page.total, page.unread, page.rows.len()), (3, 3, 1));
    assert_eq!(page.rows[0].subject, "to him");
}

const WITH_ATTACHMENTS: &str = "From: \"security@bank.example\" <x@evil.example>\r\nTo: zhangsan\r\nSubject: files\r\n\
    Date: 20 Nov 2026 10:00:00 +0800\r\nMessage-ID: <files@evil.example>\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
    <p>See <a href=\"https://evil.example/login\">https://www.bank.example/login</a></p>\r\n\
    --b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"notes.txt\"\r\n\r\none\r\n\
    --b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"notes.txt\"\r\n\r\ntwo\r\n\
    --b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"invoice.pdf.exe\"\r\n\r\n\
    MZ\r\n--b--\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_not_what_it_seems_is_warned_of_and_its_files_are_saved_side_by_side() {
    let server = sim(Quirks::exchange());
    server.deliver("INBOX", WITH_ATTACHMENTS.as_bytes());
    let (mut story, _) = settled(&server).await;
    let inbox = story.folder(Role::Inbox).await.id;
    let id = story.ids(inbox).await["files"];
    let warnings = story
        .eventually("the text", |engine| async move {
            match engine.body(BodyParams::of(id)).await.unwrap() {
                Body::Ready { warnings, .. } => Some(warnings),
                _ => None,
            }
        })
        .await;
    let expected = [
        Warning::NameIsOtherAddress {
            name: "security@bank.example".into(),
            address: "x@evil.example".into(),
        },
        Warning::ProgramAttached {
            name: "invoice.pdf.exe".into(),
        },
        Warning::LinkElsewhere {
            shown: "www.bank.example".into(),
            host: "evil.example".into(),
        },
    ];
    assert_eq!(warnings, expected);
    let mail = story.engine.mail(id).await.unwrap();
    let programs: Vec<_> = mail.attachments.iter().map(|a| a.program).collect();
    assert_eq!(programs, [false, false, true]);

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    let params = SaveAttachmentsParams {
        mail: id,
        folder: folder.path().to_string_lossy().into_owned(),
    };
    let saved = story.engine.save_attachments(params).await.unwrap();
    let names: Vec<_> = saved
        .paths
        .iter()
        .map(|path| path.rsplit(['/', '\\']).next().unwrap())
        .collect();
    assert_eq!(names, ["notes (2).txt", "notes (3).txt", "invoice.pdf.exe"]);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("notes.txt"), "mine", "what was there stays");
    assert_eq!(
        (read("notes (2).txt").trim(), read("notes (3).txt").trim()),
        ("one", "two")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_on_the_disk_is_told_and_can_be_cleared_without_losing_a_mail() {
    let server = sim(Quirks::exchange());
    for day in 1..=5 {
        server.deliver(
            "INBOX",
            &mail(day, LISI, ZHANGSAN, &format!("mail {day}"), &"text ".repeat(1000)),
        );
    }
    let (mut story, account) = settled(&server).await;
    // Nothing but what is asked for here is fetched.
    let quiet = Settings {
        prefetch_months: 0,
        ..Settings::default()
    };
    story.engine.set_settings(quiet).await.unwrap();
    story.engine.sync(None, true).await.unwrap();
    let inbox = story.folder(Role::Inbox).await.id;
    let ids = story.ids(inbox).await;
    for id in ids.values() {
        story.text(*id).await;
    }
    let before = story.engine.storage().await.unwrap();
    assert_eq!(before.accounts.len(), 1);
    assert_eq!((before.accounts[0].account, before.accounts[0].mails), (account.id, 5));
    assert!(before.accounts[0].bodies >= 5 * 5000, "{before:?}");
    assert!(before.index > 0 && before.bodies > 0);
    let after = story.engine.clear_storage().await.unwrap();
    assert_eq!((after.accounts[0].mails, after.accounts[0].bodies), (5, 0));
    assert!(story.text(ids["mail 3"]).await.contains("text"), "it is fetched again");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_folder_tells_more_than_its_account() {
    let server = sim(Quirks::exchange());
    let (mut story, account) = settled(&server).await;
    let telling = async |story: &Story, telling| {
        let params = UpdateParams {
            account: account.id,
            telling: Some(telling),
            ..UpdateParams::default()
        };
        story.engine.update(params).await.unwrap()
    };
    assert_eq!(telling(&story, Telling::Count).await.telling, Telling::Count);
    let inbox = story.folder(Role::Inbox).await.id;
    server.deliver("INBOX", &mail(1, LISI, ZHANGSAN, "counted", "a"));
    story.shows(inbox, &["counted"]).await;
    let unread = async |story: &Story| story.engine.accounts().await.unwrap()[0].unread;
    assert_eq!(unread(&story).await, 1);
    telling(&story, Telling::Silent).await;
    assert_eq!(unread(&story).await, 0);
    telling(&story, Telling::Bubble).await;
    server.deliver("INBOX", &mail(2, LISI, ZHANGSAN, "told", "b"));
    let tell = tokio::time::timeout(Duration::from_secs(10), story.tells.recv())
        .await
        .unwrap()
        .unwrap();
    let Tell::Mails { mails, .. } = tell else {
        panic!("{tell:?}")
    };
    assert_eq!(mails[0].row.subject, "told", "the first was never told of");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_tested_with_the_secret_that_is_kept() {
    let server = sim(Quirks::exchange());
    let (story, account) = settled(&server).await;
    let report = story.engine.check(account.id).await.unwrap();
    // The scripted server has no SMTP beside it: IMAP went well, and the rest is named.
    assert_eq!(report.inbox_messages, Some(0));
    assert_eq!(report.failure.unwrap().step, CheckStep::SmtpConnect);
    let params = FolderUpdateParams {
        folder: story.engine.folders(None).await.unwrap()[0].id,
        favourite: Some(true),
        ..FolderUpdateParams::default()
    };
    assert!(story.engine.update_folder(params).await.unwrap().favourite);
    let story = story.again().await;
    assert!(
        story.engine.folders(None).await.unwrap()[0].favourite,
        "it outlives a restart"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_come_by_the_agent_once_and_only_those_that_the_mail_shows() {
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let asked = std::sync::Arc::new(AtomicU32::new(0));
    let count = std::sync::Arc::clone(&asked);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::Relaxed);
            let mut head = [0; 4096];
            let read = client.read(&mut head).await.unwrap_or(0);
            let body: &[u8] = if head[..read].starts_with(b"GET /logo.png") {
                b"\x89PNG\r\n\x1a\n1234"
            } else {
                b"<svg onload='alert(1)'/>"
            };
            let answer = format!(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: image/png\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let _ = client.write_all(answer.as_bytes()).await;
            let _ = client.write_all(body).await;
        }
    });
    let server = sim(Quirks::exchange());
    let html = format!(
        "From: {LISI}\r\nTo: {ZHANGSAN}\r\nSubject: pictures\r\nDate: 20 Nov 2026 10:00:00 +0800\r\n\
         Message-ID: <pictures@huadong-tech.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         <p><img src=\"http://127.0.0.1:{port}/logo.png\"><img src=\"http://127.0.0.1:{port}/logo.png\">\
         <img src=\"http://127.0.0.1:{port}/evil.svg\"></p>\r\n"
    );
    server.deliver("INBOX", html.as_bytes());
    let (mut story, _) = settled(&server).await;
    let inbox = story.folder(Role::Inbox).await.id;
    let id = story.ids(inbox).await["pictures"];
    story.text(id).await;
    let body = async |remote| match story
        .engine
        .body(BodyParams {
            remote,
            ..BodyParams::of(id)
        })
        .await
        .unwrap()
    {
        Body::Ready {
            html, remote_pictures, ..
        } => (html, remote_pictures),
        other => panic!("{other:?}"),
    };
    let (html, blocked) = body(false).await;
    assert!(!html.contains("127.0.0.1") && !html.contains("picture:"), "{html}");
    assert_eq!(blocked, 3);
    let (html, blocked) = body(true).await;
    assert!(
        !html.contains("127.0.0.1") && html.matches("picture:0").count() == 2,
        "{html}"
    );
    assert_eq!(blocked, 2, "two pictures, one of them twice");
    assert_eq!(asked.load(Ordering::Relaxed), 0, "nobody was asked before it is shown");

    let picture = async |number| story.engine.picture(PictureParams { mail: id, number }).await;
    let logo = picture(0).await.unwrap();
    assert_eq!(logo.mime_type, "image/png");
    assert_eq!(picture(0).await.unwrap(), logo);
    assert_eq!(asked.load(Ordering::Relaxed), 1, "the second time it was here");
    assert_eq!(
        picture(1).await.unwrap_err().code,
        ErrorCode::NotFound,
        "no document that can act"
    );
    assert_eq!(picture(2).await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_text_shows_its_beginning_first_and_one_beyond_all_measure_troubles_nobody() {
    let server = sim(Quirks::exchange());
    let long = |subject: &str, bytes: usize| {
        let line = "<p>第一季度采购与发货进度的说明。</p>\r\n";
        format!(
            "From: {LISI}\r\nTo: {ZHANGSAN}\r\nSubject: {subject}\r\nDate: 20 Nov 2026 10:00:00 +0800\r\n\
             Message-ID: <{subject}@huadong-tech.example>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/html; charset=utf-8\r\n\r\n{}<p>The end.</p>\r\n",
            line.repeat(bytes / line.len())
        )
    };
    server.deliver("INBOX", long("endless", 21 << 20).as_bytes());
    server.deliver("INBOX", long("long", 700 << 10).as_bytes());
    let (mut story, account) = settled(&server).await;
    let inbox = story.folder(Role::Inbox).await.id;
    let ids = story.ids(inbox).await;
    for subject in ["endless", "long"] {
        let begin = story.text(ids[subject]).await;
        assert!(begin.contains("第一季度"), "{subject}");
        assert!(!begin.contains('\u{fffd}'), "no letter is cut in two");
        assert!(begin.len() < 600 << 10, "{}", begin.len());
    }
    let body = |params: BodyParams| async {
        match story.engine.body(params).await.unwrap() {
            Body::Ready { html, cut, .. } => (html, cut),
            other => panic!("{other:?}"),
        }
    };
    let (html, cut) = body(BodyParams::of(ids["long"])).await;
    assert!(cut && !html.contains("The end."));
    let whole = BodyParams {
        whole: true,
        ..BodyParams::of(ids["long"])
    };
    let (html, cut) = body(whole).await;
    assert!(!cut && html.contains("The end."));
    let (_, cut) = body(BodyParams::of(ids["endless"])).await;
    assert!(cut);
    let state = story.engine.accounts().await.unwrap();
    let state = &state.iter().find(|each| each.id == account.id).unwrap().state;
    assert!(!format!("{state:?}").contains("Offline"), "{state:?}");
}

//! Mails on their way out, against Dovecot and a submission server that does what real ones do.
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

use std::path::PathBuf;
use std::time::Duration;

use qiyou_api::*;
use qiyou_testkit::dovecot::Dovecot;
use qiyou_testkit::smtp::{AfterData, SmtpServer};
use story::{PASSWORD, Story, ZHANGSAN, brisk, dovecot, settings};

/// The sent-box as the server calls it.
const SENT: &str = "已发送";
const LISI: &str = "lisi@huadong-tech.example";

/// A mail in a file of the house.
fn eml(story: &Story, n: u32, head: &str) -> PathBuf {
    let path = story.home.path().join(format!("{n}.eml"));
    let text = format!(
        "From: =?utf-8?B?5byg5LiJ?= <{ZHANGSAN}>\n{head}Subject: report {n}\nMessage-ID: <out{n}@huadong-tech.example>\n\
         Date: Fri, 27 Nov 2026 10:00:00 +0800\nContent-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: 8bit\n\n第 {n} 份\n.\n..end\n"
    );
    std::fs::write(&path, text).unwrap();
    path
}

fn params(file: &std::path::Path, delay: u32) -> SendParams {
    SendParams {
        account: None,
        file: file.to_str().unwrap().to_owned(),
        delay,
    }
}

async fn send(story: &Story, n: u32) -> OutboxId {
    let file = eml(story, n, &format!("To: {LISI}\n"));
    story.engine.send(params(&file, 0)).await.unwrap().id
}

async fn entry(engine: &qiyou_engine::Engine, id: OutboxId) -> Option<OutboxEntry> {
    engine.outbox().await.unwrap().into_iter().find(|entry| entry.id == id)
}

/// Waits until a mail is in this state.
async fn comes_to(story: &mut Story, id: OutboxId, state: OutboxState) -> OutboxEntry {
    story
        .eventually(&format!("{id} comes to {state:?}"), |engine| async move {
            entry(&engine, id).await.filter(|entry| entry.state == state)
        })
        .await
}

/// Mails of the sent-box with this Message-ID, as the server has them.
async fn in_sent(server: &Dovecot, n: u32) -> usize {
    let id = format!("out{n}@huadong-tech.example");
    let found = server
        .doveadm(&[
            "fetch",
            "-u",
            ZHANGSAN,
            "uid",
            "mailbox",
            SENT,
            "header",
            "message-id",
            &id,
        ])
        .await
        .unwrap_or_default();
    found.lines().filter(|line| line.starts_with("uid:")).count()
}

struct Post {
    imap: Dovecot,
    smtp: SmtpServer,
}

/// A server whose sent-box is filled by the client, with a submission server of its own.
async fn post(after: AfterData) -> Post {
    let smtp = SmtpServer::builder().user(ZHANGSAN, PASSWORD).after_data(after);
    Post {
        imap: dovecot(&[]).await,
        smtp: smtp.start().unwrap(),
    }
}

async fn begin(post: &Post) -> (Story, Account) {
    let story = Story::begin().await;
    let account = story.account(post.imap.imap_port(), post.smtp.port()).await;
    (story, account)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_goes_once_stands_in_the_sent_box_once_and_nobody_sees_bcc() {
    let post = post(AfterData::Accept).await;
    let (mut story, account) = begin(&post).await;
    let file = eml(&story, 1, &format!("To: {LISI}\nBcc: boss@huadong-tech.example\n"));
    let sent = story.engine.send(params(&file, 0)).await.unwrap();
    assert_eq!(
        (sent.state, sent.account, sent.attempts),
        (OutboxState::Waiting, account.id, 0)
    );
    // Whoever changes the file now changes nothing.
    std::fs::write(&file, "gone").unwrap();
    let done = comes_to(&mut story, sent.id, OutboxState::Sent).await;
    assert_eq!((done.attempts, done.cause, done.refused), (1, None, Vec::new()));
    let received = post.smtp.mails();
    assert_eq!(received.len(), 1);
    assert_eq!(
        (received[0].from.as_str(), received[0].user.as_deref()),
        (ZHANGSAN, Some(ZHANGSAN))
    );
    assert_eq!(received[0].to, [LISI, "boss@huadong-tech.example"]);
    let text = String::from_utf8(received[0].data.clone()).unwrap();
    assert!(text.ends_with("\r\n\r\n第 1 份\r\n.\r\n..end\r\n"), "{text}");
    assert!(!text.to_lowercase().contains("bcc"));
    assert_eq!(in_sent(&post.imap, 1).await, 1);
    let folder = story.folder(Role::Sent).await.id;
    story.counts(folder, 1).await;
    let row = story.rows(folder).await.remove(0);
    assert_eq!((row.subject.as_str(), row.unread), ("report 1", false));
    assert_eq!(row.to[0].address, LISI);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stores_by_itself_has_it_once_also_when_it_does_so_late() {
    let post = post(AfterData::Accept).await;
    let mut story = Story::begin_at(qiyou_engine::Pace {
        filing: Duration::from_secs(1),
        ..brisk()
    })
    .await;
    story.account(post.imap.imap_port(), post.smtp.port()).await;
    for (n, late) in [(1, 0), (2, 2500)] {
        let id = send(&story, n).await;
        post.smtp
            .wait_for_mails(usize::try_from(n).unwrap(), Duration::from_secs(10))
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(late)).await;
        let text = post.smtp.mails().pop().unwrap().data;
        post.imap.save(ZHANGSAN, SENT, &text, "\\Seen").await.unwrap();
        comes_to(&mut story, id, OutboxState::Sent).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(in_sent(&post.imap, n).await, 1, "{late} ms late");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_dies_after_the_dot_is_a_question_and_never_a_second_mail() {
    let post = post(AfterData::KeepAndHangUp).await;
    let (mut story, _) = begin(&post).await;
    let id = send(&story, 1).await;
    let asked = comes_to(&mut story, id, OutboxState::NeedsYou).await;
    assert_eq!(asked.cause.unwrap().code, CauseCode::Disconnected);
    assert_eq!((post.smtp.mails().len(), in_sent(&post.imap, 1).await), (1, 0));
    // The person knows that it arrived: it is filed and not sent again.
    let went = OutboxActParams {
        id,
        decision: Decision::Went,
    };
    story.engine.outbox_act(went).await.unwrap();
    comes_to(&mut story, id, OutboxState::Sent).await;
    assert_eq!((post.smtp.mails().len(), in_sent(&post.imap, 1).await), (1, 1));
    let late = story
        .engine
        .outbox_act(OutboxActParams {
            id,
            decision: Decision::Withdraw,
        })
        .await;
    assert_eq!(late.unwrap_err().code, ErrorCode::TooLate);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_sent_box_went_whatever_the_line_said() {
    let post = post(AfterData::KeepAndHangUp).await;
    let mut story = Story::begin_at(qiyou_engine::Pace {
        filing: Duration::from_secs(1),
        ..brisk()
    })
    .await;
    story.account(post.imap.imap_port(), post.smtp.port()).await;
    let id = send(&story, 1).await;
    post.smtp.wait_for_mails(1, Duration::from_secs(10)).await.unwrap();
    let text = post.smtp.mails().remove(0).data;
    post.imap.save(ZHANGSAN, SENT, &text, "\\Seen").await.unwrap();
    comes_to(&mut story, id, OutboxState::Sent).await;
    assert_eq!((post.smtp.mails().len(), in_sent(&post.imap, 1).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_dies_before_the_dot_sends_it_once() {
    let silent = SmtpServer::builder().user(ZHANGSAN, PASSWORD).start().unwrap();
    let imap = dovecot(&[]).await;
    let proxy = qiyou_testkit::fault::FaultProxy::start(silent.port()).unwrap();
    let mut story = Story::begin().await;
    story.account(imap.imap_port(), proxy.port()).await;
    // Nothing comes through: it hangs before the dot.
    proxy.black_hole(true);
    let before = send(&story, 1).await;
    comes_to(&mut story, before, OutboxState::Sending).await;
    let mut story = story.again().await;
    story
        .eventually("it is tried again", |engine| async move {
            entry(&engine, before).await.filter(|entry| entry.attempts == 2)
        })
        .await;
    proxy.black_hole(false);
    proxy.cut_now();
    comes_to(&mut story, before, OutboxState::Sent).await;
    assert_eq!((silent.mails().len(), in_sent(&imap, 1).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_read_in_chinese_and_told_by_recipient() {
    let imap = dovecot(&[]).await;
    let smtp = SmtpServer::builder()
        .user(ZHANGSAN, PASSWORD)
        .netease()
        .refuse_recipient("nobody@huadong-tech.example", "550 User not found 收件人不存在")
        .start()
        .unwrap();
    let mut story = Story::begin().await;
    story.account(imap.imap_port(), smtp.port()).await;
    let some = eml(&story, 1, &format!("To: nobody@huadong-tech.example, {LISI}\n"));
    let some = story.engine.send(params(&some, 0)).await.unwrap().id;
    let sent = comes_to(&mut story, some, OutboxState::Sent).await;
    assert_eq!(smtp.mails()[0].to, [LISI]);
    assert_eq!(
        (sent.refused[0].address.as_str(), sent.refused[0].code),
        ("nobody@huadong-tech.example", 550)
    );
    assert!(sent.refused[0].text.contains("收件人不存在"));
    let none = eml(&story, 2, "To: nobody@huadong-tech.example\n");
    let none = story.engine.send(params(&none, 0)).await.unwrap().id;
    let refused = comes_to(&mut story, none, OutboxState::Refused).await;
    assert!(refused.cause.unwrap().detail.contains("收件人不存在"));
    assert_eq!((smtp.mails().len(), in_sent(&imap, 2).await), (1, 0));
    // It can be withdrawn, and is gone then.
    let away = OutboxActParams {
        id: none,
        decision: Decision::Withdraw,
    };
    assert_eq!(story.engine.outbox_act(away).await.unwrap(), None);
    assert!(entry(&story.engine, none).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_can_be_taken_back_while_it_waits_and_sent_before_it_is_due() {
    let post = post(AfterData::Accept).await;
    let (mut story, _) = begin(&post).await;
    let file = eml(&story, 1, &format!("To: {LISI}\n"));
    let away = story.engine.send(params(&file, 600)).await.unwrap().id;
    let now = story.engine.send(params(&file, 600)).await.unwrap().id;
    let act = |id, decision| story.engine.outbox_act(OutboxActParams { id, decision });
    assert_eq!(act(away, Decision::Withdraw).await.unwrap(), None);
    assert_eq!(
        act(away, Decision::Withdraw).await.unwrap_err().code,
        ErrorCode::NotFound
    );
    act(now, Decision::Send).await.unwrap();
    comes_to(&mut story, now, OutboxState::Sent).await;
    assert_eq!(post.smtp.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_is_asked_for_once_and_then_all_that_waited_goes() {
    let post = post(AfterData::Accept).await;
    let (mut story, account) = begin(&post).await;
    post.imap.change_password(ZHANGSAN, "new").await.unwrap();
    post.smtp.set_password(ZHANGSAN, "new");
    // Who is not connected just now cannot be sent away, and need not be.
    let _ = post.imap.kick(ZHANGSAN).await;
    let mut ids = Vec::new();
    for n in 1..=5 {
        ids.push(send(&story, n).await);
    }
    for &id in &ids {
        let waits = story
            .eventually("it waits for the password", |engine| async move {
                entry(&engine, id)
                    .await
                    .filter(|entry| entry.state == OutboxState::Waiting && entry.cause.is_some())
            })
            .await;
        assert_eq!(waits.cause.unwrap().code, CauseCode::Password);
    }
    let mut update = UpdateParams {
        account: account.id,
        name: None,
        color: None,
        settings: Some(settings(post.imap.imap_port(), post.smtp.port())),
        credential: None,
        telling: None,
    };
    update.credential = Some(Credential::Password { secret: "new".into() });
    story.engine.update(update).await.unwrap();
    for id in ids {
        comes_to(&mut story, id, OutboxState::Sent).await;
    }
    assert_eq!(post.smtp.mails().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_cannot_go_is_refused_with_its_reason_before_it_is_kept() {
    let post = post(AfterData::Accept).await;
    let (story, account) = begin(&post).await;
    let path = story.home.path().join("bad.eml");
    for (text, code) in [
        ("no mail", ErrorCode::NotAMail),
        ("To: a@b.example\n\n", ErrorCode::NoSender),
        ("From: a@b.example\n\n", ErrorCode::NoRecipient),
        (
            "From: stranger@b.example\nTo: a@b.example\n\n",
            ErrorCode::SenderUnknown,
        ),
        (
            "From: zhangsan@huadong-tech.example\nTo: 李四\n\n",
            ErrorCode::BadRecipient,
        ),
        (
            "From: zhangsan@huadong-tech.example\nTo: a@b..example\n\n",
            ErrorCode::BadRecipient,
        ),
    ] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(
            story.engine.send(params(&path, 0)).await.unwrap_err().code,
            code,
            "{text}"
        );
    }
    let mut elsewhere = params(&path.with_extension("none"), 0);
    assert_eq!(
        story.engine.send(elsewhere.clone()).await.unwrap_err().code,
        ErrorCode::FileNotReadable
    );
    // An alias goes by the account that is named.
    std::fs::write(&path, "From: alias@b.example\nTo: a@b.example\n\nhi").unwrap();
    elsewhere.file = path.to_str().unwrap().to_owned();
    elsewhere.account = Some(account.id);
    story.engine.send(elsewhere).await.unwrap();
    assert_eq!(story.engine.outbox().await.unwrap().len(), 1);
}

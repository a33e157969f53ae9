//! What is told of mails that were sent, what others ask, and mails that go on as they are.
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
use qiyou_testkit::smtp::{Received, SmtpServer};
use story::{PASSWORD, Story, ZHANGSAN, dovecot};

const LISI: &str = "lisi@huadong-tech.example";
const WANGWU: &str = "wangwu@huadong-tech.example";
const SOON: Duration = Duration::from_secs(20);

struct House {
    story: Story,
    imap: Dovecot,
    smtp: SmtpServer,
}

fn to(addresses: &[&str]) -> Vec<Address> {
    let people = addresses.iter().map(|address| Address {
        name: String::new(),
        address: (*address).to_owned(),
    });
    people.collect()
}

impl House {
    async fn new() -> Self {
        let imap = dovecot(&[]).await;
        let smtp = SmtpServer::builder().user(ZHANGSAN, PASSWORD).start().unwrap();
        let story = Story::begin().await;
        story.account(imap.imap_port(), smtp.port()).await;
        Self { story, imap, smtp }
    }

    async fn receives(&mut self, raw: &str, subject: &str) -> MailId {
        let raw = raw.replace('\n', "\r\n");
        self.imap.deliver(ZHANGSAN, raw.as_bytes()).await.unwrap();
        let inbox = self.story.folder(Role::Inbox).await.id;
        let subject = subject.to_owned();
        self.story
            .eventually("the mail came", |engine| {
                let subject = subject.clone();
                async move {
                    let rows = story::rows_of(&engine, inbox).await;
                    rows.into_iter().find(|row| row.subject == subject).map(|row| row.id)
                }
            })
            .await
    }

    /// Writes a mail with a file and waits until it stands in the sent-box, here and on the server.
    async fn sends(&mut self, subject: &str, people: &[&str]) -> (MailId, String) {
        let engine = &self.story.engine;
        let draft = engine
            .draft_create(DraftCreateParams {
                subject: subject.into(),
                text: "三季度的报告在附件里".into(),
                to: to(people),
                ..DraftCreateParams::default()
            })
            .await
            .unwrap();
        engine
            .draft_paste(DraftPasteParams {
                id: draft.id,
                name: "报告.txt".into(),
                mime_type: "text/plain".into(),
                data: "aGVsbG8=".into(),
                inline: false,
            })
            .await
            .unwrap();
        let entry = engine
            .draft_send(DraftSendParams {
                id: draft.id,
                content: draft.content,
                at: Some(0),
            })
            .await
            .unwrap();
        self.went(entry.id).await;
        let sent = self.story.folder(Role::Sent).await.id;
        let id = entry.message_id.clone();
        let row = self
            .story
            .eventually("it stands in the sent-box", |engine| {
                let id = id.clone();
                async move {
                    for row in story::rows_of(&engine, sent).await {
                        if engine.mail(row.id).await.unwrap().message_id == id {
                            return Some(row.id);
                        }
                    }
                    None
                }
            })
            .await;
        (row, entry.message_id)
    }

    async fn went(&mut self, entry: OutboxId) {
        self.story
            .eventually("it went", |engine| async move {
                let all = engine.outbox().await.unwrap();
                let found = all.iter().find(|each| each.id == entry);
                found.is_none_or(|each| each.state == OutboxState::Sent).then_some(())
            })
            .await;
    }

    /// What is told of a mail, as soon as something is.
    async fn fates(&mut self, mail: MailId) -> Vec<Fate> {
        self.story
            .eventually("something is told of it", |engine| async move {
                let fates = engine.mail(mail).await.unwrap().fates;
                (!fates.is_empty()).then_some(fates)
            })
            .await
    }

    async fn row(&self, mail: MailId) -> MailRow {
        self.story.engine.mail(mail).await.unwrap().row
    }

    async fn mails(&self, count: usize) -> Vec<Received> {
        self.smtp.wait_for_mails(count, SOON).await.unwrap()
    }

    /// Waits until nothing waits to be read as a report any more.
    async fn looked(&mut self) {
        self.story.engine.sync(None, true).await.unwrap();
    }
}

/// A delivery report as Postfix writes it.
fn bounce(message_id: &str, subject: &str, who: &str, said: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.huadong-tech.example (Mail Delivery System)\nTo: {ZHANGSAN}\nSubject: {subject}\n\
         Auto-Submitted: auto-replied\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b/1\"\n\n--b/1\n\
         Content-Type: text/plain; charset=us-ascii\n\nI'm sorry to have to inform you.\n\n--b/1\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.huadong-tech.example\n\n\
         Final-Recipient: rfc822; {who}\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; {said}\n\n--b/1\n\
         Content-Type: text/rfc822-headers\n\nMessage-ID: <{message_id}>\nSubject: x\nFrom: {ZHANGSAN}\n\n--b/1--\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn who_did_not_get_it_is_told_at_the_mail_and_gets_it_again() {
    let mut house = House::new().await;
    let (sent, id) = house.sends("周报", &[LISI, WANGWU]).await;
    assert!(!house.row(sent).await.undelivered);
    let report = house
        .receives(
            &bounce(&id, "Undelivered", LISI, "552 5.2.2 mailbox full"),
            "Undelivered",
        )
        .await;
    let fates = house.fates(sent).await;
    assert_eq!(fates.len(), 1, "nothing is told of the other: {fates:?}");
    assert_eq!(
        (fates[0].address.as_str(), fates[0].outcome, fates[0].reason),
        (LISI, Outcome::Failed, Reason::MailboxFull)
    );
    assert_eq!(fates[0].detail, "552 5.2.2 mailbox full");
    assert!(house.row(sent).await.undelivered);
    let told = house.story.engine.mail(report).await.unwrap().report.unwrap();
    assert_eq!((told.about, told.fates.len()), (Some(sent), 1));

    let params = ResendParams {
        mail: sent,
        to: to(&[LISI]),
    };
    let entry = house.story.engine.mail_resend(params).await.unwrap();
    assert_eq!(entry.recipients, [LISI]);
    assert!(entry.due > entry.created, "it can be taken back");
    assert!(!house.row(sent).await.undelivered, "somebody has seen to it");
    let now = OutboxActParams {
        id: entry.id,
        decision: Decision::Send,
    };
    house.story.engine.outbox_act(now).await.unwrap();
    let mails = house.mails(2).await;
    assert_eq!(mails[1].to, [LISI]);
    let (first, second) = (qiyou_mime::parse(&mails[0].data), qiyou_mime::parse(&mails[1].data));
    assert_ne!(first.summary.message_id, second.summary.message_id);
    assert_eq!(second.summary.subject, "周报");
    assert!(second.text.unwrap().contains("三季度的报告在附件里"));
    assert_eq!(second.parts[0].name, "报告.txt");
    assert_eq!(qiyou_mime::attachment(&mails[1].data, 0).unwrap(), b"hello");
    house.went(entry.id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_in_chinese_words_that_names_no_id_finds_its_mail() {
    let mut house = House::new().await;
    let (other, _) = house.sends("周报", &[WANGWU]).await;
    let (sent, _) = house.sends("周报", &[LISI]).await;
    house
        .receives(
            &format!(
                "From: PostMaster@huadong-tech.example\nTo: {ZHANGSAN}\nSubject: =?utf-8?B?57O757uf6YCA5L+h?=\n\
                 Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n<p>您的邮件被退回</p>\
                 <p>主题：周报</p><p>无法发送到 {LISI}</p><p>退信原因：收件人邮件地址不存在（550）</p>\
                 <p>帮助：service@huadong-tech.example</p>"
            ),
            "系统退信",
        )
        .await;
    let fates = house.fates(sent).await;
    assert_eq!(fates.len(), 1, "{fates:?}");
    assert_eq!(
        (fates[0].address.as_str(), fates[0].outcome, fates[0].reason),
        (LISI, Outcome::Failed, Reason::NoSuchUser)
    );
    assert!(house.story.engine.mail(other).await.unwrap().fates.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_a_mail_that_nobody_sent_marks_nothing() {
    let mut house = House::new().await;
    let (sent, _) = house.sends("周报", &[LISI]).await;
    let report = house
        .receives(
            &bounce("forged@evil.example", "Undelivered", LISI, "550 5.1.1 no such user"),
            "Undelivered",
        )
        .await;
    // In words alone, and about somebody else.
    let words = house
        .receives(
            "From: postmaster@evil.example\nSubject: failure notice\n\n<zhao@evil.example>:\n550 no such user\n",
            "failure notice",
        )
        .await;
    house.looked().await;
    let told = house
        .story
        .eventually("it was read", |engine| async move {
            engine.mail(report).await.unwrap().report
        })
        .await;
    assert_eq!(told.about, None);
    assert_eq!(house.story.engine.mail(words).await.unwrap().report, None);
    assert!(!house.row(sent).await.undelivered);
    assert!(house.story.engine.mail(sent).await.unwrap().fates.is_empty());
}

fn wants_receipt(to: &str, from: &str, subject: &str) -> String {
    format!(
        "From: {LISI}\nTo: {to}\nSubject: {subject}\nMessage-ID: <{subject}@huadong-tech.example>\n\
         Disposition-Notification-To: {from}\n\nread me\n"
    )
}

fn receipt(mail: MailId, send: bool, automatic: bool) -> ReceiptParams {
    ReceiptParams {
        mail,
        send,
        automatic,
        subject: "已读：合同".into(),
        text: "您的邮件已被阅读。".into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_goes_once_and_leaves_no_copy() {
    let mut house = House::new().await;
    let mail = house
        .receives(&wants_receipt(ZHANGSAN, LISI, "contract"), "contract")
        .await;
    let engine = house.story.engine.clone();
    let asked = engine.mail(mail).await.unwrap().receipt.unwrap();
    assert_eq!((asked.to.address.as_str(), asked.automatic), (LISI, true));
    engine.mail_receipt(receipt(mail, true, true)).await.unwrap();
    assert_eq!(engine.mail(mail).await.unwrap().receipt, None);
    let again = engine.mail_receipt(receipt(mail, true, true)).await.unwrap_err();
    assert_eq!(again.code, ErrorCode::NotFound);
    let mails = house.mails(1).await;
    assert_eq!(
        (mails[0].to.as_slice(), mails[0].from.as_str()),
        ([LISI.to_owned()].as_slice(), ZHANGSAN)
    );
    let read = qiyou_mime::report(&mails[0].data).unwrap();
    assert_eq!(read.message_id.as_deref(), Some("contract@huadong-tech.example"));
    assert_eq!(
        (read.fates[0].address.as_str(), read.fates[0].outcome),
        (ZHANGSAN, qiyou_mime::Outcome::Read)
    );
    assert!(String::from_utf8_lossy(&mails[0].data).contains("MDN-sent-automatically"));
    house
        .story
        .eventually("nothing of it is left", |engine| async move {
            engine.outbox().await.unwrap().is_empty().then_some(())
        })
        .await;
    house.story.settled().await;
    // Other programs are told, too.
    let mut raw = house.imap.session(ZHANGSAN).await.unwrap();
    raw.select("INBOX").await.unwrap();
    assert!(raw.ok("FETCH 1 FLAGS").await.unwrap().all().contains("$MDNSent"));
    let sent = house.story.folder(Role::Sent).await.id;
    assert!(house.story.rows(sent).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_goes_to_others_or_was_declined_does_not_go_by_itself() {
    let mut house = House::new().await;
    let engine = house.story.engine.clone();
    // To somebody else than its author, and as a hidden copy.
    let elsewhere = house
        .receives(&wants_receipt(ZHANGSAN, "spy@evil.example", "one"), "one")
        .await;
    let hidden = house.receives(&wants_receipt(WANGWU, LISI, "two"), "two").await;
    for mail in [elsewhere, hidden] {
        let asked = engine.mail(mail).await.unwrap().receipt.unwrap();
        assert!(!asked.automatic);
        let refused = engine.mail_receipt(receipt(mail, true, true)).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::BadRequest);
        engine.mail_receipt(receipt(mail, false, false)).await.unwrap();
        assert_eq!(engine.mail(mail).await.unwrap().receipt, None);
    }
    // One's own request is nothing to be asked about.
    let own = house
        .receives(
            &format!(
                "From: {ZHANGSAN}\nTo: {ZHANGSAN}\nSubject: three\nDisposition-Notification-To: {ZHANGSAN}\n\nx\n"
            ),
            "three",
        )
        .await;
    assert_eq!(engine.mail(own).await.unwrap().receipt, None);
    house.story.settled().await;
    assert!(house.smtp.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_read_it_is_told_at_the_mail() {
    let mut house = House::new().await;
    let (sent, id) = house.sends("周报", &[LISI]).await;
    house
        .receives(
            &format!(
                "From: {LISI}\nTo: {ZHANGSAN}\nSubject: read\n\
                 Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\
                 Content-Type: text/plain\n\nread\n--b\nContent-Type: message/disposition-notification\n\n\
                 Final-Recipient: rfc822;{LISI}\nOriginal-Message-ID: <{id}>\n\
                 Disposition: manual-action/MDN-sent-manually; displayed\n\n--b--\n"
            ),
            "read",
        )
        .await;
    let fates = house.fates(sent).await;
    assert_eq!((fates[0].address.as_str(), fates[0].outcome), (LISI, Outcome::Read));
    assert!(!house.row(sent).await.undelivered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_goes_on_as_it_is() {
    let mut house = House::new().await;
    let raw = format!(
        "From: {LISI}\nTo: {ZHANGSAN}\nBcc: secret@huadong-tech.example\nSubject: original\n\
         Message-ID: <o1@huadong-tech.example>\nDKIM-Signature: v=1; b=abc\nContent-Type: text/plain\n\n\
         .a line that begins with a dot\nthe end\n"
    );
    let mail = house.receives(&raw, "original").await;
    let engine = house.story.engine.clone();
    let draft = engine
        .draft_create(DraftCreateParams {
            kind: DraftKind::Redirect,
            mails: vec![mail],
            ..DraftCreateParams::default()
        })
        .await
        .unwrap();
    let id = draft.id;
    let draft = house
        .story
        .eventually("the mail is here", |engine| async move {
            let draft = engine.draft(id).await.unwrap();
            let here = draft.quoted.as_ref().is_some_and(|quoted| quoted.here);
            (here && draft.files.iter().all(|file| file.state == FileState::Whole)).then_some(draft)
        })
        .await;
    assert_eq!(draft.content.subject, "original");
    let mut content = draft.content;
    content.to = to(&[WANGWU]);
    let entry = engine
        .draft_send(DraftSendParams {
            id,
            content,
            at: Some(0),
        })
        .await
        .unwrap();
    let mails = house.mails(1).await;
    assert_eq!(
        (mails[0].to.as_slice(), mails[0].from.as_str()),
        ([WANGWU.to_owned()].as_slice(), ZHANGSAN)
    );
    let text = String::from_utf8(mails[0].data.clone()).unwrap();
    assert!(
        text.starts_with(&format!("Resent-From: {ZHANGSAN}\r\nResent-To: {WANGWU}\r\n")),
        "{text}"
    );
    assert!(
        !text.contains("Bcc") && text.contains("DKIM-Signature: v=1; b=abc\r\n"),
        "{text}"
    );
    let told = qiyou_mime::summary(&mails[0].data);
    assert_eq!(told.message_id.as_deref(), Some("o1@huadong-tech.example"));
    assert_eq!(told.from[0].address, LISI);
    assert!(
        text.ends_with("\r\n\r\n.a line that begins with a dot\r\nthe end\r\n"),
        "{text}"
    );
    house.went(entry.id).await;
    house.story.settled().await;
    let sent = house.story.folder(Role::Sent).await.id;
    house.story.shows(sent, &["original"]).await;
    assert!(house.row(mail).await.forwarded);
    let path = house.story.folder(Role::Sent).await.path;
    let there = house
        .imap
        .doveadm(&["search", "-u", ZHANGSAN, "mailbox", &path, "ALL"])
        .await
        .unwrap();
    assert_eq!(there.lines().count(), 1, "{there}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_that_was_written_to_answers() {
    const ALIAS: &str = "sales@huadong-tech.example";
    let mut house = House::new().await;
    let engine = house.story.engine.clone();
    let mut settings = engine.settings().as_ref().clone();
    let author = Author {
        name: "张三".into(),
        aliases: vec![ALIAS.into()],
        ..Author::default()
    };
    settings.writing.authors.insert(ZHANGSAN.into(), author);
    engine.set_settings(settings.clone()).await.unwrap();
    let raw = format!("From: {LISI}\nTo: {ALIAS}\nCc: {ZHANGSAN}, {WANGWU}\nSubject: offer\n\nhow much?\n");
    let both = house.receives(&raw, "offer").await;
    let raw = format!("From: {LISI}\nTo: {ALIAS}\nCc: {WANGWU}\nSubject: again\n\nhow much?\n");
    let alias = house.receives(&raw, "again").await;
    let reply = |mail| DraftCreateParams {
        kind: DraftKind::ReplyAll,
        mails: vec![mail],
        ..DraftCreateParams::default()
    };
    let draft = engine.draft_create(reply(both)).await.unwrap();
    assert_eq!(draft.content.from, "", "the account itself was written to");
    house.story.text(alias).await;
    let draft = engine.draft_create(reply(alias)).await.unwrap();
    assert_eq!(draft.content.from, ALIAS);
    assert_eq!(draft.content.to, to(&[LISI]));
    assert_eq!(draft.content.cc, to(&[WANGWU]), "and not oneself");
    let send = DraftSendParams {
        id: draft.id,
        content: draft.content,
        at: Some(0),
    };
    engine.draft_send(send).await.unwrap();
    let mails = house.mails(1).await;
    let told = qiyou_mime::summary(&mails[0].data);
    assert_eq!((mails[0].from.as_str(), told.from[0].address.as_str()), (ALIAS, ALIAS));
    assert_eq!(told.from[0].name.as_deref(), Some("张三"));
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_kept() {
    let house = House::new().await;
    let engine = &house.story.engine;
    let content = TemplateContent {
        name: " 周报 ".into(),
        subject: "{{项目}}周报".into(),
        html: "<p>{{姓名}}，您好</p>".into(),
    };
    let save = |id, content: &TemplateContent| TemplateSaveParams {
        id,
        content: content.clone(),
    };
    let made = engine.template_save(save(None, &content)).await.unwrap();
    assert_eq!(made.content.name, "周报");
    let mut changed = made.content.clone();
    changed.subject = "周报".into();
    engine.template_save(save(Some(made.id), &changed)).await.unwrap();
    assert_eq!(engine.templates().await.unwrap()[0].content, changed);
    let nameless = TemplateContent {
        name: "  ".into(),
        ..content
    };
    let refused = engine.template_save(save(None, &nameless)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::BadRequest);
    engine.template_remove(made.id).await.unwrap();
    assert!(engine.templates().await.unwrap().is_empty());
    let gone = engine.template_save(save(Some(made.id), &changed)).await.unwrap_err();
    assert_eq!(gone.code, ErrorCode::NotFound);
}

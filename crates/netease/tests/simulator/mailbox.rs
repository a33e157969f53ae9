use std::net::Ipv4Addr;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use qiyou_netease::{Folder, Kind, Push};
use qiyou_testkit::netease::Mail;
use tokio::sync::mpsc;

use super::*;

fn mail(subject: &str) -> Mail {
    Mail {
        from: "wangwu@example.org".to_owned(),
        subject: subject.to_owned(),
        html: true,
        text: "<p>你好，<b>张三</b></p>".to_owned(),
        sent_at: 1_700_000_000_000,
        files: vec![("plan.xlsx".to_owned(), 940)],
        ..Mail::default()
    }
}

#[tokio::test]
async fn programs_are_let_in_and_shut_out() {
    let company = Company::start(people()).await;
    company.netease.allow_clients("lisi", false, true).await.unwrap();
    let lisi = company.sim.account("lisi").unwrap();
    assert_eq!((lisi.imap, lisi.smtp), (false, true));
    company
        .netease
        .allow_clients("lisi@example.cn", true, false)
        .await
        .unwrap();
    let lisi = company.sim.account("lisi").unwrap();
    assert_eq!((lisi.imap, lisi.smtp), (true, false));
    let error = company.netease.allow_clients("nobody", true, true).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.marker()),
        (Kind::NotFound, Some("ACCOUNT.NOTEXIST"))
    );
}

#[tokio::test]
async fn unread_mails_are_counted_and_mails_listed() {
    let company = Company::start(people()).await;
    assert_eq!(company.netease.unread("zhangsan").await.unwrap(), 0);
    for n in 1..=60 {
        company
            .sim
            .deliver("zhangsan", mail(&format!("季度计划 {n}")))
            .await
            .unwrap();
    }
    company
        .sim
        .deliver(
            "zhangsan",
            Mail {
                folder: 5,
                ..mail("中奖")
            },
        )
        .await
        .unwrap();
    assert_eq!(company.netease.unread("zhangsan").await.unwrap(), 60);
    let first = company.netease.messages("zhangsan", Folder::Inbox, 1).await.unwrap();
    assert_eq!((first.total, first.messages.len()), (Some(60), 50));
    assert_eq!(first.messages[0].subject, "季度计划 60");
    assert_eq!(first.messages[0].sent_at, Some(1_700_000_000_000));
    let second = company.netease.messages("zhangsan", Folder::Inbox, 2).await.unwrap();
    assert_eq!(second.messages.last().unwrap().subject, "季度计划 1");
    let junk = company.netease.messages("zhangsan", Folder::Junk, 1).await.unwrap();
    assert_eq!(junk.messages[0].subject, "中奖");
    assert_eq!(
        company.netease.unread("nobody").await.unwrap_err().kind(),
        Kind::NotFound
    );
}

/// Takes pushes at an unguessable path, and answers `answer`.
async fn receiver(answer: &'static str) -> (Url, mpsc::UnboundedReceiver<Bytes>) {
    let (sender, pushes) = mpsc::unbounded_channel();
    let take = move |body: Bytes| async move {
        sender.send(body).unwrap();
        answer
    };
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}/push/9f1c", listener.local_addr().unwrap());
    let router = Router::new().route("/push/9f1c", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (Url::parse(&url).unwrap(), pushes)
}

#[tokio::test]
async fn new_mails_of_subscribed_accounts_are_pushed() {
    let company = Company::start(people()).await;
    let (url, mut pushes) = receiver(Push::ANSWER).await;
    company.netease.subscribe_push(&url).await.unwrap();
    company.netease.push_for("zhangsan").await.unwrap();
    // A second time is refused as a repetition, and is as good as the first.
    company.netease.subscribe_push(&url).await.unwrap();
    company.netease.push_for("zhangsan").await.unwrap();
    assert_eq!(company.sim.push_urls(), [url.as_str()]);
    assert_eq!(company.sim.deliver("lisi", mail("没有订阅")).await.unwrap(), 0);
    assert_eq!(company.sim.deliver("zhangsan", mail("季度计划")).await.unwrap(), 1);
    let push = Push::parse(&pushes.try_recv().unwrap(), 64 * 1024).unwrap();
    assert_eq!(push.recipients, ["zhangsan@example.cn"]);
    assert_eq!(
        (push.from.as_str(), push.subject.as_str()),
        ("wangwu@example.org", "季度计划")
    );
    assert_eq!(
        (push.preview.as_str(), push.sent_at),
        ("你好， 张三", Some(1_700_000_000_000))
    );
    assert_eq!(push.files[0].name, "plan.xlsx");
    assert!(pushes.try_recv().is_err());
}

#[tokio::test]
async fn the_simulator_wants_the_answer_that_netease_wants() {
    let company = Company::start(people()).await;
    let (url, _pushes) = receiver("ok").await;
    company.netease.subscribe_push(&url).await.unwrap();
    company.netease.push_for("zhangsan").await.unwrap();
    assert!(company.sim.deliver("zhangsan", mail("季度计划")).await.is_err());
    assert_eq!(
        company.sim.account("zhangsan").unwrap().unread,
        1,
        "it stands in the mailbox all the same"
    );
}

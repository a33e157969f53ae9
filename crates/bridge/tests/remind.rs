//! Reminders in WeCom: cards, what stands on them, how many, and the number on the workbench.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by itself"
)]

mod house;

use std::time::Duration;

#[cfg(target_os = "linux")]
use house::house_on_postgres_with;
use house::{Desk, House, house_with, on_both_databases, refusal, until};
use qiyou_bridge_api::{Arrived, ArrivedMail, CardWords, Refusal, Reminders, Session, Unread, card_hash};
use qiyou_testkit::netease::{self, Mail, NeteaseSim};
use qiyou_testkit::wecom::Company;
use serde_json::Value;

on_both_databases![
    [
        super::house_with(super::house::old(), |config| config),
        super::house_on_postgres_with(super::house::old(), |config| config)
    ]:
    a_mail_is_told_of_once_and_found_by_its_card_for_a_week,
    many_at_once_are_told_of_together,
];

async fn wants(desk: &Desk, session: &Session, reminders: Reminders) {
    let state = desk
        .bridge
        .set_reminders(&session.access_token, &reminders)
        .await
        .unwrap();
    assert_eq!(state.reminders.cards, reminders.cards);
}

fn all() -> Reminders {
    Reminders {
        cards: true,
        lang: "zh".into(),
        ..Reminders::default()
    }
}

/// What the app says of a mail of 王五.
fn arrived(house: &House, subject: &str) -> Arrived {
    Arrived {
        mails: vec![ArrivedMail {
            sent_at: house.clock.now(),
            hash: card_hash("zhangsan@example.cn", "wangwu@example.cn", subject),
            sender: "王五".into(),
            subject: subject.into(),
            words: "你好，附件是计划。".into(),
        }],
    }
}

/// The text cards that reached a member: title, description and address.
fn cards(house: &House, userid: &str) -> Vec<(String, String, String)> {
    let text = |card: &Value, name: &str| card["textcard"][name].as_str().unwrap_or_default().to_owned();
    house
        .sim
        .messages(userid)
        .iter()
        .map(|one| {
            (
                text(&one.message, "title"),
                text(&one.message, "description"),
                text(&one.message, "url"),
            )
        })
        .collect()
}

async fn a_mail_is_told_of_once_and_found_by_its_card_for_a_week(house: House) {
    let (desk, session) = house.signed_in("zhangsan").await;
    let state = desk.bridge.reminders(&session.access_token).await.unwrap();
    assert!(!state.reminders.cards && !state.workbench);
    assert_eq!(state.mailbox.as_deref(), Some("zhangsan@example.cn"));
    let mail = arrived(&house, "季度计划");
    // Nobody who did not ask is told of anything.
    desk.bridge.arrived(&session.access_token, &mail).await.unwrap();
    assert_eq!(cards(&house, "zhangsan"), []);
    wants(&desk, &session, all()).await;
    for _ in 0..3 {
        desk.bridge.arrived(&session.access_token, &mail).await.unwrap();
    }
    let sent = cards(&house, "zhangsan");
    assert_eq!(sent.len(), 1, "{sent:?}");
    let (title, description, url) = &sent[0];
    assert_eq!(title, "季度计划");
    assert!(
        description.contains("王五") && description.contains("附件是计划"),
        "{description}"
    );
    let id = url.rsplit_once("/open/mail/").unwrap().1;
    let card = desk.bridge.card(&session.access_token, id).await.unwrap().unwrap();
    assert_eq!(card.mailbox, "zhangsan@example.cn");
    assert_eq!((card.sent_at, &card.hash), (mail.mails[0].sent_at, &mail.mails[0].hash));
    // Whoever else learns its name learns nothing.
    let (lisi, of_lisi) = house.signed_in("lisi").await;
    assert_eq!(lisi.bridge.card(&of_lisi.access_token, id).await.unwrap(), None);
    for wrong in ["x", "%00", "' OR 1=1"] {
        let wrong = url::form_urlencoded::byte_serialize(wrong.as_bytes()).collect::<String>();
        assert_eq!(
            desk.bridge.card(&session.access_token, &wrong).await.unwrap(),
            None,
            "{wrong}"
        );
    }
    house.clock.shift(7 * 24 * 3600 + 1);
    let session = desk.bridge.refresh(&session.refresh_token).await.unwrap();
    assert_eq!(desk.bridge.card(&session.access_token, id).await.unwrap(), None);
}

async fn many_at_once_are_told_of_together(house: House) {
    let (desk, session) = house.signed_in("zhangsan").await;
    wants(&desk, &session, all()).await;
    for n in 0..25 {
        let mail = arrived(&house, &format!("第 {n} 封"));
        desk.bridge.arrived(&session.access_token, &mail).await.unwrap();
    }
    assert_eq!(cards(&house, "zhangsan").len(), 10);
    house.clock.shift(61);
    let sent = until("the others are told of together", || async {
        let sent = cards(&house, "zhangsan");
        (sent.len() > 10).then_some(sent)
    })
    .await;
    assert_eq!(sent.len(), 11);
    assert_eq!(sent[10].0, "15 封新邮件");
    assert!(sent[10].2.ends_with("/open/inbox"), "{}", sent[10].2);
    // Then one by one again.
    let mail = arrived(&house, "又一封");
    desk.bridge.arrived(&session.access_token, &mail).await.unwrap();
    assert_eq!(cards(&house, "zhangsan").len(), 12);
}

#[tokio::test]
async fn a_card_says_no_more_than_the_member_wants() {
    let house = house_with(house::old(), |config| config).await;
    let (desk, session) = house.signed_in("zhangsan").await;
    for (words, title) in [
        (CardWords::Sender, "王五 发来新邮件"),
        (CardWords::Nothing, "您有新邮件"),
    ] {
        wants(&desk, &session, Reminders { words, ..all() }).await;
        // Whatever the app says.
        let mail = arrived(&house, &format!("工资条 {title}"));
        desk.bridge.arrived(&session.access_token, &mail).await.unwrap();
        let sent = cards(&house, "zhangsan").pop().unwrap();
        assert_eq!(sent.0, title);
        assert!(!format!("{sent:?}").contains("工资条") && !format!("{sent:?}").contains("附件"));
        assert!(!sent.1.contains("王五"), "{sent:?}");
    }
    let (desk, session) = house.signed_in("lisi").await;
    let mut lisi = all();
    "en".clone_into(&mut lisi.lang);
    wants(&desk, &session, lisi).await;
    let mut mail = arrived(&house, "");
    "<b>王五</b>&".clone_into(&mut mail.mails[0].sender);
    desk.bridge.arrived(&session.access_token, &mail).await.unwrap();
    let sent = cards(&house, "lisi").pop().unwrap();
    assert_eq!(sent.0, "(no subject)");
    assert!(!sent.1.contains("<b>"), "{}", sent.1);
}

#[tokio::test]
async fn what_wecom_does_not_take_is_told_of_later_and_not_for_ever() {
    let house = house_with(house::old(), |config| config).await;
    let (desk, session) = house.signed_in("zhangsan").await;
    wants(&desk, &session, all()).await;
    house.sim.fail("message/send", 60020, 1);
    desk.bridge
        .arrived(&session.access_token, &arrived(&house, "一"))
        .await
        .unwrap();
    assert_eq!(cards(&house, "zhangsan"), []);
    house.clock.shift(61);
    let sent = until("it is told of later", || async {
        let sent = cards(&house, "zhangsan");
        (!sent.is_empty()).then_some(sent)
    })
    .await;
    assert_eq!(sent[0].0, "1 封新邮件");
    // Of what is an hour old nobody is reminded.
    house.sim.fail("message/send", 60020, 1);
    desk.bridge
        .arrived(&session.access_token, &arrived(&house, "二"))
        .await
        .unwrap();
    house.clock.shift(3700);
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(cards(&house, "zhangsan").len(), 1);
}

#[tokio::test]
async fn without_a_proven_address_there_are_no_reminders() {
    let house = house_with(Company::example(), |config| config).await;
    let (desk, session) = house.signed_in("lisi").await;
    wants(&desk, &session, Reminders { unread: true, ..all() }).await;
    let state = desk.bridge.reminders(&session.access_token).await.unwrap();
    assert_eq!(state.mailbox, None);
    let error = desk.bridge.arrived(&session.access_token, &arrived(&house, "一")).await;
    assert_eq!(refusal(error), Refusal::NoAddress);
    assert_eq!(cards(&house, "lisi"), []);
}

async fn platform() -> NeteaseSim {
    let accounts = ["zhangsan", "lisi"].map(|name| netease::Account::new(name, name));
    NeteaseSim::start("example.cn", accounts.into()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_believed_as_far_as_the_mailbox_shows_that_mail() {
    let sim = platform().await;
    let section = house::netease(&sim) + "push = true\n";
    let house = house_with(house::old(), |config| config + &section).await;
    let (desk, session) = house.signed_in("zhangsan").await;
    wants(&desk, &session, all()).await;
    // NetEase tells of the mailbox once somebody listened; then the computer is switched off.
    let http = qiyou_net::Dialer::new(qiyou_net::DialConfig::default()).unwrap();
    let http = http.http_stream(Duration::from_mins(1)).unwrap();
    let events = desk.bridge.events(&http, &session.access_token).await.unwrap();
    until("NetEase tells of the mailbox", || async {
        sim.is_pushed("zhangsan").then_some(())
    })
    .await;
    drop(events);
    until("nobody listens", || async {
        let metrics = reqwest::get(house.url.join("metrics").unwrap()).await.unwrap();
        metrics
            .text()
            .await
            .unwrap()
            .contains("qiyou_bridge_lines 0\n")
            .then_some(())
    })
    .await;
    let url = sim.push_urls().remove(0);
    let forged = format!(
        "{{\"From\":\"boss@example.cn\",\"To\":\"zhangsan@example.cn\",\"Subject\":\"转账\",\"SentDate\":\"{}000\"}}",
        house.clock.now()
    );
    let answer = reqwest::Client::new().post(&url).body(forged).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let letter = Mail {
        from: "王五 <wangwu@example.cn>".into(),
        subject: "季度计划".into(),
        text: "你好".into(),
        sent_at: house.clock.now() * 1000,
        ..Mail::default()
    };
    sim.deliver("zhangsan", letter).await.unwrap();
    let sent = until("a card came", || async {
        let sent = cards(&house, "zhangsan");
        (!sent.is_empty()).then_some(sent)
    })
    .await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0].0, "季度计划");
    // The app says the same when the computer is on again.
    let mut mail = arrived(&house, "季度计划");
    let id = sent[0].2.rsplit_once("/open/mail/").unwrap().1;
    let card = desk.bridge.card(&session.access_token, id).await.unwrap().unwrap();
    mail.mails[0].sent_at = card.sent_at;
    assert_eq!(card.hash, mail.mails[0].hash);
    desk.bridge.arrived(&session.access_token, &mail).await.unwrap();
    assert_eq!(cards(&house, "zhangsan").len(), 1);
}

#[tokio::test]
async fn the_workbench_shows_the_number_to_whoever_wants_it() {
    let house = house_with(house::old(), |config| {
        config.replace("# workbench = false", "workbench = true")
    })
    .await;
    let (desk, session) = house.signed_in("zhangsan").await;
    until("the workbench has its card", || async {
        (house.sim.workbench("zhangsan") == [("未读邮件".to_owned(), "-".to_owned())]).then_some(())
    })
    .await;
    let count = async |count| desk.bridge.unread(&session.access_token, Unread { count }).await;
    count(3).await.unwrap();
    assert_eq!(house.sim.workbench("zhangsan")[0].1, "-", "nobody asked for it");
    wants(
        &desk,
        &session,
        Reminders {
            unread: true,
            ..Reminders::default()
        },
    )
    .await;
    count(3).await.unwrap();
    assert_eq!(house.sim.workbench("zhangsan")[0].1, "3");
    count(12_345).await.unwrap();
    assert_eq!(house.sim.workbench("zhangsan")[0].1, "999+");
    assert_eq!(house.sim.workbench("lisi")[0].1, "-");
    for _ in 0..4 {
        count(1).await.unwrap();
    }
    assert_eq!(refusal(count(1).await), Refusal::Busy);
    wants(&desk, &session, Reminders::default()).await;
    assert_eq!(house.sim.workbench("zhangsan")[0].1, "-");
}

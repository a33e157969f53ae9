//! What apps are told by themselves: mail by NetEase's push, another directory, the end of a session.

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
use house::{Desk, House, house_with, on_both_databases, until};
use qiyou_bridge_api::{BridgeEvent, Session};
use qiyou_net::{DialConfig, Dialer};
use qiyou_signin::bridge::Events;
use qiyou_testkit::netease::{self, Mail, NeteaseSim};
use qiyou_testkit::wecom::{CallbackKeys, Change};

async fn platform() -> NeteaseSim {
    let accounts = ["zhangsan", "lisi", "wangwu"].map(|name| netease::Account::new(name, name));
    NeteaseSim::start("example.cn", accounts.into()).await.unwrap()
}

/// A bridge with NetEase behind it.
async fn pushed(sim: &NeteaseSim) -> House {
    let section = house::netease(sim) + "push = true\n";
    house_with(house::old(), |config| config + &section).await
}

async fn listen(desk: &Desk, session: &Session) -> Events {
    let http = Dialer::new(DialConfig::default())
        .unwrap()
        .http_stream(Events::SILENCE)
        .unwrap();
    let mut events = desk.bridge.events(&http, &session.access_token).await.unwrap();
    assert!(matches!(
        hears(&mut events).await,
        Some(BridgeEvent::Hello { back_within: 1.. })
    ));
    events
}

async fn hears(events: &mut Events) -> Option<BridgeEvent> {
    tokio::time::timeout(Duration::from_secs(20), events.next())
        .await
        .unwrap()
        .unwrap()
}

/// Nothing is heard for a while.
async fn is_silent(events: &mut Events) {
    let heard = tokio::time::timeout(Duration::from_millis(1500), events.next()).await;
    assert!(heard.is_err(), "{heard:?}", heard = heard.unwrap());
}

fn mail(name: &str) -> BridgeEvent {
    BridgeEvent::Mail {
        address: format!("{name}@example.cn"),
    }
}

fn letter(subject: &str) -> Mail {
    Mail {
        from: "王五 <wangwu@example.cn>".into(),
        subject: subject.into(),
        text: "你好".into(),
        ..Mail::default()
    }
}

/// A member who listens, once NetEase tells of their mailbox.
async fn listener(house: &House, sim: &NeteaseSim, name: &str) -> (Desk, Session, Events) {
    let (desk, session) = house.signed_in(name).await;
    let events = listen(&desk, &session).await;
    until("NetEase tells of the mailbox", || async {
        sim.is_pushed(name).then_some(())
    })
    .await;
    (desk, session, events)
}

on_both_databases![
    [
        super::house_with(super::house::old(), |config| super::house::following(&config)),
        super::house_on_postgres_with(super::house::old(), |config| super::house::following(&config))
    ]:
    the_end_of_a_session_is_told_and_the_line_ends,
    another_directory_is_told_to_everybody,
];

async fn the_end_of_a_session_is_told_and_the_line_ends(house: House) {
    let (desk, session) = house.signed_in("zhangsan").await;
    let (other, of_other) = house.signed_in("zhangsan").await;
    let (lisi, of_lisi) = house.signed_in("lisi").await;
    let mut events = listen(&desk, &session).await;
    let mut others = listen(&other, &of_other).await;
    let mut bystander = listen(&lisi, &of_lisi).await;
    let lines = other.bridge.sessions(&of_other.access_token).await.unwrap();
    let line = lines.iter().find(|line| !line.own).unwrap();
    other.bridge.revoke(&of_other.access_token, &line.id).await.unwrap();
    let over = |event: Option<BridgeEvent>| event.is_none_or(|event| event == BridgeEvent::Session);
    // Others may be told of the directory that is being read.
    loop {
        match hears(&mut events).await {
            Some(BridgeEvent::Directory { .. }) => {}
            event => break assert_eq!(event, Some(BridgeEvent::Session)),
        }
    }
    assert_eq!(hears(&mut events).await, None);
    // Another device of the same member looks, and goes on; who signed in to that one only is not the one who is told.
    loop {
        match hears(&mut others).await {
            Some(BridgeEvent::Directory { .. }) => {}
            event => break assert_eq!(event, Some(BridgeEvent::Session)),
        }
    }
    house
        .command(&["user", "zhangsan", "--sign-out"])
        .await
        .says("1 devices");
    while !over(hears(&mut others).await) {}
    let heard = tokio::time::timeout(Duration::from_millis(1200), bystander.next()).await;
    assert!(!matches!(heard, Ok(Ok(None | Some(BridgeEvent::Session)))), "{heard:?}");
}

async fn another_directory_is_told_to_everybody(house: House) {
    let (desk, session) = house.signed_in("zhangsan").await;
    let revision = async || {
        let part = desk
            .bridge
            .directory(&session.access_token, &session.signing_key, 0, "");
        part.await.unwrap().revision
    };
    let before = until("the directory is read", || async {
        let revision = revision().await;
        (revision > 0).then_some(revision)
    })
    .await;
    // What was told of the first reading is over.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut events = listen(&desk, &session).await;
    house.sim.member("lisi", |member| member.name = "李四四".into());
    let (keys, url) = (
        house.sim.company(|company| CallbackKeys::example(&company.corp_id)),
        house.url.join("/wecom/callback").unwrap(),
    );
    house
        .sim
        .push_event(&url, &keys, &Change::update_user("lisi", &[]))
        .await
        .unwrap();
    let heard = hears(&mut events).await;
    assert!(matches!(heard, Some(BridgeEvent::Directory { within: 1 })), "{heard:?}");
    assert!(revision().await > before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_mail_is_told_to_whoever_has_the_mailbox_and_to_nobody_else() {
    let sim = platform().await;
    let house = pushed(&sim).await;
    let (desk, session, mut events) = listener(&house, &sim, "zhangsan").await;
    let (_lisi, _of_lisi, mut others) = listener(&house, &sim, "lisi").await;
    assert_eq!(sim.push_urls().len(), 1, "one address for all");
    assert_eq!(sim.deliver("zhangsan", letter("季度计划")).await.unwrap(), 1);
    assert_eq!(hears(&mut events).await, Some(mail("zhangsan")));
    is_silent(&mut others).await;
    // Nobody signed in for that mailbox.
    assert_eq!(sim.deliver("wangwu", letter("季度计划")).await.unwrap(), 0);
    is_silent(&mut others).await;
    assert_eq!(sim.count("push/addPushMailSubscribe"), 2);
    // Whoever comes back is not subscribed anew.
    drop(events);
    listen(&desk, &session).await;
    assert_eq!(sim.count("push/addPushMailSubscribe"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_pushes_is_one_look_a_second() {
    let sim = platform().await;
    let house = pushed(&sim).await;
    let (_desk, _session, mut events) = listener(&house, &sim, "zhangsan").await;
    let url = sim.push_urls().remove(0);
    let http = reqwest::Client::new();
    let push = |to: &str| {
        let body = format!("{{\"From\":\"a@b.cn\",\"To\":\"{to}\",\"Subject\":\"x\"}}");
        http.post(&url)
            .header("content-type", "application/json")
            .body(body)
            .send()
    };
    for _ in 0..300 {
        let answer = push("zhangsan@example.cn").await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.text().await.unwrap().as_str()),
            (200, "success")
        );
    }
    let mut looks = 0;
    while let Ok(event) = tokio::time::timeout(Duration::from_millis(2500), events.next()).await {
        looks += u32::from(event.unwrap() == Some(mail("zhangsan")));
    }
    assert!((1..=10).contains(&looks), "{looks}");
    // Another mailbox than the flooded one is not held up, and no other company's is known here.
    for to in ["lisi@example.cn", "zhangsan@example.org", "zhangsan@sub.example.cn"] {
        assert_eq!(push(to).await.unwrap().status(), 200);
    }
    is_silent(&mut events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_is_none_does_nothing() {
    let sim = platform().await;
    let house = pushed(&sim).await;
    let (_desk, _session, mut events) = listener(&house, &sim, "zhangsan").await;
    let right = sim.push_urls().remove(0);
    let good = r#"{"To":"zhangsan@example.cn"}"#;
    let http = reqwest::Client::new();
    let (base, name) = right.rsplit_once('/').unwrap();
    let flipped: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() {
                c.to_ascii_uppercase()
            } else {
                c
            }
        })
        .collect();
    for guess in ["", "x", &name.repeat(2), &flipped, "%00"] {
        let answer = http.post(format!("{base}/{guess}")).body(good).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{guess}");
    }
    for (body, status) in [
        ("nonsense".to_owned(), 400),
        ("[]".to_owned(), 400),
        (r#"{"To":"\u0000@example.cn"}"#.to_owned(), 400),
        (r#"{"To":""}"#.to_owned(), 400),
        (r#"{"To":"' OR 1=1 --@example.cn"}"#.to_owned(), 400),
        (format!("{{\"To\":\"{}@example.cn\"}}", "a".repeat(10_000)), 200),
        ("a".repeat(600 * 1024), 413),
    ] {
        let answer = http.post(&right).body(body.clone()).send().await.unwrap();
        let shown: String = body.chars().take(60).collect();
        assert_eq!(answer.status(), status, "{shown}");
    }
    assert_eq!(http.get(&right).send().await.unwrap().status(), 405);
    is_silent(&mut events).await;
    // It still works.
    sim.deliver("zhangsan", letter("季度计划")).await.unwrap();
    assert_eq!(hears(&mut events).await, Some(mail("zhangsan")));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_one_session_one_line_and_none_of_a_session_that_ended() {
    let house = house_with(house::old(), |config| config).await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let mut first = listen(&desk, &session).await;
    let mut second = listen(&desk, &session).await;
    assert_eq!(hears(&mut first).await, None, "its place is taken");
    desk.bridge.sign_out(&session.access_token).await.unwrap();
    assert_eq!(hears(&mut second).await, Some(BridgeEvent::Session));
    assert_eq!(hears(&mut second).await, None);
    let http = Dialer::new(DialConfig::default())
        .unwrap()
        .http_stream(Events::SILENCE)
        .unwrap();
    let refused = desk.bridge.events(&http, &session.access_token).await;
    assert!(refused.err().unwrap().is(qiyou_bridge_api::Refusal::SessionGone));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_that_stops_ends_the_lines_at_once() {
    let mut house = house_with(house::old(), |config| config).await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let mut events = listen(&desk, &session).await;
    let began = std::time::Instant::now();
    house.stop().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(matches!(events.next().await, Ok(None) | Err(_)));
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_push_at_one_replica_is_told_at_the_other() {
    let sim = platform().await;
    let section = house::netease(&sim) + "push = true\n";
    let house = house_on_postgres_with(house::old(), |config| config + &section).await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let mut config = house.config();
    config.listen.set_port(0);
    let server = qiyou_bridge::serve::Server::bind(config, house.clock.clone())
        .await
        .unwrap();
    let address = server.address().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let other = tokio::spawn(server.run(async { drop(stopped.await) }));
    let mut events = listen(&desk, &session).await;
    until("NetEase tells of the mailbox", || async {
        sim.is_pushed("zhangsan").then_some(())
    })
    .await;
    let mut url = url::Url::parse(&sim.push_urls().remove(0)).unwrap();
    url.set_port(Some(address.port())).unwrap();
    let body = r#"{"To":"张三 <ZhangSan@example.cn>"}"#;
    let answer = reqwest::Client::new().post(url).body(body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    while hears(&mut events).await != Some(mail("zhangsan")) {}
    drop(stop);
    other.await.unwrap().unwrap();
}

//! PostgreSQL goes away and comes back, under a bridge that runs.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod house;

use std::time::{Duration, Instant};

use house::{House, empty_house, house_on_postgres, on_postgres, refusal};
use qiyou_bridge_api::{Refusal, SigninState};
use qiyou_testkit::fault::FaultProxy;
use qiyou_testkit::postgres::Postgres;
use qiyou_testkit::wecom::Company;

/// Nobody waits longer than this for being told that it does not work.
const PATIENCE: Duration = Duration::from_secs(10);

async fn healthz(house: &House) -> u16 {
    let url = house.url.join("healthz").unwrap();
    reqwest::get(url).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn while_the_database_is_away_all_are_told_so_and_afterwards_all_goes_on() {
    let house = house_on_postgres().await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let (lisi, begun, done) = house.confirmed("lisi").await;
    let (new, code) = (house.device(), done.code());
    let waiting = new.start().await;
    let asked = house.browser().through(&new.start().await.url).await;
    assert_eq!(house.readyz().await, 200);
    let (bridge, id) = (new.bridge.clone(), waiting.id.clone());
    let held = tokio::spawn(async move { bridge.poll(&id, SigninState::Waiting).await });

    house.postgres().stop().await.unwrap();
    let began = Instant::now();
    let (refreshed, redeemed, started, page, answered, ready, alive) = tokio::join!(
        desk.bridge.refresh(&session.refresh_token),
        lisi.redeem(&begun, &code),
        new.try_start(),
        house.browser().through(&waiting.url),
        asked.confirm("yes"),
        house.readyz(),
        healthz(&house),
    );
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    assert_eq!(refusal(refreshed), Refusal::Internal);
    assert_eq!(refusal(redeemed), Refusal::Internal);
    assert_eq!(refusal(started), Refusal::Internal);
    assert_eq!(refusal(held.await.unwrap()), Refusal::Internal);
    for page in [page, answered] {
        page.shows(500, "服务器出了问题");
    }
    assert_eq!((ready, alive), (503, 200));

    house.postgres().resume().await.unwrap();
    assert_eq!(house.readyz().await, 200);
    let next = desk.bridge.refresh(&session.refresh_token).await.unwrap();
    desk.bridge.member(&next.access_token).await.unwrap();
    lisi.redeem(&begun, &code).await.unwrap();
    house.signed_in("zhangsan").await;
    let seen = new.bridge.poll(&waiting.id, SigninState::Scanned).await.unwrap();
    assert_eq!(seen, SigninState::Waiting);
}

#[tokio::test]
async fn a_line_to_the_database_that_swallows_all_holds_nobody_for_long() {
    let postgres = Postgres::start().await.unwrap();
    let line = FaultProxy::start(postgres.port()).unwrap();
    let url = postgres
        .url()
        .replace(&format!(":{}/", postgres.port()), &format!(":{}/", line.port()));
    let mut house = empty_house(Company::example(), |config| on_postgres(&config, &url)).await;
    house.postgres = Some(postgres);
    house.start().await;
    let (desk, session) = house.signed_in("zhangsan").await;

    line.black_hole(true);
    let began = Instant::now();
    let (refreshed, ready) = tokio::join!(desk.bridge.refresh(&session.refresh_token), house.readyz());
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    assert_eq!((refusal(refreshed), ready), (Refusal::Internal, 503));

    line.heal();
    let next = desk.bridge.refresh(&session.refresh_token).await.unwrap();
    desk.bridge.member(&next.access_token).await.unwrap();
    assert_eq!(house.readyz().await, 200);
    // What was open is cut: others are opened.
    line.cut_now();
    desk.bridge.member(&next.access_token).await.unwrap();
}

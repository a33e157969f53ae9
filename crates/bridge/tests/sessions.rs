//! Sessions: refreshed, stolen, ended.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

mod house;

use house::{House, house, on_both_databases, refusal};
use qiyou_bridge_api::Refusal;
use secrecy::ExposeSecret as _;

on_both_databases![
    a_refresh_rotates_and_the_token_before_works_until_the_new_one_is_used,
    a_stolen_token_without_the_key_ends_the_session_and_gives_nothing,
    a_member_sees_their_devices_and_signs_one_out,
    many_refreshes_at_once_leave_one_session_that_lives,
];

async fn a_refresh_rotates_and_the_token_before_works_until_the_new_one_is_used(house: House) {
    let (desk, first) = house.signed_in("zhangsan").await;
    let second = desk.bridge.refresh(&first.refresh_token).await.unwrap();
    assert_ne!(
        first.refresh_token.expose_secret(),
        second.refresh_token.expose_secret()
    );
    // The answer was lost: the same answer again.
    let again = desk.bridge.refresh(&first.refresh_token).await.unwrap();
    assert_eq!(
        again.refresh_token.expose_secret(),
        second.refresh_token.expose_secret()
    );
    let third = desk.bridge.refresh(&second.refresh_token).await.unwrap();
    desk.bridge.member(&third.access_token).await.unwrap();
    // From now on the first is a thief's.
    assert_eq!(
        refusal(desk.bridge.refresh(&first.refresh_token).await),
        Refusal::SessionGone
    );
    assert_eq!(
        refusal(desk.bridge.refresh(&third.refresh_token).await),
        Refusal::SessionGone
    );
    assert_eq!(
        refusal(desk.bridge.member(&third.access_token).await),
        Refusal::SessionGone
    );
}

async fn a_stolen_token_without_the_key_ends_the_session_and_gives_nothing(house: House) {
    let (desk, session) = house.signed_in("zhangsan").await;
    let thief = house.device();
    assert_eq!(
        refusal(thief.bridge.member(&session.access_token).await),
        Refusal::SessionGone
    );
    desk.bridge.member(&session.access_token).await.unwrap();
    assert_eq!(
        refusal(thief.bridge.refresh(&session.refresh_token).await),
        Refusal::SessionGone
    );
    assert_eq!(
        refusal(desk.bridge.refresh(&session.refresh_token).await),
        Refusal::SessionGone
    );
}

#[tokio::test]
async fn an_access_token_holds_for_a_quarter_of_an_hour() {
    let house = house().await;
    let (desk, session) = house.signed_in("zhangsan").await;
    house.clock.shift(i64::from(session.expires_in) + 1);
    assert_eq!(
        refusal(desk.bridge.member(&session.access_token).await),
        Refusal::TokenExpired
    );
    let next = desk.bridge.refresh(&session.refresh_token).await.unwrap();
    desk.bridge.member(&next.access_token).await.unwrap();
}

async fn a_member_sees_their_devices_and_signs_one_out(house: House) {
    let (desk, session) = house.signed_in("zhangsan").await;
    let (other, others) = house.signed_in("zhangsan").await;
    let (_, lisi) = house.signed_in("lisi").await;
    let all = desk.bridge.sessions(&session.access_token).await.unwrap();
    assert_eq!(all.len(), 2);
    let stranger = lisi.access_token.expose_secret().split('.').nth(1).unwrap();
    desk.bridge.revoke(&session.access_token, stranger).await.unwrap_err();
    let line = all.iter().find(|line| !line.own).unwrap();
    desk.bridge.revoke(&session.access_token, &line.id).await.unwrap();
    assert_eq!(
        refusal(other.bridge.member(&others.access_token).await),
        Refusal::SessionGone
    );
    assert_eq!(
        refusal(other.bridge.refresh(&others.refresh_token).await),
        Refusal::SessionGone
    );
    desk.bridge.sign_out(&session.access_token).await.unwrap();
    assert_eq!(
        refusal(desk.bridge.refresh(&session.refresh_token).await),
        Refusal::SessionGone
    );
}

async fn many_refreshes_at_once_leave_one_session_that_lives(house: House) {
    let (desk, session) = house.signed_in("zhangsan").await;
    let many = futures::future::join_all((0..8).map(|_| desk.bridge.refresh(&session.refresh_token))).await;
    let tokens: Vec<_> = many
        .into_iter()
        .map(|next| next.unwrap().refresh_token.expose_secret().to_owned())
        .collect();
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    desk.bridge.refresh(&tokens[0].clone().into()).await.unwrap();
}

#[tokio::test]
async fn a_request_without_a_proof_is_asked_for_one() {
    let house = house().await;
    let (_, session) = house.signed_in("zhangsan").await;
    let bearer = reqwest::Client::new()
        .get(house.url.join("api/session").unwrap())
        .header(
            "authorization",
            format!("DPoP {}", session.access_token.expose_secret()),
        )
        .send()
        .await
        .unwrap();
    assert_eq!(bearer.status(), 401);
    assert!(bearer.headers().contains_key("dpop-nonce"));
    assert!(
        bearer.headers()["www-authenticate"]
            .to_str()
            .unwrap()
            .contains("use_dpop_nonce")
    );
    let text = bearer.text().await.unwrap();
    assert!(text.contains("use_nonce") && text.contains("\"request\":\""), "{text}");
}

#[tokio::test]
async fn a_proof_that_was_made_for_no_token_carries_none() {
    let house = house().await;
    let (desk, session) = house.signed_in("zhangsan").await;
    let url = house.url.join("api/session").unwrap();
    let nonce = reqwest::get(url.clone()).await.unwrap().headers()["dpop-nonce"].clone();
    let token = session.access_token.expose_secret();
    for (bound, status) in [(Some(token), 200), (None, 401)] {
        let proof = desk.key.proof("GET", &url, nonce.to_str().unwrap(), bound);
        let answer = reqwest::Client::new()
            .get(url.clone())
            .header("authorization", format!("DPoP {token}"))
            .header("dpop", proof)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{bound:?}");
    }
}

#[tokio::test]
async fn too_many_from_one_address_wait() {
    let house = house::house_with(qiyou_testkit::wecom::Company::example(), |config| {
        config.replace("[wecom]\n", "[limits]\nsignins_per_minute = 3\n[wecom]\n")
    })
    .await;
    let desk = house.device();
    for _ in 0..3 {
        desk.start().await;
    }
    let error = desk
        .bridge
        .start(
            qiyou_bridge_api::Device {
                name: "PC".into(),
                ..Default::default()
            },
            &desk.verifier,
            "zh",
        )
        .await
        .unwrap_err();
    assert!(error.is(Refusal::Busy));
}

#[tokio::test]
async fn the_machine_room_answers() {
    let house = house().await;
    house.signed_in("zhangsan").await;
    let get = |path: &str| {
        let url = house.url.join(path).unwrap();
        async move { reqwest::get(url).await.unwrap().text().await.unwrap() }
    };
    assert_eq!(get("healthz").await, "ok\n");
    assert_eq!(get("readyz").await, "ok\n");
    let metrics = get("metrics").await;
    assert!(
        metrics.contains("qiyou_bridge_signins_total{outcome=\"done\"} 1"),
        "{metrics}"
    );
    // Patterns, not addresses: an address may hold a secret.
    assert!(metrics.contains("route=\"/signin/{page}\""), "{metrics}");
    assert_eq!(get("api/nothing").await, "nothing here\n");
}

//! The document of the api, held against a bridge that runs.

#![allow(clippy::unwrap_used, reason = "a test that fails says so by itself")]

mod house;

use house::house;
use qiyou_bridge_api::{BridgeError, Refusal};
use reqwest::Method;
use serde_json::Value;

#[tokio::test]
async fn whatever_the_document_names_is_there() {
    let house = house().await;
    let answer = reqwest::get(house.url.join("api/openapi.json").unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/json");
    let document: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let url = house.url.join(&path.replace("{id}", "nobody")).unwrap();
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let answer = reqwest::Client::new()
                .request(method.clone(), url)
                .send()
                .await
                .unwrap();
            let status = answer.status().as_u16();
            assert!(answer.headers().contains_key("dpop-nonce"), "{method} {path}");
            if operation["operationId"] == "openapi" {
                assert_eq!(status, 200);
            } else {
                // It asks for a proof, as documented: neither 404 nor 405.
                assert_eq!(status, 401, "{method} {path}");
                let error: BridgeError = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
                let refused = [Refusal::UseNonce, Refusal::SessionGone];
                assert!(refused.contains(&error.error), "{method} {path}: {error:?}");
            }
            asked += 1;
        }
    }
    assert!(asked >= 10, "{asked}");
}

#[tokio::test]
async fn what_is_not_understood_is_refused_in_the_documented_words() {
    let house = house().await;
    let desk = house.device();
    let started = desk.start().await;
    let post = async |path: &str, kind: &str, body: &str| {
        let url = house.url.join(path).unwrap();
        let nonce = reqwest::get(house.url.join("api/openapi.json").unwrap()).await.unwrap();
        let nonce = nonce.headers()["dpop-nonce"].to_str().unwrap().to_owned();
        let answer = reqwest::Client::new()
            .post(url.clone())
            .header("dpop", desk.key.proof("POST", &url, &nonce, None))
            .header("content-type", kind)
            .body(body.to_owned())
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let error: BridgeError = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path} {status}: {text}"));
        assert_eq!((status, error.error), (400, Refusal::Malformed), "{path}: {error:?}");
        assert!(
            error.detail.chars().count() <= 200 && !error.request.is_empty(),
            "{error:?}"
        );
        error.detail
    };
    let json = "application/json";
    let redeem = format!("api/signin/{}/redeem", started.id);
    assert!(
        post(
            "api/signin",
            json,
            r#"{"device":{"name":"PC","system":"","version":""}}"#
        )
        .await
        .contains("challenge")
    );
    assert!(post(&redeem, json, r#"{"code":"1"}"#).await.contains("verifier"));
    post("api/session/refresh", json, "{").await;
    post("api/session/refresh", "text/plain", "{}").await;
    post(
        "api/session/refresh",
        json,
        &format!("{{\"refresh_token\":\"{}\"}}", "x".repeat(20_000)),
    )
    .await;
}

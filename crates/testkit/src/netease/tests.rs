use axum::http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::state::{Refusal, State};
use super::*;

const DOMAIN: &str = "example.cn";

fn company() -> State {
    let accounts = (1..=60).map(|n| Account::new(&format!("p{n}"), "王五")).collect();
    State::new("http://127.0.0.1:9", DOMAIN, accounts)
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let all = pairs
        .iter()
        .copied()
        .chain([("content-type", "application/json;charset=utf-8")]);
    all.map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect()
}

fn acquired(state: &mut State) -> Value {
    let body =
        json!({ "appId": NeteaseSim::APP_ID, "authCode": state.auth_code, "orgOpenId": NeteaseSim::ORG_OPEN_ID });
    state.acquire(body.to_string().as_bytes()).ok().unwrap()
}

fn spoken(token: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("qiye-access-token", token),
        ("qiye-app-id", NeteaseSim::APP_ID),
        ("qiye-org-open-id", NeteaseSim::ORG_OPEN_ID),
    ]
}

fn listed(state: &mut State, pairs: &[(&'static str, &str)], page: i64, size: i64) -> Result<usize, i64> {
    let body = json!({ "domain": DOMAIN, "recursion": true, "pageNum": page, "pageSize": size }).to_string();
    match state.answer("unit/getAccountList", &headers(pairs), body.as_bytes()) {
        Ok(data) => Ok(data["list"].as_array().unwrap().len()),
        Err(Refusal(code, _)) => Err(code),
    }
}

#[test]
fn a_call_is_refused_without_its_headers_its_address_or_its_grant() {
    let mut state = company();
    let pair = acquired(&mut state);
    let good = spoken(pair["accessToken"].as_str().unwrap());
    assert_eq!(listed(&mut state, &good, 2, 50), Ok(10));
    for missing in 0..3 {
        let mut few = good.clone();
        few.remove(missing);
        assert_eq!(listed(&mut state, &few, 1, 50), Err(-424));
    }
    assert_eq!(listed(&mut state, &good, 1, 51), Err(-401));
    assert_eq!(listed(&mut state, &good, 0, 50), Err(-401));
    state.listed = false;
    assert_eq!(listed(&mut state, &good, 1, 50), Err(-201));
    state.listed = true;
    state.withheld.insert("unit/getAccountList".to_owned());
    assert_eq!(listed(&mut state, &good, 1, 50), Err(-202));
}

#[test]
fn a_refresh_kills_the_old_pair_at_once() {
    let mut state = company();
    let pair = acquired(&mut state);
    let (access, refresh) = (
        pair["accessToken"].as_str().unwrap(),
        pair["refreshToken"].as_str().unwrap(),
    );
    let new = state.refresh(Some(refresh)).ok().unwrap();
    assert_eq!(listed(&mut state, &spoken(access), 1, 50), Err(-300));
    assert_eq!(state.refresh(Some(refresh)).err().unwrap().0, -300);
    let access = new["accessToken"].as_str().unwrap();
    assert_eq!(listed(&mut state, &spoken(access), 1, 50), Ok(50));
    state.ahead_ms = 2 * 3_600_000;
    assert_eq!(listed(&mut state, &spoken(access), 1, 50), Err(-301));
    state.ahead_ms = 31 * 86_400_000;
    assert_eq!(state.refresh(new["refreshToken"].as_str()).err().unwrap().0, -302);
}

#[test]
fn departments_hold_those_below_them() {
    let mut state = company();
    let unit = |id: &str, parent: &str| Unit {
        id: id.into(),
        parent: parent.into(),
        ..Unit::default()
    };
    state.units = vec![unit("1", ""), unit("2", "1"), unit("3", "4"), unit("4", "3")];
    assert!(state.below("2", "1") && state.below("1", "1"));
    assert!(!state.below("1", "2") && !state.below("3", "1") && !state.below("9", "1"));
}

#[test]
fn expiries_are_written_in_the_zone_that_is_set() {
    let mut state = company();
    assert_eq!(state.written(1_767_225_600_000), "2026-01-01 08:00:00");
    state.zone_hours = 0;
    assert_eq!(state.written(1_767_225_600_000), "2026-01-01 00:00:00");
}

#[test]
fn a_public_key_is_taken_out_of_its_wrapping() {
    assert!(public_key_of("31020500").is_none());
    assert_eq!(public_key_of("300a3003060100030300aabb").unwrap(), [0xaa, 0xbb]);
    assert!(public_key_of("300a3003060100030301aabb").is_none());
    assert!(public_key_of("308").is_none());
}

fn public_key_of(hex: &str) -> Option<Vec<u8>> {
    old::public_key(hex).ok()
}

#[test]
fn signatures_are_wanted_in_lower_case_hex_and_a_key() {
    assert!(!old::verified(None, "text", "00"));
    assert!(!old::verified(Some(&[0]), "text", "0"));
    assert!(!old::verified(Some(&[0]), "text", "zz"));
}

#[tokio::test]
async fn the_webmail_lets_nobody_in_without_a_sign() {
    let sim = NeteaseSim::start(DOMAIN, vec![Account::new("zhangsan", "张三")])
        .await
        .unwrap();
    for path in [
        "/login/ssoLogin?sso_token=sign-1",
        "/domain/oa/Entry",
        "/entry/door?sid=1",
        "/webmail",
    ] {
        let visit = browse(&format!("{}{path}", sim.url())).await.unwrap();
        assert_eq!(visit.status, 403, "{path}");
        assert!(!visit.body.contains("zhangsan"), "{path}");
    }
}

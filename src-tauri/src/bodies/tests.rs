use qiyou_frame::Asked;
use url::Url;

use super::{LINKS, asked, response};

#[test]
fn only_our_own_address_is_ours() {
    let ask = |address: &str| asked(&Url::parse(address).unwrap());
    assert_eq!(ask(&format!("{LINKS}5/2")), Some(Asked::Link { mail: 5, number: 2 }));
    for other in [
        "qymail://evil/link/5/2",
        "qymail://localhost/link/5",
        "https://localhost/link/5/2",
        "http://qymail.localhost.example.com/link/5/2",
        "http://qymail.localhost:8080/link/5/2",
        "tauri://localhost/link/5/2",
        "file:///link/5/2",
    ] {
        assert_eq!(ask(other), None, "{other}");
    }
}

#[test]
fn the_policy_goes_out_with_the_answer() {
    let response = response(qiyou_frame::refused());
    assert_eq!(response.status(), 404);
    let policy = response
        .headers()
        .get("content-security-policy")
        .unwrap()
        .to_str()
        .unwrap();
    assert_eq!(policy, qiyou_frame::policy(false));
}

use qiyou_frame::Asked;
use url::Url;

use super::{DOORS, asked};

#[test]
fn only_our_own_address_is_ours() {
    let ask = |address: &str| asked(&Url::parse(address).unwrap());
    let base = DOORS.base;
    assert_eq!(
        ask(&format!("{base}link/5/2")),
        Some(Asked::Link { mail: 5, number: 2 })
    );
    assert_eq!(
        ask(&format!("{base}picture/5/2")),
        Some(Asked::Picture { mail: 5, number: 2 })
    );
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

use super::*;

#[test]
fn an_address_is_taken_as_people_write_it() {
    for (text, base) in [
        ("mail.example.cn", "https://mail.example.cn/"),
        (" https://mail.example.cn/signin/x?y#z ", "https://mail.example.cn/"),
        ("mail.example.cn:8443", "https://mail.example.cn:8443/"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
    ] {
        assert_eq!(address(text).unwrap().as_str(), base);
    }
    for text in [
        "http://mail.example.cn",
        "ftp://mail.example.cn",
        "",
        "https://",
        "https://a:b@mail.example.cn",
    ] {
        assert!(address(text).is_err(), "{text}");
    }
}

#[test]
fn a_key_comes_back_from_the_keychain_as_it_was() {
    let key = DeviceKey::random().unwrap();
    let again = DeviceKey::of(key.secret()).unwrap();
    let url = Url::parse("https://mail.example.cn/api/signin?x=1").unwrap();
    let jwk = |key: &DeviceKey| key.proof("GET", &url, "n", None).split('.').next().unwrap().to_owned();
    assert_eq!(jwk(&key), jwk(&again));
    assert_ne!(jwk(&key), jwk(&DeviceKey::random().unwrap()));
    assert!(DeviceKey::of(&SecretString::from("x")).is_none());
}

#[test]
fn no_two_proofs_are_the_same_and_none_names_the_query() {
    let key = DeviceKey::random().unwrap();
    let url = Url::parse("https://mail.example.cn/api/signin/1?seen=waiting").unwrap();
    let claims = |proof: String| -> serde_json::Value {
        let part = proof.split('.').nth(1).unwrap().to_owned();
        serde_json::from_slice(&BASE64.decode(part).unwrap()).unwrap()
    };
    let (a, b) = (
        claims(key.proof("GET", &url, "n", None)),
        claims(key.proof("GET", &url, "n", None)),
    );
    assert_ne!(a["jti"], b["jti"]);
    assert_eq!(a["htu"], "https://mail.example.cn/api/signin/1");
    assert!(a["ath"].is_null());
}

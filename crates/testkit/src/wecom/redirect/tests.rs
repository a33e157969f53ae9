use super::*;

#[test]
fn only_the_trusted_domain_is_gone_back_to() {
    let domain = "bridge.example.cn";
    assert!(check("https://bridge.example.cn/signin/back", domain).is_ok());
    assert!(check("https://bridge.example.cn:443/signin/back?a=1", domain).is_ok());
    for foreign in [
        "https://evil.example/",
        "https://bridge.example.cn.evil.example/",
        "https://a.bridge.example.cn/",
        "https://bridge.example.cn:8443/",
        "https://bridge.example.cn@evil.example/",
    ] {
        assert_eq!(check(foreign, domain), Err(Refused::Domain), "{foreign}");
    }
    for broken in [
        "http://bridge.example.cn/",
        "qiyou://back",
        "/signin/back",
        "https:",
        "",
    ] {
        assert_eq!(check(broken, domain), Err(Refused::Parameter), "{broken}");
    }
    assert!(check("http://127.0.0.1:8080/back", "127.0.0.1:8080").is_ok());
    assert_eq!(check("https://bridge.example.cn/", ""), Err(Refused::Domain));
}

#[test]
fn an_address_inside_the_address_is_refused() {
    let domain = "bridge.example.cn";
    for nested in [
        "https://bridge.example.cn/back?redirect_uri=jms://auth/callback",
        "https://bridge.example.cn/back?next=https%3A%2F%2Fevil.example%2F",
        "https://bridge.example.cn/back?next=qiyou%253A%252F%252Fsignin",
        "https://bridge.example.cn/back?next=%3A//evil.example",
    ] {
        assert_eq!(check(nested, domain), Err(Refused::Nested), "{nested}");
    }
    assert!(
        check(
            "https://bridge.example.cn/back?next=https://bridge.example.cn/m/1",
            domain
        )
        .is_ok()
    );
}

#[test]
fn a_state_is_letters_and_digits() {
    assert!(sound_state("aZ09"));
    assert!(sound_state(&"a".repeat(128)));
    assert!(!sound_state(&"a".repeat(129)));
    assert!(!sound_state("a-b") && !sound_state("张"));
}

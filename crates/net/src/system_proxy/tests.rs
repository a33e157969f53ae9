use secrecy::ExposeSecret;

use super::*;

fn matcher() -> Matcher {
    Matcher::builder()
        .http("http://wrong.example:1")
        .https("http://zhang:p%40ss@proxy.example:3128")
        .no("intra.example, .corp.example, 10.0.0.0/8, 192.0.2.7")
        .build()
}

fn target(matcher: &Matcher, host: &str) -> Option<String> {
    choose(matcher, &Endpoint::new(host, 993))
        .unwrap()
        .map(|proxy| proxy.endpoint.to_string())
}

#[test]
fn mail_goes_where_https_goes_with_its_password() {
    let proxy = choose(&matcher(), &Endpoint::new("imap.example.com", 993))
        .unwrap()
        .unwrap();
    assert_eq!(proxy.kind, ProxyKind::Http);
    assert_eq!(proxy.endpoint, Endpoint::new("proxy.example", 3128));
    let (user, password) = proxy.credentials.unwrap();
    assert_eq!((user.as_str(), password.expose_secret()), ("zhang", "p@ss"));
}

#[test]
fn exceptions_are_names_suffixes_networks_and_addresses() {
    let matcher = matcher();
    for direct in [
        "intra.example",
        "mail.intra.example",
        "mail.corp.example",
        "10.1.2.3",
        "192.0.2.7",
    ] {
        assert_eq!(target(&matcher, direct), None, "{direct}");
    }
    for proxied in [
        "notintra.example",
        "example.com",
        "11.1.2.3",
        "192.0.2.8",
        "2001:db8::1",
    ] {
        assert_eq!(
            target(&matcher, proxied).as_deref(),
            Some("proxy.example:3128"),
            "{proxied}"
        );
    }
    assert_eq!(
        target(
            &Matcher::builder().all("http://p.example").no("*").build(),
            "example.com"
        ),
        None
    );
    assert_eq!(target(&Matcher::builder().build(), "example.com"), None);
}

#[test]
fn socks_is_understood_and_an_unknown_protocol_is_not_silently_bypassed() {
    let socks = Matcher::builder().all("socks5://[2001:db8::9]").build();
    let proxy = choose(&socks, &Endpoint::new("imap.example.com", 993))
        .unwrap()
        .unwrap();
    assert_eq!(
        (proxy.kind, proxy.endpoint),
        (ProxyKind::Socks5, Endpoint::new("2001:db8::9", 1080))
    );

    let old = Matcher::builder().all("socks4://p.example:1080").build();
    let error = choose(&old, &Endpoint::new("imap.example.com", 993)).unwrap_err();
    assert!(
        matches!(
            error,
            DialError::Proxy {
                auth_required: false,
                ..
            }
        ),
        "{error:?}"
    );
}

use super::*;
use crate::dial::{Endpoint, ProxyKind};
use crate::system_proxy::choose;

fn proxy(server: &str, exceptions: &str, host: &str) -> Option<(ProxyKind, String)> {
    let found = choose(&read(server, exceptions)?.matcher, &Endpoint::new(host, 993)).unwrap()?;
    Some((found.kind, found.endpoint.to_string()))
}

#[test]
fn one_proxy_or_one_for_each_protocol() {
    for (server, expected) in [
        ("proxy.example:8080", Some((ProxyKind::Http, "proxy.example:8080"))),
        (
            "ftp=f.example:21; HTTPS=s.example:3128;http=h.example:80",
            Some((ProxyKind::Http, "s.example:3128")),
        ),
        ("http=127.0.0.1:7890", Some((ProxyKind::Http, "127.0.0.1:7890"))),
        ("socks=127.0.0.1:7891", Some((ProxyKind::Socks5, "127.0.0.1:7891"))),
        ("ftp=f.example:21", None),
        ("https=", None),
    ] {
        let expected = expected.map(|(kind, place)| (kind, place.to_owned()));
        assert_eq!(proxy(server, "", "imap.example.com"), expected, "{server}");
    }
}

#[test]
fn exceptions_are_suffixes_networks_and_names() {
    let exceptions = "*.corp.example; 10.*;192.168.*.*;mail.example.com;<local>";
    for direct in ["a.corp.example", "10.1.2.3", "192.168.7.7", "mail.example.com"] {
        assert_eq!(proxy("p.example:1", exceptions, direct), None, "{direct}");
    }
    for proxied in ["example.com", "11.1.2.3", "192.169.1.1"] {
        assert!(proxy("p.example:1", exceptions, proxied).is_some(), "{proxied}");
    }
    assert!(read("p.example:1", exceptions).unwrap().local_direct);
    assert!(!read("p.example:1", "").unwrap().local_direct);
}

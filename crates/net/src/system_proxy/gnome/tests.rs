use secrecy::ExposeSecret;

use super::*;
use crate::dial::{Endpoint, Proxy, ProxyKind};
use crate::system_proxy::choose;

/// As gsettings prints it.
fn settings(mode: &str, changes: &[(&str, &str)]) -> String {
    let mut text = format!(
        "org.gnome.system.proxy autoconfig-url ''\n\
         org.gnome.system.proxy ignore-hosts ['localhost', '127.0.0.0/8', '::1', '*.corp.example', '10.0.0.0/8']\n\
         org.gnome.system.proxy mode '{mode}'\n\
         org.gnome.system.proxy use-same-proxy true\n\
         org.gnome.system.proxy.ftp host ''\n\
         org.gnome.system.proxy.http authentication-password ''\n\
         org.gnome.system.proxy.http use-authentication false\n\
         org.gnome.system.proxy.http host ''\n\
         org.gnome.system.proxy.http port 8080\n\
         org.gnome.system.proxy.https host ''\n\
         org.gnome.system.proxy.https port 0\n\
         org.gnome.system.proxy.socks host ''\n\
         org.gnome.system.proxy.socks port 0\n"
    );
    // A later line wins.
    for (key, value) in changes {
        text.extend(["org.gnome.system.proxy.", key, " ", value, "\n"]);
    }
    text
}

fn proxy(text: &str, host: &str) -> Option<Proxy> {
    choose(&read(text)?, &Endpoint::new(host, 993)).unwrap()
}

#[test]
fn no_proxy_and_a_script_leave_the_direct_way() {
    let host = [("https host", "'proxy.example'"), ("https port", "3128")];
    assert!(read(&settings("none", &host)).is_none());
    assert!(read(&settings("auto", &host)).is_none());
    assert!(read(&settings("manual", &[])).is_none());
    assert!(read("No such schema").is_none());
}

#[test]
fn the_secure_proxy_is_taken_with_its_exceptions() {
    let text = settings(
        "manual",
        &[
            ("https host", "'proxy.example'"),
            ("https port", "3128"),
            ("http host", "'other.example'"),
            ("socks host", "'socks.example'"),
            ("socks port", "1080"),
        ],
    );
    let found = proxy(&text, "imap.example.com").unwrap();
    assert_eq!(
        (found.kind, found.endpoint),
        (ProxyKind::Http, Endpoint::new("proxy.example", 3128))
    );
    assert!(found.credentials.is_none());
    for direct in ["mail.corp.example", "10.2.3.4"] {
        assert!(proxy(&text, direct).is_none(), "{direct}");
    }
}

#[test]
fn one_proxy_for_all_has_its_password_and_socks_stands_in() {
    let text = settings(
        "manual",
        &[
            ("http host", "'proxy.example'"),
            ("http use-authentication", "true"),
            ("http authentication-user", "'张 三'"),
            ("http authentication-password", "'p@s:s/'"),
        ],
    );
    let found = proxy(&text, "imap.example.com").unwrap();
    assert_eq!(found.endpoint, Endpoint::new("proxy.example", 8080));
    let (user, password) = found.credentials.unwrap();
    assert_eq!((user.as_str(), password.expose_secret()), ("张 三", "p@s:s/"));

    let text = settings("manual", &[("socks host", "'2001:db8::1'"), ("socks port", "1080")]);
    let found = proxy(&text, "imap.example.com").unwrap();
    assert_eq!(
        (found.kind, found.endpoint),
        (ProxyKind::Socks5, Endpoint::new("2001:db8::1", 1080))
    );
}

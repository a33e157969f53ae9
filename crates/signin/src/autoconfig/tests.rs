use super::*;

fn address() -> Address {
    Address::parse("zhang.san@example.com").unwrap()
}

fn file(body: &str) -> String {
    format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig version=\"1.1\">\
         <emailProvider id=\"example.com\">{body}</emailProvider></clientConfig>"
    )
}

fn incoming(kind: &str, host: &str, socket: &str, authentication: &str) -> String {
    format!(
        "<incomingServer type=\"{kind}\"><hostname>{host}</hostname><port>993</port><socketType>{socket}</socketType>\
         <username>%EMAILLOCALPART%</username>{authentication}</incomingServer>"
    )
}

const OUTGOING: &str = "<outgoingServer type=\"smtp\"><hostname> smtp.%EMAILDOMAIN% </hostname><port>587</port>\
    <socketType>STARTTLS</socketType><username>%EMAILADDRESS%</username>\
    <authentication>password-cleartext</authentication></outgoingServer>";

#[test]
fn the_files_servers_are_filled_in_for_the_address() {
    let text = file(&format!(
        "{}{OUTGOING}",
        incoming("imap", "Mail.example.com", "SSL", "")
    ));
    let [settings] = parse(text.as_bytes(), &address()).try_into().unwrap();
    assert_eq!(
        (
            settings.imap.host.as_str(),
            settings.imap.port,
            settings.imap.security,
            settings.imap.user.as_str()
        ),
        ("mail.example.com", 993, Security::Tls, "zhang.san")
    );
    assert_eq!(
        (
            settings.smtp.host.as_str(),
            settings.smtp.port,
            settings.smtp.security,
            settings.smtp.user.as_str()
        ),
        ("smtp.example.com", 587, Security::StartTls, "zhang.san@example.com")
    );
    assert_eq!(
        (settings.provider.as_str(), settings.credential),
        (CUSTOM, CredentialKind::Password)
    );
}

#[test]
fn pop_and_unprotected_servers_are_not_taken() {
    let text = file(&format!(
        "{}{}{}{OUTGOING}",
        incoming("pop3", "pop.example.com", "SSL", ""),
        incoming("imap", "plain.example.com", "plain", ""),
        incoming(
            "imap",
            "good.example.com",
            "STARTTLS",
            "<authentication>OAuth2</authentication>"
        ),
    ));
    let found = parse(text.as_bytes(), &address());
    let hosts: Vec<&str> = found.iter().map(|settings| settings.imap.host.as_str()).collect();
    assert_eq!(hosts, ["good.example.com"]);
    assert_eq!(found[0].credential, CredentialKind::Oauth2);
}

#[test]
fn a_known_server_brings_its_preset_and_a_choice_of_methods_is_a_password() {
    let known = file(&format!(
        "{}{OUTGOING}",
        incoming("imap", "imap.exmail.qq.com", "SSL", "")
    ));
    let found = parse(known.as_bytes(), &address());
    assert_eq!(
        (found[0].provider.as_str(), found[0].credential),
        ("tencent_exmail", CredentialKind::ClientPassword)
    );
    let both = "<authentication>OAuth2</authentication><authentication>password-cleartext</authentication>";
    let text = file(&format!("{}{OUTGOING}", incoming("imap", "m.example.com", "SSL", both)));
    assert_eq!(
        parse(text.as_bytes(), &address())[0].credential,
        CredentialKind::Password
    );
}

#[test]
fn hostile_files_give_nothing() {
    let bomb = "<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;&x;&x;&x;&x;&x;&x;&x;&x;\">]>\
                <clientConfig><emailProvider>&y;&y;&y;</emailProvider></clientConfig>";
    let deep = "<a>".repeat(20_000);
    let many = file(&"<x/>".repeat(30_000));
    let bad_host = file(&format!("{}{OUTGOING}", incoming("imap", "a b/c", "SSL", "")));
    let no_outgoing = file(&incoming("imap", "mail.example.com", "SSL", ""));
    for text in [
        "",
        "<html>404</html>",
        "not xml",
        bomb,
        &deep,
        &many,
        &bad_host,
        &no_outgoing,
    ] {
        assert_eq!(
            parse(text.as_bytes(), &address()),
            [],
            "{}",
            text.chars().take(60).collect::<String>()
        );
    }
    assert_eq!(parse(&[0xff, 0xfe, 0x00], &address()), []);
}

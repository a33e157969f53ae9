use super::*;

fn settings(imap: &str, smtp: &str, provider: &str) -> Settings {
    let server = |host: &str, port| ServerSettings {
        host: host.to_owned(),
        port,
        security: Security::Tls,
        user: "li@example.com".to_owned(),
    };
    Settings {
        provider: provider.to_owned(),
        imap: server(imap, 993),
        smtp: server(smtp, 994),
        credential: CredentialKind::Oauth2,
    }
}

#[test]
fn the_slip_zh_is_mended_to_hz_and_told() {
    let mut slip = settings("imapzh.qiye.163.com", "SMTPzh.qiye.163.com", CUSTOM);
    let renamed = slip.mend();
    assert_eq!(
        (slip.imap.host.as_str(), slip.smtp.host.as_str()),
        ("imaphz.qiye.163.com", "smtphz.qiye.163.com")
    );
    assert_eq!(renamed.len(), 2);
    assert_eq!(slip.smtp.port, 994);
    assert!(slip.mend().is_empty());
    let mut other = settings("imap.qiye.163.com", "zh.qiye.163.com", CUSTOM);
    assert!(other.mend().is_empty());
}

/// The same shape as the api's `AccountSettings`, which the store and the window know.
#[test]
fn settings_are_written_as_the_api_reads_them() {
    let text = serde_json::to_string(&settings("i.example.com", "s.example.com", "office365")).unwrap();
    assert_eq!(
        text,
        "{\"provider\":\"office365\",\
         \"imap\":{\"host\":\"i.example.com\",\"port\":993,\"security\":\"tls\",\"user\":\"li@example.com\"},\
         \"smtp\":{\"host\":\"s.example.com\",\"port\":994,\"security\":\"tls\",\"user\":\"li@example.com\"},\
         \"credential\":\"oauth2\"}"
    );
    let back: Settings = serde_json::from_str(&text.replacen("\"tls\"", "\"starttls\"", 1)).unwrap();
    assert_eq!(back.imap.security, Security::StartTls);
}

#[test]
fn unknown_providers_and_netease_get_two_connections() {
    for (provider, limit) in [
        (CUSTOM, 2),
        ("gone", 2),
        ("netease_qiye_hz", 2),
        ("netease_163", 2),
        ("gmail", 5),
    ] {
        assert_eq!(settings("a", "b", provider).connection_limit(), limit, "{provider}");
    }
}

#[test]
fn only_an_untouched_cluster_of_netease_has_another() {
    let untouched = settings("imaphz.qiye.163.com", "smtphz.qiye.163.com", "netease_qiye_hz");
    let other = untouched.sibling().unwrap();
    assert_eq!(
        (other.imap.host.as_str(), other.smtp.host.as_str()),
        ("imap.qiye.163.com", "smtp.qiye.163.com")
    );
    assert_eq!((other.smtp.port, other.imap.user.as_str()), (994, "li@example.com"));
    assert_eq!(other.sibling().unwrap(), untouched);
    assert!(
        settings("mail.example.com", "smtphz.qiye.163.com", "netease_qiye_hz")
            .sibling()
            .is_none()
    );
    assert!(
        settings("imap.exmail.qq.com", "smtp.exmail.qq.com", "tencent_exmail")
            .sibling()
            .is_none()
    );
}

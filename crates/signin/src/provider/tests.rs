use std::collections::HashSet;

use super::*;

fn ids(providers: &[&Provider]) -> Vec<&'static str> {
    providers.iter().map(|provider| provider.id).collect()
}

#[test]
fn every_row_is_whole() {
    let mut seen = HashSet::new();
    for provider in Provider::all() {
        assert!(seen.insert(provider.id), "{} twice", provider.id);
        assert_eq!(
            provider.issuer.is_some(),
            provider.credential == CredentialKind::Oauth2,
            "{}",
            provider.id
        );
        assert!(
            provider.help_url.is_none_or(|url| url.starts_with("https://")),
            "{}",
            provider.id
        );
        let coded = matches!(
            provider.credential,
            CredentialKind::AuthorizationCode | CredentialKind::ClientPassword
        );
        assert!(
            !coded || provider.help.is_some(),
            "{} wants a code and does not say where it is",
            provider.id
        );
        for server in [provider.imap, provider.smtp] {
            assert_ne!(server.security, Security::None, "{}", provider.id);
        }
    }
}

#[test]
fn every_name_and_help_has_words_in_both_languages() {
    for language in [
        qiyou_words::Language::ZhCn,
        qiyou_words::Language::ZhTw,
        qiyou_words::Language::En,
    ] {
        for provider in Provider::all() {
            for key in [Some(provider.name_key()), provider.help_key()].into_iter().flatten() {
                assert_ne!(qiyou_words::say(language, &key, &[]), key, "{language:?}");
            }
        }
        assert_ne!(qiyou_words::say(language, "provider.custom", &[]), "provider.custom");
    }
}

#[test]
fn exchangers_lead_to_their_providers() {
    for (host, expected) in [
        (
            "qiye163mx01.mxmail.netease.com",
            vec!["netease_qiye_hz", "netease_qiye_bj"],
        ),
        ("hzmx01.mxmail.netease.com", vec!["netease_qiye_hz", "netease_qiye_bj"]),
        ("mxbiz1.qq.com", vec!["tencent_exmail"]),
        ("hwmx1.exmail.qq.com", vec!["tencent_exmail_overseas"]),
        ("mx1.qiye.aliyun.com", vec!["aliyun_qiye"]),
        ("mxn.mxhichina.com", vec!["aliyun_qiye"]),
        ("mx.263xmail.com", vec!["net263"]),
        ("example-com.mail.protection.outlook.com", vec!["office365"]),
        (
            "example-com.mail.protection.partner.outlook.cn",
            vec!["office365_vianet"],
        ),
        ("alt1.aspmx.l.google.com", vec!["gmail"]),
        ("aspmx.l.google.com", vec!["gmail"]),
        ("mxmail.netease.com", vec![]),
        ("xmxbiz1.qq.com", vec![]),
        ("mx.example.com", vec![]),
    ] {
        assert_eq!(ids(&Provider::by_exchanger(host)), expected, "{host}");
    }
}

#[test]
fn servers_lead_to_their_providers() {
    for (host, expected) in [
        ("imaphz.qiye.163.com", vec!["netease_qiye_hz"]),
        ("imap.qiye.163.com", vec!["netease_qiye_bj"]),
        ("mail.qiye.163.com", vec!["netease_qiye_hz", "netease_qiye_bj"]),
        ("mailhz.qiye.163.com", vec!["netease_qiye_hz"]),
        ("imap.exmail.qq.com", vec!["tencent_exmail"]),
        ("en.exmail.qq.com", vec!["tencent_exmail"]),
        ("hwimap.exmail.qq.com", vec!["tencent_exmail_overseas"]),
        ("imap.mxhichina.com", vec!["aliyun_qiye"]),
        ("outlook.office365.com", vec!["office365", "outlook"]),
        ("partner.outlook.cn", vec!["office365_vianet"]),
        ("imap.example.com", vec![]),
        ("notqiye.163.com", vec![]),
        // Rows without servers of their own must not take what has no name.
        ("", vec![]),
    ] {
        assert_eq!(ids(&Provider::by_server(host)), expected, "{host}");
    }
}

#[test]
fn only_the_providers_own_domains_are_in_the_table() {
    assert_eq!(Provider::by_domain("163.com").unwrap().id, "netease_163");
    assert_eq!(Provider::by_domain("foxmail.com").unwrap().id, "qq");
    assert!(Provider::by_domain("example.163.com").is_none());
}

#[test]
fn a_preset_fills_both_servers_with_the_whole_address() {
    let address = Address::parse("li@hotmail.com").unwrap();
    let settings = Provider::by_domain("hotmail.com").unwrap().settings(&address);
    assert_eq!(
        (settings.imap.host.as_str(), settings.imap.port),
        ("outlook.office365.com", 993)
    );
    assert_eq!((settings.smtp.port, settings.smtp.security), (587, Security::StartTls));
    assert_eq!(settings.smtp.user, "li@hotmail.com");
}

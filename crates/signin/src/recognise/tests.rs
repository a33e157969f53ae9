use std::collections::HashMap;
use std::sync::Mutex;

use bytes::Bytes;
use qiyou_net::Endpoint;

use super::*;
use crate::lookups::Probe;
use crate::settings::CredentialKind;

/// A world in which only what is listed exists. It remembers what was asked.
#[derive(Default)]
struct World {
    mx: HashMap<&'static str, Vec<&'static str>>,
    cname: HashMap<&'static str, &'static str>,
    srv: HashMap<&'static str, Vec<(&'static str, u16)>>,
    files: HashMap<&'static str, &'static str>,
    servers: HashMap<(&'static str, u16), Probe>,
    /// These questions get no answer ever.
    silent: Vec<&'static str>,
    asked: Mutex<Vec<String>>,
}

impl World {
    async fn note(&self, question: &str) {
        self.asked.lock().unwrap().push(question.to_owned());
        if self.silent.contains(&question) {
            std::future::pending::<()>().await;
        }
    }

    async fn recognise(&self, address: &str) -> Recognised {
        recognise(address, self).await.unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Lookups for World {
    async fn mx(&self, domain: &str) -> Vec<Mx> {
        self.note(domain).await;
        let hosts = self.mx.get(domain).cloned().unwrap_or_default();
        hosts
            .into_iter()
            .zip(1..)
            .map(|(host, preference)| Mx {
                preference,
                host: host.to_owned(),
            })
            .collect()
    }

    async fn cname(&self, name: &str) -> Option<String> {
        self.note(name).await;
        self.cname.get(name).map(|&target| target.to_owned())
    }

    async fn srv(&self, name: &str) -> Vec<Srv> {
        self.note(name).await;
        let places = self.srv.get(name).cloned().unwrap_or_default();
        let srv = |(host, port): (&str, u16)| Srv {
            priority: 0,
            weight: 0,
            port,
            host: host.to_owned(),
        };
        places.into_iter().map(srv).collect()
    }

    async fn file(&self, url: &Url) -> Option<Bytes> {
        self.note(url.as_str()).await;
        self.files
            .get(url.as_str())
            .map(|text| Bytes::from_static(text.as_bytes()))
    }

    async fn probe(&self, endpoint: &Endpoint, _: Security) -> Probe {
        self.note(&endpoint.to_string()).await;
        let found = self
            .servers
            .iter()
            .find(|((host, port), _)| *host == endpoint.host && *port == endpoint.port);
        found.map_or(Probe::Nothing, |(_, probe)| probe.clone())
    }
}

fn hosts(found: &Recognised) -> Vec<&str> {
    found
        .candidates
        .iter()
        .map(|settings| settings.imap.host.as_str())
        .collect()
}

fn speaks(line: &str) -> Probe {
    Probe::Speaks(line.to_owned())
}

const FILE: &str = "<clientConfig><emailProvider><incomingServer type=\"imap\"><hostname>imapzh.qiye.163.com</hostname>\
    <port>993</port><socketType>SSL</socketType></incomingServer><outgoingServer type=\"smtp\"><hostname>mx.example.com\
    </hostname><port>465</port><socketType>SSL</socketType></outgoingServer></emailProvider></clientConfig>";

#[tokio::test]
async fn a_providers_own_domain_needs_no_question() {
    let world = World::default();
    let found = world.recognise("zhang.san@QQ.com").await;
    assert_eq!(
        (found.how, found.provider.as_str(), hosts(&found)),
        (How::Table, "qq", vec!["imap.qq.com"])
    );
    assert_eq!(found.candidates[0].credential, CredentialKind::AuthorizationCode);
    assert_eq!(found.preset().unwrap().help_key().as_deref(), Some("provider.help.qq"));
    assert_eq!(world.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn netease_for_companies_is_tried_in_the_east_first() {
    let world = World {
        mx: HashMap::from([(
            "example.com",
            vec!["qiye163mx01.mxmail.netease.com", "qiye163mx02.mxmail.netease.com"],
        )]),
        ..World::default()
    };
    let found = world.recognise("li@example.com").await;
    assert_eq!((found.how, found.provider.as_str()), (How::Mx, "netease_qiye_hz"));
    assert_eq!(hosts(&found), ["imaphz.qiye.163.com", "imap.qiye.163.com"]);
    assert_eq!(found.candidates[1].smtp.host, "smtp.qiye.163.com");
    // Nothing beyond the DNS was asked.
    assert!(
        world.asked().iter().all(|question| !question.contains(':')),
        "{:?}",
        world.asked()
    );
}

#[tokio::test]
async fn an_alias_wins_over_exchangers_and_is_followed() {
    let world = World {
        cname: HashMap::from([
            ("mail.example.com", "gateway.example.com"),
            ("gateway.example.com", "mail.exmail.qq.com"),
        ]),
        mx: HashMap::from([("example.com", vec!["mx1.qiye.aliyun.com"])]),
        ..World::default()
    };
    let found = world.recognise("li@example.com").await;
    assert_eq!((found.how, found.provider.as_str()), (How::Cname, "tencent_exmail"));
}

#[tokio::test]
async fn aliases_in_a_circle_end() {
    let world = World {
        cname: HashMap::from([
            ("mail.example.com", "imap.example.com"),
            ("imap.example.com", "mail.example.com"),
        ]),
        ..World::default()
    };
    assert_eq!(world.recognise("li@example.com").await.how, How::Nothing);
}

#[tokio::test]
async fn a_filter_before_the_provider_does_not_hide_it() {
    let world = World {
        mx: HashMap::from([("example.com", vec!["filter.antispam.example", "mxbiz1.qq.com"])]),
        ..World::default()
    };
    assert_eq!(world.recognise("li@example.com").await.provider, "tencent_exmail");
}

#[tokio::test]
async fn services_are_taken_with_tls_first_and_a_dot_is_a_no() {
    let mut world = World {
        srv: HashMap::from([
            ("_imaps._tcp.example.com", vec![("", 0)]),
            ("_imap._tcp.example.com", vec![("mail.example.com", 143)]),
            ("_submissions._tcp.example.com", vec![("mail.example.com", 465)]),
            ("_submission._tcp.example.com", vec![("mail.example.com", 587)]),
        ]),
        ..World::default()
    };
    let found = world.recognise("li@example.com").await;
    let settings = &found.candidates[0];
    assert_eq!(found.how, How::Srv);
    assert_eq!((settings.imap.port, settings.imap.security), (143, Security::StartTls));
    assert_eq!((settings.smtp.port, settings.smtp.security), (465, Security::Tls));
    world.srv.remove("_imap._tcp.example.com");
    assert_eq!(world.recognise("li@example.com").await.how, How::Nothing);
}

#[tokio::test]
async fn the_domains_own_file_wins_over_a_guess_and_its_slip_is_mended() {
    let world = World {
        files: HashMap::from([("https://example.com/.well-known/autoconfig/mail/config-v1.1.xml", FILE)]),
        servers: HashMap::from([(("imap.example.com", 993), speaks("* OK ready"))]),
        ..World::default()
    };
    let found = world.recognise("li@example.com").await;
    assert_eq!(
        (found.how, found.provider.as_str()),
        (How::Autoconfig, "netease_qiye_hz")
    );
    assert_eq!(hosts(&found), ["imaphz.qiye.163.com"]);
    let renamed = Renamed {
        from: "imapzh.qiye.163.com".to_owned(),
        to: "imaphz.qiye.163.com".to_owned(),
    };
    assert_eq!(found.renamed, [renamed]);
}

#[tokio::test]
async fn a_guess_is_what_really_answers_as_its_protocol() {
    let world = World {
        servers: HashMap::from([
            // A web server on the mail port is no mail server.
            (("imap.example.com", 993), speaks("HTTP/1.1 400 Bad Request")),
            (
                ("mail.example.com", 993),
                speaks("* OK Coremail System IMap Server Ready(example[0])"),
            ),
            (("smtp.example.com", 587), speaks("220 smtp.example.com ESMTP")),
        ]),
        ..World::default()
    };
    let found = world.recognise("li@example.com").await;
    assert_eq!(
        (found.how, found.provider.as_str(), hosts(&found)),
        (How::Guess, "coremail", vec!["mail.example.com"])
    );
    let smtp = &found.candidates[0].smtp;
    assert_eq!(
        (smtp.host.as_str(), smtp.port, smtp.security),
        ("smtp.example.com", 587, Security::StartTls)
    );
}

#[tokio::test]
async fn a_companys_own_exchanger_is_asked_too_and_a_bad_certificate_is_still_a_find() {
    let world = World {
        mx: HashMap::from([("example.com", vec!["mx.example.com"])]),
        servers: HashMap::from([(("mx.example.com", 993), Probe::Untrusted)]),
        ..World::default()
    };
    let found = world.recognise("li@example.com").await;
    assert_eq!((found.how, hosts(&found)), (How::Guess, vec!["mx.example.com"]));
    assert_eq!(
        (found.candidates[0].smtp.host.as_str(), found.candidates[0].smtp.port),
        ("mx.example.com", 465)
    );
}

#[tokio::test]
async fn nothing_is_said_as_nothing_and_no_address_as_none() {
    let found = World::default().recognise("li@example.com").await;
    assert_eq!(
        (found.how, found.provider.as_str(), found.candidates.len()),
        (How::Nothing, CUSTOM, 0)
    );
    assert_eq!(recognise("li", &World::default()).await, Err(NotAnAddress));
}

#[tokio::test]
async fn silence_costs_two_rounds_at_most_and_does_not_hide_other_answers() {
    assert!(ROUND * 2 <= Duration::from_secs(6));
    let round = Duration::from_millis(50);
    let silent_name_server = World {
        mx: HashMap::from([("example.com", vec!["mxbiz1.qq.com"])]),
        silent: vec!["mail.example.com", "_imaps._tcp.example.com"],
        ..World::default()
    };
    let found = recognise_within(round, "li@example.com", &silent_name_server)
        .await
        .unwrap();
    assert_eq!(found.how, How::Mx);

    let silent_everywhere = World {
        silent: vec![
            "example.com",
            "mail.example.com",
            "imap.example.com",
            "_imaps._tcp.example.com",
            "https://autoconfig.example.com/mail/config-v1.1.xml",
            "imap.example.com:993",
        ],
        ..World::default()
    };
    let patient = tokio::time::timeout(
        Duration::from_secs(10),
        recognise_within(round, "li@example.com", &silent_everywhere),
    );
    assert_eq!(
        patient.await.expect("waits for what never comes").unwrap().how,
        How::Nothing
    );
}

#[tokio::test]
async fn only_the_domain_leaves_this_computer() {
    let world = World::default();
    world.recognise("zhang.san@example.com").await;
    assert!(
        world.asked().iter().all(|question| !question.contains("zhang")),
        "{:?}",
        world.asked()
    );
}

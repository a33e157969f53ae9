use std::net::Ipv4Addr;
use std::time::Duration;

use qiyou_net::{DialConfig, Dialer, ProxyChoice};
use qiyou_testkit::oauth::{Issuer as Simulated, Options, Person, Visit, browse};
use rand::SeedableRng;
use rand::rngs::StdRng;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use super::*;
use crate::provider::IssuerId;

const NOW: i64 = 1_700_000_000;
const ADDRESS: &str = "zhang.san@example.com";

fn dialer() -> Dialer {
    Dialer::new(DialConfig {
        proxy: ProxyChoice::Direct,
        ..DialConfig::default()
    })
    .unwrap()
}

fn client() -> Client {
    Client {
        id: "qiyou-test".to_owned(),
        secret: None,
    }
}

fn page() -> Page {
    Page {
        language: "zh-CN".to_owned(),
        done_title: "登录成功".to_owned(),
        done_text: "可以关闭 <此> 页面".to_owned(),
        failed_title: "没有成功".to_owned(),
        failed_text: "请重试".to_owned(),
    }
}

fn issuer(simulated: &Simulated) -> Issuer {
    Issuer {
        authorize: Url::parse(&simulated.authorize_url()).unwrap(),
        token: Url::parse(&simulated.token_url()).unwrap(),
        scopes: vec!["mail".to_owned(), "offline_access".to_owned()],
        parameters: vec![("prompt".to_owned(), "consent".to_owned())],
        loopback: Loopback::Address,
    }
}

fn flow(simulated: &Simulated, seed: u64) -> Flow {
    begin(&issuer(simulated), &client(), ADDRESS, &mut StdRng::seed_from_u64(seed)).unwrap()
}

/// Begins, lets the person visit the page, and waits for both ends.
async fn sign_in(simulated: &Simulated) -> (Result<Tokens, Error>, Visit) {
    let flow = flow(simulated, 1);
    let url = flow.url.clone();
    let dialer = dialer();
    let page = page();
    let (outcome, visit) = tokio::join!(
        flow.finish(&dialer, &page, Duration::from_secs(20), || NOW),
        browse(url.as_str())
    );
    (outcome, visit.unwrap())
}

#[tokio::test]
async fn a_person_signs_in_and_the_browser_says_so() {
    let simulated = Simulated::start(Options::default()).await.unwrap();
    let (outcome, visit) = sign_in(&simulated).await;
    let tokens = outcome.unwrap();
    assert!(simulated.knows(tokens.access.expose_secret()));
    assert_eq!(tokens.expires_at, NOW + 3600);
    assert!(tokens.refresh.is_some());
    assert_eq!(visit.status, 200);
    assert!(
        visit.body.contains("<html lang=\"zh-CN\">") && visit.body.contains("可以关闭 &lt;此&gt; 页面"),
        "{}",
        visit.body
    );
    let asked = &simulated.asked()[0];
    for (name, value) in [
        ("login_hint", ADDRESS),
        ("scope", "mail offline_access"),
        ("prompt", "consent"),
    ] {
        assert_eq!(asked[name], value);
    }
}

#[tokio::test]
async fn the_name_localhost_is_used_where_the_issuer_wants_it_and_a_secret_is_sent() {
    let options = Options {
        client_secret: Some("not really".to_owned()),
        ..Options::default()
    };
    let simulated = Simulated::start(options).await.unwrap();
    let issuer = Issuer {
        loopback: Loopback::Name,
        ..issuer(&simulated)
    };
    let client = Client {
        secret: Some(SecretString::from("not really")),
        ..client()
    };
    let flow = begin(&issuer, &client, ADDRESS, &mut StdRng::seed_from_u64(1)).unwrap();
    let (url, dialer, page) = (flow.url.clone(), dialer(), page());
    let (outcome, _) = tokio::join!(
        flow.finish(&dialer, &page, Duration::from_secs(20), || NOW),
        browse(url.as_str())
    );
    outcome.unwrap();
    assert!(simulated.asked()[0]["redirect_uri"].starts_with("http://localhost:"));
}

#[tokio::test]
async fn denial_and_a_stray_answer_are_told_apart_and_shown() {
    let simulated = Simulated::start(Options::default()).await.unwrap();
    simulated.person(Person::Denies);
    let (outcome, visit) = sign_in(&simulated).await;
    assert!(
        matches!(&outcome, Err(Error::Denied { text }) if text == "The person said no"),
        "{outcome:?}"
    );
    assert!(visit.body.contains("没有成功"));
    simulated.person(Person::Strays);
    let (outcome, visit) = sign_in(&simulated).await;
    assert!(matches!(outcome, Err(Error::WrongState)), "{outcome:?}");
    assert_eq!(visit.status, 400);
    // The stray code was not even tried.
    assert!(simulated.asked().iter().all(|asked| !asked.contains_key("grant_type")));
}

#[tokio::test]
async fn nobody_coming_is_a_timeout() {
    let simulated = Simulated::start(Options::default()).await.unwrap();
    let outcome = flow(&simulated, 1)
        .finish(&dialer(), &page(), Duration::from_millis(30), || NOW)
        .await;
    assert!(matches!(outcome, Err(Error::Timeout)), "{outcome:?}");
}

#[tokio::test]
async fn idle_connections_icons_and_nonsense_do_not_disturb() {
    let simulated = Simulated::start(Options::default()).await.unwrap();
    let flow = flow(&simulated, 1);
    let url = flow.url.clone();
    let redirect = url
        .query_pairs()
        .find(|(name, _)| name == "redirect_uri")
        .unwrap()
        .1
        .into_owned();
    let port = Url::parse(&redirect).unwrap().port().unwrap();
    let (dialer, page) = (dialer(), page());
    let person = async {
        let _idle = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        for request in [
            "GET /favicon.ico HTTP/1.1\r\n\r\n",
            "POST /?code=1&state=2 HTTP/1.1\r\n\r\n",
            "\x16\x03\x01\x02",
        ] {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            let mut answer = Vec::new();
            // A reset is an answer too.
            let _ = stream.read_to_end(&mut answer).await;
            assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 404"), "{request:?}");
        }
        assert_eq!(browse(&redirect).await.unwrap().status, 404);
        let mut endless = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        // The server stops reading at its bound, so that this ends with an error or in its buffers.
        let _ = endless.write_all(&vec![b'x'; 64 * 1024]).await;
        browse(url.as_str()).await.unwrap()
    };
    let (outcome, visit) = tokio::join!(flow.finish(&dialer, &page, Duration::from_secs(20), || NOW), person);
    outcome.unwrap();
    assert_eq!(visit.status, 200);
}

#[tokio::test]
async fn every_sign_in_has_secrets_of_its_own() {
    let simulated = Simulated::start(Options::default()).await.unwrap();
    let parameter = |flow: &Flow, wanted: &str| {
        flow.url
            .query_pairs()
            .find(|(name, _)| name == wanted)
            .unwrap()
            .1
            .into_owned()
    };
    let (first, second) = (flow(&simulated, 1), flow(&simulated, 2));
    for name in ["state", "code_challenge", "redirect_uri"] {
        assert_ne!(parameter(&first, name), parameter(&second, name), "{name}");
    }
    assert_ne!(parameter(&first, "state"), parameter(&first, "code_challenge"));
    let state = parameter(&first, "state");
    assert!(!format!("{first:?}").contains(&state));
}

#[tokio::test]
async fn a_refresh_rotates_and_an_old_token_is_an_invalid_grant() {
    let simulated = Simulated::start(Options {
        expires_in: 1000,
        ..Options::default()
    })
    .await
    .unwrap();
    let old = sign_in(&simulated).await.0.unwrap();
    let spent = old.refresh.unwrap();
    let again = |token: SecretString| {
        let (dialer, issuer) = (dialer(), issuer(&simulated));
        async move { refresh(&dialer, &issuer, &client(), &token, NOW + 800).await }
    };
    let new = again(spent.clone()).await.unwrap();
    assert!(simulated.knows(new.access.expose_secret()) && !simulated.knows(old.access.expose_secret()));
    assert_eq!(new.expires_at, NOW + 1800);
    let outcome = again(spent).await;
    assert!(
        matches!(&outcome, Err(error @ Error::InvalidGrant { .. }) if !error.is_transient()),
        "{outcome:?}"
    );
    again(new.refresh.clone().unwrap()).await.unwrap();
    simulated.revoke_all();
    assert!(matches!(
        again(new.refresh.unwrap()).await,
        Err(Error::InvalidGrant { .. })
    ));
}

#[tokio::test]
async fn a_refresh_token_that_is_not_replaced_stays() {
    let simulated = Simulated::start(Options {
        rotate: false,
        ..Options::default()
    })
    .await
    .unwrap();
    let first = sign_in(&simulated).await.0.unwrap().refresh.unwrap();
    let again = refresh(&dialer(), &issuer(&simulated), &client(), &first, NOW)
        .await
        .unwrap();
    assert_eq!(again.refresh.unwrap().expose_secret(), first.expose_secret());
}

#[tokio::test]
async fn a_gateways_page_is_no_token_and_an_unknown_client_is_refused() {
    let simulated = Simulated::start(Options::default()).await.unwrap();
    let token = sign_in(&simulated).await.0.unwrap().refresh.unwrap();
    for (status, transient) in [(503, true), (404, false), (200, false)] {
        simulated.break_with(Some(status));
        let error = refresh(&dialer(), &issuer(&simulated), &client(), &token, NOW)
            .await
            .unwrap_err();
        assert_eq!(error.is_transient(), transient, "{status}: {error:?}");
        assert!(!matches!(error, Error::InvalidGrant { .. }), "{status}: {error:?}");
    }
    simulated.break_with(None);
    let stranger = Client {
        id: "stranger".to_owned(),
        secret: None,
    };
    let error = refresh(&dialer(), &issuer(&simulated), &stranger, &token, NOW)
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Refused { code, .. } if code == "invalid_client"),
        "{error:?}"
    );
}

#[test]
fn tokens_are_renewed_five_minutes_early_and_never_printed() {
    let tokens = Tokens {
        access: SecretString::from("access-9"),
        refresh: None,
        expires_at: NOW + 1000,
    };
    assert!(!tokens.needs_refresh(NOW));
    assert!(!tokens.needs_refresh(NOW + 699));
    assert!(tokens.needs_refresh(NOW + 700));
    assert!(tokens.needs_refresh(i64::MAX));
    assert!(!format!("{tokens:?}").contains("access-9"));
}

#[test]
fn every_known_issuer_is_asked_over_tls_and_can_be_overridden_by_settings() {
    for id in [IssuerId::Microsoft, IssuerId::Vianet, IssuerId::Google] {
        let issuer = Issuer::preset(id).unwrap();
        assert_eq!((issuer.authorize.scheme(), issuer.token.scheme()), ("https", "https"));
        assert!(!issuer.scopes.is_empty());
        let text = serde_json::to_string(&issuer).unwrap();
        assert_eq!(serde_json::from_str::<Issuer>(&text).unwrap(), issuer);
    }
}

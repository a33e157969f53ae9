//! Signing in by the provider's page: tokens are got in the browser, kept in the store, refreshed, and asked for anew.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test did not expect ends it"
)]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use qiyou_api::*;
use qiyou_engine::{Config, Engine, MemoryKeychain, OauthPage, Pace, SystemClock};
use qiyou_store::{Durability, Key, Store, accounts};
use qiyou_testkit::imap_sim::{ImapSim, Quirks, USER};
use qiyou_testkit::oauth::{Issuer, Options, browse};
use qiyou_testkit::smtp::SmtpServer;

async fn state(engine: &Engine, wanted: impl Fn(&AccountState) -> bool) -> AccountState {
    let waiting = async {
        let mut events = engine.subscribe();
        loop {
            let state = engine.accounts().await.unwrap().remove(0).state;
            if wanted(&state) {
                return state;
            }
            let _ = tokio::time::timeout(Duration::from_millis(200), events.recv()).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), waiting)
        .await
        .expect("the account never came into this state")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_got_in_the_browser_refreshed_early_and_a_revoked_one_asks_the_person() {
    let issuer = Issuer::start(Options::default()).await.unwrap();
    let imap = ImapSim::builder(Quirks::plain()).start().unwrap();
    let smtp = SmtpServer::builder().user(USER, "not yet").start().unwrap();
    let home = tempfile::tempdir().unwrap();
    let own = serde_json::from_value(serde_json::json!({
        "authorize": issuer.authorize_url(), "token": issuer.token_url(), "scopes": ["mail"], "loopback": "127.0.0.1",
    }));
    let (engine, _tells) = Engine::start(Config {
        near_pictures: false,
        store: Store::open(home.path(), &Key::new([5; 32])).unwrap(),
        keychain: Arc::new(MemoryKeychain::default()),
        clock: Arc::new(SystemClock),
        home_id: "oauth".into(),
        extra_roots: Vec::new(),
        pace: Pace {
            inbox: Duration::from_millis(300),
            retry: Duration::from_millis(50),
            ..Pace::default()
        },
        oauth_issuers: HashMap::from([("office365".to_owned(), own.unwrap())]),
        company: qiyou_engine::CompanyConfig::default(),
    })
    .await
    .unwrap();
    let asked = OauthParams {
        address: USER.into(),
        provider: "office365".into(),
    };
    let page = || OauthPage {
        language: "zh-CN".into(),
        done_title: "登录成功".into(),
        done_text: "可以关闭".into(),
        failed_title: "没有成功".into(),
        failed_text: "重试".into(),
    };
    let visit = |url: &str| {
        let url = url.to_owned();
        tokio::spawn(async move { browse(&url).await.unwrap() });
        Ok(())
    };

    // Without a client id nothing is opened.
    let refused = engine.oauth(asked.clone(), page(), visit).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::OauthClientMissing);
    let mut settings = engine.settings().as_ref().clone();
    settings.oauth_clients.insert("office365".into(), "qiyou-test".into());
    engine.set_settings(settings).await.unwrap();

    let grant = engine.oauth(asked, page(), visit).await.unwrap().grant;
    let token = issuer.access_tokens().pop().unwrap();
    imap.set_token(&token);
    smtp.set_password(USER, &token);
    let server = |port| ServerSettings {
        host: "127.0.0.1".into(),
        port,
        security: Security::None,
        user: USER.into(),
    };
    let account = engine
        .add(AddParams {
            address: USER.into(),
            name: String::new(),
            color: None,
            settings: AccountSettings {
                provider: "office365".into(),
                imap: server(imap.port()),
                smtp: server(smtp.port()),
                credential: CredentialKind::Oauth2,
            },
            credential: Credential::Oauth { grant },
            even_offline: false,
        })
        .await
        .unwrap()
        .id;
    state(&engine, |s| matches!(s, AccountState::Connected { .. })).await;

    // About to expire, and the line drops: the next sign-in refreshes first.
    let expire = move |tx: &qiyou_store::Transaction<'_>| {
        let mut tokens = accounts::tokens(tx, account)?.unwrap();
        tokens.expires_at = 0;
        accounts::set_tokens(tx, account, &tokens)
    };
    engine.store().write(Durability::Full, expire).await.unwrap();
    let before = issuer.access_tokens().pop();
    imap.disconnect_all();
    let refreshed = async {
        while issuer.access_tokens().pop() == before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), refreshed)
        .await
        .expect("no refresh");
    // The mail server learns of the new token a moment later than the engine does: an early try is refused, and the
    // token is kept for the next one.
    let connected = async {
        loop {
            imap.set_token(&issuer.access_tokens().pop().unwrap());
            if matches!(
                engine.accounts().await.unwrap().remove(0).state,
                AccountState::Connected { .. }
            ) {
                return;
            }
            engine.sync(None, false).await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), connected)
        .await
        .expect("never connected again");

    // Revoked: the person is asked, nothing is tried on and on.
    issuer.revoke_all();
    engine.store().write(Durability::Full, expire).await.unwrap();
    imap.disconnect_all();
    let needed = state(&engine, |s| matches!(s, AccountState::SignInNeeded { .. })).await;
    let AccountState::SignInNeeded { cause } = needed else {
        panic!("{needed:?}")
    };
    assert_eq!(cause.code, CauseCode::OauthExpired);
    engine.stop().await;
}

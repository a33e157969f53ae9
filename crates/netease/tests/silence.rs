//! Whatever is logged, and however much of it: no secret is in it.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use qiyou_net::{DialConfig, Dialer, ProxyChoice};
use qiyou_netease::{Lang, MemoryTokens, Netease, Org, TokenStore as _};
use qiyou_testkit::netease::{Account, NeteaseSim};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_token_and_no_sign_on_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let sim = NeteaseSim::start("example.cn", vec![Account::new("zhangsan", "张三")])
        .await
        .unwrap();
    let org = Org {
        app_id: NeteaseSim::APP_ID.to_owned(),
        auth_code: SecretString::from(NeteaseSim::AUTH_CODE),
        org_open_id: NeteaseSim::ORG_OPEN_ID.to_owned(),
        domain: "example.cn".to_owned(),
    };
    let config = DialConfig {
        proxy: ProxyChoice::Direct,
        ..DialConfig::default()
    };
    let http = Dialer::new(config).unwrap().http().unwrap();
    let tokens = MemoryTokens::default();
    let netease = Netease::new(http, Url::parse(sim.url()).unwrap(), org, Arc::new(tokens.clone()));
    netease.accounts().await.unwrap();
    let first = tokens.load().await.unwrap();
    sim.advance(Duration::from_hours(2));
    netease.accounts().await.unwrap();
    let sign_on = netease.webmail("zhangsan", Lang::Chinese).await.unwrap();
    let last = tokens.load().await.unwrap();
    let sign = Url::parse(sign_on.expose()).unwrap();
    let sign = sign
        .query_pairs()
        .find(|(name, _)| name == "sso_token")
        .unwrap()
        .1
        .into_owned();
    let mut secrets = vec![NeteaseSim::AUTH_CODE.to_owned(), sign];
    for tokens in [first, last] {
        let kept = [tokens.access, tokens.sso]
            .into_iter()
            .flatten()
            .map(|token| token.secret);
        secrets.extend(
            kept.chain(tokens.refresh)
                .map(|secret| secret.expose_secret().to_owned()),
        );
    }
    assert_eq!(secrets.len(), 7);
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("netease"), "something was logged: {log}");
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} is logged:\n{log}");
    }
}

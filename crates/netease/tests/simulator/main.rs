//! The client against the simulator, which was written from the same reference and shares no code with it.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "what the tests share is no test, and they count"
)]

mod directory;
mod mailbox;
mod old;
mod tokens;
mod webmail;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use qiyou_net::{DialConfig, Dialer, HttpClient, ProxyChoice};
use qiyou_netease::{MemoryTokens, Netease, Org, TokenStore};
use qiyou_testkit::netease::{Account, NeteaseSim};
use secrecy::SecretString;
use url::Url;

const DOMAIN: &str = "example.cn";

fn http() -> HttpClient {
    let config = DialConfig {
        proxy: ProxyChoice::Direct,
        ..DialConfig::default()
    };
    Dialer::new(config).unwrap().http().unwrap()
}

fn org() -> Org {
    Org {
        app_id: NeteaseSim::APP_ID.to_owned(),
        auth_code: SecretString::from(NeteaseSim::AUTH_CODE),
        org_open_id: NeteaseSim::ORG_OPEN_ID.to_owned(),
        domain: DOMAIN.to_owned(),
    }
}

/// The client's clock, which a test moves.
#[derive(Clone)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(jiff::Timestamp::now().as_second())))
    }

    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// 张三 and 李四, who have mailboxes.
fn people() -> Vec<Account> {
    vec![
        Account {
            job_number: "1007".to_owned(),
            unit: "236012".to_owned(),
            aliases: vec!["san@example.cn".to_owned()],
            ..Account::new("zhangsan", "张三")
        },
        Account {
            job_number: "1008".to_owned(),
            ..Account::new("lisi", "李四")
        },
    ]
}

/// A company, and a client that speaks for it.
struct Company {
    sim: NeteaseSim,
    clock: Clock,
    tokens: MemoryTokens,
    netease: Netease,
}

impl Company {
    async fn start(accounts: Vec<Account>) -> Self {
        let sim = NeteaseSim::start(DOMAIN, accounts).await.unwrap();
        let (clock, tokens) = (Clock::new(), MemoryTokens::default());
        let netease = client(&sim, &clock, Arc::new(tokens.clone()));
        Self {
            sim,
            clock,
            tokens,
            netease,
        }
    }

    /// As the days go by for everybody.
    fn advance(&self, seconds: u32) {
        self.clock.advance(seconds.into());
        self.sim.advance(Duration::from_secs(seconds.into()));
    }

    async fn access(&self) -> SecretString {
        self.tokens.load().await.unwrap().access.unwrap().secret
    }
}

fn client(sim: &NeteaseSim, clock: &Clock, tokens: Arc<dyn TokenStore>) -> Netease {
    let clock = clock.clone();
    Netease::with(
        http(),
        Url::parse(sim.url()).unwrap(),
        org(),
        tokens,
        Arc::new(move || clock.0.load(Ordering::SeqCst)),
        Duration::from_millis(1),
    )
}

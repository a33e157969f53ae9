//! The client against a simulated WeCom, which was written from the reference and shares no code with it.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test did not expect ends it"
)]

mod callbacks;
mod calls;
mod directory;
mod messages;
mod signin;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use qiyou_net::{DialConfig, Dialer, HttpLimits, ProxyChoice};
use qiyou_testkit::wecom::{Company, WecomSim};
use qiyou_wecom::{App, Hosts, Patience, Wecom};
use secrecy::SecretString;

/// A simulated WeCom, and the client of its application.
pub(crate) struct House {
    pub(crate) sim: WecomSim,
    pub(crate) wecom: Wecom,
    seconds: Arc<AtomicU64>,
}

pub(crate) const DOMAIN: &str = "bridge.example.cn";

pub(crate) async fn house() -> House {
    house_of(Company::example()).await
}

pub(crate) async fn house_of(company: Company) -> House {
    let secret = company.secret.clone();
    let sim = WecomSim::start(company).await.unwrap();
    sim.trust(DOMAIN);
    let seconds = Arc::new(AtomicU64::new(0));
    let wecom = client(&sim, &secret, Arc::clone(&seconds), |_| {});
    House { sim, wecom, seconds }
}

fn client(sim: &WecomSim, secret: &str, seconds: Arc<AtomicU64>, change: impl FnOnce(&mut Patience)) -> Wecom {
    let config = DialConfig {
        proxy: ProxyChoice::Direct,
        ..DialConfig::default()
    };
    let http = Dialer::new(config).unwrap().http().unwrap();
    let hosts = Hosts {
        api: sim.api(),
        login: sim.login(),
        old_login: sim.old_login(),
        oauth: sim.oauth(),
        sdk: sim.oauth(),
    };
    let app = App {
        corp_id: sim.company(|company| company.corp_id.clone()),
        agent_id: sim.company(|company| company.agent_id),
        secret: SecretString::from(secret),
    };
    let mut patience = Patience {
        limits: HttpLimits {
            time: Duration::from_secs(5),
            ..HttpLimits::default()
        },
        pause: Duration::from_millis(1),
        clock: Arc::new(move || Duration::from_secs(seconds.load(Ordering::SeqCst))),
        ..Patience::default()
    };
    change(&mut patience);
    Wecom::with(http, hosts, app, patience)
}

impl House {
    /// A client with another secret of the company.
    pub(crate) fn with_secret(&self, secret: &str) -> Wecom {
        client(&self.sim, secret, Arc::clone(&self.seconds), |_| {})
    }

    /// A client of the same application with other patience.
    pub(crate) fn with_patience(&self, change: impl FnOnce(&mut Patience)) -> Wecom {
        let secret = self.sim.company(|company| company.secret.clone());
        client(&self.sim, &secret, Arc::clone(&self.seconds), change)
    }

    /// The client of contact sync.
    pub(crate) fn sync(&self) -> Wecom {
        self.with_secret(&self.sim.company(|company| company.sync_secret.clone()))
    }

    /// Time goes on, here and there.
    pub(crate) fn wait(&self, seconds: u64) {
        self.sim.shift(Duration::from_secs(seconds));
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

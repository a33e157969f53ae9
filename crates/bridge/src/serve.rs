//! The server: its state, its routes, how it starts and stops.

mod caller;
mod listen;
mod peer;
mod problem;
mod request;
mod routes;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use qiyou_bridge_api::Policy;
use qiyou_net::{DialConfig, Dialer};
use qiyou_netease::Netease;
use qiyou_wecom::{App, Wecom};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::{Notify, OnceCell, watch};

pub(crate) use caller::{Caller, Device};
pub(crate) use listen::acceptor;
pub(crate) use peer::Peer;
pub(crate) use problem::Problem;
pub(crate) use request::{Client, current as request_name, nothing};
#[cfg(test)]
pub(crate) use routes::API;

use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::keys::Keys;
use crate::limits::Buckets;
use crate::mailer::Mailer;
use crate::metrics::Metrics;
use crate::proof::Used;
use crate::push::{Hub, Mailboxes};
use crate::signin::Bells;
use crate::{directory, installer, netease, open, policy, push, remind, signin};

/// The longest body of a request, in bytes.
const LONGEST: usize = 16 * 1024;
/// How long requests may take to end when the server stops.
const GRACE: Duration = Duration::from_secs(10);
/// How often what is over is swept away.
const SWEEP: Duration = Duration::from_mins(10);

/// All that a request may need.
pub struct Bridge {
    pub(crate) config: Config,
    pub(crate) db: Db,
    pub(crate) keys: Arc<Keys>,
    pub(crate) clock: Clock,
    pub(crate) wecom: Wecom,
    /// WeCom as the contact-sync assistant.
    pub(crate) contacts: Option<Wecom>,
    /// What opens WeCom's callbacks.
    pub(crate) callback: Option<qiyou_wecom::callback::Keys>,
    pub(crate) netease: Option<Netease>,
    /// What mails codes.
    pub(crate) mailer: Option<Mailer>,
    pub(crate) used: Used,
    pub(crate) bells: Bells,
    pub(crate) metrics: Metrics,
    pub(crate) requests: Buckets<IpAddr>,
    pub(crate) signins: Buckets<IpAddr>,
    /// Apps that listen.
    pub(crate) hub: Hub,
    pub(crate) mailboxes: Mailboxes,
    pub(crate) reminding: remind::Limits,
    /// What the company fixes in the app, once it is published.
    policy: OnceCell<Policy>,
    /// Something is to be read again.
    pub(crate) wake: Notify,
    /// True once the server stops: what is held open ends.
    pub(crate) stopping: watch::Receiver<bool>,
    /// Names this replica.
    pub(crate) replica: String,
}

/// The HTTP client that goes to WeCom: by the same dialer as everything.
pub(crate) fn dialer(config: &Config) -> anyhow::Result<Dialer> {
    let mut dial = DialConfig::default();
    if let Some(authority) = &config.wecom.authority {
        let path = config.folder.join(authority);
        dial.extra_roots = CertificateDer::pem_file_iter(&path)
            .and_then(Iterator::collect)
            .with_context(|| format!("read the authority {}", path.display()))?;
    }
    Dialer::new(dial).context("set up TLS")
}

/// The caller of WeCom's API that the configuration describes.
pub(crate) fn wecom(config: &Config) -> anyhow::Result<Wecom> {
    wecom_with(config, config.wecom_secret()?)
}

fn wecom_with(config: &Config, secret: SecretString) -> anyhow::Result<Wecom> {
    let app = App {
        corp_id: config.wecom.corp_id.clone(),
        agent_id: config.wecom.agent_id,
        secret,
    };
    let http = dialer(config)?.http().context("set up HTTP")?;
    Ok(Wecom::new(http, config.wecom.hosts.clone(), app))
}

/// WeCom as the contact-sync assistant, whose secret is another.
fn contacts(config: &Config) -> anyhow::Result<Option<Wecom>> {
    let Some(secret) = &config.wecom.contacts else {
        return Ok(None);
    };
    let secret = secret.read(&config.folder).context("wecom.contacts")?;
    wecom_with(config, secret).map(Some)
}

/// Whether an address is in one of the company's domains.
pub(crate) fn is_ours(config: &Config, address: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && address.len() <= 254 && config.domains.iter().any(|ours| ours == domain)
    })
}

impl Bridge {
    /// Reads secrets, and is ready to serve.
    pub fn new(config: Config, db: Db, clock: Clock, stopping: watch::Receiver<bool>) -> anyhow::Result<Arc<Self>> {
        let keys = Arc::new(Keys::new(&config.master_key()?)?);
        let wecom = wecom(&config)?;
        let contacts = contacts(&config)?;
        let callback = config.callback_keys()?;
        let netease = netease::client(&config, &db, &keys, &clock)?;
        let mailer = Mailer::new(&config)?;
        Ok(Arc::new(Self {
            contacts,
            callback,
            netease,
            policy: OnceCell::new(),
            mailer,
            wake: Notify::new(),
            requests: Buckets::new(config.limits.requests_per_minute),
            signins: Buckets::new(config.limits.signins_per_minute),
            used: Used::default(),
            bells: Bells::default(),
            hub: Hub::default(),
            mailboxes: Mailboxes::default(),
            reminding: remind::Limits::default(),
            metrics: Metrics::new()?,
            replica: crate::keys::random_name(),
            config,
            db,
            keys,
            clock,
            wecom,
            stopping,
        }))
    }

    /// What the company fixes in the app.
    pub(crate) async fn policy(&self) -> Result<&Policy, sqlx::Error> {
        let publish = || policy::publish(&self.config, &self.db, self.clock.now());
        self.policy.get_or_try_init(publish).await
    }

    /// The address of one of our pages.
    pub(crate) fn address(&self, path: &str) -> url::Url {
        let mut url = self.config.url.clone();
        url.set_path(path);
        url
    }
}

/// All routes.
fn router(bridge: &Arc<Bridge>) -> Router {
    let api = routes::api().layer(middleware::from_fn_with_state(Arc::clone(bridge), request::api));
    let pages = Router::new()
        .route("/signin/{page}", get(signin::browser::open))
        .route("/callback", get(signin::browser::callback))
        .route("/confirm", post(signin::browser::confirm))
        .route("/get", get(installer::get))
        .route("/open/{what}", get(open::open))
        .route("/open/mail/{id}", get(open::mail))
        .route("/open/webmail", get(open::webmail::begin))
        .route("/open/webmail/back", get(open::webmail::back))
        .route(
            "/wecom/callback",
            get(directory::events::verify)
                .post(directory::events::receive)
                .layer(DefaultBodyLimit::max(directory::events::LONGEST)),
        )
        .route(
            push::netease::PATTERN,
            post(push::netease::receive).layer(DefaultBodyLimit::max(push::netease::LONGEST)),
        );
    Router::new()
        .nest("/api", api)
        .merge(pages)
        .route("/healthz", get(request::healthz))
        .route("/readyz", get(request::readyz))
        .route("/metrics", get(request::metrics))
        .fallback(request::nothing)
        .layer(middleware::from_fn_with_state(Arc::clone(bridge), request::each))
        .layer(DefaultBodyLimit::max(LONGEST))
        .with_state(Arc::clone(bridge))
}

/// A server that listens and does not serve yet.
pub struct Server {
    listener: TcpListener,
    bridge: Arc<Bridge>,
    stop: watch::Sender<bool>,
    tls: Option<tokio_rustls::TlsAcceptor>,
}

impl Server {
    /// Opens everything that can fail: secrets, database, certificate, port.
    pub async fn bind(mut config: Config, clock: Clock) -> anyhow::Result<Self> {
        let (stop, stopping) = watch::channel(false);
        let tls = config
            .tls
            .as_ref()
            .map(|tls| listen::acceptor(&config, tls))
            .transpose()?;
        let listener = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("listen on {}", config.listen))?;
        // A trial takes whatever port is free, and has to name it to browsers.
        if config.url.port() == Some(0) {
            let _ = config.url.set_port(Some(listener.local_addr()?.port()));
        }
        let db = Db::open(&config).await?;
        let bridge = Bridge::new(config, db.clone(), clock, stopping);
        let bridge = match bridge {
            // Before anybody asks: of two replicas the one that starts later has the later policy.
            Ok(bridge) => bridge
                .policy()
                .await
                .context("publish the policy")
                .map(|_| Arc::clone(&bridge)),
            Err(error) => Err(error),
        };
        if bridge.is_err() {
            db.close().await;
        }
        Ok(Self {
            listener,
            bridge: bridge?,
            stop,
            tls,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Where browsers and apps find it.
    pub fn url(&self) -> &url::Url {
        &self.bridge.config.url
    }

    /// Serves until `stop`, then lets what runs come to its end.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        let Self {
            listener,
            bridge,
            stop: stopping,
            tls,
        } = self;
        let service = router(&bridge).into_make_service_with_connect_info::<Peer>();
        let sweeper = tokio::spawn(sweep(Arc::clone(&bridge)));
        let keeper = bridge
            .config
            .directory
            .enabled
            .then(|| tokio::spawn(directory::keep::run(Arc::clone(&bridge))));
        let hearing = tokio::spawn(push::hear(Arc::clone(&bridge)));
        let reminder = tokio::spawn(remind::run(Arc::clone(&bridge)));
        let mut told = stopping.subscribe();
        let mut grace = stopping.subscribe();
        tokio::spawn(async move {
            stop.await;
            tracing::info!(target: "bridge", "stopping");
            stopping.send_replace(true);
            // Held until all who look have seen it.
            stopping.closed().await;
        });
        let serving =
            axum::serve(listen::Connections::new(listener, tls), service).with_graceful_shutdown(async move {
                let _ = told.wait_for(|stopping| *stopping).await;
            });
        let late = async move {
            let _ = grace.wait_for(|stopping| *stopping).await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            served = serving => served.context("serve")?,
            () = late => tracing::warn!(target: "bridge", "some requests did not end in time"),
        }
        sweeper.abort();
        hearing.abort();
        reminder.abort();
        if let Some(keeper) = keeper {
            keeper.abort();
        }
        bridge.db.close().await;
        Ok(())
    }
}

/// Timed work, of one replica alone.
async fn sweep(bridge: Arc<Bridge>) {
    loop {
        let now = bridge.clock.now();
        let lease = i64::try_from(SWEEP.as_secs()).unwrap_or(600);
        match bridge.db.lease("sweep", &bridge.replica, now, lease).await {
            Ok(true) => {
                let swept = bridge.db.sweep_signins(now).await.map(drop);
                let swept = swept.and(bridge.db.sweep_events(now).await);
                let swept = swept.and(bridge.db.sweep_cards(now).await);
                let swept = swept.and(bridge.db.sweep_notices(now).await);
                let swept = swept.and(bridge.db.sweep_proofs(now).await);
                if let Err(error) = swept.and(bridge.db.sweep_sessions(now).await) {
                    tracing::warn!(target: "bridge", %error, "what is over could not be swept away");
                }
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(target: "bridge", %error, "the database does not answer"),
        }
        tokio::time::sleep(SWEEP).await;
    }
}

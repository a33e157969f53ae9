//! NetEase enterprise mail for the bridge: its tokens in the database, and the way into the webmail.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use qiyou_bridge_api::{Refusal, Webmail};
use qiyou_netease::{BASE, Kind, Lang, Lease, Netease, Org, Pending, StoreError, TokenStore, Tokens};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::db::sessions::SessionRow;
use crate::keys::{Keys, random_name};
use crate::serve::{Bridge, Caller, Problem, dialer};
use crate::session;

/// Under which the tokens are kept, and leased.
const TOKENS: &str = "netease.tokens";
/// How long a renewal may take, in seconds: then another replica tries.
const LEASE: i64 = 60;
/// Between two tries to get the lease.
const WAIT: Duration = Duration::from_millis(200);

/// The client that the configuration describes, if it names one.
pub fn client(config: &Config, db: &Db, keys: &Arc<Keys>, clock: &Clock) -> anyhow::Result<Option<Netease>> {
    let Some(app) = &config.netease else {
        return Ok(None);
    };
    let org = Org {
        app_id: app.app_id.clone(),
        auth_code: app.auth_code.read(&config.folder).context("netease.auth_code")?,
        org_open_id: app.org_open_id.clone(),
        domain: app
            .domain
            .clone()
            .or_else(|| config.domains.first().cloned())
            .unwrap_or_default(),
    };
    let base = match &app.host {
        Some(host) => host.clone(),
        None => Url::parse(BASE).context("NetEase's host")?,
    };
    let http = dialer(config)?.http().context("set up HTTP")?;
    let store = Store {
        db: db.clone(),
        keys: Arc::clone(keys),
        clock: clock.clone(),
    };
    Ok(Some(Netease::new(http, base, org, Arc::new(store))))
}

/// Tokens in the database, encrypted. All replicas see the same; one alone renews them, and stores the answer before
/// anybody uses it.
#[derive(Clone)]
struct Store {
    db: Db,
    keys: Arc<Keys>,
    clock: Clock,
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError(error.into())
}

impl Store {
    async fn stored(&self) -> Result<Tokens, StoreError> {
        let sealed = self.db.note(TOKENS).await.map_err(failed)?;
        // Of another master key: none.
        Ok(sealed
            .and_then(|sealed| self.keys.unseal(TOKENS, &sealed))
            .and_then(|secret| Tokens::from_secret(&secret))
            .unwrap_or_default())
    }
}

impl TokenStore for Store {
    fn load(&self) -> Pending<'_, Tokens> {
        Box::pin(self.stored())
    }

    fn lease(&self) -> Pending<'_, (Tokens, Box<dyn Lease>)> {
        Box::pin(async {
            // Each renewal is a holder of its own: two of one replica must not share the lease.
            let holder = random_name();
            while !self
                .db
                .lease(TOKENS, &holder, self.clock.now(), LEASE)
                .await
                .map_err(failed)?
            {
                tokio::time::sleep(WAIT).await;
            }
            let tokens = self.stored().await?;
            let held = Held {
                store: self.clone(),
                holder,
            };
            Ok((tokens, Box::new(held) as Box<dyn Lease>))
        })
    }
}

struct Held {
    store: Store,
    holder: String,
}

impl Lease for Held {
    fn store(self: Box<Self>, tokens: Tokens) -> Pending<'static, ()> {
        Box::pin(async move {
            let Store { db, keys, .. } = &self.store;
            let secret: SecretString = tokens.to_secret();
            let sealed = keys.seal(TOKENS, &secret).map_err(failed)?;
            db.set_note(TOKENS, &sealed).await.map_err(failed)?;
            db.release(TOKENS, &self.holder).await.map_err(failed)
        })
    }
}

/// Whether members get into the webmail by the bridge.
pub fn opens_webmail(bridge: &Bridge) -> bool {
    bridge.netease.is_some() && bridge.config.policy.features.webmail
}

/// The caller's [`session::mailbox`], or a refusal.
pub async fn own_address(bridge: &Bridge, caller: &SessionRow) -> Result<String, Problem> {
    let mailbox = session::mailbox(bridge, &caller.userid).await?;
    mailbox.ok_or_else(|| Problem::new(Refusal::NoAddress))
}

/// In which language the webmail comes up.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    lang: String,
}

/// `POST /api/webmail`: the address at which the member is in their webmail without a password. For a proven address
/// alone; good once, and not for long. It is in no log.
#[utoipa::path(
    post,
    path = "/api/webmail",
    operation_id = "open_webmail",
    params(("lang" = Option<String>, Query, description = "`zh` or `en`.")),
    responses((status = 200, description = "The address, good once.", body = Webmail)),
    security(("session" = []))
)]
pub async fn webmail(
    State(bridge): State<Arc<Bridge>>,
    Caller(caller): Caller,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Webmail>, Problem> {
    let Query(wanted) = wanted?;
    let netease = bridge
        .netease
        .as_ref()
        .filter(|_| opens_webmail(&bridge))
        .ok_or_else(|| Problem::with(Refusal::NoWebmail, "the bridge knows no webmail"))?;
    let address = own_address(&bridge, &caller).await?;
    let lang = if wanted.lang == "en" {
        Lang::English
    } else {
        Lang::Chinese
    };
    let sign_on = netease.webmail(&address, lang).await.map_err(|error| {
        tracing::warn!(target: "bridge", %error, userid = caller.userid, "no way into the webmail");
        match error.kind() {
            Kind::NotFound => Problem::with(Refusal::NoWebmail, "the mail platform knows no such mailbox"),
            _ => Problem::with(Refusal::MailPlatform, error.to_string()),
        }
    })?;
    Ok(Json(Webmail {
        url: SecretString::from(sign_on.expose()),
    }))
}

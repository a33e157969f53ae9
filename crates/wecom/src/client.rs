//! One call: token, bounds, retries, back-off (reference A1).

use std::sync::Arc;
use std::time::{Duration, Instant};

use qiyou_net::{Answer, HttpClient, HttpLimits};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use crate::address::{App, Hosts, at};
use crate::error::Error;
use crate::jsapi::Tickets;
use crate::json::{integer, string};
use crate::kept::{Fetched, Kept};
use crate::quota::Quotas;

/// How often a call is repeated that WeCom was too busy for (-1).
const BUSY_RETRIES: u32 = 3;
/// The longest words of WeCom that a log line carries, in characters.
const WORDS: usize = 200;

/// Time since any fixed moment, never going back. Tests shift it.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// How long things are waited for.
#[derive(Clone)]
pub struct Patience {
    /// Of one exchange; `body` bounds each answer that is no list.
    pub limits: HttpLimits,
    /// The longest list (members, departments), in bytes.
    pub list: usize,
    /// Before the first repetition when WeCom is busy; doubled for each further.
    pub pause: Duration,
    /// By which tokens end and quotas are waited for.
    pub clock: Clock,
}

impl Default for Patience {
    fn default() -> Self {
        let start = Instant::now();
        Self {
            limits: HttpLimits::default(),
            list: 32 * 1024 * 1024,
            pause: Duration::from_millis(300),
            clock: Arc::new(move || start.elapsed()),
        }
    }
}

/// WeCom, as one application. Cheap to clone: the clones share token, tickets and back-off.
#[derive(Clone)]
pub struct Wecom(Arc<Inner>);

struct Inner {
    http: HttpClient,
    hosts: Hosts,
    app: App,
    patience: Patience,
    token: Kept,
    tickets: Tickets,
    quotas: Quotas,
}

impl std::fmt::Debug for Wecom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wecom")
            .field("app", &self.0.app)
            .field("hosts", &self.0.hosts)
            .finish_non_exhaustive()
    }
}

/// What is sent besides the token.
#[derive(Clone, Copy)]
pub(crate) enum Ask<'a> {
    Get(&'a [(&'a str, &'a str)]),
    Post(&'a Value),
}

impl Wecom {
    /// WeCom at `hosts` for `app`. `http` is [`qiyou_net::Dialer::http`].
    pub fn new(http: HttpClient, hosts: Hosts, app: App) -> Self {
        Self::with(http, hosts, app, Patience::default())
    }

    /// [`Self::new`] with other limits and another clock.
    pub fn with(http: HttpClient, hosts: Hosts, app: App, patience: Patience) -> Self {
        Self(Arc::new(Inner {
            http,
            hosts,
            app,
            patience,
            token: Kept::default(),
            tickets: Tickets::default(),
            quotas: Quotas::default(),
        }))
    }

    pub(crate) fn hosts(&self) -> &Hosts {
        &self.0.hosts
    }

    /// The application that this speaks for.
    pub fn app(&self) -> &App {
        &self.0.app
    }

    pub(crate) fn tickets(&self) -> &Tickets {
        &self.0.tickets
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.patience.clock
    }

    /// Whether WeCom takes the application's id and secret: fetches a token where none is at hand.
    pub async fn check(&self) -> Result<(), Error> {
        self.token().await.map(drop)
    }

    async fn token(&self) -> Result<SecretString, Error> {
        self.0.token.get(self.clock(), self.fetch_token()).await
    }

    /// `gettoken` (document 91039).
    async fn fetch_token(&self) -> Result<Fetched, Error> {
        const API: &str = "gettoken";
        let query = [
            ("corpid", self.0.app.corp_id.as_str()),
            ("corpsecret", self.0.app.secret.expose_secret()),
        ];
        let answer = self
            .patient(API, Ask::Get(&query), None, self.0.patience.limits)
            .await?;
        handed_out(API, &answer, "access_token")
    }

    /// One api that answers with a single object.
    pub(crate) async fn call(&self, api: &'static str, ask: Ask<'_>) -> Result<Value, Error> {
        self.authorised(api, ask, self.0.patience.limits).await
    }

    /// One api that answers with a list, which may be long.
    pub(crate) async fn call_for_list(&self, api: &'static str, ask: Ask<'_>) -> Result<Value, Error> {
        let limits = HttpLimits {
            body: self.0.patience.list,
            ..self.0.patience.limits
        };
        self.authorised(api, ask, limits).await
    }

    async fn authorised(&self, api: &'static str, ask: Ask<'_>, limits: HttpLimits) -> Result<Value, Error> {
        self.0.quotas.check(api, self.clock()())?;
        let token = self.token().await?;
        let first = self.patient(api, ask, Some(&token), limits).await;
        match first {
            // WeCom may end a token before its time.
            Err(Error::Code {
                code: 40014 | 42001, ..
            }) => {
                tracing::info!(target: "wecom", api, "the token ended early, fetching another");
                self.0.token.forget(&token).await;
                let token = self.token().await?;
                self.patient(api, ask, Some(&token), limits).await
            }
            other => other,
        }
    }

    /// Repeats while WeCom is busy, and keeps the quotas.
    async fn patient(
        &self,
        api: &'static str,
        ask: Ask<'_>,
        token: Option<&SecretString>,
        limits: HttpLimits,
    ) -> Result<Value, Error> {
        let mut pause = self.0.patience.pause;
        let mut left = BUSY_RETRIES;
        loop {
            self.0.quotas.check(api, self.clock()())?;
            let result = self.once(api, ask, token, limits).await;
            match &result {
                Err(Error::Code { code: -1, .. }) if left > 0 => {
                    left = left.saturating_sub(1);
                    tokio::time::sleep(pause).await;
                    pause = pause.saturating_mul(2);
                }
                Err(Error::Code {
                    code: code @ (45009 | 45033),
                    ..
                }) => {
                    self.0.quotas.refused(api, *code, self.clock()());
                    return result;
                }
                Ok(_) => {
                    self.0.quotas.answered(api);
                    return result;
                }
                Err(_) => return result,
            }
        }
    }

    async fn once(
        &self,
        api: &'static str,
        ask: Ask<'_>,
        token: Option<&SecretString>,
        limits: HttpLimits,
    ) -> Result<Value, Error> {
        let mut url = at(&self.0.hosts.api, &format!("cgi-bin/{api}"));
        add(&mut url, token, ask);
        let answer = match ask {
            Ask::Get(_) => qiyou_net::get(&self.0.http, &url, limits).await?,
            Ask::Post(body) => qiyou_net::post_json(&self.0.http, &url, &[], Some(body), limits).await?,
        };
        read(api, &answer)
    }
}

fn add(url: &mut Url, token: Option<&SecretString>, ask: Ask<'_>) {
    let mut query = url.query_pairs_mut();
    if let Some(token) = token {
        query.append_pair("access_token", token.expose_secret());
    }
    if let Ask::Get(more) = ask {
        query.extend_pairs(more);
    }
}

/// The JSON of an answer whose `errcode` is 0. The status is 200 also for refusals.
fn read(api: &'static str, answer: &Answer) -> Result<Value, Error> {
    let broken = |what| Error::Answer {
        api,
        status: answer.status,
        what,
    };
    if answer.status != 200 {
        return Err(broken("is not WeCom's"));
    }
    let value: Value = serde_json::from_slice(&answer.body).map_err(|_| broken("is no JSON"))?;
    if !value.is_object() {
        return Err(broken("is no JSON object"));
    }
    let code = match value.get("errcode") {
        Some(Value::Number(code)) => code.as_i64(),
        Some(Value::String(code)) => code.parse().ok(),
        _ => None,
    };
    match code {
        Some(0) => Ok(value),
        Some(code) => {
            let words: String = string(value.get("errmsg"))
                .chars()
                .filter(|c| !c.is_control())
                .take(WORDS)
                .collect();
            tracing::debug!(target: "wecom", api, code, words, "refused");
            Err(Error::Code { code, api })
        }
        None => Err(broken("has no errcode")),
    }
}

/// A token or ticket of an answer, with its life.
pub(crate) fn handed_out(api: &'static str, answer: &Value, name: &str) -> Result<Fetched, Error> {
    let value = string(answer.get(name));
    if value.is_empty() {
        return Err(Error::Answer {
            api,
            status: 200,
            what: "hands out nothing",
        });
    }
    let life = u64::try_from(integer(answer.get("expires_in"))).unwrap_or_default();
    Ok(Fetched {
        value: value.into(),
        life: Duration::from_secs(life),
    })
}

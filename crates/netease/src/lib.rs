//! NetEase enterprise mail (网易企业邮箱): the open platform of `api.qiye.163.com`, and in [`old`] the qiyeservice API
//! that went before it.
//!
//! What is known of both comes from programs of customers and examples of the vendor; no specification is public. So
//! answers are read leniently: fields under any name that was seen, numbers as text, what is missing as missing.
//!
//! **Invariant:** no token, key or address of a webmail sign-on is in an error, a log or a `Debug`.

mod account;
mod call;
mod directory;
mod error;
mod fields;
mod mailbox;
pub mod old;
mod push;
mod renew;
mod revision;
mod tokens;
mod walk;
mod webmail;

use std::sync::Arc;
use std::time::Duration;

use qiyou_net::HttpClient;
use secrecy::SecretString;
use url::Url;

use renew::Renewals;

pub use account::{Account, Status};
pub use directory::Unit;
pub use error::{Configuration, Error, Kind};
pub use mailbox::{Folder, Message, Messages};
pub use push::{Push, PushError, PushedFile};
pub use revision::{Change, Changes};
pub use tokens::{Lease, MemoryTokens, Pending, StoreError, Token, TokenStore, Tokens};
pub use webmail::{Lang, SignOn};

/// Where the open platform is found.
pub const BASE: &str = "https://api.qiye.163.com";

/// What the admin console (企业设置 → 自建应用管理) gives to an application of the company's own.
#[derive(Clone, Debug)]
pub struct Org {
    /// `qy`, a date and hex digits.
    pub app_id: String,
    /// For the first tokens, and when a refresh token is over. An admin may reset it.
    pub auth_code: SecretString,
    /// 16 hex digits.
    pub org_open_id: String,
    /// The company's mail domain, lower case.
    pub domain: String,
}

/// The open platform, as one organisation sees it. Clones share their renewals of tokens.
#[derive(Clone)]
pub struct Netease {
    inner: Arc<Inner>,
}

type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

struct Inner {
    http: HttpClient,
    base: Url,
    org: Org,
    tokens: Arc<dyn TokenStore>,
    clock: Clock,
    first_pause: Duration,
    renewals: Renewals,
}

impl Netease {
    /// A client at `base` ([`BASE`], or a simulator on loopback); `http` is made by `qiyou_net::Dialer::http`.
    pub fn new(http: HttpClient, base: Url, org: Org, tokens: Arc<dyn TokenStore>) -> Self {
        Self::with(http, base, org, tokens, Arc::new(now), Duration::from_millis(200))
    }

    /// As [`Netease::new`], with a clock (seconds since 1970) and with the pause after the first "too frequent", which
    /// doubles from one to the next.
    pub fn with(
        http: HttpClient,
        base: Url,
        org: Org,
        tokens: Arc<dyn TokenStore>,
        clock: Arc<dyn Fn() -> i64 + Send + Sync>,
        first_pause: Duration,
    ) -> Self {
        let inner = Inner {
            http,
            base,
            org,
            tokens,
            clock,
            first_pause,
            renewals: Renewals::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The organisation that this speaks for.
    pub fn org(&self) -> &Org {
        &self.inner.org
    }
}

impl std::fmt::Debug for Netease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Netease")
            .field("base", &self.inner.base.as_str())
            .field("org", &self.inner.org)
            .finish_non_exhaustive()
    }
}

pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

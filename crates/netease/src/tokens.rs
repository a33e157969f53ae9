//! The tokens of an organisation, and where they are kept.
//!
//! A refresh ends the old access token at once and rotates the refresh token. Where several replicas share an
//! organisation, one of them refreshes, under a lease, and stores the answer before anybody uses it.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::OwnedMutexGuard;

/// How long a token is believed in when its expiry cannot be right, in seconds.
const ASSUMED_LIFE: i64 = 1800;
/// No token lives for less, in seconds: an expiry nearer than this was written in another zone, or the clocks differ.
const SHORTEST_LIFE: i64 = 60;

/// A token with the time in which it is believed in.
#[derive(Clone, Debug)]
pub struct Token {
    pub secret: SecretString,
    /// When it was given, in seconds since 1970 by this computer's clock.
    pub given: i64,
    /// When it ends, likewise. What NetEase says may differ; its refusal is believed over this.
    pub until: i64,
}

impl Token {
    /// `until` is as NetEase writes it: `yyyy-MM-dd HH:mm:ss`, in Beijing's time as far as is known.
    pub(crate) fn new(secret: SecretString, given: i64, until: &str) -> Self {
        let until = beijing(until).unwrap_or_default();
        let until = if until.saturating_sub(given) < SHORTEST_LIFE {
            given.saturating_add(ASSUMED_LIFE)
        } else {
            until
        };
        Self { secret, given, until }
    }

    /// Not over yet.
    pub(crate) fn holds(&self, now: i64) -> bool {
        now < self.until
    }

    /// Over, or past 80 % of its life.
    pub(crate) fn is_due(&self, now: i64) -> bool {
        let life = self.until.saturating_sub(self.given);
        now >= self.given.saturating_add(life.saturating_mul(4).saturating_div(5))
    }

    pub(crate) fn is(&self, secret: &SecretString) -> bool {
        self.secret.expose_secret() == secret.expose_secret()
    }
}

/// `yyyy-MM-dd HH:mm:ss` in Beijing as seconds since 1970.
fn beijing(text: &str) -> Option<i64> {
    let civil = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text.trim()).ok()?;
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    Some(civil.to_zoned(zone).ok()?.timestamp().as_second())
}

/// All tokens of one organisation; none at first.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    /// For business calls.
    pub access: Option<Token>,
    /// For the next access token; used once.
    pub refresh: Option<SecretString>,
    /// For sign-ons to the webmail.
    pub sso: Option<Token>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    access: Option<(String, i64, i64)>,
    refresh: Option<String>,
    sso: Option<(String, i64, i64)>,
}

impl Tokens {
    /// All of it as one text, for a store to encrypt and keep.
    pub fn to_secret(&self) -> SecretString {
        let token = |token: &Token| (token.secret.expose_secret().to_owned(), token.given, token.until);
        let written = Written {
            access: self.access.as_ref().map(token),
            refresh: self.refresh.as_ref().map(|secret| secret.expose_secret().to_owned()),
            sso: self.sso.as_ref().map(token),
        };
        // Text and numbers always have a form in JSON.
        SecretString::from(serde_json::to_string(&written).unwrap_or_default())
    }

    /// What [`Tokens::to_secret`] made; nothing when it is something else.
    pub fn from_secret(secret: &SecretString) -> Option<Self> {
        let written: Written = serde_json::from_str(secret.expose_secret()).ok()?;
        let token = |(secret, given, until)| Token {
            secret: SecretString::from(secret),
            given,
            until,
        };
        Some(Self {
            access: written.access.map(token),
            refresh: written.refresh.map(SecretString::from),
            sso: written.sso.map(token),
        })
    }
}

/// A store's failure, in its own words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// What a store is about to give.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Where the tokens of one organisation are kept, for all replicas that speak for it.
pub trait TokenStore: Send + Sync {
    /// What is stored; empty when nothing is. Does not wait for a lease.
    fn load(&self) -> Pending<'_, Tokens>;

    /// Waits until no other replica holds the lease, takes it, and gives what is stored by then. A database locks the
    /// row in a transaction. A lease that is dropped changes nothing; one whose holder died ends by itself.
    fn lease(&self) -> Pending<'_, (Tokens, Box<dyn Lease>)>;
}

/// The right of one replica to renew the tokens.
pub trait Lease: Send {
    /// Stores `tokens` so that every replica loads them from now on, and only then ends the lease.
    fn store(self: Box<Self>, tokens: Tokens) -> Pending<'static, ()>;
}

/// Tokens in the memory of one process: for a bridge without replicas, and tests.
#[derive(Clone, Debug, Default)]
pub struct MemoryTokens {
    tokens: Arc<Mutex<Tokens>>,
    lease: Arc<tokio::sync::Mutex<()>>,
}

struct MemoryLease {
    tokens: Arc<Mutex<Tokens>>,
    _held: OwnedMutexGuard<()>,
}

fn lock(tokens: &Mutex<Tokens>) -> MutexGuard<'_, Tokens> {
    tokens.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TokenStore for MemoryTokens {
    fn load(&self) -> Pending<'_, Tokens> {
        Box::pin(async { Ok(lock(&self.tokens).clone()) })
    }

    fn lease(&self) -> Pending<'_, (Tokens, Box<dyn Lease>)> {
        Box::pin(async {
            let held = Arc::clone(&self.lease).lock_owned().await;
            let tokens = lock(&self.tokens).clone();
            let lease = MemoryLease {
                tokens: Arc::clone(&self.tokens),
                _held: held,
            };
            Ok((tokens, Box::new(lease) as Box<dyn Lease>))
        })
    }
}

impl Lease for MemoryLease {
    fn store(self: Box<Self>, tokens: Tokens) -> Pending<'static, ()> {
        Box::pin(async move {
            *lock(&self.tokens) = tokens;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;

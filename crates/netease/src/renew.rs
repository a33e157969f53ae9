//! Renewing tokens: by one task of one replica at a time, which stores what it got before anybody uses it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;
use serde_json::Value;

use crate::error::{Error, Kind};
use crate::fields::{secret, text};
use crate::tokens::Token;
use crate::{Inner, Netease};

/// How long nobody tries to refresh a token that holds still, after that failed, in seconds.
const QUIET: i64 = 30;

/// The renewals of this process, one at a time. Among processes, the store's lease sees to that.
#[derive(Default)]
pub(crate) struct Renewals {
    alone: tokio::sync::Mutex<()>,
    access: Mutex<Failures>,
    sign_on: Mutex<Failures>,
    /// Until when a token that holds still is left alone.
    quiet_until: AtomicI64,
}

/// How many renewals failed, and how the last one did.
#[derive(Default)]
struct Failures {
    count: u64,
    last: Option<Arc<Error>>,
}

/// What is to be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// The access token, by the refresh token or else by the authorisation code.
    Access,
    /// The access token, by the authorisation code: the refresh token is over.
    Pair,
    /// The token for sign-ons.
    SignOn,
}

impl Renewals {
    fn failures(&self, what: Renewal) -> MutexGuard<'_, Failures> {
        let failures = match what {
            Renewal::Access | Renewal::Pair => &self.access,
            Renewal::SignOn => &self.sign_on,
        };
        failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Netease {
    /// An access token that should hold, renewed when 80 % of its life are over.
    pub(crate) async fn access(&self) -> Result<SecretString, Error> {
        let (now, quiet_until) = (self.inner.now(), &self.inner.renewals.quiet_until);
        let Some(token) = self.inner.tokens.load().await?.access else {
            return self.renewed(None, Renewal::Access).await;
        };
        let holds = token.holds(now);
        if !token.is_due(now) || (holds && now < quiet_until.load(Ordering::Relaxed)) {
            return Ok(token.secret);
        }
        match self.renewed(Some(token.secret.clone()), Renewal::Access).await {
            // What holds for a while yet is better than nothing.
            Err(error) if holds && matches!(error.kind(), Kind::Down | Kind::Busy) => {
                quiet_until.store(now.saturating_add(QUIET), Ordering::Relaxed);
                Ok(token.secret)
            }
            renewed => renewed,
        }
    }

    /// A token for sign-ons, kept until it is over.
    pub(crate) async fn sso(&self) -> Result<SecretString, Error> {
        match self.inner.tokens.load().await?.sso {
            Some(token) if token.holds(self.inner.now()) => Ok(token.secret),
            token => self.renewed(token.map(|token| token.secret), Renewal::SignOn).await,
        }
    }

    /// Another token than `refused`: one that somebody else got meanwhile, or a new one.
    ///
    /// It goes on when the caller gives up: an answer that is not stored would leave every replica with dead tokens.
    pub(crate) async fn renewed(&self, refused: Option<SecretString>, what: Renewal) -> Result<SecretString, Error> {
        let netease = self.clone();
        let task = tokio::spawn(async move { netease.inner.renew(refused.as_ref(), what).await });
        task.await.map_err(|_| Error::Answer {
            call: "token",
            what: "the renewal broke off",
        })?
    }
}

/// What a refresh token is refused with: unusable, over, no authorisation, not generated.
fn spent(error: &Error) -> bool {
    matches!(error.code(), Some(-300 | -301 | -302 | -303 | -101 | -401))
}

/// Whether `token` is one that `refused` says nothing about.
fn another(token: &Token, refused: Option<&SecretString>, now: i64) -> bool {
    token.holds(now) && refused.is_none_or(|refused| !token.is(refused))
}

impl Inner {
    /// One renewal after the other. Who waited for one that failed fails with it: where nobody answers, a queue would
    /// else wait for one time limit after the other.
    async fn renew(&self, refused: Option<&SecretString>, what: Renewal) -> Result<SecretString, Error> {
        let before = self.renewals.failures(what).count;
        let _alone = self.renewals.alone.lock().await;
        let failed = {
            let failures = self.renewals.failures(what);
            failures.last.clone().filter(|_| failures.count != before)
        };
        if let Some(error) = failed {
            return Err(Error::Renewal(error));
        }
        self.renew_alone(refused, what).await.map_err(|error| {
            let error = Arc::new(error);
            let mut failures = self.renewals.failures(what);
            failures.count = failures.count.wrapping_add(1);
            failures.last = Some(Arc::clone(&error));
            Error::Renewal(error)
        })
    }

    async fn renew_alone(&self, refused: Option<&SecretString>, what: Renewal) -> Result<SecretString, Error> {
        let (mut tokens, lease) = self.tokens.lease().await?;
        let kept = match what {
            Renewal::Access | Renewal::Pair => &tokens.access,
            Renewal::SignOn => &tokens.sso,
        };
        if let Some(token) = kept
            && another(token, refused, self.now())
        {
            return Ok(token.secret.clone());
        }
        let token = match what {
            Renewal::Access | Renewal::Pair => {
                let refresh = tokens.refresh.as_ref().filter(|_| what == Renewal::Access);
                let (call, answer) = self.pair(refresh).await?;
                let token = self.token(call, &answer, "accessToken", "accessTokenExpiredTime")?;
                tokens.refresh = secret(&answer, &["refreshToken"]);
                tokens.access.insert(token).clone()
            }
            Renewal::SignOn => {
                let call = "token/ssoAuthToken";
                let answer = self.authorised(call, "/api/pub/token/ssoAuthToken").await?;
                let token = self.token(call, &answer, "ssoAuthToken", "ssoAuthTokenExpiredTime")?;
                tokens.sso.insert(token).clone()
            }
        };
        lease.store(tokens).await?;
        tracing::debug!(target: "netease", ?what, "new tokens are stored");
        Ok(token.secret)
    }

    /// A new pair by the refresh token, or where that is spent, by the authorisation code.
    async fn pair(&self, refresh: Option<&SecretString>) -> Result<(&'static str, Value), Error> {
        if let Some(refresh) = refresh {
            match self.refresh(refresh).await {
                Err(error) if spent(&error) => {}
                answer => return Ok(("token/refresh", answer?)),
            }
        }
        let call = "token/acquireToken";
        Ok((call, self.authorised(call, "/api/pub/token/acquireToken").await?))
    }

    fn token(&self, call: &'static str, answer: &Value, name: &str, until: &str) -> Result<Token, Error> {
        let secret = secret(answer, &[name]).ok_or(Error::Answer {
            call,
            what: "an answer without a token",
        })?;
        Ok(Token::new(secret, self.now(), &text(answer, &[until])))
    }
}

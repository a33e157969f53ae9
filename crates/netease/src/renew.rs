//! Renewing tokens: by one task of one replica at a time, which stores what it got before anybody uses it.

use secrecy::SecretString;
use serde_json::Value;

use crate::error::{Error, Kind};
use crate::fields::{secret, text};
use crate::tokens::Token;
use crate::{Inner, Netease};

impl Netease {
    /// An access token that should hold, renewed when 80 % of its life are over.
    pub(crate) async fn access(&self) -> Result<SecretString, Error> {
        let now = self.inner.now();
        let Some(token) = self.inner.tokens.load().await?.access else {
            return self.renewed(None, false).await;
        };
        if !token.is_due(now) {
            return Ok(token.secret);
        }
        let renewed = self.renewed(Some(token.secret.clone()), false).await;
        match renewed {
            // What holds for a while yet is better than nothing.
            Err(error) if token.holds(now) && matches!(error.kind(), Kind::Down | Kind::Busy) => Ok(token.secret),
            renewed => renewed,
        }
    }

    /// Another access token than `refused`: the one that somebody else got meanwhile, or one by the refresh token, or
    /// (`from_new`, or without a refresh token that is taken) one by the authorisation code.
    ///
    /// It goes on when the caller gives up: an answer that is not stored would leave every replica with dead tokens.
    pub(crate) async fn renewed(&self, refused: Option<SecretString>, from_new: bool) -> Result<SecretString, Error> {
        let netease = self.clone();
        let task = tokio::spawn(async move { netease.inner.renew(refused, from_new).await });
        task.await.map_err(|_| Error::Answer {
            call: "token/refresh",
            what: "the renewal broke off",
        })?
    }

    /// A token for sign-ons, kept until it is over.
    pub(crate) async fn sso(&self) -> Result<SecretString, Error> {
        match self.inner.tokens.load().await?.sso {
            Some(token) if token.holds(self.inner.now()) => Ok(token.secret),
            token => self.renewed_sso(token.map(|token| token.secret)).await,
        }
    }

    /// Another token for sign-ons than `refused`.
    pub(crate) async fn renewed_sso(&self, refused: Option<SecretString>) -> Result<SecretString, Error> {
        let netease = self.clone();
        let task = tokio::spawn(async move { netease.inner.renew_sso(refused).await });
        task.await.map_err(|_| Error::Answer {
            call: "token/ssoAuthToken",
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
    async fn renew(&self, refused: Option<SecretString>, from_new: bool) -> Result<SecretString, Error> {
        let _alone = self.renewing.lock().await;
        let (mut tokens, lease) = self.tokens.lease().await?;
        if let Some(token) = &tokens.access
            && another(token, refused.as_ref(), self.now())
        {
            return Ok(token.secret.clone());
        }
        let refreshed = match &tokens.refresh {
            Some(refresh) if !from_new => match self.refresh(refresh).await {
                Err(error) if spent(&error) => None,
                answer => Some(answer?),
            },
            _ => None,
        };
        let (call, answer) = match refreshed {
            Some(answer) => ("token/refresh", answer),
            None => (
                "token/acquireToken",
                self.authorised("token/acquireToken", "/api/pub/token/acquireToken")
                    .await?,
            ),
        };
        let access = self.token(call, &answer, "accessToken", "accessTokenExpiredTime")?;
        tokens.access = Some(access.clone());
        tokens.refresh = secret(&answer, &["refreshToken"]);
        lease.store(tokens).await?;
        tracing::debug!(target: "netease", call, "new tokens are stored");
        Ok(access.secret)
    }

    async fn renew_sso(&self, refused: Option<SecretString>) -> Result<SecretString, Error> {
        let _alone = self.renewing.lock().await;
        let (mut tokens, lease) = self.tokens.lease().await?;
        if let Some(token) = &tokens.sso
            && another(token, refused.as_ref(), self.now())
        {
            return Ok(token.secret.clone());
        }
        let call = "token/ssoAuthToken";
        let answer = self.authorised(call, "/api/pub/token/ssoAuthToken").await?;
        let token = self.token(call, &answer, "ssoAuthToken", "ssoAuthTokenExpiredTime")?;
        tokens.sso = Some(token.clone());
        lease.store(tokens).await?;
        Ok(token.secret)
    }

    fn token(&self, call: &'static str, answer: &Value, name: &str, until: &str) -> Result<Token, Error> {
        let secret = secret(answer, &[name]).ok_or(Error::Answer {
            call,
            what: "an answer without a token",
        })?;
        Ok(Token::new(secret, self.now(), &text(answer, &[until])))
    }
}

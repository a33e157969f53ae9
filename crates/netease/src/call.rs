//! One call of the open platform: headers, envelope, patience with "too frequent", and tokens that ended.

use std::time::Duration;

use qiyou_net::{Answer, HttpLimits, post_json};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use crate::error::{Error, marker};
use crate::fields::{clean, integer, text, whole};
use crate::renew::Renewal;
use crate::{Inner, Netease};

/// What one answer may cost.
pub(crate) const LIMITS: HttpLimits = HttpLimits {
    body: 8 * 1024 * 1024,
    time: Duration::from_secs(30),
};
/// How often a call is repeated that came too frequently.
const REPEATS: u32 = 4;
/// The longest message that an error carries, in characters.
const MESSAGE: usize = 300;

impl Netease {
    /// A business call (`unit/getUnitList`), with whatever tokens that takes.
    pub(crate) async fn call(&self, call: &'static str, body: Value) -> Result<Value, Error> {
        let access = self.access().await?;
        let answer = self.inner.business(call, &access, &body).await;
        let what = match answer.as_ref().map_err(Error::code) {
            // Unusable, expired, or no authorisation found: another replica may have refreshed.
            Err(Some(-300 | -301 | -101)) => Renewal::Access,
            // The refresh token is over as well.
            Err(Some(-302)) => Renewal::Pair,
            _ => return answer,
        };
        tracing::debug!(target: "netease", call, "the access token is refused");
        let access = self.renewed(Some(access), what).await?;
        self.inner.business(call, &access, &body).await
    }

    /// What is left of an address before its `@`, if it is one of this organisation.
    pub(crate) fn local<'n>(&self, name: &'n str) -> Result<&'n str, Error> {
        let domain = &self.inner.org.domain;
        local(name, domain).ok_or_else(|| Error::Elsewhere { domain: domain.clone() })
    }
}

/// The account's name in `name`, which may be an address of `domain`.
pub(crate) fn local<'n>(name: &'n str, domain: &str) -> Option<&'n str> {
    let local = match name.split_once('@') {
        Some((local, behind)) if behind.eq_ignore_ascii_case(domain) => local,
        Some(_) => return None,
        None => name,
    };
    let sound = !local.is_empty() && local.len() <= 128 && !local.chars().any(|c| c.is_control() || c.is_whitespace());
    sound.then_some(local)
}

impl Inner {
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    async fn business(&self, call: &'static str, access: &SecretString, body: &Value) -> Result<Value, Error> {
        let headers = [
            ("qiye-access-token", access.expose_secret()),
            ("qiye-app-id", self.org.app_id.as_str()),
            ("qiye-org-open-id", self.org.org_open_id.as_str()),
        ];
        let url = self.url(&format!("/api/open/{call}"));
        self.patiently(call, &url, &headers, Some(body), &[access]).await
    }

    /// A call of `/api/pub/token` that proves itself with the authorisation code.
    pub(crate) async fn authorised(&self, call: &'static str, path: &str) -> Result<Value, Error> {
        let body = json!({
            "appId": self.org.app_id,
            "authCode": self.org.auth_code.expose_secret(),
            "orgOpenId": self.org.org_open_id,
        });
        self.patiently(call, &self.url(path), &[], Some(&body), &[&self.org.auth_code])
            .await
    }

    /// A new pair for a refresh token. From the answer on, the old access token is dead.
    pub(crate) async fn refresh(&self, token: &SecretString) -> Result<Value, Error> {
        let mut url = self.url("/api/pub/token/refresh");
        url.query_pairs_mut().append_pair("refreshToken", token.expose_secret());
        self.patiently("token/refresh", &url, &[], None, &[token]).await
    }

    /// A sign for the webmail.
    pub(crate) async fn sso_sign(&self, token: &SecretString, name: &str) -> Result<Value, Error> {
        let headers = [
            ("qiye-sso-auth-token", token.expose_secret()),
            ("qiye-app-id", self.org.app_id.as_str()),
            ("qiye-org-open-id", self.org.org_open_id.as_str()),
        ];
        let body = json!({ "accountName": name, "domain": self.org.domain });
        let url = self.url("/api/sso/ssoSign");
        self.patiently("sso/ssoSign", &url, &headers, Some(&body), &[token])
            .await
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }

    /// Repeats what came too frequently, after pauses that double.
    async fn patiently(
        &self,
        call: &'static str,
        url: &Url,
        headers: &[(&'static str, &str)],
        body: Option<&Value>,
        secrets: &[&SecretString],
    ) -> Result<Value, Error> {
        let mut pause = self.first_pause;
        let mut left = REPEATS;
        loop {
            let answer = post_json(&self.http, url, headers, body, LIMITS).await;
            let answer = answer.map_err(|source| Error::Http { call, source });
            let answer = answer.and_then(|answer| opened(call, &answer, secrets));
            match answer.as_ref().map_err(Error::code) {
                Err(Some(-422 | -423)) if left > 0 => {
                    tracing::debug!(target: "netease", call, ?pause, "too frequent");
                    tokio::time::sleep(pause).await;
                    pause = pause.saturating_mul(2);
                    left = left.saturating_sub(1);
                }
                _ => return answer,
            }
        }
    }
}

/// What is in the envelope `{code, success, message, data}`, whatever the HTTP status says.
fn opened(call: &'static str, answer: &Answer, secrets: &[&SecretString]) -> Result<Value, Error> {
    let envelope = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
    let code = integer(&envelope, &["code"]);
    match code {
        Some(0) => Ok(envelope.get("data").cloned().unwrap_or_default()),
        Some(code) => {
            let mut message = text(&envelope, &["message", "msg"]);
            for secret in secrets {
                message = message.replace(secret.expose_secret(), "…");
            }
            Err(Error::Refused {
                call,
                code,
                marker: if code == -3 { marker(&message) } else { String::new() },
                message: clean(&message, MESSAGE),
            })
        }
        None if answer.status == 200 => Err(Error::Answer {
            call,
            what: "an answer without a code",
        }),
        None => Err(Error::Status {
            call,
            status: answer.status,
        }),
    }
}

/// A number that is the whole answer, or one of its fields.
pub(crate) fn counted(call: &'static str, data: &Value, names: &[&str]) -> Result<u64, Error> {
    let number = whole(data).or_else(|| integer(data, names));
    number
        .and_then(|number| u64::try_from(number).ok())
        .ok_or(Error::Answer {
            call,
            what: "an answer without the number",
        })
}

//! Tokens: got for a code, got anew by a refresh.

use qiyou_net::{Answer, Dialer, HttpLimits};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::issuer::{Client, Issuer};
use super::{Error, refusal};

/// A token is renewed so many seconds before its end: a long fetch must not outlive it.
const EARLY: i64 = 300;
/// The life of a token whose issuer names none, in seconds.
const USUAL_LIFE: i64 = 3600;
/// The longest life that is believed, in seconds.
const MAX_LIFE: i64 = 30 * 24 * 3600;
/// The longest answer, in bytes; Microsoft's tokens have some 2 KB each.
const MAX_ANSWER: usize = 64 * 1024;

/// What an issuer handed out.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: SecretString,
    pub refresh: Option<SecretString>,
    /// When the access token ends, in unix seconds.
    pub expires_at: i64,
}

impl Tokens {
    /// Whether the access token has ended at `now` (unix seconds), or will within five minutes.
    pub fn needs_refresh(&self, now: i64) -> bool {
        now.saturating_add(EARLY) >= self.expires_at
    }
}

/// RFC 6749 5.1, 5.2.
#[derive(Deserialize)]
struct Reply {
    access_token: Option<SecretString>,
    refresh_token: Option<SecretString>,
    expires_in: Option<Seconds>,
    error: Option<String>,
    error_description: Option<String>,
}

/// A number, also where an issuer writes it as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(i64),
    Text(String),
}

/// Gets new tokens for `refresh` (RFC 6749 6). Where the issuer hands out no new refresh token, the old one stays.
/// `now` is in unix seconds.
pub async fn refresh(
    dialer: &Dialer,
    issuer: &Issuer,
    client: &Client,
    refresh: &SecretString,
    now: i64,
) -> Result<Tokens, Error> {
    let scopes = issuer.scopes.join(" ");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.expose_secret()),
        ("scope", scopes.as_str()),
    ];
    let mut tokens = ask(dialer, issuer, client, &form, now).await?;
    if tokens.refresh.is_none() {
        tokens.refresh = Some(refresh.clone());
    }
    Ok(tokens)
}

/// Posts `form` with our name to the token endpoint.
pub(super) async fn ask(
    dialer: &Dialer,
    issuer: &Issuer,
    client: &Client,
    form: &[(&str, &str)],
    now: i64,
) -> Result<Tokens, Error> {
    let mut form = form.to_vec();
    form.push(("client_id", &client.id));
    if let Some(secret) = &client.secret {
        form.push(("client_secret", secret.expose_secret()));
    }
    let limits = HttpLimits {
        body: MAX_ANSWER,
        ..HttpLimits::default()
    };
    let answer = qiyou_net::post_form(&dialer.http()?, &issuer.token, &form, limits).await?;
    read(&answer, now)
}

fn read(answer: &Answer, now: i64) -> Result<Tokens, Error> {
    let reply = serde_json::from_slice::<Reply>(&answer.body);
    if let Ok(Reply {
        error: Some(code),
        error_description,
        ..
    }) = &reply
    {
        return Err(refusal(code, error_description.as_deref()));
    }
    if answer.status != 200 {
        // A gateway's page; above 500 it is a bad day of the issuer's.
        let code = if answer.status >= 500 { "server_error" } else { "http" };
        return Err(refusal(code, Some(&format!("HTTP {}", answer.status))));
    }
    let reply = reply.map_err(|_| Error::Malformed("the token reply is not JSON"))?;
    let access = reply
        .access_token
        .ok_or(Error::Malformed("the token reply has no token"))?;
    let life = match reply.expires_in {
        Some(Seconds::Number(seconds)) => seconds,
        Some(Seconds::Text(text)) => text.parse().unwrap_or(USUAL_LIFE),
        None => USUAL_LIFE,
    };
    Ok(Tokens {
        access,
        refresh: reply.refresh_token,
        expires_at: now.saturating_add(life.clamp(0, MAX_LIFE)),
    })
}

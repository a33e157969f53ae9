//! Who hands out tokens, and as whom we ask.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::provider::IssuerId;

/// The name under which the browser finds us again. Issuers compare it with what was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Loopback {
    /// As RFC 8252 7.3 wants it.
    #[serde(rename = "127.0.0.1")]
    Address,
    /// The only form that Microsoft's registration page takes.
    #[serde(rename = "localhost")]
    Name,
}

impl Loopback {
    pub(super) fn host(self) -> &'static str {
        match self {
            Self::Address => "127.0.0.1",
            Self::Name => "localhost",
        }
    }
}

/// An issuer of tokens. Settings and policies may give their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// The page on which people sign in.
    pub authorize: Url,
    /// Where a code or a refresh token becomes an access token.
    pub token: Url,
    pub scopes: Vec<String>,
    /// Further parameters of the page's address.
    #[serde(default)]
    pub parameters: Vec<(String, String)>,
    pub loopback: Loopback,
}

impl Issuer {
    /// The endpoints and scopes for IMAP and SMTP at a known issuer.
    pub fn preset(id: IssuerId) -> Option<Self> {
        let (authorize, token, scopes, parameters, loopback): (_, _, &[&str], &[(&str, &str)], _) = match id {
            IssuerId::Microsoft => (
                "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
                "https://login.microsoftonline.com/common/oauth2/v2.0/token",
                &[
                    "https://outlook.office365.com/IMAP.AccessAsUser.All",
                    "https://outlook.office365.com/SMTP.Send",
                    "offline_access",
                ],
                &[("prompt", "select_account")],
                Loopback::Name,
            ),
            IssuerId::Vianet => (
                "https://login.partner.microsoftonline.cn/common/oauth2/v2.0/authorize",
                "https://login.partner.microsoftonline.cn/common/oauth2/v2.0/token",
                &[
                    "https://partner.outlook.cn/IMAP.AccessAsUser.All",
                    "https://partner.outlook.cn/SMTP.Send",
                    "offline_access",
                ],
                &[("prompt", "select_account")],
                Loopback::Name,
            ),
            IssuerId::Google => (
                "https://accounts.google.com/o/oauth2/v2/auth",
                "https://oauth2.googleapis.com/token",
                &["https://mail.google.com/"],
                // Without both, Google gives a refresh token only the first time.
                &[("access_type", "offline"), ("prompt", "consent")],
                Loopback::Address,
            ),
        };
        Some(Self {
            authorize: Url::parse(authorize).ok()?,
            token: Url::parse(token).ok()?,
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            parameters: parameters
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            loopback,
        })
    }
}

/// As whom we are registered with an issuer: from settings or a policy, never built in.
#[derive(Clone, Debug)]
pub struct Client {
    pub id: String,
    /// Google gives desktop programs a "secret" that is none, and yet wants it.
    pub secret: Option<SecretString>,
}

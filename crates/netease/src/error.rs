//! Why a call came to nothing.

use std::sync::Arc;

use qiyou_net::HttpError;

use crate::old::KeyError;
use crate::tokens::StoreError;

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The open platform said no.
    #[error("{call}: refused with {code}: {message}")]
    Refused {
        call: &'static str,
        /// NetEase's response code, below zero.
        code: i64,
        /// With -3, the word at the start of the message: `ACCOUNT.NOTEXIST`; else empty.
        marker: String,
        /// NetEase's own words, cut and without control characters.
        message: String,
    },
    /// The older API said no, with this word.
    #[error("{call}: refused with {marker:?}")]
    RefusedOld { call: &'static str, marker: String },
    /// No answer of NetEase, but a status of HTTP (a gateway's, say).
    #[error("{call}: HTTP status {status}")]
    Status { call: &'static str, status: u16 },
    /// An answer that cannot be what was asked for.
    #[error("{call}: {what}")]
    Answer { call: &'static str, what: &'static str },
    #[error("{call}: {source}")]
    Http {
        call: &'static str,
        #[source]
        source: HttpError,
    },
    /// A renewal of the tokens failed, for everybody who waited for it.
    #[error("{0}")]
    Renewal(#[source] Arc<Error>),
    #[error("tokens: {0}")]
    Store(#[from] StoreError),
    #[error("signing: {0}")]
    Key(#[from] KeyError),
    /// Not a name of an account, or an address of another domain.
    #[error("no account of {domain} has such a name")]
    Elsewhere { domain: String },
}

/// What can be done about an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An admin has to set something right.
    Configuration(Configuration),
    /// There is no such account.
    NotFound,
    /// Too many calls: later.
    Busy,
    /// NetEase cannot be reached, or is in trouble: later.
    Down,
    Other,
}

/// What an admin has to set right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Configuration {
    /// -201: the address that the bridge calls from is not on the application's IP list.
    Address,
    /// -202: the application was not granted this call.
    Grant,
    /// -100, -101: application id, authorisation code or organisation id are wrong, or the code was reset.
    Credentials,
    /// -200: denied without a reason.
    Denied,
    /// -304, -305: the authorisation, or the application, is over.
    Over,
    /// The key of the older API cannot be used.
    Key,
}

impl Configuration {
    /// What to do, in English, for the log and for admins. Chinese names are those of NetEase's console.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Address => {
                "NetEase refuses the address that the bridge calls from: add the bridge's outgoing IP address to the \
                 application's IP list in NetEase's admin console (企业设置 → 自建应用管理)"
            }
            Self::Grant => {
                "the application may not make this call: grant it in NetEase's admin console (企业设置 → 自建应用管理)"
            }
            Self::Credentials => {
                "NetEase does not know this appId, authCode and orgOpenId together: copy them again from the admin \
                 console (企业设置 → 自建应用管理); the authCode changes when it is reset"
            }
            Self::Denied => "NetEase denies the application access: see its state in the admin console",
            Self::Over => "the authorisation or the application has expired: renew it in NetEase's admin console",
            Self::Key => "the private key cannot be used: PEM, or hex of PKCS#8, RSA of 1024 bits or more",
        }
    }
}

impl Error {
    /// What can be done about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Refused { code, marker, .. } => by_code(*code, marker),
            Self::RefusedOld { marker, .. } if absent(marker) => Kind::NotFound,
            Self::Status { status: 429, .. } => Kind::Busy,
            Self::Status { status: 500.., .. } => Kind::Down,
            Self::Http { source, .. } => match source {
                HttpError::Dial(_) | HttpError::Timeout { .. } | HttpError::Protocol { .. } => Kind::Down,
                HttpError::TooLarge { .. } => Kind::Other,
            },
            Self::Renewal(error) => error.kind(),
            Self::Elsewhere { .. } => Kind::NotFound,
            Self::Key(_) => Kind::Configuration(Configuration::Key),
            Self::RefusedOld { .. } | Self::Status { .. } | Self::Answer { .. } | Self::Store(_) => Kind::Other,
        }
    }

    /// The response code of the open platform, if that is what refused.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            Self::Renewal(error) => error.code(),
            _ => None,
        }
    }

    /// The business marker (`ACCOUNT.NOTEXIST`), if there is one.
    pub fn marker(&self) -> Option<&str> {
        match self {
            Self::Refused { marker, .. } | Self::RefusedOld { marker, .. } if !marker.is_empty() => Some(marker),
            Self::Renewal(error) => error.marker(),
            _ => None,
        }
    }
}

fn by_code(code: i64, marker: &str) -> Kind {
    match code {
        -3 if absent(marker) => Kind::NotFound,
        -100 | -101 => Kind::Configuration(Configuration::Credentials),
        -200 => Kind::Configuration(Configuration::Denied),
        -201 => Kind::Configuration(Configuration::Address),
        -202 => Kind::Configuration(Configuration::Grant),
        -304 | -305 => Kind::Configuration(Configuration::Over),
        -422 | -423 => Kind::Busy,
        // System, inner service, generating a token, a third party.
        -1 | -2 | -303 | -320 | -500 => Kind::Down,
        _ => Kind::Other,
    }
}

fn absent(marker: &str) -> bool {
    let of_account = marker.starts_with("ACCOUNT.") || marker.starts_with("MAILACCOUNT.");
    of_account && (marker.ends_with("NOTEXIST") || marker.ends_with("NOT_EXIST"))
}

/// The business marker at the start of a message: capitals, digits, dots and underscores, with a dot among them.
pub(crate) fn marker(message: &str) -> String {
    let inside = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '.' || c == '_';
    let message = message.trim_start();
    let word: String = message.chars().take_while(|c| inside(*c)).take(64).collect();
    let next = message.chars().nth(word.chars().count());
    if word.contains('.') && !next.is_some_and(char::is_alphanumeric) {
        word.trim_end_matches('.').to_owned()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests;

//! OAuth2 for people at a desktop: code with PKCE, the system's browser, a loopback redirect (RFC 6749, 7636, 8252).
//!
//! [`begin`] makes the page's address, the caller opens it in the browser, [`Flow::finish`] waits for the person.

mod flow;
mod issuer;
mod page;
mod token;

use qiyou_net::HttpError;

pub use flow::{Flow, begin};
pub use issuer::{Client, Issuer, Loopback};
pub use page::Page;
pub use token::{Tokens, refresh};

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The person, or the company's administrator, said no.
    #[error("the sign-in was denied: {text}")]
    Denied { text: String },
    /// The person did not finish in time.
    #[error("nobody signed in in time")]
    Timeout,
    /// The browser came back with an answer to a question that was not asked here.
    #[error("the answer does not belong to this sign-in")]
    WrongState,
    /// The code or the refresh token holds no more: expired, revoked, the password was changed. Sign in again.
    #[error("the grant is no longer valid: {text}")]
    InvalidGrant { text: String },
    /// Any other refusal by the issuer; `code` as RFC 6749 5.2 or the issuer names it.
    #[error("the issuer refuses ({code}): {text}")]
    Refused { code: String, text: String },
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The issuer's answer cannot be understood.
    #[error("the issuer's answer cannot be understood: {0}")]
    Malformed(&'static str),
    /// No port on this computer could be opened for the browser to come back to.
    #[error("no loopback port: {0}")]
    Loopback(String),
}

impl Error {
    /// Whether the same may succeed later without a person doing anything: for a refresh in the background.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Http(HttpError::Dial(error)) => error.is_transient(),
            Self::Http(_) => true,
            Self::Refused { code, .. } => code == "temporarily_unavailable" || code == "server_error",
            Self::Denied { .. }
            | Self::Timeout
            | Self::WrongState
            | Self::InvalidGrant { .. }
            | Self::Malformed(_)
            | Self::Loopback(_) => false,
        }
    }
}

/// The longest text of an issuer that is kept, in characters.
const MAX_TEXT: usize = 500;

fn bounded(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect()
}

/// The cause that an issuer's error code stands for (RFC 6749 4.1.2.1, 5.2).
fn refusal(code: &str, description: Option<&str>) -> Error {
    let text = bounded(description.unwrap_or(code));
    match code {
        "access_denied" | "consent_required" => Error::Denied { text },
        "invalid_grant" | "interaction_required" | "login_required" => Error::InvalidGrant { text },
        _ => Error::Refused {
            code: bounded(code),
            text,
        },
    }
}

#[cfg(test)]
mod tests;

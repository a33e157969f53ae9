//! Why no connection came to be.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The longest text of a foreign party (system, proxy, peer) that an error carries, in characters.
const MAX_REASON: usize = 300;

/// The step at which a dial ran out of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Dns,
    Tcp,
    Proxy,
    Tls,
}

/// What is wrong with a server's certificate; each has words and a way out of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateProblem {
    /// Its time is over, or this computer's clock is ahead.
    Expired,
    /// Its time has not begun, or this computer's clock is behind.
    NotYetValid,
    /// Nobody whom this computer trusts vouches for it (self-signed, a company's own authority, an intercepting proxy).
    UnknownIssuer,
    /// It was issued for another name.
    WrongName,
    /// Its issuer has taken it back.
    Revoked,
    /// Anything else: broken encoding, bad signature, not meant for servers.
    Invalid,
}

/// Why no connection came to be; each cause has words of its own in the catalogue.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DialError {
    #[error("name {host} could not be resolved: {reason}")]
    Dns { host: String, reason: String },
    #[error("no TCP connection to {host}:{port}: {reason}")]
    Tcp { host: String, port: u16, reason: String },
    /// The proxy cannot be reached, refuses, or wants a user name and password (`auth_required`).
    #[error("proxy {proxy}: {reason}")]
    Proxy {
        proxy: String,
        reason: String,
        auth_required: bool,
    },
    #[error("TLS with {host}: {reason}")]
    Tls { host: String, reason: String },
    /// The server's certificate is not to be trusted.
    #[error("certificate of {host}: {reason}")]
    Certificate {
        host: String,
        problem: CertificateProblem,
        reason: String,
    },
    #[error("{stage:?} took too long with {host}")]
    Timeout { host: String, stage: Stage },
    #[error("refusing an unprotected connection to {host}, which is not this computer")]
    PlaintextForbidden { host: String },
}

impl DialError {
    /// Whether the same dial may succeed later without anybody changing a setting.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Dns { .. } | Self::Tcp { .. } | Self::Timeout { .. } | Self::Tls { .. } => true,
            Self::Proxy { auth_required, .. } => !auth_required,
            Self::Certificate { .. } | Self::PlaintextForbidden { .. } => false,
        }
    }
}

/// A foreign text, cut to a bounded length and freed of control characters.
pub(crate) fn reason(text: impl std::fmt::Display) -> String {
    text.to_string()
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_REASON)
        .collect()
}

/// Runs `work` within `limit`, else the [`DialError::Timeout`] of `stage`.
pub(crate) async fn within<T>(
    limit: Duration,
    host: &str,
    stage: Stage,
    work: impl Future<Output = Result<T, DialError>>,
) -> Result<T, DialError> {
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(DialError::Timeout {
            host: host.to_owned(),
            stage,
        }),
    }
}

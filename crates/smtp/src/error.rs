//! Why a conversation failed.

use std::error::Error as _;

use qiyou_net::DialError;

/// The longest text of a server that an error carries, in characters.
const MAX_TEXT: usize = 500;

/// Why a conversation failed. Texts are the server's own words, decoded and bounded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The server does not accept the user name and the secret.
    #[error("sign-in refused ({code}): {text}")]
    Auth { code: u16, text: String },
    /// The server offers no way to sign in that fits the credentials (an OAuth2 token needs XOAUTH2, a password PLAIN
    /// or LOGIN).
    #[error("the server offers no fitting way to sign in, but: {offered}")]
    AuthUnavailable { offered: String },
    /// STARTTLS was asked for and the server has none; nothing secret was sent.
    #[error("the server offers no STARTTLS")]
    NoStartTls,
    /// Any other refusal; 4xx is for now, 5xx is for good.
    #[error("the server refuses ({code}): {text}")]
    Refused { code: u16, text: String },
    #[error("the server was silent too long")]
    Timeout,
    #[error("the server closed the connection")]
    Closed,
    /// The server does not speak SMTP, or speaks without bounds.
    #[error("the server does not keep to SMTP: {0}")]
    Protocol(String),
}

impl Error {
    /// Whether the same may succeed later without anybody changing a setting.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Dial(error) => error.is_transient(),
            Self::Refused { code, .. } => *code < 500,
            Self::Timeout | Self::Closed => true,
            Self::Auth { .. } | Self::AuthUnavailable { .. } | Self::NoStartTls | Self::Protocol(_) => false,
        }
    }

    /// The cause below lettre's error.
    pub(crate) fn from_lettre(error: &lettre::transport::smtp::Error) -> Self {
        let text = error.source().map(ToString::to_string).unwrap_or_default();
        if let Some(code) = error.status() {
            return Self::Refused {
                code: u16::from(code),
                text: bounded(&text),
            };
        }
        let io = error
            .source()
            .and_then(|source| source.downcast_ref::<std::io::Error>());
        match io.map(std::io::Error::kind) {
            Some(std::io::ErrorKind::InvalidData) => Self::Protocol(bounded(&text)),
            Some(std::io::ErrorKind::TimedOut) => Self::Timeout,
            Some(_) => Self::Closed,
            None if text == "incomplete response" => Self::Closed,
            // nom's words quote the buffer, which is the server's and means nothing to a reader.
            None => Self::Protocol("not an SMTP reply".to_owned()),
        }
    }
}

pub(crate) fn bounded(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect()
}

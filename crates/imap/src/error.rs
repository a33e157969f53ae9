//! What can go wrong in a conversation, told apart as far as a caller acts differently.

use qiyou_net::DialError;

/// Longest text of a server that is kept, in characters.
const MAX_TEXT: usize = 500;

/// Why a command, or the whole session, failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection came to be.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The server does not take these credentials.
    #[error("the server refuses the sign-in: {text}")]
    Auth { text: String },
    /// IMAP is switched off for this account (or only the web sign-in is allowed); a right password would not help.
    #[error("IMAP is switched off for this account: {text}")]
    Disabled { text: String },
    /// The server wants an authorization code or a client password instead of the account's password.
    #[error("the server wants a client password: {text}")]
    ClientPasswordNeeded { text: String },
    /// Coremail's "Unsafe Login": signed in, but no folder may be selected although ID was sent (twice).
    #[error("the server calls this sign-in unsafe: {text}")]
    UnsafeLogin { text: String },
    /// Too many sessions, or too many requests in a short time: come back later, with fewer.
    #[error("too many connections: {text}")]
    TooManyConnections { text: String },
    /// No mechanism that both sides know, or the server forbids to sign in without TLS.
    #[error("no way to sign in that both sides know")]
    NoMechanism,
    /// A tagged NO.
    #[error("the server says no: {text}")]
    No { code: Option<crate::Code>, text: String },
    /// A tagged BAD.
    #[error("the server does not understand: {text}")]
    Bad { text: String },
    /// The server said goodbye.
    #[error("the server closed the session: {text}")]
    Bye { text: String },
    /// Not a byte, or no whole answer, within the limits.
    #[error("the server did not answer in time")]
    Timeout,
    /// The line is gone.
    #[error("the connection is closed")]
    Closed,
    /// The operating system's word on a broken line.
    #[error("the connection broke: {0}")]
    Io(std::io::ErrorKind),
    /// An answer beyond every bound (a literal of 4 GB, a line without end).
    #[error("an answer of the server is too large")]
    TooLarge,
    /// The server breaks the protocol in a way that cannot be met.
    #[error("protocol: {0}")]
    Protocol(&'static str),
    /// EXPUNGE would remove mails that somebody else marked as deleted; nothing was removed.
    #[error("other mails in this folder are marked as deleted")]
    ForeignDeleted,
    /// The server does not know the charset of a search.
    #[error("the server does not know this charset")]
    BadCharset,
    /// A folder with this name is not there (any more).
    #[error("no such folder: {text}")]
    NoSuchMailbox { text: String },
    /// The server's quota or append limit does not allow it.
    #[error("over quota: {text}")]
    OverQuota { text: String },
    /// The message is not there (any more).
    #[error("no such message")]
    Gone,
    /// A body beyond `Limits::max_section`.
    #[error("a body is too large")]
    BodyTooLarge,
    /// The server lacks the extension that this call needs.
    #[error("the server does not offer {0}")]
    NotOffered(&'static str),
    /// A name or value that cannot be sent (CR, LF or NUL in it).
    #[error("a value holds a line break")]
    Unsendable,
    /// The caller's own callback gave up.
    #[error("stopped by the receiver: {0}")]
    Sink(String),
}

impl Error {
    /// Whether the same attempt may succeed later without anybody doing something: the line broke, the server is
    /// busy. Wrong passwords, refusals and oversized answers are not transient.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Dial(e) => !matches!(e, DialError::Certificate { .. } | DialError::PlaintextForbidden { .. }),
            Self::TooManyConnections { .. } | Self::Bye { .. } | Self::Timeout | Self::Closed | Self::Io(_) => true,
            Self::No { code, .. } => {
                matches!(
                    code,
                    Some(crate::Code::Unavailable | crate::Code::InUse | crate::Code::ServerBug)
                )
            }
            _ => false,
        }
    }

    /// Whether the session cannot be used any more after this error.
    pub fn is_fatal(&self) -> bool {
        matches!(
            self,
            Self::Dial(_)
                | Self::Bye { .. }
                | Self::Timeout
                | Self::Closed
                | Self::Io(_)
                | Self::TooLarge
                | Self::Protocol(_)
                | Self::TooManyConnections { .. }
        )
    }

    /// The server's own words, where there are some (bounded, decoded, without line breaks).
    pub fn server_text(&self) -> Option<&str> {
        match self {
            Self::Auth { text }
            | Self::Disabled { text }
            | Self::ClientPasswordNeeded { text }
            | Self::UnsafeLogin { text }
            | Self::TooManyConnections { text }
            | Self::No { text, .. }
            | Self::Bad { text }
            | Self::Bye { text }
            | Self::NoSuchMailbox { text }
            | Self::OverQuota { text } => Some(text),
            _ => None,
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Self {
        match e.kind() {
            std::io::ErrorKind::UnexpectedEof
            | std::io::ErrorKind::BrokenPipe
            | std::io::ErrorKind::ConnectionReset
            | std::io::ErrorKind::ConnectionAborted => Self::Closed,
            std::io::ErrorKind::TimedOut => Self::Timeout,
            std::io::ErrorKind::FileTooLarge => Self::TooLarge,
            kind => Self::Io(kind),
        }
    }
}

/// A server's human-readable text as a person may see it: UTF-8, else GB18030 (Coremail and QQ answer in GBK), at
/// most 500 characters, control characters as spaces.
pub fn server_text(raw: &[u8]) -> String {
    // Four bytes are the longest character of both encodings; more than that is never looked at.
    let raw = raw.get(..MAX_TEXT.saturating_mul(4)).unwrap_or(raw);
    let text = match std::str::from_utf8(raw) {
        Ok(text) => std::borrow::Cow::Borrowed(text),
        Err(e) if e.error_len().is_none() && raw.len() >= MAX_TEXT.saturating_mul(4) => {
            // Only the cut above broke the last character.
            String::from_utf8_lossy(raw.get(..e.valid_up_to()).unwrap_or_default())
        }
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(raw).0,
    };
    let text: String = text
        .chars()
        .take(MAX_TEXT)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    text.trim().to_owned()
}

/// What a refused sign-in means, by response code (RFC 5530) and by the words that the providers use.
pub(crate) fn auth_error(code: Option<&crate::Code>, text: String) -> Error {
    use crate::Code;
    let low = text.to_lowercase();
    let says = |needles: &[&str]| needles.iter().any(|needle| low.contains(needle));
    if says(&["unsafe login"]) {
        return Error::UnsafeLogin { text };
    }
    // QQ lists every cause that there is in one sentence. It must not be retried: that is how accounts get locked.
    if says(&[
        "password is incorrect",
        "incorrect password",
        "password error",
        "wrong password",
        "密码错误",
    ]) && !says(&["授权码", "authorization code", "authorized code"])
    {
        return Error::Auth { text };
    }
    if matches!(code, Some(Code::Unavailable | Code::Limit | Code::InUse))
        || says(&[
            "too many",
            "simultaneous",
            "maximum number of connections",
            "login frequency",
            "frequency limit",
            "频率",
            "过于频繁",
            "连接数",
            "rate limit",
            "try again later",
            "system busy",
            "系统繁忙",
            "temporarily unavailable",
            "temporary",
        ])
    {
        return Error::TooManyConnections { text };
    }
    if says(&[
        "application-specific password",
        "app password",
        "app-specific",
        "authorization code",
        "authorized code",
        "授权码",
        "授权密码",
        "客户端专用密码",
        "client password",
        "login with your password of the client",
        "web login required",
    ]) && !says(&["not open", "not enabled", "未开启"])
    {
        return Error::ClientPasswordNeeded { text };
    }
    if matches!(code, Some(Code::ContactAdmin))
        || says(&[
            "imap is disabled",
            "imap access is disabled",
            "not enabled for imap",
            "imap service is not",
            "service is not open",
            "service not open",
            "is not authorized for imap",
            "your account is not enabled",
            "logindisabled",
            "user is authenticated but not connected",
            "imap服务",
            "未开启",
            "未开通",
            "已关闭",
            "停用",
            "basic authentication is disabled",
            "basicauthblocked",
            "web login only",
            "only web",
        ])
    {
        return Error::Disabled { text };
    }
    Error::Auth { text }
}

#[cfg(test)]
mod tests;

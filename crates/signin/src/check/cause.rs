//! From the errors of two protocols to causes that a person can do something about.

use qiyou_imap::{Credentials, Error as ImapError};
use qiyou_net::{CertificateProblem, DialError};
use qiyou_smtp::Error as SmtpError;

use crate::settings::{CredentialKind, Settings};

/// Why the test failed. Each has words and a way out in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Dns,
    Tcp,
    Timeout,
    Proxy,
    /// The proxy wants a user name and a password, or others.
    ProxyAuth,
    Tls,
    Certificate(CertificateProblem),
    PlaintextForbidden,
    Password,
    /// A code or password made for mail programs is wanted instead of the web password.
    AuthorizationCodeNeeded,
    /// The provider takes no password from mail programs: sign in in the browser.
    OAuthNeeded,
    /// The token is not taken: expired, revoked, or without the right to mail.
    OAuthRefused,
    /// IMAP is switched off for this account or this company.
    ImapDisabled,
    UnsafeLogin,
    TooManyConnections,
    /// Mail can be read; sending is refused.
    SmtpRefused,
    /// The line broke, or the server hung up.
    Disconnected,
    /// Anything else that the server said.
    ServerSaid,
}

impl Cause {
    /// Whether another secret (or another account) would help.
    pub(crate) fn is_about_the_secret(self) -> bool {
        matches!(self, Self::Password | Self::AuthorizationCodeNeeded)
    }
}

/// The longest text that is kept, in characters.
const MAX_DETAIL: usize = 500;

/// What others said, bounded and on one line.
fn words(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_DETAIL)
        .collect()
}

pub(super) fn of_dial(error: &DialError) -> (Cause, String) {
    match error {
        DialError::Dns { reason, .. } => (Cause::Dns, words(reason)),
        DialError::Tcp { reason, .. } => (Cause::Tcp, words(reason)),
        DialError::Proxy {
            proxy,
            reason,
            auth_required,
        } => {
            let cause = if *auth_required { Cause::ProxyAuth } else { Cause::Proxy };
            (cause, words(&format!("{proxy}: {reason}")))
        }
        DialError::Tls { reason, .. } => (Cause::Tls, words(reason)),
        DialError::Certificate { problem, reason, .. } => (Cause::Certificate(*problem), words(reason)),
        DialError::Timeout { .. } => (Cause::Timeout, String::new()),
        DialError::PlaintextForbidden { .. } => (Cause::PlaintextForbidden, String::new()),
    }
}

pub(super) fn of_imap(error: &ImapError, settings: &Settings, credentials: &Credentials) -> (Cause, String) {
    let cause = match error {
        ImapError::Dial(error) => return of_dial(error),
        ImapError::Auth { .. } => refused_secret(settings, credentials),
        ImapError::ClientPasswordNeeded { .. } => Cause::AuthorizationCodeNeeded,
        ImapError::Disabled { .. } => Cause::ImapDisabled,
        ImapError::NoMechanism => match credentials {
            Credentials::Password { .. } => Cause::OAuthNeeded,
            Credentials::Bearer { .. } => Cause::OAuthRefused,
        },
        ImapError::UnsafeLogin { .. } => Cause::UnsafeLogin,
        ImapError::TooManyConnections { .. } => Cause::TooManyConnections,
        ImapError::Timeout => Cause::Timeout,
        ImapError::Closed | ImapError::Io(_) | ImapError::Bye { .. } => Cause::Disconnected,
        _ => Cause::ServerSaid,
    };
    let detail = match (error.server_text(), cause) {
        (Some(text), _) => words(text),
        // Our own words are not for people, except where there are no others.
        (None, Cause::ServerSaid) => words(&error.to_string()),
        (None, _) => String::new(),
    };
    (cause, detail)
}

/// The server says "wrong", which means what the provider wants.
fn refused_secret(settings: &Settings, credentials: &Credentials) -> Cause {
    if matches!(credentials, Credentials::Bearer { .. }) {
        return Cause::OAuthRefused;
    }
    match settings.credential {
        // The web password in place of the code: the mistake that nearly everybody makes first.
        CredentialKind::AuthorizationCode | CredentialKind::ClientPassword => Cause::AuthorizationCodeNeeded,
        CredentialKind::Oauth2 => Cause::OAuthNeeded,
        CredentialKind::Password => {
            let browser_only = settings
                .preset()
                .is_some_and(|provider| provider.credential == CredentialKind::Oauth2);
            if browser_only {
                Cause::OAuthNeeded
            } else {
                Cause::Password
            }
        }
    }
}

/// IMAP has taken the same secret already: what SMTP refuses is no wrong password but the right to send.
pub(super) fn of_smtp(error: &SmtpError) -> (Cause, String) {
    match error {
        SmtpError::Dial(error) => of_dial(error),
        SmtpError::Auth { code, text } | SmtpError::Refused { code, text } => {
            (Cause::SmtpRefused, words(&format!("{code} {text}")))
        }
        SmtpError::AuthUnavailable { .. } => (Cause::SmtpRefused, words(&error.to_string())),
        SmtpError::NoStartTls => (Cause::Tls, words(&error.to_string())),
        SmtpError::Timeout => (Cause::Timeout, String::new()),
        SmtpError::Closed => (Cause::Disconnected, String::new()),
        SmtpError::Protocol(_) => (Cause::ServerSaid, words(&error.to_string())),
    }
}

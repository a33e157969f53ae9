//! A signed-in conversation.

use std::net::Ipv4Addr;
use std::time::Duration;

use lettre::transport::smtp::Error as LettreError;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use qiyou_net::{Dialer, Endpoint, Security, Stream};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::auth;
use crate::error::Error;
use crate::wire::{Hold, Wire};

/// How long a server may take to say good-bye.
const QUIT_LIMIT: Duration = Duration::from_secs(3);

/// A submission server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    pub endpoint: Endpoint,
    pub security: Security,
}

/// Who signs in, and by what.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A password or an authorisation code.
    Password { user: String, password: SecretString },
    /// An OAuth2 access token.
    Bearer { user: String, token: SecretString },
}

/// What a conversation may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest wait for the reply to one command, and for the line to take a piece of a mail.
    pub command_timeout: Duration,
    /// The longest wait for the reply to the dot that ends a mail: whoever gives up earlier does not know whether it was
    /// taken.
    pub end_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        // RFC 5321 4.5.3.2 grants five minutes; nobody waits so long for a sign-in. The dot has its ten (4.5.3.2.6).
        Self {
            command_timeout: Duration::from_mins(1),
            end_timeout: Duration::from_mins(10),
        }
    }
}

/// What the server says it can do (the reply to EHLO).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    keywords: Vec<(String, Vec<String>)>,
}

impl Capabilities {
    /// Reads the lines of a reply to EHLO; the first is the server's name.
    fn parse(reply: &[String]) -> Self {
        let keywords = reply
            .iter()
            .skip(1)
            .filter_map(|line| {
                // "AUTH=LOGIN PLAIN" is how servers wrote it before RFC 2554.
                let line = line.to_ascii_uppercase().replacen("AUTH=", "AUTH ", 1);
                let mut words = line.split_whitespace().map(str::to_owned);
                Some((words.next()?, words.collect()))
            })
            .collect();
        Self { keywords }
    }

    /// Whether `keyword` (upper case) is offered.
    pub fn has(&self, keyword: &str) -> bool {
        self.keywords.iter().any(|(name, _)| name == keyword)
    }

    /// The names of the ways to sign in, upper case.
    pub fn auth(&self) -> Vec<&str> {
        let parameters = self
            .keywords
            .iter()
            .filter(|(name, _)| name == "AUTH")
            .flat_map(|(_, rest)| rest);
        parameters.map(String::as_str).collect()
    }

    /// The largest mail that the server takes, in bytes (RFC 1870); `None` where it names no limit.
    pub fn size(&self) -> Option<u64> {
        let (_, parameters) = self.keywords.iter().find(|(name, _)| name == "SIZE")?;
        parameters.first()?.parse().ok().filter(|&size| size > 0)
    }

    pub(crate) fn offers(&self, mechanism: &str) -> bool {
        self.auth().contains(&mechanism)
    }
}

/// A conversation with a server that knows us.
pub struct Session {
    pub(crate) connection: AsyncSmtpConnection,
    pub(crate) hold: Hold,
    pub(crate) capabilities: Capabilities,
    pub(crate) limits: Limits,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("capabilities", &self.capabilities)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Connects and protects the connection as `server` says; nobody is signed in yet. With [`Security::StartTls`] there
    /// is no session without TLS.
    pub async fn connect(dialer: &Dialer, server: &Server, limits: &Limits) -> Result<Self, Error> {
        let stream = dialer.dial(&server.endpoint, server.security).await?;
        match server.security {
            Security::Tls | Security::None => Self::greet(stream, false, *limits).await,
            Security::StartTls => Self::start_tls(dialer, server, stream, *limits).await,
        }
    }

    /// Signs in by the first fitting way that the server accepts. The session stays usable after a refusal.
    pub async fn authenticate(&mut self, credentials: &Credentials) -> Result<(), Error> {
        auth::authenticate(self, credentials).await
    }

    /// [`Self::connect`] and [`Self::authenticate`].
    pub async fn open(
        dialer: &Dialer,
        server: &Server,
        credentials: &Credentials,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let mut session = Self::connect(dialer, server, limits).await?;
        match session.authenticate(credentials).await {
            Ok(()) => Ok(session),
            Err(error) => {
                session.quit().await;
                Err(error)
            }
        }
    }

    /// What the server offers, as it said last (after TLS).
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Says good-bye; a server that does not answer is left.
    pub async fn quit(mut self) {
        if tokio::time::timeout(QUIT_LIMIT, self.connection.quit()).await.is_err() {
            tracing::debug!(target: "smtp", "no answer to QUIT");
        }
    }

    async fn greet(stream: Stream, greeted: bool, limits: Limits) -> Result<Self, Error> {
        let (wire, hold) = Wire::new(stream, greeted);
        // An address literal (RFC 5321 4.1.3) that tells nothing about this computer.
        let name = ClientId::Ipv4(Ipv4Addr::LOCALHOST);
        let connecting = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &name);
        let connection = within(limits.command_timeout, connecting).await?;
        let capabilities = Capabilities::parse(&hold.reply());
        tracing::debug!(target: "smtp", ?capabilities, "greeted");
        Ok(Self {
            connection,
            hold,
            capabilities,
            limits,
        })
    }

    async fn start_tls(dialer: &Dialer, server: &Server, stream: Stream, limits: Limits) -> Result<Self, Error> {
        let mut plain = Self::greet(stream, false, limits).await?;
        if !plain.capabilities.has("STARTTLS") {
            plain.quit().await;
            return Err(Error::NoStartTls);
        }
        plain.command("STARTTLS\r\n").await?;
        let stream = plain.hold.take().ok_or(Error::Closed)?;
        // The old conversation is forgotten with all that it has buffered (RFC 3207 4.2, 6).
        drop(plain);
        let stream = dialer.upgrade(stream, &server.endpoint.host).await?;
        Self::greet(stream, true, limits).await
    }

    pub(crate) async fn command(&mut self, command: impl std::fmt::Display) -> Result<Response, Error> {
        within(self.limits.command_timeout, self.connection.command(command)).await
    }
}

pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, LettreError>>) -> Result<T, Error> {
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result.map_err(|error| Error::from_lettre(&error)),
        Err(_) => Err(Error::Timeout),
    }
}

/// Signs in and leaves: the account test's question.
pub async fn sign_in(dialer: &Dialer, server: &Server, credentials: &Credentials) -> Result<Capabilities, Error> {
    let session = Session::open(dialer, server, credentials, &Limits::default()).await?;
    let capabilities = session.capabilities().clone();
    session.quit().await;
    Ok(capabilities)
}

#[cfg(test)]
mod tests;

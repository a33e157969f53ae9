//! Dialling: where to, through what, how protected.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::CertificateDer;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::error::{DialError, Stage, within};
use crate::stream::Stream;
use crate::{proxy, system_proxy, tcp, tls};

/// A host name (or address) and a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
}

impl Endpoint {
    /// The endpoint `host:port`; an IPv6 address goes without its brackets.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
        }
    }

    /// Whether the name alone says that this is the same computer: `localhost` and its children (RFC 6761 6.3), or
    /// a loopback address.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// See [`Endpoint::is_loopback`].
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return address.to_canonical().is_loopback();
    }
    let name = bare.strip_suffix('.').unwrap_or(bare).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// Plaintext until the protocol's STARTTLS; [`Dialer::upgrade`] then protects it. The protocol must not go on
    /// without it: [`Stream::is_encrypted`] tells.
    StartTls,
    /// No protection; only to loopback addresses, for tests and the sandbox.
    None,
}

/// Which protocol a proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProxyKind {
    /// HTTP CONNECT (RFC 9110 9.3.6).
    Http,
    /// HTTP CONNECT inside TLS to the proxy.
    Https,
    /// SOCKS version 5 (RFC 1928, 1929); names are resolved by the proxy.
    Socks5,
}

/// A proxy that a person, a policy or the system named.
#[derive(Clone, Debug)]
pub struct Proxy {
    pub kind: ProxyKind,
    pub endpoint: Endpoint,
    /// User name and password, where the proxy asks for them.
    pub credentials: Option<(String, SecretString)>,
}

/// Which way out to take. Loopback addresses are never reached through a proxy.
#[derive(Clone, Debug, Default)]
pub enum ProxyChoice {
    /// What the system says (environment, registry, system configuration), asked anew at each dial.
    #[default]
    System,
    Direct,
    Manual(Proxy),
}

/// All that a dialer can be told.
#[derive(Clone, Debug)]
pub struct DialConfig {
    pub proxy: ProxyChoice,
    /// Certificate authorities besides the platform's (tests, the demo's sandbox, a company's policy).
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Limit of name resolution and TCP connect, each.
    pub connect_timeout: Duration,
    /// Limit of a proxy's or TLS's handshake.
    pub handshake_timeout: Duration,
}

impl Default for DialConfig {
    fn default() -> Self {
        Self {
            proxy: ProxyChoice::System,
            extra_roots: Vec::new(),
            connect_timeout: Duration::from_secs(15),
            handshake_timeout: Duration::from_secs(20),
        }
    }
}

/// Opens every connection of the house. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Dialer {
    pub(crate) config: Arc<DialConfig>,
    pub(crate) tls: Arc<rustls::ClientConfig>,
}

impl Dialer {
    /// A dialer for `config`. Fails when an extra root is no certificate.
    pub fn new(config: DialConfig) -> Result<Self, DialError> {
        let tls = Arc::new(tls::client_config(&config.extra_roots)?);
        Ok(Self {
            config: Arc::new(config),
            tls,
        })
    }

    /// Connects to `endpoint` and, for [`Security::Tls`], finishes the handshake.
    pub async fn dial(&self, endpoint: &Endpoint, security: Security) -> Result<Stream, DialError> {
        let stream = self.connect(endpoint, security).await?;
        match security {
            Security::Tls => self.upgrade(stream, &endpoint.host).await,
            Security::StartTls | Security::None => Ok(stream),
        }
    }

    /// Puts TLS onto a connection on which the protocol has just agreed to it (STARTTLS, RFC 3207, RFC 9051 6.2.1).
    pub async fn upgrade(&self, stream: Stream, host: &str) -> Result<Stream, DialError> {
        let handshake = tls::handshake(Arc::clone(&self.tls), stream, host);
        within(self.config.handshake_timeout, host, Stage::Tls, handshake).await
    }

    /// The proxy through which `endpoint` would be reached now; `None` is the direct way. With [`ProxyChoice::System`]
    /// this may block for some milliseconds.
    pub fn proxy_for(&self, endpoint: &Endpoint) -> Result<Option<Proxy>, DialError> {
        if endpoint.is_loopback() {
            return Ok(None);
        }
        match &self.config.proxy {
            ProxyChoice::Direct => Ok(None),
            ProxyChoice::Manual(proxy) => Ok(Some(proxy.clone())),
            ProxyChoice::System => system_proxy::ask(endpoint),
        }
    }

    /// [`Self::proxy_for`] beside the runtime: the system may have to be asked through its files.
    async fn ask_proxy(&self, endpoint: &Endpoint) -> Result<Option<Proxy>, DialError> {
        if !matches!(self.config.proxy, ProxyChoice::System) || endpoint.is_loopback() {
            return self.proxy_for(endpoint);
        }
        let (dialer, target) = (self.clone(), endpoint.clone());
        let asked = tokio::task::spawn_blocking(move || dialer.proxy_for(&target)).await;
        asked.unwrap_or_else(|error| {
            Err(DialError::Proxy {
                proxy: String::new(),
                reason: error.to_string(),
                auth_required: false,
            })
        })
    }

    async fn connect(&self, endpoint: &Endpoint, security: Security) -> Result<Stream, DialError> {
        // Without protection nobody on the way may be trusted, a proxy least of all.
        let proxy = if security == Security::None {
            None
        } else {
            self.ask_proxy(endpoint).await?
        };
        if let Some(proxy) = proxy {
            tracing::debug!(target: "net", %endpoint, proxy = %proxy.endpoint, kind = ?proxy.kind, "dialling");
            return proxy::connect(self, &proxy, endpoint).await;
        }
        tracing::debug!(target: "net", %endpoint, "dialling");
        let tcp = tcp::connect(endpoint, self.config.connect_timeout, security == Security::None).await?;
        Ok(Stream::new(Box::new(tcp), false))
    }
}

#[cfg(test)]
mod tests;

//! Dialling: where to, through what, how protected, and what failed.

use std::sync::Arc;
use std::time::Duration;

use rustls_pki_types::{CertificateDer, ServerName};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;

use crate::stream::Stream;

/// A host name (or address) and a port.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// Plaintext until the protocol's STARTTLS; [`Dialer::upgrade`] then protects it.
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
    /// SOCKS version 5 (RFC 1928, 1929); names are resolved by the proxy.
    Socks5,
}

/// A proxy that a person or a policy named.
#[derive(Clone, Debug)]
pub struct Proxy {
    pub kind: ProxyKind,
    pub endpoint: Endpoint,
    /// User name and password, where the proxy asks for them.
    pub credentials: Option<(String, SecretString)>,
}

/// Which way out to take.
#[derive(Clone, Debug, Default)]
pub enum ProxyChoice {
    /// What the system says (environment, desktop settings, registry), asked anew at each dial.
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

/// The step at which a dial ran out of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Dns,
    Tcp,
    Proxy,
    Tls,
}

/// Why no connection came to be; each cause has words of its own in the catalogue.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    #[error("name {host} could not be resolved: {reason}")]
    Dns { host: String, reason: String },
    #[error("no TCP connection to {host}:{port}: {reason}")]
    Tcp { host: String, port: u16, reason: String },
    #[error("proxy {proxy}: {reason}")]
    Proxy { proxy: String, reason: String, auth_required: bool },
    #[error("TLS with {host}: {reason}")]
    Tls { host: String, reason: String },
    /// The server's certificate is not to be trusted (unknown issuer, wrong name, expired).
    #[error("certificate of {host}: {reason}")]
    Certificate { host: String, reason: String },
    #[error("{stage:?} took too long with {host}")]
    Timeout { host: String, stage: Stage },
    #[error("refusing an unprotected connection to {host}, which is not this computer")]
    PlaintextForbidden { host: String },
}

/// Opens every connection of the house. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Dialer {
    config: Arc<DialConfig>,
    tls: Arc<rustls::ClientConfig>,
}

impl Dialer {
    /// A dialer for `config`. Fails only when the platform's trust store cannot be set up.
    pub fn new(config: DialConfig) -> Result<Self, DialError> {
        let tls_error = |reason: String| DialError::Tls { host: String::new(), reason };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|e| tls_error(e.to_string()))?;
        let verifier =
            rustls_platform_verifier::Verifier::new_with_extra_roots(config.extra_roots.iter().cloned(), provider)
                .map_err(|e| tls_error(e.to_string()))?;
        let tls = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
        Ok(Self { config: Arc::new(config), tls: Arc::new(tls) })
    }

    /// Connects to `endpoint` and, for [`Security::Tls`], finishes the handshake.
    pub async fn dial(&self, endpoint: &Endpoint, security: Security) -> Result<Stream, DialError> {
        let timeout = |stage| DialError::Timeout { host: endpoint.host.clone(), stage };
        let tcp = tokio::time::timeout(
            self.config.connect_timeout,
            TcpStream::connect((endpoint.host.as_str(), endpoint.port)),
        )
        .await
        .map_err(|_| timeout(Stage::Tcp))?
        .map_err(|e| DialError::Tcp { host: endpoint.host.clone(), port: endpoint.port, reason: e.to_string() })?;
        let stream = Stream::new(Box::new(tcp), false);
        match security {
            Security::Tls => self.upgrade(stream, &endpoint.host).await,
            Security::StartTls | Security::None => Ok(stream),
        }
    }

    /// Puts TLS onto a connection on which the protocol has just agreed to it (STARTTLS, RFC 3207, RFC 9051 6.2.1).
    pub async fn upgrade(&self, stream: Stream, host: &str) -> Result<Stream, DialError> {
        let tls_error = |reason: String| DialError::Tls { host: host.to_owned(), reason };
        let name = ServerName::try_from(host.to_owned()).map_err(|e| tls_error(e.to_string()))?;
        let connector = tokio_rustls::TlsConnector::from(Arc::clone(&self.tls));
        let tls = tokio::time::timeout(self.config.handshake_timeout, connector.connect(name, stream))
            .await
            .map_err(|_| DialError::Timeout { host: host.to_owned(), stage: Stage::Tls })?
            .map_err(|e| tls_error(e.to_string()))?;
        Ok(Stream::new(Box::new(tls), true))
    }
}

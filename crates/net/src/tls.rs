//! TLS with the platform's trust store, and its failures told apart.

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName};

use crate::error::{CertificateProblem, DialError, reason};
use crate::stream::Stream;

/// Servers whose sessions are remembered for a quicker handshake. An account has two; rustls' 256 would only cost.
const REMEMBERED_SESSIONS: usize = 16;

/// A configuration that trusts what this computer trusts, and `extra_roots`.
pub(crate) fn client_config(extra_roots: &[CertificateDer<'static>]) -> Result<ClientConfig, DialError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(setup_error)?;
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier(extra_roots, provider)?)
        .with_no_client_auth();
    config.resumption = Resumption::in_memory_sessions(REMEMBERED_SESSIONS);
    Ok(config)
}

/// The platform's own verifier. Where it cannot be set up (a bare system without any certificate; wine, which knows
/// no chain engine with extra roots), the roots that Mozilla ships stand in.
fn verifier(
    extra_roots: &[CertificateDer<'static>],
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, DialError> {
    let platform = if extra_roots.is_empty() {
        rustls_platform_verifier::Verifier::new(Arc::clone(&provider))
    } else {
        rustls_platform_verifier::Verifier::new_with_extra_roots(extra_roots.iter().cloned(), Arc::clone(&provider))
    };
    match platform {
        Ok(verifier) => Ok(Arc::new(verifier)),
        Err(error) => {
            tracing::warn!(target: "net", %error, "no platform certificate verifier, using the built-in roots");
            bundled_verifier(extra_roots, provider)
        }
    }
}

fn bundled_verifier(
    extra_roots: &[CertificateDer<'static>],
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, DialError> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    for root in extra_roots {
        roots.add(root.clone()).map_err(setup_error)?;
    }
    let verifier = rustls::client::WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(setup_error)?;
    Ok(verifier)
}

fn setup_error(error: impl std::fmt::Display) -> DialError {
    DialError::Tls {
        host: String::new(),
        reason: reason(error),
    }
}

/// One handshake as the client, with `host` as the name that the certificate must bear.
pub(crate) async fn handshake(config: Arc<ClientConfig>, stream: Stream, host: &str) -> Result<Stream, DialError> {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let name = ServerName::try_from(bare.strip_suffix('.').unwrap_or(bare).to_owned()).map_err(|e| DialError::Tls {
        host: host.to_owned(),
        reason: reason(e),
    })?;
    let connector = tokio_rustls::TlsConnector::from(config);
    let tls = connector
        .connect(name, stream)
        .await
        .map_err(|error| explain(host, &error))?;
    Ok(Stream::new(Box::new(tls), true))
}

/// Tells a bad certificate from a bad handshake.
pub(crate) fn explain(host: &str, error: &std::io::Error) -> DialError {
    let host = host.to_owned();
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(certificate)) => DialError::Certificate {
            host,
            problem: problem(certificate),
            reason: reason(certificate),
        },
        Some(tls) => DialError::Tls {
            host,
            reason: reason(tls),
        },
        None => DialError::Tls {
            host,
            reason: reason(error),
        },
    }
}

fn problem(error: &CertificateError) -> CertificateProblem {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateProblem::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => CertificateProblem::NotYetValid,
        CertificateError::UnknownIssuer => CertificateProblem::UnknownIssuer,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateProblem::WrongName
        }
        CertificateError::Revoked => CertificateProblem::Revoked,
        _ => CertificateProblem::Invalid,
    }
}

#[cfg(test)]
mod tests;

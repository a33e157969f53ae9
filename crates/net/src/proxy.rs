//! Through a proxy: HTTP CONNECT (RFC 9110 9.3.6, RFC 7617) and SOCKS5 (RFC 1928, RFC 1929).

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_socks::Error as SocksError;
use tokio_socks::tcp::Socks5Stream;

use crate::dial::{Dialer, Endpoint, Proxy, ProxyKind};
use crate::error::{DialError, Stage, reason, within};
use crate::stream::Stream;
use crate::{tcp, tls};

/// The most that a proxy may say before its tunnel opens, in bytes.
const MAX_ANSWER: usize = 16 * 1024;
/// The most header fields of that answer.
const MAX_FIELDS: usize = 64;

/// A tunnel through `proxy` to `target`; plaintext until the caller protects it.
pub(crate) async fn connect(dialer: &Dialer, proxy: &Proxy, target: &Endpoint) -> Result<Stream, DialError> {
    let limit = dialer.config.connect_timeout;
    let tcp = tcp::connect(&proxy.endpoint, limit, false)
        .await
        .map_err(|error| unreachable(proxy, &error))?;
    let stream = Stream::new(Box::new(tcp), false);
    let handshake: Duration = dialer.config.handshake_timeout;
    within(handshake, &proxy.endpoint.to_string(), Stage::Proxy, async {
        match proxy.kind {
            ProxyKind::Http => tunnel(stream, proxy, target).await,
            ProxyKind::Https => {
                let tls = tls::handshake(Arc::clone(&dialer.tls), stream, &proxy.endpoint.host)
                    .await
                    .map_err(|error| failed(proxy, error))?;
                // The proxy sees the tunnel in the clear: for the caller it is not encrypted yet.
                tunnel(tls.into_plaintext(), proxy, target).await
            }
            ProxyKind::Socks5 => socks(stream, proxy, target).await,
        }
    })
    .await
}

fn failed(proxy: &Proxy, text: impl std::fmt::Display) -> DialError {
    DialError::Proxy {
        proxy: proxy.endpoint.to_string(),
        reason: reason(text),
        auth_required: false,
    }
}

fn wants_password(proxy: &Proxy, text: impl std::fmt::Display) -> DialError {
    DialError::Proxy {
        proxy: proxy.endpoint.to_string(),
        reason: reason(text),
        auth_required: true,
    }
}

/// That the proxy cannot be reached is the proxy's fault, and not the mail server's.
fn unreachable(proxy: &Proxy, error: &DialError) -> DialError {
    match error {
        DialError::Timeout { .. } => DialError::Timeout {
            host: proxy.endpoint.to_string(),
            stage: Stage::Proxy,
        },
        other => failed(proxy, other),
    }
}

/// Asks an HTTP proxy for a tunnel.
async fn tunnel(mut stream: Stream, proxy: &Proxy, target: &Endpoint) -> Result<Stream, DialError> {
    let authority = target.to_string();
    if authority.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(failed(proxy, "the target is not a host name"));
    }
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    if let Some((user, password)) = &proxy.credentials {
        let pair = SecretString::from(format!("{user}:{}", password.expose_secret()));
        request.push_str("Proxy-Authorization: Basic ");
        request.push_str(&BASE64.encode(pair.expose_secret()));
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .map_err(|e| failed(proxy, e))?;
    stream.flush().await.map_err(|e| failed(proxy, e))?;

    let head = answer_head(&mut stream, proxy).await?;
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    response
        .parse(&head)
        .map_err(|_| failed(proxy, "it does not answer as an HTTP proxy"))?;
    let phrase = response.reason.unwrap_or_default();
    match response.code {
        Some(200..=299) => Ok(stream),
        Some(407) => Err(wants_password(proxy, format_args!("407 {phrase}"))),
        Some(code) => Err(failed(proxy, format_args!("{code} {phrase}"))),
        None => Err(failed(proxy, "it does not answer as an HTTP proxy")),
    }
}

/// Reads up to and with the empty line, and not one byte further: what follows belongs to the server.
async fn answer_head(stream: &mut Stream, proxy: &Proxy) -> Result<Vec<u8>, DialError> {
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= MAX_ANSWER {
            return Err(failed(proxy, "its answer is too long"));
        }
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err(failed(proxy, "it closed the connection"));
            }
            Err(e) => return Err(failed(proxy, e)),
        }
    }
    Ok(head)
}

/// Asks a SOCKS5 proxy for a connection; an address goes as such, a name for the proxy to resolve.
async fn socks(stream: Stream, proxy: &Proxy, target: &Endpoint) -> Result<Stream, DialError> {
    let address = (target.host.as_str(), target.port);
    let tunnel = match &proxy.credentials {
        Some((user, password)) => {
            Socks5Stream::connect_with_password_and_socket(stream, address, user, password.expose_secret()).await
        }
        None => Socks5Stream::connect_with_socket(stream, address).await,
    };
    match tunnel {
        Ok(tunnel) => Ok(tunnel.into_inner()),
        Err(
            error @ (SocksError::AuthorizationRequired
            | SocksError::NoAcceptableAuthMethods
            | SocksError::PasswordAuthFailure(_)
            | SocksError::InvalidAuthValues(_)),
        ) => Err(wants_password(proxy, error)),
        Err(error) => Err(failed(proxy, error)),
    }
}

#[cfg(test)]
mod tests;

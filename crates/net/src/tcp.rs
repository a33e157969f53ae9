//! The direct way: names resolved by the system, addresses tried side by side (after RFC 8305).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use crate::dial::Endpoint;
use crate::error::{DialError, Stage, reason, within};

/// How long one address may be silent before the next is tried beside it (RFC 8305 8).
const STAGGER: Duration = Duration::from_millis(250);
/// More addresses than this of one name are not tried.
const MAX_ADDRESSES: usize = 16;
/// Idle time before the system asks a silent peer whether it lives, and between such questions. Lines die unnoticed
/// behind home routers after a few minutes; a watching connection must learn of it.
const KEEP_ALIVE: Duration = Duration::from_mins(1);

/// Resolves `endpoint` and connects, each within `limit`. With `loopback_only`, an address that is not this
/// computer's own is refused before a byte is sent.
pub(crate) async fn connect(endpoint: &Endpoint, limit: Duration, loopback_only: bool) -> Result<TcpStream, DialError> {
    let addresses = within(limit, &endpoint.host, Stage::Dns, resolve(endpoint)).await?;
    if loopback_only && !addresses.iter().all(|a| a.ip().to_canonical().is_loopback()) {
        return Err(DialError::PlaintextForbidden {
            host: endpoint.host.clone(),
        });
    }
    let stream = within(
        limit,
        &endpoint.host,
        Stage::Tcp,
        race(endpoint, interleave(addresses), STAGGER),
    )
    .await?;
    tune(&stream);
    Ok(stream)
}

async fn resolve(endpoint: &Endpoint) -> Result<Vec<SocketAddr>, DialError> {
    let dns = |reason| DialError::Dns {
        host: endpoint.host.clone(),
        reason,
    };
    let host = endpoint
        .host
        .strip_prefix('[')
        .and_then(|h| h.strip_suffix(']'))
        .unwrap_or(&endpoint.host);
    if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(dns("not a host name".to_owned()));
    }
    let found = tokio::net::lookup_host((host, endpoint.port))
        .await
        .map_err(|e| dns(reason(e)))?;
    let addresses: Vec<SocketAddr> = found.take(MAX_ADDRESSES).collect();
    if addresses.is_empty() {
        Err(dns("the name has no address".to_owned()))
    } else {
        Ok(addresses)
    }
}

/// The resolver's order, but families in turn, so that a dead IPv6 costs one stagger and not one per address.
fn interleave(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (VecDeque<_>, VecDeque<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_v6);
    let mut ordered = VecDeque::new();
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    loop {
        let (a, b) = (first.next(), second.next());
        if a.is_none() && b.is_none() {
            return ordered;
        }
        ordered.extend(a.into_iter().chain(b));
    }
}

/// The first address that answers wins; the others are dropped.
async fn race(
    endpoint: &Endpoint,
    mut waiting: VecDeque<SocketAddr>,
    stagger: Duration,
) -> Result<TcpStream, DialError> {
    let mut trying = FuturesUnordered::new();
    let mut last = None;
    loop {
        if trying.is_empty() {
            match waiting.pop_front() {
                Some(address) => trying.push(TcpStream::connect(address)),
                None => break,
            }
        }
        tokio::select! {
            biased;
            Some(result) = trying.next() => match result {
                Ok(stream) => return Ok(stream),
                Err(error) => {
                    last = Some(error);
                    if let Some(address) = waiting.pop_front() {
                        trying.push(TcpStream::connect(address));
                    }
                }
            },
            () = tokio::time::sleep(stagger), if !waiting.is_empty() => {
                if let Some(address) = waiting.pop_front() {
                    trying.push(TcpStream::connect(address));
                }
            }
        }
    }
    let reason = last.map_or_else(|| "no address to try".to_owned(), reason);
    Err(DialError::Tcp {
        host: endpoint.host.clone(),
        port: endpoint.port,
        reason,
    })
}

/// Best effort: a system that knows no such option still carries mail.
fn tune(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let keep_alive = TcpKeepalive::new().with_time(KEEP_ALIVE).with_interval(KEEP_ALIVE);
    for (option, result) in [
        ("TCP_NODELAY", stream.set_nodelay(true)),
        ("SO_KEEPALIVE", socket.set_tcp_keepalive(&keep_alive)),
    ] {
        if let Err(error) = result {
            tracing::debug!(target: "net", option, %error, "socket option not set");
        }
    }
}

#[cfg(test)]
mod tests;

//! Pictures of mails: from anywhere on the network, but not from this computer or the link that it is on.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::ACCEPT;
use reqwest::redirect::Policy;
use url::{Host, Url};

use crate::dial::Dialer;
use crate::error::DialError;
use crate::http::{Answer, HttpError, HttpLimits, exchange};

/// Fetches a picture as a stranger would: no cookies, no referrer, up to five redirects. An `http` address is tried by
/// `https` first. `near` lets addresses of this computer through.
pub async fn picture(dialer: &Dialer, url: &Url, limits: HttpLimits, near: bool) -> Result<Answer, HttpError> {
    let client = dialer.client(|builder| {
        builder
            .redirect(Policy::custom(move |attempt| {
                if attempt.previous().len() > 5 || !may_go(attempt.url(), near) {
                    attempt.stop()
                } else {
                    attempt.follow()
                }
            }))
            .dns_resolver(Arc::new(Outside { near }))
    })?;
    let ask = async |url: &Url| {
        if !may_go(url, near) {
            let host = url.host_str().unwrap_or_default().to_owned();
            return Err(DialError::PlaintextForbidden { host }.into());
        }
        let request = client
            .get(url.clone())
            .header(ACCEPT, "image/webp,image/png,image/*;q=0.8");
        exchange(request, url, limits).await
    };
    let mut safer = url.clone();
    let upgraded = url.scheme() == "http" && url.port().is_none() && safer.set_scheme("https").is_ok();
    if upgraded
        && let Ok(answer) = ask(&safer).await
        && answer.status == 200
    {
        return Ok(answer);
    }
    ask(url).await
}

fn may_go(url: &Url, near: bool) -> bool {
    let far = match url.host() {
        Some(Host::Domain(name)) => !name.eq_ignore_ascii_case("localhost") && !name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => is_outside(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => is_outside(IpAddr::V6(ip)),
        None => return false,
    };
    matches!(url.scheme(), "http" | "https") && (near || far)
}

/// Not this computer, nobody's, and not only on this link (where clouds hand out their secrets, RFC 3927).
fn is_outside(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(v4) => !(v4.is_loopback() || v4.is_unspecified() || v4.is_link_local() || v4.is_multicast()),
        IpAddr::V6(v6) => !(v6.is_loopback() || v6.is_unspecified() || v6.is_unicast_link_local() || v6.is_multicast()),
    }
}

/// The system's name service, without the addresses that no picture may come from.
struct Outside {
    near: bool,
}

impl Resolve for Outside {
    fn resolve(&self, name: Name) -> Resolving {
        let near = self.near;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| near || is_outside(address.ip())).collect();
            if allowed.is_empty() {
                return Err(std::io::Error::from(std::io::ErrorKind::PermissionDenied).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;

//! The system's proxy: environment everywhere, the registry on Windows, the system configuration on macOS, GNOME's
//! settings on Linux.
//!
//! hyper-util's matcher reads all three and knows `no_proxy`'s suffixes and networks; it is built anew for each
//! question, because a laptop changes offices while the agent runs.

#[cfg(target_os = "linux")]
mod gnome;
#[cfg(any(windows, test))]
mod registry;

use hyper_util::client::proxy::matcher::Matcher;
use secrecy::SecretString;

use crate::dial::{Endpoint, Proxy, ProxyKind};
use crate::error::DialError;

/// A proxy that refuses: port 9 (discard) of this computer. Stands for one that is named but cannot be used.
pub(crate) const NOWHERE: &str = "http://127.0.0.1:9";

/// What the system says about `endpoint` now. May take some milliseconds of blocking.
pub(crate) fn ask(endpoint: &Endpoint) -> Result<Option<Proxy>, DialError> {
    #[cfg(target_os = "linux")]
    if !environment_speaks()
        && let Some(matcher) = gnome::ask()
    {
        return choose(&matcher, endpoint);
    }
    #[cfg(windows)]
    if !environment_speaks()
        && let Some(rules) = registry::ask()
    {
        let plain = !endpoint.host.contains(['.', ':']);
        return if rules.local_direct && plain {
            Ok(None)
        } else {
            choose(&rules.matcher, endpoint)
        };
    }
    choose(&Matcher::from_system(), endpoint)
}

/// Whoever sets a variable means this program; the desktop's settings are for those who set none.
#[cfg(any(target_os = "linux", windows))]
fn environment_speaks() -> bool {
    let names = [
        "ALL_PROXY",
        "all_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
    ];
    names
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// The proxy that `matcher` has for `endpoint`. Mail goes where HTTPS goes: both need a tunnel.
fn choose(matcher: &Matcher, endpoint: &Endpoint) -> Result<Option<Proxy>, DialError> {
    let Ok(target) = format!("https://{endpoint}/").parse::<http::Uri>() else {
        return Err(DialError::Dns {
            host: endpoint.host.clone(),
            reason: "not a host name".to_owned(),
        });
    };
    let Some(intercept) = matcher.intercept(&target) else {
        return Ok(None);
    };
    let uri = intercept.uri();
    let unusable = |reason: &str| DialError::Proxy {
        proxy: uri.host().unwrap_or_default().to_owned(),
        reason: reason.to_owned(),
        auth_required: false,
    };
    let (kind, default_port) = match uri.scheme_str() {
        Some("http") => (ProxyKind::Http, 80),
        Some("https") => (ProxyKind::Https, 443),
        Some("socks5" | "socks5h") => (ProxyKind::Socks5, 1080),
        _ => return Err(unusable("its protocol is not supported (HTTP, HTTPS and SOCKS5 are)")),
    };
    let host = uri.host().ok_or_else(|| unusable("it has no host name"))?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let credentials = match (intercept.raw_auth(), intercept.basic_auth()) {
        (Some((user, password)), _) => Some((user.to_owned(), SecretString::from(password))),
        (None, Some(header)) => basic_credentials(header),
        (None, None) => None,
    };
    let endpoint = Endpoint::new(host, uri.port_u16().unwrap_or(default_port));
    Ok(Some(Proxy {
        kind,
        endpoint,
        credentials,
    }))
}

/// Takes a `Basic` header apart again; the matcher gives the credentials of HTTP proxies in this form alone.
fn basic_credentials(header: &http::HeaderValue) -> Option<(String, SecretString)> {
    use base64::Engine as _;
    let encoded = header.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(base64::engine::general_purpose::STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), SecretString::from(password)))
}

#[cfg(test)]
mod tests;

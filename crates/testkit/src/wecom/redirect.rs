//! Which `redirect_uri` WeCom's pages go back to (reference A2, trusted callback domain).

use url::Url;

/// Why a page does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// "参数错误".
    Parameter,
    /// The host is not the trusted domain.
    Domain,
    /// The text holds a second address or a private scheme (the page shows 501).
    Nested,
}

/// Checks the whole text of `redirect` against the trusted `domain` (`host`, or `host:port`). Plain http is taken for
/// loopback addresses alone, where the simulator and what it is told of live.
pub(super) fn check(redirect: &str, domain: &str) -> Result<Url, Refused> {
    let url = Url::parse(redirect).map_err(|_| Refused::Parameter)?;
    let host = url.host_str().ok_or(Refused::Parameter)?;
    let loopback = host == "localhost" || host == "127.0.0.1" || host == "[::1]";
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Err(Refused::Parameter);
    }
    let here = authority(&url);
    if domain.is_empty() || !here.eq_ignore_ascii_case(domain) {
        return Err(Refused::Domain);
    }
    let (_, rest) = redirect.split_once("://").unwrap_or_default();
    let mut text = rest.to_owned();
    // Escaped twice it is still an address.
    for _ in 0..3 {
        if holds_foreign_address(&text, &url) {
            return Err(Refused::Nested);
        }
        text = unescape(&text);
    }
    Ok(url)
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn holds_foreign_address(text: &str, own: &Url) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let (before, after) = text.split_at(at);
        let scheme: String = before
            .chars()
            .rev()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let end = after.find(['&', ' ', '"']).unwrap_or(after.len());
        let nested = after.get(..end).unwrap_or_default();
        Url::parse(&format!("{scheme}{nested}")).map_or(true, |nested| nested.origin() != own.origin())
    })
}

fn unescape(text: &str) -> String {
    url::form_urlencoded::parse(format!("x={}", text.replace('&', "%26")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Whether `state` may be carried: at most 128 letters and digits.
pub(super) fn sound_state(state: &str) -> bool {
    state.len() <= 128 && state.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests;

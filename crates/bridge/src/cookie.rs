//! Cookies: they hold a random name by which a browser is known again, and nothing else.

use axum::response::Response;
use http::header::{COOKIE, SET_COOKIE, USER_AGENT};
use http::{HeaderMap, HeaderValue};

use crate::serve::Bridge;

/// How long the browser keeps one, in seconds: as long as a sign-in lives, and a little.
const LIFE: u32 = 600;

fn is_https(bridge: &Bridge) -> bool {
    bridge.config.url.scheme() == "https"
}

/// Only https has the prefix that no other host can set (RFC 6265bis 4.1.3.2).
fn whole_name(bridge: &Bridge, name: &str) -> String {
    let prefix = if is_https(bridge) { "__Host-" } else { "" };
    format!("{prefix}{name}")
}

/// Gives the browser a cookie.
pub fn set(bridge: &Bridge, name: &str, value: &str, response: &mut Response) {
    let secure = if is_https(bridge) { "; Secure" } else { "" };
    let cookie = format!(
        "{}={value}; Path=/; Max-Age={LIFE}; HttpOnly; SameSite=Lax{secure}",
        whole_name(bridge, name)
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// What the browser gives back; empty if nothing.
pub fn get(bridge: &Bridge, name: &str, headers: &HeaderMap) -> String {
    let wanted = whole_name(bridge, name);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value.to_owned())
        .unwrap_or_default()
}

/// WeCom's own browser. Looked for before `MicroMessenger`, which stands there too.
pub fn is_wecom(headers: &HeaderMap) -> bool {
    headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .is_some_and(|agent| agent.contains("wxwork/"))
}

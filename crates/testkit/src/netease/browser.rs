//! A browser for tests without one: follows redirects on loopback and keeps cookies.

use anyhow::{Context as _, bail};
use url::Url;

use super::wire::request;
use crate::oauth::Visit;

/// Opens `url` as a browser without cookies does, and gives back the last page.
pub async fn browse(url: &str) -> anyhow::Result<Visit> {
    let mut url = Url::parse(url)?;
    let mut cookies: Vec<String> = Vec::new();
    for _ in 0..5 {
        let headers = if cookies.is_empty() {
            Vec::new()
        } else {
            vec![format!("Cookie: {}", cookies.join("; "))]
        };
        let reply = request("GET", &url, &headers, "").await?;
        let set = reply.header("set-cookie").and_then(|cookie| cookie.split(';').next());
        cookies.extend(set.map(str::to_owned));
        if !(300..400).contains(&reply.status) {
            return Ok(Visit {
                status: reply.status,
                body: reply.body,
            });
        }
        url = url.join(reply.header("location").context("a redirect to nowhere")?)?;
    }
    bail!("too many redirects")
}

//! HTTP/1.1 as far as a push and a browser of tests need it: to loopback, in the clear, one request a connection.

use anyhow::{Context as _, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

/// The most that is read of an answer, in bytes.
const LIMIT: u64 = 4 * 1024 * 1024;

pub(super) struct Reply {
    pub(super) status: u16,
    head: String,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let pairs = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut named = pairs.filter(|(each, _)| each.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.trim())
    }
}

/// Sends one request; `headers` are whole lines.
pub(super) async fn request(method: &str, url: &Url, headers: &[String], body: &str) -> anyhow::Result<Reply> {
    ensure!(url.scheme() == "http", "only http is simulated");
    let host = url.host_str().context("no host")?;
    let port = url.port_or_known_default().context("no port")?;
    ensure!(["127.0.0.1", "localhost"].contains(&host), "only loopback is simulated");
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let more: String = headers.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect();
    let head = format!(
        "{method} {}{query} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\nContent-Length: {}\r\n{more}\r\n",
        url.path(),
        body.len()
    );
    let mut stream = TcpStream::connect((host, port)).await.context("connect")?;
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut answer = Vec::new();
    stream
        .take(LIMIT)
        .read_to_end(&mut answer)
        .await
        .context("read the answer")?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").context("half an answer")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    Ok(Reply {
        status: status.parse().context("no status")?,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

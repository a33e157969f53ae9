//! A browser that opens one page, and WeCom's own hand when it calls back.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

/// A browser on the desktop.
pub const OUTSIDE: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36";
/// WeCom's own browser on Windows.
pub const INSIDE: &str = "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/129.0.0.0 Safari/537.36 Language/zh ColorScheme/Light wxwork/4.1.36 (MicroMessenger/6.2) WindowsWechat  \
     MailPlugin_Electron WeMail embeddisk wwmver/3.26.36.641";
/// WeCom's own browser on a phone.
pub const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 \
     (KHTML, like Gecko) Mobile/15E148 MicroMessenger/7.0.1 wxwork/4.1.38 MailPlugin_iOS Language/zh ColorScheme/Light \
     wwmver/3.26.38.1";

/// Browsers send no fragment; this tells the simulator what the address had, so that it can miss it.
pub(super) const FRAGMENT: &str = "x-fragment";
const LONGEST: u64 = 4 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub status: u16,
    /// Where it sends to, as sent.
    pub location: Option<String>,
    pub body: String,
}

/// Opens `url` (http, on this computer) with that user agent and follows no redirect.
pub async fn open(url: &str, user_agent: &str) -> Result<Page> {
    let url = Url::parse(url)?;
    let fragment = url.fragment().unwrap_or_default().to_owned();
    let headers = [("User-Agent", user_agent), (FRAGMENT, fragment.as_str())];
    request("GET", &url, &headers, &[]).await
}

pub(super) async fn request(method: &str, url: &Url, headers: &[(&str, &str)], body: &[u8]) -> Result<Page> {
    tokio::time::timeout(PATIENCE, exchange(method, url, headers, body))
        .await
        .context("no answer in time")?
}

async fn exchange(method: &str, url: &Url, headers: &[(&str, &str)], body: &[u8]) -> Result<Page> {
    let host = url.host_str().context("an address without a host")?;
    if url.scheme() != "http" || !matches!(host, "127.0.0.1" | "localhost") {
        bail!("only http on this computer: {url}");
    }
    let port = url.port_or_known_default().unwrap_or(80);
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.context("connecting")?;
    let target = url
        .query()
        .map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    // HTTP/1.0: the answer comes in one piece and ends with the connection.
    let mut head = format!(
        "{method} {target} HTTP/1.0\r\nHost: {host}:{port}\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(name);
        head.push_str(": ");
        head.push_str(value);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").context("half an answer")?;
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    let location = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
    });
    Ok(Page {
        status,
        location,
        body: body.to_owned(),
    })
}

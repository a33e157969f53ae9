//! What recognition asks the outside world, behind a trait so that tests answer from a list.

use std::time::Duration;

use bytes::Bytes;
use qiyou_net::{DialError, Dialer, Dns, Endpoint, HttpLimits, Mx, Security, Srv};
use tokio::io::AsyncReadExt;
use url::Url;

/// The longest autoconfig file, in bytes.
const MAX_FILE: usize = 64 * 1024;
/// The longest greeting that is read, in bytes.
const MAX_GREETING: u64 = 1024;
/// The limit of one file or one probe.
const LIMIT: Duration = Duration::from_millis(2500);

/// What was found at a place where a mail server might be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// A server, with its first line.
    Speaks(String),
    /// Something with TLS whose certificate is not trusted: the account test will say why.
    Untrusted,
    Nothing,
}

/// The questions. A failed one is an empty answer: recognition goes on with what there is.
pub trait Lookups: Sync {
    /// Mail exchangers, most preferred first.
    fn mx(&self, domain: &str) -> impl Future<Output = Vec<Mx>> + Send;
    /// The name behind an alias.
    fn cname(&self, name: &str) -> impl Future<Output = Option<String>> + Send;
    /// Places of a service, first to try first.
    fn srv(&self, name: &str) -> impl Future<Output = Vec<Srv>> + Send;
    /// A small file, if it is there.
    fn file(&self, url: &Url) -> impl Future<Output = Option<Bytes>> + Send;
    /// Who is at `endpoint`.
    fn probe(&self, endpoint: &Endpoint, security: Security) -> impl Future<Output = Probe> + Send;
}

/// The real world, through the house's dialer.
#[derive(Clone, Debug)]
pub struct Network {
    dialer: Dialer,
    dns: Option<Dns>,
}

impl Network {
    /// Asks by `dialer` and `dns`; without name server, recognition goes by files and probes alone.
    pub fn new(dialer: Dialer, dns: Option<Dns>) -> Self {
        Self { dialer, dns }
    }
}

impl Lookups for Network {
    async fn mx(&self, domain: &str) -> Vec<Mx> {
        let Some(dns) = &self.dns else { return Vec::new() };
        dns.mx(domain).await.unwrap_or_else(|error| {
            tracing::debug!(target: "signin", %error, "no mail exchangers");
            Vec::new()
        })
    }

    async fn cname(&self, name: &str) -> Option<String> {
        self.dns.as_ref()?.cname(name).await.unwrap_or_else(|error| {
            tracing::debug!(target: "signin", %error, "no alias");
            None
        })
    }

    async fn srv(&self, name: &str) -> Vec<Srv> {
        let Some(dns) = &self.dns else { return Vec::new() };
        dns.srv(name).await.unwrap_or_else(|error| {
            tracing::debug!(target: "signin", %error, "no services");
            Vec::new()
        })
    }

    async fn file(&self, url: &Url) -> Option<Bytes> {
        let client = self.dialer.http().ok()?;
        match qiyou_net::get(
            &client,
            url,
            HttpLimits {
                body: MAX_FILE,
                time: LIMIT,
            },
        )
        .await
        {
            Ok(answer) if answer.status == 200 => Some(answer.body),
            Ok(_) => None,
            Err(error) => {
                tracing::debug!(target: "signin", %url, %error, "no file");
                None
            }
        }
    }

    async fn probe(&self, endpoint: &Endpoint, security: Security) -> Probe {
        let greeting = async {
            let stream = match self.dialer.dial(endpoint, security).await {
                Ok(stream) => stream,
                Err(DialError::Certificate { .. }) => return Probe::Untrusted,
                Err(_) => return Probe::Nothing,
            };
            let mut line = Vec::new();
            let mut stream = stream.take(MAX_GREETING);
            while !line.ends_with(b"\n") {
                match stream.read_u8().await {
                    Ok(byte) => line.push(byte),
                    Err(_) => break,
                }
            }
            if line.is_empty() {
                Probe::Nothing
            } else {
                Probe::Speaks(String::from_utf8_lossy(&line).trim().to_owned())
            }
        };
        tokio::time::timeout(LIMIT, greeting).await.unwrap_or(Probe::Nothing)
    }
}

#[cfg(test)]
mod tests;

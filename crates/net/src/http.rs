//! HTTP for the few who need it (OAuth2, autoconfig, remote pictures): the dialer's proxy choice and trust, bounded.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use secrecy::ExposeSecret;
use url::Url;

use crate::dial::{Dialer, Endpoint, Proxy, ProxyKind, is_loopback};
use crate::error::{DialError, reason};
use crate::{system_proxy, tls};

/// How much a server may cost.
#[derive(Clone, Copy, Debug)]
pub struct HttpLimits {
    /// The longest body, in bytes.
    pub body: usize,
    /// The whole exchange, from name to last byte.
    pub time: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            body: 256 * 1024,
            time: Duration::from_secs(20),
        }
    }
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The media type as sent, if any.
    pub content_type: Option<String>,
    /// Where the answer came from after redirects (which stay on one host).
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// An answer whose body is read as it comes.
#[derive(Debug)]
pub struct Streamed {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Pieces,
}

/// A body as it comes, without an end in sight.
#[derive(Debug)]
pub struct Pieces {
    response: reqwest::Response,
    host: String,
}

impl Pieces {
    /// The next piece, or `None` at the end. A line that says nothing for as long as [`Dialer::http_stream`] was told
    /// is lost.
    pub async fn next(&mut self) -> Result<Option<Bytes>, HttpError> {
        self.response.chunk().await.map_err(|error| explain(&self.host, error))
    }

    /// All of it, of at most `limit` bytes.
    pub async fn whole(mut self, limit: usize) -> Result<Bytes, HttpError> {
        let too_large = || HttpError::TooLarge {
            host: self.host.clone(),
            limit,
        };
        if self
            .response
            .content_length()
            .is_some_and(|length| length > limit as u64)
        {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(piece) = self.response.chunk().await.map_err(|e| explain(&self.host, e))? {
            if body.len().saturating_add(piece.len()) > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&piece);
        }
        Ok(body.freeze())
    }
}

/// Why an exchange failed. Statuses of 400 and above are no errors here.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HttpError {
    /// No connection: the same causes as with any other dial.
    #[error(transparent)]
    Dial(#[from] DialError),
    #[error("{host} took too long")]
    Timeout { host: String },
    #[error("the answer of {host} is longer than {limit} bytes")]
    TooLarge { host: String, limit: usize },
    #[error("{host}: {reason}")]
    Protocol { host: String, reason: String },
}

impl Dialer {
    /// An HTTP client that goes the same way and trusts the same certificates as [`Dialer::dial`]. It keeps no idle
    /// connection for long, sends no referrer, and follows redirects only within one host.
    ///
    /// Prefer [`get`], [`post_form`], [`post_json`] and [`send_json`], which bound the answer.
    pub fn http(&self) -> Result<reqwest::Client, HttpError> {
        self.client(|builder| {
            builder.redirect(Policy::custom(|attempt| {
                let stays = attempt.previous().first().is_some_and(|first| {
                    first.host_str() == attempt.url().host_str() && first.scheme() == attempt.url().scheme()
                });
                if attempt.previous().len() > 5 || !stays {
                    attempt.stop()
                } else {
                    attempt.follow()
                }
            }))
        })
    }

    /// A client for answers that go on ([`stream`]): nothing is followed, and a line may be silent for so long.
    pub fn http_stream(&self, silence: Duration) -> Result<reqwest::Client, HttpError> {
        self.client(|builder| builder.redirect(Policy::none()).read_timeout(silence))
    }

    /// What all clients share, and `more` of one's own.
    pub(crate) fn client(
        &self,
        more: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<reqwest::Client, HttpError> {
        let dialer = self.clone();
        let mut tls = rustls::ClientConfig::clone(&self.tls);
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .proxy(reqwest::Proxy::custom(move |url| dialer.proxy_url(url)))
            .referer(false)
            .connect_timeout(self.config.connect_timeout)
            .read_timeout(self.config.handshake_timeout)
            .pool_idle_timeout(Duration::from_secs(10))
            .pool_max_idle_per_host(2);
        more(builder).build().map_err(|e| HttpError::Protocol {
            host: String::new(),
            reason: reason(e),
        })
    }

    /// The proxy for `url` in the form that reqwest wants. An unusable system proxy leads nowhere rather than past it.
    fn proxy_url(&self, url: &Url) -> Option<Url> {
        let endpoint = Endpoint::new(url.host_str()?, url.port_or_known_default()?);
        match self.proxy_for(&endpoint) {
            Ok(proxy) => proxy.as_ref().and_then(as_url),
            Err(error) => {
                tracing::warn!(target: "net", %error, "the system's proxy cannot be used");
                Url::parse(system_proxy::NOWHERE).ok()
            }
        }
    }
}

fn as_url(proxy: &Proxy) -> Option<Url> {
    let scheme = match proxy.kind {
        ProxyKind::Http => "http",
        ProxyKind::Https => "https",
        ProxyKind::Socks5 => "socks5h",
    };
    let mut url = Url::parse(&format!("{scheme}://{}", proxy.endpoint)).ok()?;
    if let Some((user, password)) = &proxy.credentials {
        url.set_username(user).ok()?;
        url.set_password(Some(password.expose_secret())).ok()?;
    }
    Some(url)
}

/// Fetches `url`.
pub async fn get(client: &reqwest::Client, url: &Url, limits: HttpLimits) -> Result<Answer, HttpError> {
    protected(url)?;
    exchange(client.get(url.clone()), url, limits).await
}

/// Posts `form` to `url`, asking for JSON (as OAuth2's token endpoint wants it, RFC 6749 3.2).
pub async fn post_form(
    client: &reqwest::Client,
    url: &Url,
    form: &[(&str, &str)],
    limits: HttpLimits,
) -> Result<Answer, HttpError> {
    protected(url)?;
    let request = client
        .post(url.clone())
        .header(reqwest::header::ACCEPT, "application/json")
        .form(form);
    exchange(request, url, limits).await
}

/// Posts `body` as JSON to `url` with headers that may hold secrets; without a body, none is sent.
pub async fn post_json<B: serde::Serialize + ?Sized>(
    client: &reqwest::Client,
    url: &Url,
    headers: &[(&'static str, &str)],
    body: Option<&B>,
    limits: HttpLimits,
) -> Result<Answer, HttpError> {
    send_json(client, Method::POST, url, headers, body, limits).await
}

/// [`post_json`] by any method.
pub async fn send_json<B: serde::Serialize + ?Sized>(
    client: &reqwest::Client,
    method: Method,
    url: &Url,
    headers: &[(&'static str, &str)],
    body: Option<&B>,
    limits: HttpLimits,
) -> Result<Answer, HttpError> {
    protected(url)?;
    let request = client
        .request(method, url.clone())
        .header(CONTENT_TYPE, "application/json; charset=UTF-8")
        .header(reqwest::header::ACCEPT, "application/json");
    let mut request = with_secrets(request, url, headers)?;
    if let Some(body) = body {
        request = request.json(body);
    }
    exchange(request, url, limits).await
}

/// Fetches `url` by a client of [`Dialer::http_stream`], with headers that may hold secrets. Within `time` the answer
/// begins; its body is read piece by piece.
pub async fn stream(
    client: &reqwest::Client,
    url: &Url,
    headers: &[(&'static str, &str)],
    time: Duration,
) -> Result<Streamed, HttpError> {
    protected(url)?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let request = with_secrets(client.get(url.clone()), url, headers)?;
    let response = match tokio::time::timeout(time, request.send()).await {
        Ok(sent) => sent.map_err(|error| explain(&host, error))?,
        Err(_) => return Err(HttpError::Timeout { host }),
    };
    Ok(Streamed {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: Pieces { response, host },
    })
}

fn with_secrets(
    mut request: reqwest::RequestBuilder,
    url: &Url,
    headers: &[(&'static str, &str)],
) -> Result<reqwest::RequestBuilder, HttpError> {
    for (name, value) in headers {
        let mut value = HeaderValue::from_str(value).map_err(|_| HttpError::Protocol {
            host: url.host_str().unwrap_or_default().to_owned(),
            reason: format!("the value for {name} is no header"),
        })?;
        value.set_sensitive(true);
        request = request.header(*name, value);
    }
    Ok(request)
}

/// What holds for mail holds here: nothing unprotected leaves this computer.
fn protected(url: &Url) -> Result<(), HttpError> {
    let host = url.host_str().unwrap_or_default();
    if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(host)) {
        return Ok(());
    }
    let host = host.to_owned();
    Err(DialError::PlaintextForbidden { host }.into())
}

pub(crate) async fn exchange(
    request: reqwest::RequestBuilder,
    url: &Url,
    limits: HttpLimits,
) -> Result<Answer, HttpError> {
    let host = url.host_str().unwrap_or_default().to_owned();
    let work = async {
        let response = request.send().await.map_err(|e| explain(&host, e))?;
        let (status, headers, url) = (
            response.status().as_u16(),
            response.headers().clone(),
            response.url().clone(),
        );
        let host = host.clone();
        Ok(Answer {
            status,
            content_type: content_type(&headers),
            url,
            headers,
            body: Pieces { response, host }.whole(limits.body).await?,
        })
    };
    match tokio::time::timeout(limits.time, work).await {
        Ok(result) => result,
        Err(_) => Err(HttpError::Timeout { host: host.clone() }),
    }
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(reason)
}

/// Finds the dial's cause below reqwest's words. The address is left out: its query may be a secret.
fn explain(host: &str, error: reqwest::Error) -> HttpError {
    if error.is_timeout() {
        return HttpError::Timeout { host: host.to_owned() };
    }
    let port = error.url().and_then(Url::port_or_known_default).unwrap_or_default();
    let error = error.without_url();
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    let mut deepest = String::new();
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<std::io::Error>()
            && io
                .get_ref()
                .is_some_and(|inner| inner.downcast_ref::<rustls::Error>().is_some())
        {
            return tls::explain(host, io).into();
        }
        deepest = reason(cause);
        source = cause.source();
    }
    if error.is_connect() {
        return DialError::Tcp {
            host: host.to_owned(),
            port,
            reason: deepest,
        }
        .into();
    }
    HttpError::Protocol {
        host: host.to_owned(),
        reason: deepest,
    }
}

#[cfg(test)]
mod tests;

//! One sign-in: the page's address, the browser's return, the code made into tokens.

use std::net::Ipv4Addr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use futures::stream::{FuturesUnordered, StreamExt};
use qiyou_net::Dialer;
use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::issuer::{Client, Issuer};
use super::page::{NOTHING_HERE, Page};
use super::token::{Tokens, ask};
use super::{Error, refusal};

/// The longest request of a browser that is read, in bytes.
const MAX_REQUEST: usize = 16 * 1024;
/// The most header fields of such a request.
const MAX_FIELDS: usize = 100;
/// Connections at once: browsers open some ahead and leave them idle.
const MAX_CONNECTIONS: usize = 16;
/// How long one connection may take to ask.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);
/// How long a page may take to be taken.
const PAGE_LIMIT: Duration = Duration::from_secs(5);

/// A sign-in on its way.
pub struct Flow {
    /// The page to open in the system's browser.
    pub url: Url,
    issuer: Issuer,
    client: Client,
    listener: TcpListener,
    redirect: String,
    state: SecretString,
    verifier: SecretString,
}

/// Without the page's address, which holds the state.
impl std::fmt::Debug for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flow")
            .field("redirect", &self.redirect)
            .finish_non_exhaustive()
    }
}

/// Prepares a sign-in of `address` with `issuer` as `client`: opens a free loopback port and makes the page's address.
/// To be called inside a tokio runtime.
pub fn begin(issuer: &Issuer, client: &Client, address: &str, random: &mut impl CryptoRng) -> Result<Flow, Error> {
    let refused = |error: std::io::Error| Error::Loopback(error.to_string());
    // Not awaited: a generator of random numbers may be tied to its thread.
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    let listener = TcpListener::from_std(listener).map_err(refused)?;
    let port = listener.local_addr().map_err(refused)?.port();
    let redirect = format!("http://{}:{port}", issuer.loopback.host());
    let mut secret = || {
        let mut bytes = [0_u8; 32];
        random.fill_bytes(&mut bytes);
        SecretString::from(BASE64.encode(bytes))
    };
    // 43 characters, the least that RFC 7636 4.1 allows, of 256 random bits.
    let (verifier, state) = (secret(), secret());
    let challenge = BASE64.encode(Sha256::digest(verifier.expose_secret()));

    let mut url = issuer.authorize.clone();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &client.id)
        .append_pair("redirect_uri", &redirect)
        .append_pair("scope", &issuer.scopes.join(" "))
        .append_pair("state", state.expose_secret())
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .append_pair("login_hint", address)
        .extend_pairs(&issuer.parameters);
    Ok(Flow {
        url,
        issuer: issuer.clone(),
        client: client.clone(),
        listener,
        redirect,
        state,
        verifier,
    })
}

/// What the browser brought back.
enum Return {
    Code(SecretString),
    Failed(Error),
}

impl Flow {
    /// Waits at most `limit` for the person, makes the code into tokens, and leaves the browser on `page`. `clock` gives
    /// unix seconds.
    pub async fn finish(
        self,
        dialer: &Dialer,
        page: &Page,
        limit: Duration,
        clock: impl Fn() -> i64,
    ) -> Result<Tokens, Error> {
        let (back, mut browser) = tokio::time::timeout(limit, self.wait())
            .await
            .map_err(|_| Error::Timeout)??;
        let outcome = match back {
            Return::Code(code) => self.exchange(dialer, &code, clock()).await,
            Return::Failed(error) => Err(error),
        };
        // The page tells how it really ended, so it waits for the exchange.
        let words = if outcome.is_ok() { page.done() } else { page.failed() };
        answer(&mut browser, &words).await;
        outcome
    }

    /// The first connection that brings an answer. Others are served beside it: one that says nothing must not keep
    /// the person out.
    async fn wait(&self) -> Result<(Return, TcpStream), Error> {
        let mut connections = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if connections.len() < MAX_CONNECTIONS => {
                    let (connection, _) = accepted.map_err(|error| Error::Loopback(error.to_string()))?;
                    connections.push(tokio::time::timeout(REQUEST_LIMIT, self.serve(connection)));
                }
                Some(served) = connections.next() => {
                    if let Ok(Some(back)) = served {
                        return Ok(back);
                    }
                }
            }
        }
    }

    async fn serve(&self, mut connection: TcpStream) -> Option<(Return, TcpStream)> {
        let path = request_path(&mut connection).await;
        if let Some(back) = path.and_then(|path| self.read(&path)) {
            return Some((back, connection));
        }
        answer(&mut connection, NOTHING_HERE).await;
        None
    }

    /// What a request for `path` means to this sign-in; `None` where it means nothing.
    fn read(&self, path: &str) -> Option<Return> {
        let url = Url::parse(&self.redirect).ok()?.join(path).ok()?;
        if url.path() != "/" {
            return None;
        }
        let value = |wanted: &str| {
            url.query_pairs()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.into_owned())
        };
        let (code, error, state) = (value("code"), value("error"), value("state"));
        if code.is_none() && error.is_none() {
            return None;
        }
        // Before anything is believed: is it the answer to our question (RFC 6749 10.12)?
        let ours = self.state.expose_secret().as_bytes();
        if !bool::from(state.unwrap_or_default().as_bytes().ct_eq(ours)) {
            return Some(Return::Failed(Error::WrongState));
        }
        Some(match (error, code) {
            (Some(error), _) => Return::Failed(refusal(&error, value("error_description").as_deref())),
            (None, Some(code)) => Return::Code(SecretString::from(code)),
            (None, None) => return None,
        })
    }

    async fn exchange(&self, dialer: &Dialer, code: &SecretString, now: i64) -> Result<Tokens, Error> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.expose_secret()),
            ("redirect_uri", &self.redirect),
            ("code_verifier", self.verifier.expose_secret()),
        ];
        ask(dialer, &self.issuer, &self.client, &form, now).await
    }
}

/// The target of a GET; `None` for anything else.
async fn request_path(connection: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut piece = [0_u8; 2048];
    loop {
        let read = connection.read(&mut piece).await.ok()?;
        request.extend_from_slice(piece.get(..read)?);
        let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let mut parsed = httparse::Request::new(&mut fields);
        match parsed.parse(&request) {
            Ok(httparse::Status::Complete(_)) if parsed.method == Some("GET") => return parsed.path.map(str::to_owned),
            Ok(httparse::Status::Partial) if read > 0 && request.len() < MAX_REQUEST => {}
            _ => return None,
        }
    }
}

/// Best effort: the person may have closed the browser.
async fn answer(connection: &mut TcpStream, words: &[u8]) {
    let sent = tokio::time::timeout(PAGE_LIMIT, async {
        connection.write_all(words).await?;
        connection.shutdown().await
    })
    .await;
    if !matches!(sent, Ok(Ok(()))) {
        tracing::debug!(target: "signin", "the browser did not take the page");
    }
}

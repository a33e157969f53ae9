//! A simulated issuer of tokens that is as strict as the real ones: PKCE S256, codes for one use, equal redirect
//! addresses, refresh tokens that rotate. And a "browser" that signs in there.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How the person behaves on the sign-in page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Person {
    #[default]
    Agrees,
    /// `error=access_denied`.
    Denies,
    /// Agrees, but the answer carries another state than was asked with.
    Strays,
}

/// What is told to a [`Issuer`] at its start.
#[derive(Clone, Debug)]
pub struct Options {
    pub client_id: String,
    pub client_secret: Option<String>,
    /// Life of an access token, in seconds.
    pub expires_in: i64,
    /// Whether a refresh hands out a new refresh token and ends the old one (Microsoft), or keeps it (Google).
    pub rotate: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            client_id: "qiyou-test".to_owned(),
            client_secret: None,
            expires_in: 3600,
            rotate: true,
        }
    }
}

struct Code {
    challenge: String,
    redirect: String,
}

#[derive(Default)]
struct Shared {
    person: Person,
    broken: Option<u16>,
    number: u64,
    codes: HashMap<String, Code>,
    refresh: Vec<String>,
    access: Vec<String>,
    asked: Vec<HashMap<String, String>>,
}

impl Shared {
    fn name(&mut self, kind: &str) -> String {
        self.number = self.number.saturating_add(1);
        format!("{kind}-{}", self.number)
    }
}

/// A running issuer on loopback; it ends when dropped.
pub struct Issuer {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    task: JoinHandle<()>,
}

impl Issuer {
    /// Starts an issuer on a free port of 127.0.0.1.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Mutex::new(Shared::default()));
        let state = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            let mut clients = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let (state, options) = (Arc::clone(&state), options.clone());
                clients.spawn(async move {
                    // A client that breaks off is the test's matter.
                    let _ = serve(client, &state, &options).await;
                });
            }
        });
        Ok(Self { address, shared, task })
    }

    /// The sign-in page.
    pub fn authorize_url(&self) -> String {
        format!("http://{}/authorize", self.address)
    }

    /// The token endpoint.
    pub fn token_url(&self) -> String {
        format!("http://{}/token", self.address)
    }

    /// From now on the person behaves so.
    pub fn person(&self, person: Person) {
        lock(&self.shared).person = person;
    }

    /// The token endpoint answers with this status and a page of words instead of JSON; `None` heals it.
    pub fn break_with(&self, status: Option<u16>) {
        lock(&self.shared).broken = status;
    }

    /// Ends every token, as a changed password does.
    pub fn revoke_all(&self) {
        let mut shared = lock(&self.shared);
        shared.refresh.clear();
        shared.access.clear();
    }

    /// Every access token that was handed out, oldest first.
    pub fn access_tokens(&self) -> Vec<String> {
        lock(&self.shared).access.clone()
    }

    /// Whether `access` is a token of this issuer that was not replaced or revoked.
    pub fn knows(&self, access: &str) -> bool {
        lock(&self.shared).access.iter().any(|token| token == access)
    }

    /// The parameters of every visit to the sign-in page and the token endpoint, in order.
    pub fn asked(&self) -> Vec<HashMap<String, String>> {
        lock(&self.shared).asked.clone()
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a browser ends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub status: u16,
    pub body: String,
}

/// Opens `url` as a browser does, follows redirects (on loopback alone), and gives back the last page.
pub async fn browse(url: &str) -> anyhow::Result<Visit> {
    let mut url = url.to_owned();
    for _ in 0..5 {
        let rest = url.strip_prefix("http://").context("only http")?;
        let (authority, path) = match rest.find(['/', '?']) {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let path = if path.starts_with('?') {
            format!("/{path}")
        } else {
            path.to_owned()
        };
        let port: u16 = authority
            .strip_prefix("127.0.0.1:")
            .or_else(|| authority.strip_prefix("localhost:"))
            .context("only loopback")?
            .parse()?;
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\n\r\n").as_bytes())
            .await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").context("half an answer")?;
        let status: u16 = head.split(' ').nth(1).context("no status")?.parse()?;
        let location = head.lines().find_map(|line| line.strip_prefix("Location: "));
        match location {
            Some(location) if status == 302 => location.clone_into(&mut url),
            _ => {
                return Ok(Visit {
                    status,
                    body: body.to_owned(),
                });
            }
        }
    }
    bail!("too many redirects")
}

async fn serve(mut client: TcpStream, shared: &Mutex<Shared>, options: &Options) -> anyhow::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 16_384 {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8(head)?;
    let length: usize = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")
                .map(|n| n.trim().to_owned())
        })
        .map_or(Ok(0), |n| n.parse())?;
    let mut body = vec![0; length.min(65_536)];
    client.read_exact(&mut body).await?;
    let target = head.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let answer = match path {
        "/authorize" => authorize(&parameters(query), shared, options),
        "/token" => token(&parameters(&String::from_utf8(body)?), shared, options),
        _ => plain(404, "text/plain", "nothing here"),
    };
    client.write_all(answer.as_bytes()).await?;
    client.shutdown().await?;
    Ok(())
}

fn plain(status: u16, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn authorize(asked: &HashMap<String, String>, shared: &Mutex<Shared>, options: &Options) -> String {
    let value = |name: &str| asked.get(name).map_or("", String::as_str);
    let mut shared = lock(shared);
    shared.asked.push(asked.clone());
    let redirect = value("redirect_uri").to_owned();
    let loopback = redirect.starts_with("http://127.0.0.1:") || redirect.starts_with("http://localhost:");
    // What is wrong here is shown and never redirected (RFC 6749 4.1.2.1).
    if value("client_id") != options.client_id || !loopback {
        return plain(400, "text/plain", "unknown client or redirect address");
    }
    let sound = value("response_type") == "code"
        && value("code_challenge_method") == "S256"
        && value("code_challenge").len() == 43
        && value("state").len() >= 22
        && !value("scope").is_empty();
    let (result, state) = match (sound, shared.person) {
        (false, _) => ("error=invalid_request".to_owned(), value("state").to_owned()),
        (true, Person::Denies) => (
            "error=access_denied&error_description=The+person+said+no".to_owned(),
            value("state").to_owned(),
        ),
        (true, person) => {
            let code = shared.name("code");
            let challenge = value("code_challenge").to_owned();
            shared.codes.insert(
                code.clone(),
                Code {
                    challenge,
                    redirect: redirect.clone(),
                },
            );
            let state = if person == Person::Strays {
                "another"
            } else {
                value("state")
            };
            (format!("code={code}"), state.to_owned())
        }
    };
    format!(
        "HTTP/1.1 302 Found\r\nLocation: {redirect}/?{result}&state={state}\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n"
    )
}

fn token(asked: &HashMap<String, String>, shared: &Mutex<Shared>, options: &Options) -> String {
    let refuse = |code: &str, text: &str| {
        let body = serde_json::json!({ "error": code, "error_description": text }).to_string();
        plain(400, "application/json", &body)
    };
    let value = |name: &str| asked.get(name).map_or("", String::as_str);
    let mut shared = lock(shared);
    shared.asked.push(asked.clone());
    if let Some(status) = shared.broken {
        return plain(status, "text/html", "<h1>a gateway speaks</h1>");
    }
    if value("client_id") != options.client_id || asked.get("client_secret") != options.client_secret.as_ref() {
        return refuse("invalid_client", "unknown client");
    }
    let fresh = match value("grant_type") {
        "authorization_code" => {
            // Taken out whatever comes of it: a code is for one use.
            let Some(code) = shared.codes.remove(value("code")) else {
                return refuse("invalid_grant", "code is spent");
            };
            let verifier = value("code_verifier");
            if code.redirect != value("redirect_uri") {
                return refuse("invalid_grant", "redirect_uri differs");
            }
            if verifier.len() < 43 || BASE64.encode(Sha256::digest(verifier)) != code.challenge {
                return refuse("invalid_grant", "the verifier does not fit");
            }
            true
        }
        "refresh_token" => {
            let given = value("refresh_token").to_owned();
            if !shared.refresh.contains(&given) {
                return refuse("invalid_grant", "the refresh token is revoked");
            }
            if options.rotate {
                shared.refresh.retain(|token| *token != given);
            }
            shared.access.clear();
            options.rotate
        }
        _ => return refuse("unsupported_grant_type", "what is this?"),
    };
    let access = shared.name("access");
    shared.access.push(access.clone());
    let mut reply =
        serde_json::json!({ "token_type": "Bearer", "access_token": access, "expires_in": options.expires_in });
    if fresh {
        let refresh = shared.name("refresh");
        shared.refresh.push(refresh.clone());
        if let Some(object) = reply.as_object_mut() {
            object.insert("refresh_token".to_owned(), refresh.into());
        }
    }
    plain(200, "application/json", &reply.to_string())
}

/// Reads `application/x-www-form-urlencoded`.
fn parameters(text: &str) -> HashMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decode(name), decode(value))).collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex: Vec<u8> = rest.by_ref().take(2).collect();
                let value = std::str::from_utf8(&hex)
                    .ok()
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok());
                bytes.extend(value);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests;

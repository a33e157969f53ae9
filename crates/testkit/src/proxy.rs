//! Proxies on loopback that record what they were asked for and can demand a password.
//!
//! Names lead where the test says ([`Proxy::route`]) and nowhere else, so that a test can dial `imap.example.com`
//! through a proxy, which also proves that the proxy and not the client resolved the name.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Which protocol a [`Proxy`] speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// HTTP CONNECT (RFC 9110 9.3.6), Basic authentication (RFC 7617).
    Http,
    /// SOCKS5 (RFC 1928) with user name and password (RFC 1929).
    Socks5,
}

#[derive(Debug, Default)]
struct Shared {
    password: Option<(String, String)>,
    routes: HashMap<String, SocketAddr>,
    targets: Vec<String>,
    refused: usize,
}

/// A running proxy; it ends when dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy on a free port of 127.0.0.1; with `password`, it demands that user name and password.
    pub async fn start(kind: Kind, password: Option<(&str, &str)>) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let password = password.map(|(user, password)| (user.to_owned(), password.to_owned()));
        let shared = Arc::new(Mutex::new(Shared {
            password,
            ..Shared::default()
        }));
        let state = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            let mut clients = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let state = Arc::clone(&state);
                clients.spawn(async move {
                    // A client that breaks off is the test's matter.
                    let _ = match kind {
                        Kind::Http => serve_http(client, &state).await,
                        Kind::Socks5 => serve_socks(client, &state).await,
                    };
                });
            }
        });
        Ok(Self { address, shared, task })
    }

    /// Where the proxy listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leads `target` (`host:port`, as the client names it) to `address`.
    pub fn route(&self, target: &str, address: SocketAddr) {
        lock(&self.shared).routes.insert(target.to_owned(), address);
    }

    /// Every target that was asked for with the right password, in order, as `host:port`.
    pub fn targets(&self) -> Vec<String> {
        lock(&self.shared).targets.clone()
    }

    /// How many clients were sent away for a missing or wrong password.
    pub fn refused(&self) -> usize {
        lock(&self.shared).refused
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts a client that is sent away.
fn refuse(shared: &Mutex<Shared>) {
    let mut shared = lock(shared);
    shared.refused = shared.refused.saturating_add(1);
}

/// Records the target and says where it leads.
fn admit(shared: &Mutex<Shared>, target: &str) -> Option<SocketAddr> {
    let mut shared = lock(shared);
    shared.targets.push(target.to_owned());
    shared.routes.get(target).copied()
}

async fn serve_http(mut client: TcpStream, shared: &Mutex<Shared>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8192 {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let target = lines
        .next()
        .and_then(|line| line.strip_prefix("CONNECT "))
        .and_then(|rest| rest.split(' ').next());
    let Some(target) = target else {
        return client
            .write_all(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
            .await;
    };
    let given = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("proxy-authorization")
            .then(|| value.trim().to_owned())
    });
    let wanted = lock(shared).password.clone().map(|(user, password)| {
        format!(
            "Basic {}",
            base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"))
        )
    });
    if wanted.is_some() && given != wanted {
        refuse(shared);
        let answer = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"\r\n\
                      Content-Length: 0\r\n\r\n";
        return client.write_all(answer.as_bytes()).await;
    }
    let Some(address) = admit(shared, target) else {
        return client
            .write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            .await;
    };
    let mut server = TcpStream::connect(address).await?;
    client
        .write_all(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n")
        .await?;
    tokio::io::copy_bidirectional(&mut client, &mut server)
        .await
        .map(|_| ())
}

async fn serve_socks(mut client: TcpStream, shared: &Mutex<Shared>) -> std::io::Result<()> {
    const NO_METHOD: u8 = 0xff;
    let _version = client.read_u8().await?;
    let methods = read_short(&mut client).await?;
    let wanted = lock(shared).password.clone();
    let method = if wanted.is_some() { 2 } else { 0 };
    if !methods.contains(&method) {
        refuse(shared);
        return client.write_all(&[5, NO_METHOD]).await;
    }
    client.write_all(&[5, method]).await?;
    if let Some((user, password)) = wanted {
        let _version = client.read_u8().await?;
        let given = (read_short(&mut client).await?, read_short(&mut client).await?);
        if given != (user.into_bytes(), password.into_bytes()) {
            refuse(shared);
            return client.write_all(&[1, 1]).await;
        }
        client.write_all(&[1, 0]).await?;
    }
    let mut request = [0_u8; 4];
    client.read_exact(&mut request).await?;
    let [_, _, _, kind] = request;
    let host = match kind {
        1 => Ipv4Addr::from(client.read_u32().await?).to_string(),
        3 => String::from_utf8_lossy(&read_short(&mut client).await?).into_owned(),
        _ => format!("[{}]", std::net::Ipv6Addr::from(client.read_u128().await?)),
    };
    let port = client.read_u16().await?;
    let Some(address) = admit(shared, &format!("{host}:{port}")) else {
        // "Host unreachable" (RFC 1928 6).
        return client.write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]).await;
    };
    let mut server = TcpStream::connect(address).await?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    tokio::io::copy_bidirectional(&mut client, &mut server)
        .await
        .map(|_| ())
}

/// Bytes led by their number in one byte.
async fn read_short(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(client.read_u8().await?)];
    client.read_exact(&mut bytes).await?;
    Ok(bytes)
}

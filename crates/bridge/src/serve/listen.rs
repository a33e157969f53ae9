//! Connections: TLS handshakes beside each other, so that a slow one holds up nobody.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use anyhow::Context as _;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinHandle};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::{Config, Tls};

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes at once.
const HANDSHAKES: usize = 256;

/// The certificate of the configuration, ready to be shown.
pub fn acceptor(config: &Config, tls: &Tls) -> anyhow::Result<TlsAcceptor> {
    let path = config.folder.join(&tls.certificate);
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&path)
        .and_then(Iterator::collect)
        .with_context(|| format!("tls.certificate: read {}", path.display()))?;
    let key = tls.key.read(&config.folder).context("tls.key")?;
    let key =
        PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes()).context("tls.key: no private key in PEM")?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("tls: certificate and key do not fit")?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(server)))
}

/// One connection, encrypted or (behind a proxy) not.
pub enum Connection {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Where connections come from.
pub struct Connections {
    ready: mpsc::Receiver<(Connection, SocketAddr)>,
    address: std::io::Result<SocketAddr>,
    accepting: JoinHandle<()>,
}

impl Connections {
    pub fn new(listener: TcpListener, tls: Option<TlsAcceptor>) -> Self {
        let address = listener.local_addr();
        let (give, ready) = mpsc::channel(64);
        let accepting = tokio::spawn(accept(listener, tls, give));
        Self {
            ready,
            address,
            accepting,
        }
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, give: mpsc::Sender<(Connection, SocketAddr)>) {
    let mut shaking: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, most likely: others end soon.
                tracing::warn!(target: "bridge", %error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let Some(tls) = tls.clone() else {
            if give.send((Connection::Plain(stream), address)).await.is_err() {
                return;
            }
            continue;
        };
        if shaking.len() >= HANDSHAKES {
            shaking.retain(|one| !one.is_finished());
        }
        // Others are done within moments: the oldest, most likely, says nothing. To wait for it would hold up everybody.
        if shaking.len() >= HANDSHAKES
            && let Some(oldest) = shaking.pop_front()
        {
            oldest.abort();
        }
        let give = give.clone();
        let one = tokio::spawn(async move {
            let shaken = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await;
            if let Ok(Ok(stream)) = shaken {
                let _ = give.send((Connection::Tls(Box::new(stream)), address)).await;
            }
        });
        shaking.push_back(one.abort_handle());
    }
}

impl axum::serve::Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.address
            .as_ref()
            .map(|address| *address)
            .map_err(|error| error.kind().into())
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}

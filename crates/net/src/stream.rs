//! A connection as the protocol crates see it: bytes in, bytes out, counted.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Any transport below a [`Stream`].
pub(crate) trait Transport: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Transport for T {}

/// Bytes that crossed a connection, as the application saw them (below TLS they are a little more).
#[derive(Debug, Default)]
pub struct ByteCount {
    received: AtomicU64,
    sent: AtomicU64,
}

impl ByteCount {
    /// Bytes read so far.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Bytes written so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

/// A dialled connection; see [`crate::Dialer::dial`].
pub struct Stream {
    inner: Box<dyn Transport>,
    count: Arc<ByteCount>,
    encrypted: bool,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream")
            .field("encrypted", &self.encrypted)
            .finish_non_exhaustive()
    }
}

impl Stream {
    pub(crate) fn new(inner: Box<dyn Transport>, encrypted: bool) -> Self {
        Self {
            inner,
            count: Arc::default(),
            encrypted,
        }
    }

    /// A connection over any transport that is already open: an in-memory pipe in a test, a tunnel.
    pub fn from_io(io: impl AsyncRead + AsyncWrite + Send + Sync + Unpin + 'static, encrypted: bool) -> Self {
        Self::new(Box::new(io), encrypted)
    }

    /// The same connection, seen as unprotected: its TLS ends at a proxy and not at the server.
    pub(crate) fn into_plaintext(mut self) -> Self {
        self.encrypted = false;
        self
    }

    /// Whether TLS protects this connection.
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// The live byte counters.
    pub fn count(&self) -> Arc<ByteCount> {
        Arc::clone(&self.count)
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        let read = buf.filled().len().saturating_sub(before);
        self.count.received.fetch_add(read as u64, Ordering::Relaxed);
        polled
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, buf);
        if let Poll::Ready(Ok(written)) = &polled {
            self.count.sent.fetch_add(*written as u64, Ordering::Relaxed);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

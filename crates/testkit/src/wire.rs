//! The server's end of a line-based protocol: lines, counted bytes, and the step up to TLS.
use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;

/// Any byte stream.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// One connection.
pub(crate) struct Wire {
    stream: Box<dyn Stream>,
    pending: Vec<u8>,
}

impl Wire {
    pub(crate) fn new(stream: impl Stream + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            pending: Vec::new(),
        }
    }

    /// The next line without its end; `None` when the client is gone or the line is longer than `limit`.
    ///
    /// Cancel safe: what was read stays for the next call.
    pub(crate) async fn line(&mut self, limit: usize) -> Option<Vec<u8>> {
        let mut seen = 0;
        loop {
            if let Some(at) = self.pending.get(seen..)?.iter().position(|byte| *byte == b'\n') {
                let rest = self.pending.split_off(seen.saturating_add(at).saturating_add(1));
                let mut line = std::mem::replace(&mut self.pending, rest);
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Some(line);
            }
            seen = self.pending.len();
            if seen > limit {
                return None;
            }
            self.fill().await.ok()?;
        }
    }

    /// Exactly that many bytes.
    pub(crate) async fn bytes(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.pending.len() < count {
            self.fill().await.ok()?;
        }
        let rest = self.pending.split_off(count);
        Some(std::mem::replace(&mut self.pending, rest))
    }

    async fn fill(&mut self) -> io::Result<()> {
        self.pending.reserve(16 * 1024);
        if self.stream.read_buf(&mut self.pending).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    pub(crate) async fn close(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// TLS from here on. What the client sent in the clear behind its STARTTLS is thrown away.
    pub(crate) async fn upgrade(self, config: Arc<rustls::ServerConfig>) -> io::Result<Self> {
        Ok(Self::new(TlsAcceptor::from(config).accept(self.stream).await?))
    }
}

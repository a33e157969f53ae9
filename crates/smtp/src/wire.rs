//! The layer between lettre and the connection: whole lines, bounded, UTF-8, and the connection given back for TLS.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use qiyou_net::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest line of a reply, in bytes (RFC 5321 4.5.3.1.5 says 512).
const MAX_LINE: usize = 4096;
/// The most lines of a reply that are remembered.
const MAX_LINES: usize = 100;

/// What a conversation and its [`Wire`] share.
#[derive(Default)]
struct Shared {
    stream: Option<Stream>,
    /// The lines of the reply to the last command, without their codes.
    reply: Vec<String>,
}

/// A hold on the connection beside lettre's.
pub(crate) struct Hold(Arc<Mutex<Shared>>);

impl Hold {
    /// Takes the connection away from lettre, with nothing of what the server may have sent ahead: words from before
    /// TLS must not be taken for words from inside it.
    pub(crate) fn take(&self) -> Option<Stream> {
        lock(&self.0).stream.take()
    }

    /// Writes past lettre, which would want all of a mail at once.
    pub(crate) async fn write_all(&self, mut bytes: &[u8]) -> std::io::Result<()> {
        while !bytes.is_empty() {
            let written = poll_fn(|cx| {
                let mut shared = lock(&self.0);
                shared.reply.clear();
                match shared.stream.as_mut() {
                    Some(stream) => Pin::new(stream).poll_write(cx, bytes),
                    None => Poll::Ready(Err(gone())),
                }
            })
            .await?;
            if written == 0 {
                return Err(std::io::ErrorKind::WriteZero.into());
            }
            bytes = bytes.get(written..).unwrap_or_default();
        }
        Ok(())
    }

    /// Brings what was written on its way.
    pub(crate) async fn flush(&self) -> std::io::Result<()> {
        poll_fn(|cx| match lock(&self.0).stream.as_mut() {
            Some(stream) => Pin::new(stream).poll_flush(cx),
            None => Poll::Ready(Err(gone())),
        })
        .await
    }

    /// The reply to the last command, a line each.
    pub(crate) fn reply(&self) -> Vec<String> {
        lock(&self.0).reply.clone()
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The connection as lettre sees it.
pub(crate) struct Wire {
    shared: Arc<Mutex<Shared>>,
    /// Bytes of a line that is not whole yet.
    raw: Vec<u8>,
    /// Whole lines for lettre.
    lines: VecDeque<u8>,
}

impl Wire {
    /// A wire over `stream`. `greeted` stands for a connection on which the greeting has passed already (RFC 3207 4.2:
    /// none follows STARTTLS), while lettre waits for one.
    pub(crate) fn new(stream: Stream, greeted: bool) -> (Self, Hold) {
        let shared = Arc::new(Mutex::new(Shared {
            stream: Some(stream),
            reply: Vec::new(),
        }));
        let lines = if greeted {
            VecDeque::from(b"220 \r\n".to_vec())
        } else {
            VecDeque::new()
        };
        (
            Self {
                shared: Arc::clone(&shared),
                raw: Vec::new(),
                lines,
            },
            Hold(shared),
        )
    }

    /// Moves whole lines out of `raw`.
    fn cut(&mut self) -> std::io::Result<()> {
        while let Some(end) = self.raw.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.raw.drain(..=end).collect();
            self.accept(&line)?;
        }
        if self.raw.len() > MAX_LINE {
            Err(too_long())
        } else {
            Ok(())
        }
    }

    fn accept(&mut self, line: &[u8]) -> std::io::Result<()> {
        if line.len() > MAX_LINE {
            return Err(too_long());
        }
        let text = decode(line);
        let text = text.trim_end();
        // "250" alone ends a reply too (RFC 5321 4.2.1), and lettre wants the space; it unwraps where only spaces follow.
        let (code, rest) = text.split_at_checked(3).unwrap_or((text, ""));
        let (mark, words) = match rest.chars().next() {
            Some(mark) => (mark, rest.get(mark.len_utf8()..).unwrap_or_default().trim()),
            None => (' ', ""),
        };
        let mut shared = lock(&self.shared);
        if shared.reply.len() < MAX_LINES {
            shared.reply.push(words.to_owned());
        }
        drop(shared);
        self.lines.extend(format!("{code}{mark}{words}\r\n").into_bytes());
        Ok(())
    }
}

fn too_long() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, "a line of the reply is too long")
}

/// UTF-8, and where it is none GB18030, which Chinese servers write.
fn decode(line: &[u8]) -> String {
    match std::str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GB18030.decode_without_bom_handling(line).0.into_owned(),
    }
}

fn gone() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::NotConnected, "the connection was given back")
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> std::io::Result<SocketAddr> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        while this.lines.is_empty() {
            let mut piece = [0_u8; 1024];
            let mut piece = ReadBuf::new(&mut piece);
            {
                let mut shared = lock(&this.shared);
                let Some(stream) = shared.stream.as_mut() else {
                    return Poll::Ready(Err(gone()));
                };
                ready!(Pin::new(stream).poll_read(cx, &mut piece))?;
            }
            if piece.filled().is_empty() {
                // The end, and half a line before it is no reply.
                return Poll::Ready(Ok(()));
            }
            this.raw.extend_from_slice(piece.filled());
            this.cut()?;
        }
        let (front, _) = this.lines.as_slices();
        let fits = front.get(..front.len().min(buf.remaining())).unwrap_or_default();
        buf.put_slice(fits);
        let taken = fits.len();
        this.lines.drain(..taken);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        let mut shared = lock(&self.shared);
        shared.reply.clear();
        match shared.stream.as_mut() {
            Some(stream) => Pin::new(stream).poll_write(cx, bytes),
            None => Poll::Ready(Err(gone())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match lock(&self.shared).stream.as_mut() {
            Some(stream) => Pin::new(stream).poll_flush(cx),
            None => Poll::Ready(Err(gone())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match lock(&self.shared).stream.as_mut() {
            Some(stream) => Pin::new(stream).poll_shutdown(cx),
            None => Poll::Ready(Ok(())),
        }
    }
}

#[cfg(test)]
mod tests;

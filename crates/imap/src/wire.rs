//! Below async-imap, above the connection: frames what the server sends, hands untagged answers to our own parsers,
//! lets async-imap see only what its parser can read, and puts secrets into commands at the last moment.
//!
//! Everything here is driven by the one task that owns the session: `poll_read` fills the [`Inbox`], the session
//! empties it, and a full inbox stops the reading (which is the back-pressure). Order is kept: a tagged answer is
//! handed on only when all that came before it has been taken out.

pub(crate) mod frame;
mod inbox;
mod incoming;
pub(crate) mod outgoing;
mod sending;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use async_imap::DeflateStream;
use bytes::Bytes;
use qiyou_net::Stream;
use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::server::Limits;
use frame::Framer;
pub(crate) use inbox::{Item, SharedInbox, lock};
use incoming::Sorted;
use outgoing::{Outgoing, Staged};

/// Smallest and largest block read at once.
const READ_MIN: usize = 4 << 10;
const READ_MAX: usize = 64 << 10;

/// What carries the bytes.
#[derive(Debug)]
enum Carrier {
    Plain(Stream),
    Deflate(Box<DeflateStream<Wire>>),
}

/// What `poll_read` gives to async-imap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The first answer is the greeting.
    Greeting,
    /// async-imap's own functions read: nothing waits for the session.
    Handshake,
    /// The session reads and empties the inbox.
    Session,
    /// COMPRESS: this wire hands bytes through untouched to the one above.
    Transparent,
}

/// The wire layer; see the module.
pub(crate) struct Wire {
    carrier: Carrier,
    phase: Phase,
    framer: Framer,
    inbox: SharedInbox,
    /// For async-imap to read.
    pass: Bytes,
    /// Written by async-imap, not yet processed.
    written: Vec<u8>,
    staged: VecDeque<Staged>,
    out: VecDeque<Outgoing>,
    /// The server said "+" while `out` waits for it.
    continued: bool,
    /// Bytes of a literal that are written through as they are.
    raw_left: u64,
    non_sync: usize,
    utf8: bool,
    /// The next command is not sent and answered with OK: PREAUTH needs no LOGIN, async-imap wants one.
    answer_next: bool,
    /// What must not be seen in texts of the server while signing in.
    secrets: Vec<SecretString>,
    read_size: usize,
    garbage: u32,
    failed: Option<std::io::ErrorKind>,
    /// Appears in the trace, to tell sessions apart.
    id: u64,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire")
            .field("id", &self.id)
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}

impl Wire {
    pub(crate) fn new(stream: Stream, limits: &Limits, greeting: bool, id: u64) -> Self {
        let phase = if greeting { Phase::Greeting } else { Phase::Handshake };
        Self::over(Carrier::Plain(stream), limits, phase, SharedInbox::default(), id)
    }

    fn over(carrier: Carrier, limits: &Limits, phase: Phase, inbox: SharedInbox, id: u64) -> Self {
        Self {
            carrier,
            phase,
            framer: Framer::new(limits),
            inbox,
            pass: Bytes::new(),
            written: Vec::new(),
            staged: VecDeque::new(),
            out: VecDeque::new(),
            continued: false,
            raw_left: 0,
            non_sync: 0,
            utf8: false,
            answer_next: false,
            secrets: Vec::new(),
            read_size: READ_MIN,
            garbage: 0,
            failed: None,
            id,
        }
    }

    /// The same conversation, compressed (RFC 4978): `deflate` is async-imap's stream over the former wire.
    pub(crate) fn deflated(deflate: DeflateStream<Self>, limits: &Limits, state: WireState) -> Self {
        let mut wire = Self::over(
            Carrier::Deflate(Box::new(deflate)),
            limits,
            Phase::Session,
            state.inbox,
            state.id,
        );
        wire.non_sync = state.non_sync;
        wire.utf8 = state.utf8;
        wire
    }

    pub(crate) fn state(&self) -> WireState {
        WireState {
            inbox: Arc::clone(&self.inbox),
            id: self.id,
            non_sync: self.non_sync,
            utf8: self.utf8,
        }
    }

    pub(crate) fn inbox(&self) -> SharedInbox {
        Arc::clone(&self.inbox)
    }

    /// The connection, for STARTTLS. None if bytes are left over, which somebody may have slipped in before TLS
    /// (RFC 9051 11.1), or if it is compressed.
    pub(crate) fn into_stream(self) -> Option<Stream> {
        if !self.framer.is_idle() || !self.pass.is_empty() {
            return None;
        }
        match self.carrier {
            Carrier::Plain(stream) => Some(stream),
            Carrier::Deflate(_) => None,
        }
    }

    /// Values for the placeholders of the next commands.
    pub(crate) fn stage(&mut self, staged: Staged) {
        self.staged.push_back(staged);
    }

    /// Drops values that a refused command left over.
    pub(crate) fn clear_staged(&mut self) {
        self.staged.clear();
    }

    /// Texts of the server that hold one of these are withheld, until [`Wire::signed_in`].
    pub(crate) fn withhold(&mut self, secret: SecretString) {
        self.secrets.push(secret);
    }

    /// The session reads from here on.
    pub(crate) fn signed_in(&mut self) {
        self.phase = Phase::Session;
        self.secrets.clear();
        self.staged.clear();
    }

    /// async-imap reads from here on (COMPRESS).
    pub(crate) fn handshake(&mut self) {
        self.phase = Phase::Handshake;
    }

    pub(crate) fn transparent(&mut self) {
        self.phase = Phase::Transparent;
    }

    pub(crate) fn set_non_sync(&mut self, largest: usize) {
        self.non_sync = largest;
    }

    pub(crate) fn set_utf8(&mut self, on: bool) {
        self.utf8 = on;
    }

    pub(crate) fn set_streaming(&mut self, on: bool) {
        self.framer.streaming = on;
    }

    /// The next `length` bytes written are a literal's.
    pub(crate) fn expect_raw(&mut self, length: u64) {
        self.raw_left = length;
    }

    pub(crate) fn raw_left(&self) -> u64 {
        self.raw_left
    }

    pub(crate) fn answer_next(&mut self) {
        self.answer_next = true;
    }

    /// Gives memory back that a burst needed, before a long wait.
    pub(crate) fn rest(&mut self) {
        self.read_size = READ_MIN;
        if self.framer.is_idle() {
            *self.framer.buffer() = bytes::BytesMut::new();
        }
        if self.written.is_empty() {
            self.written = Vec::new();
        }
    }

    fn fail(&mut self, kind: std::io::ErrorKind) -> std::io::Error {
        self.failed = Some(kind);
        std::io::Error::from(kind)
    }

    fn carrier(&mut self) -> Pin<&mut dyn Duplex> {
        match &mut self.carrier {
            Carrier::Plain(stream) => Pin::new(stream),
            Carrier::Deflate(stream) => Pin::new(stream.as_mut()),
        }
    }
}

/// What survives the change to a compressed connection.
pub(crate) struct WireState {
    inbox: SharedInbox,
    id: u64,
    non_sync: usize,
    utf8: bool,
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        if this.phase == Phase::Transparent {
            let held = this.framer.buffer();
            if !held.is_empty() {
                let take = held.len().min(buf.remaining());
                buf.put_slice(&held.split_to(take));
                return Poll::Ready(Ok(()));
            }
            return this.carrier().poll_read(cx, buf);
        }
        loop {
            if !this.pass.is_empty() {
                // What came before must be taken first; the session looks after every Pending.
                if this.phase == Phase::Session && !lock(&this.inbox).items.is_empty() {
                    return Poll::Pending;
                }
                let take = this.pass.len().min(buf.remaining());
                buf.put_slice(&this.pass.split_to(take));
                return Poll::Ready(Ok(()));
            }
            let (full, empty) = {
                let inbox = lock(&this.inbox);
                (inbox.is_full(), inbox.items.is_empty())
            };
            if this.phase == Phase::Session && full {
                return Poll::Pending;
            }
            if let Some(kind) = this.failed {
                if this.phase == Phase::Session && !empty {
                    return Poll::Pending;
                }
                return Poll::Ready(Err(std::io::Error::from(kind)));
            }
            let frame = match ready!(this.poll_frame(cx)) {
                Ok(Some(frame)) => frame,
                Ok(None) => {
                    this.failed = Some(std::io::ErrorKind::UnexpectedEof);
                    continue;
                }
                // `failed` is set; what is in the inbox is taken first.
                Err(_) => continue,
            };
            match this.sort(frame) {
                Ok(Sorted::Diverted | Sorted::Passed) | Err(_) => {}
                Ok(Sorted::Continue(unit)) => this.pass_continue(&unit),
                Ok(Sorted::Tagged { tag, status, unit }) => this.pass_tagged(&tag, status, unit),
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        let this = self.get_mut();
        if this.phase == Phase::Transparent {
            return this.carrier().poll_write(cx, buf);
        }
        if this.raw_left > 0 {
            ready!(this.poll_out(cx))?;
            let most = usize::try_from(this.raw_left).unwrap_or(usize::MAX).min(buf.len());
            let part = buf.get(..most).unwrap_or_default();
            let written = ready!(this.carrier().poll_write(cx, part))?;
            this.raw_left = this.raw_left.saturating_sub(u64::try_from(written).unwrap_or(u64::MAX));
            return Poll::Ready(Ok(written));
        }
        this.written.extend_from_slice(buf);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        if this.phase != Phase::Transparent {
            this.process_written()?;
            ready!(this.poll_out(cx))?;
        }
        this.carrier().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.get_mut().carrier().poll_shutdown(cx)
    }
}

/// Both directions, to choose a carrier at run time.
trait Duplex: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Duplex for T {}

#[cfg(test)]
mod tests;

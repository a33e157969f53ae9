//! Below async-imap, above the connection: frames what the server sends, hands untagged answers to our own parsers,
//! lets async-imap see only what its parser can read, and puts secrets into commands at the last moment.
//!
//! Everything here is driven by the one task that owns the session: `poll_read` fills the [`Inbox`], the session
//! empties it, and a full inbox stops the reading (which is the back-pressure). Order is kept: a tagged answer is
//! handed on only when all that came before it has been taken out.

pub(crate) mod frame;
mod inbox;
pub(crate) mod outgoing;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use async_imap::DeflateStream;
use bytes::{Buf, Bytes};
use qiyou_net::Stream;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::io::poll_read_buf;

use crate::server::Limits;
use frame::{Frame, Framer};
pub(crate) use inbox::{Item, SharedInbox, lock};
use outgoing::{Outgoing, Staged};

/// What may pile up while async-imap alone reads (sign-in, COMPRESS).
const HANDSHAKE_BYTES: usize = 1 << 20;
/// What may pile up while a command waits for "+" in the middle.
const PILE_BYTES: usize = 16 << 20;
/// Smallest and largest block read at once.
const READ_MIN: usize = 4 << 10;
const READ_MAX: usize = 64 << 10;
/// Lines that are no answer at all, before the server is given up.
const MAX_GARBAGE: u32 = 100;
/// Longest piece of a line in a trace.
const TRACED: usize = 200;

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

    /// The next cut of what the server sends; `None` at the connection's end.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<Option<Frame>>> {
        loop {
            match self.framer.next() {
                Ok(Some(frame)) => return Poll::Ready(Ok(Some(frame))),
                Ok(None) => {}
                Err(frame::Beyond) => {
                    tracing::warn!(target: "imap", session = self.id, "an answer beyond every bound; giving up");
                    return Poll::Ready(Err(self.fail(std::io::ErrorKind::FileTooLarge)));
                }
            }
            let size = self.read_size;
            let buffer = self.framer.buffer();
            if buffer.capacity().saturating_sub(buffer.len()) < READ_MIN {
                buffer.reserve(size);
            }
            let room = buffer.capacity().saturating_sub(buffer.len());
            let read = match &mut self.carrier {
                Carrier::Plain(stream) => poll_read_buf(Pin::new(stream), cx, self.framer.buffer()),
                Carrier::Deflate(stream) => poll_read_buf(Pin::new(stream.as_mut()), cx, self.framer.buffer()),
            };
            let read = match ready!(read) {
                Ok(read) => read,
                Err(e) => return Poll::Ready(Err(self.fail(e.kind()))),
            };
            if read == 0 {
                return Poll::Ready(Ok(None));
            }
            if read >= room {
                self.read_size = self.read_size.saturating_mul(2).min(READ_MAX);
            }
            let mut inbox = lock(&self.inbox);
            inbox.received = inbox.received.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        }
    }

    /// Sorts one cut: into the inbox, or as bytes for async-imap. True when async-imap gets something.
    fn sort(&mut self, frame: Frame) -> std::io::Result<Sorted> {
        let unit = match frame {
            Frame::Unit(unit) => unit,
            Frame::Skipped(head) => {
                tracing::warn!(target: "imap", session = self.id, "an answer was too large and was read past");
                return self.divert(Item::Skipped(head));
            }
            Frame::Head(bytes) => return self.divert(Item::Head(bytes)),
            Frame::Piece(bytes) => return self.divert(Item::Piece(bytes)),
            Frame::Tail(bytes) => return self.divert(Item::Tail(bytes)),
        };
        let unit = self.without_secrets(unit);
        self.trace_in(&unit);
        if self.phase == Phase::Greeting {
            return self.greeting(unit);
        }
        if unit.first() == Some(&b'+') {
            return Ok(Sorted::Continue(unit));
        }
        if unit.starts_with(b"* ") || unit.starts_with(b"*\t") || unit.starts_with(b"[") {
            return self.divert(Item::Unit(unit));
        }
        let end = unit
            .iter()
            .position(|b| matches!(b, b' ' | b'\r' | b'\n'))
            .unwrap_or(unit.len());
        let tag = unit.get(..end).unwrap_or_default();
        let mut inbox = lock(&self.inbox);
        if let Some(at) = inbox
            .outstanding
            .iter()
            .position(|t| t.as_bytes().eq_ignore_ascii_case(tag))
        {
            let rest = unit.get(end..).unwrap_or_default().trim_ascii_start();
            let word = rest
                .split(|b| matches!(b, b' ' | b'\r' | b'\n'))
                .next()
                .unwrap_or_default();
            let status = [&b"OK"[..], b"NO", b"BAD"]
                .into_iter()
                .find(|s| word.eq_ignore_ascii_case(s));
            if let (Some(status), Some(tag)) = (status, inbox.outstanding.remove(at)) {
                drop(inbox);
                return Ok(Sorted::Tagged { tag, status, unit });
            }
        }
        drop(inbox);
        self.garbage = self.garbage.saturating_add(1);
        if self.garbage > MAX_GARBAGE {
            return Err(self.fail(std::io::ErrorKind::InvalidData));
        }
        Ok(Sorted::Diverted)
    }

    fn divert(&mut self, item: Item) -> std::io::Result<Sorted> {
        let mut inbox = lock(&self.inbox);
        inbox.push(item);
        let most = if self.phase == Phase::Session {
            PILE_BYTES
        } else {
            HANDSHAKE_BYTES
        };
        let too_much = inbox.bytes() > most.saturating_add(self.framer.largest_unit());
        drop(inbox);
        if too_much {
            Err(self.fail(std::io::ErrorKind::FileTooLarge))
        } else {
            Ok(Sorted::Diverted)
        }
    }

    fn greeting(&mut self, unit: Bytes) -> std::io::Result<Sorted> {
        let word = unit.strip_prefix(b"* ").unwrap_or_default();
        let starts = |name: &[u8]| word.get(..name.len()).is_some_and(|w| w.eq_ignore_ascii_case(name));
        let pass: &'static [u8] = if starts(b"OK") {
            b"* OK ready\r\n"
        } else if starts(b"PREAUTH") {
            b"* PREAUTH ready\r\n"
        } else if starts(b"BYE") {
            b"* BYE closing\r\n"
        } else {
            return Err(self.fail(std::io::ErrorKind::InvalidData));
        };
        self.phase = Phase::Handshake;
        lock(&self.inbox).push(Item::Unit(unit));
        self.pass = Bytes::from_static(pass);
        Ok(Sorted::Passed)
    }

    /// Puts a tagged answer where it belongs: its text to the session, its status to async-imap.
    fn pass_tagged(&mut self, tag: &str, status: &[u8], unit: Bytes) {
        lock(&self.inbox).done.push_back(unit);
        let mut line = Vec::with_capacity(32);
        line.extend_from_slice(tag.as_bytes());
        line.push(b' ');
        line.extend_from_slice(status);
        line.extend_from_slice(b" done\r\n");
        self.pass = Bytes::from(line);
    }

    /// A continuation as async-imap's base64 decoder can read it.
    fn pass_continue(&mut self, unit: &Bytes) {
        let challenge = unit.get(1..).unwrap_or_default().trim_ascii();
        let base64 = challenge
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
            && base64::Engine::decode(&base64::engine::general_purpose::STANDARD, challenge).is_ok();
        self.pass = if base64 && !challenge.is_empty() {
            Bytes::from([b"+ ", challenge, b"\r\n"].concat())
        } else {
            Bytes::from_static(b"+ \r\n")
        };
    }

    fn without_secrets(&self, unit: Bytes) -> Bytes {
        if self.secrets.is_empty() {
            return unit;
        }
        let echoed = self.secrets.iter().any(|secret| {
            let secret = secret.expose_secret().as_bytes();
            secret.len() >= 3 && memchr::memmem::find(&unit, secret).is_some()
        });
        if !echoed {
            return unit;
        }
        // Tag and status stay, the rest is withheld.
        let mut words = unit.splitn(3, |&b| b == b' ');
        let mut line = Vec::new();
        for word in [words.next(), words.next()].into_iter().flatten() {
            if self
                .secrets
                .iter()
                .any(|s| memchr::memmem::find(word, s.expose_secret().as_bytes()).is_some())
            {
                break;
            }
            line.extend_from_slice(word);
            line.push(b' ');
        }
        line.extend_from_slice(b"(text withheld: it repeats the password)\r\n");
        Bytes::from(line)
    }

    fn trace_in(&self, unit: &Bytes) {
        if !tracing::enabled!(target: "imap", tracing::Level::TRACE) {
            return;
        }
        // The first line only: literals are never traced. Challenges of a sign-in neither.
        let line = unit.split(|b| matches!(b, b'\r' | b'\n')).next().unwrap_or_default();
        let shown = if line.first() == Some(&b'+') {
            b"+"
        } else {
            line.get(..line.len().min(TRACED)).unwrap_or(line)
        };
        tracing::trace!(target: "imap", session = self.id, "S: {}", String::from_utf8_lossy(shown));
    }

    /// Turns what async-imap wrote into what is sent.
    fn process_written(&mut self) -> std::io::Result<()> {
        while let Some(end) = memchr::memchr(b'\n', &self.written) {
            let rest = self.written.split_off(end.saturating_add(1));
            let mut line = std::mem::replace(&mut self.written, rest);
            line.truncate(end);
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            self.process_line(&line)?;
        }
        Ok(())
    }

    fn process_line(&mut self, line: &[u8]) -> std::io::Result<()> {
        // A SASL answer: async-imap encoded the placeholder, the true value is staged in base64.
        let sasl = line == b"AA==" && matches!(self.staged.front(), Some(Staged::RawSecret(_)));
        // async-imap's own LOGIN puts quotes around the placeholders; what stands there is quoted here.
        let line = if sasl { b"\0".to_vec() } else { bare_placeholders(line) };
        let line = line.as_slice();
        tracing::trace!(
            target: "imap",
            session = self.id,
            "C: {}",
            String::from_utf8_lossy(line).replace('\0', "***")
        );
        let tag = line.split(|&b| b == b' ').next().unwrap_or_default();
        let is_command = tag.len() == 5
            && tag.first() == Some(&b'A')
            && tag.iter().skip(1).all(u8::is_ascii_digit)
            && line.len() > tag.len();
        if is_command {
            let tag = String::from_utf8_lossy(tag).into_owned();
            if std::mem::take(&mut self.answer_next) {
                self.staged.clear();
                let unit = Bytes::from(format!("{tag} OK already signed in\r\n"));
                self.pass_tagged(&tag, b"OK", unit);
                return Ok(());
            }
            lock(&self.inbox).outstanding.push_back(tag);
        }
        if !line.contains(&0) {
            let bytes = Bytes::from([line, b"\r\n"].concat());
            self.out.push_back(Outgoing {
                bytes,
                after_continue: false,
            });
            return Ok(());
        }
        outgoing::fill(line, &mut self.staged, self.non_sync, self.utf8, &mut self.out)
            .ok_or_else(|| self.fail(std::io::ErrorKind::InvalidInput))
    }

    /// Writes what is queued; waits for "+" where a literal needs one.
    fn poll_out(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        while let Some(next) = self.out.front() {
            if next.after_continue && !self.continued {
                ready!(self.carrier().poll_flush(cx))?;
                match ready!(self.poll_frame(cx))? {
                    None => return Poll::Ready(Err(self.fail(std::io::ErrorKind::UnexpectedEof))),
                    Some(frame) => match self.sort(frame)? {
                        Sorted::Continue(_) => self.continued = true,
                        Sorted::Tagged { tag, status, unit } => {
                            // The literal is not wanted; the rest of the command is dropped.
                            self.pass_tagged(&tag, status, unit);
                            self.out.clear();
                        }
                        Sorted::Diverted | Sorted::Passed => {}
                    },
                }
                continue;
            }
            let bytes = next.bytes.clone();
            let written = ready!(self.carrier().poll_write(cx, &bytes))?;
            if written == 0 {
                return Poll::Ready(Err(self.fail(std::io::ErrorKind::WriteZero)));
            }
            if let Some(front) = self.out.front_mut() {
                front.bytes.advance(written.min(front.bytes.len()));
                if front.bytes.is_empty() {
                    self.out.pop_front();
                    self.continued = false;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// `"NUL"` becomes NUL.
fn bare_placeholders(line: &[u8]) -> Vec<u8> {
    let mut bare = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((&byte, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(b"\"\0\"") {
            bare.push(0);
            rest = after;
        } else {
            bare.push(byte);
            rest = after;
        }
    }
    bare
}

/// What survives the change to a compressed connection.
pub(crate) struct WireState {
    inbox: SharedInbox,
    id: u64,
    non_sync: usize,
    utf8: bool,
}

enum Sorted {
    /// In the inbox, or dropped.
    Diverted,
    /// `pass` holds something for async-imap.
    Passed,
    Continue(Bytes),
    Tagged {
        tag: String,
        status: &'static [u8],
        unit: Bytes,
    },
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

//! What the server sends: framed, sorted into the inbox or handed to async-imap, and traced without secrets.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use secrecy::ExposeSecret;
use tokio_util::io::poll_read_buf;

use super::frame::{self, Frame};
use super::inbox::{Item, lock};
use super::{Carrier, Phase, READ_MAX, READ_MIN, Wire};

/// What may pile up while async-imap alone reads (sign-in, COMPRESS).
const HANDSHAKE_BYTES: usize = 1 << 20;
/// What may pile up while a command waits for "+" in the middle.
const PILE_BYTES: usize = 16 << 20;
/// Lines that are no answer at all, before the server is given up.
const MAX_GARBAGE: u32 = 100;
/// Longest piece of a line in a trace.
const TRACED: usize = 200;

/// Where a cut of what the server sent belongs.
pub(super) enum Sorted {
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

impl Wire {
    /// The next cut of what the server sends; `None` at the connection's end.
    pub(super) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<Option<Frame>>> {
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
    pub(super) fn sort(&mut self, frame: Frame) -> std::io::Result<Sorted> {
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
    pub(super) fn pass_tagged(&mut self, tag: &str, status: &[u8], unit: Bytes) {
        lock(&self.inbox).done.push_back(unit);
        let mut line = Vec::with_capacity(32);
        line.extend_from_slice(tag.as_bytes());
        line.push(b' ');
        line.extend_from_slice(status);
        line.extend_from_slice(b" done\r\n");
        self.pass = Bytes::from(line);
    }

    /// A continuation as async-imap's base64 decoder can read it.
    pub(super) fn pass_continue(&mut self, unit: &Bytes) {
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
}

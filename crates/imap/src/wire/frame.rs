//! Cuts a server's bytes into whole answers: lines with the literals inside them (RFC 9051 2.2, 4.3), every one
//! bounded. An answer beyond its bound is read past, not held; the session goes on.

use bytes::{Bytes, BytesMut};

use crate::parse::Cursor;
use crate::server::Limits;

/// A cut of the server's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A whole answer, with its line ends and literals.
    Unit(Bytes),
    /// An answer that was too large; its first bytes.
    Skipped(Bytes),
    /// An answer up to and with the header of a literal that follows as pieces (only while streaming is on).
    Head(Bytes),
    Piece(Bytes),
    /// What follows the literal of a [`Frame::Head`].
    Tail(Bytes),
}

/// The server went beyond what is even skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Beyond;

/// While streaming, literals from this size on come as pieces.
const STREAM_FROM: u64 = 16 << 10;
/// Bytes kept of an answer that is skipped.
const SKIPPED_HEAD: usize = 1024;
/// Bytes at a line's end that can hold a literal's header (`~{` 19 digits `+}` CR LF).
const SUFFIX: usize = 32;

#[derive(Debug)]
enum Mode {
    /// Collecting an answer (or the tail behind a streamed literal).
    Unit,
    /// Reading past an answer: bytes of a literal left, bytes dropped so far, its first bytes.
    Skip { literal: u64, dropped: u64, head: Bytes },
    /// Handing on a literal: bytes left.
    Stream { left: u64 },
}

#[derive(Debug)]
pub(crate) struct Framer {
    buffer: BytesMut,
    mode: Mode,
    /// Bytes of the unit that are lines and literals already looked at; may lie beyond the buffer's end while a
    /// literal is still coming.
    taken: usize,
    /// Where to go on looking for a line's end.
    scanned: usize,
    /// The unit is what follows a streamed literal.
    tail: bool,
    /// Hand large literals of FETCH answers on as pieces.
    pub(crate) streaming: bool,
    max_line: usize,
    max_number_line: usize,
    max_literal: u64,
    max_unit: usize,
    max_skip: u64,
    max_section: u64,
}

impl Framer {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            buffer: BytesMut::new(),
            mode: Mode::Unit,
            taken: 0,
            scanned: 0,
            tail: false,
            streaming: false,
            max_line: limits.max_line,
            max_number_line: limits.max_number_line,
            max_literal: u64::try_from(limits.max_literal).unwrap_or(u64::MAX),
            max_unit: limits.max_unit,
            max_skip: limits.max_skip,
            max_section: limits.max_section,
        }
    }

    /// Where bytes of the server are read into.
    pub(crate) fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// The most that one frame can hold.
    pub(crate) fn largest_unit(&self) -> usize {
        self.max_unit.max(self.max_number_line)
    }

    /// Whether no byte is held and no answer begun.
    pub(crate) fn is_idle(&self) -> bool {
        self.buffer.is_empty() && self.taken == 0 && matches!(self.mode, Mode::Unit)
    }

    /// The next cut, or `None` when more bytes are needed.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>, Beyond> {
        loop {
            match self.mode {
                Mode::Unit => match self.unit()? {
                    Step::Frame(frame) => return Ok(Some(frame)),
                    Step::More => return Ok(None),
                    Step::Again => {}
                },
                Mode::Skip { .. } => match self.skip()? {
                    Step::Frame(frame) => return Ok(Some(frame)),
                    Step::More => return Ok(None),
                    Step::Again => {}
                },
                Mode::Stream { left: 0 } => {
                    self.mode = Mode::Unit;
                    self.tail = true;
                }
                Mode::Stream { ref mut left } => {
                    if self.buffer.is_empty() {
                        return Ok(None);
                    }
                    let take = usize::try_from(*left).unwrap_or(usize::MAX).min(self.buffer.len());
                    *left = left.saturating_sub(u64::try_from(take).unwrap_or(u64::MAX));
                    return Ok(Some(Frame::Piece(self.buffer.split_to(take).freeze())));
                }
            }
        }
    }

    fn unit(&mut self) -> Result<Step, Beyond> {
        if self.buffer.len() < self.taken {
            return Ok(Step::More);
        }
        let from = self.scanned.max(self.taken);
        let end = memchr::memchr(b'\n', self.buffer.get(from..).unwrap_or_default());
        let Some(end) = end.map(|at| from.saturating_add(at).saturating_add(1)) else {
            self.scanned = self.buffer.len();
            if self.buffer.len().saturating_sub(self.taken) > self.line_limit() {
                self.start_skip(0)?;
                return Ok(Step::Again);
            }
            return Ok(Step::More);
        };
        let line = self.buffer.get(self.taken..end).unwrap_or_default();
        if line.len() > self.line_limit() {
            self.start_skip(0)?;
            return Ok(Step::Again);
        }
        let announced = if self.may_hold_literals() {
            literal_suffix(line)
        } else {
            None
        };
        let Some(literal) = announced else {
            let unit = self.buffer.split_to(end).freeze();
            self.taken = 0;
            self.scanned = 0;
            let tail = std::mem::take(&mut self.tail);
            return Ok(Step::Frame(if tail { Frame::Tail(unit) } else { Frame::Unit(unit) }));
        };
        if self.streaming && !self.tail && literal >= STREAM_FROM && is_fetch(&self.buffer) {
            if literal > self.max_section {
                return Err(Beyond);
            }
            let head = self.buffer.split_to(end).freeze();
            self.taken = 0;
            self.scanned = 0;
            self.mode = Mode::Stream { left: literal };
            return Ok(Step::Frame(Frame::Head(head)));
        }
        let whole = u64::try_from(end).unwrap_or(u64::MAX).saturating_add(literal);
        if literal > self.max_literal || whole > u64::try_from(self.max_unit).unwrap_or(u64::MAX) {
            self.taken = end;
            self.start_skip(literal)?;
            return Ok(Step::Again);
        }
        self.taken = usize::try_from(whole).map_err(|_| Beyond)?;
        self.scanned = self.taken;
        // The rest of the literal is asked for in one block, not in many growing ones.
        self.buffer.reserve(self.taken.saturating_sub(self.buffer.len()));
        Ok(Step::Again)
    }

    fn line_limit(&self) -> usize {
        let word = self.buffer.get(2..10).unwrap_or_default();
        let starts = |name: &[u8]| word.get(..name.len()).is_some_and(|w| w.eq_ignore_ascii_case(name));
        let numbers = self.taken == 0 && (starts(b"SEARCH") || starts(b"ESEARCH") || starts(b"VANISHED"));
        if numbers { self.max_number_line } else { self.max_line }
    }

    /// Texts for people may end in anything, also in `{4294967296}`: only answers that carry data have literals.
    fn may_hold_literals(&self) -> bool {
        if self.tail || self.taken > 0 {
            return true;
        }
        let Some(rest) = self.buffer.strip_prefix(b"* ") else {
            return false;
        };
        let word = rest
            .split(|b| matches!(b, b' ' | b'\r' | b'\n'))
            .next()
            .unwrap_or_default();
        ![&b"OK"[..], b"NO", b"BAD", b"BYE", b"PREAUTH"]
            .iter()
            .any(|s| word.eq_ignore_ascii_case(s))
    }

    /// Gives the unit up; `literal` bytes of a literal follow what was looked at.
    fn start_skip(&mut self, literal: u64) -> Result<(), Beyond> {
        if literal > self.max_skip {
            return Err(Beyond);
        }
        let head = self
            .buffer
            .get(..self.buffer.len().min(SKIPPED_HEAD))
            .unwrap_or_default();
        let head = Bytes::copy_from_slice(head);
        let known = self.taken.min(self.buffer.len());
        drop(self.buffer.split_to(known));
        self.mode = Mode::Skip {
            literal,
            dropped: u64::try_from(known).unwrap_or(u64::MAX),
            head,
        };
        self.taken = 0;
        self.scanned = 0;
        Ok(())
    }

    fn skip(&mut self) -> Result<Step, Beyond> {
        let Mode::Skip { literal, dropped, head } = &mut self.mode else {
            return Ok(Step::Again);
        };
        if *dropped > self.max_skip {
            return Err(Beyond);
        }
        if *literal > 0 {
            let take = usize::try_from(*literal).unwrap_or(usize::MAX).min(self.buffer.len());
            if take == 0 {
                return Ok(Step::More);
            }
            drop(self.buffer.split_to(take));
            let taken = u64::try_from(take).unwrap_or(u64::MAX);
            *literal = literal.saturating_sub(taken);
            *dropped = dropped.saturating_add(taken);
            return Ok(Step::Again);
        }
        let Some(end) = memchr::memchr(b'\n', &self.buffer) else {
            // Enough is kept to recognise a literal's header when the line's end comes.
            let drop_now = self.buffer.len().saturating_sub(SUFFIX);
            drop(self.buffer.split_to(drop_now));
            *dropped = dropped.saturating_add(u64::try_from(drop_now).unwrap_or(u64::MAX));
            return if *dropped > self.max_skip {
                Err(Beyond)
            } else {
                Ok(Step::More)
            };
        };
        let line = self.buffer.split_to(end.saturating_add(1));
        *dropped = dropped.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
        if let Some(next) = literal_suffix(&line) {
            if next > self.max_skip {
                return Err(Beyond);
            }
            *literal = next;
            return Ok(Step::Again);
        }
        let head = std::mem::take(head);
        self.mode = Mode::Unit;
        let tail = std::mem::take(&mut self.tail);
        Ok(Step::Frame(if tail {
            Frame::Tail(Bytes::from_static(b")\r\n"))
        } else {
            Frame::Skipped(head)
        }))
    }
}

enum Step {
    Frame(Frame),
    More,
    Again,
}

/// The length of the literal that a line's end announces.
fn literal_suffix(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let inner = line.strip_suffix(b"}")?;
    let inner = inner.strip_suffix(b"+").unwrap_or(inner);
    let open = memchr::memrchr(b'{', inner)?;
    let digits = inner.get(open.saturating_add(1)..)?;
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // A number beyond all numbers is a literal beyond all bounds.
    Some(std::str::from_utf8(digits).ok()?.parse().unwrap_or(u64::MAX))
}

fn is_fetch(unit: &BytesMut) -> bool {
    let start = bytes::Bytes::copy_from_slice(unit.get(..unit.len().min(64)).unwrap_or_default());
    let mut cursor = Cursor::new(&start);
    cursor.eat(b'*');
    cursor.spaces();
    let numbered = cursor.number32().is_some();
    cursor.spaces();
    numbered && cursor.word().eq_ignore_ascii_case(b"FETCH")
}

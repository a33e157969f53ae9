//! One body or part, however large, in pieces.

use bytes::Bytes;

use super::fetch::is_section;
use super::{Command, Session, Step};
use crate::error::Error;
use crate::parse::{Cursor, FetchItems, Response};

/// What one request for a piece brought.
struct Got {
    /// Whether the message answered at all.
    answered: bool,
    /// Bytes the server sent of the section in this answer.
    sent: u64,
    /// RFC822.SIZE, if told.
    size: Option<u64>,
    /// The answer said that it starts at the offset asked for.
    origin: Option<u64>,
}

impl Session {
    /// Fetches a section of a message (`""` is the whole message; `1.2`, `1.2.MIME`) and hands it to `sink` as it
    /// arrives. Returns the number of bytes.
    ///
    /// Pieces of [`Limits::piece`](crate::Limits::piece) bytes are asked for, so that a broken line costs one piece.
    /// Servers that send less than asked, ignore the partial, or lie about sizes are met. A part that the server does
    /// not have is 0 bytes.
    ///
    /// # Errors
    /// [`Error::Gone`] when the message is not there; [`Error::BodyTooLarge`] beyond
    /// [`Limits::max_section`](crate::Limits::max_section); what `sink` returned.
    pub async fn fetch_section(
        &mut self,
        uid: u32,
        section: &str,
        sink: &mut (dyn FnMut(Bytes) -> Result<(), Error> + Send),
    ) -> Result<u64, Error> {
        self.fetch_section_from(uid, section, 0, None, sink).await
    }

    /// As [`Session::fetch_section`], but no more than the first `most` bytes: the rest is never asked for. Returns the
    /// number of bytes that were handed to `sink`.
    pub async fn fetch_beginning(
        &mut self,
        uid: u32,
        section: &str,
        most: u64,
        sink: &mut (dyn FnMut(Bytes) -> Result<(), Error> + Send),
    ) -> Result<u64, Error> {
        let mut room = most;
        let mut begin = |data: Bytes| {
            let length = u64::try_from(data.len()).unwrap_or(u64::MAX).min(room);
            room = room.saturating_sub(length);
            let data = data.slice(..usize::try_from(length).unwrap_or(data.len()));
            if data.is_empty() { Ok(()) } else { sink(data) }
        };
        self.fetch_stretch(uid, section, (0, most), None, &mut begin).await?;
        Ok(most.saturating_sub(room))
    }

    /// As [`Session::fetch_section`], going on at `from` (bytes that an earlier, broken attempt brought), and with the
    /// size that BODYSTRUCTURE told, which saves a round trip at the end.
    pub async fn fetch_section_from(
        &mut self,
        uid: u32,
        section: &str,
        from: u64,
        expected: Option<u64>,
        sink: &mut (dyn FnMut(Bytes) -> Result<(), Error> + Send),
    ) -> Result<u64, Error> {
        self.fetch_stretch(uid, section, (from, u64::MAX), expected, sink).await
    }

    /// Asks for piece after piece, from one offset until another is reached.
    async fn fetch_stretch(
        &mut self,
        uid: u32,
        section: &str,
        (from, to): (u64, u64),
        expected: Option<u64>,
        sink: &mut (dyn FnMut(Bytes) -> Result<(), Error> + Send),
    ) -> Result<u64, Error> {
        if !is_section(section) {
            return Err(Error::Unsendable);
        }
        let mut offset = from;
        let mut expected = expected;
        loop {
            let piece = u64::from(self.limits.piece.max(1));
            let got = self.piece(uid, section, offset, sink).await?;
            if !got.answered {
                return Err(Error::Gone);
            }
            if section.is_empty() {
                expected = expected.or(got.size);
            }
            if got.origin.is_none() && got.sent > 0 && (offset > 0 || got.sent > piece) {
                // The partial was ignored: what was sent is the whole, and `piece` handed on what was missing.
                self.quirks.ignores_partial = true;
                return Ok(got.sent.max(offset));
            }
            offset = offset.saturating_add(got.sent);
            if offset >= to {
                return Ok(offset);
            }
            if offset > self.limits.max_section {
                return Err(Error::BodyTooLarge);
            }
            if got.sent == 0 {
                // Nothing at an offset is the end; sizes that say otherwise are lies or roundings.
                return Ok(offset);
            }
            // Short, and not less than it should be: the end. Short without knowing: ask once more.
            if got.sent < piece && expected.is_some_and(|size| offset >= size) {
                return Ok(offset);
            }
        }
    }

    async fn piece(
        &mut self,
        uid: u32,
        section: &str,
        offset: u64,
        sink: &mut (dyn FnMut(Bytes) -> Result<(), Error> + Send),
    ) -> Result<Got, Error> {
        let count = self.limits.piece.max(1);
        let size = if section.is_empty() && offset == 0 {
            " RFC822.SIZE"
        } else {
            ""
        };
        let command = Command::new(format!(
            "UID FETCH {uid} (UID{size} BODY.PEEK[{section}]<{offset}.{count}>)"
        ));
        self.settle().await?;
        self.streaming = true;
        self.conn()?.as_mut().set_streaming(true);
        let got = self.read_piece(command, uid, section, offset, sink).await;
        self.streaming = false;
        if let Ok(conn) = self.conn() {
            conn.as_mut().set_streaming(false);
        }
        got
    }

    async fn read_piece(
        &mut self,
        command: Command,
        uid: u32,
        section: &str,
        offset: u64,
        sink: &mut (dyn FnMut(Bytes) -> Result<(), Error> + Send),
    ) -> Result<Got, Error> {
        let tag = self.begin_more(command).await?;
        let mut got = Got {
            answered: false,
            sent: 0,
            size: None,
            origin: None,
        };
        let mut failure: Option<Error> = None;
        let mut open: Option<Box<FetchItems>> = None;
        let mut skip = 0_u64;
        let mut deliver = |got: &mut Got, skip: &mut u64, data: Bytes| -> Option<Error> {
            let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
            got.sent = got.sent.saturating_add(length);
            // Of a whole that was not asked for, what we have already is left out.
            let leave = (*skip).min(length);
            *skip = skip.saturating_sub(leave);
            let data = data.slice(usize::try_from(leave).unwrap_or(data.len())..);
            if data.is_empty() { None } else { sink(data).err() }
        };
        loop {
            match self.step().await? {
                Step::Data(Response::Fetch(items)) => {
                    let ours = items.uid.is_none_or(|told| told == uid);
                    match items.section(section) {
                        Some(told) if ours => {
                            got.answered = true;
                            got.origin = told.origin;
                            got.size = items.size.map(u64::from);
                            skip = if told.origin.is_none() { offset } else { 0 };
                            let data = told.data.clone().unwrap_or_default();
                            if failure.is_none() {
                                failure = deliver(&mut got, &mut skip, data);
                            }
                        }
                        _ => self.note(Response::Fetch(items)),
                    }
                }
                Step::Head(head) => {
                    let mut cursor = Cursor::new(&head);
                    cursor.eat(b'*');
                    cursor.spaces();
                    let seq = cursor.number32().unwrap_or_default();
                    cursor.spaces();
                    cursor.word();
                    let items = FetchItems::parse(seq, &mut cursor);
                    let ours = items.uid.is_none_or(|told| told == uid)
                        && items
                            .open
                            .as_ref()
                            .is_some_and(|(s, _)| s.name.eq_ignore_ascii_case(section.as_bytes()));
                    if ours {
                        got.answered = true;
                        got.origin = items.open.as_ref().and_then(|(s, _)| s.origin);
                        got.size = items.size.map(u64::from);
                        skip = if got.origin.is_none() { offset } else { 0 };
                        open = Some(Box::new(items));
                    }
                }
                Step::Piece(data) => {
                    if open.is_some() && failure.is_none() {
                        failure = deliver(&mut got, &mut skip, data);
                    }
                }
                Step::Tail(tail) => {
                    if let Some(mut items) = open.take() {
                        items.open = None;
                        items.parse_tail(&tail);
                        got.size = got.size.or(items.size.map(u64::from));
                    }
                }
                Step::Data(other) => self.note(other),
                Step::Done(done, line) if done == tag => {
                    if let Some(e) = failure {
                        return Err(e);
                    }
                    self.check(line)?;
                    return Ok(got);
                }
                Step::Done(..) | Step::Continue | Step::Skipped(_) => {}
            }
        }
    }
}

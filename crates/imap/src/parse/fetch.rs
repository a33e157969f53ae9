//! FETCH answers (RFC 9051 7.5.2), whole or cut where a literal is streamed.

use bytes::Bytes;

use super::cursor::{Cursor, Text, literal_header};
use super::structure;
use crate::flags::Flags;
use crate::structure::BodyStructure;

/// Most sections of one answer that are kept.
const MAX_SECTIONS: usize = 64;

/// One `BODY[...]<origin>` of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    /// What stands in the brackets, upper-cased.
    pub(crate) name: Vec<u8>,
    pub(crate) origin: Option<u64>,
    /// None for NIL: the part is not there.
    pub(crate) data: Option<Bytes>,
}

/// What one FETCH answer told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FetchItems {
    pub(crate) seq: u32,
    pub(crate) uid: Option<u32>,
    pub(crate) flags: Option<Flags>,
    pub(crate) modseq: Option<u64>,
    pub(crate) internal_date: Option<i64>,
    pub(crate) size: Option<u32>,
    /// Outer: whether it was sent; inner: whether it could be read.
    pub(crate) structure: Option<Option<BodyStructure>>,
    pub(crate) sections: Vec<Section>,
    pub(crate) gmail_message: Option<u64>,
    pub(crate) gmail_thread: Option<u64>,
    /// RFC 8474.
    pub(crate) email_id: Option<String>,
    pub(crate) thread_id: Option<String>,
    /// The literal whose bytes are not in this answer but follow as pieces, and its announced length.
    pub(crate) open: Option<(Section, u64)>,
    /// Something in the answer could not be read; what came before it counts.
    pub(crate) broken: bool,
}

impl FetchItems {
    /// The data of the section named `name` (any case).
    pub(crate) fn section(&self, name: &str) -> Option<&Section> {
        self.sections
            .iter()
            .find(|s| s.name.eq_ignore_ascii_case(name.as_bytes()))
    }

    /// Reads an answer from behind `* n FETCH `.
    pub(crate) fn parse(seq: u32, cursor: &mut Cursor<'_>) -> Self {
        let mut items = Self { seq, ..Self::default() };
        cursor.spaces();
        if !cursor.eat(b'(') {
            items.broken = true;
            return items;
        }
        items.broken = items.read(cursor).is_none();
        items
    }

    /// Reads on in what follows a streamed literal.
    pub(crate) fn parse_tail(&mut self, tail: &Bytes) {
        let mut cursor = Cursor::new(tail);
        if self.read(&mut cursor).is_none() {
            self.broken = true;
        }
    }

    /// Reads items until the list's end (or the open literal).
    fn read(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        let mut extra = 0_usize;
        loop {
            cursor.spaces();
            match cursor.peek()? {
                b')' => {
                    cursor.advance(1);
                    match extra.checked_sub(1) {
                        Some(left) => extra = left,
                        None => return Some(()),
                    }
                }
                // Domino puts parentheses around single items.
                b'(' => {
                    cursor.advance(1);
                    extra = extra.saturating_add(1);
                }
                b'\r' | b'\n' => return None,
                _ => {
                    self.item(cursor)?;
                    if self.open.is_some() {
                        return Some(());
                    }
                }
            }
        }
    }

    fn item(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        let rest = cursor.rest();
        let end = rest
            .iter()
            .position(|b| matches!(b, b' ' | b'[' | b'(' | b')' | b'\r' | b'\n'))?;
        let key = rest.get(..end)?;
        if end == 0 {
            return None;
        }
        cursor.advance(end);
        let is = |name: &[u8]| key.eq_ignore_ascii_case(name);
        if cursor.peek() == Some(b'[') {
            return self.section_item(cursor);
        }
        cursor.spaces();
        if is(b"UID") {
            match cursor.number32() {
                Some(uid) => self.uid = (uid > 0).then_some(uid),
                None => cursor.skip_value()?,
            }
        } else if is(b"FLAGS") {
            self.flags = Some(flag_list(cursor)?);
        } else if is(b"RFC822.SIZE") {
            match cursor.number() {
                Some(size) => self.size = Some(u32::try_from(size).unwrap_or(u32::MAX)),
                None => cursor.skip_value()?,
            }
        } else if is(b"INTERNALDATE") {
            self.internal_date = cursor.text()?.into_option().and_then(|raw| crate::date::parse(&raw));
        } else if is(b"BODYSTRUCTURE") || is(b"BODY") {
            self.structure = Some(structure::parse(cursor)?);
        } else if is(b"MODSEQ") {
            self.modseq = parenthesised_number(cursor)?;
        } else if is(b"X-GM-MSGID") {
            self.gmail_message = cursor.number();
        } else if is(b"X-GM-THRID") {
            self.gmail_thread = cursor.number();
        } else if is(b"EMAILID") {
            self.email_id = parenthesised_text(cursor)?;
        } else if is(b"THREADID") {
            self.thread_id = parenthesised_text(cursor)?;
        } else if is(b"RFC822") || is(b"RFC822.HEADER") || is(b"RFC822.TEXT") {
            let name = key.get(7..).unwrap_or_default().to_ascii_uppercase();
            self.data(
                cursor,
                Section {
                    name,
                    origin: None,
                    data: None,
                },
            )?;
        } else if !matches!(cursor.peek(), Some(b')')) {
            cursor.skip_value()?;
        }
        Some(())
    }

    fn section_item(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        let line = cursor.line();
        let close = memchr::memchr(b']', line)?;
        let name = line.get(1..close)?.trim_ascii().to_ascii_uppercase();
        cursor.advance(close.saturating_add(1));
        let mut origin = None;
        if cursor.eat(b'<') {
            origin = cursor.number();
            let line = cursor.line();
            cursor.advance(memchr::memchr(b'>', line)?.saturating_add(1));
        }
        cursor.spaces();
        self.data(
            cursor,
            Section {
                name,
                origin,
                data: None,
            },
        )
    }

    fn data(&mut self, cursor: &mut Cursor<'_>, mut section: Section) -> Option<()> {
        if let Some((length, header)) = literal_header(cursor.rest())
            && cursor.rest().len() == header
            && length > 0
        {
            cursor.advance(header);
            self.open = Some((section, length));
            return Some(());
        }
        // Yandex leaves the content of a missing part out altogether.
        if cursor.peek() != Some(b')') {
            section.data = cursor.text().map(Text::into_option)?;
        }
        if self.sections.len() < MAX_SECTIONS {
            self.sections.push(section);
        }
        Some(())
    }
}

/// `(\Seen $Label ...)`.
pub(crate) fn flag_list(cursor: &mut Cursor<'_>) -> Option<Flags> {
    let mut flags = Flags::default();
    if !cursor.eat(b'(') {
        cursor.skip_value()?;
        return Some(flags);
    }
    loop {
        cursor.spaces();
        match cursor.peek()? {
            b')' => {
                cursor.advance(1);
                return Some(flags);
            }
            b'(' | b'"' | b'{' => cursor.skip_value()?,
            b'\r' | b'\n' => return None,
            _ => {
                let word = cursor.atom();
                if word.is_empty() {
                    return None;
                }
                flags.add_wire(word);
            }
        }
    }
}

/// `(123)`; what is no positive number (Zoho: 0 and -1) is `None` inside.
fn parenthesised_number(cursor: &mut Cursor<'_>) -> Option<Option<u64>> {
    if !cursor.eat(b'(') {
        return Some(cursor.number().filter(|&n| n > 0));
    }
    let number = cursor.number().filter(|&n| n > 0);
    cursor.leave_list()?;
    Some(number)
}

fn parenthesised_text(cursor: &mut Cursor<'_>) -> Option<Option<String>> {
    let list = cursor.eat(b'(');
    let text = cursor.text()?.into_option();
    if list {
        cursor.leave_list()?;
    }
    Some(text.map(|t| String::from_utf8_lossy(t.get(..256).unwrap_or(&t)).into_owned()))
}

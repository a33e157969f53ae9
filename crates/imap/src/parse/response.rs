//! Untagged answers (RFC 9051 section 7 and its extensions).

use bytes::Bytes;

use super::code::{self, Code};
use super::cursor::{Cursor, Text};
use super::fetch::{FetchItems, flag_list};
use crate::capability::Capabilities;
use crate::error::server_text;
use crate::flags::Flags;
use crate::mailbox::{ListRow, Namespace, Namespaces, Status};
use crate::name::MailboxName;
use crate::uid_set::UidSet;

/// Most fields of an ID answer.
const MAX_ID: usize = 60;
/// Most attributes of a LIST row.
const MAX_ATTRIBUTES: usize = 40;
/// Most prefixes of a namespace.
const MAX_PREFIXES: usize = 200;

/// The word of a status answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusKind {
    Ok,
    No,
    Bad,
    Bye,
    PreAuth,
}

/// OK, NO, BAD, BYE or PREAUTH with its code and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatusLine {
    pub(crate) kind: StatusKind,
    pub(crate) code: Option<Code>,
    pub(crate) text: String,
}

/// What an ESEARCH answer told (RFC 4731).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Esearch {
    pub(crate) all: UidSet,
    pub(crate) min: Option<u32>,
    pub(crate) max: Option<u32>,
    pub(crate) count: Option<u32>,
    pub(crate) modseq: Option<u64>,
}

/// One untagged answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Response {
    Status(StatusLine),
    Capability(Capabilities),
    Enabled(Capabilities),
    Flags(Flags),
    List(ListRow),
    Lsub(ListRow),
    MailboxStatus(MailboxName, Status),
    Search(Vec<u32>),
    Esearch(Esearch),
    Exists(u32),
    Recent(u32),
    Expunge(u32),
    /// RFC 7162; true = EARLIER.
    Vanished(bool, UidSet),
    Fetch(Box<FetchItems>),
    Namespace(Namespaces),
    Id(Vec<(String, String)>),
    /// Known to exist, of no use here, or not readable.
    Unknown,
}

/// Reads one untagged answer. `utf8`: whether UTF8=ACCEPT is on.
pub(crate) fn parse(unit: &Bytes, utf8: bool) -> Response {
    let mut cursor = Cursor::new(unit);
    if !cursor.eat(b'*') {
        // Exchange has been seen to send a bare code without "* OK".
        if cursor.peek() == Some(b'[') {
            let (code, text) = code::code_and_text(&mut cursor);
            return Response::Status(StatusLine {
                kind: StatusKind::Ok,
                code,
                text: server_text(&text),
            });
        }
        return Response::Unknown;
    }
    cursor.spaces();
    if cursor.peek().is_some_and(|b| b.is_ascii_digit()) {
        return numbered(&mut cursor).unwrap_or(Response::Unknown);
    }
    named(&mut cursor, utf8).unwrap_or(Response::Unknown)
}

/// Reads a status answer from behind its tag (or `*`).
pub(crate) fn status_line(cursor: &mut Cursor<'_>) -> Option<StatusLine> {
    cursor.spaces();
    let word = cursor.word();
    let kind = [
        (&b"OK"[..], StatusKind::Ok),
        (b"NO", StatusKind::No),
        (b"BAD", StatusKind::Bad),
        (b"BYE", StatusKind::Bye),
        (b"PREAUTH", StatusKind::PreAuth),
    ]
    .into_iter()
    .find_map(|(name, kind)| word.eq_ignore_ascii_case(name).then_some(kind))?;
    let (code, text) = code::code_and_text(cursor);
    Some(StatusLine {
        kind,
        code,
        text: server_text(&text),
    })
}

fn numbered(cursor: &mut Cursor<'_>) -> Option<Response> {
    let number = cursor.number32()?;
    cursor.spaces();
    let word = cursor.word();
    let is = |name: &[u8]| word.eq_ignore_ascii_case(name);
    if is(b"FETCH") {
        Some(Response::Fetch(Box::new(FetchItems::parse(number, cursor))))
    } else if is(b"EXISTS") {
        Some(Response::Exists(number))
    } else if is(b"RECENT") {
        Some(Response::Recent(number))
    } else if is(b"EXPUNGE") && number > 0 {
        Some(Response::Expunge(number))
    } else {
        None
    }
}

fn named(cursor: &mut Cursor<'_>, utf8: bool) -> Option<Response> {
    let mut ahead = cursor.clone();
    if let Some(status) = status_line(&mut ahead) {
        return Some(Response::Status(status));
    }
    let word = cursor.word();
    cursor.spaces();
    let is = |name: &[u8]| word.eq_ignore_ascii_case(name);
    if is(b"CAPABILITY") {
        return Some(Response::Capability(Capabilities::from_words(
            cursor.line().split(|&b| b == b' '),
        )));
    }
    if is(b"ENABLED") {
        return Some(Response::Enabled(Capabilities::from_words(
            cursor.line().split(|&b| b == b' '),
        )));
    }
    if is(b"LIST") || is(b"XLIST") {
        return list_row(cursor, utf8).map(Response::List);
    }
    if is(b"LSUB") {
        return list_row(cursor, utf8).map(Response::Lsub);
    }
    if is(b"STATUS") {
        let name = mailbox(cursor, utf8)?;
        return Some(Response::MailboxStatus(name, mailbox_status(cursor)?));
    }
    if is(b"SEARCH") {
        return Some(search(cursor));
    }
    if is(b"ESEARCH") {
        return esearch(cursor);
    }
    if is(b"VANISHED") {
        let earlier = cursor.eat(b'(');
        if earlier {
            cursor.leave_list()?;
            cursor.spaces();
        }
        return Some(Response::Vanished(earlier, UidSet::parse(cursor.word())?));
    }
    if is(b"FLAGS") {
        return flag_list(cursor).map(Response::Flags);
    }
    if is(b"NAMESPACE") {
        return namespaces(cursor).map(Response::Namespace);
    }
    if is(b"ID") {
        return Some(Response::Id(id(cursor)));
    }
    None
}

fn mailbox(cursor: &mut Cursor<'_>, utf8: bool) -> Option<MailboxName> {
    // A folder may be called NIL.
    let mut ahead = cursor.clone();
    let raw = match cursor.text()? {
        Text::Some(raw) => raw,
        Text::Nil => Bytes::copy_from_slice(ahead.atom()),
    };
    Some(if utf8 {
        MailboxName::from_utf8_wire(&raw)
    } else {
        MailboxName::from_wire(&raw)
    })
}

fn list_row(cursor: &mut Cursor<'_>, utf8: bool) -> Option<ListRow> {
    let mut attributes = Vec::new();
    if cursor.eat(b'(') {
        loop {
            cursor.spaces();
            if cursor.eat(b')') {
                break;
            }
            let attribute = cursor.atom();
            if attribute.is_empty() {
                return None;
            }
            if attributes.len() < MAX_ATTRIBUTES && attribute.len() < 100 {
                attributes.push(String::from_utf8_lossy(attribute).into_owned());
            }
        }
    } else {
        cursor.skip_value()?;
    }
    cursor.spaces();
    let delimiter = cursor
        .text()?
        .into_option()
        .and_then(|d| d.first().copied())
        .map(char::from);
    cursor.spaces();
    let name = mailbox(cursor, utf8)?;
    cursor.spaces();
    let old_name = extended(cursor, utf8);
    Some(ListRow {
        name,
        delimiter,
        attributes,
        old_name,
    })
}

/// The extended data of a LIST row (RFC 5258): only OLDNAME matters.
fn extended(cursor: &mut Cursor<'_>, utf8: bool) -> Option<MailboxName> {
    if !cursor.eat(b'(') {
        return None;
    }
    loop {
        cursor.spaces();
        if cursor.at_end() || cursor.eat(b')') {
            return None;
        }
        let tag = cursor.text()?.into_option()?;
        cursor.spaces();
        if tag.eq_ignore_ascii_case(b"OLDNAME") && cursor.eat(b'(') {
            cursor.spaces();
            return mailbox(cursor, utf8);
        }
        cursor.skip_value()?;
    }
}

fn mailbox_status(cursor: &mut Cursor<'_>) -> Option<Status> {
    let mut status = Status::default();
    cursor.spaces();
    if !cursor.eat(b'(') {
        return None;
    }
    loop {
        cursor.spaces();
        if cursor.eat(b')') || cursor.at_end() {
            return Some(status);
        }
        let key = cursor.atom();
        if key.is_empty() {
            return Some(status);
        }
        cursor.spaces();
        let is = |name: &[u8]| key.eq_ignore_ascii_case(name);
        if is(b"MAILBOXID") {
            cursor.eat(b'(');
            status.mailbox_id = cursor
                .text()
                .and_then(Text::into_option)
                .map(|t| String::from_utf8_lossy(&t).into_owned());
            cursor.spaces();
            cursor.eat(b')');
            continue;
        }
        let Some(number) = cursor.number() else {
            // NIL (APPENDLIMIT), a negative number, a list.
            if cursor.skip_value().is_none() {
                return Some(status);
            }
            continue;
        };
        let small = u32::try_from(number).ok();
        if is(b"MESSAGES") {
            status.messages = small;
        } else if is(b"RECENT") {
            status.recent = small;
        } else if is(b"UIDNEXT") {
            status.uidnext = small.filter(|&n| n > 0);
        } else if is(b"UIDVALIDITY") {
            status.uidvalidity = small;
        } else if is(b"UNSEEN") {
            status.unseen = small;
        } else if is(b"HIGHESTMODSEQ") {
            status.highestmodseq = (number > 0).then_some(number);
        } else if is(b"SIZE") {
            status.size = Some(number);
        } else if is(b"DELETED") {
            status.deleted = small;
        }
    }
}

fn search(cursor: &mut Cursor<'_>) -> Response {
    let mut found = Vec::new();
    loop {
        cursor.spaces();
        match cursor.number32() {
            Some(0) => {}
            Some(number) => found.push(number),
            None => break,
        }
    }
    Response::Search(found)
}

fn esearch(cursor: &mut Cursor<'_>) -> Option<Response> {
    let mut result = Esearch::default();
    if cursor.eat(b'(') {
        cursor.leave_list()?;
    }
    loop {
        cursor.spaces();
        if cursor.at_end() {
            return Some(Response::Esearch(result));
        }
        let key = cursor.word();
        if key.is_empty() {
            // A list or bracket where a word belongs.
            cursor.skip_value()?;
            continue;
        }
        cursor.spaces();
        let is = |name: &[u8]| key.eq_ignore_ascii_case(name);
        if is(b"UID") {
        } else if is(b"ALL") {
            result.all = UidSet::parse(cursor.word()).unwrap_or_default();
        } else if is(b"MIN") {
            result.min = cursor.number32();
        } else if is(b"MAX") {
            result.max = cursor.number32();
        } else if is(b"COUNT") {
            result.count = cursor.number32();
        } else if is(b"MODSEQ") {
            result.modseq = cursor.number();
        } else if is(b"PARTIAL") && cursor.eat(b'(') {
            // RFC 9394: (1:10 1:3,5).
            cursor.word();
            cursor.spaces();
            result.all = UidSet::parse(cursor.word()).unwrap_or_default();
            cursor.leave_list()?;
        } else {
            cursor.skip_value()?;
        }
    }
}

fn namespaces(cursor: &mut Cursor<'_>) -> Option<Namespaces> {
    let mut one = || -> Option<Vec<Namespace>> {
        cursor.spaces();
        let mut list = Vec::new();
        if !cursor.eat(b'(') {
            if !cursor.at_end() {
                cursor.skip_value()?;
            }
            return Some(list);
        }
        loop {
            cursor.spaces();
            if cursor.eat(b')') {
                return Some(list);
            }
            if !cursor.eat(b'(') {
                return None;
            }
            cursor.spaces();
            let prefix = cursor.text()?.into_option().unwrap_or_default();
            cursor.spaces();
            let delimiter = cursor
                .text()?
                .into_option()
                .and_then(|d| d.first().copied())
                .map(char::from);
            cursor.leave_list()?;
            if list.len() < MAX_PREFIXES {
                list.push(Namespace {
                    prefix: prefix.to_vec(),
                    delimiter,
                });
            }
        }
    };
    let (personal, other, shared) = (one()?, one()?, one()?);
    Some(Namespaces {
        personal,
        other,
        shared,
    })
}

fn id(cursor: &mut Cursor<'_>) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    cursor.eat(b'(');
    while fields.len() < MAX_ID {
        cursor.spaces();
        let Some(Text::Some(key)) = cursor.text() else { break };
        cursor.spaces();
        let Some(value) = cursor.text() else { break };
        fields.push((
            server_text(&key),
            value.into_option().map(|v| server_text(&v)).unwrap_or_default(),
        ));
    }
    fields
}

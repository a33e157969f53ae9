//! What a list shows of a mail, read from its header block alone. A first sync does this 50,000 times.

use mail_parser::DateTime;
use serde::{Deserialize, Serialize};

use crate::address::{self, Address};
use crate::charset;
use crate::display::one_line;
use crate::encoded_word;
use crate::header::{Field, fields};
use crate::parameter;

/// A header block is read up to this many bytes.
const LONGEST: usize = 1024 * 1024;
/// Message ids in References: the root and the last ones are kept.
const MOST_REFERENCES: usize = 100;
const LONGEST_ID: usize = 998;

/// A mail's header in the shape of a list row. All texts are decoded, on one line, bounded in length, and without
/// bidirectional controls.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Message-ID without its brackets.
    pub message_id: Option<String>,
    /// At most 1000 characters; empty if there is none.
    pub subject: String,
    /// Authors.
    pub from: Vec<Address>,
    /// The one who sent it for the authors.
    pub sender: Vec<Address>,
    /// Where answers go.
    pub reply_to: Vec<Address>,
    /// Recipients.
    pub to: Vec<Address>,
    /// Recipients of a copy.
    pub cc: Vec<Address>,
    /// The date the sender gave, in seconds since 1970 UTC.
    pub date: Option<i64>,
    /// Message ids without brackets.
    pub in_reply_to: Vec<String>,
    /// Message ids without brackets, oldest first, at most 100.
    pub references: Vec<String>,
    /// The identifier of a mailing list (RFC 2919), without brackets.
    pub list_id: Option<String>,
    /// Importance, Priority or X-Priority say so.
    pub high_priority: bool,
    /// Written by a program (RFC 3834).
    pub auto_submitted: bool,
    /// Who wants to be told that it was read (RFC 8098).
    pub receipt_to: Vec<Address>,
    /// Where its author wants the answers to all (draft-ietf-drums-mail-followup-to).
    pub followup_to: Vec<Address>,
    /// Of a mail that was redirected: the Message-ID of the last time (RFC 5322 3.6.6), without brackets.
    pub resent_message_id: Option<String>,
    /// The Message-ID that a server replaced (`X-Microsoft-Original-Message-ID`), without brackets.
    pub original_message_id: Option<String>,
    /// Of a copy of a draft: who put it there, see [`crate::Letter::draft_mark`].
    pub draft_mark: Option<String>,
}

/// Reads a header block (a whole mail does as well: reading stops at the blank line). Never fails.
pub fn summary(header_block: &[u8]) -> Summary {
    let block = header_block.get(..LONGEST).unwrap_or(header_block);
    let mut out = Summary::default();
    let mut legacy = Legacy::new(block);
    for field in fields(block) {
        read(&field, &mut legacy, &mut out);
    }
    out
}

/// The charset of raw 8-bit bytes, asked for only when such bytes are met: all raw fields together tell more than one.
pub(crate) struct Legacy<'a> {
    block: &'a [u8],
    charset: Asked,
}

enum Asked {
    NotYet,
    /// `None`: no raw bytes, or UTF-8.
    Is(Option<&'static str>),
}

impl<'a> Legacy<'a> {
    pub(crate) fn new(block: &'a [u8]) -> Self {
        Self {
            block: block.get(..LONGEST).unwrap_or(block),
            charset: Asked::NotYet,
        }
    }

    /// The value of a field as text, encoded words still encoded.
    pub(crate) fn text(&mut self, field: &Field<'_>) -> String {
        let value = field.unfolded();
        let value = value.get(..encoded_word::LONGEST).unwrap_or(&value);
        if let Ok(text) = std::str::from_utf8(value) {
            return text.to_owned();
        }
        charset::decode(value, self.charset())
    }

    fn charset(&mut self) -> Option<&'static str> {
        if let Asked::Is(charset) = self.charset {
            return charset;
        }
        let mut raw = Vec::new();
        let mut hint = None;
        for field in fields(self.block) {
            if field.name.eq_ignore_ascii_case(b"content-type") {
                hint = parameter::decode_parameter(&parameter::parse_value(&field.unfolded()).1, "charset");
            }
            if !field.value.is_ascii() && raw.len() < 16 * 1024 && std::str::from_utf8(field.value).is_err() {
                raw.extend_from_slice(field.value);
            }
        }
        let charset = charset::of_header(&raw, hint.as_deref());
        self.charset = Asked::Is(charset);
        charset
    }

    /// The value of a field as it is shown.
    pub(crate) fn display(&mut self, field: &Field<'_>, limit: usize) -> String {
        let text = self.text(field);
        if text.contains("=?") {
            one_line(&encoded_word::decode(&text), limit)
        } else {
            one_line(&text, limit)
        }
    }
}

fn read(field: &Field<'_>, legacy: &mut Legacy<'_>, out: &mut Summary) {
    let is = |name: &str| field.name.eq_ignore_ascii_case(name.as_bytes());
    let ascii = || String::from_utf8_lossy(&field.unfolded()).into_owned();
    // By length first: most fields of a block are none of these.
    match field.name.len() {
        2 if is("to") => out.to.extend(address::parse_list(&legacy.text(field))),
        2 if is("cc") => out.cc.extend(address::parse_list(&legacy.text(field))),
        4 if is("from") && out.from.is_empty() => out.from = address::parse_list(&legacy.text(field)),
        4 if is("date") && out.date.is_none() => out.date = date(&ascii()),
        6 if is("sender") && out.sender.is_empty() => out.sender = address::parse_list(&legacy.text(field)),
        7 if is("subject") && out.subject.is_empty() => out.subject = legacy.display(field, 1000),
        7 if is("list-id") => out.list_id = list_id(&legacy.display(field, 500)),
        8 if is("reply-to") => out.reply_to.extend(address::parse_list(&legacy.text(field))),
        8 if is("priority") => out.high_priority |= ascii().eq_ignore_ascii_case("urgent"),
        10 if is("message-id") && out.message_id.is_none() => out.message_id = message_ids(&ascii()).into_iter().next(),
        10 if is("references") && out.references.is_empty() => out.references = references(&ascii()),
        10 if is("importance") => out.high_priority |= ascii().eq_ignore_ascii_case("high"),
        10 if is("x-priority") => out.high_priority |= ascii().starts_with(['1', '2']),
        10 if is("precedence") => out.auto_submitted |= ascii().eq_ignore_ascii_case("auto_reply"),
        11 if is("in-reply-to") && out.in_reply_to.is_empty() => {
            out.in_reply_to = message_ids(&ascii());
            out.in_reply_to.truncate(MOST_REFERENCES);
        }
        11 if is("x-autoreply") => out.auto_submitted = true,
        13 if is("x-autorespond") => out.auto_submitted = true,
        14 if is("auto-submitted") => {
            let value = ascii();
            out.auto_submitted |= !value.is_empty() && !value.get(..2).is_some_and(|no| no.eq_ignore_ascii_case("no"));
        }
        13 if is("x-qiyou-draft") => out.draft_mark = Some(crate::display::one_line(&ascii(), 200)),
        16 if is("mail-followup-to") => out.followup_to.extend(address::parse_list(&legacy.text(field))),
        // The topmost is the last one.
        17 if is("resent-message-id") && out.resent_message_id.is_none() => {
            out.resent_message_id = message_ids(&ascii()).into_iter().next();
        }
        31 if is("x-microsoft-original-message-id") && out.original_message_id.is_none() => {
            out.original_message_id = message_ids(&ascii()).into_iter().next();
        }
        27 if is("disposition-notification-to") && out.receipt_to.is_empty() => {
            out.receipt_to = address::parse_list(&legacy.text(field));
        }
        17 if is("x-msmail-priority") => out.high_priority |= ascii().eq_ignore_ascii_case("high"),
        _ => {}
    }
}

/// A date of RFC 5322, or of the two other shapes that programs write, in seconds since 1970.
fn date(value: &str) -> Option<i64> {
    let value = crate::display::clip(value.trim(), 100);
    let year_first = value
        .get(..5)
        .is_some_and(|head| head.ends_with('-') && head.bytes().take(4).all(|b| b.is_ascii_digit()));
    let parsed = if year_first {
        let (day, time) = value.split_once([' ', 'T'])?;
        let mut time: String = time.chars().filter(|c| !c.is_whitespace()).collect();
        if time.len() == 5 {
            time.push_str(":00");
        }
        if time.len() == 8 {
            // China, where such dates come from, has one time zone.
            time.push_str("+08:00");
        }
        let digits = time.bytes().all(|b| b.is_ascii_digit() || b":+-.Z".contains(&b));
        if !digits || day.len() != 10 {
            return None;
        }
        DateTime::parse_rfc3339(&format!("{day}T{time}"))
    } else {
        DateTime::parse_rfc822(value)
    };
    parsed
        .filter(|date| (1970..=2200).contains(&date.year) && date.is_valid())
        .map(|date| date.to_timestamp())
}

/// Ids between brackets; where there are none, words that look like ids.
pub(crate) fn message_ids(value: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut rest = value;
    while let Some((_, from)) = rest.split_once('<') {
        let end = from.find(['>', '<']).unwrap_or(from.len());
        let (id, after) = from.split_at_checked(end).unwrap_or((from, ""));
        push_id(id, &mut ids);
        rest = after.strip_prefix('>').unwrap_or(after);
    }
    if ids.is_empty() {
        for word in value.split([' ', '\t', ',']) {
            if word.contains('@') {
                push_id(word, &mut ids);
            }
        }
        if ids.is_empty() && !value.trim().contains(' ') {
            push_id(value, &mut ids);
        }
    }
    ids
}

fn push_id(id: &str, ids: &mut Vec<String>) {
    let id: String = id
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control() && *c != '>')
        .collect();
    if !id.is_empty() && id.len() <= LONGEST_ID && ids.last() != Some(&id) {
        ids.push(id);
    }
}

fn references(value: &str) -> Vec<String> {
    let mut ids = message_ids(value);
    if ids.len() > MOST_REFERENCES {
        let surplus = ids.len().saturating_sub(MOST_REFERENCES);
        ids.drain(1..surplus.saturating_add(1));
    }
    ids
}

fn list_id(value: &str) -> Option<String> {
    let id = match value.rsplit_once('<') {
        Some((_, id)) => id.split('>').next().unwrap_or_default(),
        None => value,
    };
    let id = id.trim();
    (!id.is_empty()).then(|| id.to_owned())
}

#[cfg(test)]
mod tests;

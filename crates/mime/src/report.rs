//! What became of a mail that was sent: delivery reports (RFC 3464), read receipts (RFC 8098), and the bounces in words
//! that servers write beside and instead of them, in Chinese and English.

mod reason;
mod words;

pub use reason::Reason;

use crate::charset;
use crate::display::one_line;
use crate::header::{self, Field, fields};
use crate::mail::{Leaf, leaves};
use crate::summary::{Legacy, message_ids, summary};

/// Recipients that are read of one report.
const MOST: usize = 500;
/// Characters of what a server said.
const LONGEST_DETAIL: usize = 500;

/// A report. It is only as true as whoever sent it: whether a mail with this Message-ID was ever sent, and to whom, its
/// reader knows better.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Message-ID of the mail that it speaks of, without brackets.
    pub message_id: Option<String>,
    /// Subject of that mail; empty where the report does not say.
    pub subject: String,
    pub fates: Vec<Fate>,
    /// It was found in words alone: the addresses may be others than those that the mail went to.
    pub guessed: bool,
}

/// What became of a mail on its way to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    pub address: String,
    pub outcome: Outcome,
    pub reason: Reason,
    /// What the server said, on one line, at most 500 characters.
    pub detail: String,
}

/// How far a mail came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Failed,
    /// It is tried again.
    Delayed,
    Delivered,
    /// It was shown (RFC 8098 `displayed`).
    Read,
    /// It was deleted without being shown.
    Deleted,
}

/// Whether it is worth while to read a mail as a report: by its author, its subject, and the types of its parts.
pub fn may_report<'a>(from: &str, subject: &str, types: impl IntoIterator<Item = &'a str>) -> bool {
    types.into_iter().any(|kind| is_status(kind) || is_disposition(kind)) || words::sounds_like_one(from, subject)
}

fn is_status(kind: &str) -> bool {
    matches!(kind, "message/delivery-status" | "message/global-delivery-status")
}

fn is_disposition(kind: &str) -> bool {
    matches!(
        kind,
        "message/disposition-notification" | "message/global-disposition-notification"
    )
}

fn is_original(kind: &str) -> bool {
    matches!(
        kind,
        "message/rfc822" | "message/global" | "text/rfc822-headers" | "message/global-headers"
    )
}

/// Reads a mail, or the beginning of one, as a report; nothing where it is none.
pub fn report(raw: &[u8]) -> Option<Report> {
    let (block, _) = header::split(raw);
    let parts = leaves(raw);
    let mut out = Report::default();
    let mut told = None;
    for Leaf { mime_type, body } in &parts {
        if is_status(mime_type) {
            status(body, &mut out.fates);
        } else if is_disposition(mime_type) {
            told = told.or_else(|| disposition(body, &mut out.fates));
        } else if is_original(mime_type) && out.message_id.is_none() {
            let original = summary(body);
            out.subject = original.subject;
            out.message_id = original.message_id;
        }
    }
    // The one that the receipt itself names was written by the program that read the mail.
    out.message_id = told.or(out.message_id);
    if out.fates.is_empty() {
        let head = summary(block);
        let from = head.from.first().map_or("", |from| from.address.as_str());
        if !words::sounds_like_one(from, &head.subject) {
            return None;
        }
        words::read(block, &head, &parts, &mut out);
    }
    out.fates.truncate(MOST);
    (!out.fates.is_empty()).then_some(out)
}

/// An address with its type before it: `rfc822; li@example.com`.
fn typed(value: &str) -> String {
    let address = value.split_once(';').map_or(value, |(_, address)| address);
    let address = address.trim().trim_matches(['<', '>', '"']);
    // The comment that Exchange puts behind it.
    let address = address.split([' ', '(']).next().unwrap_or_default();
    one_line(address, 320)
}

/// What is told of one recipient.
#[derive(Default)]
struct Group {
    last: String,
    first: String,
    action: String,
    status: Option<reason::Status>,
    detail: String,
}

impl Group {
    /// The one that was written to; where it was passed on to is nothing that its author knows.
    fn address(&mut self) -> Option<String> {
        [&mut self.first, &mut self.last]
            .into_iter()
            .find(|address| address.contains('@'))
            .map(std::mem::take)
    }

    fn fate(mut self) -> Option<Fate> {
        let address = self.address()?;
        let status = self.status.or_else(|| reason::status(&self.detail));
        let outcome = match self.action.to_ascii_lowercase().as_str() {
            "failed" => Outcome::Failed,
            "delayed" => Outcome::Delayed,
            "delivered" | "relayed" | "expanded" => Outcome::Delivered,
            _ => match status?.class {
                5 => Outcome::Failed,
                4 => Outcome::Delayed,
                _ => Outcome::Delivered,
            },
        };
        let reason = match outcome {
            Outcome::Failed | Outcome::Delayed => reason::of(status, &self.detail),
            _ => Reason::Unknown,
        };
        Some(Fate {
            address,
            outcome,
            reason,
            detail: self.detail,
        })
    }
}

/// The fields of all recipients. Their groups stand apart by blank lines; some programs write more of these, others none.
fn status(body: &[u8], fates: &mut Vec<Fate>) {
    let mut legacy = Legacy::new(body);
    let mut group = Group::default();
    let mut rest = body;
    while let Some((line, after)) = header::next_folded(rest) {
        rest = after;
        let Some(field) = header::field(line) else {
            if line.trim_ascii().is_empty() {
                fates.extend(std::mem::take(&mut group).fate());
            }
            continue;
        };
        let is = |name: &str| field.name.eq_ignore_ascii_case(name.as_bytes());
        if is("final-recipient") {
            if !group.last.is_empty() {
                fates.extend(std::mem::take(&mut group).fate());
            }
            group.last = typed(&legacy.text(&field));
        } else if is("original-recipient") {
            group.first = typed(&legacy.text(&field));
        } else if is("action") {
            group.action = word(&field);
        } else if is("status") {
            group.status = reason::status(&legacy.text(&field));
        } else if is("diagnostic-code") {
            group.detail = said(&legacy.text(&field));
        }
        if fates.len() >= MOST {
            return;
        }
    }
    fates.extend(group.fate());
}

fn word(field: &Field<'_>) -> String {
    let text = String::from_utf8_lossy(&field.unfolded()).into_owned();
    text.split([' ', ';', '(']).next().unwrap_or_default().trim().to_owned()
}

/// What a server said, without the `smtp;` before it.
fn said(text: &str) -> String {
    let words = match text.split_once(';') {
        Some((kind, words)) if !kind.contains(' ') => words,
        _ => text,
    };
    one_line(words, LONGEST_DETAIL)
}

/// A read receipt; gives the Message-ID that it names.
fn disposition(body: &[u8], fates: &mut Vec<Fate>) -> Option<String> {
    let mut legacy = Legacy::new(body);
    let mut group = Group::default();
    let mut message_id = None;
    let mut kind = String::new();
    for field in fields(body.trim_ascii_start()) {
        let is = |name: &str| field.name.eq_ignore_ascii_case(name.as_bytes());
        if is("final-recipient") {
            group.last = typed(&legacy.text(&field));
        } else if is("original-recipient") {
            group.first = typed(&legacy.text(&field));
        } else if is("original-message-id") {
            message_id = message_ids(&legacy.text(&field)).into_iter().next();
        } else if is("disposition") {
            // After the mode: `manual-action/MDN-sent-manually; displayed`, perhaps with a modifier.
            let text = legacy.text(&field).to_ascii_lowercase();
            let last = text.rsplit(';').next().unwrap_or_default().trim();
            last.split(['/', ' ', ','])
                .next()
                .unwrap_or_default()
                .clone_into(&mut kind);
        }
    }
    let outcome = match kind.as_str() {
        "displayed" => Outcome::Read,
        "deleted" => Outcome::Deleted,
        _ => return message_id,
    };
    if let Some(address) = group.address() {
        fates.push(Fate {
            address,
            outcome,
            reason: Reason::Unknown,
            detail: String::new(),
        });
    }
    message_id
}

/// A part's words, whatever their letters.
fn text_of(body: &[u8]) -> String {
    charset::decode(body, None)
}

#[cfg(test)]
mod tests;

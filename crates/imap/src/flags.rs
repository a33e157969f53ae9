//! Flags of a message (RFC 9051 2.3.2) and what may be done to them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Most keywords kept of one message; servers invent some, nobody needs hundreds.
const MAX_KEYWORDS: usize = 64;
/// Longest keyword kept, in bytes.
const MAX_KEYWORD: usize = 128;

/// The flags of one message. `\Recent` is not kept: it belongs to a session, not to a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Flags {
    pub seen: bool,
    pub answered: bool,
    pub flagged: bool,
    pub deleted: bool,
    pub draft: bool,
    /// `$Forwarded` (RFC 5788).
    pub forwarded: bool,
    /// `$MDNSent` (RFC 3503): a read receipt was sent, or shall not be.
    pub receipt_sent: bool,
    /// All other keywords, as the server spells them, sorted and without doubles.
    pub keywords: Vec<String>,
}

impl Flags {
    /// Only `\Seen`.
    pub fn seen() -> Self {
        Self {
            seen: true,
            ..Self::default()
        }
    }

    /// Only `\Flagged`.
    pub fn flagged() -> Self {
        Self {
            flagged: true,
            ..Self::default()
        }
    }

    /// Only `\Deleted`.
    pub fn deleted() -> Self {
        Self {
            deleted: true,
            ..Self::default()
        }
    }

    /// Only `\Answered`.
    pub fn answered() -> Self {
        Self {
            answered: true,
            ..Self::default()
        }
    }

    /// Only `\Draft`.
    pub fn draft() -> Self {
        Self {
            draft: true,
            ..Self::default()
        }
    }

    /// Whether no flag at all is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes one flag as it stands on the wire; system flags in any case, unknown `\Flags` are dropped.
    pub fn add_wire(&mut self, flag: &[u8]) {
        let is = |name: &str| flag.eq_ignore_ascii_case(name.as_bytes());
        if is("\\Seen") {
            self.seen = true;
        } else if is("\\Answered") {
            self.answered = true;
        } else if is("\\Flagged") {
            self.flagged = true;
        } else if is("\\Deleted") {
            self.deleted = true;
        } else if is("\\Draft") {
            self.draft = true;
        } else if is("$Forwarded") {
            self.forwarded = true;
        } else if is("$MDNSent") {
            self.receipt_sent = true;
        } else if flag.first() != Some(&b'\\') && !flag.is_empty() && flag.len() <= MAX_KEYWORD {
            if self.keywords.len() >= MAX_KEYWORDS {
                return;
            }
            let keyword = String::from_utf8_lossy(flag).into_owned();
            if let Err(at) = self.keywords.binary_search(&keyword) {
                self.keywords.insert(at, keyword);
            }
        }
    }
}

/// As a flag list without parentheses: `\Seen \Flagged $label1`. Keywords that are no atoms are left out.
impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let system = [
            (self.seen, "\\Seen"),
            (self.answered, "\\Answered"),
            (self.flagged, "\\Flagged"),
            (self.deleted, "\\Deleted"),
            (self.draft, "\\Draft"),
            (self.forwarded, "$Forwarded"),
            (self.receipt_sent, "$MDNSent"),
        ];
        let names = system.iter().filter(|(set, _)| *set).map(|(_, name)| *name);
        let keywords = self.keywords.iter().map(String::as_str).filter(|k| is_atom(k));
        for (i, name) in names.chain(keywords).enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

/// Whether `text` can be sent as an atom (RFC 9051 section 9).
pub(crate) fn is_atom(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"(){%*\"\\]".contains(&b))
}

/// What STORE does with the flags it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlagChange {
    Add(Flags),
    Remove(Flags),
}

/// The flags of one message as a server told them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagRow {
    /// 0 where an unsolicited FETCH did not say it; then `seq` counts.
    pub uid: u32,
    /// The message sequence number that the answer carried.
    pub seq: u32,
    pub flags: Flags,
    /// RFC 7162; in mailboxes that keep it.
    pub modseq: Option<u64>,
}

#[cfg(test)]
mod tests;

//! An address book: what a card of it holds, how cards that mean the same are found and merged, and the files that
//! other programs write of theirs and read.

mod same;
mod sheet;
mod text;
mod vcard;

pub use same::{doubles, merged};
pub use sheet::{Columns, write_sheet};
pub use vcard::{Version, write_cards};

/// Cards of one file beyond which none is read.
pub const MOST: usize = 20_000;
/// Addresses, and numbers, of one card.
const LIST: usize = 50;

/// One card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Card {
    pub name: String,
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    pub company: String,
    pub department: String,
    pub title: String,
    pub note: String,
    /// Names of the groups that it is in.
    pub groups: Vec<String>,
    /// The card as it was read, as vCard 4.0 with everything that has no place above (pictures, birthdays, streets);
    /// empty where there is no more.
    pub source: String,
}

/// What a file holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Read {
    pub cards: Vec<Card>,
    /// Cards or lines that say nothing of anybody.
    pub unreadable: u32,
}

impl Card {
    /// Whether it says whom it means.
    pub fn is_somebody(&self) -> bool {
        !self.name.is_empty() || !self.emails.is_empty() || !self.phones.is_empty()
    }

    /// What it is called where it must be called something: its name, or else its first address or number.
    pub(crate) fn called(&self) -> &str {
        if self.name.is_empty() {
            self.emails.first().or(self.phones.first()).map_or("", String::as_str)
        } else {
            &self.name
        }
    }

    /// Bounds and smooths what came from outside: no line breaks where there is one line, nothing twice, no more than
    /// a card can show.
    #[must_use]
    pub fn tidied(self) -> Self {
        Self {
            name: line(&self.name, 200),
            emails: list(self.emails, true),
            phones: list(self.phones, false),
            company: line(&self.company, 200),
            department: line(&self.department, 200),
            title: line(&self.title, 200),
            note: self
                .note
                .replace("\r\n", "\n")
                .replace('\r', "\n")
                .trim()
                .chars()
                .take(10_000)
                .collect(),
            groups: list(self.groups, true),
            source: self.source,
        }
    }
}

/// One line of at most so many characters.
fn line(text: &str, most: usize) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").chars().take(most).collect()
}

/// The lines of a list, none twice.
fn list(all: Vec<String>, fold: bool) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for each in all {
        let each = line(&each, 320);
        let same = |other: &String| {
            if fold {
                other.to_lowercase() == each.to_lowercase()
            } else {
                digits(other) == digits(&each)
            }
        };
        if !each.is_empty() && kept.len() < LIST && !kept.iter().any(same) {
            kept.push(each);
        }
    }
    kept
}

/// What makes two numbers the same.
fn digits(number: &str) -> String {
    let digits: String = number.chars().filter(|c| c.is_alphanumeric() || *c == '+').collect();
    // A number of the mainland with its country's code and without it.
    digits.strip_prefix("+86").map_or(digits.clone(), str::to_owned)
}

/// Reads a file of vCards or of comma separated values, in UTF-8, UTF-16 or GB18030. Nothing when it is neither.
pub fn read(bytes: &[u8]) -> Option<Read> {
    let text = text::decoded(bytes);
    let begin = text.get(..text.len().min(4096)).unwrap_or(&text);
    if begin.to_ascii_uppercase().contains("BEGIN:VCARD") {
        return Some(vcard::read(&text));
    }
    sheet::read(&text)
}

#[cfg(test)]
mod tests;

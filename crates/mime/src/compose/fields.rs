//! Header fields: folded, encoded words of RFC 2047, parameters of RFC 2231. A line's end can only be one of ours.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::address::Address;

/// Characters of a line, as RFC 5322 2.1.1 likes them.
const LINE: usize = 76;
/// Bytes of one encoded word's text: 60 characters of base64.
const WORD: usize = 45;

#[derive(Default)]
pub(super) struct Fields {
    pub(super) text: String,
}

/// What stands in a field: no control characters, which alone could end a line.
fn clean(value: &str) -> String {
    value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// As much of a text as one encoded word of `most` bytes takes, in whole letters, and the rest.
fn word(text: &str, most: usize) -> (String, &str) {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let (head, tail) = text.split_at_checked(end).unwrap_or((text, ""));
    (format!("=?utf-8?B?{}?=", STANDARD.encode(head)), tail)
}

/// In quotes (RFC 5322 3.2.4).
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl Fields {
    fn column(&self) -> usize {
        let line = self.text.rsplit('\n').next().unwrap_or_default();
        line.chars().count()
    }

    /// Writes a piece that cannot be broken, on the next line when it does not fit on this one.
    fn piece(&mut self, piece: &str) {
        if self.column().saturating_add(piece.len()).saturating_add(1) > LINE && !self.text.ends_with("\r\n ") {
            self.text.push_str("\r\n");
        }
        self.text.push(' ');
        self.text.push_str(piece);
    }

    fn begin(&mut self, name: &str) {
        self.text.push_str(name);
        self.text.push(':');
    }

    fn end(&mut self) {
        self.text.push_str("\r\n");
    }

    /// A value of ours.
    pub(super) fn plain(&mut self, name: &str, value: &str) {
        let _ = write!(self.text, "{name}: {}\r\n", clean(value));
    }

    /// Ids in brackets; nothing where there are none.
    pub(super) fn ids(&mut self, name: &str, ids: &[String]) {
        let fit = |id: &&String| {
            !id.is_empty() && id.is_ascii() && !id.contains(|c: char| c.is_control() || "<> ".contains(c))
        };
        let mut fit = ids.iter().filter(fit).peekable();
        if fit.peek().is_none() {
            return;
        }
        self.begin(name);
        for id in fit {
            self.piece(&format!("<{id}>"));
        }
        self.end();
    }

    /// Words that a person wrote.
    pub(super) fn words(&mut self, name: &str, words: &str) {
        self.begin(name);
        let words = clean(words);
        let long = words.split(' ').any(|word| word.len() > LINE);
        if words.is_ascii() && !words.contains("=?") && !long {
            for word in words.split(' ').filter(|word| !word.is_empty()) {
                self.piece(word);
            }
        } else {
            self.encoded(&words);
        }
        self.end();
    }

    /// Encoded words, each whole letters (RFC 2047 5).
    fn encoded(&mut self, words: &str) {
        let mut rest = words;
        let mut first = true;
        while !rest.is_empty() {
            // The first may have less room, beside the field's name; 12 characters are its frame.
            let column = self.column().saturating_add(13);
            let room = if first {
                (LINE.saturating_sub(column) / 4).saturating_mul(3)
            } else {
                WORD
            };
            let most = if room < 9 { WORD } else { room.min(WORD) };
            let (word, tail) = word(rest, most);
            self.piece(&word);
            rest = tail;
            first = false;
        }
    }

    /// People with their names; nothing where there are none.
    pub(super) fn addresses(&mut self, name: &str, people: &[Address]) {
        if people.is_empty() {
            return;
        }
        self.begin(name);
        let last = people.len().saturating_sub(1);
        for (number, person) in people.iter().enumerate() {
            let comma = if number < last { "," } else { "" };
            let address: String = person
                .address
                .chars()
                .filter(|c| !c.is_control() && !c.is_whitespace() && !matches!(c, '<' | '>' | ','))
                .collect();
            let shown = person.name.as_deref().map(clean).unwrap_or_default();
            let shown = shown.trim();
            if shown.is_empty() {
                self.piece(&format!("{address}{comma}"));
                continue;
            }
            if shown.is_ascii() && shown.len() <= 60 && !shown.contains("=?") {
                let simple = shown.chars().all(|c| c.is_ascii_alphanumeric() || " -_'!".contains(c));
                if simple {
                    shown
                        .split(' ')
                        .filter(|word| !word.is_empty())
                        .for_each(|word| self.piece(word));
                } else {
                    self.piece(&quoted(shown));
                }
            } else {
                self.encoded(shown);
            }
            self.piece(&format!("<{address}>{comma}"));
        }
        self.end();
    }

    /// A value with the name of a file beside it: as `name`, in encoded words, for the programs that know nothing else
    /// (`old`), or as `filename` by RFC 2231.
    pub(super) fn file(&mut self, field: &str, value: &str, file: &str, old: bool) {
        let _ = write!(self.text, "{field}: {value}");
        let file = clean(file);
        let key = if old { "name" } else { "filename" };
        let simple = file.is_ascii() && file.len() <= 60 && !file.contains("=?");
        if simple {
            let _ = write!(self.text, ";\r\n {key}={}", quoted(&file));
        } else if old {
            let _ = write!(self.text, ";\r\n name=\"");
            let mut rest = file.as_str();
            while !rest.is_empty() {
                let (word, tail) = word(rest, WORD);
                self.text.push_str(&word);
                rest = tail;
                if !rest.is_empty() {
                    self.text.push_str("\r\n ");
                }
            }
            self.text.push('"');
        } else {
            self.extended(key, &file);
        }
        self.end();
    }

    /// A parameter by RFC 2231, cut into numbered pieces where it is long.
    fn extended(&mut self, key: &str, value: &str) {
        let mut pieces = vec![String::from("utf-8''")];
        let mut buffer = [0; 4];
        for letter in value.chars() {
            // A letter stays whole: some decode each piece by itself.
            let mut token = String::new();
            for &byte in letter.encode_utf8(&mut buffer).as_bytes() {
                if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
                    token.push(char::from(byte));
                } else {
                    let _ = write!(token, "%{byte:02X}");
                }
            }
            match pieces.last_mut() {
                Some(last) if last.len().saturating_add(token.len()) <= 58 => last.push_str(&token),
                _ => pieces.push(token),
            }
        }
        if let [only] = pieces.as_slice() {
            let _ = write!(self.text, ";\r\n {key}*={only}");
            return;
        }
        for (number, piece) in pieces.iter().enumerate() {
            let _ = write!(self.text, ";\r\n {key}*{number}*={piece}");
        }
    }
}

/// A media type that can stand in a field.
pub(super) fn mime_type(given: &str) -> &str {
    let token = |part: &str| {
        !part.is_empty()
            && part.len() <= 100
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    match given.split_once('/') {
        // Parts of a mail are not files.
        Some((kind, sub)) if token(kind) && token(sub) && !kind.eq_ignore_ascii_case("multipart") => given,
        _ => "application/octet-stream",
    }
}

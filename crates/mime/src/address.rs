//! Address lists (RFC 5322 section 3.4), read as leniently as people and programs write them.

use serde::{Deserialize, Serialize};

use crate::display::{clip, one_line};
use crate::encoded_word;

/// More addresses than this in one field are not listed.
const MOST: usize = 1000;
/// A list longer than this, in bytes, is cut.
const LONGEST: usize = 256 * 1024;

/// Who wrote, or who is written to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Address {
    /// The name as shown: decoded, on one line, at most 200 characters, without bidirectional marks. `None` if the mail
    /// gives none or repeats the address.
    pub name: Option<String>,
    /// `user@domain` as written, at most 320 characters. Empty if the mail names somebody without an address.
    pub address: String,
}

/// Reads a list; groups are dissolved into their members, what is no address and no name is passed over.
pub(crate) fn parse_list(value: &str) -> Vec<Address> {
    let mut out = Vec::new();
    parse_into(value, &mut out, true);
    out
}

fn parse_into(value: &str, out: &mut Vec<Address>, again: bool) {
    let mut mailbox = Mailbox::default();
    let mut rest = clip(value, LONGEST);
    while let Some(c) = rest.chars().next() {
        if out.len() >= MOST {
            return;
        }
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '"' => {
                if let Some(used) = quoted(after, &mut mailbox.phrase) {
                    rest = used;
                    continue;
                }
            }
            '(' => {
                rest = comment(after, &mut mailbox.comment);
                continue;
            }
            '<' => {
                let end = after.find(['>', ',', '<']).unwrap_or(after.len());
                let (angle, tail) = after.split_at_checked(end).unwrap_or((after, ""));
                // `"A" <b@c <b@c>>`: the last one counts.
                if !angle.trim().is_empty() || mailbox.angle.is_none() {
                    mailbox.angle = Some(angle.to_owned());
                }
                rest = tail.strip_prefix('>').unwrap_or(tail);
                continue;
            }
            '>' => {}
            ',' | ';' => {
                std::mem::take(&mut mailbox).finish(out, again);
            }
            ':' if mailbox.angle.is_none() && !mailbox.phrase.contains('@') => mailbox = Mailbox::default(),
            '[' => {
                let end = after.find(']').map_or(rest.len(), |at| at.saturating_add(2));
                let (literal, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
                mailbox.phrase.push_str(literal);
                rest = tail;
                continue;
            }
            '=' if rest.starts_with("=?") => {
                if let Some(length) = encoded_word::length(rest)
                    && let Some((word, tail)) = rest.split_at_checked(length)
                {
                    mailbox.phrase.push_str(word);
                    rest = tail;
                    continue;
                }
                mailbox.phrase.push(c);
            }
            c => mailbox.phrase.push(c),
        }
        rest = after;
    }
    mailbox.finish(out, again);
}

/// Reads up to the closing quote; `None` if there is none, and the quote was only a character.
fn quoted<'a>(text: &'a str, phrase: &mut String) -> Option<&'a str> {
    let mut read = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                phrase.push_str(&read);
                return text.get(at.saturating_add(1)..);
            }
            '\\' => {
                if let Some((_, escaped)) = chars.next() {
                    read.push(escaped);
                }
            }
            c => read.push(c),
        }
    }
    None
}

fn comment<'a>(text: &'a str, out: &mut String) -> &'a str {
    let mut depth = 1u32;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            '\\' => {
                out.extend(chars.next().map(|(_, escaped)| escaped));
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            return text.get(at.saturating_add(1)..).unwrap_or_default();
        }
        out.push(c);
    }
    ""
}

#[derive(Default)]
struct Mailbox {
    phrase: String,
    angle: Option<String>,
    comment: String,
}

impl Mailbox {
    fn finish(self, out: &mut Vec<Address>, again: bool) {
        let phrase = self.phrase.trim();
        if let Some(angle) = self.angle {
            let name = if phrase.is_empty() { self.comment.trim() } else { phrase };
            push(name, &angle, out);
            return;
        }
        if phrase.is_empty() {
            return;
        }
        if phrase.contains('@') {
            // `name user@host` without brackets.
            match phrase.rsplit_once(char::is_whitespace) {
                Some((name, address)) if address.contains('@') && !name.contains('@') => push(name, address, out),
                _ => push(self.comment.trim(), phrase, out),
            }
            return;
        }
        let decoded = encoded_word::decode(phrase);
        if again && decoded.contains('@') && decoded != phrase {
            // The whole mailbox in one encoded word.
            parse_into(&decoded, out, false);
        } else if phrase.contains(char::is_whitespace) || !phrase.is_ascii() || decoded != phrase {
            push(phrase, "", out);
        } else {
            // A local account: `root`, `MAILER-DAEMON`.
            push(self.comment.trim(), phrase, out);
        }
    }
}

fn push(name: &str, address: &str, out: &mut Vec<Address>) {
    let mut address: String = one_line(address, 320).split_whitespace().collect();
    if address.starts_with("=?") {
        address = one_line(&encoded_word::decode(&address), 320);
    }
    let trimmed = address.trim_matches(['<', '>', '"', '\'']);
    let trimmed = trimmed
        .get(..7)
        .filter(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
        .map_or(trimmed, |_| trimmed.get(7..).unwrap_or_default());
    // A source route (`@a,@b:user@c`, RFC 5322 section 4.4).
    let trimmed = match trimmed.rsplit_once(':') {
        Some((route, last)) if route.starts_with('@') => last,
        _ => trimmed,
    };
    let address = trimmed.to_owned();
    let name = if name.is_ascii() && !name.contains("=?") {
        one_line(name, 200)
    } else {
        one_line(&encoded_word::decode(name), 200)
    };
    let name = unquote(&name);
    let name = (!name.is_empty() && !name.eq_ignore_ascii_case(&address)).then(|| name.to_owned());
    if name.is_some() || !address.is_empty() {
        out.push(Address { name, address });
    }
}

fn unquote(name: &str) -> &str {
    let name = name.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = name.strip_prefix(quote).and_then(|n| n.strip_suffix(quote)) {
            return inner.trim();
        }
    }
    name
}

#[cfg(test)]
mod tests;

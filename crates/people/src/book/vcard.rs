//! vCard 2.1 (versit), 3.0 (RFC 2426) and 4.0 (RFC 6350).

use std::borrow::Cow;
use std::fmt::Write as _;

use calcard::vcard::{VCard, VCardEntry, VCardParameter, VCardProperty, VCardType, VCardValue, VCardVersion};
use calcard::{Entry, Parser};
use encoding_rs::{Encoding, UTF_8};

use super::{Card, MOST, Read, text};

/// Characters of a card's source that are kept: a small picture.
const SOURCE: usize = 300_000;

/// Which vCard is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// For old telephones: quoted-printable, without pictures.
    V2_1,
    V3,
    V4,
}

/// Every text of a value, in its order.
fn parts(entry: &VCardEntry) -> Vec<String> {
    let mut all = Vec::new();
    for value in &entry.values {
        match value {
            VCardValue::Text(text) => all.push(text.trim().to_owned()),
            VCardValue::Component(some) => all.push(some.join(" ").trim().to_owned()),
            VCardValue::Integer(number) => all.push(number.to_string()),
            _ => {}
        }
    }
    all
}

fn first(entry: &VCardEntry) -> String {
    parts(entry).into_iter().next().unwrap_or_default()
}

/// A number or an address without the scheme of its URI.
fn bare(entry: &VCardEntry) -> String {
    let value = first(entry);
    for scheme in ["tel:", "mailto:"] {
        if value
            .get(..scheme.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
        {
            return value.get(scheme.len()..).unwrap_or_default().to_owned();
        }
    }
    value
}

/// The name that `N` says.
fn structured(entry: &VCardEntry) -> String {
    let parts = parts(entry);
    let part = |n: usize| parts.get(n).map_or("", String::as_str);
    text::name_of(part(0), part(2), part(1))
}

/// Whether a card of the file says it; everything else is kept as it is.
fn is_shown(property: &VCardProperty) -> bool {
    use VCardProperty as P;
    matches!(
        property,
        P::Fn
            | P::N
            | P::Email
            | P::Tel
            | P::Org
            | P::Title
            | P::Note
            | P::Categories
            | P::Version
            | P::Begin
            | P::End
            | P::Prodid
            | P::Rev
    )
}

fn card(vcard: &VCard) -> Card {
    let mut card = Card::default();
    let mut name = String::new();
    for entry in &vcard.entries {
        match entry.name {
            VCardProperty::Fn if card.name.is_empty() => card.name = first(entry),
            VCardProperty::N if name.is_empty() => name = structured(entry),
            VCardProperty::Email => card.emails.push(bare(entry)),
            VCardProperty::Tel => card.phones.push(bare(entry)),
            VCardProperty::Org if card.company.is_empty() => {
                let mut parts = parts(entry).into_iter();
                card.company = parts.next().unwrap_or_default();
                card.department = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" / ");
            }
            VCardProperty::Title if card.title.is_empty() => card.title = first(entry),
            VCardProperty::Note => {
                if !card.note.is_empty() {
                    card.note.push('\n');
                }
                card.note.push_str(&parts(entry).join(", "));
            }
            VCardProperty::Categories => card.groups.extend(parts(entry)),
            _ => {}
        }
    }
    if card.name.trim().is_empty() {
        card.name = name;
    }
    // What is more than this card shows, and how its numbers are called, comes back when it is written.
    let more = vcard.entries.iter().any(|entry| {
        !is_shown(&entry.name)
            || !entry.params.is_empty()
            || (entry.name == VCardProperty::N && parts(entry).iter().filter(|part| !part.is_empty()).count() > 1)
    });
    let mut source = String::new();
    if more && vcard.write_to(&mut source, VCardVersion::V4_0).is_ok() && source.len() <= SOURCE {
        card.source = source;
    }
    card.tidied()
}

pub(super) fn read(text: &str) -> Read {
    let mut read = Read::default();
    let text = quoted_read(text);
    let mut parser = Parser::new(&text);
    while read.cards.len() < MOST {
        match parser.entry() {
            Entry::VCard(vcard) => {
                let card = card(&vcard);
                if card.is_somebody() {
                    read.cards.push(card);
                } else {
                    read.unreadable = read.unreadable.saturating_add(1);
                }
            }
            Entry::Eof => break,
            Entry::UnterminatedComponent(_) | Entry::TooManyComponents => {
                read.unreadable = read.unreadable.saturating_add(1);
            }
            _ => {}
        }
    }
    read
}

/// Values in quoted-printable (vCard 2.1) as they are in the charset that stands beside them.
fn quoted_read(text: &str) -> Cow<'_, str> {
    if !text.to_ascii_uppercase().contains("QUOTED-PRINTABLE") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let parted = line
            .split_once(':')
            .filter(|(head, _)| head.to_ascii_uppercase().contains("QUOTED-PRINTABLE"));
        let Some((head, begin)) = parted else {
            out.push_str(line);
            out.push_str("\r\n");
            continue;
        };
        let mut value = begin.trim_end().to_owned();
        while value.ends_with('=') {
            value.pop();
            match lines.next() {
                Some(more) => value.push_str(more.trim_end()),
                None => break,
            }
        }
        let mut params = head.split(';');
        out.push_str(params.next().unwrap_or_default());
        let mut encoding = None;
        for param in params {
            let upper = param.to_ascii_uppercase();
            if let Some(charset) = upper.strip_prefix("CHARSET=") {
                encoding = Encoding::for_label(charset.trim_matches('"').as_bytes());
            } else if !upper.contains("QUOTED-PRINTABLE") {
                out.push(';');
                out.push_str(param);
            }
        }
        let bytes = unquoted(value.as_bytes());
        // Many write UTF-8 whatever they call it.
        let utf8 = std::str::from_utf8(&bytes)
            .ok()
            .filter(|_| encoding.is_none_or(|encoding| encoding.is_single_byte() || encoding == UTF_8));
        let value = match (utf8, encoding) {
            (Some(text), _) => text.to_owned(),
            (None, Some(encoding)) => encoding.decode_without_bom_handling(&bytes).0.into_owned(),
            (None, None) => text::decoded(&bytes),
        };
        out.push(':');
        out.push_str(&value.replace("\r\n", "\n").replace(['\r', '\n'], "\\n"));
        out.push_str("\r\n");
    }
    Cow::Owned(out)
}

/// The bytes that quoted-printable means; what is none stays as it is.
fn unquoted(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut at = 0_usize;
    while let Some(&byte) = value.get(at) {
        let code = value.get(at.saturating_add(1)..at.saturating_add(3));
        let meant = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        if let Some(meant) = meant.filter(|_| byte == b'=') {
            out.push(meant);
            at = at.saturating_add(3);
        } else {
            out.push(byte);
            at = at.saturating_add(1);
        }
    }
    out
}

fn entry(name: VCardProperty, values: &[&str]) -> VCardEntry {
    let values = values.iter().map(|text| VCardValue::Text((*text).to_owned())).collect();
    VCardEntry::new(name).with_values(values)
}

fn vcard(card: &Card) -> VCard {
    let before: Vec<VCardEntry> = match Parser::new(&card.source).entry() {
        Entry::VCard(vcard) => vcard.entries,
        _ => Vec::new(),
    };
    let name = card.called();
    let mut entries = vec![entry(VCardProperty::Fn, &[name])];
    let kept = before
        .iter()
        .find(|entry| entry.name == VCardProperty::N && structured(entry) == card.name);
    entries.push(kept.map_or_else(|| entry(VCardProperty::N, &[name, "", "", "", ""]), Clone::clone));
    for (property, values, called) in [
        (VCardProperty::Email, &card.emails, VCardType::Work),
        (VCardProperty::Tel, &card.phones, VCardType::Cell),
    ] {
        for value in values {
            let same = |entry: &&VCardEntry| entry.name == property && bare(entry) == *value;
            entries.push(before.iter().find(same).map_or_else(
                || entry(property.clone(), &[value]).with_param(VCardParameter::typ(called.clone())),
                Clone::clone,
            ));
        }
    }
    if !card.company.is_empty() || !card.department.is_empty() {
        let mut units = vec![card.company.as_str()];
        units.extend(card.department.split(" / ").filter(|unit| !unit.is_empty()));
        entries.push(entry(VCardProperty::Org, &units));
    }
    for (property, value) in [(VCardProperty::Title, &card.title), (VCardProperty::Note, &card.note)] {
        if !value.is_empty() {
            entries.push(entry(property, &[value]));
        }
    }
    if !card.groups.is_empty() {
        let groups: Vec<&str> = card.groups.iter().map(String::as_str).collect();
        entries.push(entry(VCardProperty::Categories, &groups));
    }
    entries.extend(before.into_iter().filter(|entry| !is_shown(&entry.name)));
    VCard { entries }
}

/// All cards as one file, in UTF-8.
pub fn write_cards(cards: &[Card], version: Version) -> String {
    let mut out = String::new();
    for card in cards {
        let written = match version {
            Version::V2_1 => {
                old(card, &mut out);
                Ok(())
            }
            Version::V3 => vcard(card).write_to(&mut out, VCardVersion::V3_0),
            Version::V4 => vcard(card).write_to(&mut out, VCardVersion::V4_0),
        };
        // Writing into a string does not fail.
        debug_assert!(written.is_ok());
    }
    out
}

fn old(card: &Card, out: &mut String) {
    let mut line = |name: &str, values: &[&str]| {
        let escaped: Vec<String> = values
            .iter()
            .map(|value| value.replace('\\', "\\\\").replace(';', "\\;"))
            .collect();
        let value = escaped.join(";");
        if value.bytes().all(|b| (b' '..=b'~').contains(&b)) && value.len() < 60 {
            let _ = write!(out, "{name}:{value}\r\n");
        } else {
            let _ = write!(
                out,
                "{name};CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{}\r\n",
                quoted(&value)
            );
        }
    };
    let name = card.called();
    line("BEGIN", &["VCARD"]);
    line("VERSION", &["2.1"]);
    line("N", &[name, "", "", "", ""]);
    line("FN", &[name]);
    for email in &card.emails {
        line("EMAIL;INTERNET", &[email]);
    }
    for phone in &card.phones {
        line("TEL;CELL", &[phone]);
    }
    if !card.company.is_empty() || !card.department.is_empty() {
        line("ORG", &[&card.company, &card.department]);
    }
    for (property, value) in [("TITLE", &card.title), ("NOTE", &card.note)] {
        if !value.is_empty() {
            line(property, &[value]);
        }
    }
    line("END", &["VCARD"]);
}

/// Quoted-printable (RFC 2045, 6.7) of a value, with soft line breaks.
fn quoted(value: &str) -> String {
    let mut out = String::new();
    let mut width = 0_usize;
    for byte in value.replace('\n', "\r\n").bytes() {
        if width > 70 {
            out.push_str("=\r\n");
            width = 0;
        }
        if (b'!'..=b'~').contains(&byte) && byte != b'=' {
            out.push(char::from(byte));
            width = width.saturating_add(1);
        } else {
            let _ = write!(out, "={byte:02X}");
            width = width.saturating_add(3);
        }
    }
    out
}

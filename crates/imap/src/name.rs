//! Names of mailboxes: modified UTF-7 (RFC 3501 5.1.3), or UTF-8 where `UTF8=ACCEPT` is on (RFC 6855).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest name taken from a server, in bytes.
const MAX_NAME: usize = 4096;

/// A mailbox's name as it goes over the wire and as a person reads it.
///
/// Two names are equal when their wire forms are; `INBOX` in any case is one name (RFC 9051 5.1).
/// Serialised as its wire form.
#[derive(Clone)]
pub struct MailboxName {
    /// Modified UTF-7, or whatever bytes a server without manners sent.
    wire: Box<[u8]>,
    display: Box<str>,
}

impl MailboxName {
    /// The inbox of every account.
    pub fn inbox() -> Self {
        Self {
            wire: Box::from(&b"INBOX"[..]),
            display: Box::from("INBOX"),
        }
    }

    /// From the bytes of a LIST, LSUB or STATUS answer of a session without `UTF8=ACCEPT`.
    pub fn from_wire(wire: &[u8]) -> Self {
        let wire = wire.get(..MAX_NAME).unwrap_or(wire);
        if wire.eq_ignore_ascii_case(b"INBOX") {
            return Self::inbox();
        }
        // Dovecot's NOTIFY, and servers on their way to IMAP4rev2, send plain UTF-8: the same name in another dress.
        if !wire.is_ascii()
            && let Ok(text) = std::str::from_utf8(wire)
        {
            return Self::from_display(text);
        }
        let display = decode_utf7(wire).unwrap_or_else(|| crate::error::server_text(wire));
        Self {
            wire: Box::from(wire),
            display: display.into(),
        }
    }

    /// From the bytes of an answer of a session in which `UTF8=ACCEPT` is enabled.
    pub fn from_utf8_wire(raw: &[u8]) -> Self {
        match std::str::from_utf8(raw.get(..MAX_NAME).unwrap_or(raw)) {
            Ok(text) => Self::from_display(text),
            Err(_) => Self::from_wire(raw),
        }
    }

    /// From what a person typed. Hierarchy delimiters in it are the caller's care.
    pub fn from_display(display: &str) -> Self {
        if display.eq_ignore_ascii_case("INBOX") {
            return Self::inbox();
        }
        Self {
            wire: encode_utf7(display).into_bytes().into(),
            display: display.into(),
        }
    }

    /// The decoded name, with the server's hierarchy delimiters in it.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// The wire form (modified UTF-7).
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// The wire form as text, for keys in a database; [`MailboxName::from_wire_text`] reads it back unchanged.
    pub fn wire_text(&self) -> String {
        match std::str::from_utf8(&self.wire) {
            Ok(text) if !text.starts_with('\u{1}') => text.to_owned(),
            _ => self.wire.iter().fold("\u{1}".to_owned(), |mut text, &byte| {
                text.push(char::from(byte));
                text
            }),
        }
    }

    /// Reads [`MailboxName::wire_text`].
    pub fn from_wire_text(text: &str) -> Self {
        match text.strip_prefix('\u{1}') {
            Some(raw) => {
                let bytes: Vec<u8> = raw.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()).collect();
                Self::from_wire(&bytes)
            }
            None => Self::from_wire(text.as_bytes()),
        }
    }

    /// Whether this is the inbox.
    pub fn is_inbox(&self) -> bool {
        &*self.wire == b"INBOX"
    }

    /// The last step of the hierarchy, as a person reads it.
    pub fn leaf(&self, delimiter: Option<char>) -> &str {
        match delimiter {
            Some(d) => self.display.rsplit(d).next().unwrap_or(&self.display),
            None => &self.display,
        }
    }

    /// The name one step up; none at the top.
    pub fn parent(&self, delimiter: Option<char>) -> Option<Self> {
        let (parent, _) = self.display.rsplit_once(delimiter?)?;
        (!parent.is_empty()).then(|| Self::from_display(parent))
    }

    /// The name of a child `leaf` of this mailbox.
    #[must_use]
    pub fn child(&self, delimiter: char, leaf: &str) -> Self {
        Self::from_display(&format!("{}{delimiter}{leaf}", self.display))
    }

    /// What is sent: the display form in a session with `UTF8=ACCEPT`, the wire form else.
    pub(crate) fn for_session(&self, utf8: bool) -> &[u8] {
        if utf8 { self.display.as_bytes() } else { &self.wire }
    }
}

impl PartialEq for MailboxName {
    fn eq(&self, other: &Self) -> bool {
        self.wire == other.wire
    }
}
impl Eq for MailboxName {}

impl std::hash::Hash for MailboxName {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.wire.hash(state);
    }
}

impl PartialOrd for MailboxName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for MailboxName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.wire.cmp(&other.wire)
    }
}

impl fmt::Debug for MailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailboxName({:?})", self.display)
    }
}

impl fmt::Display for MailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.display)
    }
}

impl Serialize for MailboxName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.wire_text())
    }
}

impl<'de> Deserialize<'de> for MailboxName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_wire_text(&String::deserialize(deserializer)?))
    }
}

/// The alphabet of RFC 3501 5.1.3: base64 with `,` for `/`.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// Modified UTF-7 of `text`.
fn encode_utf7(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut bits, mut held, mut shifted) = (0_u32, 0_u32, false);
    let emit = |out: &mut String, six: u32| {
        let at = usize::try_from(six & 0x3F).unwrap_or_default();
        out.push(char::from(ALPHABET.get(at).copied().unwrap_or(b'A')));
    };
    let close = |out: &mut String, bits: u32, held: u32| {
        if held > 0 {
            emit(out, bits.checked_shl(6_u32.saturating_sub(held)).unwrap_or_default());
        }
        out.push('-');
    };
    for c in text.chars() {
        if (' '..='~').contains(&c) {
            if shifted {
                close(&mut out, bits, held);
                (bits, held, shifted) = (0, 0, false);
            }
            out.push(c);
            if c == '&' {
                out.push('-');
            }
            continue;
        }
        if !shifted {
            out.push('&');
            shifted = true;
        }
        let mut units = [0_u16; 2];
        for &mut unit in c.encode_utf16(&mut units) {
            bits = (bits << 16) | u32::from(unit);
            held = held.saturating_add(16);
            while held >= 6 {
                held = held.saturating_sub(6);
                emit(&mut out, bits.checked_shr(held).unwrap_or_default());
            }
            bits &= 1_u32.checked_shl(held).unwrap_or_default().saturating_sub(1);
        }
    }
    if shifted {
        close(&mut out, bits, held);
    }
    out
}

/// Decodes modified UTF-7; `None` where it is none (8-bit bytes, bad base64, half surrogates).
fn decode_utf7(wire: &[u8]) -> Option<String> {
    let mut out = String::with_capacity(wire.len());
    let mut rest = wire.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'&' {
            if !(0x20..0x7F).contains(&byte) {
                return None;
            }
            out.push(char::from(byte));
            continue;
        }
        if rest.peek() == Some(&b'-') {
            rest.next();
            out.push('&');
            continue;
        }
        let mut units = Vec::new();
        let (mut bits, mut held) = (0_u32, 0_u32);
        loop {
            let byte = rest.next()?;
            if byte == b'-' {
                break;
            }
            let six = ALPHABET.iter().position(|&b| b == byte)?;
            bits = (bits << 6) | u32::try_from(six).ok()?;
            held = held.saturating_add(6);
            if held >= 16 {
                held = held.saturating_sub(16);
                units.push(u16::try_from(bits.checked_shr(held)? & 0xFFFF).ok()?);
                bits &= 1_u32.checked_shl(held)?.saturating_sub(1);
            }
        }
        // Six or more bits over, or bits that are not zero, are not what an encoder writes.
        if held >= 6 || bits != 0 || units.is_empty() {
            return None;
        }
        for c in char::decode_utf16(units) {
            out.push(c.ok()?);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests;

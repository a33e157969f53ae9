//! The text of a part in its transfer encoding (RFC 2045 6).

use base64::Engine as _;

use super::Transfer;

/// Bytes of a line that goes as it is.
const LINE: usize = 200;

/// Finds out whether a mail can stand in another as it is: its lines end in CRLF, none is longer than RFC 5322 2.1.1
/// allows, and there is no NUL.
#[derive(Debug, Default)]
pub struct AsIs {
    line: usize,
    last: u8,
    /// A NUL, or a line's end that is none of the wire's.
    broken: bool,
    long: bool,
    eight_bit: bool,
}

impl AsIs {
    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.broken |= byte == 0 || (byte == b'\n') != (self.last == b'\r');
            self.eight_bit |= byte > 127;
            self.line = if byte == b'\n' { 0 } else { self.line.saturating_add(1) };
            self.long |= self.line > 999;
            self.last = byte;
        }
    }

    /// How it stands in another; nothing when it cannot without being encoded.
    pub fn transfer(&self) -> Option<Transfer> {
        self.redirect().filter(|_| !self.long)
    }

    /// How it goes on by itself; servers take longer lines than a mail within another may have.
    pub fn redirect(&self) -> Option<Transfer> {
        (!self.broken && self.last != b'\r').then_some(Transfer::AsIs(self.eight_bit))
    }
}

/// With CRLF at the end of each line.
fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(64));
    for line in text.lines() {
        // A lone CR is no line's end for anybody, and must not stand in a mail.
        out.extend(line.chars().filter(|c| !matches!(c, '\r' | '\0')));
        out.push_str("\r\n");
    }
    out
}

/// A text's encoding and its bytes.
pub(super) fn transferred(text: &str) -> (&'static str, Vec<u8>) {
    let text = lines(text);
    // "From " at a line's beginning is changed by some who store mails.
    let simple = text.is_ascii()
        && text
            .split("\r\n")
            .all(|line| line.len() <= LINE && !line.starts_with("From "));
    if simple {
        return ("7bit", text.into_bytes());
    }
    let foreign = text.bytes().filter(|byte| !byte.is_ascii() || *byte == b'=').count();
    if foreign.saturating_mul(6) < text.len() {
        return ("quoted-printable", quoted_printable(&text));
    }
    let letters = base64::engine::general_purpose::STANDARD.encode(&text);
    let mut out = Vec::with_capacity(letters.len().saturating_add(letters.len() / 38).saturating_add(2));
    for line in letters.as_bytes().chunks(76) {
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    ("base64", out)
}

/// RFC 2045 6.7: at most 76 characters to a line, the text's own line ends kept.
fn quoted_printable(text: &str) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or(b'0');
    let mut out = Vec::with_capacity(text.len().saturating_add(text.len() / 4));
    for line in text.split_terminator("\r\n") {
        let mut column = 0_usize;
        let last = line.len().saturating_sub(1);
        for (at, byte) in line.bytes().enumerate() {
            // A blank at the end of a line may be lost on the way, and a line that begins with "From " or a dot changed.
            let letter = (b'!'..=b'~').contains(&byte) && byte != b'=';
            let blank = matches!(byte, b' ' | b'\t') && at != last;
            let changed = at == 0 && (byte == b'.' || line.starts_with("From "));
            let width = if (letter || blank) && !changed { 1 } else { 3 };
            if column.saturating_add(width) > 75 {
                out.extend_from_slice(b"=\r\n");
                column = 0;
            }
            column = column.saturating_add(width);
            if width == 1 {
                out.push(byte);
            } else {
                out.extend_from_slice(&[b'=', digit(byte >> 4), digit(byte & 15)]);
            }
        }
        out.extend_from_slice(b"\r\n");
    }
    out
}

//! Content-Transfer-Encoding (RFC 2045 section 6), read as leniently as mail in the wild needs it.

mod stream;

use std::borrow::Cow;

pub use stream::TransferDecoder;

/// Undoes the transfer encoding of one body. Unknown names (`7bit`, `8bit`, `binary`, nonsense) leave it as it is.
pub(crate) fn decode<'a>(body: &'a [u8], encoding: &str) -> Cow<'a, [u8]> {
    match Encoding::named(encoding) {
        Encoding::Base64 => Cow::Owned(base64(body)),
        Encoding::QuotedPrintable => Cow::Owned(quoted_printable(body)),
        Encoding::Uuencode => Cow::Owned(uuencode(body)),
        Encoding::Identity => Cow::Borrowed(body),
    }
}

/// Bytes that [`decode`] would give, without keeping them.
pub(crate) fn decoded_len(body: &[u8], encoding: &str) -> usize {
    match Encoding::named(encoding) {
        Encoding::Base64 => {
            body.iter()
                .filter(|&&byte| sextet(byte).is_some())
                .count()
                .saturating_mul(3)
                >> 2
        }
        Encoding::Identity => body.len(),
        Encoding::QuotedPrintable | Encoding::Uuencode => decode(body, encoding).len(),
    }
}

enum Encoding {
    Base64,
    QuotedPrintable,
    Uuencode,
    Identity,
}

impl Encoding {
    fn named(name: &str) -> Self {
        let name = name.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == ';');
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        if is("base64") || is("b") {
            Self::Base64
        } else if is("quoted-printable") || is("q") {
            Self::QuotedPrintable
        } else if is("x-uuencode") || is("uuencode") || is("x-uue") || is("uue") {
            Self::Uuencode
        } else {
            Self::Identity
        }
    }
}

pub(crate) fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte.wrapping_sub(b'A')),
        b'a'..=b'z' => Some(byte.wrapping_sub(b'a').wrapping_add(26)),
        b'0'..=b'9' => Some(byte.wrapping_sub(b'0').wrapping_add(52)),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Base64 with missing padding, stray characters, and several padded runs one after the other. What a mailing list
/// appends below the padding is not decoded.
pub(crate) fn base64(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity((body.len() >> 2).saturating_mul(3));
    let mut bits = 0u32;
    let mut held = 0u8;
    for (at, &byte) in body.iter().enumerate() {
        if let Some(value) = sextet(byte) {
            bits = (bits << 6) | u32::from(value);
            held = held.wrapping_add(1);
            if held == 4 {
                let [_, a, b, c] = bits.to_be_bytes();
                out.extend_from_slice(&[a, b, c]);
                bits = 0;
                held = 0;
            }
        } else if byte == b'=' && held != 0 {
            flush_base64(bits, held, &mut out);
            bits = 0;
            held = 0;
            let rest = body.get(at..).unwrap_or_default();
            if !rest
                .iter()
                .all(|&b| b == b'=' || b.is_ascii_whitespace() || sextet(b).is_some())
            {
                return out;
            }
        }
    }
    flush_base64(bits, held, &mut out);
    out
}

fn flush_base64(bits: u32, held: u8, out: &mut Vec<u8>) {
    match held {
        2 => {
            let [_, _, _, a] = (bits >> 4).to_be_bytes();
            out.push(a);
        }
        3 => {
            let [_, _, a, b] = (bits >> 2).to_be_bytes();
            out.extend_from_slice(&[a, b]);
        }
        _ => {}
    }
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The byte that two hexadecimal digits stand for.
pub(crate) fn hex_pair(high: u8, low: u8) -> Option<u8> {
    Some((hex(high)? << 4) | hex(low)?)
}

/// Quoted-printable (RFC 2045 section 6.7); an `=` that starts no valid triplet stays as it is.
fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        let (text, end): (&[u8], &[u8]) = match line {
            [text @ .., b'\r', b'\n'] => (text, b"\r\n"),
            [text @ .., b'\n'] => (text, b"\n"),
            text => (text, b""),
        };
        // Blanks before the line end were added on the way (rule 3).
        let text = text.trim_ascii_end();
        let (text, soft) = match text {
            [text @ .., b'='] => (text, true),
            text => (text, false),
        };
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'=', rest) {
            let (before, from) = rest.split_at(at);
            out.extend_from_slice(before);
            if let [_, high, low, after @ ..] = from
                && let Some(byte) = hex_pair(*high, *low)
            {
                out.push(byte);
                rest = after;
            } else {
                out.push(b'=');
                rest = from.get(1..).unwrap_or_default();
            }
        }
        out.extend_from_slice(rest);
        if !soft {
            out.extend_from_slice(end);
        }
    }
    out
}

fn uuencode(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut inside = false;
    for line in body.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !inside {
            inside = line.starts_with(b"begin ");
            continue;
        }
        let Some((&first, data)) = line.split_first() else {
            continue;
        };
        let length = usize::from(first.wrapping_sub(0x20) & 0x3f);
        if length == 0 {
            break;
        }
        let mut bytes = Vec::with_capacity(48);
        for four in data.chunks(4) {
            let mut bits = 0u32;
            for at in 0..4 {
                let value = four.get(at).map_or(0, |byte| byte.wrapping_sub(0x20) & 0x3f);
                bits = (bits << 6) | u32::from(value);
            }
            let [_, a, b, c] = bits.to_be_bytes();
            bytes.extend_from_slice(&[a, b, c]);
        }
        bytes.truncate(length);
        out.extend_from_slice(&bytes);
    }
    out
}

#[cfg(test)]
mod tests;

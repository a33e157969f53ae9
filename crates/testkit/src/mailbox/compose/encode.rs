//! Charsets, transfer encodings and header words, as mail programs of the last twenty years write them.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::{GB18030, GBK};

use super::super::dice::Dice;
use super::super::people::Person;

/// How the Chinese of a mail is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Encoding {
    /// UTF-8, base64.
    Utf8,
    /// UTF-8, quoted-printable.
    Utf8Quoted,
    /// GB18030, base64.
    Gb18030,
    /// Says GB2312 and is GBK; base64.
    Gb2312,
    /// GBK as raw bytes in headers and body.
    RawGbk,
    /// UTF-8 as raw bytes in headers and body (RFC 6532).
    RawUtf8,
    /// No Chinese: ASCII where that is enough.
    English,
}

impl Encoding {
    pub(in super::super) fn roll(dice: &mut Dice) -> Self {
        match dice.below(100) {
            0..=49 => Self::Utf8,
            50..=59 => Self::Utf8Quoted,
            60..=74 => Self::Gb18030,
            75..=89 => Self::Gb2312,
            90..=95 => Self::RawGbk,
            _ => Self::RawUtf8,
        }
    }

    /// Programs keep to the rules more than people's programs do.
    pub(super) fn of_program(self) -> Self {
        match self {
            Self::RawGbk | Self::RawUtf8 => Self::Utf8,
            other => other,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Utf8Quoted | Self::RawUtf8 | Self::English => "utf-8",
            Self::Gb18030 => "gb18030",
            Self::Gb2312 | Self::RawGbk => "gb2312",
        }
    }

    fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Self::Gb18030 => GB18030.encode(text).0.into_owned(),
            Self::Gb2312 | Self::RawGbk => GBK.encode(text).0.into_owned(),
            _ => text.as_bytes().to_vec(),
        }
    }
}

/// One header field.
pub(super) fn field(name: &str, value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.push(b'\n');
}

/// Text of a header: encoded words of at most 75 characters, or raw bytes.
pub(super) fn words(text: &str, encoding: Encoding) -> Vec<u8> {
    if text.is_ascii() || matches!(encoding, Encoding::RawGbk | Encoding::RawUtf8) {
        return encoding.bytes(text);
    }
    let label = encoding.label();
    let room = (75 - label.len() - 7) / 4 * 3;
    let mut out = String::new();
    let mut word = Vec::new();
    let mut write = |word: &mut Vec<u8>| {
        if word.is_empty() {
            return;
        }
        if !out.is_empty() {
            out.push_str("\n ");
        }
        let _ = write!(out, "=?{label}?B?{}?=", STANDARD.encode(&word));
        word.clear();
    };
    let mut buffer = [0; 4];
    for character in text.chars() {
        let bytes = encoding.bytes(character.encode_utf8(&mut buffer));
        if word.len() + bytes.len() > room {
            write(&mut word);
        }
        word.extend_from_slice(&bytes);
    }
    write(&mut word);
    out.into_bytes()
}

/// `"name" <address>`
pub(super) fn address(person: &Person, encoding: Encoding) -> Vec<u8> {
    let encoding = if encoding == Encoding::English {
        Encoding::Utf8
    } else {
        encoding
    };
    let mut out = Vec::new();
    if person.name.is_ascii() {
        out.extend_from_slice(person.name.as_bytes());
    } else {
        // The words stand in quotes against the rule, as Foxmail and QQ write them.
        out.push(b'"');
        out.extend(words(&person.name, encoding));
        out.push(b'"');
    }
    out.extend_from_slice(format!(" <{}>", person.address).as_bytes());
    out
}

/// The header and content of a text part.
pub(super) fn body(kind: &str, text: &str, encoding: Encoding) -> Vec<u8> {
    let ascii = text.is_ascii();
    let (label, transfer) = match encoding {
        Encoding::English if ascii => ("us-ascii", "7bit"),
        Encoding::English | Encoding::Utf8Quoted => ("utf-8", "quoted-printable"),
        Encoding::RawGbk | Encoding::RawUtf8 => (encoding.label(), "8bit"),
        _ => (encoding.label(), "base64"),
    };
    let mut out =
        format!("Content-Type: {kind};\n\tcharset=\"{label}\"\nContent-Transfer-Encoding: {transfer}\n\n").into_bytes();
    let bytes = encoding.bytes(text);
    match transfer {
        "base64" => out.extend(base64_lines(&bytes)),
        "quoted-printable" => quoted_printable(&bytes, &mut out),
        _ => out.extend(bytes),
    }
    out
}

pub(super) fn multipart(kind: &str, boundary: &str, parts: &[Vec<u8>], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("Content-Type: multipart/{kind};\n\tboundary=\"{boundary}\"\n\nThis is a multi-part message in MIME format.\n\n").as_bytes());
    for part in parts {
        out.extend_from_slice(format!("--{boundary}\n").as_bytes());
        out.extend_from_slice(part);
        if !part.ends_with(b"\n") {
            out.push(b'\n');
        }
        out.push(b'\n');
    }
    out.extend_from_slice(format!("--{boundary}--\n").as_bytes());
}

/// A file with its name in one of the four ways that are met.
pub(super) fn attachment(dice: &mut Dice, name: &str, mime_type: &str, lines: &[u8], encoding: Encoding) -> Vec<u8> {
    let mut out = format!("Content-Type: {mime_type}").into_bytes();
    let encoding = if encoding == Encoding::English {
        Encoding::Utf8
    } else {
        encoding
    };
    if name.is_ascii() {
        out.extend_from_slice(
            format!("; name=\"{name}\"\nContent-Disposition: attachment; filename=\"{name}\"").as_bytes(),
        );
    } else if dice.percent(30) {
        let percent: String = encoding
            .bytes(name)
            .iter()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() || *byte == b'.' {
                    char::from(*byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
        out.extend_from_slice(
            format!(
                "\nContent-Disposition: attachment;\n filename*={}''{percent}",
                encoding.label()
            )
            .as_bytes(),
        );
    } else {
        let word = words(name, encoding);
        for start in [
            b";\n name=\"".as_slice(),
            b"\nContent-Disposition: attachment;\n filename=\"",
        ] {
            out.extend_from_slice(start);
            out.extend_from_slice(&word);
            out.push(b'"');
        }
    }
    out.extend_from_slice(b"\nContent-Transfer-Encoding: base64\n\n");
    out.extend_from_slice(lines);
    out
}

/// Base64 in lines of 76.
pub(super) fn base64_lines(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 3 * 4 + bytes.len() / 50 + 8);
    let mut line = [0; 76];
    for chunk in bytes.chunks(57) {
        if let Ok(length) = STANDARD.encode_slice(chunk, &mut line) {
            out.extend_from_slice(line.get(..length).unwrap_or_default());
            out.push(b'\n');
        }
    }
    out
}

fn quoted_printable(bytes: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let mut column = 0;
        for byte in line.iter().copied().filter(|byte| *byte != b'\n') {
            let plain = (b'!'..=b'~').contains(&byte) && byte != b'=' || byte == b' ' && column > 0;
            if column >= 72 {
                out.extend_from_slice(b"=\n");
                column = 0;
            }
            if plain {
                out.push(byte);
                column += 1;
            } else {
                let digit = |value: u8| HEX.get(usize::from(value)).copied().unwrap_or(b'0');
                out.extend_from_slice(&[b'=', digit(byte >> 4), digit(byte & 15)]);
                column += 3;
            }
        }
        // A blank at the end of a line would be lost on the way.
        if out.ends_with(b" ") {
            out.extend_from_slice(b"=\n");
        }
        if line.ends_with(b"\n") {
            out.push(b'\n');
        }
    }
}

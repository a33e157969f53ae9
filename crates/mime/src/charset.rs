//! Bytes to text, when the charset given is wrong, missing or unknown.
//!
//! Chinese mail of twenty years says `gb2312` and means GB18030, says `us-ascii` and means GBK, or says nothing. The
//! rules, in this order: bytes that are UTF-8 are UTF-8; the declared charset where it fits; a guess by the bytes.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, REPLACEMENT, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE,
    WINDOWS_1252,
};

/// A guess needs no more text than this.
const SAMPLE: usize = 64 * 1024;

enum Declared {
    Encoding(&'static Encoding),
    Utf7,
    Hz,
    /// Code pages that browsers never learnt (cp850, cp437 ...).
    Other(fn(&[u8]) -> String),
    Unknown,
}

/// Decodes `bytes` that call themselves `label`. Never fails: what cannot be read becomes U+FFFD.
pub(crate) fn decode(bytes: &[u8], label: Option<&str>) -> String {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return decode_declared(rest, &Declared::Encoding(UTF_8));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return lossy(UTF_16LE, rest);
    }
    let mut declared = label.map_or(Declared::Unknown, look_up);
    if matches!(declared, Declared::Unknown)
        && let Some(label) = html_meta_charset(bytes)
    {
        declared = look_up(&label);
        // The bytes of the tag itself are readable, so they cannot be in these.
        if matches!(declared, Declared::Encoding(e) if e == UTF_16LE || e == UTF_16BE) {
            declared = Declared::Encoding(UTF_8);
        }
    }
    decode_declared(bytes, &declared)
}

fn decode_declared(bytes: &[u8], declared: &Declared) -> String {
    match declared {
        Declared::Utf7 if bytes.is_ascii() => return utf7(bytes),
        Declared::Hz if bytes.is_ascii() => return hz(bytes),
        Declared::Encoding(encoding) if *encoding == ISO_2022_JP && bytes.is_ascii() => return lossy(encoding, bytes),
        Declared::Encoding(encoding) if (*encoding == UTF_16LE || *encoding == UTF_16BE) && bytes.contains(&0) => {
            return lossy(encoding, bytes);
        }
        _ => {}
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && (text.is_ascii() || is_meant_as_utf8(text, bytes, declared))
    {
        return text.to_owned();
    }
    match declared {
        Declared::Encoding(encoding) if is_multi_byte(encoding) => {
            let (text, broken) = encoding.decode_without_bom_handling(bytes);
            if !broken {
                return text.into_owned();
            }
            if is_damaged_utf8(bytes) {
                return String::from_utf8_lossy(bytes).into_owned();
            }
            let (guess, guess_broken) = guess(bytes).decode_without_bom_handling(bytes);
            let errors = |text: &str| text.chars().filter(|&c| c == '\u{FFFD}').count();
            if !guess_broken && errors(&text) > 1 {
                guess.into_owned()
            } else {
                text.into_owned()
            }
        }
        // An honest single-byte charset: every byte means something there, so there is nothing to doubt it by.
        Declared::Encoding(encoding) if *encoding != UTF_8 && *encoding != WINDOWS_1252 && !is_utf16(encoding) => {
            lossy(encoding, bytes)
        }
        Declared::Other(decoder) => decoder(bytes),
        _ => {
            if is_damaged_utf8(bytes) {
                return String::from_utf8_lossy(bytes).into_owned();
            }
            let says_western = matches!(declared, Declared::Encoding(encoding) if *encoding == WINDOWS_1252);
            let encoding = guess(bytes);
            let western =
                encoding != WINDOWS_1252 && is_multi_byte(encoding) && Runs::of(bytes).look_western(says_western);
            lossy(if western { WINDOWS_1252 } else { encoding }, bytes)
        }
    }
}

/// Runs of bytes with the high bit: Chinese comes in long runs of even length, `ü` and `é` come alone.
#[derive(Default)]
struct Runs {
    odd: usize,
    even: usize,
    /// Bytes in runs of four and more.
    long: usize,
    bytes: usize,
}

impl Runs {
    fn of(bytes: &[u8]) -> Self {
        let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
        let mut runs = Self::default();
        for run in sample.split(u8::is_ascii).filter(|run| !run.is_empty()) {
            if run.len() & 1 == 1 {
                runs.odd = runs.odd.saturating_add(1);
            } else {
                runs.even = runs.even.saturating_add(1);
            }
            if run.len() >= 4 {
                runs.long = runs.long.saturating_add(run.len());
            }
            runs.bytes = runs.bytes.saturating_add(run.len());
        }
        runs
    }

    fn look_western(&self, says_western: bool) -> bool {
        self.odd > self.even
            || says_western
                && (self.long.saturating_mul(2) <= self.bytes
                    || self.odd.saturating_mul(3) > self.even.saturating_add(self.odd))
    }
}

fn lossy(encoding: &'static Encoding, bytes: &[u8]) -> String {
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

fn is_multi_byte(encoding: &'static Encoding) -> bool {
    [GB18030, BIG5, EUC_KR, EUC_JP, SHIFT_JIS, ISO_2022_JP].contains(&encoding)
}

/// A few Chinese characters in GBK can look like Greek or Cyrillic in UTF-8; a run of three-byte characters cannot be
/// chance.
fn is_meant_as_utf8(text: &str, bytes: &[u8], declared: &Declared) -> bool {
    match declared {
        Declared::Encoding(encoding) if is_multi_byte(encoding) => {
            text.chars().any(|c| c >= '\u{800}') || encoding.decode_without_bom_handling(bytes).1
        }
        _ => true,
    }
}

/// UTF-8 with a character cut at the end or a few bytes lost on the way, not another charset.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let mut good = 0usize;
    let mut bad = 0usize;
    for chunk in sample.utf8_chunks() {
        good = good.saturating_add(chunk.valid().chars().filter(|&c| c >= '\u{800}').count());
        if !chunk.invalid().is_empty() {
            bad = bad.saturating_add(1);
        }
    }
    good >= 1 && bad.saturating_mul(6) <= good.saturating_add(3)
}

/// What the bytes look like to someone who expects Chinese.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let encoding = detector.guess(Some(b"cn"), Utf8Detection::Deny);
    if encoding == GBK { GB18030 } else { encoding }
}

/// The charset that the raw 8-bit bytes of a header are in; `None` if they are UTF-8 or plain ASCII.
pub(crate) fn of_header(block: &[u8], hint: Option<&str>) -> Option<&'static str> {
    if block.is_ascii() || std::str::from_utf8(block).is_ok() || is_damaged_utf8(block) {
        return None;
    }
    if let Some(Declared::Encoding(encoding)) = hint.map(look_up)
        && is_multi_byte(encoding)
        && !encoding.decode_without_bom_handling(block).1
    {
        return Some(encoding.name());
    }
    let encoding = guess(block);
    let western = is_multi_byte(encoding) && Runs::of(block).look_western(false);
    Some(if western { WINDOWS_1252 } else { encoding }.name())
}

fn look_up(label: &str) -> Declared {
    let label = label.trim_matches(|c: char| c.is_whitespace() || c.is_control() || "\"';,=<>".contains(c));
    // `gb2312; format=flowed` inside the quotes, and the like.
    let label = label.split([';', ' ', '"', ',']).next().unwrap_or_default();
    if label.is_empty() || label.len() > 60 {
        return Declared::Unknown;
    }
    if let Some(encoding) = Encoding::for_label(label.as_bytes()) {
        if encoding == GBK {
            return Declared::Encoding(GB18030);
        }
        if encoding != REPLACEMENT {
            return Declared::Encoding(encoding);
        }
    }
    let lower = label.to_ascii_lowercase();
    let name = lower.as_str();
    match name {
        "hz-gb-2312" | "hz" => Declared::Hz,
        "utf-7" | "utf7" | "unicode-1-1-utf-7" | "x-unicode-2-0-utf-7" | "csunicode11utf7" => Declared::Utf7,
        "utf-8mb4" | "utf8mb4" | "utf-8-sig" | "unicode" | "x-unicode" => Declared::Encoding(UTF_8),
        "cp932" | "ms932" | "windows-932" => Declared::Encoding(SHIFT_JIS),
        "cp949" | "ms949" => Declared::Encoding(EUC_KR),
        _ if name.starts_with("gb") || name.contains("936") || name.contains("euc-cn") || name.contains("euccn") => {
            Declared::Encoding(GB18030)
        }
        _ if name.contains("big5") || name.contains("950") => Declared::Encoding(BIG5),
        _ if name.contains("utf-8") || name.contains("utf8") => Declared::Encoding(UTF_8),
        _ if name.contains("iso-2022-jp") => Declared::Encoding(ISO_2022_JP),
        "iso-2022-cn" | "iso-2022-kr" => Declared::Unknown,
        _ => mail_parser::decoders::charsets::map::charset_decoder(name.as_bytes())
            .map_or(Declared::Unknown, Declared::Other),
    }
}

/// `<meta charset=...>` or its older form, within the first kilobyte of something that begins like HTML.
fn html_meta_charset(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..1024).unwrap_or(bytes);
    let start = head.iter().find(|b| !b.is_ascii_whitespace())?;
    if *start != b'<' {
        return None;
    }
    let head: String = head.iter().map(|&b| char::from(b.to_ascii_lowercase())).collect();
    let (_, meta) = head.split_once("<meta")?;
    let (_, value) = meta.split_once("charset=")?;
    let value = value.trim_start_matches(['"', '\'', ' ']);
    let end = value
        .find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c)))
        .unwrap_or(value.len());
    value.get(..end).filter(|v| !v.is_empty()).map(ToOwned::to_owned)
}

/// HZ (RFC 1843): GB2312 with the high bits off between `~{` and `~}`.
fn hz(bytes: &[u8]) -> String {
    let mut gb = Vec::with_capacity(bytes.len());
    let mut chinese = false;
    let mut iter = bytes.iter().copied();
    while let Some(byte) = iter.next() {
        match byte {
            b'\r' | b'\n' => {
                chinese = false;
                gb.push(byte);
            }
            // Characters are read in pairs: a tilde can be the second half of one.
            _ if chinese => match iter.next() {
                Some(b'}') if byte == b'~' => chinese = false,
                Some(second) => gb.extend_from_slice(&[byte | 0x80, second | 0x80]),
                None => {}
            },
            b'~' => match iter.next() {
                Some(b'{') => chinese = true,
                Some(b'~') => gb.push(b'~'),
                Some(b'\n') | None => {}
                Some(other) => gb.extend_from_slice(&[b'~', other]),
            },
            _ => gb.push(byte),
        }
    }
    lossy(GB18030, &gb)
}

/// UTF-7 (RFC 2152).
fn utf7(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        if byte != b'+' {
            out.push(char::from(byte));
            rest = after;
            continue;
        }
        let end = after
            .iter()
            .position(|&b| crate::transfer::sextet(b).is_none() || b == b'-' || b == b'_')
            .unwrap_or(after.len());
        let (shifted, tail) = after.split_at(end);
        if shifted.is_empty() {
            out.push('+');
        } else {
            let raw = crate::transfer::base64(shifted);
            let units = raw.chunks_exact(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0xFFFD,
            });
            out.extend(char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')));
        }
        rest = tail.strip_prefix(b"-").unwrap_or(tail);
    }
    out
}

#[cfg(test)]
mod tests;

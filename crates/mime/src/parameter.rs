//! Parameters of Content-Type and Content-Disposition: plain, RFC 2231 (charset, continuations), and what is used
//! instead of it (encoded words in quotes, raw 8-bit bytes, percent signs).

use crate::charset;
use crate::display::one_line;
use crate::encoded_word;
use crate::transfer::hex_pair;

/// Names and undecoded values.
pub(crate) type Params = Vec<(Vec<u8>, Vec<u8>)>;

/// More parameters than this are not looked at.
const MOST: usize = 200;
/// The longest value in bytes.
const LONGEST: usize = 8 * 1024;

/// The value of `name` out of `params`, as a server's BODYSTRUCTURE or a header gives them, decoded to one line of at
/// most 500 characters. An extended form (`name*=`, `name*0*=`; RFC 2231) wins over the plain one.
pub fn decode_parameter(params: &[(Vec<u8>, Vec<u8>)], name: &str) -> Option<String> {
    let text = extended(params, name).or_else(|| plain(params, name))?;
    let text = one_line(&text, 500);
    (!text.is_empty()).then_some(text)
}

fn plain(params: &[(Vec<u8>, Vec<u8>)], name: &str) -> Option<String> {
    let (_, value) = params
        .iter()
        .take(MOST)
        .find(|(key, _)| key.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))?;
    Some(plain_text(value))
}

fn plain_text(value: &[u8]) -> String {
    let value = value.get(..LONGEST).unwrap_or(value);
    let text = charset::decode(value, None);
    let text = if text.contains("=?") {
        encoded_word::decode(&text)
    } else {
        text
    };
    percent_guess(&text).unwrap_or(text)
}

/// `%E5%90%88.xlsx` in a plain value: not in any RFC, but sent by web mailers.
fn percent_guess(text: &str) -> Option<String> {
    if !text.is_ascii() || text.matches('%').count() < 2 {
        return None;
    }
    let bytes = percent_decode(text.as_bytes());
    String::from_utf8(bytes).ok().filter(|decoded| !decoded.is_ascii())
}

/// One piece of an extended value: its number, whether it is percent-encoded, its bytes.
struct Piece<'a> {
    number: u32,
    encoded: bool,
    value: &'a [u8],
}

fn extended(params: &[(Vec<u8>, Vec<u8>)], name: &str) -> Option<String> {
    let mut pieces: Vec<Piece<'_>> = params
        .iter()
        .take(MOST)
        .filter_map(|(key, value)| piece(key.trim_ascii(), value, name))
        .collect();
    // `name*` alone and numbered pieces are not mixed: the single one wins.
    if let Some(at) = pieces.iter().position(|p| p.number == u32::MAX) {
        pieces = vec![pieces.swap_remove(at)];
    }
    pieces.sort_by_key(|p| p.number);
    pieces.dedup_by_key(|p| p.number);
    let first = pieces.first_mut()?;
    let mut label = None;
    if first.encoded {
        match split_charset(first.value) {
            Some((charset, value)) => {
                label = Some(charset);
                first.value = value;
            }
            // `filename*="=?utf-8?B?...?="`, or a name with no charset at all.
            None if memchr::memchr(b'%', first.value).is_none() => return Some(plain_text(first.value)),
            None => {}
        }
    } else if pieces.iter().all(|p| !p.encoded) {
        let whole: Vec<u8> = pieces
            .iter()
            .flat_map(|p| p.value.iter().copied())
            .take(LONGEST)
            .collect();
        return Some(plain_text(&whole));
    }
    // A triplet may be cut where two encoded pieces meet, so these are joined first.
    let mut bytes = Vec::new();
    let mut encoded = Vec::new();
    for piece in &pieces {
        if piece.encoded {
            encoded.extend_from_slice(piece.value);
        } else {
            bytes.extend(percent_decode(&encoded));
            encoded.clear();
            bytes.extend_from_slice(piece.value);
        }
        if bytes.len().saturating_add(encoded.len()) > LONGEST {
            break;
        }
    }
    bytes.extend(percent_decode(&encoded));
    Some(charset::decode(&bytes, label.as_deref()))
}

fn piece<'a>(key: &[u8], value: &'a [u8], name: &str) -> Option<Piece<'a>> {
    let (head, tail) = key.split_at_checked(name.len())?;
    if !head.eq_ignore_ascii_case(name.as_bytes()) {
        return None;
    }
    let tail = std::str::from_utf8(tail.strip_prefix(b"*")?).ok()?;
    if tail.is_empty() {
        return Some(Piece {
            number: u32::MAX,
            encoded: true,
            value,
        });
    }
    let (number, encoded) = tail.strip_suffix('*').map_or((tail, false), |number| (number, true));
    let number: u32 = number.parse().ok().filter(|n| *n < 1000)?;
    Some(Piece { number, encoded, value })
}

fn split_charset(value: &[u8]) -> Option<(String, &[u8])> {
    let mut parts = value.splitn(3, |&b| b == b'\'');
    let charset = parts.next()?;
    parts.next()?;
    let text = parts.next()?;
    let charset = std::str::from_utf8(charset).ok()?;
    Some((charset.to_owned(), text))
}

pub(crate) fn percent_decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%'
            && let [high, low, tail @ ..] = after
            && let Some(decoded) = hex_pair(*high, *low)
        {
            out.push(decoded);
            rest = tail;
        } else {
            out.push(byte);
        }
    }
    out
}

/// Cuts the value of a Content-Type or Content-Disposition field into its first word, in lower case, and its parameters.
pub(crate) fn parse_value(value: &[u8]) -> (String, Params) {
    let end = memchr::memchr(b';', value).unwrap_or(value.len());
    let (main, mut rest) = value.split_at(end);
    let main = String::from_utf8_lossy(main);
    let main = main
        .split(['(', '"', '\''])
        .find(|part| !part.trim().is_empty())
        .unwrap_or_default();
    let main: String = main.split_whitespace().collect::<String>().to_ascii_lowercase();
    let legacy = std::str::from_utf8(value).is_err();
    let mut params = Vec::new();
    while let Some(after) = rest.strip_prefix(b";") {
        let after = after.trim_ascii_start();
        let end = after
            .iter()
            .position(|&b| b == b'=' || b == b';')
            .unwrap_or(after.len());
        let (key, tail) = after.split_at(end);
        let Some(tail) = tail.strip_prefix(b"=") else {
            rest = tail;
            continue;
        };
        let tail = tail.trim_ascii_start();
        let (value, tail) = if let Some(inside) = tail.strip_prefix(b"\"") {
            quoted_value(inside, legacy)
        } else {
            let end = memchr::memchr(b';', tail).unwrap_or(tail.len());
            let (value, tail) = tail.split_at(end);
            (value.trim_ascii().to_vec(), tail)
        };
        if !key.is_empty() && params.len() < MOST {
            params.push((key.trim_ascii().to_ascii_lowercase(), value));
        }
        let next = memchr::memchr(b';', tail).unwrap_or(tail.len());
        rest = tail.get(next..).unwrap_or_default();
    }
    (main, params)
}

/// Reads up to the closing quote. In GBK and Big5 the second byte of a character can be a backslash.
fn quoted_value(inside: &[u8], legacy: bool) -> (Vec<u8>, &[u8]) {
    let mut value = Vec::new();
    let mut rest = inside;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.split_first()) {
            (b'"', _) => return (value, after),
            (b'\\', Some((&next @ (b'"' | b'\\'), tail))) => {
                value.push(next);
                rest = tail;
            }
            (0x81..=0xFE, Some((&trail @ 0x40..=0xFE, tail))) if legacy => {
                value.extend_from_slice(&[byte, trail]);
                rest = tail;
            }
            _ => value.push(byte),
        }
    }
    // The closing quote is missing: the value ends where the next parameter could begin.
    let end = memchr::memchr(b';', &value).unwrap_or(value.len());
    value.truncate(end);
    (value, b"")
}

#[cfg(test)]
mod tests;

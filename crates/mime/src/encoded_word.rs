//! Encoded words in headers (RFC 2047, with RFC 2231 languages), also as broken senders write them: characters split
//! across words, no blank between words, no padding, raw blanks in Q, words inside quotes, a last word cut off.

use crate::charset;
use crate::transfer;

/// The longest header value that is decoded; the rest of a longer one is cut.
pub(crate) const LONGEST: usize = 64 * 1024;

/// Decodes all encoded words in a value that is otherwise text already.
pub(crate) fn decode(value: &str) -> String {
    let value = crate::display::clip(value, LONGEST);
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    let mut run = Run::default();
    while let Some(at) = rest.find("=?") {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        if let Some((word, after)) = Word::parse(from) {
            // Blanks between two words belong to neither.
            if !before.trim().is_empty() || run.is_empty() {
                run.flush(&mut out);
                out.push_str(before);
            }
            run.add(&word, &mut out);
            rest = after;
        } else {
            run.flush(&mut out);
            out.push_str(before);
            out.push_str("=?");
            rest = from.get(2..).unwrap_or_default();
        }
    }
    run.flush(&mut out);
    out.push_str(rest);
    out
}

/// The length of the encoded word that `text` begins with.
pub(crate) fn length(text: &str) -> Option<usize> {
    let (_, after) = Word::parse(text)?;
    text.len().checked_sub(after.len())
}

struct Word<'a> {
    charset: &'a str,
    base64: bool,
    payload: &'a str,
}

impl<'a> Word<'a> {
    fn parse(text: &'a str) -> Option<(Self, &'a str)> {
        let inner = text.strip_prefix("=?")?;
        let (charset, inner) = split_short(inner, 60)?;
        let (encoding, payload) = split_short(inner, 1)?;
        if charset.is_empty() || !charset.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        // `charset*language` (RFC 2231 section 5).
        let charset = charset.split('*').next().unwrap_or(charset);
        let base64 = match encoding {
            "B" | "b" => true,
            "Q" | "q" => false,
            _ => return None,
        };
        if let Some((payload, after)) = payload.split_once("?=") {
            return Some((
                Self {
                    charset,
                    base64,
                    payload,
                },
                after,
            ));
        }
        // A word without its end: cut off by a server or a limit. Only what can be such a word is taken.
        let end = payload
            .find(|c: char| c.is_whitespace() || c == '"' || c == '<')
            .unwrap_or(payload.len());
        let (payload, after) = payload.split_at_checked(end)?;
        let payload = payload.trim_end_matches('?');
        let plausible = payload.len() >= 4
            && payload.bytes().all(|b| {
                if base64 {
                    transfer::sextet(b).is_some() || b == b'='
                } else {
                    b.is_ascii_graphic()
                }
            });
        plausible.then_some((
            Self {
                charset,
                base64,
                payload,
            },
            after,
        ))
    }
}

fn split_short(text: &str, longest: usize) -> Option<(&str, &str)> {
    let head = crate::display::clip(text, longest.saturating_add(1));
    let at = head.find('?')?;
    let (before, after) = text.split_at_checked(at)?;
    Some((before, after.get(1..)?))
}

/// Words of the same charset side by side: their bytes are joined before they are read as characters.
#[derive(Default)]
struct Run {
    charset: String,
    bytes: Vec<u8>,
    /// Base64 characters at the end of a word that do not make up a whole byte and are not padded.
    open: String,
    any: bool,
}

impl Run {
    fn is_empty(&self) -> bool {
        !self.any
    }

    fn add(&mut self, word: &Word<'_>, out: &mut String) {
        if self.any && !self.charset.eq_ignore_ascii_case(word.charset) {
            self.flush(out);
        }
        if !self.any {
            word.charset.clone_into(&mut self.charset);
            self.any = true;
        }
        if !word.base64 {
            self.close();
            decode_q(word.payload, &mut self.bytes);
            return;
        }
        let mut payload = std::mem::take(&mut self.open);
        payload.push_str(word.payload);
        let digits: Vec<u8> = payload.bytes().filter(|b| transfer::sextet(*b).is_some()).collect();
        let over = digits.len() & 3;
        let last = digits.last().copied().and_then(transfer::sextet).unwrap_or(0);
        // Bits left over that are not zero belong to a byte that goes on in the next word.
        let goes_on = !payload.contains('=')
            && match over {
                1 => true,
                2 => last & 0b1111 != 0,
                3 => last & 0b11 != 0,
                _ => false,
            };
        if goes_on {
            let whole = digits.len().saturating_sub(over);
            let (whole, open) = digits.split_at_checked(whole).unwrap_or((&digits, b""));
            self.bytes.extend(transfer::base64(whole));
            self.open = open.iter().map(|&b| char::from(b)).collect();
        } else {
            self.bytes.extend(transfer::base64(payload.as_bytes()));
        }
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            let open = std::mem::take(&mut self.open);
            self.bytes.extend(transfer::base64(open.as_bytes()));
        }
    }

    fn flush(&mut self, out: &mut String) {
        if !self.any {
            return;
        }
        self.close();
        out.push_str(&charset::decode(&self.bytes, Some(&self.charset)));
        self.bytes.clear();
        self.charset.clear();
        self.any = false;
    }
}

fn decode_q(payload: &str, out: &mut Vec<u8>) {
    let mut rest = payload.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'_' => out.push(b' '),
            b'=' => match after {
                [high, low, tail @ ..] if transfer::hex_pair(*high, *low).is_some() => {
                    out.extend(transfer::hex_pair(*high, *low));
                    rest = tail;
                }
                _ => out.push(b'='),
            },
            byte => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests;

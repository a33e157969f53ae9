//! A position in one answer of a server, and the tokens of RFC 9051 section 9 read from there.

use bytes::Bytes;

/// Deepest nesting of parentheses that is looked into; what lies deeper is skipped.
pub(crate) const MAX_DEPTH: usize = 64;

/// Reads tokens from one whole answer (lines and literals). `None` always means: not what was expected here.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    unit: &'a Bytes,
    at: usize,
}

/// A string, or NIL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    Nil,
    Some(Bytes),
}

impl Text {
    pub(crate) fn into_option(self) -> Option<Bytes> {
        match self {
            Self::Nil => None,
            Self::Some(bytes) => Some(bytes),
        }
    }
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(unit: &'a Bytes) -> Self {
        Self { unit, at: 0 }
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.unit.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.unit.get(self.at).copied()
    }

    pub(crate) fn advance(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.unit.len());
    }

    /// Steps over `byte` if it is next.
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        if is {
            self.advance(1);
        }
        is
    }

    pub(crate) fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.advance(1);
        }
    }

    /// Whether only the line's end is left.
    pub(crate) fn at_end(&self) -> bool {
        matches!(self.peek(), None | Some(b'\r' | b'\n'))
    }

    /// A slice of this answer that shares its memory.
    fn share(&self, from: usize, to: usize) -> Bytes {
        if from <= to && to <= self.unit.len() {
            self.unit.slice(from..to)
        } else {
            Bytes::new()
        }
    }

    /// What is left of the line, without its end.
    pub(crate) fn line(&self) -> &'a [u8] {
        let rest = self.rest();
        let end = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    /// Bytes up to a space, a parenthesis, a bracket's end or the line's end; may be empty.
    pub(crate) fn word(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let end = rest
            .iter()
            .position(|b| matches!(b, b' ' | b'(' | b')' | b']' | b'\r' | b'\n' | b'\t'))
            .unwrap_or(rest.len());
        self.advance(end);
        rest.get(..end).unwrap_or_default()
    }

    /// An atom as servers write them: up to a space, a parenthesis or the line's end (`[` and `]` inside are kept).
    pub(crate) fn atom(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let end = rest
            .iter()
            .position(|b| matches!(b, b' ' | b'(' | b')' | b'\r' | b'\n' | b'\t'))
            .unwrap_or(rest.len());
        self.advance(end);
        rest.get(..end).unwrap_or_default()
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        let rest = self.rest();
        let end = rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
        let digits = rest.get(..end)?;
        if digits.is_empty() || digits.len() > 20 {
            return None;
        }
        let number = digits.iter().try_fold(0_u64, |n, b| {
            n.checked_mul(10)?.checked_add(u64::from(b.saturating_sub(b'0')))
        })?;
        self.advance(end);
        Some(number)
    }

    pub(crate) fn number32(&mut self) -> Option<u32> {
        let mut ahead = self.clone();
        let number = u32::try_from(ahead.number()?).ok()?;
        *self = ahead;
        Some(number)
    }

    /// A quoted string, a literal, NIL, or a bare atom (which many servers send where a string belongs).
    pub(crate) fn text(&mut self) -> Option<Text> {
        match self.peek()? {
            b'"' => self.quoted().map(Text::Some),
            b'{' => self.literal().map(Text::Some),
            b'~' if self.rest().get(1) == Some(&b'{') => {
                self.advance(1);
                self.literal().map(Text::Some)
            }
            b'(' | b')' | b'\r' | b'\n' | b' ' => None,
            _ => {
                let from = self.at;
                let atom = self.atom();
                if atom.eq_ignore_ascii_case(b"NIL") {
                    return Some(Text::Nil);
                }
                (!atom.is_empty()).then(|| Text::Some(self.share(from, self.at)))
            }
        }
    }

    fn quoted(&mut self) -> Option<Bytes> {
        self.advance(1);
        let from = self.at;
        let rest = self.rest();
        let mut escaped = false;
        let mut has_escape = false;
        let mut end = None;
        for (i, &byte) in rest.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => (escaped, has_escape) = (true, true),
                b'"' => {
                    end = Some(i);
                    break;
                }
                b'\r' | b'\n' => break,
                _ => {}
            }
        }
        let end = end?;
        let raw = rest.get(..end)?;
        self.advance(end.saturating_add(1));
        if !has_escape {
            return Some(self.share(from, from.saturating_add(end)));
        }
        let mut plain = Vec::with_capacity(raw.len());
        let mut bytes = raw.iter().copied();
        while let Some(byte) = bytes.next() {
            // Only `"` and `\` may be escaped; a lone backslash of a careless server stands for itself.
            if byte == b'\\' {
                match bytes.next() {
                    Some(next @ (b'"' | b'\\')) => plain.push(next),
                    Some(next) => plain.extend([byte, next]),
                    None => plain.push(byte),
                }
            } else {
                plain.push(byte);
            }
        }
        Some(Bytes::from(plain))
    }

    fn literal(&mut self) -> Option<Bytes> {
        let (length, header) = literal_header(self.rest())?;
        let from = self.at.checked_add(header)?;
        let to = from.checked_add(usize::try_from(length).ok()?)?;
        if to > self.unit.len() {
            return None;
        }
        let bytes = self.share(from, to);
        self.at = to;
        Some(bytes)
    }

    /// Steps over any value: a string, a number, a list however deep.
    pub(crate) fn skip_value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            self.spaces();
            match self.peek()? {
                b'(' => {
                    self.advance(1);
                    depth = depth.saturating_add(1);
                }
                b')' => {
                    if depth == 0 {
                        return None;
                    }
                    self.advance(1);
                    depth = depth.saturating_sub(1);
                }
                b'\r' | b'\n' => return None,
                _ => {
                    self.text()?;
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Steps over the rest of the list that was entered, up to and over its `)`.
    pub(crate) fn leave_list(&mut self) -> Option<()> {
        loop {
            self.spaces();
            if self.eat(b')') {
                return Some(());
            }
            self.skip_value()?;
        }
    }
}

/// Reads `{123}CRLF` or `{123+}CRLF` at the start of `raw`: the literal's length, and the header's.
pub(crate) fn literal_header(raw: &[u8]) -> Option<(u64, usize)> {
    let inner = raw.strip_prefix(b"{")?;
    let digits = inner.iter().position(|b| !b.is_ascii_digit())?;
    if digits == 0 || digits > 19 {
        return None;
    }
    let length = std::str::from_utf8(inner.get(..digits)?).ok()?.parse().ok()?;
    let mut rest = inner.get(digits..)?;
    let mut header = digits.saturating_add(1);
    for (byte, needed) in [(b'+', false), (b'}', true), (b'\r', false), (b'\n', true)] {
        if rest.first() == Some(&byte) {
            rest = rest.get(1..)?;
            header = header.saturating_add(1);
        } else if needed {
            return None;
        }
    }
    Some((length, header))
}

//! Header fields as bytes (RFC 5322 section 2.2), unfolded but not decoded.

use std::borrow::Cow;

/// A field of a header block: name without the colon, value still folded and undecoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) value: &'a [u8],
}

impl<'a> Field<'a> {
    /// The value on one line: line ends taken out, the blanks that began the next line kept.
    pub(crate) fn unfolded(&self) -> Cow<'a, [u8]> {
        let value = self.value.trim_ascii();
        if memchr::memchr2(b'\n', b'\r', value).is_none() {
            Cow::Borrowed(value)
        } else {
            Cow::Owned(value.iter().copied().filter(|b| *b != b'\r' && *b != b'\n').collect())
        }
    }
}

/// Walks over the fields of a block, up to its blank line. Lines that are no field are passed over.
pub(crate) fn fields(block: &[u8]) -> impl Iterator<Item = Field<'_>> {
    let mut rest = block;
    std::iter::from_fn(move || {
        loop {
            let (line, after) = next_folded(rest)?;
            rest = after;
            if line.trim_ascii().is_empty() {
                return None;
            }
            if let Some(field) = field(line) {
                return Some(field);
            }
        }
    })
}

/// Cuts a mail or part into its header block and its body. A line that cannot belong to a header begins the body.
pub(crate) fn split(raw: &[u8]) -> (&[u8], &[u8]) {
    let mut rest = raw;
    let mut used = 0usize;
    let mut first = true;
    while let Some((line, after)) = next_folded(rest) {
        let blank = line.iter().all(|b| *b == b'\r' || *b == b'\n');
        let mbox = first && (line.starts_with(b"From ") || line.starts_with(b">From "));
        if blank {
            return (raw.get(..used).unwrap_or_default(), after);
        }
        if !mbox && field(line).is_none() {
            return (raw.get(..used).unwrap_or_default(), rest);
        }
        used = used.saturating_add(line.len());
        rest = after;
        first = false;
    }
    (raw, b"")
}

/// One line together with the folded lines below it.
pub(crate) fn next_folded(block: &[u8]) -> Option<(&[u8], &[u8])> {
    if block.is_empty() {
        return None;
    }
    let mut end = 0usize;
    loop {
        let tail = block.get(end..).unwrap_or_default();
        let Some(at) = memchr::memchr(b'\n', tail) else {
            return Some((block, b""));
        };
        let line_was_blank = tail.get(..at).is_some_and(|line| line.iter().all(|b| *b == b'\r'));
        end = end.saturating_add(at).saturating_add(1);
        let folded = matches!(block.get(end), Some(b' ' | b'\t'));
        if !folded || line_was_blank {
            return block.split_at_checked(end);
        }
    }
}

pub(crate) fn field(line: &[u8]) -> Option<Field<'_>> {
    let colon = memchr::memchr(b':', line.get(..100).unwrap_or(line))?;
    let (name, value) = line.split_at_checked(colon)?;
    let name = name.trim_ascii_end();
    if name.is_empty() || !name.iter().all(|b| (33..=126).contains(b)) {
        return None;
    }
    Some(Field {
        name,
        value: value.get(1..)?,
    })
}

#[cfg(test)]
mod tests;

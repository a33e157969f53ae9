//! BODYSTRUCTURE (RFC 9051 7.5.2): bounded, and `None` for what is broken.

use bytes::Bytes;

use super::cursor::{Cursor, MAX_DEPTH, Text};
use crate::structure::{BodyStructure, Part};

/// Most parts of one message; a mail with more is taken as broken and parsed from its source.
const MAX_PARTS: usize = 2_000;
/// Most parameters of one part.
const MAX_PARAMS: usize = 64;

/// Reads a BODYSTRUCTURE (or BODY) value and stands behind it. Always consumes the value, also a broken one, so that
/// the rest of the FETCH answer can be read; the outer `None` means that not even its end was found.
pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Option<Option<BodyStructure>> {
    let mut ahead = cursor.clone();
    let mut left = MAX_PARTS;
    let root = part(&mut ahead, String::new(), 0, &mut left);
    if let Some(root) = root {
        *cursor = ahead;
        Some(Some(BodyStructure { root }))
    } else {
        cursor.skip_value()?;
        Some(None)
    }
}

fn part(cursor: &mut Cursor<'_>, path: String, depth: usize, left: &mut usize) -> Option<Part> {
    if depth > MAX_DEPTH {
        return None;
    }
    *left = left.checked_sub(1)?;
    cursor.spaces();
    if !cursor.eat(b'(') {
        return None;
    }
    cursor.spaces();
    if cursor.peek() == Some(b'(') {
        multipart(cursor, path, depth, left)
    } else {
        single(cursor, path, depth, left)
    }
}

fn below(path: &str, number: usize) -> String {
    if path.is_empty() {
        number.to_string()
    } else {
        format!("{path}.{number}")
    }
}

fn multipart(cursor: &mut Cursor<'_>, path: String, depth: usize, left: &mut usize) -> Option<Part> {
    let mut children = Vec::new();
    while cursor.peek() == Some(b'(') {
        let at = below(&path, children.len().saturating_add(1));
        children.push(part(cursor, at, depth.saturating_add(1), left)?);
        cursor.spaces();
    }
    let subtype = lower(cursor.text().and_then(Text::into_option).as_deref().unwrap_or(b"mixed"));
    let mut multi = Part {
        path,
        mime_type: format!("multipart/{subtype}"),
        children,
        ..Part::default()
    };
    cursor.spaces();
    if cursor.peek() != Some(b')') {
        multi.params = params(cursor)?;
        cursor.spaces();
        if cursor.peek() != Some(b')') {
            disposition(cursor, &mut multi)?;
        }
    }
    cursor.leave_list()?;
    Some(multi)
}

fn single(cursor: &mut Cursor<'_>, path: String, depth: usize, left: &mut usize) -> Option<Part> {
    if cursor.peek() == Some(b')') {
        return None;
    }
    let main = lower(&next_text(cursor)?.unwrap_or_else(|| Bytes::from_static(b"application")));
    let sub = next_text(cursor)?;
    // Exchange sends ("mixed" ("boundary" ...)) for a multipart without parts.
    let Some(sub) = sub.map(|s| lower(&s)) else {
        cursor.leave_list()?;
        return Some(Part {
            path,
            mime_type: format!("{main}/octet-stream"),
            ..Part::default()
        });
    };
    let path = if path.is_empty() { "1".to_owned() } else { path };
    let mut leaf = Part {
        path,
        mime_type: format!("{main}/{sub}"),
        ..Part::default()
    };
    leaf.params = next_params(cursor)?;
    leaf.id = next_text(cursor)?;
    leaf.description = next_text(cursor)?;
    leaf.encoding = next_text(cursor)?.map(|e| lower(&e)).unwrap_or_default();
    cursor.spaces();
    if let Some(size) = cursor.number() {
        leaf.size = u32::try_from(size).unwrap_or(u32::MAX);
    } else if cursor.peek() != Some(b')') {
        // Some servers send NIL, or -1.
        cursor.skip_value()?;
    }
    leaf.charset = leaf
        .param("charset")
        .map(|c| String::from_utf8_lossy(c.trim_ascii()).into_owned());
    cursor.spaces();
    if leaf.mime_type == "message/rfc822" || leaf.mime_type == "message/global" {
        // Envelope, structure, lines. Some servers leave them out.
        if cursor.peek() == Some(b'(') {
            cursor.skip_value()?;
            cursor.spaces();
            if cursor.peek() == Some(b'(') {
                // A message's only part is numbered below it, a multipart's children are too.
                let embedded = embedded(cursor, &leaf.path, depth.saturating_add(1), left)?;
                leaf.children.push(embedded);
            } else if cursor.peek() != Some(b')') {
                cursor.skip_value()?;
            }
        }
        cursor.spaces();
    }
    if cursor.peek().is_some_and(|b| b.is_ascii_digit()) {
        leaf.lines = cursor.number32();
        if leaf.lines.is_none() {
            cursor.skip_value()?;
        }
        cursor.spaces();
    }
    // Extension data: MD5, disposition, language, location; NIL in place of any.
    if cursor.peek() != Some(b')') {
        cursor.skip_value()?;
        cursor.spaces();
        if cursor.peek() != Some(b')') {
            disposition(cursor, &mut leaf)?;
        }
    }
    cursor.leave_list()?;
    Some(leaf)
}

/// The structure inside a message/rfc822 part at `path`.
fn embedded(cursor: &mut Cursor<'_>, path: &str, depth: usize, left: &mut usize) -> Option<Part> {
    let mut ahead = cursor.clone();
    ahead.spaces();
    ahead.eat(b'(');
    ahead.spaces();
    let multi = ahead.peek() == Some(b'(');
    // A multipart body shares the message's own path: its parts are `path.1`, `path.2`.
    let at = if multi { path.to_owned() } else { below(path, 1) };
    part(cursor, at, depth, left)
}

/// A string after spaces; the outer `None` is a broken structure, the inner one NIL.
fn next_text(cursor: &mut Cursor<'_>) -> Option<Option<Bytes>> {
    cursor.spaces();
    match cursor.peek()? {
        // A list where a string belongs: skipped, as if it were NIL.
        b'(' => {
            cursor.skip_value()?;
            Some(None)
        }
        b')' => Some(None),
        _ => Some(cursor.text()?.into_option()),
    }
}

fn next_params(cursor: &mut Cursor<'_>) -> Option<Vec<(Bytes, Bytes)>> {
    cursor.spaces();
    if cursor.peek() == Some(b')') {
        Some(Vec::new())
    } else {
        params(cursor)
    }
}

/// `("name" "value" ...)` or NIL.
fn params(cursor: &mut Cursor<'_>) -> Option<Vec<(Bytes, Bytes)>> {
    if cursor.peek() != Some(b'(') {
        cursor.skip_value()?;
        return Some(Vec::new());
    }
    cursor.advance(1);
    let mut params = Vec::new();
    loop {
        cursor.spaces();
        if cursor.eat(b')') {
            return Some(params);
        }
        let Some(name) = next_text(cursor)? else { continue };
        cursor.spaces();
        if cursor.peek() == Some(b')') {
            continue;
        }
        if let Some(value) = next_text(cursor)?
            && params.len() < MAX_PARAMS
        {
            params.push((name, value));
        }
    }
}

fn disposition(cursor: &mut Cursor<'_>, part: &mut Part) -> Option<()> {
    cursor.spaces();
    if cursor.peek() != Some(b'(') {
        // NIL; or, from careless servers, the bare word.
        if let Some(word) = cursor.text()?.into_option() {
            part.disposition = Some(lower(&word));
        }
        return Some(());
    }
    cursor.advance(1);
    part.disposition = next_text(cursor)?.map(|d| lower(&d));
    cursor.spaces();
    if cursor.peek() != Some(b')') {
        part.disposition_params = params(cursor)?;
    }
    cursor.leave_list()
}

fn lower(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw.get(..128).unwrap_or(raw).trim_ascii()).to_ascii_lowercase()
}

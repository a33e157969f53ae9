//! Text that others wrote, made fit to stand in a list, a bubble or a menu.

use std::borrow::Cow;

/// One line without control characters, line ends, bidirectional overrides and invisible marks, blanks folded, at most
/// `limit` characters.
pub(crate) fn one_line(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit.saturating_mul(4)));
    let mut left = limit;
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            blank = true;
            continue;
        }
        if is_deceptive(c) {
            continue;
        }
        if blank && !out.is_empty() {
            if left <= 1 {
                break;
            }
            out.push(' ');
            left = left.saturating_sub(1);
        }
        blank = false;
        if left == 0 {
            break;
        }
        out.push(c);
        left = left.saturating_sub(1);
    }
    out
}

/// Characters that show nothing and change how their neighbours are read: bidirectional controls (the "exe that looks
/// like a pdf"), zero-width blanks, tags, annotation marks.
pub(crate) fn is_deceptive(c: char) -> bool {
    if c < '\u{AD}' {
        return false;
    }
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}' | '\u{3164}' | '\u{FFA0}'
        | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// At most `limit` bytes of `text`, cut between characters.
pub(crate) fn clip(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    text.get(..text.floor_char_boundary(limit)).unwrap_or_default()
}

/// Line ends as `\n`, without NUL and the other controls that no text needs. For bodies.
pub(crate) fn body_text(text: &str) -> Cow<'_, str> {
    let odd = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => out.push('\n'),
            c if odd(c) => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;

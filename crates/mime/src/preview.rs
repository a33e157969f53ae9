//! The first words of a mail, for a list row and a bubble.

use crate::display::{clip, is_deceptive};
use crate::html::text::{Hidden, read};
use crate::plain::address_length;

/// The longest preview in characters.
const LONGEST: usize = 160;
/// Text that is looked at to fill it.
const ENOUGH: usize = 8 * 1024;

/// At most 160 characters on one line: greetings and quotes are kept, blanks folded, web addresses shortened to their
/// host, lines drawn of hyphens and the invisible filling of newsletters left out. Empty if the mail has no words.
pub fn preview(text: Option<&str>, html: Option<&str>) -> String {
    let from_text = text.map(|text| {
        let text = clip(text, ENOUGH);
        if looks_like_html(text) {
            shorten(&read(text, Hidden::Keep, ENOUGH))
        } else {
            shorten(text)
        }
    });
    match from_text {
        Some(preview) if !preview.is_empty() => preview,
        _ => html
            .map(|html| shorten(&read(html, Hidden::Keep, ENOUGH)))
            .unwrap_or_default(),
    }
}

/// Some senders put their HTML into the plain text too.
fn looks_like_html(text: &str) -> bool {
    let text = text.trim_start();
    let head = clip(text, 500).to_ascii_lowercase();
    head.starts_with("<!doctype html")
        || head.starts_with("<html")
        || (head.starts_with('<') && head.contains("</") && head.contains("style="))
}

fn shorten(text: &str) -> String {
    let mut out = String::new();
    let mut left = LONGEST;
    let mut blank = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        if c.is_whitespace()
            || c.is_control()
            || is_deceptive(c)
            || matches!(c, '\u{200C}' | '\u{200D}') && !joins(&out, after)
        {
            // Invisible filling is no blank between words, other than real blanks.
            blank |= c.is_whitespace() || c.is_control();
            rest = after;
            continue;
        }
        let mut shown: &str = rest.get(..c.len_utf8()).unwrap_or_default();
        let mut next = after;
        if is_rule(c) {
            let run = rest.chars().take_while(|other| *other == c).count();
            if run >= 4 {
                rest = rest.get(run.saturating_mul(c.len_utf8())..).unwrap_or_default();
                blank = true;
                continue;
            }
        }
        if matches!(c, 'h' | 'H')
            && let Some((host, behind)) = web_address(rest)
        {
            shown = host;
            next = behind;
        }
        if blank && !out.is_empty() {
            if left <= 1 {
                break;
            }
            out.push(' ');
            left = left.saturating_sub(1);
        }
        blank = false;
        let length = shown.chars().count();
        if length > left {
            break;
        }
        out.push_str(shown);
        left = left.saturating_sub(length);
        if left == 0 {
            break;
        }
        rest = next;
    }
    // Nothing but marks (`> -- …`) is no preview.
    if out.chars().any(char::is_alphanumeric) {
        out.trim_end().to_owned()
    } else {
        String::new()
    }
}

/// A joiner between two visible characters (emoji, Arabic, Indic scripts) is part of them.
fn joins(before: &str, after: &str) -> bool {
    let visible = |c: Option<char>| {
        c.is_some_and(|c| {
            !c.is_ascii() && !c.is_whitespace() && !is_deceptive(c) && !matches!(c, '\u{200C}' | '\u{200D}')
        })
    };
    visible(before.chars().next_back()) && visible(after.chars().next())
}

fn is_rule(c: char) -> bool {
    matches!(c, '-' | '_' | '=' | '*' | '—' | '─' | '~' | '#' | '+' | '.')
}

/// The host of the web address that `text` begins with, and what follows the address.
fn web_address(text: &str) -> Option<(&str, &str)> {
    let head = clip(text, 8).to_ascii_lowercase();
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| head.starts_with(scheme))?;
    let length = address_length(text);
    let (address, after) = text.split_at_checked(length)?;
    let host = address.get(scheme.len()..)?.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next().unwrap_or(host);
    (!host.is_empty()).then_some((host, after))
}

#[cfg(test)]
mod tests;

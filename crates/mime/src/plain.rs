//! Plain text for the frame that also shows HTML.

/// Plain text as HTML: escaped, lines kept, addresses of the web and of mail as links, quoted lines (`>`) in nested
/// `blockquote`s of the class `quote-1` ... `quote-5`. To be passed through [`crate::sanitise`], which turns the links
/// into the host's and prefixes the classes like all others.
pub fn text_to_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(text.len() >> 3).saturating_add(64));
    out.push_str("<div style=\"white-space:pre-wrap\">");
    let mut depth = 0usize;
    let mut fresh = true;
    for line in text.lines() {
        let (line_depth, line) = quote_depth(line);
        if line_depth != depth {
            while depth > line_depth {
                out.push_str("</blockquote>");
                depth = depth.saturating_sub(1);
            }
            while depth < line_depth {
                depth = depth.saturating_add(1);
                out.push_str("<blockquote class=\"quote-");
                out.push_str(&depth.min(5).to_string());
                out.push_str("\">");
            }
            fresh = true;
        }
        if !fresh {
            out.push('\n');
        }
        fresh = false;
        push_linked(line, &mut out);
    }
    for _ in 0..depth {
        out.push_str("</blockquote>");
    }
    out.push_str("</div>");
    out
}

/// Counts the quote marks of a line, at most 20, and gives what follows them.
fn quote_depth(line: &str) -> (usize, &str) {
    let mut rest = line;
    let mut depth = 0usize;
    while depth < 20 {
        let trimmed = rest
            .strip_prefix(' ')
            .filter(|r| depth > 0 && r.starts_with('>'))
            .unwrap_or(rest);
        let Some(after) = trimmed.strip_prefix('>') else { break };
        depth = depth.saturating_add(1);
        rest = after;
    }
    if depth > 0 {
        rest = rest.strip_prefix(' ').unwrap_or(rest);
    }
    (depth, rest)
}

/// Escapes text for an element or a quoted attribute.
pub(crate) fn push_escaped(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{A0}' => out.push_str("&nbsp;"),
            c => out.push(c),
        }
    }
}

fn push_linked(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some(link) = Link::find(rest) {
        let (before, from) = rest.split_at_checked(link.start).unwrap_or((rest, ""));
        let (shown, after) = from.split_at_checked(link.length).unwrap_or((from, ""));
        push_escaped(before, out);
        out.push_str("<a href=\"");
        out.push_str(link.prefix);
        push_escaped(shown, out);
        out.push_str("\">");
        push_escaped(shown, out);
        out.push_str("</a>");
        rest = after;
    }
    push_escaped(rest, out);
}

struct Link {
    start: usize,
    length: usize,
    /// What the address lacks to be a link.
    prefix: &'static str,
}

impl Link {
    /// The first link in `text`; addresses of more than 2000 bytes are none.
    fn find(text: &str) -> Option<Self> {
        let mut from = 0usize;
        loop {
            let tail = text.get(from..)?;
            let at = tail.find([':', '@', '.'])?;
            let mark = from.saturating_add(at);
            let found = match tail.get(at..)?.chars().next()? {
                ':' => Self::web(text, mark),
                '.' => Self::www(text, mark),
                _ => Self::mail(text, mark),
            };
            if found.is_some() {
                return found;
            }
            from = mark.saturating_add(1);
        }
    }

    fn web(text: &str, colon: usize) -> Option<Self> {
        let (before, after) = text.split_at_checked(colon)?;
        let ends_with = |scheme: &str| {
            let start = before.len().checked_sub(scheme.len());
            start
                .and_then(|start| before.get(start..))
                .is_some_and(|tail| tail.eq_ignore_ascii_case(scheme))
        };
        let scheme: usize = if ends_with("https") {
            5
        } else if ends_with("http") {
            4
        } else {
            return None;
        };
        if !after.starts_with("://") {
            return None;
        }
        let start = colon.checked_sub(scheme)?;
        let length = address_length(text.get(start..)?);
        (length > scheme.saturating_add(3) && length <= 2000).then_some(Self {
            start,
            length,
            prefix: "",
        })
    }

    fn www(text: &str, dot: usize) -> Option<Self> {
        let start = dot.checked_sub(3)?;
        let before = text.get(..start)?.chars().next_back();
        if !text.get(start..dot)?.eq_ignore_ascii_case("www")
            || before.is_some_and(|c| c.is_ascii_alphanumeric() || "./@-_".contains(c))
        {
            return None;
        }
        let length = address_length(text.get(start..)?);
        (length > 6 && length <= 2000).then_some(Self {
            start,
            length,
            prefix: "http://",
        })
    }

    fn mail(text: &str, at: usize) -> Option<Self> {
        let word = |c: char| c.is_ascii_alphanumeric() || ".-_+".contains(c);
        let before = text.get(..at)?;
        let local = before.chars().rev().take(64).take_while(|c| word(*c)).count();
        let host = text.get(at.saturating_add(1)..)?;
        let host_length: usize = host
            .chars()
            .take(255)
            .take_while(|c| c.is_ascii_alphanumeric() || ".-".contains(*c))
            .count();
        let host = host.get(..host_length)?.trim_end_matches(['.', '-']);
        if local == 0 || !host.contains('.') {
            return None;
        }
        let start = at.checked_sub(local)?;
        Some(Self {
            start,
            length: local.saturating_add(1).saturating_add(host.len()),
            prefix: "mailto:",
        })
    }
}

/// How far a web address reaches: up to a blank, a Chinese character or mark, or punctuation that ends a sentence.
pub(crate) fn address_length(text: &str) -> usize {
    let text = crate::display::clip(text, 2001);
    let end = text
        .find(|c: char| !c.is_ascii() || c.is_ascii_whitespace() || c.is_ascii_control() || "<>\"`{}|\\^".contains(c))
        .unwrap_or(text.len());
    let mut link = text.get(..end).unwrap_or_default();
    loop {
        let shorter = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*']);
        let shorter = match shorter.strip_suffix([')', ']']) {
            Some(open) if !open.contains(['(', '[']) => open,
            _ => shorter,
        };
        if shorter.len() == link.len() {
            return link.len();
        }
        link = shorter;
    }
}

/// Joins the lines of `format=flowed` (RFC 3676). With `delsp` the blank at a soft line end is not part of the text.
pub fn unflow(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let marks = line.bytes().take_while(|b| *b == b'>').count();
        let content = line.get(marks..).unwrap_or_default();
        let content = content.strip_prefix(' ').unwrap_or(content);
        let signature = content == "-- ";
        if open != Some(marks) || signature {
            if open.is_some() {
                out.push('\n');
            }
            out.extend(std::iter::repeat_n('>', marks));
            if marks > 0 {
                out.push(' ');
            }
        }
        let soft = content.ends_with(' ') && !signature;
        if soft && delsp {
            out.push_str(content.strip_suffix(' ').unwrap_or(content));
        } else {
            out.push_str(content);
        }
        if soft {
            open = Some(marks);
        } else {
            out.push('\n');
            open = None;
        }
    }
    if open.is_some() {
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests;

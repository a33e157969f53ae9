//! Links of a mail: `link:<n>`, as the agent's sanitiser leaves them, become addresses that this program answers.

/// Where a tag's name ends.
fn name_end(tag: &str) -> usize {
    tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len())
}

/// `html` with every `href="link:<n>"` turned into `href="<base><n>"`, and with the true target as the tooltip, so
/// that a person sees where a link leads before following it.
///
/// Only attributes inside tags are touched: a mail whose *text* says `href="link:1"` is shown as it was written.
/// `html` is the output of the sanitiser, so `<` opens a tag wherever it stands outside a quoted value, and values are
/// in double quotes.
pub(crate) fn rewrite(html: &str, base: &str, targets: &[String]) -> String {
    let mut out = String::with_capacity(html.len().saturating_add(targets.len().saturating_mul(96)));
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        out.push_str(text);
        out.push('<');
        let (name, _) = after.split_at(name_end(after));
        let (tag, behind) = after.split_at(tag_end(after));
        if name.eq_ignore_ascii_case("a") || name.eq_ignore_ascii_case("area") {
            rewrite_tag(&mut out, tag, base, targets);
        } else {
            out.push_str(tag);
        }
        rest = behind;
        if name.eq_ignore_ascii_case("style") {
            // Raw text: a `<` in it opens nothing.
            let (style, behind) = rest.split_at(rest.find("</").unwrap_or(rest.len()));
            out.push_str(style);
            rest = behind;
        }
    }
    out.push_str(rest);
    out
}

/// Length of a tag's inside, up to its `>`.
fn tag_end(tag: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in tag.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at,
            _ => {}
        }
    }
    tag.len()
}

fn rewrite_tag(out: &mut String, tag: &str, base: &str, targets: &[String]) {
    const HREF: &str = " href=\"link:";
    let found = tag.split_once(HREF).and_then(|(before, after)| {
        let (digits, behind) = after.split_once('"')?;
        let number: usize = digits.parse().ok()?;
        let target = targets.get(number)?;
        // A quoted value may hold the same letters; then an odd number of quotes lies before it.
        before
            .matches('"')
            .count()
            .is_multiple_of(2)
            .then_some((before, number, target, behind))
    });
    let Some((before, number, target, behind)) = found else {
        out.push_str(tag);
        return;
    };
    out.push_str(before);
    out.push_str(" href=\"");
    out.push_str(base);
    out.push_str(&number.to_string());
    out.push('"');
    if !tag.contains(" title=\"") {
        out.push_str(" title=\"");
        escape(out, target);
        out.push('"');
    }
    out.push_str(behind);
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars().take(2000) {
        match c {
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
}

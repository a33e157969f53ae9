//! Links of a mail: `link:<n>`, as the agent's sanitiser leaves them, become addresses that this program answers.

use qiyou_api::MailId;

/// Where a tag's name ends.
fn name_end(tag: &str) -> usize {
    tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len())
}

/// `html` with every `href="link:<n>"` turned into `href="<base>link/<mail>/<n>"`, and with the true target as the
/// tooltip, so that a person sees where a link leads before following it; and every `picture:<n>` of the network into
/// `<base>picture/<mail>/<n>`.
///
/// Only attributes inside tags are touched: a mail whose *text* says `href="link:1"` is shown as it was written.
/// `html` is the output of the sanitiser, so `<` opens a tag wherever it stands outside a quoted value, and values are
/// in double quotes.
pub(crate) fn rewrite(html: &str, mail: MailId, base: &str, targets: &[String]) -> String {
    let link = format!("{base}link/{mail}/");
    let picture = format!("{base}picture/{mail}/");
    let mut out = String::with_capacity(html.len().saturating_add(targets.len().saturating_mul(96)));
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        out.push_str(text);
        out.push('<');
        let (name, _) = after.split_at(name_end(after));
        let (tag, behind) = after.split_at(tag_end(after));
        if name.eq_ignore_ascii_case("a") || name.eq_ignore_ascii_case("area") {
            rewrite_link(&mut out, tag, &link, targets);
        } else if name.eq_ignore_ascii_case("img") {
            if rewrite_picture(&mut out, tag, " src=\"picture:", &picture) {
                // Pictures below the fold are asked for when they are scrolled to.
                out.push_str(" loading=\"lazy\"");
            }
        } else {
            rewrite_picture(&mut out, tag, " background=\"picture:", &picture);
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

/// Finds an attribute of ours: what stands before it, its number, what comes after it.
fn number_of<'t>(tag: &'t str, attribute: &str) -> Option<(&'t str, usize, &'t str)> {
    let (before, after) = tag.split_once(attribute)?;
    let (digits, behind) = after.split_once('"')?;
    let number = digits.parse().ok()?;
    // A quoted value may hold the same letters; then an odd number of quotes lies before it.
    before
        .matches('"')
        .count()
        .is_multiple_of(2)
        .then_some((before, number, behind))
}

fn rewrite_picture(out: &mut String, tag: &str, attribute: &str, base: &str) -> bool {
    let Some((before, number, behind)) = number_of(tag, attribute) else {
        out.push_str(tag);
        return false;
    };
    out.push_str(before);
    out.push_str(attribute.trim_end_matches("picture:"));
    out.push_str(base);
    out.push_str(&number.to_string());
    out.push('"');
    out.push_str(behind);
    true
}

fn rewrite_link(out: &mut String, tag: &str, base: &str, targets: &[String]) {
    let found = number_of(tag, " href=\"link:");
    let Some((before, number, behind, target)) =
        found.and_then(|(before, number, behind)| Some((before, number, behind, targets.get(number)?)))
    else {
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

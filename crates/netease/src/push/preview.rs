//! The first words of a mail, out of text or HTML that anybody may have written.

/// The words of HTML without its tags, comments, styles and scripts. What comes out is text and no HTML: nobody may put
/// it into a page unescaped.
pub(super) fn plain(html: &str, limit: usize) -> String {
    let mut out = Words::new(limit);
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        if !out.take(before) {
            return out.text;
        }
        // Only what begins like a tag is one: "1 < 2" is not.
        if !tag.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!' || c == '?') {
            out.take("<");
            rest = tag;
            continue;
        }
        out.space();
        rest = behind(tag);
    }
    out.take(rest);
    out.text
}

/// What follows the tag that `tag` begins with, and its content where that is not for people. Without an end, nothing.
fn behind(tag: &str) -> &str {
    if let Some(comment) = tag.strip_prefix("!--") {
        return comment.split_once("-->").map_or("", |(_, rest)| rest);
    }
    let name: String = tag
        .chars()
        .take(8)
        .take_while(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let rest = tag.split_once('>').map_or("", |(_, rest)| rest);
    if !matches!(name.as_str(), "style" | "script" | "title" | "head") {
        return rest;
    }
    // Neither nests: the next closing tag of that name is its end.
    let mut open = rest;
    while let Some((_, closing)) = open.split_once("</") {
        if closing
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(&name))
        {
            return closing.split_once('>').map_or("", |(_, rest)| rest);
        }
        open = closing;
    }
    ""
}

/// Text with single spaces, at most `limit` characters.
pub(super) fn words(text: &str, limit: usize) -> String {
    let mut out = Words::new(limit);
    for c in text.chars() {
        if !out.push(c) {
            break;
        }
    }
    out.text
}

struct Words {
    text: String,
    left: usize,
    space: bool,
}

impl Words {
    fn new(limit: usize) -> Self {
        Self {
            text: String::new(),
            left: limit,
            space: false,
        }
    }

    fn space(&mut self) {
        self.space = !self.text.is_empty();
    }

    /// False when nothing more is taken.
    fn push(&mut self, c: char) -> bool {
        if c.is_whitespace() {
            self.space();
            return true;
        }
        if c.is_control() {
            return true;
        }
        for c in self.space.then_some(' ').into_iter().chain([c]) {
            let Some(left) = self.left.checked_sub(1) else {
                return false;
            };
            self.left = left;
            self.text.push(c);
        }
        self.space = false;
        true
    }

    /// Takes text of HTML, with its entities read.
    fn take(&mut self, text: &str) -> bool {
        let mut rest = text;
        while let Some((before, entity)) = rest.split_once('&') {
            if !before.chars().all(|c| self.push(c)) {
                return false;
            }
            let read = entity
                .split_once(';')
                .and_then(|(name, behind)| Some((read(name)?, behind)));
            let (c, behind) = read.unwrap_or(('&', entity));
            if !self.push(c) {
                return false;
            }
            rest = behind;
        }
        rest.chars().all(|c| self.push(c))
    }
}

fn read(entity: &str) -> Option<char> {
    Some(match entity {
        "nbsp" => ' ',
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let digits = entity.strip_prefix('#')?;
            let number = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => digits.parse(),
            };
            char::from_u32(number.ok()?)?
        }
    })
}

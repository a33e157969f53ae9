//! A tokenizer for HTML (the tokenization stage of the HTML standard, section 13.2.5, as far as mail needs it).
//!
//! It runs in linear time over anything. The sanitiser re-serialises what it gives, so that the tree builder behind
//! sees only tags and attributes that were seen here.

use crate::display::clip;

/// Attributes of one tag that are looked at.
const MOST_ATTRIBUTES: usize = 64;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Text with its character references.
    Text(&'a str),
    Start(Tag<'a>),
    /// The name in lower case.
    End(String),
    /// The content of an element whose content is not HTML (`script`, `style`, `title` ...).
    Raw(&'static str, &'a str),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// In lower case, at most 32 bytes.
    pub(super) name: String,
    pub(super) attributes: Vec<Attribute<'a>>,
}

#[derive(Debug, PartialEq, Eq, Clone)]
pub(super) struct Attribute<'a> {
    /// In lower case.
    pub(super) name: String,
    /// As written, with its character references.
    pub(super) value: &'a str,
}

impl Tag<'_> {
    /// The value of an attribute, its character references undone.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.attributes
            .iter()
            .find(|a| a.name == name)
            .map(|a| unescaped(a.value))
    }
}

/// Elements whose content the standard does not read as HTML.
const RAW: [&str; 11] = [
    "script",
    "style",
    "title",
    "textarea",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "plaintext",
    "template",
];

pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// The raw element that was just opened.
    raw: Option<&'static str>,
    /// Raw elements for which no end was found once; looking again would take quadratic time.
    endless: Vec<&'static str>,
}

/// What a bracket begins.
enum Markup<'a> {
    Token(Token<'a>),
    /// A comment, a declaration, a tag cut off: passed over.
    Nothing,
    /// The bracket is a character of the text.
    Text,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(html: &'a str) -> Self {
        Self {
            rest: html,
            raw: None,
            endless: Vec::new(),
        }
    }

    /// Everything up to the end tag of `name`, which is left where it is.
    fn raw_text(&mut self, name: &'static str) -> &'a str {
        if self.endless.contains(&name) {
            return "";
        }
        let end = if name == "plaintext" {
            None
        } else {
            find_end_tag(self.rest, name)
        };
        let end = end.unwrap_or_else(|| {
            self.endless.push(name);
            self.rest.len()
        });
        let (raw, after) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = after;
        raw
    }

    /// Passes over everything up to and with the end tag of `name`; stays where it is if there is none.
    pub(super) fn skip_element(&mut self, name: &'static str) {
        if self.endless.contains(&name) {
            return;
        }
        match find_end_tag(self.rest, name) {
            Some(end) => self.rest = self.rest.get(end..).unwrap_or_default(),
            None => self.endless.push(name),
        }
    }

    /// Reads what begins with a bracket and moves behind it.
    fn markup(&mut self) -> Markup<'a> {
        self.try_markup().unwrap_or(Markup::Text)
    }

    fn try_markup(&mut self) -> Option<Markup<'a>> {
        let shown = |token: Option<Token<'a>>| Some(token.map_or(Markup::Nothing, Markup::Token));
        let inside = self.rest.strip_prefix('<')?;
        let first = inside.chars().next()?;
        if first.is_ascii_alphabetic() {
            let (tag, after) = start_tag(inside);
            self.rest = after;
            return shown(tag.map(|tag| {
                self.raw = RAW.into_iter().find(|raw| *raw == tag.name);
                Token::Start(tag)
            }));
        }
        match first {
            '/' => {
                let name = inside.get(1..)?;
                if name.starts_with('>') {
                    self.rest = name.get(1..)?;
                    return Some(Markup::Nothing);
                }
                if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    self.rest = after_bracket(name);
                    return Some(Markup::Nothing);
                }
                let (tag, after) = start_tag(name);
                self.rest = after;
                shown(tag.map(|tag| Token::End(tag.name)))
            }
            '!' => {
                self.rest = match inside.strip_prefix("!--") {
                    Some(comment) => after_comment(comment),
                    None => after_bracket(inside),
                };
                Some(Markup::Nothing)
            }
            '?' => {
                self.rest = after_bracket(inside);
                Some(Markup::Nothing)
            }
            _ => None,
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take() {
            let raw = self.raw_text(name);
            if !raw.is_empty() {
                return Some(Token::Raw(name, raw));
            }
        }
        loop {
            if self.rest.is_empty() {
                return None;
            }
            if self.rest.starts_with('<') {
                match self.markup() {
                    Markup::Token(token) => return Some(token),
                    Markup::Nothing => continue,
                    Markup::Text => {}
                }
            }
            // Text: up to the next bracket, which may itself turn out to be text.
            let from = self.rest.get(1..).map_or(0, |_| 1);
            let from = if self.rest.starts_with('<') { from } else { 0 };
            let end = memchr::memchr(b'<', self.rest.as_bytes().get(from..).unwrap_or_default())
                .map_or(self.rest.len(), |at| at.saturating_add(from));
            let (text, after) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
            self.rest = after;
            return Some(Token::Text(text));
        }
    }
}

fn after_bracket(text: &str) -> &str {
    text.split_once('>').map_or("", |(_, after)| after)
}

/// What follows a comment whose `<!--` has been read.
fn after_comment(comment: &str) -> &str {
    if let Some(after) = comment.strip_prefix('>').or_else(|| comment.strip_prefix("->")) {
        return after;
    }
    let bytes = comment.as_bytes();
    for at in memchr::memmem::find_iter(bytes, b"--") {
        let tail = comment.get(at.saturating_add(2)..).unwrap_or_default();
        if let Some(after) = tail.strip_prefix('>').or_else(|| tail.strip_prefix("!>")) {
            return after;
        }
        // `--->`: the search steps over overlapping hyphens.
        if let Some(after) = tail.strip_prefix("->") {
            return after;
        }
    }
    ""
}

fn find_end_tag(text: &str, name: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memmem::find_iter(bytes, b"</").find(|at| {
        let start = at.saturating_add(2);
        let end = start.saturating_add(name.len());
        let matches = bytes
            .get(start..end)
            .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
        matches
            && bytes
                .get(end)
                .is_none_or(|b| b.is_ascii_whitespace() || *b == b'>' || *b == b'/')
    })
}

/// Reads a tag whose `<` has been read; `None` if the text ends within it.
fn start_tag(text: &str) -> (Option<Tag<'_>>, &str) {
    let space = |c: char| c.is_ascii_whitespace() || c == '\u{c}';
    let end = text
        .find(|c: char| space(c) || c == '/' || c == '>')
        .unwrap_or(text.len());
    let (name, mut rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let mut tag = Tag {
        name: clip(name, 32).to_ascii_lowercase(),
        attributes: Vec::new(),
    };
    loop {
        rest = rest.trim_start_matches(|c: char| space(c) || c == '/');
        let Some(first) = rest.chars().next() else {
            return (None, "");
        };
        if first == '>' {
            return (Some(tag), rest.get(1..).unwrap_or_default());
        }
        // A name may begin with `=`.
        let from = first.len_utf8();
        let tail = rest.get(from..).unwrap_or_default();
        let end = tail
            .find(|c: char| space(c) || "/>=".contains(c))
            .unwrap_or(tail.len())
            .saturating_add(from);
        let (name, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        rest = after.trim_start_matches(space);
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start_matches(space);
            let quote = after.chars().next().filter(|c| *c == '"' || *c == '\'');
            if let Some(quote) = quote {
                let inside = after.get(1..).unwrap_or_default();
                let Some((quoted, after)) = inside.split_once(quote) else {
                    return (None, "");
                };
                value = quoted;
                rest = after;
            } else {
                let end = after.find(|c: char| space(c) || c == '>').unwrap_or(after.len());
                let (bare, after) = after.split_at_checked(end).unwrap_or((after, ""));
                value = bare;
                rest = after;
            }
        }
        let name = clip(name, 64).to_ascii_lowercase();
        if tag.attributes.len() < MOST_ATTRIBUTES && !tag.attributes.iter().any(|a| a.name == name) {
            tag.attributes.push(Attribute { name, value });
        }
    }
}

/// Undoes character references.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let (reference, after) = reference(from);
        out.push_str(&reference);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The text of the character reference that `text` begins with, or its `&`.
fn reference(text: &str) -> (String, &str) {
    let body = text.get(1..).unwrap_or_default();
    let as_is = || ("&".to_owned(), body);
    if let Some(number) = body.strip_prefix('#') {
        let (radix, digits) = match number.strip_prefix(['x', 'X']) {
            Some(digits) => (16, digits),
            None => (10, number),
        };
        let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let (value, after) = digits.split_at_checked(end).unwrap_or((digits, ""));
        if value.is_empty() {
            return as_is();
        }
        let code = u32::from_str_radix(value, radix).unwrap_or(0xFFFD);
        let c = match code {
            0 => '\u{FFFD}',
            // What Windows wrote there (HTML standard, 13.2.5.80).
            0x80..=0x9F => windows_1252(code),
            code => char::from_u32(code).unwrap_or('\u{FFFD}'),
        };
        return (c.to_string(), after.strip_prefix(';').unwrap_or(after));
    }
    let end = body
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(body.len())
        .min(32);
    let (name, after) = body.split_at_checked(end).unwrap_or((body, ""));
    let decoded = match name {
        "amp" | "AMP" => "&".to_owned(),
        "lt" | "LT" => "<".to_owned(),
        "gt" | "GT" => ">".to_owned(),
        "quot" | "QUOT" => "\"".to_owned(),
        "nbsp" => "\u{A0}".to_owned(),
        "" => return as_is(),
        _ if after.starts_with(';') => {
            let mut decoded = String::new();
            let token = format!("&{name};");
            mail_parser::decoders::html::add_html_token(&mut decoded, token.as_bytes(), false);
            if decoded == token {
                return as_is();
            }
            decoded
        }
        _ => return as_is(),
    };
    (decoded, after.strip_prefix(';').unwrap_or(after))
}

fn windows_1252(code: u32) -> char {
    let byte = u8::try_from(code).unwrap_or(b'?');
    encoding_rs::WINDOWS_1252
        .decode_without_bom_handling(&[byte])
        .0
        .chars()
        .next()
        .unwrap_or('\u{FFFD}')
}

#[cfg(test)]
mod tests;

//! HTML read as plain text: for the search, for previews, and where HTML is not wanted.

use super::token::{Tag, Token, Tokens, unescaped};
use crate::display::clip;

/// HTML beyond this many bytes is not read.
const LONGEST: usize = 20 * 1024 * 1024;

/// The text of an HTML mail: blocks on lines of their own, cells of a row apart, list items marked, quotes marked by
/// `>`, images by their description. What the mail hides is left out.
pub fn html_to_text(html: &str) -> String {
    read(html, Hidden::Skip, usize::MAX)
}

/// What to do with text that the mail hides (`display:none`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hidden {
    Skip,
    /// Newsletters hide the words that they want in a preview.
    Keep,
}

/// Reads until about `enough` bytes of text are there.
pub(crate) fn read(html: &str, hidden: Hidden, enough: usize) -> String {
    let mut reader = Reader {
        out: String::new(),
        hidden,
        ..Reader::default()
    };
    let mut tokens = Tokens::new(clip(html, LONGEST));
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(text) => reader.text(&unescaped(text)),
            Token::Start(tag) => {
                match tag.name.as_str() {
                    "svg" => tokens.skip_element("svg"),
                    "math" => tokens.skip_element("math"),
                    "select" => tokens.skip_element("select"),
                    _ => {}
                }
                reader.start(&tag);
            }
            Token::End(name) => reader.end(&name),
            Token::Raw(..) => {}
        }
        if reader.out.len() >= enough {
            break;
        }
    }
    let text = reader.out.trim_matches(|c: char| c == '\n' || c == ' ');
    text.to_owned()
}

struct Reader {
    out: String,
    hidden: Hidden,
    /// Line ends owed before the next text: 0, 1 or 2.
    lines: u8,
    blank: bool,
    pre: u32,
    quote: u32,
    /// The element that hides what is in it, and how many of its name are open within.
    hiding: Option<(String, u32)>,
    list: Vec<Option<u32>>,
    cell: bool,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            out: String::new(),
            hidden: Hidden::Skip,
            lines: 0,
            blank: false,
            pre: 0,
            quote: 0,
            hiding: None,
            list: Vec::new(),
            cell: false,
        }
    }
}

impl Reader {
    fn text(&mut self, text: &str) {
        if self.hiding.is_some() {
            return;
        }
        for c in text.chars() {
            if self.pre > 0 {
                match c {
                    '\n' => {
                        self.begin();
                        self.out.push('\n');
                        self.quote_marks();
                    }
                    '\r' => {}
                    c => {
                        self.begin();
                        self.out.push(c);
                    }
                }
            } else if c.is_ascii_whitespace() {
                self.blank = true;
            } else {
                self.begin();
                self.out.push(if c == '\u{A0}' { ' ' } else { c });
            }
        }
    }

    /// Pays what is owed before a character: line ends, quote marks, a blank.
    fn begin(&mut self) {
        if self.lines > 0 && !self.out.is_empty() {
            for _ in 0..self.lines {
                self.out.push('\n');
            }
            self.quote_marks();
            self.blank = false;
        } else if self.out.is_empty() {
            self.quote_marks();
            self.blank = false;
        }
        self.lines = 0;
        if self.blank && !self.out.ends_with([' ', '\n', '\t']) {
            self.out.push(' ');
        }
        self.blank = false;
    }

    fn quote_marks(&mut self) {
        for _ in 0..self.quote.min(10) {
            self.out.push_str("> ");
        }
    }

    fn line(&mut self, count: u8) {
        self.lines = self.lines.max(count);
        self.cell = false;
    }

    fn start(&mut self, tag: &Tag<'_>) {
        let name = tag.name.as_str();
        if let Some((hiding, depth)) = &mut self.hiding {
            if hiding == name {
                *depth = depth.saturating_add(1);
            }
            return;
        }
        if self.hidden == Hidden::Skip && !is_void(name) && hides(tag) {
            self.hiding = Some((name.to_owned(), 1));
            return;
        }
        match name {
            "br" => {
                // A second one makes an empty line.
                self.lines = self.lines.saturating_add(1).min(3);
                self.cell = false;
            }
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl" | "table" => {
                self.line(if name == "table" || !self.list.is_empty() { 1 } else { 2 });
            }
            "blockquote" => {
                self.line(1);
                self.quote = self.quote.saturating_add(1);
            }
            "pre" => {
                self.line(2);
                self.pre = self.pre.saturating_add(1);
            }
            "hr" => {
                self.line(1);
                self.begin();
                self.out.push_str("----");
                self.line(1);
            }
            "td" | "th" => {
                self.blank &= !self.cell;
                if self.cell && self.lines == 0 && !self.out.is_empty() && !self.out.ends_with('\t') {
                    self.out.push('\t');
                }
            }
            "li" => {
                self.line(1);
                self.begin();
                let marker = match self.list.last_mut() {
                    Some(Some(number)) => {
                        let marker = format!("{number}. ");
                        *number = number.saturating_add(1);
                        marker
                    }
                    _ => "- ".to_owned(),
                };
                self.out.push_str(&marker);
            }
            "img" => {
                if let Some(alt) = tag.get("alt").filter(|alt| !alt.trim().is_empty()) {
                    self.text(&alt);
                }
            }
            _ if is_block(name) => self.line(1),
            _ => {}
        }
        match name {
            "ul" if self.list.len() < 50 => self.list.push(None),
            "ol" if self.list.len() < 50 => self
                .list
                .push(Some(tag.get("start").and_then(|n| n.parse().ok()).unwrap_or(1))),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((hiding, depth)) = &mut self.hiding {
            if hiding == name {
                *depth = depth.saturating_sub(1);
                if *depth == 0 {
                    self.hiding = None;
                }
            }
            return;
        }
        match name {
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.line(2),
            "ul" | "ol" => {
                self.list.pop();
                self.line(if self.list.is_empty() { 2 } else { 1 });
            }
            "blockquote" => {
                self.line(1);
                self.quote = self.quote.saturating_sub(1);
            }
            "pre" => {
                self.line(2);
                self.pre = self.pre.saturating_sub(1);
            }
            "td" | "th" => self.cell = true,
            _ if is_block(name) => self.line(1),
            _ => {}
        }
    }
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "br" | "img"
            | "hr"
            | "input"
            | "meta"
            | "link"
            | "col"
            | "wbr"
            | "area"
            | "base"
            | "embed"
            | "source"
            | "track"
            | "param"
    )
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "div"
            | "tr"
            | "tbody"
            | "thead"
            | "tfoot"
            | "table"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "main"
            | "nav"
            | "aside"
            | "figure"
            | "figcaption"
            | "dl"
            | "dt"
            | "dd"
            | "address"
            | "center"
            | "caption"
            | "form"
            | "fieldset"
            | "body"
            | "html"
            | "title"
            | "option"
            | "details"
            | "summary"
            | "dir"
            | "menu"
    )
}

fn hides(tag: &Tag<'_>) -> bool {
    if tag.attributes.iter().any(|a| a.name == "hidden") {
        return true;
    }
    let Some(style) = tag.attributes.iter().find(|a| a.name == "style") else {
        return false;
    };
    let style: String = clip(style.value, 2000)
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    [
        "display:none",
        "visibility:hidden",
        "mso-hide:all",
        "max-height:0;",
        "max-height:0px",
        "font-size:0;",
        "font-size:0px",
    ]
    .iter()
    .any(|mark| style.contains(mark))
}

#[cfg(test)]
mod tests;

//! The first pass of the sanitiser: HTML cut down to allowed tags and attributes, in bounded depth and number, so that
//! the tree builder behind it has bounded work.

use super::style;
use super::token::{Tag, Token, Tokens};

/// Elements within each other; what is opened deeper is flattened.
const DEEPEST: usize = 200;
/// Formatting elements (`b`, `font` ...) open at the same time: browsers reopen each of them in every paragraph.
const MOST_FORMATTING: usize = 48;
/// The work a tree may be: a tag costs one, and one more for each formatting element open around it.
const MOST_WORK: usize = 600_000;

/// Elements that may be shown.
pub(super) const TAGS: [&str; 82] = [
    "a",
    "abbr",
    "acronym",
    "address",
    "area",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "dir",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "map",
    "mark",
    "menu",
    "nav",
    "nobr",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
    "details",
    "center",
];
const FORMATTING: [&str; 14] = [
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];
const VOID: [&str; 6] = ["area", "br", "col", "hr", "img", "wbr"];
/// Closed by their next sibling, so that they do not lie within each other.
const SELF_ENDING: [&str; 14] = [
    "p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "colgroup", "rt", "rp", "caption",
];

/// Attributes that any of them may have.
pub(super) const GENERIC: [&str; 7] = ["align", "class", "dir", "id", "lang", "style", "title"];
/// Attributes of single elements.
pub(super) const BY_TAG: [(&str, &[&str]); 16] = [
    ("a", &["href", "name"]),
    ("area", &["href", "alt", "coords", "shape"]),
    ("map", &["name"]),
    (
        "img",
        &["src", "alt", "width", "height", "border", "hspace", "vspace", "usemap"],
    ),
    ("font", &["color", "face", "size"]),
    (
        "table",
        &[
            "width",
            "height",
            "border",
            "cellpadding",
            "cellspacing",
            "bgcolor",
            "background",
            "bordercolor",
            "rules",
            "frame",
        ],
    ),
    ("tr", &["valign", "bgcolor", "background", "height"]),
    (
        "td",
        &[
            "width",
            "height",
            "valign",
            "bgcolor",
            "background",
            "colspan",
            "rowspan",
            "nowrap",
            "bordercolor",
        ],
    ),
    (
        "th",
        &[
            "width",
            "height",
            "valign",
            "bgcolor",
            "background",
            "colspan",
            "rowspan",
            "nowrap",
            "scope",
        ],
    ),
    ("tbody", &["valign"]),
    ("col", &["width", "span", "valign"]),
    ("colgroup", &["width", "span", "valign"]),
    ("hr", &["width", "size", "color", "noshade"]),
    ("ol", &["start", "type"]),
    ("ul", &["type"]),
    ("li", &["value", "type"]),
];

/// The input, written anew with nothing but allowed tags.
pub(super) struct Tidy {
    pub(super) html: String,
    pub(super) styles: String,
    /// What the `body` tag says of its looks.
    pub(super) body_style: String,
    pub(super) cut: bool,
}

pub(super) fn tidy(input: &str) -> Tidy {
    let mut out = Tidy {
        html: String::with_capacity(input.len()),
        styles: String::new(),
        body_style: String::new(),
        cut: false,
    };
    let mut depth = 0usize;
    let mut formatting = 0usize;
    let mut work = 0usize;
    let mut tokens = Tokens::new(input);
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(text) => push_text(text, &mut out.html),
            Token::Raw("style", css) => {
                out.styles.push_str(css);
                out.styles.push('\n');
            }
            Token::Raw(..) => {}
            Token::Start(tag) => {
                let name = tag.name.as_str();
                match name {
                    "svg" => tokens.skip_element("svg"),
                    "math" => tokens.skip_element("math"),
                    "select" => tokens.skip_element("select"),
                    "body" => {
                        if let Some(style) = tag.get("style") {
                            out.body_style.push_str(&style::declarations(&style));
                        }
                        if let Some(colour) = tag.get("bgcolor").filter(|c| is_colour(c)) {
                            out.body_style
                                .push_str(&style::declarations(&format!("background-color:{colour}")));
                        }
                        if let Some(colour) = tag.get("text").filter(|c| is_colour(c)) {
                            out.body_style
                                .push_str(&style::declarations(&format!("color:{colour}")));
                        }
                    }
                    _ => {}
                }
                if !TAGS.contains(&name) {
                    continue;
                }
                work = work.saturating_add(formatting).saturating_add(1);
                if work > MOST_WORK {
                    out.cut = true;
                    break;
                }
                let is_formatting = FORMATTING.contains(&name);
                if is_formatting {
                    if formatting >= MOST_FORMATTING {
                        continue;
                    }
                    formatting = formatting.saturating_add(1);
                } else if !VOID.contains(&name) && !SELF_ENDING.contains(&name) {
                    if depth >= DEEPEST {
                        continue;
                    }
                    depth = depth.saturating_add(1);
                }
                push_tag(&tag, &mut out.html);
            }
            Token::End(name) => {
                let name = name.as_str();
                if !TAGS.contains(&name) || VOID.contains(&name) && name != "br" {
                    continue;
                }
                if FORMATTING.contains(&name) {
                    formatting = formatting.saturating_sub(1);
                } else if !SELF_ENDING.contains(&name) {
                    depth = depth.saturating_sub(1);
                }
                out.html.push_str("</");
                out.html.push_str(name);
                out.html.push('>');
            }
        }
    }
    out
}

pub(super) fn push_text(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '\0' => {}
            c => out.push(c),
        }
    }
}

fn push_tag(tag: &Tag<'_>, out: &mut String) {
    out.push('<');
    out.push_str(&tag.name);
    for attribute in &tag.attributes {
        let name = attribute.name.as_str();
        let allowed = GENERIC.contains(&name)
            || BY_TAG
                .iter()
                .any(|(owner, names)| *owner == tag.name && names.contains(&name));
        if !allowed {
            continue;
        }
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        // Character references stay as they are; only what would end the value or the tag is written otherwise.
        for c in attribute.value.chars() {
            match c {
                '"' => out.push_str("&quot;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '\0' => {}
                c => out.push(c),
            }
        }
        out.push('"');
    }
    out.push('>');
}

/// A colour by name, number or function, without anything else.
pub(super) fn is_colour(value: &str) -> bool {
    value.len() <= 60
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "#(),.% ".contains(c))
}

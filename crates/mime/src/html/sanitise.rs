//! HTML of strangers, made fit for a sealed frame.
//!
//! Three passes: our tokenizer cuts the input into tags of an allowed list with bounded depth, number and attributes, and
//! writes them anew; ammonia builds the tree that a browser would build and cleans it by the same lists; the canonical
//! HTML it gives is walked once more to rewrite links, pictures, names and styles. What a browser is given has passed
//! all three.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::style::{self, BODY_CLASS, PREFIX};
use super::token::{Attribute, Tag, Token, Tokens, unescaped};
use crate::display::clip;
use crate::plain::push_escaped;

/// HTML beyond this many bytes is cut.
const LONGEST: usize = 20 * 1024 * 1024;
/// Elements within each other; what is opened deeper is flattened.
const DEEPEST: usize = 200;
/// Formatting elements (`b`, `font` ...) open at the same time: browsers reopen each of them in every paragraph.
const MOST_FORMATTING: usize = 48;
/// The work a tree may be: a tag costs one, and one more for each formatting element open around it.
const MOST_WORK: usize = 600_000;
const MOST_LINKS: usize = 10_000;

/// What [`sanitise`] may keep and how it names it.
pub struct Sanitise<'a> {
    /// Load pictures from the network.
    pub allow_remote: bool,
    /// The address under which link number n (of [`SafeHtml::links`]) goes.
    pub link: &'a dyn Fn(usize) -> String,
    /// The address of the picture with this Content-ID; `None` if the mail has none such.
    pub cid: &'a dyn Fn(&str) -> Option<String>,
}

/// HTML that does nothing by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SafeHtml {
    /// A `style` element if the mail has styles, and one `div` of class `mail-body`. All classes, ids and names of the
    /// mail begin with `m-`.
    pub html: String,
    /// Pictures that were left out because they are on the network.
    pub blocked_remote: usize,
    /// True targets of the links, by number.
    pub links: Vec<String>,
    /// The language of the text as its script tells: `zh-CN`, `zh-TW`, `ja`, `ko`. For the choice of fonts.
    pub language: Option<&'static str>,
    /// The mail was too large or too tangled; only its beginning is there.
    pub cut: bool,
}

/// Makes HTML safe to show in a frame without scripts. Only `http`, `https`, `mailto` and `tel` links, `cid:` and
/// `data:` pictures and, if allowed, remote ones stay; no scripts, forms, frames, objects, refreshes, events.
pub fn sanitise(html: &str, options: &Sanitise<'_>) -> SafeHtml {
    let mut out = SafeHtml::default();
    let input = clip(html, LONGEST);
    out.cut = input.len() < html.len();
    let tidy = tidy(input);
    out.cut |= tidy.cut;
    let clean = CLEANER.clean(&tidy.html).to_string();
    let mut body = String::with_capacity(clean.len());
    rewrite(&clean, options, &mut out, &mut body);
    out.language = language(&clean);
    let sheet = style::sheet(&tidy.styles);
    if !sheet.is_empty() {
        out.html.push_str("<style>");
        out.html.push_str(&sheet);
        out.html.push_str("</style>");
    }
    out.html.push_str("<div class=\"");
    out.html.push_str(BODY_CLASS);
    out.html.push('"');
    if !tidy.body_style.is_empty() {
        out.html.push_str(" style=\"");
        push_escaped(&tidy.body_style, &mut out.html);
        out.html.push('"');
    }
    out.html.push('>');
    out.html.push_str(&body);
    out.html.push_str("</div>");
    out
}

const TAGS: [&str; 82] = [
    "a", "abbr", "acronym", "address", "area", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "dfn",
    "dir", "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "map", "mark", "menu",
    "nav", "nobr", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead",
    "time", "tr", "tt", "u", "ul", "var", "wbr", "details", "center",
];
const FORMATTING: [&str; 14] = ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
const VOID: [&str; 6] = ["area", "br", "col", "hr", "img", "wbr"];
/// Closed by their next sibling, so that they do not lie within each other.
const SELF_ENDING: [&str; 14] = ["p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "colgroup", "rt", "rp", "caption"];

const GENERIC: [&str; 7] = ["align", "class", "dir", "id", "lang", "style", "title"];
const BY_TAG: [(&str, &[&str]); 16] = [
    ("a", &["href", "name"]),
    ("area", &["href", "alt", "coords", "shape"]),
    ("map", &["name"]),
    ("img", &["src", "alt", "width", "height", "border", "hspace", "vspace", "usemap"]),
    ("font", &["color", "face", "size"]),
    ("table", &["width", "height", "border", "cellpadding", "cellspacing", "bgcolor", "background", "bordercolor", "rules", "frame"]),
    ("tr", &["valign", "bgcolor", "background", "height"]),
    ("td", &["width", "height", "valign", "bgcolor", "background", "colspan", "rowspan", "nowrap", "bordercolor"]),
    ("th", &["width", "height", "valign", "bgcolor", "background", "colspan", "rowspan", "nowrap", "scope"]),
    ("tbody", &["valign"]),
    ("col", &["width", "span", "valign"]),
    ("colgroup", &["width", "span", "valign"]),
    ("hr", &["width", "size", "color", "noshade"]),
    ("ol", &["start", "type"]),
    ("ul", &["type"]),
    ("li", &["value", "type"]),
];

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(HashSet::from(TAGS))
        .generic_attributes(HashSet::from(GENERIC))
        .tag_attributes(BY_TAG.into_iter().map(|(tag, attributes)| (tag, attributes.iter().copied().collect())).collect::<HashMap<_, _>>())
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid", "data"]))
        .link_rel(None);
    builder
});

/// The input, written anew with nothing but allowed tags.
struct Tidy {
    html: String,
    styles: String,
    /// What the `body` tag says of its looks.
    body_style: String,
    cut: bool,
}

fn tidy(input: &str) -> Tidy {
    let mut out = Tidy { html: String::with_capacity(input.len()), styles: String::new(), body_style: String::new(), cut: false };
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
                            out.body_style.push_str(&style::declarations(&format!("background-color:{colour}")));
                        }
                        if let Some(colour) = tag.get("text").filter(|c| is_colour(c)) {
                            out.body_style.push_str(&style::declarations(&format!("color:{colour}")));
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

fn push_text(text: &str, out: &mut String) {
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
        let allowed = GENERIC.contains(&name) || BY_TAG.iter().any(|(owner, names)| *owner == tag.name && names.contains(&name));
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

/// Walks over ammonia's canonical HTML, in which every value is quoted and every bracket of a text is escaped.
fn rewrite(clean: &str, options: &Sanitise<'_>, safe: &mut SafeHtml, out: &mut String) {
    for token in Tokens::new(clean) {
        match token {
            Token::Text(text) => push_text(text, out),
            Token::Start(tag) => {
                if TAGS.contains(&tag.name.as_str()) {
                    rewrite_tag(&tag, options, safe, out);
                }
            }
            Token::End(name) => {
                if TAGS.contains(&name.as_str()) {
                    out.push_str("</");
                    out.push_str(&name);
                    out.push('>');
                }
            }
            Token::Raw(..) => {}
        }
    }
}

fn rewrite_tag(tag: &Tag<'_>, options: &Sanitise<'_>, safe: &mut SafeHtml, out: &mut String) {
    out.push('<');
    out.push_str(&tag.name);
    let mut target = None;
    for attribute in &tag.attributes {
        let value = unescaped(attribute.value);
        let kept = match attribute.name.as_str() {
            "href" => {
                let href = href(&value, options, safe);
                target = href.as_ref().and_then(|href| href.target.clone());
                href.map(|href| href.address)
            }
            "src" => picture(&value, options, safe),
            "background" => picture(&value, options, safe).filter(|address| !address.starts_with("data:")),
            "usemap" => value.strip_prefix('#').and_then(prefixed).map(|name| format!("#{name}")),
            "id" | "name" => prefixed(&value),
            "class" => {
                let classes: Vec<String> = value.split_ascii_whitespace().take(30).filter_map(prefixed).collect();
                Some(classes.join(" "))
            }
            "style" => Some(style::declarations(&value)),
            // The title of a link says where it goes, not what the sender would like it to say.
            "title" if tag.name == "a" || tag.name == "area" => None,
            "title" | "alt" => Some(clip(&value, 1000).to_owned()),
            "bgcolor" | "color" | "bordercolor" => Some(value).filter(|v| is_colour(v)),
            "face" => Some(clip(&value, 200).to_owned()),
            _ => Some(value).filter(|v| is_simple(v)),
        };
        push_attribute(attribute, kept, out);
    }
    if let Some(target) = target {
        out.push_str(" title=\"");
        push_escaped(clip(&target, 2000), out);
        out.push_str("\" rel=\"noopener noreferrer nofollow\"");
    }
    if tag.name == "img" {
        out.push_str(" referrerpolicy=\"no-referrer\"");
    }
    out.push('>');
}

fn push_attribute(attribute: &Attribute<'_>, value: Option<String>, out: &mut String) {
    let Some(value) = value else { return };
    if value.is_empty() && !matches!(attribute.name.as_str(), "alt" | "nowrap" | "noshade") {
        return;
    }
    out.push(' ');
    out.push_str(&attribute.name);
    out.push_str("=\"");
    push_escaped(&value, out);
    out.push('"');
}

/// A name that cannot be one of the host's.
fn prefixed(name: &str) -> Option<String> {
    let name = name.trim();
    let fit = !name.is_empty() && name.len() <= 200 && !name.contains(|c: char| c.is_whitespace() || c.is_control());
    fit.then(|| format!("{PREFIX}{name}"))
}

fn is_colour(value: &str) -> bool {
    value.len() <= 60 && value.chars().all(|c| c.is_ascii_alphanumeric() || "#(),.% ".contains(c))
}

/// Numbers, percentages and key words.
fn is_simple(value: &str) -> bool {
    value.len() <= 200 && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.,%* ".contains(c))
}

struct Href {
    address: String,
    target: Option<String>,
}

fn href(value: &str, options: &Sanitise<'_>, safe: &mut SafeHtml) -> Option<Href> {
    // Browsers take these out before they look at the scheme.
    let address: String = value.chars().filter(|c| !c.is_control()).collect();
    let address = address.trim();
    if let Some(anchor) = address.strip_prefix('#') {
        return prefixed(anchor).map(|name| Href { address: format!("#{name}"), target: None });
    }
    let target = if is_allowed_link(address) {
        address.to_owned()
    } else if address.starts_with("//") {
        format!("https:{address}")
    } else if address.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("www.")) {
        format!("http://{address}")
    } else {
        return None;
    };
    if target.len() > 8000 || safe.links.len() >= MOST_LINKS {
        return None;
    }
    let number = safe.links.len();
    safe.links.push(target.clone());
    Some(Href { address: (options.link)(number), target: Some(target) })
}

fn scheme(address: &str) -> Option<String> {
    let (scheme, _) = address.split_once(':')?;
    (!scheme.is_empty() && scheme.len() <= 20).then(|| scheme.to_ascii_lowercase())
}

fn is_allowed_link(address: &str) -> bool {
    scheme(address).is_some_and(|scheme| matches!(scheme.as_str(), "http" | "https" | "mailto" | "tel"))
}

/// The address that a picture is loaded from, or none.
fn picture(value: &str, options: &Sanitise<'_>, safe: &mut SafeHtml) -> Option<String> {
    let address: String = value.chars().filter(|c| !c.is_control()).collect();
    let address = address.trim();
    match scheme(address).as_deref() {
        Some("cid") => {
            let id = address.get(4..)?.trim();
            let decoded = percent_decoded(id);
            (options.cid)(&decoded).or_else(|| (options.cid)(id))
        }
        Some("data") => {
            let head = clip(address, 40).to_ascii_lowercase();
            let kinds = ["data:image/png;", "data:image/jpeg;", "data:image/jpg;", "data:image/gif;", "data:image/webp;", "data:image/bmp;"];
            kinds.iter().any(|kind| head.starts_with(kind)).then(|| address.to_owned())
        }
        scheme => {
            let remote = match scheme {
                Some("http" | "https") => address.to_owned(),
                _ if address.starts_with("//") => format!("https:{address}"),
                _ => return None,
            };
            if options.allow_remote {
                Some(remote)
            } else {
                safe.blocked_remote = safe.blocked_remote.saturating_add(1);
                None
            }
        }
    }
}

fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if let (b'%', [high, low, tail @ ..]) = (byte, after)
            && let Some(decoded) = crate::transfer::hex_pair(*high, *low)
        {
            out.push(decoded);
            rest = tail;
        } else {
            out.push(byte);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Common characters that only simplified, or only traditional, Chinese writes so.
const SIMPLIFIED: &str = "这个们来时说国会对于后学与为请发关将您业务总实现经动问题应该没还让认进过点开见论设计员单";
const TRADITIONAL: &str = "這個們來時說國會對於後學與為請發關將業務總實現經動問題應該還讓認進過點開見論設計員單";

/// Which East Asian language a text is in, told by its script.
fn language(html: &str) -> Option<&'static str> {
    let mut counts = Scripts::default();
    for token in Tokens::new(html).take(5000) {
        if let Token::Text(text) = token {
            counts.add(text);
        }
    }
    if counts.han.saturating_add(counts.kana).saturating_add(counts.hangul) < 4 {
        return None;
    }
    if counts.kana.saturating_mul(10) > counts.han {
        return Some("ja");
    }
    if counts.hangul > counts.han {
        return Some("ko");
    }
    Some(if counts.traditional > counts.simplified { "zh-TW" } else { "zh-CN" })
}

#[derive(Default)]
struct Scripts {
    han: usize,
    kana: usize,
    hangul: usize,
    simplified: usize,
    traditional: usize,
}

impl Scripts {
    fn add(&mut self, text: &str) {
        for c in text.chars().filter(|c| *c >= '\u{3040}').take(20_000) {
            let counter = match c {
                '\u{3040}'..='\u{30FF}' => &mut self.kana,
                '\u{AC00}'..='\u{D7AF}' => &mut self.hangul,
                '\u{4E00}'..='\u{9FFF}' => &mut self.han,
                _ => continue,
            };
            *counter = counter.saturating_add(1);
            let simplified = SIMPLIFIED.contains(c);
            let traditional = TRADITIONAL.contains(c);
            if simplified && !traditional {
                self.simplified = self.simplified.saturating_add(1);
            } else if traditional && !simplified {
                self.traditional = self.traditional.saturating_add(1);
            }
        }
    }
}

#[cfg(test)]
mod tests;

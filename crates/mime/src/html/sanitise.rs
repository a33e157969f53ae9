//! HTML of strangers, made fit for a sealed frame.
//!
//! Three passes: our tokenizer cuts the input into tags of an allowed list with bounded depth, number and attributes, and
//! writes them anew; ammonia builds the tree that a browser would build and cleans it by the same lists; the canonical
//! HTML it gives is walked once more to rewrite links, pictures, names and styles. What a browser is given has passed
//! all three.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::language::language;
use super::link::OpenLink;
use super::style::{self, BODY_CLASS, PREFIX};
use super::tidy::{BY_TAG, GENERIC, TAGS, is_colour, push_text, tidy};
use super::token::{Attribute, Tag, Token, Tokens, unescaped};
use crate::display::clip;
use crate::parameter::percent_decode;
use crate::plain::push_escaped;

/// HTML beyond this many bytes is cut.
const LONGEST: usize = 20 * 1024 * 1024;
const MOST_LINKS: usize = 10_000;
const MOST_PICTURES: usize = 2000;

/// What [`sanitise`] may keep and how it names it.
pub struct Sanitise<'a> {
    /// The address under which picture number n (of [`SafeHtml::pictures`]) goes; without it pictures of the network are
    /// left out.
    pub picture: Option<&'a dyn Fn(usize) -> String>,
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
    /// True addresses of the pictures from the network, by number; empty where they are left out.
    pub pictures: Vec<String>,
    /// True targets of the links, by number.
    pub links: Vec<String>,
    /// The language of the text as its script tells: `zh-CN`, `zh-TW`, `ja`, `ko`. For the choice of fonts.
    pub language: Option<&'static str>,
    /// The mail was too large or too tangled; only its beginning is there.
    pub cut: bool,
    /// Links whose text is an address of one host while they lead to another: (shown host, true host), at most ten.
    pub elsewhere: Vec<(String, String)>,
}

/// Makes HTML safe to show in a frame without scripts. Only `http`, `https`, `mailto` and `tel` links, `cid:` and
/// `data:` pictures and, if allowed, remote ones stay; no scripts, forms, frames, objects, refreshes, events.
pub fn sanitise(html: &str, options: &Sanitise<'_>) -> SafeHtml {
    clean(html, &Aim::Show(options))
}

/// Makes HTML safe to be sent on: as [`sanitise`], but links and pictures keep their true addresses, and those of
/// pictures that the mail carries become what `cid` says. Gives the style sheet, and the text as one `div`.
pub fn sanitise_to_send(html: &str, cid: &dyn Fn(&str) -> Option<String>) -> (String, String) {
    let html = clean(html, &Aim::Send(cid)).html;
    match html
        .strip_prefix("<style>")
        .and_then(|rest| rest.split_once("</style>"))
    {
        Some((sheet, body)) => (sheet.to_owned(), body.to_owned()),
        None => (String::new(), html),
    }
}

/// What the result is for.
enum Aim<'a> {
    Show(&'a Sanitise<'a>),
    Send(&'a dyn Fn(&str) -> Option<String>),
}

impl Aim<'_> {
    fn link(&self, number: usize, target: &str) -> String {
        match self {
            Self::Show(options) => (options.link)(number),
            Self::Send(_) => target.to_owned(),
        }
    }

    fn cid(&self, id: &str) -> Option<String> {
        match self {
            Self::Show(options) => (options.cid)(id),
            Self::Send(cid) => cid(id),
        }
    }
}

fn clean(html: &str, options: &Aim<'_>) -> SafeHtml {
    let mut out = SafeHtml::default();
    let input = clip(html, LONGEST);
    out.cut = input.len() < html.len();
    let tidy = tidy(input);
    out.cut |= tidy.cut;
    let canonical = CLEANER.clean(&tidy.html).to_string();
    let mut body = String::with_capacity(canonical.len());
    rewrite(&canonical, options, &mut out, &mut body);
    out.language = language(&canonical);
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

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(HashSet::from(TAGS))
        .generic_attributes(HashSet::from(GENERIC))
        .tag_attributes(
            BY_TAG
                .into_iter()
                .map(|(tag, attributes)| (tag, attributes.iter().copied().collect()))
                .collect::<HashMap<_, _>>(),
        )
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid", "data"]))
        .link_rel(None);
    builder
});

/// Walks over ammonia's canonical HTML, in which every value is quoted and every bracket of a text is escaped.
fn rewrite(clean: &str, options: &Aim<'_>, safe: &mut SafeHtml, out: &mut String) {
    let mut link: Option<OpenLink> = None;
    for token in Tokens::new(clean) {
        match token {
            Token::Text(text) => {
                push_text(text, out);
                if let Some(link) = &mut link {
                    link.read(text);
                }
            }
            Token::Start(tag) => {
                if TAGS.contains(&tag.name.as_str()) {
                    let target = rewrite_tag(&tag, options, safe, out);
                    if tag.name == "a" {
                        link = target.map(OpenLink::new);
                    }
                }
            }
            Token::End(name) => {
                if name == "a"
                    && let Some(found) = link.take().and_then(|link| link.leads_elsewhere())
                    && safe.elsewhere.len() < 10
                    && !safe.elsewhere.contains(&found)
                {
                    safe.elsewhere.push(found);
                }
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

/// Writes a tag anew; gives the true target of a link.
fn rewrite_tag(tag: &Tag<'_>, options: &Aim<'_>, safe: &mut SafeHtml, out: &mut String) -> Option<String> {
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
            "usemap" => value
                .strip_prefix('#')
                .and_then(prefixed)
                .map(|name| format!("#{name}")),
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
    let shown = matches!(options, Aim::Show(_));
    if let Some(target) = target.as_ref().filter(|_| shown) {
        out.push_str(" title=\"");
        push_escaped(clip(target, 2000), out);
        out.push_str("\" rel=\"noopener noreferrer nofollow\"");
    }
    if shown && tag.name == "img" {
        out.push_str(" referrerpolicy=\"no-referrer\"");
    }
    out.push('>');
    target
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

/// Numbers, percentages and key words.
fn is_simple(value: &str) -> bool {
    value.len() <= 200
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.,%* ".contains(c))
}

struct Href {
    address: String,
    target: Option<String>,
}

fn href(value: &str, options: &Aim<'_>, safe: &mut SafeHtml) -> Option<Href> {
    // Browsers take these out before they look at the scheme.
    let address: String = value.chars().filter(|c| !c.is_control()).collect();
    let address = address.trim();
    if let Some(anchor) = address.strip_prefix('#') {
        return prefixed(anchor).map(|name| Href {
            address: format!("#{name}"),
            target: None,
        });
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
    Some(Href {
        address: options.link(number, &target),
        target: Some(target),
    })
}

fn scheme(address: &str) -> Option<String> {
    let (scheme, _) = address.split_once(':')?;
    (!scheme.is_empty() && scheme.len() <= 20).then(|| scheme.to_ascii_lowercase())
}

fn is_allowed_link(address: &str) -> bool {
    scheme(address).is_some_and(|scheme| matches!(scheme.as_str(), "http" | "https" | "mailto" | "tel"))
}

/// The address that a picture is loaded from, or none.
fn picture(value: &str, options: &Aim<'_>, safe: &mut SafeHtml) -> Option<String> {
    let address: String = value.chars().filter(|c| !c.is_control()).collect();
    let address = address.trim();
    match scheme(address).as_deref() {
        Some("cid") => {
            let id = address.get(4..)?.trim();
            let decoded = String::from_utf8_lossy(&percent_decode(id.as_bytes())).into_owned();
            options.cid(&decoded).or_else(|| options.cid(id))
        }
        Some("data") => {
            let head = clip(address, 40).to_ascii_lowercase();
            let kinds = [
                "data:image/png;",
                "data:image/jpeg;",
                "data:image/jpg;",
                "data:image/gif;",
                "data:image/webp;",
                "data:image/bmp;",
            ];
            kinds
                .iter()
                .any(|kind| head.starts_with(kind))
                .then(|| address.to_owned())
        }
        scheme => {
            let remote = match scheme {
                Some("http" | "https") => address.to_owned(),
                _ if address.starts_with("//") => format!("https:{address}"),
                _ => return None,
            };
            let Aim::Show(options) = options else {
                return (remote.len() <= 8000).then_some(remote);
            };
            let Some(address) = options.picture else {
                safe.blocked_remote = safe.blocked_remote.saturating_add(1);
                return None;
            };
            let known = safe.pictures.iter().position(|known| *known == remote);
            if known.is_none() && (safe.pictures.len() >= MOST_PICTURES || remote.len() > 8000) {
                return None;
            }
            let number = known.unwrap_or_else(|| {
                safe.pictures.push(remote);
                safe.pictures.len().saturating_sub(1)
            });
            Some(address(number))
        }
    }
}

#[cfg(test)]
mod tests;

//! A whole mail: its texts, its attachments (RFC 2045, RFC 2046).
//!
//! The tree of parts is walked here and not by mail-parser: nested mails there are nested values, and a few megabytes of
//! `message/rfc822` in `message/rfc822` end the process when they are dropped; and it decodes every attachment to tell
//! its size.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::display::{body_text, clip, one_line};
use crate::header::{self, fields};
use crate::html::text::html_to_text;
use crate::parameter::{Params, decode_parameter, parse_value};
use crate::plain::{text_to_html, unflow};
use crate::summary::{Legacy, Summary, summary};
use crate::{charset, file_name, transfer};

/// Multiparts within multiparts.
const DEEPEST: usize = 30;
/// Parts of a mail that are looked at.
const MOST_PARTS: usize = 1000;
/// Bytes of text that are decoded, per kind.
const LONGEST_TEXT: usize = 20 * 1024 * 1024;
/// Header fields that are listed.
const MOST_HEADERS: usize = 500;

/// A mail as read from its source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mail {
    /// The header as a list shows it.
    pub summary: Summary,
    /// The plain text; made from the HTML for parts that have none beside parts that do. `None` if no part is plain text.
    pub text: Option<String>,
    /// The HTML as it came: not safe to show, see [`crate::sanitise`]. `None` if no part is HTML.
    pub html: Option<String>,
    /// Everything else, in the order of the mail.
    pub parts: Vec<Attachment>,
    /// All header fields of the mail, decoded, in order, at most 500.
    pub header_list: Vec<(String, String)>,
}

/// A part of a mail that is not its text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Attachment {
    /// As the sender called it, safe for every file system; empty if the mail gives no name.
    pub name: String,
    /// `type/subtype` in lower case.
    pub mime_type: String,
    /// Bytes after decoding.
    pub size: usize,
    /// Content-ID without brackets.
    pub content_id: Option<String>,
    /// Belongs into the text (an image of the HTML), not under it.
    pub inline: bool,
    /// What [`attachment`] takes.
    pub index: usize,
}

/// Reads a mail. Never fails: what cannot be read is text or is left out.
pub fn parse(raw: &[u8]) -> Mail {
    let (block, _) = header::split(raw);
    let mut out = Mail {
        summary: summary(block),
        ..Mail::default()
    };
    let mut legacy = Legacy::new(block);
    for field in fields(block).take(MOST_HEADERS) {
        let name = one_line(&String::from_utf8_lossy(field.name), 100);
        out.header_list.push((name, legacy.display(&field, 8000)));
    }
    let mut walk = Walk::default();
    let blocks = walk.part(raw, Parent::Mail, 0);
    out.text = joined(
        &blocks,
        LONGEST_TEXT,
        |b| b.text.as_deref().map(Cow::Borrowed),
        |b| b.html.as_deref().map(html_to_text),
    );
    out.html = joined(
        &blocks,
        LONGEST_TEXT,
        |b| b.html.as_deref().map(Cow::Borrowed),
        |b| b.text.as_deref().map(text_to_html),
    );
    out.parts = walk.found.into_iter().map(|(part, _)| part).collect();
    out
}

/// The content of the attachment that [`parse`] gave this index, decoded.
pub fn attachment(raw: &[u8], index: usize) -> Option<Vec<u8>> {
    let mut walk = Walk {
        only_parts: true,
        ..Walk::default()
    };
    walk.part(raw, Parent::Mail, 0);
    let (_, (body, encoding)) = walk.found.into_iter().nth(index)?;
    Some(transfer::decode(body, &encoding).into_owned())
}

/// One text part as `BODY[n]` gives it: the transfer encoding undone, the charset found, line ends as `\n`.
pub fn decode_text(body: &[u8], encoding: &str, charset: Option<&str>) -> String {
    let bytes = transfer::decode(body, encoding);
    let text = charset::decode(&bytes, charset);
    match body_text(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(clean) => clean,
    }
}

/// A part that holds no others, as a report is read: its type, and its bytes with the transfer encoding undone.
pub(crate) struct Leaf<'a> {
    pub(crate) mime_type: String,
    pub(crate) body: Cow<'a, [u8]>,
}

/// The parts of a mail that hold no others, in order, at most 100; a mail within the mail is one of them.
pub(crate) fn leaves(raw: &[u8]) -> Vec<Leaf<'_>> {
    const MOST: usize = 100;
    let mut out = Vec::new();
    let mut open = vec![(raw, Parent::Mail, 0_usize)];
    while let Some((part, parent, depth)) = open.pop() {
        let (block, body) = header::split(part);
        let head = Head::read(block, parent);
        if head.mime_type.starts_with("multipart/")
            && let Some(boundary) = head.boundary()
            && depth < DEEPEST
        {
            let children = split_parts(body, &boundary);
            if !children.is_empty() {
                let inner = children.into_iter().rev().take(MOST);
                open.extend(inner.map(|child| (child, Parent::Mixed, depth.saturating_add(1))));
                continue;
            }
        }
        if out.len() >= MOST {
            break;
        }
        // Letters of another charset are read as those; what is no text stays as it is.
        let bytes = transfer::decode(body, &head.encoding);
        let charset = head
            .parameter("charset")
            .filter(|_| head.mime_type.starts_with("text/"));
        let body = match charset {
            Some(charset) => Cow::Owned(charset::decode(&bytes, Some(&charset)).into_bytes()),
            None => bytes,
        };
        out.push(Leaf {
            mime_type: head.mime_type,
            body,
        });
    }
    out
}

/// What stands at one place of the text, in one or both forms.
#[derive(Default)]
struct Block {
    text: Option<String>,
    html: Option<String>,
}

fn joined<'a>(
    blocks: &'a [Block],
    limit: usize,
    own: impl Fn(&'a Block) -> Option<Cow<'a, str>>,
    made: impl Fn(&'a Block) -> Option<String>,
) -> Option<String> {
    if !blocks.iter().any(|block| own(block).is_some()) {
        return None;
    }
    let mut out = String::new();
    for block in blocks {
        let piece = own(block).or_else(|| made(block).map(Cow::Owned)).unwrap_or_default();
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(clip(&piece, limit.saturating_sub(out.len())));
    }
    Some(out)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Parent {
    Mail,
    Mixed,
    Alternative,
    Related,
    Digest,
}

#[derive(Default)]
struct Walk<'a> {
    found: Vec<(Attachment, (&'a [u8], String))>,
    seen: usize,
    /// Texts are not decoded: only an attachment is wanted.
    only_parts: bool,
}

impl<'a> Walk<'a> {
    fn part(&mut self, raw: &'a [u8], parent: Parent, depth: usize) -> Vec<Block> {
        self.seen = self.seen.saturating_add(1);
        let (block, body) = header::split(raw);
        let head = Head::read(block, parent);
        if let Some(kind) = head.mime_type.strip_prefix("multipart/")
            && let Some(boundary) = head.boundary()
            && depth < DEEPEST
        {
            let children = split_parts(body, &boundary);
            if !children.is_empty() {
                return self.multipart(kind, &children, depth);
            }
        }
        if head.is_text(parent) || head.mime_type.starts_with("multipart/") {
            return self.text(&head, body);
        }
        self.attach(&head, body, parent);
        Vec::new()
    }

    fn multipart(&mut self, kind: &str, children: &[&'a [u8]], depth: usize) -> Vec<Block> {
        let parent = match kind {
            "alternative" => Parent::Alternative,
            "related" => Parent::Related,
            "digest" => Parent::Digest,
            _ => Parent::Mixed,
        };
        let mut blocks = Vec::new();
        for child in children {
            if self.seen >= MOST_PARTS {
                break;
            }
            blocks.extend(self.part(child, parent, depth.saturating_add(1)));
        }
        if parent != Parent::Alternative {
            return blocks;
        }
        // Of several forms the last of each kind is the richest.
        let mut chosen = Block::default();
        for block in blocks {
            let filled = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.trim().is_empty());
            if filled(&block.text) || chosen.text.is_none() {
                chosen.text = block.text.or(chosen.text);
            }
            if filled(&block.html) || chosen.html.is_none() {
                chosen.html = block.html.or(chosen.html);
            }
        }
        vec![chosen]
    }

    fn text(&mut self, head: &Head, body: &'a [u8]) -> Vec<Block> {
        if self.only_parts {
            return Vec::new();
        }
        let body = body.get(..LONGEST_TEXT).unwrap_or(body);
        let text = decode_text(body, &head.encoding, head.parameter("charset").as_deref());
        if head.mime_type == "text/html" {
            return vec![Block {
                text: None,
                html: Some(text),
            }];
        }
        let flowed = head
            .parameter("format")
            .is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
        let text = if flowed {
            let delsp = head
                .parameter("delsp")
                .is_some_and(|delsp| delsp.eq_ignore_ascii_case("yes"));
            unflow(&text, delsp)
        } else {
            text
        };
        vec![Block {
            text: Some(text),
            html: None,
        }]
    }

    fn attach(&mut self, head: &Head, body: &'a [u8], parent: Parent) {
        let is_mail = head.mime_type.starts_with("message/");
        let mut name = head
            .file_name
            .clone()
            .map(|name| file_name::safe_file_name(&name))
            .unwrap_or_default();
        if name.is_empty()
            && (head.mime_type == "message/rfc822" || head.mime_type == "message/global")
            && !self.only_parts
        {
            let subject = summary(body).subject;
            if !subject.is_empty() {
                // A subject is no path: its slashes stay in the name in a harmless form.
                name = file_name::safe_file_name(&format!("{}.eml", clip(&subject, 150).replace(['/', '\\'], "_")));
            }
        }
        let inline = !is_mail
            && !head.is_attached
            && head.mime_type.starts_with("image/")
            && (head.content_id.is_some() && (parent == Parent::Related || head.is_inline)
                || head.is_inline && head.file_name.is_none());
        let part = Attachment {
            name,
            mime_type: head.mime_type.clone(),
            size: if self.only_parts {
                0
            } else {
                transfer::decoded_len(body, &head.encoding)
            },
            content_id: head.content_id.clone(),
            inline: inline
                || (parent == Parent::Related && head.content_id.is_some() && head.mime_type.starts_with("image/")),
            index: self.found.len(),
        };
        self.found.push((part, (body, head.encoding.clone())));
    }
}

/// What the header of a part says.
struct Head {
    mime_type: String,
    params: Params,
    encoding: String,
    file_name: Option<String>,
    content_id: Option<String>,
    is_attached: bool,
    is_inline: bool,
}

impl Head {
    fn read(block: &[u8], parent: Parent) -> Self {
        let default_type = if parent == Parent::Digest {
            "message/rfc822"
        } else {
            "text/plain"
        };
        let mut head = Self {
            mime_type: default_type.to_owned(),
            params: Vec::new(),
            encoding: String::new(),
            file_name: None,
            content_id: None,
            is_attached: false,
            is_inline: false,
        };
        let mut disposition = Vec::new();
        for field in fields(block) {
            let is = |name: &str| field.name.eq_ignore_ascii_case(name.as_bytes());
            if is("content-type") && head.params.is_empty() {
                let (kind, params) = parse_value(&field.unfolded());
                head.mime_type = match kind.as_str() {
                    "text" | "plain" => "text/plain".to_owned(),
                    "html" => "text/html".to_owned(),
                    kind if kind.contains('/') => one_line(kind, 100),
                    _ => default_type.to_owned(),
                };
                head.params = params;
            } else if is("content-transfer-encoding") {
                head.encoding = one_line(&String::from_utf8_lossy(&field.unfolded()), 40);
            } else if is("content-disposition") {
                let (kind, params) = parse_value(&field.unfolded());
                head.is_attached = kind == "attachment";
                head.is_inline = kind == "inline";
                disposition = params;
            } else if is("content-id") {
                let id = one_line(&String::from_utf8_lossy(&field.unfolded()), 500);
                let id = id.trim_matches(['<', '>', ' ']);
                head.content_id = (!id.is_empty()).then(|| id.to_owned());
            }
        }
        head.file_name = decode_parameter(&disposition, "filename").or_else(|| decode_parameter(&head.params, "name"));
        head
    }

    fn parameter(&self, name: &str) -> Option<String> {
        decode_parameter(&self.params, name)
    }

    fn boundary(&self) -> Option<Vec<u8>> {
        let (_, value) = self.params.iter().find(|(key, _)| key.as_slice() == b"boundary")?;
        let value = value.trim_ascii_end();
        (!value.is_empty() && value.len() <= 200).then(|| value.to_vec())
    }

    /// Shown as text, not as an attachment.
    fn is_text(&self, parent: Parent) -> bool {
        let plain = matches!(
            self.mime_type.as_str(),
            "text/plain" | "text/html" | "text/enriched" | "text/richtext" | "text/markdown"
        );
        plain
            && !self.is_attached
            && (self.file_name.is_none() || parent == Parent::Mail || parent == Parent::Alternative)
    }
}

/// The parts between the delimiter lines of a multipart (RFC 2046 section 5.1.1). A missing last delimiter ends at the
/// end.
fn split_parts<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let delimiter = [b"--", boundary].concat();
    let mut parts = Vec::new();
    let mut start: Option<usize> = None;
    for at in memchr::memmem::find_iter(body, &delimiter) {
        let before = at.checked_sub(1).and_then(|p| body.get(p));
        if before.is_some_and(|b| *b != b'\n' && *b != b'\r') {
            continue;
        }
        let after = at.saturating_add(delimiter.len());
        let tail = body.get(after..).unwrap_or_default();
        let closing = tail.starts_with(b"--");
        let line_end = memchr::memchr(b'\n', tail).unwrap_or(tail.len());
        let line = tail.get(..line_end).unwrap_or_default();
        if !closing && !line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if let Some(start) = start {
            parts.push(without_last_line_end(body.get(start..at).unwrap_or_default()));
        }
        if closing || parts.len() >= MOST_PARTS {
            return parts;
        }
        start = Some(after.saturating_add(line_end).saturating_add(1).min(body.len()));
    }
    if let Some(start) = start {
        let last = body.get(start..).unwrap_or_default();
        if !last.is_empty() {
            parts.push(last);
        }
    }
    parts
}

/// The line end before a delimiter belongs to the delimiter.
fn without_last_line_end(part: &[u8]) -> &[u8] {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    part.strip_suffix(b"\r").unwrap_or(part)
}

#[cfg(test)]
mod tests;

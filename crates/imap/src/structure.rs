//! The tree of a message's parts, without their content.

use bytes::Bytes;

/// A message's structure as BODYSTRUCTURE tells it (RFC 9051 7.5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyStructure {
    pub root: Part,
}

/// One part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What `fetch_section` takes: `1`, `2.1`. Empty for a multipart at the root.
    pub path: String,
    /// Lower-case, `type/subtype`.
    pub mime_type: String,
    /// The charset parameter as declared, not checked.
    pub charset: Option<String>,
    /// Name and value as sent (RFC 2231 and 2047 not decoded, perhaps 8-bit).
    pub params: Vec<(Bytes, Bytes)>,
    /// Content-ID, with its angle brackets.
    pub id: Option<Bytes>,
    pub description: Option<Bytes>,
    /// Lower-case content-transfer-encoding.
    pub encoding: String,
    /// Bytes as transferred (encoded). A server may lie.
    pub size: u32,
    pub lines: Option<u32>,
    /// Lower-case: `attachment`, `inline`.
    pub disposition: Option<String>,
    pub disposition_params: Vec<(Bytes, Bytes)>,
    /// A multipart's parts; of a message/rfc822 its one body.
    pub children: Vec<Part>,
}

impl Part {
    /// The first Content-Type parameter of this name (lower-case).
    pub fn param(&self, name: &str) -> Option<&Bytes> {
        find(&self.params, name)
    }

    /// The first Content-Disposition parameter of this name (lower-case).
    pub fn disposition_param(&self, name: &str) -> Option<&Bytes> {
        find(&self.disposition_params, name)
    }

    /// Whether this is a multipart.
    pub fn is_multipart(&self) -> bool {
        self.mime_type.starts_with("multipart/")
    }

    /// Whether a person would see it as a file: said to be an attachment, or named and no text to be read in line.
    pub fn is_attachment(&self) -> bool {
        if self.is_multipart() {
            return false;
        }
        let text = self.mime_type == "text/plain" || self.mime_type == "text/html";
        match self.disposition.as_deref() {
            Some("attachment") => true,
            Some("inline") if text => self.disposition_param("filename").is_some() && self.mime_type != "text/html",
            _ => !text,
        }
    }
}

fn find<'a>(params: &'a [(Bytes, Bytes)], name: &str) -> Option<&'a Bytes> {
    params
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name.as_bytes()))
        .map(|(_, value)| value)
}

impl BodyStructure {
    /// The texts to be read in line: text/plain and text/html that are no attachments, in order; those inside an
    /// attached message are not among them.
    pub fn text_parts(&self) -> Vec<&Part> {
        self.leaves()
            .into_iter()
            .filter(|p| p.mime_type.starts_with("text/") && !p.is_attachment())
            .collect()
    }

    /// What a person would see as files, in order; an attached message is one file.
    pub fn attachments(&self) -> Vec<&Part> {
        self.leaves().into_iter().filter(|p| p.is_attachment()).collect()
    }

    /// All parts that are no multiparts, in order. Does not go into attached messages.
    pub fn leaves(&self) -> Vec<&Part> {
        let mut found = Vec::new();
        // Depth is bounded by the parser; a stack of our own costs nothing and bounds it here too.
        let mut stack = vec![&self.root];
        while let Some(part) = stack.pop() {
            if part.is_multipart() {
                stack.extend(part.children.iter().rev());
            } else {
                found.push(part);
            }
        }
        found
    }
}

//! The little XML there is: one level of elements below `xml`, bounded, without document types.

use roxmltree::{Document, Node, ParsingOptions};

use super::Error;

/// The most nodes of one message.
const MAX_NODES: u32 = 10_000;

/// Parses `text`. A document type, and with it every entity of one's own, is refused.
pub(super) fn parse(text: &str) -> Result<Document<'_>, Error> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|_| Error::Malformed("is no XML that is read here"))
}

/// The encrypted text of a callback's body.
pub(super) fn encrypted(body: &[u8]) -> Result<String, Error> {
    let text = std::str::from_utf8(body).map_err(|_| Error::Malformed("is not UTF-8"))?;
    let document = parse(text)?;
    let text = child(document.root_element(), "Encrypt")
        .map(text_of)
        .unwrap_or_default();
    if text.is_empty() {
        return Err(Error::Malformed("has no Encrypt"));
    }
    Ok(text)
}

pub(super) fn child<'a, 'input>(of: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    of.children().find(|node| node.tag_name().name() == name)
}

/// The text of an element, whose CDATA sections may be several.
pub(super) fn text_of(node: Node<'_, '_>) -> String {
    let texts = node.children().filter(Node::is_text).filter_map(|text| text.text());
    let text: String = texts.collect();
    text.trim().to_owned()
}

/// `text` as a CDATA section.
pub(super) fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

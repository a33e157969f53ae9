//! CSS of mails, cut down to what only changes how the mail itself looks.
//!
//! A list of allowed properties and functions, not of forbidden ones. Everything is read by a CSS tokenizer and written
//! anew, so that escapes and comments hide nothing.

use cssparser::{Delimiter, ParseError, Parser, ToCss, Token, serialize_identifier};

use crate::display::clip;

/// A style sheet beyond this many bytes is not read.
const LONGEST_SHEET: usize = 512 * 1024;
/// A style attribute beyond this many bytes is not read.
const LONGEST_ATTRIBUTE: usize = 16 * 1024;
/// Functions and blocks within each other.
const DEEPEST: usize = 8;

/// Begins every class and id of a mail, so that they meet none of the host's.
pub(super) const PREFIX: &str = "m-";
/// The class of the element around a mail; begins with no prefix, so no mail can name it.
pub(super) const BODY_CLASS: &str = "mail-body";

/// Pixels, or any other unit, of a shadow.
const FARTHEST: f32 = 100.0;
const PROPERTIES: [&str; 85] = [
    "background",
    "background-color",
    "background-position",
    "background-repeat",
    "background-size",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-left-radius",
    "border-bottom-right-radius",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-left-radius",
    "border-top-right-radius",
    "border-top-style",
    "border-top-width",
    "border-width",
    "box-shadow",
    "box-sizing",
    "caption-side",
    "clear",
    "color",
    "direction",
    "display",
    "empty-cells",
    "float",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style",
    "list-style-position",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "opacity",
    "overflow",
    "overflow-wrap",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-decoration-color",
    "text-indent",
    "text-overflow",
    "text-shadow",
    "text-transform",
    "unicode-bidi",
    "vertical-align",
    "visibility",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
];

const FUNCTIONS: [&str; 10] = [
    "rgb",
    "rgba",
    "hsl",
    "hsla",
    "calc",
    "min",
    "max",
    "clamp",
    "linear-gradient",
    "radial-gradient",
];

/// The safe part of a style attribute.
pub(super) fn declarations(css: &str) -> String {
    let css = clip(css, LONGEST_ATTRIBUTE);
    let mut parser = Parser::new(css);
    let mut out = String::new();
    read_declarations(&mut parser, &mut out);
    out
}

/// The safe part of a style sheet: rules of plain selectors, also within `@media`. Never holds a `<`.
pub(super) fn sheet(css: &str) -> String {
    let css = clip(css, LONGEST_SHEET);
    let mut parser = Parser::new(css);
    let mut out = String::new();
    read_rules(&mut parser, 0, &mut out);
    if out.contains('<') { String::new() } else { out }
}

fn read_declarations(parser: &mut Parser<'_>, out: &mut String) {
    loop {
        let Ok(first) = parser.next().cloned() else { return };
        let Token::Ident(name) = first else {
            if first != Token::Semicolon {
                skip_to_semicolon(parser);
            }
            continue;
        };
        let property = name.to_ascii_lowercase();
        if parser.try_parse(Parser::expect_colon).is_err() {
            skip_to_semicolon(parser);
            continue;
        }
        let value = parser.parse_until_after(Delimiter::Semicolon, |parser| {
            let mut value = String::new();
            let kept =
                PROPERTIES.binary_search(&property.as_str()).is_ok() && read_value(parser, &property, 0, &mut value);
            drain(parser);
            Ok::<_, ParseError<()>>(kept.then_some(value))
        });
        if let Ok(Some(value)) = value {
            let value = value.trim();
            // Neither can end the element or attribute that it stands in.
            if !value.is_empty() && !value.contains(['<', '\n']) {
                out.push_str(&property);
                out.push(':');
                out.push_str(value);
                out.push(';');
            }
        }
    }
}

fn drain(parser: &mut Parser<'_>) {
    while parser.next_including_whitespace_and_comments().is_ok() {}
}

fn skip_to_semicolon(parser: &mut Parser<'_>) {
    let _ = parser.parse_until_after(Delimiter::Semicolon, |parser| {
        drain(parser);
        Ok::<_, ParseError<()>>(())
    });
}

/// Copies a value; false if something in it is not allowed.
fn read_value(parser: &mut Parser<'_>, property: &str, depth: usize, out: &mut String) -> bool {
    if depth > DEEPEST {
        return false;
    }
    while let Ok(token) = parser.next_including_whitespace_and_comments().cloned() {
        match &token {
            Token::Comment(_) => {}
            Token::WhiteSpace(_) => out.push(' '),
            // What is blurred so far costs more to draw than it is worth.
            Token::Dimension { value, .. } if property.ends_with("-shadow") && value.abs() > FARTHEST => return false,
            Token::Dimension { unit, .. } => {
                // Sizes measured by the window make a frame that fits its content grow for ever.
                let unit = unit.to_ascii_lowercase();
                if unit.ends_with("vh")
                    || unit.ends_with("vw")
                    || unit.ends_with("vmin")
                    || unit.ends_with("vmax")
                    || unit.ends_with("vb")
                    || unit.ends_with("vi")
                {
                    return false;
                }
                out.push_str(&token.to_css_string());
            }
            Token::Ident(_)
            | Token::Number { .. }
            | Token::Percentage { .. }
            | Token::Hash(_)
            | Token::IDHash(_)
            | Token::QuotedString(_)
            | Token::Comma
            | Token::Delim('/' | '+' | '-' | '*' | '!') => {
                out.push_str(&token.to_css_string());
            }
            // Pictures are not loaded from style; a colour beside one stays.
            Token::UnquotedUrl(_) if property == "background" => {}
            Token::Function(name) if property == "background" && name.eq_ignore_ascii_case("url") => {
                let _ = parser.parse_nested_block(|parser| {
                    drain(parser);
                    Ok::<_, ParseError<()>>(())
                });
            }
            Token::Function(name) => {
                let name = name.to_ascii_lowercase();
                if !FUNCTIONS.contains(&name.as_str()) {
                    return false;
                }
                out.push_str(&name);
                out.push('(');
                if !nested(parser, property, depth, out) {
                    return false;
                }
                out.push(')');
            }
            Token::ParenthesisBlock => {
                out.push('(');
                if !nested(parser, property, depth, out) {
                    return false;
                }
                out.push(')');
            }
            _ => return false,
        }
    }
    true
}

fn nested(parser: &mut Parser<'_>, property: &str, depth: usize, out: &mut String) -> bool {
    let kept = parser.parse_nested_block(|parser| {
        let kept = read_value(parser, property, depth.saturating_add(1), out);
        drain(parser);
        Ok::<_, ParseError<()>>(kept)
    });
    kept.unwrap_or(false)
}

fn read_rules(parser: &mut Parser<'_>, depth: usize, out: &mut String) {
    loop {
        let before = parser.state();
        let Ok(token) = parser.next().cloned() else { return };
        match token {
            Token::CDO | Token::CDC | Token::Semicolon => {}
            Token::AtKeyword(name) => at_rule(&name.to_ascii_lowercase(), parser, depth, out),
            _ => {
                parser.reset(&before);
                qualified_rule(parser, out);
            }
        }
    }
}

fn at_rule(name: &str, parser: &mut Parser<'_>, depth: usize, out: &mut String) {
    let prelude = parser.parse_until_before(Delimiter::CurlyBracketBlock | Delimiter::Semicolon, |parser| {
        let mut prelude = String::new();
        let kept = read_media(parser, 0, &mut prelude);
        drain(parser);
        Ok::<_, ParseError<()>>(kept.then_some(prelude))
    });
    let kept = prelude
        .ok()
        .flatten()
        .filter(|p| name == "media" && depth < 3 && !p.contains('<'));
    if !matches!(parser.next(), Ok(Token::CurlyBracketBlock)) {
        return;
    }
    let _ = parser.parse_nested_block(|parser| {
        if let Some(prelude) = kept {
            let mut inner = String::new();
            read_rules(parser, depth.saturating_add(1), &mut inner);
            if !inner.is_empty() {
                out.push_str("@media ");
                out.push_str(prelude.trim());
                out.push('{');
                out.push_str(&inner);
                out.push('}');
            }
        }
        drain(parser);
        Ok::<_, ParseError<()>>(())
    });
}

fn read_media(parser: &mut Parser<'_>, depth: usize, out: &mut String) -> bool {
    while let Ok(token) = parser.next_including_whitespace_and_comments().cloned() {
        match &token {
            Token::Comment(_) => {}
            Token::WhiteSpace(_) => out.push(' '),
            Token::Ident(_)
            | Token::Number { .. }
            | Token::Dimension { .. }
            | Token::Comma
            | Token::Colon
            | Token::Delim('/' | '>' | '=') => out.push_str(&token.to_css_string()),
            Token::ParenthesisBlock if depth < DEEPEST => {
                out.push('(');
                let kept = parser.parse_nested_block(|parser| {
                    let kept = read_media(parser, depth.saturating_add(1), out);
                    drain(parser);
                    Ok::<_, ParseError<()>>(kept)
                });
                if !kept.unwrap_or(false) {
                    return false;
                }
                out.push(')');
            }
            _ => return false,
        }
    }
    true
}

fn qualified_rule(parser: &mut Parser<'_>, out: &mut String) {
    let selector = parser.parse_until_before(Delimiter::CurlyBracketBlock, |parser| {
        let mut selector = String::new();
        let kept = read_selector(parser, &mut selector);
        drain(parser);
        Ok::<_, ParseError<()>>(kept.then_some(selector))
    });
    if !matches!(parser.next(), Ok(Token::CurlyBracketBlock)) {
        return;
    }
    let mut inner = String::new();
    let _ = parser.parse_nested_block(|parser| {
        read_declarations(parser, &mut inner);
        Ok::<_, ParseError<()>>(())
    });
    if let Ok(Some(selector)) = selector
        && !inner.is_empty()
        && !selector.trim().is_empty()
        && !selector.contains('<')
    {
        out.push_str(selector.trim());
        out.push('{');
        out.push_str(&inner);
        out.push('}');
    }
}

/// Copies selectors of elements, classes, ids and harmless pseudo-classes; false if there is anything else.
fn read_selector(parser: &mut Parser<'_>, out: &mut String) -> bool {
    let mut class = false;
    while let Ok(token) = parser.next_including_whitespace_and_comments().cloned() {
        let expects_class = std::mem::take(&mut class);
        match &token {
            Token::Ident(name) if expects_class => {
                out.push_str(PREFIX);
                push_identifier(name, out);
            }
            _ if expects_class => return false,
            Token::Comment(_) => {}
            Token::WhiteSpace(_) => out.push(' '),
            Token::Comma => out.push(','),
            Token::Delim(c @ ('>' | '+' | '~' | '*')) => out.push(*c),
            Token::Delim('.') => {
                out.push('.');
                class = true;
            }
            Token::IDHash(name) => {
                out.push('#');
                out.push_str(PREFIX);
                push_identifier(name, out);
            }
            Token::Ident(name) => {
                let name = name.to_ascii_lowercase();
                if name == "body" || name == "html" {
                    out.push('.');
                    out.push_str(BODY_CLASS);
                } else if name.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    out.push_str(&name);
                } else {
                    return false;
                }
            }
            Token::Colon => match parser.next_including_whitespace_and_comments().cloned() {
                Ok(Token::Ident(name))
                    if [
                        "hover",
                        "link",
                        "visited",
                        "active",
                        "first-child",
                        "last-child",
                        "first-of-type",
                        "last-of-type",
                    ]
                    .contains(&name.to_ascii_lowercase().as_str()) =>
                {
                    out.push(':');
                    out.push_str(&name.to_ascii_lowercase());
                }
                _ => return false,
            },
            _ => return false,
        }
    }
    !class
}

fn push_identifier(name: &str, out: &mut String) {
    // Writing to a string does not fail.
    let _ = serialize_identifier(name, out);
}

#[cfg(test)]
mod tests;

//! A mail that goes on to others as it is (RFC 5322 3.6.6): a block of fields above it, and nothing else of it touched.

use super::fields::Fields;
use super::sent_at;
use crate::address::Address;
use crate::header;

/// Bytes of a header; one that is longer goes on as it is.
const LONGEST: usize = 1 << 20;

/// Who sends a mail on, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resent {
    pub from: Address,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    /// Without brackets.
    pub message_id: String,
    /// As in [`super::Letter::date`].
    pub date: (i64, i32),
}

/// The fields that stand above the mail.
pub fn resent(resent: &Resent) -> Vec<u8> {
    let mut head = Fields::default();
    head.addresses("Resent-From", std::slice::from_ref(&resent.from));
    head.addresses("Resent-To", &resent.to);
    head.addresses("Resent-Cc", &resent.cc);
    head.plain("Resent-Date", &sent_at(resent.date));
    head.ids("Resent-Message-ID", std::slice::from_ref(&resent.message_id));
    head.text.into_bytes()
}

/// Takes fields out of the header of a mail that comes in pieces.
#[derive(Debug)]
pub struct WithoutFields {
    names: &'static [&'static str],
    /// The header as far as it came; nothing once it is over.
    held: Option<Vec<u8>>,
}

impl WithoutFields {
    /// Without names all goes on as it comes.
    pub fn new(names: &'static [&'static str]) -> Self {
        Self {
            names,
            held: (!names.is_empty()).then(Vec::new),
        }
    }

    /// What of the mail can go on now.
    pub fn push(&mut self, piece: Vec<u8>) -> Vec<u8> {
        let Some(mut held) = self.held.take() else {
            return piece;
        };
        held.extend_from_slice(&piece);
        if memchr::memmem::find(&held, b"\r\n\r\n").is_none()
            && memchr::memmem::find(&held, b"\n\n").is_none()
            && held.len() < LONGEST
        {
            self.held = Some(held);
            return Vec::new();
        }
        self.without(&held)
    }

    /// What is left when all of it came.
    pub fn finish(&mut self) -> Vec<u8> {
        self.held.take().map(|held| self.without(&held)).unwrap_or_default()
    }

    fn without(&self, raw: &[u8]) -> Vec<u8> {
        let (block, _) = header::split(raw);
        let mut out = Vec::with_capacity(raw.len());
        let mut rest = block;
        while let Some((line, after)) = header::next_folded(rest) {
            rest = after;
            let named = header::field(line).is_some_and(|field| {
                self.names
                    .iter()
                    .any(|name| field.name.eq_ignore_ascii_case(name.as_bytes()))
            });
            if !named {
                out.extend_from_slice(line);
            }
        }
        out.extend_from_slice(raw.get(block.len()..).unwrap_or_default());
        out
    }
}

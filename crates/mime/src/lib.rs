//! Bytes <-> mail: parse, repair charsets, make HTML safe, make ready to go. No I/O, no clock, no randomness.
//!
//! Everything that comes in here was written by strangers. Each function reads what can be read and gives that back;
//! none fails (but [`outgoing`], which says why a mail cannot go), none panics, and the work each does is bounded by the size of what it is given.

mod address;
mod charset;
mod code;
mod compose;
mod display;
mod encoded_word;
mod file_name;
mod header;
mod html;
mod mail;
mod outgoing;
mod parameter;
mod plain;
mod preview;
mod program;
mod report;
mod subject;
mod summary;
mod transfer;

pub use address::Address;
pub use code::verification_code;
pub use compose::{
    AsIs, Composed, FilePart, Letter, Priority, Receipt, Resent, Section, Transfer, WithoutFields, compose, receipt,
    resent,
};
pub use file_name::safe_file_name;
pub use html::sanitise::{SafeHtml, Sanitise, sanitise, sanitise_to_send};
pub use html::text::html_to_text;
pub use mail::{Attachment, Mail, attachment, decode_text, parse};
pub use outgoing::{Fresh, NotReady, Outgoing, outgoing};
pub use parameter::decode_parameter;
pub use plain::{text_to_html, unflow};
pub use preview::preview;
pub use program::is_program;
pub use report::{Fate, Outcome, Reason, Report, may_report, report};
pub use subject::base_subject;
pub use summary::{Summary, summary};
pub use transfer::TransferDecoder;

/// The bytes of a part as `BODY[n]` brings it, with its transfer encoding (`base64`, `quoted-printable`, ...) undone.
pub fn decode_transfer(body: &[u8], encoding: &str) -> Vec<u8> {
    transfer::decode(body, encoding).into_owned()
}

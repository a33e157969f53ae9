//! One conversation with one server: sign in, folders, fetch, watch, move. Knows no storage.
//!
//! [`Session::open`] dials and signs in; everything else is a method of [`Session`]. async-imap drives the
//! conversation (greeting, sign-in, tags, commands, COMPRESS); a wire layer of our own below it frames what the server
//! sends and hands untagged answers to our own parsers (`docs/adr/0002-imap-wire.md`).
//!
//! **Invariant:** nothing a server sends panics, is held beyond [`Limits`], or appears in an error or a trace as raw
//! bytes; no secret reaches async-imap (whose trace shows what it writes), an error, or a trace.

mod capability;
mod date;
mod error;
mod flags;
mod mailbox;
mod name;
mod parse;
mod quirks;
mod server;
mod session;
mod structure;
mod uid_set;
mod wire;

pub use capability::Capabilities;
pub use error::{Error, server_text};
pub use flags::{FlagChange, FlagRow, Flags};
pub use mailbox::{Mailbox, Namespace, NamespaceKind, Namespaces, SpecialUse, Status};
pub use name::MailboxName;
pub use parse::Code;
pub use quirks::Quirks;
pub use server::{ClientId, Credentials, Limits, Server};
pub use session::{
    Identity, PartRequest, Qresync, ROW_HEADERS, Row, Search, SelectOptions, Selected, Session, Unsolicited, Wait,
    Waited,
};
pub use structure::{BodyStructure, Part};
pub use uid_set::UidSet;

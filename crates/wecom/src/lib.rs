//! WeCom (企业微信) as one application of one company meets it: HTTP API, sign-in addresses, JS-SDK signatures, and
//! the cryptography of its callbacks.
//!
//! **Invariants:** `errmsg` is logged and never read. What WeCom sends is bounded, and a field that is missing or of
//! another type is the type's default, not an error: fields are withheld from newer applications (2022-06-20), and
//! their types differ between tenants. No secret, token, code or ticket is printed.

mod address;
pub mod callback;
mod client;
mod cut;
mod directory;
mod error;
mod identity;
mod jsapi;
mod json;
mod kept;
mod message;
mod quota;
mod user;
mod workbench;

pub use address::{App, Hosts, Lang, Scope};
pub use client::{Clock, Patience, Wecom};
pub use directory::{Department, EmailKind, UserIds};
pub use error::{Error, Kind};
pub use identity::{Detail, Identity};
pub use jsapi::TicketKind;
pub use message::{Content, Line, Message, Sent, TextCard, TextNotice, Tone};
pub use user::{Attribute, Membership, Status, User};
pub use workbench::{Agent, KeyData};

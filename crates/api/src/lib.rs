//! What a client may ask of the agent: requests, answers, events and error codes, in one table.
//!
//! The window, the command line and the browser of the UI tests are all clients of this api; there is no second way
//! in. [`table`] declares every request with its answer; [`typescript`] exports all of it as one TypeScript file, and
//! a test compares that file with the one that the UI is built from.

mod account;
mod client;
mod company;
mod contact;
mod deep_link;
mod directory;
mod draft;
mod endpoint;
mod error;
mod event;
mod folder;
mod frame;
mod home;
mod mail;
mod outbox;
mod settings;
mod status;
mod storage;
mod table;
mod telling;
mod template;
mod typescript;

pub use account::*;
pub use client::{Client, ClientError};
pub use company::*;
pub use contact::*;
pub use deep_link::DeepLink;
pub use directory::*;
pub use draft::*;
pub use endpoint::{Endpoint, Listener, PeerStream};
pub use error::{ApiError, ErrorCode, Result};
pub use event::*;
pub use folder::*;
pub use frame::*;
pub use home::home;
pub use mail::*;
pub use outbox::*;
pub use settings::*;
pub use status::*;
pub use storage::*;
pub use table::{Call, METHODS, Request, call};
pub use telling::*;
pub use template::*;
pub use typescript::typescript;

/// The version of the conversation itself. A client and an agent of different numbers do not talk; the older one
/// of the two gives way (see [`Hello`]).
pub const PROTOCOL: u32 = 1;

/// The version of this program, `major.minor.patch`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[cfg(test)]
mod tests;

//! Our own parsers of what servers send: tolerant, bounded, never panicking. An answer that cannot be read is
//! [`Response::Unknown`]; it never ends a session.

#![allow(
    clippy::option_option,
    reason = "the outer None is: nothing readable here; the inner one: read, and it is nothing"
)]

mod code;
mod cursor;
mod fetch;
mod response;
mod structure;

pub use code::Code;
pub(crate) use cursor::Cursor;
pub(crate) use fetch::{FetchItems, Section};
pub(crate) use response::{Response, StatusKind, StatusLine, parse, status_line};

#[cfg(test)]
mod tests;

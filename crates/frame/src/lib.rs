//! The sealed document around a mail's html: its addresses, its policy, its look. No I/O.
//!
//! The window (custom scheme `qymail:`) and the development server (paths of its own) show the same documents; this
//! crate makes them, so that what is tested in one holds in the other.
//!
//! Three walls stand around a mail, and each would do alone: the agent's sanitiser took out whatever acts; the frame
//! element is `sandbox` without scripts; and the document carries a content security policy that allows no script and no
//! request but for pictures that the program itself answers (ADR 0010).

mod address;
mod document;
mod links;

pub use address::{Asked, Theme, View};
pub use document::{Doors, body, policy};

#[cfg(test)]
mod tests;

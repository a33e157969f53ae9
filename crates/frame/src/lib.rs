//! The sealed document around a mail's html: its address, its policy, its look. No I/O.
//!
//! A mail is shown in a frame without scripts, on an address of its own. The window (custom scheme `qymail:`) and the
//! development server (a path of its own) serve the same documents; this crate makes them, so that what is tested in
//! one holds in the other.
//!
//! Three walls stand around a mail, and each would do alone: the agent's sanitiser took out whatever acts; the frame
//! element is `sandbox=""`; and the answer carries a content security policy that allows no request and no script.

mod address;
mod document;
mod links;

pub use address::{Asked, Theme, View};
pub use document::{Page, body, nothing, policy, refused};

#[cfg(test)]
mod tests;

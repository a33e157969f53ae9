//! Conversations with scripted servers, with other people's transcripts, with hostile bytes, and with a real Dovecot.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "tests"
)]

mod common;
mod conversation;
#[cfg(unix)]
mod dovecot;
mod hostile;
mod mailkit;
mod sims;
mod trace;
mod volume;

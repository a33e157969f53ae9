//! The enterprise directory: read from WeCom, joined with the mail platform's accounts, handed to apps as signed
//! changes.
//!
//! ```text
//! WeCom: departments, members ──┐
//! its callbacks: who to read ───┼─> facts ─┐
//! mail platform: accounts ──────┴──────────┴─> join ─> rows with a revision ─> GET /api/directory?since=…
//! ```
//!
//! **Invariants:** an address is in the directory only with a proof ([`join`]). A reading that failed changes nothing.
//! A row that did not change keeps its revision.

pub mod accounts;
pub mod events;
pub mod facts;
pub mod join;
pub mod keep;
pub mod leave;
pub mod serve;
pub mod write;

/// Under which the revision that apps may hold is noted.
pub const REVISION: &str = "directory.revision";
/// Apps that hold this revision, or one before, get the whole.
pub const WHOLE: &str = "directory.whole";
/// When all of it was read last, in Unix seconds.
pub const READ: &str = "directory.read";
/// When it is to be read next, in Unix seconds.
pub const NEXT: &str = "directory.next";
/// `1` where WeCom keeps the mail addresses of everybody from this application.
pub const WITHHELD: &str = "directory.withheld";
/// `1` where the last reading was put aside because too many were missing in it.
pub const SHRUNK: &str = "directory.shrunk";

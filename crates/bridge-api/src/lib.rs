//! What the app and the bridge say to each other: types, and what both compute alike, so that neither can drift.
//!
//! Everything is JSON over HTTPS. A request that speaks for a device carries a proof of possession in the header
//! [`PROOF`] (RFC 9449) over a nonce that the bridge gave in [`NONCE`]: the device's clock plays no part.

mod address;
mod directory;
mod error;
mod event;
mod policy;
mod reminder;
mod secret;
mod session;
mod signin;

pub use address::*;
pub use directory::*;
pub use error::{BridgeError, Refusal};
pub use event::*;
pub use policy::*;
pub use reminder::*;
pub use session::*;
pub use signin::*;

/// The header of the proof of possession (RFC 9449 4.1).
pub const PROOF: &str = "DPoP";
/// The header in which the bridge gives the nonce for the next proof (RFC 9449 8).
pub const NONCE: &str = "DPoP-Nonce";
/// The scheme of `Authorization` (RFC 9449 7.1).
pub const SCHEME: &str = "DPoP";

#[cfg(test)]
mod tests;

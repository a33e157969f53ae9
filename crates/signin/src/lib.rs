//! From an address to a session: provider recognition, settings, OAuth2, the account test.

mod address;
mod autoconfig;
pub mod bridge;
mod check;
mod guess;
mod lookups;
mod provider;
mod recognise;
mod settings;

pub mod oauth;

pub use address::{Address, NotAnAddress};
pub use check::{Cause, Failure, Report, Step, check};
pub use lookups::{Lookups, Network, Probe};
pub use provider::{IssuerId, Place, Provider};
pub use recognise::{How, Recognised, Renamed, recognise};
pub use settings::{CUSTOM, CredentialKind, ServerSettings, Settings};

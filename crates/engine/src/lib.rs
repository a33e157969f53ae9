//! Accounts at work: sync, watch, operations, notification rules. Joins the crates below and emits events.
//!
//! One [`Engine`] per store. Clients' requests are methods of it; what happens by itself comes as [`qiyou_api::Event`]s
//! and as [`Tell`]s, which the agent turns into bubbles. Each account has one task (`account::run`) that owns the
//! conversation with its server.

mod account;
mod actions;
mod check;
mod clock;
mod collate;
mod company;
mod contacts;
mod convert;
mod directory;
mod drafts;
mod engine;
mod events;
mod health;
mod keychain;
mod lists;
mod managed;
mod newest;
mod outbox;
mod own;
mod people;
mod pictures;
mod reading;
mod receipts;
mod reports;
mod requests;
mod saving;
mod setup;
mod sorted;
mod telling;
mod templates;
mod texts;
mod tree;

pub use clock::{Clock, SystemClock};
pub use company::CompanyConfig;
pub use directory::{Applied, PART_MOST};
pub use engine::{Config, Engine, Pace, keychain_error, store_error};
pub use events::Timed;
pub use keychain::{Keychain, KeychainError, MemoryKeychain};
pub use qiyou_api::{Tell, TellMail};
pub use qiyou_signin::oauth::{Issuer as OauthIssuer, Page as OauthPage};

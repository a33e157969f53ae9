//! The encrypted database: schema, migrations, queries, and the second file with bodies and attachments.
//!
//! **Invariants:** one writer, readers never wait for it (WAL); what cannot be fetched again commits with
//! [`Durability::Full`]; the key comes from outside and is never written; no network.

pub mod accounts;
pub mod bodies;
pub mod bubbles;
pub mod company;
pub mod contacts;
pub mod directory;
pub mod drafts;
pub mod folders;
pub mod mails;
pub mod operations;
pub mod ordered;
pub mod outbox;
pub mod people;
pub mod policy;
pub mod reports;
pub mod settings;
pub mod templates;
pub mod undo;

mod error;
mod open;
mod schema;
mod store;

pub use error::{Error, Result};
pub use open::{Key, StoreFiles};
pub use rusqlite::{Connection, Transaction};
pub use store::{Durability, Store};

#[cfg(test)]
mod tests;

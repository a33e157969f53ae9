//! What lies on the disk.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::AccountId;

/// Answer to `storage` and `storage.clear`. Bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Storage {
    /// Where the files lie.
    pub home: String,
    /// The file with accounts, folders, and the rows of all lists.
    #[ts(type = "number")]
    pub index: u64,
    /// The file with texts and attachments; what it holds can be fetched again.
    #[ts(type = "number")]
    pub bodies: u64,
    pub accounts: Vec<AccountStorage>,
}

/// What one account has on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountStorage {
    pub account: AccountId,
    /// Rows of its folders.
    pub mails: u32,
    /// Bytes of its texts and attachments.
    #[ts(type = "number")]
    pub bodies: u64,
}

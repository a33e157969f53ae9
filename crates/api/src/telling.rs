//! What a person is told of, and what a session needs to tell it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Account, AccountId, ApiError, FolderId, MailId, MailRow, Settings};

/// A mail in a bubble.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TellMail {
    pub row: MailRow,
    /// A verification code found in subject or text.
    pub code: Option<String>,
}

/// What is to be shown or taken away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Tell {
    /// A bubble for each of these.
    Mails { account: AccountId, mails: Vec<TellMail> },
    /// One bubble for many, after first sync or sleep, or when too many come at once.
    Summary {
        account: AccountId,
        folder: FolderId,
        count: u32,
        newest: Box<MailRow>,
    },
    /// These were read, moved or deleted: their bubbles go.
    Withdraw { mails: Vec<MailId> },
    /// A person wants to see how a bubble looks.
    Test,
}

/// Answer to `desk`: what the tray of a session shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DeskView {
    pub accounts: Vec<Account>,
    /// The newest unread mails of the folders that are told of.
    pub newest: Vec<MailRow>,
    pub settings: Settings,
    pub trouble: Option<ApiError>,
    /// Whether the company opens the webmail.
    #[serde(default)]
    pub webmail: bool,
}

//! Mails on their way out.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AccountId, Cause, DraftId};

/// Number of an entry of the outbox.
pub type OutboxId = i64;

/// How far a mail is on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// It goes when it is due: the time to take it back is not over, it was put off, or the line is down.
    Waiting,
    /// The server is being given it, and does not have it yet.
    Sending,
    /// The line died while the server had all of it: whether it took it is being found out.
    Checking,
    /// The server took it; its copy is being put into the sent-box.
    Filing,
    /// It went, and stands in the sent-box.
    Sent,
    /// The server does not take it.
    Refused,
    /// Nobody can tell whether it went: the person decides.
    NeedsYou,
}

/// A recipient that the server does not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RefusedRecipient {
    pub address: String,
    /// SMTP's reply code (RFC 5321 4.2).
    pub code: u16,
    /// The server's own words.
    pub text: String,
}

/// One mail of the outbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct OutboxEntry {
    pub id: OutboxId,
    pub account: AccountId,
    pub state: OutboxState,
    /// Unix seconds.
    pub created: i64,
    /// Nothing is done about it before, in Unix seconds.
    pub due: i64,
    pub subject: String,
    /// Without its angle brackets.
    pub message_id: String,
    /// The envelope's, Bcc among them.
    pub recipients: Vec<String>,
    pub refused: Vec<RefusedRecipient>,
    /// Bytes.
    #[ts(type = "number")]
    pub size: u64,
    /// How often the server was given it.
    pub attempts: u32,
    /// What went wrong last.
    pub cause: Option<Cause>,
    /// The draft that it was made from, until it went: it can be opened again once the mail is withdrawn.
    pub draft: Option<DraftId>,
    /// It is a read receipt.
    pub receipt: bool,
}

/// Parameters of `outbox.send`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SendParams {
    /// The account that sends it; that of its From where it is not said.
    pub account: Option<AccountId>,
    /// Absolute path of a file that holds the whole mail (RFC 5322).
    pub file: String,
    /// Seconds in which it can be taken back.
    pub delay: u32,
}

/// What a person decides about a mail of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It shall not go; only while it waits, was refused or needs a decision.
    Withdraw,
    /// It goes now, a second time if need be.
    Send,
    /// It went: its copy is put into the sent-box.
    Went,
}

/// Parameters of `outbox.act`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OutboxActParams {
    pub id: OutboxId,
    pub decision: Decision,
}

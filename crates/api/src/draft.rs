//! Mails that are being written.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AccountId, Address, MailId, OutboxId};

/// Number of a draft.
pub type DraftId = i64;

/// Number of a file that is attached to a draft.
pub type DraftFileId = i64;

/// How urgent its author calls a mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Low,
    #[default]
    Normal,
    High,
}

/// What its author sees of a draft and changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct DraftContent {
    /// The account that sends it.
    pub account: AccountId,
    /// The alias that it is written from; empty: the account's own address.
    pub from: String,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    pub bcc: Vec<Address>,
    pub subject: String,
    /// What was written, without the quoted original. Pictures in it are `cid:` addresses of the draft's files.
    pub html: String,
    /// It goes as text alone.
    pub plain: bool,
    pub priority: Priority,
    /// Asks for a receipt when it is read (RFC 8098).
    pub receipt: bool,
    /// The quoted original goes with it, where there is one.
    pub quote: bool,
    /// Where the caret stood, as the editor counts.
    pub caret: u32,
}

/// What a draft has to do with mails that are here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DraftKind {
    #[default]
    New,
    Reply,
    ReplyAll,
    /// The text of one mail goes on, with its attachments.
    Forward,
    /// Mails go on whole, as attachments.
    ForwardAttached,
    /// A mail's text and files are the beginning of a new one.
    EditAsNew,
    /// A mail goes on as it is, under its author's name (RFC 5322 3.6.6): nothing is written.
    Redirect,
}

/// How far a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// It is being copied, or fetched from the server.
    Coming,
    Whole,
    /// It could not be had.
    Failed,
}

/// A file that is attached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftFile {
    pub id: DraftFileId,
    pub name: String,
    pub mime_type: String,
    /// Bytes.
    #[ts(type = "number")]
    pub size: u64,
    pub state: FileState,
    /// Of a picture that the text shows, without brackets.
    pub content_id: Option<String>,
}

/// The mail that is quoted, for the line above the quote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Quoted {
    pub from: Vec<Address>,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    pub subject: String,
    /// Unix seconds.
    pub date: i64,
    /// Its text is here. Until then it is being fetched, and `draft_changed` tells when it is.
    pub here: bool,
}

/// One draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Draft {
    pub id: DraftId,
    /// One more with each change.
    pub version: u32,
    /// Unix seconds.
    pub created: i64,
    pub changed: i64,
    pub content: DraftContent,
    pub kind: DraftKind,
    /// Mails that are answered or passed on.
    pub mails: Vec<MailId>,
    pub quoted: Option<Quoted>,
    pub files: Vec<DraftFile>,
    /// Its mail is on its way; nothing can be changed until that is withdrawn.
    pub entry: Option<OutboxId>,
    /// Bytes that the account's server takes of a mail, where it says so.
    #[ts(type = "number | null")]
    pub limit: Option<u64>,
    /// A version of it that another program wrote on the server; `draft.settle` decides between them.
    pub elsewhere: Option<MailId>,
}

/// A draft as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftRow {
    pub id: DraftId,
    pub account: AccountId,
    pub to: Vec<Address>,
    pub subject: String,
    /// First words.
    pub preview: String,
    /// Unix seconds.
    pub changed: i64,
    pub kind: DraftKind,
    pub mails: Vec<MailId>,
}

/// Parameters of `draft.create`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct DraftCreateParams {
    pub kind: DraftKind,
    /// The account that sends it; that of the mails, or else the first, where it is not said.
    pub account: Option<AccountId>,
    pub mails: Vec<MailId>,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    pub bcc: Vec<Address>,
    /// Where it is a new mail's; that of an answer is made from the original's.
    pub subject: String,
    /// What stands before the subject of the original: `回复：`, `Fwd: `.
    pub prefix: String,
    /// The text that it begins with, without looks.
    pub text: String,
}

/// Parameters of everything that is done with one draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftParams {
    pub id: DraftId,
}

/// Parameters of `draft.settle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftSettleParams {
    pub id: DraftId,
    /// The version that was written elsewhere is gone on with, and this one is discarded; or this one takes its place.
    pub take: bool,
}

/// Parameters of `draft.save`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftSaveParams {
    pub id: DraftId,
    pub content: DraftContent,
    /// Nobody writes on just now: the server's copy need not wait.
    #[serde(default)]
    pub resting: bool,
}

/// Parameters of `draft.quote`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftQuoteParams {
    pub id: DraftId,
    /// Whether pictures from the network may be shown.
    pub remote: bool,
}

/// Parameters of `draft.attach`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftAttachParams {
    pub id: DraftId,
    /// Absolute path of a file, or of a folder, which becomes a zip.
    pub path: String,
}

/// Parameters of `draft.attach_mails`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftAttachMailsParams {
    pub id: DraftId,
    pub mails: Vec<MailId>,
}

/// Parameters of `draft.paste`: a file that has no place on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftPasteParams {
    pub id: DraftId,
    pub name: String,
    pub mime_type: String,
    /// Base64.
    pub data: String,
    /// The text shows it.
    pub inline: bool,
}

/// Parameters of `draft.detach` and `draft.file`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftFileParams {
    pub id: DraftId,
    pub file: DraftFileId,
}

/// Parameters of `draft.send`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftSendParams {
    pub id: DraftId,
    pub content: DraftContent,
    /// Unix seconds before which it does not go; nothing: after the time in which it can be taken back.
    pub at: Option<i64>,
}

/// Parameters of `people.complete`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CompleteParams {
    /// What was typed: letters of a name or an address, pinyin, initials.
    pub query: String,
    /// At most so many.
    pub most: u32,
}

/// Somebody that a completion offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Person {
    pub name: String,
    /// Empty for a group, a department, and a colleague without one.
    pub address: String,
    /// Those of a group; they are who is written to.
    pub members: Vec<Address>,
    /// What the enterprise directory says of them.
    #[serde(default)]
    pub colleague: Option<crate::Colleague>,
    /// A department of the enterprise; then there is no address.
    #[serde(default)]
    pub department: Option<crate::DepartmentOffer>,
}

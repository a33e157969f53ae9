//! Mails: rows of a list, the opened mail, and what one does with them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{AccountId, FolderId};

/// Number of a mail in the store; stays the same when the server renumbers its UIDs or the mail is moved.
pub type MailId = i64;

/// A mail address with the name written beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Address {
    /// Empty when none was given.
    pub name: String,
    pub address: String,
}

/// One row of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct MailRow {
    pub id: MailId,
    pub account: AccountId,
    pub folder: FolderId,
    pub from: Address,
    /// Recipients, for Sent and Drafts; at most three.
    pub to: Vec<Address>,
    pub subject: String,
    /// First words of the text; empty until the text was fetched.
    pub preview: String,
    /// Unix seconds at which the server received it.
    pub date: i64,
    pub size: u32,
    pub unread: bool,
    pub starred: bool,
    pub answered: bool,
    pub forwarded: bool,
    pub draft: bool,
    pub attachments: bool,
    pub important: bool,
    /// It was sent from here, and a report says that it did not reach somebody.
    pub undelivered: bool,
}

/// Which mails a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Filter {
    #[default]
    All,
    Unread,
    Starred,
    Attachments,
}

/// What a list is a list of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Scope {
    Folder {
        folder: FolderId,
    },
    /// All inboxes of all accounts.
    Unified,
    /// Mails from or to one address, in every folder but junk and trash.
    Person {
        address: String,
    },
}

/// In which order a list stands. Equal ones stand newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    #[default]
    Newest,
    Oldest,
    /// By the sender's name, or his address where he gave none.
    Sender,
    /// By subject, without what answers and forwards put before it.
    Subject,
    /// The largest first.
    Size,
}

/// Parameters of `mail.list`: a window of at most 500 rows.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ListParams {
    pub scope: Scope,
    pub filter: Filter,
    #[serde(default)]
    pub sort: Sort,
    pub offset: u32,
    pub limit: u32,
}

/// Answer to `mail.list`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Page {
    /// Rows of the whole list with this filter.
    pub total: u32,
    /// Unread among them.
    pub unread: u32,
    pub offset: u32,
    pub rows: Vec<MailRow>,
}

/// Parameters of `mail.locate`: at which offset of a list a mail stands.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LocateParams {
    pub mail: MailId,
    pub scope: Scope,
    pub filter: Filter,
    #[serde(default)]
    pub sort: Sort,
}

/// Answer to `mail.locate`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Located {
    /// Nothing when the mail is not in that list.
    pub offset: Option<u32>,
}

/// Parameters that name one mail.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MailParams {
    pub mail: MailId,
}

/// An attachment of a mail, not yet its bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Attachment {
    /// Place among the attachments of the mail, from 0.
    pub index: u32,
    pub name: String,
    pub mime_type: String,
    /// Bytes once decoded, as far as known.
    pub size: u32,
    /// Shown inside the text by its content id.
    pub inline: bool,
    /// A program, or something that can start one: it can be saved, not opened.
    pub program: bool,
}

/// The opened mail. The body comes by `mail.body`, as it may have to be fetched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Mail {
    pub row: MailRow,
    pub from: Vec<Address>,
    pub reply_to: Vec<Address>,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    /// Unix seconds that the sender wrote into the mail; absent when unreadable.
    pub sent_at: Option<i64>,
    pub message_id: String,
    pub attachments: Vec<Attachment>,
    pub folder_path: String,
    /// What is reported of it, where it was sent from here: the last of each recipient.
    pub fates: Vec<Fate>,
    /// What it reports of another mail.
    pub report: Option<MailReport>,
    /// Its author asks for a receipt, and nobody decided about that yet.
    pub receipt: Option<ReceiptAsked>,
}

/// How far a mail came on its way to a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Failed,
    /// It is tried again.
    Delayed,
    Delivered,
    /// It was shown.
    Read,
    /// It was deleted without being shown.
    Deleted,
}

/// Why a mail was not delivered; `report.reason.<reason>` in the catalogue has the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    MailboxFull,
    NoSuchUser,
    NoSuchDomain,
    TooLarge,
    Refused,
    Unreachable,
    Unknown,
}

/// What became of a mail on its way to a recipient (RFC 3464, RFC 8098).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Fate {
    pub address: String,
    pub outcome: Outcome,
    pub reason: Reason,
    /// What a server said.
    pub detail: String,
    /// Unix seconds of the report.
    pub at: i64,
}

/// What a mail reports of another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MailReport {
    /// The mail that was sent, where it is here.
    pub about: Option<MailId>,
    pub fates: Vec<Fate>,
}

/// Who asks for a read receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReceiptAsked {
    pub to: Address,
    /// It may go without a question, where that is chosen: the mail came to an own address, and its author asks for it to
    /// be sent to themselves (RFC 8098 2.1).
    pub automatic: bool,
}

/// Parameters of `mail.receipt`: sends the receipt that a mail asks for, or decides that none goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReceiptParams {
    pub mail: MailId,
    pub send: bool,
    /// Nobody was asked.
    pub automatic: bool,
    /// The receipt's own subject and text, in the person's language.
    pub subject: String,
    pub text: String,
}

/// Parameters of `mail.reply`: an answer of a few words, without the original below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuickReplyParams {
    pub mail: MailId,
    pub text: String,
    /// What stands before the subject of the original: `回复：`.
    pub prefix: String,
}

/// Parameters of `mail.resend`: sends a mail that went once more, to those who did not get it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ResendParams {
    pub mail: MailId,
    pub to: Vec<Address>,
}

/// Parameters of `mail.body`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BodyParams {
    pub mail: MailId,
    /// Whether pictures from the network may be asked for.
    pub remote: bool,
    /// Whether a long text is wanted to its end (up to 20 MiB), and not its beginning alone, which is quick to draw.
    #[serde(default)]
    pub whole: bool,
}

impl BodyParams {
    /// The careful choice: the beginning, and nothing from the network.
    pub fn of(mail: MailId) -> Self {
        Self {
            mail,
            remote: false,
            whole: false,
        }
    }
}

/// Answer to `mail.body`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Body {
    /// Ready to be shown in the sealed frame.
    Ready {
        /// Made safe; only to be shown in a frame without scripts and with a CSP that forbids all requests. Links are
        /// `link:<n>` of `links`, pictures from the network `picture:<n>`, to be had by `mail.picture`.
        html: String,
        /// True when the mail had no HTML and `html` was made from its plain text.
        plain: bool,
        /// True when the text is longer than `html`.
        cut: bool,
        /// Pictures from the network that the text has; they are left out unless they may be asked for.
        remote_pictures: u32,
        /// Pictures of the mail itself that `html` shows (RFC 2392); the others are attachments to whoever reads.
        carried: u32,
        /// Where link number n of `html` leads.
        links: Vec<String>,
        /// BCP 47 guess, for the choice of glyphs.
        language: Option<String>,
        /// What a careful person would look at before trusting it.
        warnings: Vec<Warning>,
    },
    /// Being fetched; a `body_arrived` event follows.
    Fetching,
    /// Could not be fetched; asking again tries again.
    Failed { error: crate::ApiError },
}

/// Why a mail may not be what it seems; `warning.<kind>` in the catalogue has the words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Warning {
    /// A link says one host and leads to another.
    LinkElsewhere { shown: String, host: String },
    /// The sender's name is an address, and another one than his own.
    NameIsOtherAddress { name: String, address: String },
    /// An attachment is a program or can start one.
    ProgramAttached { name: String },
}

/// Answer to `mail.source`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Source {
    /// The mail as the server has it, charset guessed; at most 2 MiB.
    pub text: String,
    pub truncated: bool,
}

/// Parameters of `mail.save_attachment`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SaveAttachmentParams {
    pub mail: MailId,
    pub index: u32,
    /// Absolute path of the file to write; it must not exist yet.
    pub path: String,
}

/// Parameters of `mail.picture`: number n of the pictures from the network that a text asks for as `picture:<n>`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct PictureParams {
    pub mail: MailId,
    pub number: u32,
}

/// Answer to `mail.picture`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Picture {
    /// `image/png`, `image/jpeg`, `image/gif`, `image/webp`, `image/bmp`: as its bytes tell, not its server.
    pub mime_type: String,
    /// Base64.
    pub data: String,
}

/// Parameters of `mail.save_attachments`: all attachments that are not shown inside the text.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SaveAttachmentsParams {
    pub mail: MailId,
    /// Absolute path of a folder that exists. A name that is taken gets a number.
    pub folder: String,
}

/// Answer to `mail.save_attachments`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SavedAttachments {
    /// Absolute paths of the files, in the order of the attachments.
    pub paths: Vec<String>,
}

/// Parameters of `mail.open_attachment`: shows an attachment with the system's program for it. It is written to a
/// private folder, read-only, and goes when the agent ends or after a day. [`crate::ErrorCode::AttachmentDangerous`]
/// for programs and what can start one.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OpenAttachmentParams {
    pub mail: MailId,
    pub index: u32,
}

/// What one does with mails: the one vocabulary of keys, buttons, tray, bubbles and command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action {
    MarkRead,
    MarkUnread,
    Star,
    Unstar,
    Archive,
    /// To the trash; for ever when the mail lies there already (`confirmed` must then be true).
    Delete {
        confirmed: bool,
    },
    Junk,
    NotJunk,
    Move {
        folder: FolderId,
    },
}

/// Parameters of `mail.act`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ActParams {
    pub mails: Vec<MailId>,
    pub action: Action,
}

/// Answer to `mail.act` and `mail.mark_all_read`: what was done and can be undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Done {
    /// To be given to `undo`; absent when there is nothing to take back.
    pub undo: Option<UndoId>,
    /// Mails that were really changed.
    pub count: u32,
}

/// Number of an entry of the undo stack.
pub type UndoId = i64;

/// Parameters of `undo`; the newest entry when absent.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct UndoParams {
    pub undo: Option<UndoId>,
}

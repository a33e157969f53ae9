//! Reminders in WeCom: a card that tells of a mail, and how the app finds that mail again.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

/// The most mails of one [`Arrived`].
pub const MOST_ARRIVED: usize = 20;

/// `GET` and `PUT /api/reminders`: what a member wants WeCom to tell of. Nothing, until they say so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Reminders {
    /// A card for each new mail.
    pub cards: bool,
    /// What stands on it.
    pub words: CardWords,
    /// Also for folders other than the inbox of which the app tells.
    pub all_folders: bool,
    /// The number of unread mails on the workbench.
    pub unread: bool,
    /// In which language: `zh` or `en`.
    pub lang: String,
}

/// `GET /api/reminders`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RemindersState {
    pub reminders: Reminders,
    /// The mailbox that cards are about: the member's proven address. Without one there are none.
    pub mailbox: Option<String>,
    /// Whether the bridge keeps a number on the workbench.
    pub workbench: bool,
}

/// What a card tells of a mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardWords {
    /// Sender, subject, first words.
    #[default]
    All,
    Sender,
    /// That there is one.
    Nothing,
}

/// `POST /api/reminders/arrived`: mails that came just now, at most [`MOST_ARRIVED`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Arrived {
    pub mails: Vec<ArrivedMail>,
}

/// A mail that came. The app leaves out what the member does not want on the card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ArrivedMail {
    /// When it was written, as its `Date` says, in Unix seconds.
    pub sent_at: i64,
    /// [`card_hash`] of it.
    pub hash: String,
    /// Name or address.
    pub sender: String,
    pub subject: String,
    pub words: String,
}

/// `POST /api/reminders/unread`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Unread {
    /// Unread mails of the inbox.
    pub count: u32,
}

/// `GET /api/cards/{id}`: by what the app finds the mail of a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Card {
    /// The address of the mailbox.
    pub mailbox: String,
    /// Unix seconds.
    pub sent_at: i64,
    pub hash: String,
}

/// By what a mail is known to bridge and app alike, without its words: SHA-256 over mailbox, sender's address and
/// subject, base64url. Case of addresses, and how the subject is spaced, play no part.
pub fn card_hash(mailbox: &str, from: &str, subject: &str) -> String {
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut hash = Sha256::new();
    for part in [mailbox.to_lowercase(), from.to_lowercase(), subject] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    BASE64.encode(hash.finalize())
}

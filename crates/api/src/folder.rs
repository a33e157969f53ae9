//! Folders of an account, as a tree.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::AccountId;

/// Number of a folder in the store; stays the same when the folder is renamed.
pub type FolderId = i64;

/// What a folder is for (RFC 6154 and the name table).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Inbox,
    Drafts,
    Sent,
    Archive,
    Junk,
    Trash,
    /// All mail of the account (Gmail).
    All,
    /// Starred mail of all folders (Gmail).
    Flagged,
    None,
}

/// How new mail of a folder is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Telling {
    /// Not at all.
    Silent,
    /// Only in the tray's number.
    Count,
    /// A bubble for each new mail.
    Bubble,
}

/// Whose folder it is (RFC 2342).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Owner {
    Personal,
    Other,
    Shared,
}

/// A folder as clients see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Folder {
    pub id: FolderId,
    pub account: AccountId,
    pub parent: Option<FolderId>,
    /// The last part of its path, as the server has it. Folders with a role are named by the catalogue instead.
    pub name: String,
    /// The whole path as a person reads it, parts joined by ` / `.
    pub path: String,
    pub role: Role,
    pub owner: Owner,
    /// False for a node that holds folders only.
    pub selectable: bool,
    pub subscribed: bool,
    /// Watched by a connection of its own where the server has no NOTIFY.
    pub followed: bool,
    /// It is followed because the company says so.
    pub managed: bool,
    pub telling: Telling,
    /// Stands among the favourites, above all accounts.
    pub favourite: bool,
    pub total: u32,
    pub unread: u32,
    /// Rows known here; less than `total` while the first sync runs.
    pub synced: u32,
}

/// Parameters of `folders.list`; all accounts when absent.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct FoldersParams {
    pub account: Option<AccountId>,
}

/// Parameters of `folders.create`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FolderCreateParams {
    pub account: AccountId,
    pub parent: Option<FolderId>,
    pub name: String,
}

/// Parameters of `folders.rename`: a new name, a new parent, or both.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FolderRenameParams {
    pub folder: FolderId,
    pub name: String,
    pub parent: Option<FolderId>,
}

/// Parameters that name one folder.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FolderParams {
    pub folder: FolderId,
}

/// Parameters of `folders.update`; what is absent stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct FolderUpdateParams {
    pub folder: FolderId,
    pub subscribed: Option<bool>,
    pub followed: Option<bool>,
    pub telling: Option<Telling>,
    pub favourite: Option<bool>,
}

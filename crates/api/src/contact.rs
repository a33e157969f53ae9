//! The address book: people whose addresses somebody keeps, and groups of them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Number of a contact.
pub type ContactId = i64;

/// Number of a group of contacts.
pub type GroupId = i64;

/// What a person sees of a contact and changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct ContactContent {
    pub name: String,
    /// The first is the one that is written to.
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    pub company: String,
    pub department: String,
    pub title: String,
    /// May have several lines.
    pub note: String,
}

/// One contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Contact {
    pub id: ContactId,
    pub content: ContactContent,
    pub groups: Vec<GroupId>,
}

/// A group of contacts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactGroup {
    pub id: GroupId,
    pub name: String,
    /// Contacts in it.
    pub count: u32,
}

/// Parameters of `contacts.list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct ContactsListParams {
    /// Letters of a name, pinyin, initials, or some of any field; empty: everybody.
    pub query: String,
    /// Only of this group.
    pub group: Option<GroupId>,
}

/// The address book, or some of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactBook {
    /// By name: letters, then Chinese by pinyin.
    pub contacts: Vec<Contact>,
    /// All groups.
    pub groups: Vec<ContactGroup>,
    /// Contacts of the whole book.
    pub total: u32,
}

/// Parameters of `contacts.find`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactFindParams {
    pub address: String,
}

/// Parameters of `contacts.save`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactSaveParams {
    /// Nothing: a new one.
    pub id: Option<ContactId>,
    pub content: ContactContent,
    pub groups: Vec<GroupId>,
}

/// Parameters of what is done with contacts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactsParams {
    pub ids: Vec<ContactId>,
}

/// What was done to the book; `contacts.revert` takes it back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct BookChange {
    pub added: Vec<ContactId>,
    pub removed: Vec<ContactId>,
    /// Contacts that were changed, as they were.
    pub before: Vec<Contact>,
}

/// Parameters of `contacts.import`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactsImportParams {
    /// Absolute path of a vCard or CSV file.
    pub path: String,
}

/// What an import brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactsImported {
    pub change: BookChange,
    /// Entries of the file that were here already, with all they say.
    pub known: u32,
    /// Entries that say nothing of anybody.
    pub unreadable: u32,
}

/// How an address book is written into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BookFormat {
    /// RFC 6350.
    Vcard4,
    /// RFC 2426.
    Vcard3,
    /// For old telephones.
    Vcard21,
    /// Comma separated, English columns, UTF-8.
    CsvOutlook,
    /// Comma separated, Chinese columns, GBK: Foxmail, Outlook in Chinese.
    CsvFoxmail,
}

/// Parameters of `contacts.export`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactsExportParams {
    /// Absolute path of the file; it is replaced where there is one.
    pub path: String,
    pub format: BookFormat,
    /// Only of this group.
    pub group: Option<GroupId>,
}

/// Parameters of `groups.save`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GroupSaveParams {
    /// Nothing: a new one.
    pub id: Option<GroupId>,
    pub name: String,
}

/// Parameters of `groups.remove`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GroupParams {
    pub id: GroupId,
}

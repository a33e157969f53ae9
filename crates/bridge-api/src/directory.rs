//! The enterprise directory as the app gets it: whole once, changes from then on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /api/directory?since=REVISION&after=CURSOR`: one part of what changed since a revision.
///
/// An app without a directory asks with `since=0`. Parts are asked for until `more` is absent; only then the app
/// holds `revision`. A revision that the bridge no longer remembers is answered with `whole: true`: what the app had
/// is replaced, not added to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DirectoryPart {
    /// The revision that this answer leads to. Grows with each change that anybody can see.
    pub revision: i64,
    /// All of the directory, not only what changed.
    pub whole: bool,
    pub departments: Vec<Department>,
    pub people: Vec<Person>,
    /// Departments that are gone, by id.
    pub departments_gone: Vec<i64>,
    /// People who are gone or may no longer be seen, by id.
    pub people_gone: Vec<String>,
    /// What to ask for next as `after`, while there is more.
    pub more: Option<String>,
}

impl DirectoryPart {
    /// Whether nothing changed by it.
    pub fn is_empty(&self) -> bool {
        self.departments.is_empty()
            && self.people.is_empty()
            && self.departments_gone.is_empty()
            && self.people_gone.is_empty()
    }
}

/// A signed answer: `payload` is a JSON text exactly as signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Signed {
    pub payload: String,
    /// Ed25519 (RFC 8032) over [`signed_bytes`], base64url without padding, by the key that the session named.
    pub signature: String,
}

/// The context under which a [`DirectoryPart`] is signed.
pub const DIRECTORY: &str = "qiyou directory";

/// What is signed: what it is for, a zero octet, the payload. So nothing that was signed for one purpose is taken for
/// another.
pub fn signed_bytes(context: &str, payload: &str) -> Vec<u8> {
    [context.as_bytes(), &[0], payload.as_bytes()].concat()
}

/// A department. The root has the id 1 and no parent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Department {
    pub id: i64,
    pub name: String,
    /// 0 for the root.
    pub parent: i64,
    /// Larger comes first (WeCom's order).
    pub order: i64,
}

/// A person of the enterprise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Person {
    /// WeCom's userid.
    pub id: String,
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub alias: String,
    /// A proven mail address, lower case. Without one, `no_address` says why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_address: Option<NoAddress>,
    /// Ids of departments, the main one first.
    pub departments: Vec<i64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Where the company lets it be seen.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
}

/// Why a person has no address here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoAddress {
    /// The mailbox field is empty, and nothing else names one.
    Empty,
    /// More than one account could be theirs: the admin has to say which.
    Ambiguous,
    /// WeCom keeps it from this application.
    Withheld,
}

//! The enterprise directory: colleagues and departments.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Address;

/// Why a colleague cannot be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Unreachable {
    /// Nothing names an address.
    Empty,
    /// More than one account could be theirs: the admin has to say which.
    Ambiguous,
    /// WeCom keeps it from the company's bridge.
    Withheld,
}

/// What the directory says of somebody whom a completion offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Colleague {
    /// WeCom's userid.
    pub userid: String,
    /// Names from the root down to the main department.
    pub path: Vec<String>,
    pub title: String,
    /// Empty where the company does not let it be seen.
    pub phone: String,
    /// Then there is no address, and nobody can choose the row.
    pub unreachable: Option<Unreachable>,
}

/// A department that a completion offers; `directory.department` tells who is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DepartmentOffer {
    #[ts(type = "number")]
    pub id: i64,
    /// Names from the root down to it.
    pub path: Vec<String>,
    /// People with an address in it and below it.
    pub count: u32,
    /// They are more than `count`, and more than are written to at once: nobody can choose the row.
    pub more: bool,
}

/// Parameters of `directory.person`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct DirectoryPersonParams {
    /// Asked for first.
    pub userid: String,
    /// Where no userid is known.
    pub address: String,
}

/// A colleague's card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ColleagueCard {
    /// WeCom's userid.
    pub userid: String,
    pub name: String,
    pub alias: String,
    /// Empty where there is none; `unreachable` says why.
    pub address: String,
    pub unreachable: Option<Unreachable>,
    /// Each department by the names from the root down to it, the main one first.
    pub departments: Vec<Vec<String>>,
    pub title: String,
    /// Empty where the company does not let it be seen.
    pub phone: String,
    /// Mails from or to them, in every folder but junk and trash.
    pub mails: u32,
}

/// Parameters of `directory.department`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DirectoryDepartmentParams {
    #[ts(type = "number")]
    pub id: i64,
}

/// A department and who is in it and below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DepartmentPeople {
    #[ts(type = "number")]
    pub id: i64,
    /// Names from the root down to it.
    pub path: Vec<String>,
    /// Those with an address, at most 200.
    pub people: Vec<Address>,
    /// There are more.
    pub more: bool,
}

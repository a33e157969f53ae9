//! The enterprise directory: departments, people, and the sorted keys by which they are found.
//!
//! Nobody of it is held in memory: what is typed becomes scans of `directory_key`, whose keys a caller makes
//! ([`Spelling`]). A whole directory is kept aside, part by part, until its last part has come ([`apply()`]).

mod apply;
mod keys;

use std::collections::BTreeSet;

use qiyou_bridge_api::{Department, NoAddress, Person};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::Result;
use crate::settings;

pub use apply::{Applied, apply, clear};
pub use keys::scan;

/// Number of a person in this store.
pub type PersonId = i64;

const REVISION: &str = "directory.revision";
const MAKING: &str = "directory.making";
const OWN: &str = "directory.own";

/// What a key belongs to, and how it is to be read; the caller's numbers.
pub type Kind = u8;

/// A key of [`Spelling`]. No tabulator and no line break stands in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub kind: Kind,
    pub text: String,
}

/// How keys are made of what there is. The same text must always give the same keys: by them it is taken out again.
#[derive(Clone, Copy, Debug)]
pub struct Spelling {
    /// Changes with the functions: a directory with keys of another making has no revision.
    pub making: u32,
    pub person: fn(&Person) -> Vec<Key>,
    pub department: fn(&str) -> Vec<Key>,
    pub title: fn(&str) -> Vec<Key>,
}

/// A person as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPerson {
    pub id: PersonId,
    pub person: Person,
}

/// The revision that is held; 0 when there is no directory, or its keys are of another making than `making`.
pub fn revision(conn: &Connection, making: u32) -> Result<i64> {
    if settings::get(conn, MAKING)? != Some(making.to_string()) {
        return Ok(0);
    }
    Ok(settings::get(conn, REVISION)?
        .and_then(|text| text.parse().ok())
        .unwrap_or(0))
}

/// The userid of who signed in here; empty where nobody did.
pub fn own(conn: &Connection) -> Result<String> {
    Ok(settings::get(conn, OWN)?.unwrap_or_default())
}

/// Remembers who signed in here.
pub fn set_own(conn: &Connection, userid: &str) -> Result<()> {
    settings::put(conn, OWN, userid)
}

/// Whether there is anybody.
pub fn is_empty(conn: &Connection) -> Result<bool> {
    Ok(conn
        .prepare_cached("SELECT NOT EXISTS (SELECT 1 FROM directory_person)")?
        .query_row([], |row| row.get(0))?)
}

fn no_address(word: &str) -> Option<NoAddress> {
    match word {
        "empty" => Some(NoAddress::Empty),
        "ambiguous" => Some(NoAddress::Ambiguous),
        "withheld" => Some(NoAddress::Withheld),
        _ => None,
    }
}

fn word(why: NoAddress) -> &'static str {
    match why {
        NoAddress::Empty => "empty",
        NoAddress::Ambiguous => "ambiguous",
        NoAddress::Withheld => "withheld",
    }
}

const PERSON: &str = "SELECT directory_person.id, userid, directory_person.name, alias, address, no_address, \
     departments, coalesce(directory_title.name, ''), phone \
     FROM directory_person LEFT JOIN directory_title ON directory_title.id = title";

fn stored(row: &Row<'_>) -> Result<StoredPerson> {
    Ok(StoredPerson {
        id: row.get(0)?,
        person: Person {
            id: row.get(1)?,
            name: row.get(2)?,
            alias: row.get(3)?,
            address: row.get(4)?,
            no_address: no_address(row.get_ref(5)?.as_str().unwrap_or_default()),
            departments: serde_json::from_str(row.get_ref(6)?.as_str().unwrap_or("[]"))?,
            title: row.get(7)?,
            phone: row.get(8)?,
        },
    })
}

fn one(conn: &Connection, condition: &str, value: &dyn rusqlite::ToSql) -> Result<Option<StoredPerson>> {
    let mut statement = conn.prepare_cached(&format!("{PERSON} WHERE {condition}"))?;
    let mut rows = statement.query([value])?;
    rows.next()?.map(stored).transpose()
}

/// The person with this number.
pub fn person(conn: &Connection, id: PersonId) -> Result<Option<StoredPerson>> {
    one(conn, "directory_person.id = ?1", &id)
}

/// The person with this userid.
pub fn person_called(conn: &Connection, userid: &str) -> Result<Option<StoredPerson>> {
    one(conn, "userid = ?1", &userid)
}

/// The person with this address, in lower case.
pub fn person_at(conn: &Connection, address: &str) -> Result<Option<StoredPerson>> {
    one(conn, "address = ?1", &address)
}

/// A department.
pub fn department(conn: &Connection, id: i64) -> Result<Option<Department>> {
    Ok(conn
        .prepare_cached("SELECT id, name, parent, position FROM directory_department WHERE id = ?1")?
        .query_row([id], |row| {
            Ok(Department {
                id: row.get(0)?,
                name: row.get(1)?,
                parent: row.get(2)?,
                order: row.get(3)?,
            })
        })
        .optional()?)
}

/// Departments above each other that are looked at: deeper is no tree.
const DEEPEST: usize = 20;

/// Names from the root down to a department. Departments that are not here are left out.
pub fn path(conn: &Connection, id: i64) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut at = id;
    while names.len() < DEEPEST
        && let Some(department) = department(conn, at)?
    {
        names.push(department.name);
        at = department.parent;
    }
    names.reverse();
    Ok(names)
}

/// Every department with its parent.
pub fn parents(conn: &Connection) -> Result<Vec<(i64, i64)>> {
    let mut statement = conn.prepare_cached("SELECT id, parent FROM directory_department")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A department and all below it, at most `most`, those above first.
pub fn below(conn: &Connection, id: i64, most: usize) -> Result<Vec<i64>> {
    let mut all = vec![id];
    let mut seen = BTreeSet::from([id]);
    let mut statement =
        conn.prepare_cached("SELECT id FROM directory_department WHERE parent = ?1 ORDER BY position DESC, id")?;
    let mut at = 0;
    while let Some(parent) = all.get(at).copied()
        && all.len() < most
    {
        for child in statement.query_map([parent], |row| row.get(0))?.take(most) {
            let child = child?;
            if seen.insert(child) {
                all.push(child);
            }
        }
        at = at.saturating_add(1);
    }
    all.truncate(most);
    Ok(all)
}

/// People of a department, at most `most`; with `reachable` those with an address.
pub fn members(conn: &Connection, department: i64, reachable: bool, most: usize) -> Result<Vec<PersonId>> {
    let mut statement =
        conn.prepare_cached("SELECT person FROM directory_member WHERE department = ?1 AND (reachable OR NOT ?2)")?;
    let rows = statement.query_map(params![department, reachable], |row| row.get(0))?;
    Ok(rows.take(most).collect::<rusqlite::Result<_>>()?)
}

/// How many people there are.
pub fn count(conn: &Connection) -> Result<u32> {
    Ok(conn
        .prepare_cached("SELECT count(*) FROM directory_person")?
        .query_row([], |row| row.get(0))?)
}

/// People with a title and their main departments, at most `most`.
pub fn titled(conn: &Connection, title: i64, most: usize) -> Result<Vec<(PersonId, i64)>> {
    let mut statement =
        conn.prepare_cached("SELECT id, department FROM directory_person WHERE title = ?1 AND title > 0")?;
    let rows = statement.query_map([title], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.take(most).collect::<rusqlite::Result<_>>()?)
}

/// What the directory calls those whom mails were written to, by their addresses in lower case.
pub fn names_of_written(conn: &Connection) -> Result<Vec<(String, String)>> {
    let mut statement = conn.prepare_cached(
        "SELECT directory_person.address, directory_person.name FROM person
         JOIN directory_person ON directory_person.address = lower(person.address) WHERE person.sent > 0",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests;

//! Whole lists in an order that no index has, as ids.

use qiyou_api::{Filter, FolderId, MailId, Sort};
use rusqlite::{Connection, params_from_iter};

use crate::error::Result;
use crate::mails::condition;

/// What a list is made of.
#[derive(Clone, Copy, Debug)]
pub struct Which<'a> {
    pub folders: &'a [FolderId],
    pub filter: Filter,
    /// Only mails from or to this address.
    pub person: Option<&'a str>,
}

/// A mail of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub mail: MailId,
    pub unread: bool,
    /// The subject or the sender where the order is by these, which the caller brings about: then the entries come
    /// newest first. Empty otherwise.
    pub word: String,
}

/// Every mail of a list. Reads all rows of the folders for [`Which::person`], an index for the rest.
pub fn entries(conn: &Connection, which: &Which<'_>, sort: Sort) -> Result<Vec<Entry>> {
    let folders = which.folders.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let condition = condition(which.filter);
    // Every address of the envelope stands there as JSON: the needle is one whole.
    let person = which.person.map(str::to_ascii_lowercase);
    let (whose, needles) = match &person {
        None => ("", Vec::new()),
        Some(address) => (
            "AND (lower(from_addr) = ?1 OR instr(lower(envelope), ?2) > 0)",
            vec![
                address.clone(),
                format!("\"address\":{}", serde_json::to_string(address)?),
            ],
        ),
    };
    let order = match sort {
        Sort::Newest | Sort::Subject | Sort::Sender => "",
        Sort::Oldest => "date, id,",
        Sort::Size => "size DESC,",
    };
    let word = match sort {
        Sort::Subject => "subject",
        Sort::Sender => "CASE from_name WHEN '' THEN from_addr ELSE from_name END",
        Sort::Newest | Sort::Oldest | Sort::Size => "''",
    };
    let mut statement = conn.prepare(&format!(
        "SELECT id, flags & 1 = 0, {word} FROM mail WHERE folder IN ({folders}) {condition} {whose}
         ORDER BY {order} date DESC, id DESC"
    ))?;
    let rows = statement.query_map(params_from_iter(needles), |row| {
        Ok(Entry {
            mail: row.get(0)?,
            unread: row.get(1)?,
            word: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

//! All that the database holds of a person: handed out, and taken away.
//!
//! [`PLACES`] names every table with such data. A test goes through the schema and fails on a table that is neither here
//! nor in [`NOBODY`].

use serde_json::{Map, Value};
use sqlx::any::AnyRow;
use sqlx::{Any, Column as _, Row as _, Transaction};

use super::{Db, Result};
use crate::directory::{REVISION, WHOLE};

/// By what a person's rows are found: `$1` of the place's queries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Userid,
    /// Each of their addresses.
    Address,
}

/// A table with something about people.
struct Place {
    table: &'static str,
    by: By,
    /// What is handed out: no hash, token or key.
    read: &'static str,
    erase: &'static str,
}

impl Place {
    fn keys<'a>(&self, userid: &'a str, addresses: &'a [String]) -> Vec<&'a str> {
        match self.by {
            By::Userid => vec![userid],
            By::Address => addresses.iter().map(String::as_str).collect(),
        }
    }
}

/// In the order in which rows may go: what refers to a row goes before it.
const PLACES: &[Place] = &[
    Place {
        table: "signin",
        by: By::Userid,
        read: "SELECT step, device, lang, created, confirmed FROM signin WHERE userid = $1",
        erase: "DELETE FROM signin WHERE userid = $1",
    },
    Place {
        table: "session",
        by: By::Userid,
        read: "SELECT id, jkt, device, created, seen, ended, why, policy, doctor FROM session WHERE userid = $1",
        erase: "DELETE FROM session WHERE userid = $1",
    },
    Place {
        table: "member",
        by: By::Userid,
        read: "SELECT userid, name, status, address, proof, seen FROM member WHERE userid = $1",
        erase: "DELETE FROM member WHERE userid = $1",
    },
    Place {
        table: "directory_person",
        by: By::Userid,
        read: "SELECT userid, revision, body, facts, job, told, address, proof FROM directory_person WHERE userid = $1",
        erase: "DELETE FROM directory_person WHERE userid = $1",
    },
    Place {
        table: "mail_account",
        by: By::Address,
        // Another account of the same name may be somebody else's.
        read: "SELECT address, job, name FROM mail_account WHERE address = $1",
        erase: "DELETE FROM mail_account WHERE address = $1",
    },
    Place {
        table: "clients_allowed",
        by: By::Address,
        read: "SELECT address, at FROM clients_allowed WHERE address = $1",
        erase: "DELETE FROM clients_allowed WHERE address = $1",
    },
    Place {
        table: "push_mailbox",
        by: By::Address,
        read: "SELECT address, at FROM push_mailbox WHERE address = $1",
        erase: "DELETE FROM push_mailbox WHERE address = $1",
    },
    Place {
        table: "reminder",
        by: By::Userid,
        read: "SELECT body FROM reminder WHERE userid = $1",
        erase: "DELETE FROM reminder WHERE userid = $1",
    },
    Place {
        table: "card",
        by: By::Userid,
        read: "SELECT mailbox, sent_at, created, told FROM card WHERE userid = $1",
        erase: "DELETE FROM card WHERE userid = $1",
    },
    Place {
        table: "notice",
        by: By::Userid,
        read: "SELECT at, what FROM notice WHERE userid = $1",
        erase: "DELETE FROM notice WHERE userid = $1",
    },
    Place {
        table: "lookup",
        by: By::Userid,
        read: "SELECT at, missed FROM lookup WHERE userid = $1",
        erase: "DELETE FROM lookup WHERE userid = $1",
    },
    Place {
        table: "mailing",
        by: By::Userid,
        read: "SELECT address, at FROM mailing WHERE userid = $1",
        erase: "DELETE FROM mailing WHERE userid = $1",
    },
    Place {
        table: "mailed_code",
        by: By::Userid,
        read: "SELECT address, mailed, tries FROM mailed_code WHERE userid = $1",
        erase: "DELETE FROM mailed_code WHERE userid = $1",
    },
    Place {
        table: "address_request",
        by: By::Userid,
        read: "SELECT address, at, refused FROM address_request WHERE userid = $1",
        erase: "DELETE FROM address_request WHERE userid = $1",
    },
    Place {
        table: "leaving",
        by: By::Userid,
        read: "SELECT userid, at, why, step FROM leaving WHERE userid = $1",
        erase: "DELETE FROM leaving WHERE userid = $1",
    },
    Place {
        table: "reread",
        by: By::Userid,
        read: "SELECT what, due, looks, deleted FROM reread WHERE what = 'user ' || $1",
        erase: "DELETE FROM reread WHERE what = 'user ' || $1",
    },
];

/// Tables that hold nothing about anybody: numbers, hashes of callbacks, departments.
#[cfg(test)]
pub const NOBODY: &[&str] = &["directory_department", "event", "lease", "note", "schema_step"];

/// The tables with something about people.
#[cfg(test)]
pub fn tables() -> impl Iterator<Item = &'static str> {
    PLACES.iter().map(|place| place.table)
}

/// A row as JSON; columns that hold JSON themselves as what they hold.
pub(super) fn shown(row: &AnyRow) -> Result<Value> {
    let mut all = Map::new();
    for column in row.columns() {
        let name = column.name();
        let value = match row.try_get::<String, _>(name) {
            Ok(text) => match serde_json::from_str::<Value>(&text) {
                Ok(json @ (Value::Object(_) | Value::Array(_))) => json,
                _ => Value::String(text),
            },
            Err(_) => Value::from(row.try_get::<i64, _>(name)?),
        };
        all.insert(name.to_owned(), value);
    }
    Ok(Value::Object(all))
}

impl Db {
    /// The addresses under which something may stand: proven ones, and the one that WeCom told.
    async fn addresses_of(&self, userid: &str) -> Result<Vec<String>> {
        let person = self.person(userid).await?;
        let member = self.member(userid).await?;
        let mut all: Vec<String> = [
            member.and_then(|member| member.address).map(|(address, _)| address),
            person.as_ref().map(|person| person.told.clone()),
            person.and_then(|person| person.address).map(|(address, _)| address),
        ]
        .into_iter()
        .flatten()
        .filter(|address| !address.is_empty())
        .collect();
        all.sort();
        all.dedup();
        Ok(all)
    }

    /// All that is held of a person, by table; nothing of tables that hold nothing.
    pub async fn held_of(&self, userid: &str) -> Result<Map<String, Value>> {
        let addresses = self.addresses_of(userid).await?;
        let mut all = Map::new();
        for place in PLACES {
            let mut rows = Vec::new();
            for key in place.keys(userid, &addresses) {
                let found = sqlx::query(place.read).bind(key).fetch_all(&self.pool).await?;
                rows.extend(found.iter().map(shown).collect::<Result<Vec<Value>>>()?);
            }
            if !rows.is_empty() {
                all.insert(place.table.to_owned(), Value::Array(rows));
            }
        }
        Ok(all)
    }

    /// Takes it all away, in one transaction; how many rows, by table. Every app gets the directory anew, so that the
    /// person goes there, too: a row that says who is gone would say who it was.
    pub async fn erase(&self, userid: &str, now: i64) -> Result<Vec<(&'static str, u64)>> {
        let last = self.number(REVISION).await?;
        let addresses = self.addresses_of(userid).await?;
        let mut transaction = self.begin().await?;
        let mut all = Vec::new();
        for place in PLACES {
            let mut rows = 0_u64;
            for key in place.keys(userid, &addresses) {
                let done = sqlx::query(place.erase).bind(key).execute(&mut *transaction).await?;
                rows = rows.saturating_add(done.rows_affected());
            }
            if rows > 0 {
                all.push((place.table, rows));
            }
        }
        if last > 0 {
            note(&mut transaction, WHOLE, last).await?;
            note(&mut transaction, REVISION, last.saturating_add(1).max(now)).await?;
        }
        transaction.commit().await?;
        Ok(all)
    }
}

async fn note(transaction: &mut Transaction<'static, Any>, name: &str, value: i64) -> Result<()> {
    sqlx::query(
        "INSERT INTO note (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(value.to_string())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

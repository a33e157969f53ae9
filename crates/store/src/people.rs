//! People that mails came from and went to, counted from the mails themselves, some at a time.

use std::collections::HashMap;

use qiyou_api::{Address, MailId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;
use crate::mails::Envelope;

const MARK: &str = "people_mark";
/// People of one mail beyond whom nobody is counted: such mails are no correspondence.
const CROWD: usize = 60;

/// Somebody as they are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub name: String,
    pub address: String,
    pub sent: u32,
    pub received: u32,
    pub last: i64,
}

fn count(conn: &Connection, person: &Address, date: i64, sent: bool) -> Result<()> {
    if !person.address.contains('@') {
        return Ok(());
    }
    conn.prepare_cached(
        "INSERT INTO person (address, name, sent, received, last) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (address) DO UPDATE SET
            name = CASE WHEN excluded.name <> '' AND (excluded.last >= last OR name = '') THEN excluded.name ELSE name END,
            sent = sent + excluded.sent, received = received + excluded.received, last = max(last, excluded.last)",
    )?
    .execute(params![person.address, person.name, u32::from(sent), u32::from(!sent), date])?;
    Ok(())
}

/// Counts whom a mail is written to.
pub fn wrote_to(conn: &Connection, people: &[Address], now: i64) -> Result<()> {
    people
        .iter()
        .take(CROWD)
        .try_for_each(|person| count(conn, person, now, true))
}

/// Counts the people of mails that were not looked at yet, at most `most` mails. False when there are no more.
pub fn gather(conn: &Connection, most: u32) -> Result<bool> {
    let mark: i64 = conn
        .query_row("SELECT value FROM meta WHERE key = ?1", [MARK], |row| {
            row.get::<_, String>(0)
        })
        .optional()?
        .and_then(|mark| mark.parse().ok())
        .unwrap_or(0);
    let own: HashMap<i64, String> = conn
        .prepare_cached("SELECT id, address FROM account")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut statement = conn.prepare_cached(
        "SELECT mail.id, mail.account, role, date, from_name, from_addr, envelope
         FROM mail JOIN folder ON folder.id = mail.folder WHERE mail.id > ?1 ORDER BY mail.id LIMIT ?2",
    )?;
    let mut rows = statement.query(params![mark, most])?;
    let (mut last, mut looked): (MailId, u32) = (mark, 0);
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        looked = looked.saturating_add(1);
        let role: String = row.get(2)?;
        if matches!(role.as_str(), "junk" | "trash" | "drafts") {
            continue;
        }
        let date = row.get(3)?;
        let from = Address {
            name: row.get(4)?,
            address: row.get(5)?,
        };
        let mine = own
            .get(&row.get(1)?)
            .is_some_and(|own| own.eq_ignore_ascii_case(&from.address));
        if mine || role == "sent" {
            let envelope: Envelope = serde_json::from_str(&row.get::<_, String>(6)?)?;
            for person in envelope.to.iter().chain(&envelope.cc).take(CROWD) {
                count(conn, person, date, true)?;
            }
        } else {
            count(conn, &from, date, false)?;
        }
    }
    if last > mark {
        conn.execute(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            params![MARK, last.to_string()],
        )?;
    }
    Ok(looked == most)
}

/// Everybody, at most `most`, those first who were met last.
pub fn all(conn: &Connection, most: u32) -> Result<Vec<Counted>> {
    let mut statement = conn.prepare_cached(
        "SELECT address, name, sent, received, last FROM person ORDER BY sent > 0 DESC, last DESC LIMIT ?1",
    )?;
    let rows = statement.query_map([most], |row| {
        Ok(Counted {
            address: row.get(0)?,
            name: row.get(1)?,
            sent: row.get(2)?,
            received: row.get(3)?,
            last: row.get(4)?,
        })
    })?;
    rows.collect::<rusqlite::Result<_>>().map_err(Into::into)
}

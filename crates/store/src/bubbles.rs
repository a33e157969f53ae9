//! Bubbles that are on the screen or in the action center, so that a click hours later finds its mail.

use qiyou_api::MailId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;

/// A bubble that was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownBubble {
    pub mail: MailId,
    /// The id that the desktop gave it.
    pub system: String,
    /// One-time token of its buttons.
    pub token: String,
    /// Unix seconds.
    pub shown: i64,
}

/// Remembers a bubble, in place of an older one of the same mail.
pub fn put(conn: &Connection, bubble: &ShownBubble) -> Result<()> {
    conn.prepare_cached("INSERT OR REPLACE INTO bubble (mail, system, token, shown) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![bubble.mail, bubble.system, bubble.token, bubble.shown])?;
    Ok(())
}

/// Every bubble that was shown since `since` (unix seconds); older ones are forgotten.
pub fn all(conn: &Connection, since: i64) -> Result<Vec<ShownBubble>> {
    conn.execute("DELETE FROM bubble WHERE shown < ?1", [since])?;
    let mut statement = conn.prepare_cached("SELECT mail, system, token, shown FROM bubble ORDER BY shown")?;
    let rows = statement.query_map([], |r| {
        Ok(ShownBubble {
            mail: r.get(0)?,
            system: r.get(1)?,
            token: r.get(2)?,
            shown: r.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Forgets the bubbles of mails and returns what they were.
pub fn take(conn: &Connection, mails: &[MailId]) -> Result<Vec<ShownBubble>> {
    let mut select = conn.prepare_cached("SELECT mail, system, token, shown FROM bubble WHERE mail = ?1")?;
    let mut delete = conn.prepare_cached("DELETE FROM bubble WHERE mail = ?1")?;
    let mut out = Vec::new();
    for mail in mails {
        let found = select
            .query_row([mail], |r| {
                Ok(ShownBubble {
                    mail: r.get(0)?,
                    system: r.get(1)?,
                    token: r.get(2)?,
                    shown: r.get(3)?,
                })
            })
            .optional()?;
        if let Some(bubble) = found {
            delete.execute([mail])?;
            out.push(bubble);
        }
    }
    Ok(out)
}

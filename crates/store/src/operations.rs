//! The queue of what was done here and the server does not know of yet.

use std::collections::HashMap;

use qiyou_api::{AccountId, FolderId, MailId};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::mails::{self, NewMail};

/// Number of an operation; they are replayed in this order.
pub type OperationId = i64;

/// What the server is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kind {
    /// Bits of [`crate::mails::flag`].
    Flags {
        add: u32,
        remove: u32,
    },
    Move {
        to: FolderId,
    },
    /// For ever.
    Expunge,
}

/// A mail as it was when the operation was made: enough to find it again on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub mail: MailId,
    /// 0 when an earlier move of the same mail has to be finished first.
    pub uid: u32,
    pub size: u32,
    pub date: i64,
    pub message_id: String,
}

/// One operation with the mails for which it is still to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub id: OperationId,
    pub account: AccountId,
    /// Where the mails were.
    pub folder: FolderId,
    pub kind: Kind,
    pub attempts: u32,
    pub targets: Vec<Target>,
}

/// Appends an operation.
pub fn push(
    conn: &Connection,
    account: AccountId,
    folder: FolderId,
    kind: Kind,
    targets: &[Target],
    now: i64,
) -> Result<OperationId> {
    conn.prepare_cached("INSERT INTO operation (account, folder, kind, created) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![account, folder, serde_json::to_string(&kind)?, now])?;
    let id = conn.last_insert_rowid();
    let mut insert = conn.prepare_cached(
        "INSERT OR REPLACE INTO operation_mail (operation, mail, uid, size, date, message_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for target in targets {
        insert.execute(params![
            id,
            target.mail,
            target.uid,
            target.size,
            target.date,
            target.message_id
        ])?;
    }
    Ok(id)
}

fn targets(conn: &Connection, id: OperationId) -> Result<Vec<Target>> {
    let mut statement = conn.prepare_cached(
        "SELECT mail, uid, size, date, message_id FROM operation_mail WHERE operation = ?1 ORDER BY uid",
    )?;
    let rows = statement.query_map([id], |r| {
        Ok(Target {
            mail: r.get(0)?,
            uid: r.get(1)?,
            size: r.get(2)?,
            date: r.get(3)?,
            message_id: r.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The oldest operation of an account.
pub fn next(conn: &Connection, account: AccountId) -> Result<Option<Operation>> {
    let found = conn
        .prepare_cached("SELECT id, folder, kind, attempts FROM operation WHERE account = ?1 ORDER BY id LIMIT 1")?
        .query_row([account], |r| {
            Ok((
                r.get::<_, i64>(0)?,
                r.get::<_, i64>(1)?,
                r.get::<_, String>(2)?,
                r.get::<_, u32>(3)?,
            ))
        })
        .optional()?;
    let Some((id, folder, kind, attempts)) = found else {
        return Ok(None);
    };
    Ok(Some(Operation {
        id,
        account,
        folder,
        kind: serde_json::from_str(&kind)?,
        attempts,
        targets: targets(conn, id)?,
    }))
}

/// Counts one more attempt.
pub fn attempted(conn: &Connection, id: OperationId) -> Result<()> {
    conn.execute("UPDATE operation SET attempts = attempts + 1 WHERE id = ?1", [id])?;
    Ok(())
}

/// The operation is done for these mails; it goes when it is done for all.
pub fn finish(conn: &Connection, id: OperationId, mails: &[MailId]) -> Result<()> {
    let mut delete = conn.prepare_cached("DELETE FROM operation_mail WHERE operation = ?1 AND mail = ?2")?;
    for mail in mails {
        delete.execute([id, *mail])?;
    }
    conn.execute(
        "DELETE FROM operation WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM operation_mail WHERE operation = ?1)",
        [id],
    )?;
    Ok(())
}

/// A mail arrived where an operation moved it: the row, or the next operation on it, learns its UID there.
pub fn moved(conn: &Connection, mail: MailId, to: FolderId, uid: u32) -> Result<()> {
    arrived(conn, mail, to, uid, true)?;
    let here: Option<FolderId> = conn
        .prepare_cached("SELECT folder FROM mail WHERE id = ?1")?
        .query_row([mail], |r| r.get(0))
        .optional()?;
    if here == Some(to) {
        mails::set_uid(conn, mail, uid)?;
    }
    Ok(())
}

/// Whether an operation on mails of this folder still waits for a UID: without one, [`adopt`] finds nothing.
pub fn is_expecting(conn: &Connection, folder: FolderId) -> Result<bool> {
    let found = conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM operation o JOIN operation_mail m ON m.operation = o.id
             WHERE o.folder = ?1 AND m.uid = 0)",
        )?
        .query_row([folder], |r| r.get(0))?;
    Ok(found)
}

/// A mail that the server newly lists in `folder` is one whose next operation waits for its UID: the operation learns
/// it, and no row is made, as the mail's row is where the operation will move it.
pub fn adopt(conn: &Connection, folder: FolderId, new: &NewMail) -> Result<bool> {
    let waiting: Vec<MailId> = conn
        .prepare_cached(
            "SELECT DISTINCT m.mail FROM operation_mail m JOIN operation o ON o.id = m.operation
             WHERE o.folder = ?1 AND m.uid = 0 AND m.size = ?2 AND m.message_id = ?3
             AND (m.message_id <> '' OR m.date = ?4) ORDER BY m.mail",
        )?
        .query_map(params![folder, new.size, new.message_id, new.date], |r| r.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for mail in waiting {
        if arrived(conn, mail, folder, new.uid, false)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A row learnt its UID in a folder: the operations that wait for the mail there learn it, too.
pub fn placed(conn: &Connection, mail: MailId, folder: FolderId, uid: u32) -> Result<()> {
    arrived(conn, mail, folder, uid, false).map(drop)
}

/// The UID of a mail in a folder holds for the operations of its stay there: up to the first that takes it away, as a
/// later stay in the same folder gives it another one. The move that brought it may still be in the queue: it is
/// `done`, or was begun and its answer got lost. False when no operation waits for the mail there now.
fn arrived(conn: &Connection, mail: MailId, folder: FolderId, uid: u32, done: bool) -> Result<bool> {
    let mut statement = conn.prepare_cached(
        "SELECT o.id, o.folder, o.kind, m.uid, o.attempts FROM operation o JOIN operation_mail m ON m.operation = o.id
         WHERE m.mail = ?1 ORDER BY o.id",
    )?;
    let rows = statement.query_map([mail], |r| {
        Ok((
            r.get::<_, i64>(0)?,
            r.get::<_, i64>(1)?,
            r.get::<_, String>(2)?,
            r.get::<_, u32>(3)?,
            r.get::<_, u32>(4)? > 0,
        ))
    })?;
    let mut found = false;
    for (at, row) in rows.enumerate() {
        let (id, of, kind, known, begun) = row?;
        let kind: Kind = serde_json::from_str(&kind)?;
        let flags = matches!(kind, Kind::Flags { .. });
        if at == 0 && (done || begun) && kind == (Kind::Move { to: folder }) {
            continue;
        }
        if of != folder {
            // It has to leave another folder first: the one that arrived here is not the one that waits.
            break;
        }
        if known == 0 {
            set_uid(conn, id, mail, uid)?;
            found = true;
        }
        if !flags {
            break;
        }
    }
    Ok(found)
}

/// Flags that were set or taken here and that the server may not know yet: what it reports is read through these.
pub fn pending_flags(conn: &Connection, folder: FolderId) -> Result<HashMap<u32, (u32, u32)>> {
    let mut statement = conn.prepare_cached(
        "SELECT m.uid, o.kind FROM operation_mail m JOIN operation o ON o.id = m.operation
         WHERE o.folder = ?1 AND m.uid > 0 ORDER BY o.id",
    )?;
    let rows = statement.query_map([folder], |r| Ok((r.get::<_, u32>(0)?, r.get::<_, String>(1)?)))?;
    let mut out: HashMap<u32, (u32, u32)> = HashMap::new();
    for row in rows {
        let (uid, kind) = row?;
        if let Kind::Flags { add, remove } = serde_json::from_str(&kind)? {
            let entry = out.entry(uid).or_default();
            *entry = ((entry.0 & !remove) | add, (entry.1 & !add) | remove);
        }
    }
    Ok(out)
}

/// UIDs that were moved away or deleted here and that the server may still list.
pub fn leaving(conn: &Connection, folder: FolderId) -> Result<Vec<u32>> {
    let mut statement = conn.prepare_cached(
        "SELECT m.uid FROM operation_mail m JOIN operation o ON o.id = m.operation
         WHERE o.folder = ?1 AND m.uid > 0 AND o.kind NOT LIKE '%flags%'",
    )?;
    let rows = statement.query_map([folder], |r| r.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Takes a move out of the queue if it was not begun, as its undo. Returns the UID that the mail still has in `from`.
pub fn cancel_move(conn: &Connection, mail: MailId, from: FolderId, to: FolderId) -> Result<Option<u32>> {
    let kind = serde_json::to_string(&Kind::Move { to })?;
    let found: Option<(OperationId, u32)> = conn
        .query_row(
            "SELECT o.id, m.uid FROM operation o JOIN operation_mail m ON m.operation = o.id
             WHERE m.mail = ?1 AND o.folder = ?2 AND o.kind = ?3 AND o.attempts = 0
             AND o.id = (SELECT max(operation) FROM operation_mail WHERE mail = ?1) ORDER BY o.id DESC LIMIT 1",
            params![mail, from, kind],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .optional()?;
    let Some((operation, uid)) = found else { return Ok(None) };
    finish(conn, operation, &[mail])?;
    Ok(Some(uid))
}

/// Operations that wait.
pub fn count(conn: &Connection) -> Result<u32> {
    Ok(conn.query_row("SELECT count(*) FROM operation", [], |r| r.get(0))?)
}

/// Every waiting target of operations on a folder, with its operation.
pub fn targets_in(conn: &Connection, folder: FolderId) -> Result<Vec<(OperationId, Target)>> {
    let mut statement = conn.prepare_cached("SELECT id FROM operation WHERE folder = ?1 ORDER BY id")?;
    let ids = statement
        .query_map([folder], |r| r.get(0))?
        .collect::<rusqlite::Result<Vec<OperationId>>>()?;
    let mut out = Vec::new();
    for id in ids {
        out.extend(
            targets(conn, id)?
                .into_iter()
                .filter(|t| t.uid > 0)
                .map(|target| (id, target)),
        );
    }
    Ok(out)
}

/// The server gave a mail that an operation waits to work on a new UID.
pub fn set_uid(conn: &Connection, id: OperationId, mail: MailId, uid: u32) -> Result<()> {
    conn.execute(
        "UPDATE operation_mail SET uid = ?3 WHERE operation = ?1 AND mail = ?2",
        params![id, mail, uid],
    )?;
    Ok(())
}

//! What can be taken back.

use qiyou_api::{FolderId, MailId, UndoId};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// Entries that are kept.
const DEPTH: i64 = 50;

/// A mail as it was before the action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    pub mail: MailId,
    pub folder: FolderId,
    pub flags: u32,
}

/// Remembers how mails were; the oldest entries beyond the fiftieth are forgotten.
pub fn push(conn: &Connection, before: &[Before], now: i64) -> Result<UndoId> {
    conn.execute(
        "INSERT INTO undo (created, inverse) VALUES (?1, ?2)",
        params![now, serde_json::to_string(before)?],
    )?;
    let id = conn.last_insert_rowid();
    conn.execute("DELETE FROM undo WHERE id <= ?1", [id.saturating_sub(DEPTH)])?;
    Ok(id)
}

/// Takes an entry out, the newest when none is named.
pub fn take(conn: &Connection, id: Option<UndoId>) -> Result<Option<Vec<Before>>> {
    let found: Option<(UndoId, String)> = conn
        .query_row(
            "SELECT id, inverse FROM undo WHERE id = coalesce(?1, (SELECT max(id) FROM undo))",
            [id],
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
        .optional()?;
    let Some((id, inverse)) = found else { return Ok(None) };
    conn.execute("DELETE FROM undo WHERE id = ?1", [id])?;
    Ok(Some(serde_json::from_str(&inverse)?))
}

/// The newest entry.
pub fn newest(conn: &Connection) -> Result<Option<UndoId>> {
    Ok(conn.query_row("SELECT max(id) FROM undo", [], |r| r.get(0))?)
}

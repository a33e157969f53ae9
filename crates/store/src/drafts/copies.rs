//! Copies of drafts in the servers' folders of drafts: which are missing, which are to go.

use qiyou_api::{AccountId, DraftId, MailId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;

/// What is to be done next for the drafts of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// The server's copy of this draft is missing or old.
    Copy(DraftId),
    /// The draft of this Message-ID is not written any more.
    Remove(String),
    /// Nothing before this time, in Unix seconds.
    Wait(i64),
    Nothing,
}

/// What is to be done at `now`, copies being made every `pause` seconds at most.
pub fn next_work(conn: &Connection, account: AccountId, now: i64, pause: i64) -> Result<Work> {
    let gone: Option<String> = conn
        .prepare_cached(
            "SELECT message_id FROM draft_copy WHERE account = ?1 AND message_id NOT IN
                (SELECT message_id FROM draft WHERE account = ?1 AND discarded = 0) LIMIT 1",
        )?
        .query_row([account], |row| row.get(0))
        .optional()?;
    if let Some(message_id) = gone {
        return Ok(Work::Remove(message_id));
    }
    // A draft that nothing was written into yet has its first version.
    let next: Option<(DraftId, i64)> = conn
        .prepare_cached(
            "SELECT id, iif(resting, copied_at + min(?2, 2), max(copied_at, created) + ?2) AS due FROM draft
             WHERE account = ?1 AND version > copied AND version > 1 AND discarded = 0 AND entry IS NULL
             AND origin ->> '$.kind' <> 'redirect'
             ORDER BY due LIMIT 1",
        )?
        .query_row(params![account, pause], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match next {
        Some((id, due)) if due <= now => Work::Copy(id),
        Some((_, due)) => Work::Wait(due),
        None => Work::Nothing,
    })
}

/// A copy is about to be put on the server.
pub fn expect_copy(conn: &Connection, account: AccountId, message_id: &str) -> Result<()> {
    conn.execute(
        "INSERT OR IGNORE INTO draft_copy (account, message_id) VALUES (?1, ?2)",
        params![account, message_id],
    )?;
    Ok(())
}

/// The server has this version, or (`None`) a try failed.
pub fn copied(conn: &Connection, id: DraftId, version: Option<u32>, now: i64) -> Result<()> {
    conn.execute(
        "UPDATE draft SET copied = coalesce(?2, copied), copied_at = ?3 WHERE id = ?1",
        params![id, version, now],
    )?;
    Ok(())
}

/// The server has no copy under this Message-ID any more.
pub fn forget_copy(conn: &Connection, account: AccountId, message_id: &str) -> Result<()> {
    conn.execute(
        "DELETE FROM draft_copy WHERE account = ?1 AND message_id = ?2",
        params![account, message_id],
    )?;
    Ok(())
}

/// Copies up to this UID were taken into account.
pub fn see_copy(conn: &Connection, account: AccountId, message_id: &str, uid: u32) -> Result<()> {
    expect_copy(conn, account, message_id)?;
    conn.execute(
        "UPDATE draft_copy SET seen = max(seen, ?3) WHERE account = ?1 AND message_id = ?2",
        params![account, message_id, uid],
    )?;
    Ok(())
}

/// The UID up to which copies were taken into account; 0: none was.
pub fn seen_copy(conn: &Connection, account: AccountId, message_id: &str) -> Result<u32> {
    Ok(conn
        .prepare_cached("SELECT seen FROM draft_copy WHERE account = ?1 AND message_id = ?2")?
        .query_row(params![account, message_id], |row| row.get(0))
        .optional()?
        .unwrap_or(0))
}

/// Notes the version that another program wrote, or that somebody decided about it.
pub fn set_elsewhere(conn: &Connection, id: DraftId, mail: Option<MailId>) -> Result<()> {
    conn.execute("UPDATE draft SET elsewhere = ?2 WHERE id = ?1", params![id, mail])?;
    Ok(())
}

/// The draft counts as changed, so that its copy is put on the server anew.
pub fn renew(conn: &Connection, id: DraftId) -> Result<()> {
    conn.execute(
        "UPDATE draft SET version = version + 1, resting = 1 WHERE id = ?1",
        [id],
    )?;
    Ok(())
}

/// Whether somebody writes it now.
pub fn rest(conn: &Connection, id: DraftId, resting: bool) -> Result<()> {
    conn.execute("UPDATE draft SET resting = ?2 WHERE id = ?1", params![id, resting])?;
    Ok(())
}

/// The draft that is written with this Message-ID.
pub fn by_message_id(conn: &Connection, account: AccountId, message_id: &str) -> Result<Option<DraftId>> {
    Ok(conn
        .prepare_cached("SELECT id FROM draft WHERE account = ?1 AND message_id = ?2 AND discarded = 0 LIMIT 1")?
        .query_row(params![account, message_id], |row| row.get(0))
        .optional()?)
}

//! Texts, attachments and sources, in pieces, bounded in all and evicted by age. Works on the second file.

use qiyou_api::MailId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;

/// Size of a piece in bytes.
pub const PIECE: usize = 256 * 1024;

/// A blob that is being written piece by piece, within the caller's transactions.
#[derive(Debug)]
pub struct Writing {
    blob: i64,
    next: u32,
    size: u64,
}

/// Begins a blob, in place of an older one of the same name.
pub fn begin(conn: &Connection, mail: MailId, part: &str, now: i64) -> Result<Writing> {
    conn.execute("DELETE FROM blob WHERE mail = ?1 AND part = ?2", params![mail, part])?;
    conn.execute(
        "INSERT INTO blob (mail, part, size, used) VALUES (?1, ?2, -1, ?3)",
        params![mail, part, now],
    )?;
    Ok(Writing {
        blob: conn.last_insert_rowid(),
        next: 0,
        size: 0,
    })
}

impl Writing {
    /// Appends a piece.
    pub fn push(&mut self, conn: &Connection, data: &[u8]) -> Result<()> {
        for piece in data.chunks(PIECE) {
            conn.prepare_cached("INSERT INTO piece (blob, n, data) VALUES (?1, ?2, ?3)")?
                .execute(params![self.blob, self.next, piece])?;
            self.next = self.next.saturating_add(1);
            self.size = self.size.saturating_add(piece.len() as u64);
        }
        Ok(())
    }

    /// The blob is whole; until then it is not found by [`get`].
    pub fn finish(self, conn: &Connection) -> Result<()> {
        conn.execute(
            "UPDATE blob SET size = ?2 WHERE id = ?1",
            params![self.blob, i64::try_from(self.size).unwrap_or(0)],
        )?;
        Ok(())
    }
}

/// Writes a whole blob.
pub fn put(conn: &Connection, mail: MailId, part: &str, data: &[u8], now: i64) -> Result<()> {
    let mut writing = begin(conn, mail, part, now)?;
    writing.push(conn, data)?;
    writing.finish(conn)
}

/// Size of a whole blob, if it is here.
pub fn size(conn: &Connection, mail: MailId, part: &str) -> Result<Option<u64>> {
    let size: Option<i64> = conn
        .prepare_cached("SELECT size FROM blob WHERE mail = ?1 AND part = ?2 AND size >= 0")?
        .query_row(params![mail, part], |r| r.get(0))
        .optional()?;
    Ok(size.and_then(|size| u64::try_from(size).ok()))
}

/// Reads a blob, at most `limit` bytes of it, and remembers that it was used.
pub fn get(conn: &Connection, mail: MailId, part: &str, limit: usize, now: i64) -> Result<Option<Vec<u8>>> {
    let mut out = Vec::new();
    let found = each_piece(conn, mail, part, now, |piece| {
        let room = limit.saturating_sub(out.len());
        out.extend(piece.iter().take(room));
        Ok(out.len() < limit)
    })?;
    Ok(found.then_some(out))
}

/// Hands the pieces of a blob to `each` until it says `false`. False when there is no such blob.
pub fn each_piece(
    conn: &Connection,
    mail: MailId,
    part: &str,
    now: i64,
    mut each: impl FnMut(&[u8]) -> Result<bool>,
) -> Result<bool> {
    let blob: Option<i64> = conn
        .prepare_cached("SELECT id FROM blob WHERE mail = ?1 AND part = ?2 AND size >= 0")?
        .query_row(params![mail, part], |r| r.get(0))
        .optional()?;
    let Some(blob) = blob else { return Ok(false) };
    // Once a day is exact enough for eviction by age and spares a write for each look.
    conn.prepare_cached("UPDATE blob SET used = ?2 WHERE id = ?1 AND used < ?2 - 86400")?
        .execute([blob, now])?;
    let mut statement = conn.prepare_cached("SELECT data FROM piece WHERE blob = ?1 ORDER BY n")?;
    let mut rows = statement.query([blob])?;
    while let Some(row) = rows.next()? {
        let data = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        if !each(data)? {
            break;
        }
    }
    Ok(true)
}

/// Forgets everything of these mails.
pub fn forget(conn: &Connection, mails: &[MailId]) -> Result<()> {
    let mut statement = conn.prepare_cached("DELETE FROM blob WHERE mail = ?1")?;
    for mail in mails {
        statement.execute([mail])?;
    }
    Ok(())
}

/// Bytes that all blobs take.
pub fn total(conn: &Connection) -> Result<u64> {
    let sum: i64 = conn.query_row("SELECT coalesce(sum(max(size, 0)), 0) FROM blob", [], |r| r.get(0))?;
    Ok(u64::try_from(sum).unwrap_or(0))
}

/// Bytes that each mail's blobs take.
pub fn by_mail(conn: &Connection) -> Result<Vec<(MailId, u64)>> {
    let mut statement = conn.prepare_cached("SELECT mail, sum(max(size, 0)) FROM blob GROUP BY mail")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
    rows.map(|row| row.map(|(mail, size)| (mail, u64::try_from(size).unwrap_or(0))))
        .collect::<rusqlite::Result<_>>()
        .map_err(Into::into)
}

/// Deletes the blobs that were not used for the longest time until at most `limit` bytes are left, at most 500 a
/// call. Returns the mails whose text went.
pub fn evict(conn: &Connection, limit: u64) -> Result<Vec<MailId>> {
    let mut over = total(conn)?.saturating_sub(limit);
    let mut out = Vec::new();
    if over > 0 {
        let mut statement =
            conn.prepare_cached("SELECT id, mail, max(size, 0) FROM blob ORDER BY used, id LIMIT 500")?;
        let oldest = statement
            .query_map([], |r| {
                Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?, r.get::<_, i64>(2)?))
            })?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        for (blob, mail, size) in oldest {
            if over == 0 {
                break;
            }
            conn.execute("DELETE FROM blob WHERE id = ?1", [blob])?;
            over = over.saturating_sub(u64::try_from(size).unwrap_or(0));
            if !out.contains(&mail) {
                out.push(mail);
            }
        }
        conn.execute_batch("PRAGMA incremental_vacuum(2000);")?;
    }
    Ok(out)
}

//! Mails that are being written, and private copies of what is attached to them. What is written here commits with
//! [`crate::Durability::Full`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qiyou_api::{
    AccountId, DraftContent, DraftFile, DraftFileId, DraftId, DraftKind, FileState, MailId, OutboxId, Quoted,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Bytes of a piece of a file: a whole number of lines once it is encoded.
pub const PIECE: usize = 57 * 4599;
/// Discarded drafts can be had back for so many seconds.
const KEPT: i64 = 7 * 86_400;

/// What a draft has to do with mails that are here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Origin {
    pub kind: DraftKind,
    pub mails: Vec<MailId>,
    /// Message-IDs, without brackets.
    pub in_reply_to: Vec<String>,
    pub references: Vec<String>,
    pub quoted: Option<Quoted>,
}

/// A draft without its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub id: DraftId,
    pub created: i64,
    pub changed: i64,
    pub version: u32,
    pub content: DraftContent,
    pub origin: Origin,
    /// Without brackets.
    pub message_id: String,
    pub entry: Option<OutboxId>,
    pub discarded: bool,
    /// A version that another program wrote, until somebody decides.
    pub elsewhere: Option<MailId>,
}

const COLUMNS: &str = "id, created, changed, version, content, origin, message_id, entry, discarded, elsewhere";

fn stored(row: &Row<'_>) -> Result<Stored> {
    Ok(Stored {
        id: row.get(0)?,
        created: row.get(1)?,
        changed: row.get(2)?,
        version: row.get(3)?,
        content: serde_json::from_str(&row.get::<_, String>(4)?)?,
        origin: serde_json::from_str(&row.get::<_, String>(5)?)?,
        message_id: row.get(6)?,
        entry: row.get(7)?,
        discarded: row.get::<_, i64>(8)? != 0,
        elsewhere: row.get(9)?,
    })
}

/// Begins a draft; what was discarded long ago goes for good.
pub fn create(
    conn: &Connection,
    content: &DraftContent,
    origin: &Origin,
    message_id: &str,
    now: i64,
) -> Result<DraftId> {
    conn.execute(
        "DELETE FROM draft WHERE discarded > 0 AND discarded < ?1",
        [now.saturating_sub(KEPT)],
    )?;
    conn.execute(
        "INSERT INTO draft (account, created, changed, content, origin, message_id) VALUES (?1, ?2, ?2, ?3, ?4, ?5)",
        params![
            content.account,
            now,
            serde_json::to_string(content)?,
            serde_json::to_string(origin)?,
            message_id
        ],
    )?;
    Ok(conn.last_insert_rowid())
}

/// One draft; [`Error::NotFound`] when it was sent or is gone.
pub fn get(conn: &Connection, id: DraftId) -> Result<Stored> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM draft WHERE id = ?1"))?;
    let mut rows = statement.query([id])?;
    rows.next()?.map_or(Err(Error::NotFound), stored)
}

/// All that are neither on their way nor discarded, the last changed first.
pub fn list(conn: &Connection) -> Result<Vec<Stored>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM draft WHERE entry IS NULL AND discarded = 0 ORDER BY changed DESC, id DESC LIMIT 500"
    ))?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(stored(row)?);
    }
    Ok(all)
}

/// Keeps what its author wrote. False when the draft is on its way or discarded. Where nothing is different nothing
/// becomes newer.
pub fn save(conn: &Connection, id: DraftId, content: &DraftContent, now: i64) -> Result<bool> {
    let before = get(conn, id)?;
    if before.content == *content && before.entry.is_none() && !before.discarded {
        return Ok(true);
    }
    let changed = conn
        .prepare_cached(
            "UPDATE draft SET content = ?2, account = ?3, changed = ?4, version = version + 1
             WHERE id = ?1 AND entry IS NULL AND discarded = 0",
        )?
        .execute(params![id, serde_json::to_string(content)?, content.account, now])?;
    Ok(changed > 0)
}

/// Keeps what the draft answers.
pub fn set_origin(conn: &Connection, id: DraftId, origin: &Origin) -> Result<()> {
    conn.execute(
        "UPDATE draft SET origin = ?2 WHERE id = ?1",
        params![id, serde_json::to_string(origin)?],
    )?;
    Ok(())
}

/// Keeps the original's text as it will be sent.
pub fn set_quote(conn: &Connection, id: DraftId, quote: &str) -> Result<()> {
    conn.execute("UPDATE draft SET quote = ?2 WHERE id = ?1", params![id, quote])?;
    Ok(())
}

/// The draft takes the place of a mail that stands in a folder of drafts.
pub fn set_message_id(conn: &Connection, id: DraftId, message_id: &str) -> Result<()> {
    conn.execute(
        "UPDATE draft SET message_id = ?2 WHERE id = ?1",
        params![id, message_id],
    )?;
    Ok(())
}

/// The original's text as it will be sent; empty when there is none.
pub fn quote(conn: &Connection, id: DraftId) -> Result<String> {
    conn.prepare_cached("SELECT quote FROM draft WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?
        .ok_or(Error::NotFound)
}

/// Throws a draft away (`now`), or has it back (0). False when it is on its way.
pub fn discard(conn: &Connection, id: DraftId, when: i64) -> Result<bool> {
    let changed = conn.execute(
        "UPDATE draft SET discarded = ?2 WHERE id = ?1 AND entry IS NULL",
        params![id, when],
    )?;
    Ok(changed > 0)
}

/// Its mail is on its way; the draft goes when that is sent. False when another mail of it is.
pub fn on_its_way(conn: &Connection, id: DraftId, entry: OutboxId) -> Result<bool> {
    let changed = conn.execute(
        "UPDATE draft SET entry = ?2 WHERE id = ?1 AND entry IS NULL AND discarded = 0",
        params![id, entry],
    )?;
    Ok(changed > 0)
}

fn state_of(word: &str) -> FileState {
    match word {
        "whole" => FileState::Whole,
        "coming" => FileState::Coming,
        _ => FileState::Failed,
    }
}

fn word_of(state: FileState) -> &'static str {
    match state {
        FileState::Whole => "whole",
        FileState::Coming => "coming",
        FileState::Failed => "failed",
    }
}

fn file(row: &Row<'_>) -> rusqlite::Result<DraftFile> {
    Ok(DraftFile {
        id: row.get(0)?,
        name: row.get(1)?,
        mime_type: row.get(2)?,
        content_id: row.get(3)?,
        size: u64::try_from(row.get::<_, i64>(4)?).unwrap_or(0),
        state: state_of(&row.get::<_, String>(5)?),
    })
}

/// A draft's files, in the order in which they came.
pub fn files(conn: &Connection, draft: DraftId) -> Result<Vec<DraftFile>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, name, mime_type, content_id, size, state FROM draft_file WHERE draft = ?1 ORDER BY id",
    )?;
    let rows = statement.query_map([draft], file)?;
    rows.collect::<rusqlite::Result<_>>().map_err(Into::into)
}

/// How a file stands in a mail: `base64`, `7bit`, `8bit`.
pub fn transfer(conn: &Connection, file: DraftFileId) -> Result<String> {
    conn.prepare_cached("SELECT transfer FROM draft_file WHERE id = ?1")?
        .query_row([file], |row| row.get(0))
        .optional()?
        .ok_or(Error::NotFound)
}

/// A file that is about to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    pub draft: DraftId,
    pub name: String,
    pub mime_type: String,
    pub content_id: Option<String>,
    /// Bytes, as far as it is known.
    pub size: u64,
}

/// Makes room for a file.
pub fn begin_file(conn: &Connection, new: &NewFile) -> Result<DraftFileId> {
    conn.execute(
        "INSERT INTO draft_file (draft, name, mime_type, content_id, size, state) VALUES (?1, ?2, ?3, ?4, ?5, 'coming')",
        params![
            new.draft,
            new.name,
            new.mime_type,
            new.content_id,
            i64::try_from(new.size).unwrap_or(i64::MAX)
        ],
    )?;
    Ok(conn.last_insert_rowid())
}

/// Appends pieces, the first of which is number `n`. Each but the file's last is [`PIECE`] bytes.
pub fn push_pieces(conn: &Connection, file: DraftFileId, n: u32, data: &[u8]) -> Result<()> {
    let mut insert = conn.prepare_cached("INSERT INTO draft_piece (file, n, data) VALUES (?1, ?2, ?3)")?;
    for (number, piece) in (n..).zip(data.chunks(PIECE)) {
        insert.execute(params![file, number, piece])?;
    }
    Ok(())
}

/// The file is whole, and stands in a mail like this; or it failed, and what came of it goes.
pub fn end_file(conn: &Connection, file: DraftFileId, whole: Option<&str>) -> Result<()> {
    if let Some(transfer) = whole {
        conn.execute(
            "UPDATE draft_file SET state = ?2, transfer = ?3,
                size = (SELECT coalesce(sum(length(data)), 0) FROM draft_piece WHERE file = ?1) WHERE id = ?1",
            params![file, word_of(FileState::Whole), transfer],
        )?;
    } else {
        conn.execute("DELETE FROM draft_piece WHERE file = ?1", [file])?;
        conn.execute(
            "UPDATE draft_file SET state = ?2 WHERE id = ?1",
            params![file, word_of(FileState::Failed)],
        )?;
    }
    Ok(())
}

/// After a start: what was coming did not come.
pub fn recover_files(conn: &Connection) -> Result<()> {
    conn.execute_batch(
        "DELETE FROM draft_piece WHERE file IN (SELECT id FROM draft_file WHERE state = 'coming');
         UPDATE draft_file SET state = 'failed' WHERE state = 'coming';",
    )?;
    Ok(())
}

/// Takes a file off. False when there is none, or the draft is on its way.
pub fn detach(conn: &Connection, draft: DraftId, file: DraftFileId) -> Result<bool> {
    let gone = conn.execute(
        "DELETE FROM draft_file WHERE id = ?2 AND draft = (SELECT id FROM draft WHERE id = ?1 AND entry IS NULL)",
        params![draft, file],
    )?;
    Ok(gone > 0)
}

/// Bytes that the account's server takes of a mail, where it said so.
pub fn size_limit(conn: &Connection, account: AccountId) -> Result<Option<u64>> {
    let found: Option<Option<i64>> = conn
        .prepare_cached("SELECT size_limit FROM account WHERE id = ?1")?
        .query_row([account], |row| row.get(0))
        .optional()?;
    Ok(found.flatten().and_then(|limit| u64::try_from(limit).ok()))
}

/// Remembers it.
pub fn set_size_limit(conn: &Connection, account: AccountId, limit: Option<u64>) -> Result<()> {
    conn.execute(
        "UPDATE account SET size_limit = ?2 WHERE id = ?1",
        params![account, limit.map(|limit| i64::try_from(limit).unwrap_or(i64::MAX))],
    )?;
    Ok(())
}

/// The file's bytes, at most `limit`.
pub fn bytes(conn: &Connection, file: DraftFileId, limit: usize) -> Result<Vec<u8>> {
    let mut statement = conn.prepare_cached("SELECT data FROM draft_piece WHERE file = ?1 ORDER BY n")?;
    let mut rows = statement.query([file])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let data = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        let room = limit.saturating_sub(out.len());
        out.extend(data.iter().take(room));
        if out.len() >= limit {
            break;
        }
    }
    Ok(out)
}

/// A piece of a file as it stands in a mail, from 0; nothing after the last.
pub fn piece(conn: &Connection, file: DraftFileId, n: u32) -> Result<Option<Vec<u8>>> {
    match encoded_piece(conn, file, i64::from(n)) {
        Ok(piece) => Ok(Some(piece)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the draft of a file is.
pub fn kind_of(conn: &Connection, file: DraftFileId) -> Result<DraftKind> {
    let origin: String = conn
        .prepare_cached(
            "SELECT origin FROM draft JOIN draft_file ON draft_file.draft = draft.id WHERE draft_file.id = ?1",
        )?
        .query_row([file], |row| row.get(0))
        .optional()?
        .ok_or(Error::NotFound)?;
    Ok(serde_json::from_str::<Origin>(&origin)?.kind)
}

/// A piece as it stands in a mail: lines of 76 characters, or as it is.
pub(crate) fn encoded_piece(conn: &Connection, file: DraftFileId, n: i64) -> Result<Vec<u8>> {
    let (data, transfer): (Vec<u8>, String) = conn
        .prepare_cached(
            "SELECT data, transfer FROM draft_piece JOIN draft_file ON draft_file.id = file WHERE file = ?1 AND n = ?2",
        )?
        .query_row(params![file, n], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or(Error::NotFound)?;
    if transfer != "base64" {
        return Ok(data);
    }
    let lines = data.len().div_ceil(57);
    let mut out = String::with_capacity(lines.saturating_mul(78));
    for line in data.chunks(57) {
        STANDARD.encode_string(line, &mut out);
        out.push_str("\r\n");
    }
    Ok(out.into_bytes())
}

mod copies;
pub use copies::{
    Work, by_message_id, copied, expect_copy, forget_copy, next_work, renew, rest, see_copy, seen_copy, set_elsewhere,
};

#[cfg(test)]
mod tests;

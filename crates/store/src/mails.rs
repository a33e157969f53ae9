//! Rows of mails. Every function that adds, removes or re-flags rows keeps the folders' counters right.

use qiyou_api::{AccountId, Address, Filter, FolderId, MailId, MailRow};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::folders;

/// Bits of the column `flags`.
pub mod flag {
    pub const SEEN: u32 = 1;
    pub const ANSWERED: u32 = 2;
    pub const STARRED: u32 = 4;
    pub const DELETED: u32 = 8;
    pub const DRAFT: u32 = 16;
    pub const FORWARDED: u32 = 32;
    /// Ours: the mail has attachments.
    pub const ATTACHED: u32 = 64;
    /// Ours: high priority.
    pub const IMPORTANT: u32 = 128;
    /// Ours: a report says that it did not reach somebody.
    pub const UNDELIVERED: u32 = 256;
    /// A read receipt was sent, or shall not be. A server may not keep it (`$MDNSent`), so it is never taken off.
    pub const RECEIPT_SENT: u32 = 512;
    /// Those that are keywords on the server, and that it need not keep.
    pub const KEYWORDS: u32 = FORWARDED | RECEIPT_SENT;
    /// The bits that the server knows.
    pub const OF_SERVER: u32 = SEEN | ANSWERED | STARRED | DELETED | DRAFT | FORWARDED;
}

/// What a header said, beyond what the row shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Envelope {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<Address>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reply_to: Vec<Address>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Address>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub in_reply_to: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list_id: Option<String>,
    /// Who wants to be told that it was read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub receipt_to: Vec<Address>,
    /// Where the answers to all go.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub followup_to: Vec<Address>,
    /// Of a copy of a draft: who put it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft_mark: Option<String>,
}

/// One part of a mail, by its IMAP section.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Part {
    pub section: String,
    pub mime_type: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub encoding: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Bytes as transferred.
    pub size: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_id: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub inline: bool,
}

/// Where text and attachments of a mail are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Part>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<Part>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Part>,
    /// The server's description could not be read: the whole mail has to be fetched to know.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unknown: bool,
}

/// A mail about to become a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewMail {
    /// 0 only for mails whose UID is not known yet.
    pub uid: u32,
    pub date: i64,
    pub size: u32,
    pub flags: u32,
    pub modseq: u64,
    pub message_id: String,
    pub subject: String,
    pub from: Address,
    pub envelope: Envelope,
    pub parts: Parts,
}

/// What tells one mail from another when UIDs cannot be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    pub mail: MailId,
    pub uid: u32,
    pub size: u32,
    pub date: i64,
    pub message_id: String,
}

/// A mail with what the engine needs to work on it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredMail {
    pub row: MailRow,
    pub uid: u32,
    pub flags: u32,
    pub message_id: String,
    pub envelope: Envelope,
    pub parts: Parts,
    /// Whether its text lies in the second file.
    pub has_body: bool,
}

const ROW: &str = "id, account, folder, from_name, from_addr, subject, preview, date, size, flags, envelope";

fn row(row: &Row<'_>) -> rusqlite::Result<MailRow> {
    let flags: u32 = row.get(9)?;
    let is = |bit: u32| flags & bit != 0;
    // Only Sent and Drafts show recipients; three are enough for a row.
    let envelope: Envelope = serde_json::from_str(row.get_ref(10)?.as_str()?).unwrap_or_default();
    let mut to = envelope.to;
    to.truncate(3);
    Ok(MailRow {
        id: row.get(0)?,
        account: row.get(1)?,
        folder: row.get(2)?,
        from: Address {
            name: row.get(3)?,
            address: row.get(4)?,
        },
        to,
        subject: row.get(5)?,
        preview: row.get(6)?,
        date: row.get(7)?,
        size: row.get(8)?,
        unread: !is(flag::SEEN),
        starred: is(flag::STARRED),
        answered: is(flag::ANSWERED),
        forwarded: is(flag::FORWARDED),
        draft: is(flag::DRAFT),
        attachments: is(flag::ATTACHED),
        important: is(flag::IMPORTANT),
        undelivered: is(flag::UNDELIVERED),
    })
}

pub(crate) fn condition(filter: Filter) -> &'static str {
    // To the letter the conditions of the partial indices.
    match filter {
        Filter::All => "",
        Filter::Unread => "AND flags & 1 = 0",
        Filter::Starred => "AND flags & 4 <> 0",
        Filter::Attachments => "AND flags & 64 <> 0",
    }
}

/// Which end of a list comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Newest,
    Oldest,
}

/// A window of the list over some folders.
pub fn page(
    conn: &Connection,
    folders: &[FolderId],
    filter: Filter,
    by: By,
    offset: u32,
    limit: u32,
) -> Result<Vec<MailRow>> {
    if folders.is_empty() {
        return Ok(Vec::new());
    }
    let order = match by {
        By::Newest => "DESC",
        By::Oldest => "ASC",
    };
    // The ids first, from the index alone (the folders' indices are merged); the rows of the window after.
    let condition = condition(filter);
    let each = folders
        .iter()
        .map(|folder| format!("SELECT date AS d, id AS i FROM mail WHERE folder = {folder} {condition}"))
        .collect::<Vec<_>>()
        .join(" UNION ALL ");
    let mut statement = conn.prepare(&format!(
        "SELECT {ROW} FROM (SELECT d, i FROM ({each}) ORDER BY d {order}, i {order} LIMIT ?1 OFFSET ?2)
         JOIN mail ON id = i ORDER BY d {order}, i {order}"
    ))?;
    let rows = statement.query_map([limit, offset], row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many rows the list over some folders has, and how many of them are unread.
pub fn totals(conn: &Connection, folders: &[FolderId], filter: Filter) -> Result<(u32, u32)> {
    let mut sum = (0_u32, 0_u32);
    for folder in folders {
        let (total, unread): (u32, u32) = match filter {
            Filter::All => conn
                .prepare_cached("SELECT total, unread FROM folder WHERE id = ?1")?
                .query_row([folder], |r| Ok((r.get(0)?, r.get(1)?)))
                .optional()?
                .unwrap_or_default(),
            Filter::Unread => {
                let unread: u32 = conn
                    .prepare_cached("SELECT unread FROM folder WHERE id = ?1")?
                    .query_row([folder], |r| r.get(0))
                    .optional()?
                    .unwrap_or_default();
                (unread, unread)
            }
            Filter::Starred | Filter::Attachments => conn
                .prepare_cached(&format!(
                    "SELECT count(*), coalesce(sum(flags & 1 = 0), 0) FROM mail WHERE folder = ?1 {}",
                    condition(filter)
                ))?
                .query_row([folder], |r| Ok((r.get(0)?, r.get(1)?)))?,
        };
        sum = (sum.0.saturating_add(total), sum.1.saturating_add(unread));
    }
    Ok(sum)
}

/// At which offset of a list a mail stands.
pub fn locate(conn: &Connection, folders: &[FolderId], filter: Filter, by: By, mail: MailId) -> Result<Option<u32>> {
    let place: Option<(FolderId, i64)> = conn
        .prepare_cached(&format!(
            "SELECT folder, date FROM mail WHERE id = ?1 {}",
            condition(filter)
        ))?
        .query_row([mail], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    let Some((folder, date)) = place else { return Ok(None) };
    if !folders.contains(&folder) {
        return Ok(None);
    }
    let earlier = match by {
        By::Newest => ">",
        By::Oldest => "<",
    };
    let mut before = 0_u32;
    for folder in folders {
        let n: u32 = conn
            .prepare_cached(&format!(
                "SELECT count(*) FROM mail WHERE folder = ?1 AND (date, id) {earlier} (?2, ?3) {}",
                condition(filter)
            ))?
            .query_row(params![folder, date, mail], |r| r.get(0))?;
        before = before.saturating_add(n);
    }
    Ok(Some(before))
}

/// Rows by their ids, in that order; those that are gone are left out.
pub fn rows(conn: &Connection, mails: &[MailId]) -> Result<Vec<MailRow>> {
    let mut statement = conn.prepare_cached(&format!("SELECT {ROW} FROM mail WHERE id = ?1"))?;
    mails
        .iter()
        .filter_map(|id| statement.query_row([id], row).optional().transpose())
        .map(|r| Ok(r?))
        .collect()
}

/// A whole mail; [`Error::NotFound`] when it is gone.
pub fn get(conn: &Connection, mail: MailId) -> Result<StoredMail> {
    let found = conn
        .prepare_cached(&format!(
            "SELECT {ROW}, uid, message_id, parts, body FROM mail WHERE id = ?1"
        ))?
        .query_row([mail], |r| {
            Ok((
                row(r)?,
                r.get::<_, u32>(9)?,
                r.get::<_, u32>(11)?,
                r.get::<_, String>(12)?,
                r.get::<_, String>(10)?,
                r.get::<_, String>(13)?,
                r.get::<_, i64>(14)?,
            ))
        })
        .optional()?;
    let (row, flags, uid, message_id, envelope, parts, body) = found.ok_or(Error::NotFound)?;
    Ok(StoredMail {
        row,
        uid,
        flags,
        message_id,
        envelope: serde_json::from_str(&envelope)?,
        parts: serde_json::from_str(&parts)?,
        has_body: body == 1,
    })
}

/// Adds rows to a folder; a UID that is known already is left as it is. Returns the ids of the rows that came.
pub fn insert(conn: &Connection, account: AccountId, folder: FolderId, mails: &[NewMail]) -> Result<Vec<MailId>> {
    let mut statement = conn.prepare_cached(
        "INSERT INTO mail (account, folder, uid, date, size, flags, modseq, message_id, subject, from_name, from_addr,
         envelope, parts) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT DO NOTHING",
    )?;
    let mut ids = Vec::with_capacity(mails.len());
    let mut unread = 0_i64;
    for mail in mails {
        let added = statement.execute(params![
            account,
            folder,
            mail.uid,
            mail.date,
            mail.size,
            mail.flags,
            i64::try_from(mail.modseq).unwrap_or(i64::MAX),
            mail.message_id,
            mail.subject,
            mail.from.name,
            mail.from.address,
            serde_json::to_string(&mail.envelope)?,
            serde_json::to_string(&mail.parts)?,
        ])?;
        if added > 0 {
            ids.push(conn.last_insert_rowid());
            unread = unread.saturating_add(i64::from(mail.flags & flag::SEEN == 0));
        }
    }
    folders::count(conn, folder, i64::try_from(ids.len()).unwrap_or(i64::MAX), unread)?;
    Ok(ids)
}

/// Whether a mail was moved here whose UID is not known yet: without one, [`adopt`] finds nothing.
pub fn is_expecting(conn: &Connection, folder: FolderId) -> Result<bool> {
    let found = conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM mail WHERE folder = ?1 AND uid = 0)")?
        .query_row([folder], |r| r.get(0))?;
    Ok(found)
}

/// Gives a mail that was moved here without a known UID the UID under which the server lists it. Returns the mail,
/// if one of the waiting ones is the one that `new` describes.
pub fn adopt(conn: &Connection, folder: FolderId, new: &NewMail) -> Result<Option<MailId>> {
    let found: Option<MailId> = conn
        .prepare_cached(
            // What was sent from here the server may have made longer.
            "SELECT id FROM mail WHERE folder = ?1 AND uid = 0 AND message_id = ?3
             AND (size = ?2 OR EXISTS (SELECT 1 FROM outbox WHERE outbox.message_id = ?3))
             AND (message_id <> '' OR date = ?4) ORDER BY id LIMIT 1",
        )?
        .query_row(params![folder, new.size, new.message_id, new.date], |r| r.get(0))
        .optional()?;
    if let Some(mail) = found {
        set_uid(conn, mail, new.uid)?;
        // Where its parts are only the server knew.
        conn.prepare_cached(
            "UPDATE mail SET parts = ?2, size = ?3, date = ?4 WHERE id = ?1
             AND EXISTS (SELECT 1 FROM outbox WHERE outbox.message_id = mail.message_id)",
        )?
        .execute(params![mail, serde_json::to_string(&new.parts)?, new.size, new.date])?;
    }
    Ok(found)
}

/// Sets the UID of a mail, unless another row of the folder has it already; then the row without UID goes.
pub fn set_uid(conn: &Connection, mail: MailId, uid: u32) -> Result<()> {
    let changed = conn
        .prepare_cached("UPDATE OR IGNORE mail SET uid = ?2 WHERE id = ?1")?
        .execute(params![mail, uid])?;
    let now: Option<u32> = conn
        .prepare_cached("SELECT uid FROM mail WHERE id = ?1")?
        .query_row([mail], |r| r.get(0))
        .optional()?;
    if changed == 0 && now.is_some_and(|now| now != uid) {
        remove(conn, &[mail])?;
    }
    Ok(())
}

/// Ids by UID, for those of `uids` that are known.
pub fn by_uids(conn: &Connection, folder: FolderId, uids: &[u32]) -> Result<Vec<(u32, MailId)>> {
    let mut statement = conn.prepare_cached("SELECT id FROM mail WHERE folder = ?1 AND uid = ?2 AND uid > 0")?;
    uids.iter()
        .filter_map(|uid| {
            statement
                .query_row(params![folder, uid], |r| Ok((*uid, r.get(0)?)))
                .optional()
                .transpose()
        })
        .map(|r| Ok(r?))
        .collect()
}

/// Every known UID of a folder, ascending.
pub fn uids(conn: &Connection, folder: FolderId) -> Result<Vec<u32>> {
    let mut statement = conn.prepare_cached("SELECT uid FROM mail WHERE folder = ?1 AND uid > 0 ORDER BY uid")?;
    let rows = statement.query_map([folder], |r| r.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The `limit` highest UIDs of a folder.
pub fn newest_uids(conn: &Connection, folder: FolderId, limit: u32) -> Result<Vec<u32>> {
    let mut statement =
        conn.prepare_cached("SELECT uid FROM mail WHERE folder = ?1 AND uid > 0 ORDER BY uid DESC LIMIT ?2")?;
    let rows = statement.query_map(params![folder, limit], |r| r.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn identity(r: &Row<'_>) -> rusqlite::Result<Identity> {
    Ok(Identity {
        mail: r.get(0)?,
        uid: r.get(1)?,
        size: r.get(2)?,
        date: r.get(3)?,
        message_id: r.get(4)?,
    })
}

/// Identities of the newest mail and of some random others, to see whether the server still means the same by its UIDs.
pub fn sample(conn: &Connection, folder: FolderId, random: u32) -> Result<Vec<Identity>> {
    const WHAT: &str = "SELECT id, uid, size, date, message_id FROM mail WHERE folder = ?1 AND uid > 0";
    let mut newest = conn.prepare_cached(&format!("{WHAT} ORDER BY uid DESC LIMIT 1"))?;
    let mut out: Vec<Identity> = newest.query_map([folder], identity)?.collect::<rusqlite::Result<_>>()?;
    let range: Option<(u32, u32)> = conn
        .prepare_cached("SELECT min(uid), max(uid) FROM mail WHERE folder = ?1 AND uid > 0")?
        .query_row([folder], |r| {
            Ok(r.get::<_, Option<u32>>(0)?.zip(r.get::<_, Option<u32>>(1)?))
        })?;
    let Some((low, high)) = range else { return Ok(out) };
    // Random points of the UID range instead of ORDER BY random(), which would read the whole folder.
    let mut near = conn.prepare_cached(&format!("{WHAT} AND uid >= ?2 ORDER BY uid LIMIT 1"))?;
    for _ in 0..random {
        let at = rand::random_range(low..=high);
        if let Some(found) = near.query_row(params![folder, at], identity).optional()?
            && !out.contains(&found)
        {
            out.push(found);
        }
    }
    Ok(out)
}

/// Identities of all mails of a folder that have a UID.
pub fn identities(conn: &Connection, folder: FolderId) -> Result<Vec<Identity>> {
    let mut statement =
        conn.prepare_cached("SELECT id, uid, size, date, message_id FROM mail WHERE folder = ?1 AND uid > 0")?;
    let rows = statement.query_map([folder], identity)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The server gave every mail of a folder a new UID: known mails get theirs, the others go. `pairs` are (mail, new UID).
pub fn renumber(conn: &Connection, folder: FolderId, pairs: &[(MailId, u32)]) -> Result<Vec<MailId>> {
    // Two steps, as the new numbers may be the old ones of other mails.
    conn.execute("UPDATE mail SET uid = -id WHERE folder = ?1 AND uid > 0", [folder])?;
    let mut set = conn.prepare_cached("UPDATE OR IGNORE mail SET uid = ?2 WHERE id = ?1 AND folder = ?3")?;
    let mut operations = conn.prepare_cached(
        "UPDATE operation_mail SET uid = ?2 WHERE mail = ?1 AND uid > 0
         AND operation IN (SELECT id FROM operation WHERE folder = ?3)",
    )?;
    for (mail, uid) in pairs {
        set.execute(params![mail, uid, folder])?;
        operations.execute(params![mail, uid, folder])?;
    }
    let mut statement = conn.prepare_cached("SELECT id FROM mail WHERE folder = ?1 AND uid < 0")?;
    let lost = statement
        .query_map([folder], |r| r.get(0))?
        .collect::<rusqlite::Result<Vec<MailId>>>()?;
    remove(conn, &lost)?;
    Ok(lost)
}

/// Takes rows out, with the counters.
pub fn remove(conn: &Connection, mails: &[MailId]) -> Result<()> {
    let mut find = conn.prepare_cached("SELECT folder, flags & 1 = 0 FROM mail WHERE id = ?1")?;
    let mut delete = conn.prepare_cached("DELETE FROM mail WHERE id = ?1")?;
    for mail in mails {
        let found: Option<(FolderId, bool)> = find.query_row([mail], |r| Ok((r.get(0)?, r.get(1)?))).optional()?;
        if let Some((folder, unread)) = found {
            delete.execute([mail])?;
            folders::count(conn, folder, -1, i64::from(unread).saturating_neg())?;
        }
    }
    Ok(())
}

/// Takes every row of a folder out.
pub fn clear(conn: &Connection, folder: FolderId) -> Result<()> {
    conn.execute("DELETE FROM mail WHERE folder = ?1", [folder])?;
    conn.execute("UPDATE folder SET total = 0, unread = 0 WHERE id = ?1", [folder])?;
    Ok(())
}

/// Sets the flags that the server knows. Returns whether the row shows differently now.
pub fn set_flags(conn: &Connection, mail: MailId, server_flags: u32, modseq: u64) -> Result<bool> {
    let found: Option<(FolderId, u32)> = conn
        .prepare_cached("SELECT folder, flags FROM mail WHERE id = ?1")?
        .query_row([mail], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    let Some((folder, before)) = found else {
        return Ok(false);
    };
    let after = (before & !flag::OF_SERVER) | (server_flags & (flag::OF_SERVER | flag::RECEIPT_SENT));
    if after == before && modseq == 0 {
        return Ok(false);
    }
    conn.prepare_cached("UPDATE mail SET flags = ?2, modseq = max(modseq, ?3) WHERE id = ?1")?
        .execute(params![mail, after, i64::try_from(modseq).unwrap_or(i64::MAX)])?;
    let unread = i64::from(after & flag::SEEN == 0).saturating_sub(i64::from(before & flag::SEEN == 0));
    folders::count(conn, folder, 0, unread)?;
    Ok(after != before)
}

/// Sets and takes off flags of ours, which no server knows.
pub fn set_own_flags(conn: &Connection, mail: MailId, add: u32, remove: u32) -> Result<()> {
    conn.prepare_cached("UPDATE mail SET flags = (flags | ?2) & ~?3 WHERE id = ?1")?
        .execute(params![mail, add & !flag::OF_SERVER, remove & !flag::OF_SERVER])?;
    Ok(())
}

/// Current flags of mails by UID in a folder.
pub fn flags_by_uid(conn: &Connection, folder: FolderId, uid: u32) -> Result<Option<(MailId, u32)>> {
    Ok(conn
        .prepare_cached("SELECT id, flags FROM mail WHERE folder = ?1 AND uid = ?2 AND uid > 0")?
        .query_row(params![folder, uid], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?)
}

/// Puts a row into another folder; its UID there is not known yet (0) or given back by an undo.
pub fn relocate(conn: &Connection, mail: MailId, to: FolderId, uid: u32) -> Result<()> {
    let found: Option<(FolderId, bool)> = conn
        .prepare_cached("SELECT folder, flags & 1 = 0 FROM mail WHERE id = ?1")?
        .query_row([mail], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    let Some((from, unread)) = found else {
        return Err(Error::NotFound);
    };
    conn.prepare_cached("UPDATE OR REPLACE mail SET folder = ?2, uid = ?3, modseq = 0 WHERE id = ?1")?
        .execute(params![mail, to, uid])?;
    folders::count(conn, from, -1, i64::from(unread).saturating_neg())?;
    folders::count(conn, to, 1, i64::from(unread))?;
    Ok(())
}

/// Remembers the first words and that the text is here.
pub fn set_body(conn: &Connection, mail: MailId, preview: &str) -> Result<()> {
    conn.prepare_cached("UPDATE mail SET preview = ?2, body = 1 WHERE id = ?1")?
        .execute(params![mail, preview])?;
    Ok(())
}

/// The parts of a mail became known only when it was fetched.
pub fn set_parts(conn: &Connection, mail: MailId, parts: &Parts, attached: bool) -> Result<()> {
    conn.execute(
        "UPDATE mail SET parts = ?2, flags = CASE WHEN ?3 THEN flags | 64 ELSE flags & ~64 END WHERE id = ?1",
        params![mail, serde_json::to_string(parts)?, attached],
    )?;
    Ok(())
}

/// Texts that were evicted have to be fetched again when asked for; the previews stay.
pub fn forget_bodies(conn: &Connection, mails: &[MailId]) -> Result<()> {
    let mut statement = conn.prepare_cached("UPDATE mail SET body = 0 WHERE id = ?1")?;
    for mail in mails {
        statement.execute([mail])?;
    }
    Ok(())
}

/// Mails whose text is still to be fetched in the background, newest first.
pub fn without_body(conn: &Connection, folder: FolderId, since: i64, limit: u32) -> Result<Vec<MailId>> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM mail WHERE folder = ?1 AND date >= ?2 AND body = 0 AND preview = '' AND uid > 0
         ORDER BY date DESC, id DESC LIMIT ?3",
    )?;
    let rows = statement.query_map(params![folder, since, limit], |r| r.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A text could not be had; it is not tried again in the background.
pub fn set_body_failed(conn: &Connection, mail: MailId) -> Result<()> {
    conn.execute("UPDATE mail SET body = 2 WHERE id = ?1", [mail])?;
    Ok(())
}

/// The newest unread mails of the folders that are told of, for the tray's menu.
pub fn newest_unread(conn: &Connection, limit: u32) -> Result<Vec<MailRow>> {
    let mut folders = conn.prepare_cached(
        "SELECT folder.id FROM folder JOIN account ON account.id = folder.account
         WHERE folder.telling = 'bubble' AND account.telling = 'bubble' AND folder.unread > 0",
    )?;
    let folders = folders
        .query_map([], |r| r.get(0))?
        .collect::<rusqlite::Result<Vec<FolderId>>>()?;
    page(conn, &folders, Filter::Unread, By::Newest, 0, limit)
}

/// Unread mails of a folder, all of them.
pub fn unread_ids(conn: &Connection, folder: FolderId) -> Result<Vec<MailId>> {
    let mut statement = conn.prepare_cached("SELECT id FROM mail WHERE folder = ?1 AND flags & 1 = 0")?;
    let rows = statement.query_map([folder], |r| r.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whose mail each is.
pub fn owners(conn: &Connection) -> Result<Vec<(MailId, AccountId)>> {
    let mut statement = conn.prepare_cached("SELECT id, account FROM mail ORDER BY id")?;
    let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Ids of all mails of an account.
pub fn of_account(conn: &Connection, account: AccountId) -> Result<Vec<MailId>> {
    let mut statement = conn.prepare_cached("SELECT id FROM mail WHERE account = ?1")?;
    let rows = statement.query_map([account], |r| r.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Mails that were moved into a folder, whose UID there is not known, and on which no operation waits any more.
pub fn unplaced(conn: &Connection, folder: FolderId) -> Result<Vec<MailId>> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM mail WHERE folder = ?1 AND uid = 0
         AND NOT EXISTS (SELECT 1 FROM operation_mail WHERE operation_mail.mail = mail.id)
         AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.message_id = mail.message_id AND outbox.stage = 'filing')",
    )?;
    let rows = statement.query_map([folder], |r| r.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The mail of a folder with this Message-ID.
pub fn by_message_id(conn: &Connection, folder: FolderId, message_id: &str) -> Result<Option<MailId>> {
    Ok(conn
        .prepare_cached("SELECT id FROM mail WHERE folder = ?1 AND message_id = ?2 ORDER BY id DESC LIMIT 1")?
        .query_row(params![folder, message_id], |r| r.get(0))
        .optional()?)
}

/// The newest mails of a folder with this subject that came since `since`, at most 20.
pub fn by_subject(conn: &Connection, folder: FolderId, subject: &str, since: i64) -> Result<Vec<MailId>> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM mail WHERE folder = ?1 AND date >= ?3 AND subject = ?2 ORDER BY date DESC, id DESC LIMIT 20",
    )?;
    let rows = statement.query_map(params![folder, subject, since], |r| r.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A mail by what it was sent with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMail {
    pub id: MailId,
    /// The sender's address.
    pub from: String,
    pub subject: String,
    /// When it was written, in Unix seconds; where its sender did not say, when it came.
    pub sent_at: i64,
}

/// The mails of an account that came within a span of Unix seconds, the newest first, at most 20,000.
pub fn sent(conn: &Connection, account: AccountId, (from, to): (i64, i64)) -> Result<Vec<SentMail>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, from_addr, subject, COALESCE(json_extract(envelope, '$.sent_at'), date) FROM mail
         WHERE account = ?1 AND date BETWEEN ?2 AND ?3 ORDER BY date DESC, id DESC LIMIT 20000",
    )?;
    let rows = statement.query_map(params![account, from, to], |r| {
        Ok(SentMail {
            id: r.get(0)?,
            from: r.get(1)?,
            subject: r.get(2)?,
            sent_at: r.get(3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Mails of this Message-ID in a folder whose UID there is not known.
pub fn unplaced_as(conn: &Connection, folder: FolderId, message_id: &str) -> Result<Vec<MailId>> {
    let mut statement = conn.prepare_cached("SELECT id FROM mail WHERE folder = ?1 AND uid = 0 AND message_id = ?2")?;
    let rows = statement.query_map(params![folder, message_id], |r| r.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

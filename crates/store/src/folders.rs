//! Folders: the tree, what the server said of them, and how far each is synchronised.

use qiyou_api::{AccountId, Folder, FolderId, Owner, Role, Telling};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

use crate::error::{Error, Result};

/// A folder with the state of its synchronisation.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFolder {
    pub folder: Folder,
    /// The name as the server has it.
    pub wire: String,
    pub delimiter: String,
    pub sync: SyncState,
}

/// How far a folder is synchronised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncState {
    /// 0 when the folder was never selected.
    pub uidvalidity: u32,
    /// Every UID below it has been looked at.
    pub uidnext: u32,
    /// Rows of UIDs below it are still to be fetched; 1 when all are here, 0 when none was fetched yet.
    pub floor: u32,
    /// Flags are known up to this HIGHESTMODSEQ; 0 without CONDSTORE.
    pub modseq: u64,
    pub server_total: u32,
    /// Nothing when the server did not say.
    pub server_unseen: Option<u32>,
    /// Unix seconds of the last look at the flags of all mails.
    pub swept_at: i64,
}

/// A folder as the server lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedFolder {
    pub wire: String,
    /// Decoded parts of the path, at least one.
    pub parts: Vec<String>,
    pub delimiter: String,
    pub role: Role,
    pub owner: Owner,
    pub selectable: bool,
    pub subscribed: bool,
}

macro_rules! words {
    ($kind:ident: $($word:literal $value:ident),+; $fallback:ident) => {
        impl Word for $kind {
            fn word(self) -> &'static str {
                match self { $($kind::$value => $word,)+ }
            }
            fn of(word: &str) -> Self {
                match word { $($word => $kind::$value,)+ _ => $kind::$fallback }
            }
        }
    };
}

pub(crate) trait Word: Sized {
    fn word(self) -> &'static str;
    fn of(word: &str) -> Self;
}

words!(Role: "inbox" Inbox, "drafts" Drafts, "sent" Sent, "archive" Archive, "junk" Junk, "trash" Trash,
    "all" All, "flagged" Flagged, "none" None; None);
words!(Owner: "personal" Personal, "other" Other, "shared" Shared; Shared);
words!(Telling: "bubble" Bubble, "count" Count, "silent" Silent; Silent);

const COLUMNS: &str = "id, account, parent, wire, name, path, delimiter, role, owner, selectable, subscribed, followed,
    telling, uidvalidity, uidnext, floor, modseq, server_total, server_unseen, total, unread, swept_at, favourite,
    own_followed IS NOT NULL";

fn unsigned(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(0)
}

fn folder(row: &Row<'_>) -> rusqlite::Result<StoredFolder> {
    let text = |column| row.get::<_, String>(column);
    let server_total = unsigned(row.get(17)?);
    let total = unsigned(row.get(19)?);
    Ok(StoredFolder {
        folder: Folder {
            id: row.get(0)?,
            account: row.get(1)?,
            parent: row.get(2)?,
            name: text(4)?,
            path: text(5)?,
            role: Role::of(&text(7)?),
            owner: Owner::of(&text(8)?),
            selectable: row.get(9)?,
            subscribed: row.get(10)?,
            followed: row.get(11)?,
            managed: row.get(23)?,
            telling: Telling::of(&text(12)?),
            favourite: row.get(22)?,
            total: server_total.max(total),
            unread: unsigned(row.get(20)?),
            synced: total,
        },
        wire: text(3)?,
        delimiter: text(6)?,
        sync: SyncState {
            uidvalidity: unsigned(row.get(13)?),
            uidnext: unsigned(row.get(14)?),
            floor: unsigned(row.get(15)?),
            modseq: u64::try_from(row.get::<_, i64>(16)?).unwrap_or(0),
            server_total,
            server_unseen: u32::try_from(row.get::<_, i64>(18)?).ok(),
            swept_at: row.get(21)?,
        },
    })
}

fn select(conn: &Connection, tail: &str, args: &[&dyn ToSql]) -> Result<Vec<StoredFolder>> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM folder {tail}"))?;
    let rows = statement.query_map(args, folder)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Folders of one account or of all, parents before children, roles first.
pub fn list(conn: &Connection, account: Option<AccountId>) -> Result<Vec<StoredFolder>> {
    const ORDER: &str = "ORDER BY account, CASE role WHEN 'inbox' THEN 0 WHEN 'drafts' THEN 1 WHEN 'sent' THEN 2
        WHEN 'archive' THEN 3 WHEN 'flagged' THEN 4 WHEN 'all' THEN 5 WHEN 'none' THEN 6 WHEN 'junk' THEN 8 ELSE 9 END,
        path COLLATE NOCASE";
    match account {
        Some(account) => select(conn, &format!("WHERE account = ?1 {ORDER}"), &[&account]),
        None => select(conn, ORDER, &[]),
    }
}

/// One folder; [`Error::NotFound`] when it is gone.
pub fn get(conn: &Connection, id: FolderId) -> Result<StoredFolder> {
    select(conn, "WHERE id = ?1", &[&id])?
        .into_iter()
        .next()
        .ok_or(Error::NotFound)
}

/// The folder of an account with a role, if it has one.
pub fn by_role(conn: &Connection, account: AccountId, role: Role) -> Result<Option<StoredFolder>> {
    Ok(select(
        conn,
        "WHERE account = ?1 AND role = ?2 ORDER BY id LIMIT 1",
        &[&account, &role.word()],
    )?
    .into_iter()
    .next())
}

/// Ids of all folders in which a mail with somebody is looked for: all but junk, trash, and those that only repeat
/// the mails of others.
pub fn searched(conn: &Connection) -> Result<Vec<FolderId>> {
    let mut statement = conn.prepare_cached(
        "SELECT id FROM folder WHERE role NOT IN ('junk', 'trash', 'flagged')
         AND NOT (role = 'all' AND EXISTS (SELECT 1 FROM folder AS other
                  WHERE other.account = folder.account AND other.role = 'inbox'))
         ORDER BY id",
    )?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Ids of all inboxes.
pub fn inboxes(conn: &Connection) -> Result<Vec<FolderId>> {
    let mut statement = conn.prepare_cached("SELECT id FROM folder WHERE role = 'inbox' ORDER BY id")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How a newly seen folder is told of, before the person chooses.
fn first_telling(role: Role, owner: Owner) -> Telling {
    match role {
        Role::Inbox => Telling::Bubble,
        Role::Drafts | Role::Sent | Role::Junk | Role::Trash | Role::All | Role::Flagged | Role::Archive => {
            Telling::Silent
        }
        Role::None if owner == Owner::Personal => Telling::Bubble,
        Role::None => Telling::Count,
    }
}

/// Makes the stored tree the one that the server lists. Returns what came or changed and the ids that went.
pub fn reconcile(
    conn: &Connection,
    account: AccountId,
    listed: &[ListedFolder],
) -> Result<(Vec<FolderId>, Vec<FolderId>)> {
    let before = list(conn, Some(account))?;
    let mut changed = Vec::new();
    for entry in listed {
        let name = entry.parts.last().cloned().unwrap_or_default();
        let path = entry.parts.join(" / ");
        #[allow(clippy::single_match_else, reason = "two equal ways, not one with an exception")]
        match before.iter().find(|f| f.wire == entry.wire) {
            Some(known) => {
                let same = known.folder.path == path
                    && known.folder.role == entry.role
                    && known.folder.owner == entry.owner
                    && known.folder.selectable == entry.selectable
                    && known.folder.subscribed == entry.subscribed
                    && known.delimiter == entry.delimiter;
                if !same {
                    conn.execute(
                        "UPDATE folder SET name = ?2, path = ?3, delimiter = ?4, role = ?5, owner = ?6, selectable = ?7,
                         subscribed = ?8 WHERE id = ?1",
                        params![
                            known.folder.id,
                            name,
                            path,
                            entry.delimiter,
                            entry.role.word(),
                            entry.owner.word(),
                            entry.selectable,
                            entry.subscribed
                        ],
                    )?;
                    changed.push(known.folder.id);
                }
            }
            None => {
                conn.prepare_cached(
                    "INSERT INTO folder (account, wire, name, path, delimiter, role, owner, selectable, subscribed,
                     followed, telling) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                )?
                .execute(params![
                    account,
                    entry.wire,
                    name,
                    path,
                    entry.delimiter,
                    entry.role.word(),
                    entry.owner.word(),
                    entry.selectable,
                    entry.subscribed,
                    entry.role == Role::Inbox,
                    first_telling(entry.role, entry.owner).word(),
                ])?;
                changed.push(conn.last_insert_rowid());
            }
        }
    }
    let gone: Vec<FolderId> = before
        .iter()
        .filter(|f| !listed.iter().any(|entry| entry.wire == f.wire))
        .map(|f| f.folder.id)
        .collect();
    for id in &gone {
        conn.execute("DELETE FROM mail WHERE folder = ?1", [id])?;
        conn.execute("DELETE FROM folder WHERE id = ?1", [id])?;
    }
    // Parents: the folder whose wire name is the part before the last delimiter.
    for entry in listed {
        let parent = entry
            .wire
            .rsplit_once(entry.delimiter.as_str())
            .filter(|_| !entry.delimiter.is_empty())
            .map(|(parent, _)| parent.to_owned());
        conn.prepare_cached(
            "UPDATE folder SET parent = (SELECT id FROM folder WHERE account = ?1 AND wire = ?3)
             WHERE account = ?1 AND wire = ?2
             AND parent IS NOT (SELECT id FROM folder WHERE account = ?1 AND wire = ?3)",
        )?
        .execute(params![account, entry.wire, parent])?;
    }
    Ok((changed, gone))
}

/// The server renamed a folder at our request: its row stays, and those below it with their new names.
pub fn rename(conn: &Connection, id: FolderId, wire: &str) -> Result<()> {
    let old = get(conn, id)?;
    conn.execute("UPDATE folder SET wire = ?2 WHERE id = ?1", params![id, wire])?;
    if old.delimiter.is_empty() {
        return Ok(());
    }
    let from = format!("{}{}", old.wire, old.delimiter);
    let to = format!("{wire}{}", old.delimiter);
    for below in list(conn, Some(old.folder.account))? {
        if let Some(rest) = below.wire.strip_prefix(&from) {
            conn.execute(
                "UPDATE folder SET wire = ?2 WHERE id = ?1",
                params![below.folder.id, format!("{to}{rest}")],
            )?;
        }
    }
    Ok(())
}

/// Writes what a person chose for a folder: subscribed, followed, telling, favourite.
pub fn set_choices(conn: &Connection, folder: &Folder) -> Result<()> {
    let changed = conn.execute(
        "UPDATE folder SET subscribed = ?2, followed = ?3, telling = ?4, favourite = ?5 WHERE id = ?1",
        params![
            folder.id,
            folder.subscribed,
            folder.followed,
            folder.telling.word(),
            folder.favourite
        ],
    )?;
    if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Remembers how far a folder is synchronised.
pub fn set_sync(conn: &Connection, id: FolderId, sync: &SyncState) -> Result<()> {
    conn.prepare_cached(
        "UPDATE folder SET uidvalidity = ?2, uidnext = ?3, floor = ?4, modseq = ?5, server_total = ?6,
         server_unseen = ?7, swept_at = ?8 WHERE id = ?1",
    )?
    .execute(params![
        id,
        sync.uidvalidity,
        sync.uidnext,
        sync.floor,
        i64::try_from(sync.modseq).unwrap_or(i64::MAX),
        sync.server_total,
        sync.server_unseen.map_or(-1, i64::from),
        sync.swept_at
    ])?;
    Ok(())
}

/// Adds to the counters of a folder's own rows.
pub(crate) fn count(conn: &Connection, id: FolderId, total: i64, unread: i64) -> Result<()> {
    if total != 0 || unread != 0 {
        conn.prepare_cached(
            "UPDATE folder SET total = max(0, total + ?2), unread = max(0, unread + ?3) WHERE id = ?1",
        )?
        .execute(params![id, total, unread])?;
    }
    Ok(())
}

/// Unread mails of an account in the folders that count.
pub fn unread(conn: &Connection, account: AccountId) -> Result<u32> {
    let sum: Option<i64> = conn
        .prepare_cached(
            "SELECT sum(folder.unread) FROM folder JOIN account ON account.id = folder.account
             WHERE account = ?1 AND folder.telling <> 'silent' AND account.telling <> 'silent'",
        )?
        .query_row([account], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(sum.map_or(0, unsigned))
}

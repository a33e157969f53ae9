//! The address book. What is written here commits with [`crate::Durability::Full`].

use std::collections::{BTreeMap, BTreeSet};

use qiyou_api::{Contact, ContactContent, ContactGroup, ContactId, GroupId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Error, Result};

/// Removed contacts can be had back for so many seconds.
const KEPT: i64 = 7 * 86_400;

/// All contacts, in no order.
pub fn all(conn: &Connection) -> Result<Vec<Contact>> {
    let mut groups: BTreeMap<ContactId, Vec<GroupId>> = BTreeMap::new();
    let mut statement = conn.prepare_cached("SELECT contact, grp FROM contact_member ORDER BY contact, grp")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        groups.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    let mut statement = conn.prepare_cached("SELECT id, content FROM contact WHERE removed = 0")?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        all.push(Contact {
            id,
            content: serde_json::from_str(&row.get::<_, String>(1)?)?,
            groups: groups.remove(&id).unwrap_or_default(),
        });
    }
    Ok(all)
}

/// The vCard that a contact was read from; empty where it has no more than its content.
pub fn source(conn: &Connection, id: ContactId) -> Result<String> {
    Ok(conn
        .prepare_cached("SELECT source FROM contact WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?)
}

/// Those that were removed long ago go for good.
pub fn purge(conn: &Connection, now: i64) -> Result<()> {
    conn.prepare_cached("DELETE FROM contact WHERE removed > 0 AND removed < ?1")?
        .execute([now.saturating_sub(KEPT)])?;
    Ok(())
}

/// Adds a contact.
pub fn add(conn: &Connection, content: &ContactContent, source: &str, now: i64) -> Result<ContactId> {
    conn.prepare_cached("INSERT INTO contact (content, source, changed) VALUES (?1, ?2, ?3)")?
        .execute(params![serde_json::to_string(content)?, source, now])?;
    Ok(conn.last_insert_rowid())
}

/// Replaces what a contact says; [`Error::NotFound`] when it is gone.
pub fn save(conn: &Connection, id: ContactId, content: &ContactContent, now: i64) -> Result<()> {
    let changed = conn
        .prepare_cached("UPDATE contact SET content = ?2, changed = ?3 WHERE id = ?1 AND removed = 0")?
        .execute(params![id, serde_json::to_string(content)?, now])?;
    if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Keeps the vCard of a contact that had none.
pub fn give_source(conn: &Connection, id: ContactId, source: &str) -> Result<()> {
    conn.prepare_cached("UPDATE contact SET source = ?2 WHERE id = ?1 AND source = ''")?
        .execute(params![id, source])?;
    Ok(())
}

/// Puts a contact into these groups and no other; groups that are gone are left out.
pub fn set_groups(conn: &Connection, id: ContactId, groups: &[GroupId]) -> Result<()> {
    conn.prepare_cached("DELETE FROM contact_member WHERE contact = ?1")?
        .execute([id])?;
    let mut insert = conn
        .prepare_cached("INSERT INTO contact_member (grp, contact) SELECT id, ?2 FROM contact_group WHERE id = ?1")?;
    for group in groups.iter().collect::<BTreeSet<_>>() {
        insert.execute([*group, id])?;
    }
    Ok(())
}

/// Removes a contact, or (`when` is 0) has it back; its groups are kept for that.
pub fn set_removed(conn: &Connection, id: ContactId, when: i64) -> Result<()> {
    conn.prepare_cached("UPDATE contact SET removed = ?2 WHERE id = ?1")?
        .execute([id, when])?;
    Ok(())
}

/// All groups, with how many contacts are in each.
pub fn groups(conn: &Connection) -> Result<Vec<ContactGroup>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, name, (SELECT count(*) FROM contact_member JOIN contact ON contact.id = contact
                           WHERE grp = contact_group.id AND removed = 0)
         FROM contact_group",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(ContactGroup {
            id: row.get(0)?,
            name: row.get(1)?,
            count: row.get(2)?,
        })
    })?;
    rows.collect::<rusqlite::Result<_>>().map_err(Into::into)
}

/// The group of this name.
pub fn group_named(conn: &Connection, name: &str) -> Result<Option<GroupId>> {
    Ok(conn
        .prepare_cached("SELECT id FROM contact_group WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

/// Makes a group; its name must be free.
pub fn add_group(conn: &Connection, name: &str) -> Result<GroupId> {
    conn.prepare_cached("INSERT INTO contact_group (name) VALUES (?1)")?
        .execute([name])?;
    Ok(conn.last_insert_rowid())
}

/// Gives a group a name that is free; [`Error::NotFound`] when it is gone.
pub fn rename_group(conn: &Connection, id: GroupId, name: &str) -> Result<()> {
    let changed = conn
        .prepare_cached("UPDATE contact_group SET name = ?2 WHERE id = ?1")?
        .execute(params![id, name])?;
    if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Removes a group; its contacts stay.
pub fn remove_group(conn: &Connection, id: GroupId) -> Result<()> {
    conn.prepare_cached("DELETE FROM contact_group WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

//! The `meta` table: the store's own id, the settings, and single values of others here.

use qiyou_api::Settings;
use rusqlite::{Connection, OptionalExtension};

use crate::error::Result;

/// One value.
pub(crate) fn get(conn: &Connection, key: &str) -> Result<Option<String>> {
    Ok(conn
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

/// Writes one value, in place of an older one.
pub(crate) fn put(conn: &Connection, key: &str, value: &str) -> Result<()> {
    conn.prepare_cached("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")?
        .execute([key, value])?;
    Ok(())
}

/// All settings; the defaults for what was never chosen.
pub fn settings(conn: &Connection) -> Result<Settings> {
    Ok(match get(conn, "settings")? {
        Some(json) => serde_json::from_str(&json)?,
        None => Settings::default(),
    })
}

/// Replaces all settings.
pub fn set_settings(conn: &Connection, settings: &Settings) -> Result<()> {
    put(conn, "settings", &serde_json::to_string(settings)?)
}

/// A small value of the engine's or the agent's own, such as "said once that there is no tray".
pub fn note(conn: &Connection, key: &str) -> Result<Option<String>> {
    get(conn, &format!("note.{key}"))
}

/// Remembers such a value.
pub fn set_note(conn: &Connection, key: &str, value: &str) -> Result<()> {
    put(conn, &format!("note.{key}"), value)
}

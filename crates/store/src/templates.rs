//! Texts that mails are begun with. What is written here commits with [`crate::Durability::Full`].

use qiyou_api::{Template, TemplateContent, TemplateId};
use rusqlite::{Connection, params};

use crate::error::{Error, Result};

/// All templates, the oldest first.
pub fn list(conn: &Connection) -> Result<Vec<Template>> {
    let mut statement = conn.prepare_cached("SELECT id, content FROM template ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(Template {
            id: row.get(0)?,
            content: serde_json::from_str(&row.get::<_, String>(1)?)?,
        });
    }
    Ok(all)
}

/// Adds a template (no number), or replaces one; [`Error::NotFound`] when that is gone.
pub fn save(conn: &Connection, id: Option<TemplateId>, content: &TemplateContent, now: i64) -> Result<TemplateId> {
    let json = serde_json::to_string(content)?;
    match id {
        None => {
            conn.execute(
                "INSERT INTO template (content, changed) VALUES (?1, ?2)",
                params![json, now],
            )?;
            Ok(conn.last_insert_rowid())
        }
        Some(id) => {
            let changed = conn.execute(
                "UPDATE template SET content = ?2, changed = ?3 WHERE id = ?1",
                params![id, json, now],
            )?;
            if changed == 0 { Err(Error::NotFound) } else { Ok(id) }
        }
    }
}

/// Removes a template.
pub fn remove(conn: &Connection, id: TemplateId) -> Result<()> {
    conn.execute("DELETE FROM template WHERE id = ?1", [id])?;
    Ok(())
}

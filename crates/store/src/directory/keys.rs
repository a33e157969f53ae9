//! The sorted keys. A row holds a run of them, as a page of a book does: a whole directory has six keys for each of
//! 100,000 people, and a row for each would cost most of the time that it takes to fill them in.
//!
//! A run is lines of `text TAB owner TAB department`, sorted by text. It begins with `first` or behind it, and ends
//! before or with the next run's `first`.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Key, Kind};
use crate::error::Result;

/// Bytes of a run when it is made: two of them fill a page of the file.
const FULL: usize = 1800;
/// Bytes beyond which it is cut in two.
const MOST: usize = 3600;

/// One key as it stands in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) owner: i64,
    pub(super) department: i64,
}

/// Whether a key can stand in a line.
pub(super) fn fits(key: &Key) -> bool {
    !key.text.contains(['\t', '\n'])
}

pub(super) fn parse(line: &str) -> Option<Line<'_>> {
    let (rest, department) = line.rsplit_once('\t')?;
    let (text, owner) = rest.rsplit_once('\t')?;
    Some(Line {
        text,
        owner: owner.parse().ok()?,
        department: department.parse().ok()?,
    })
}

pub(super) fn push(run: &mut String, line: Line<'_>) {
    use std::fmt::Write as _;
    let _ = writeln!(run, "{}\t{}\t{}", line.text, line.owner, line.department);
}

fn written(lines: &[Line<'_>]) -> String {
    let mut run = String::new();
    for line in lines {
        push(&mut run, *line);
    }
    run
}

fn add_run(conn: &Connection, kind: Kind, first: &str, data: &str) -> Result<()> {
    conn.prepare_cached("INSERT INTO directory_key (kind, first, data) VALUES (?1, ?2, ?3)")?
        .execute(params![kind, first, data])?;
    Ok(())
}

/// Calls for each key of a kind from `from` on and before `to`, in their order, at most `most`: with the key, the
/// number of what it belongs to, and for a person that of the main department. Says how many there were.
pub fn scan(
    conn: &Connection,
    kind: Kind,
    (from, to): (&str, &str),
    most: usize,
    mut each: impl FnMut(&str, i64, i64),
) -> Result<usize> {
    // No parameter as LIMIT: SQLite prepares such a statement anew each time.
    let mut statement = conn.prepare_cached(
        "SELECT data FROM directory_key WHERE kind = ?1 AND first < ?3 AND first >= coalesce(
            (SELECT max(first) FROM directory_key WHERE kind = ?1 AND first < ?2), '') ORDER BY first, id",
    )?;
    let mut rows = statement.query(params![kind, from, to])?;
    let mut count = 0_usize;
    while let Some(row) = rows.next()? {
        for line in row.get_ref(0)?.as_str().unwrap_or_default().lines() {
            // What stands before needs no reading.
            if line.as_bytes() < from.as_bytes() {
                continue;
            }
            let Some(line) = parse(line).filter(|line| line.text >= from) else {
                continue;
            };
            if line.text >= to || count >= most {
                return Ok(count);
            }
            each(line.text, line.owner, line.department);
            count = count.saturating_add(1);
        }
    }
    Ok(count)
}

/// Puts keys in.
pub(super) fn insert(conn: &Connection, keys: &[Key], owner: i64, department: i64) -> Result<()> {
    for key in keys.iter().filter(|key| fits(key)) {
        let line = Line {
            text: &key.text,
            owner,
            department,
        };
        let place: Option<(i64, String)> = conn
            .prepare_cached(
                "SELECT id, data FROM directory_key WHERE kind = ?1 AND first <= ?2 ORDER BY first DESC, id DESC LIMIT 1",
            )?
            .query_row(params![key.kind, key.text], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((id, data)) = place else {
            let mut data = String::new();
            push(&mut data, line);
            add_run(conn, key.kind, &key.text, &data)?;
            continue;
        };
        let mut lines: Vec<Line<'_>> = data.lines().filter_map(parse).collect();
        lines.retain(|other| (other.text, other.owner) != (line.text, line.owner));
        let at = lines.partition_point(|other| *other < line);
        lines.insert(at, line);
        let whole = data.len().saturating_add(key.text.len()) <= MOST;
        let (one, other) = lines
            .split_at_checked(if whole { lines.len() } else { lines.len() / 2 })
            .unwrap_or_default();
        set_run(conn, id, one)?;
        if let Some(first) = other.first() {
            add_run(conn, key.kind, first.text, &written(other))?;
        }
    }
    Ok(())
}

fn set_run(conn: &Connection, id: i64, lines: &[Line<'_>]) -> Result<()> {
    if lines.is_empty() {
        conn.prepare_cached("DELETE FROM directory_key WHERE id = ?1")?
            .execute([id])?;
        return Ok(());
    }
    conn.prepare_cached("UPDATE directory_key SET data = ?2 WHERE id = ?1")?
        .execute(params![id, written(lines)])?;
    Ok(())
}

/// Takes keys out.
pub(super) fn remove(conn: &Connection, keys: &[Key], owner: i64) -> Result<()> {
    for key in keys {
        // A text that very many share stands in several runs.
        let runs: Vec<(i64, String)> = conn
            .prepare_cached(
                "SELECT id, data FROM directory_key WHERE kind = ?1 AND first <= ?2 AND first >= coalesce(
                    (SELECT max(first) FROM directory_key WHERE kind = ?1 AND first < ?2), '')",
            )?
            .query_map(params![key.kind, key.text], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (id, data) in runs {
            let mut lines: Vec<Line<'_>> = data.lines().filter_map(parse).collect();
            let before = lines.len();
            lines.retain(|line| (line.text, line.owner) != (key.text.as_str(), owner));
            if lines.len() != before {
                set_run(conn, id, &lines)?;
            }
        }
    }
    Ok(())
}

/// Writes runs of keys that come in their order, kind by kind.
pub(super) struct Runs<'c> {
    conn: &'c Connection,
    kind: Kind,
    first: String,
    data: String,
}

impl<'c> Runs<'c> {
    pub(super) fn begin(conn: &'c Connection) -> Self {
        Self {
            conn,
            kind: 0,
            first: String::new(),
            data: String::new(),
        }
    }

    pub(super) fn add(&mut self, kind: Kind, line: Line<'_>) -> Result<()> {
        if kind != self.kind || self.data.len() >= FULL {
            self.end()?;
        }
        if self.data.is_empty() {
            self.kind = kind;
            line.text.clone_into(&mut self.first);
        }
        push(&mut self.data, line);
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn end(&mut self) -> Result<()> {
        if !self.data.is_empty() {
            add_run(self.conn, self.kind, &self.first, &self.data)?;
            self.data.clear();
        }
        Ok(())
    }
}

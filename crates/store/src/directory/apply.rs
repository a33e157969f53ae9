//! Parts of the directory as they come: changes at once, a whole when its last part is here.

use std::collections::{BTreeMap, HashMap};

use qiyou_bridge_api::{Department, DirectoryPart, Person};
use rusqlite::{Connection, OptionalExtension, params};

use super::keys::{self, Line, Runs};
use super::{Key, Kind, MAKING, PersonId, REVISION, Spelling, StoredPerson, person_called, word};
use crate::error::Result;
use crate::settings;

/// People of one piece that is kept aside.
const PIECE: usize = 500;

/// Pieces of these buckets hold departments and people as JSON; the others hold keys.
const DEPARTMENTS: i64 = -2;
const PEOPLE: i64 = -1;

/// What became of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Kept; the revision is held when the parts that follow have come, too.
    Partly,
    /// This revision is held now.
    Whole { revision: i64 },
}

/// Takes in one part. `first` tells the first part of an answer from those that follow it. Changes are seen at once; a
/// whole directory takes the place of the old one with its last part, and until then nothing of it is seen.
pub fn apply(conn: &Connection, part: &DirectoryPart, first: bool, spelling: &Spelling) -> Result<Applied> {
    if first {
        forget_pieces(conn)?;
    }
    if part.whole {
        set_aside(conn, part, spelling)?;
        if part.more.is_none() {
            replace(conn, spelling)?;
        }
    } else {
        change(conn, part, spelling)?;
    }
    if part.more.is_some() {
        return Ok(Applied::Partly);
    }
    settings::put(conn, REVISION, &part.revision.to_string())?;
    settings::put(conn, MAKING, &spelling.making.to_string())?;
    Ok(Applied::Whole {
        revision: part.revision,
    })
}

/// Takes the whole directory out, and what was kept aside.
pub fn clear(conn: &Connection) -> Result<()> {
    empty(conn)?;
    forget_pieces(conn)?;
    conn.execute("DELETE FROM meta WHERE key LIKE 'directory.%'", [])?;
    Ok(())
}

fn empty(conn: &Connection) -> Result<()> {
    conn.execute_batch(
        "DELETE FROM directory_key; DELETE FROM directory_member; DELETE FROM directory_person;
         DELETE FROM directory_title; DELETE FROM directory_department;",
    )?;
    Ok(())
}

fn forget_pieces(conn: &Connection) -> Result<()> {
    conn.execute("DELETE FROM directory_piece", [])?;
    Ok(())
}

// Changes

fn change(conn: &Connection, part: &DirectoryPart, spelling: &Spelling) -> Result<()> {
    for department in &part.departments {
        remove_department(conn, department.id, spelling)?;
        insert_department(conn, department)?;
        let keys = (spelling.department)(&department.name);
        keys::insert(conn, &keys, department.id, 0)?;
    }
    for id in &part.departments_gone {
        remove_department(conn, *id, spelling)?;
    }
    for person in &part.people {
        let before = person_called(conn, &person.id)?;
        if let Some(before) = &before {
            if before.person == *person {
                continue;
            }
            remove_person(conn, before, spelling)?;
        }
        let title = title_of(conn, &person.title, spelling)?;
        let id = insert_person(conn, before.map(|before| before.id), person, title)?;
        keys::insert(conn, &(spelling.person)(person), id, main_department(person))?;
    }
    for userid in &part.people_gone {
        if let Some(gone) = person_called(conn, userid)? {
            remove_person(conn, &gone, spelling)?;
        }
    }
    let mut unused = conn.prepare_cached(
        "SELECT id, name FROM directory_title WHERE NOT EXISTS
            (SELECT 1 FROM directory_person WHERE title = directory_title.id)",
    )?;
    let unused: Vec<(i64, String)> = unused
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (id, name) in unused {
        keys::remove(conn, &(spelling.title)(&name), id)?;
        conn.execute("DELETE FROM directory_title WHERE id = ?1", [id])?;
    }
    Ok(())
}

fn remove_department(conn: &Connection, id: i64, spelling: &Spelling) -> Result<()> {
    let name: Option<String> = conn
        .prepare_cached("DELETE FROM directory_department WHERE id = ?1 RETURNING name")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    match name {
        Some(name) => keys::remove(conn, &(spelling.department)(&name), id),
        None => Ok(()),
    }
}

fn remove_person(conn: &Connection, stored: &StoredPerson, spelling: &Spelling) -> Result<()> {
    keys::remove(conn, &(spelling.person)(&stored.person), stored.id)?;
    let mut member = conn.prepare_cached("DELETE FROM directory_member WHERE department = ?1 AND person = ?2")?;
    for department in &stored.person.departments {
        member.execute([*department, stored.id])?;
    }
    conn.prepare_cached("DELETE FROM directory_person WHERE id = ?1")?
        .execute([stored.id])?;
    Ok(())
}

fn title_of(conn: &Connection, title: &str, spelling: &Spelling) -> Result<i64> {
    if title.is_empty() {
        return Ok(0);
    }
    let known = conn
        .prepare_cached("SELECT id FROM directory_title WHERE name = ?1")?
        .query_row([title], |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    let id = insert_title(conn, title)?;
    keys::insert(conn, &(spelling.title)(title), id, 0)?;
    Ok(id)
}

// Rows

fn insert_department(conn: &Connection, department: &Department) -> Result<()> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO directory_department (id, name, parent, position) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        department.id,
        department.name,
        department.parent,
        department.order
    ])?;
    Ok(())
}

fn insert_title(conn: &Connection, title: &str) -> Result<i64> {
    conn.prepare_cached("INSERT INTO directory_title (name) VALUES (?1)")?
        .execute([title])?;
    Ok(conn.last_insert_rowid())
}

fn main_department(person: &Person) -> i64 {
    person.departments.first().copied().unwrap_or(0)
}

fn insert_person(conn: &Connection, id: Option<PersonId>, person: &Person, title: i64) -> Result<PersonId> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO directory_person
            (id, userid, name, alias, address, no_address, departments, department, title, phone)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        id,
        person.id,
        person.name,
        person.alias,
        person.address,
        person.no_address.map_or("", word),
        serde_json::to_string(&person.departments)?,
        main_department(person),
        title,
        person.phone,
    ])?;
    let id = id.unwrap_or_else(|| conn.last_insert_rowid());
    let mut member = conn.prepare_cached(
        "INSERT OR REPLACE INTO directory_member (department, person, reachable) VALUES (?1, ?2, ?3)",
    )?;
    for department in &person.departments {
        member.execute(params![department, id, person.address.is_some()])?;
    }
    Ok(id)
}

// A whole directory. Keys become runs in their order, bucket by bucket, so that they are never in memory together.

/// Buckets of one kind of keys: by the first letter.
const BUCKETS: i64 = 28;

/// Buckets follow each other as the keys in them do.
fn bucket(kind: Kind, text: &str) -> i64 {
    let first = text.bytes().next().unwrap_or(0);
    let letter = match first {
        b'a'..=b'z' => i64::from(first).saturating_sub(96),
        0..b'a' => 0,
        _ => 27,
    };
    i64::from(kind).saturating_mul(BUCKETS).saturating_add(letter)
}

/// Lines by bucket.
#[derive(Default)]
struct Lines(BTreeMap<i64, String>);

impl Lines {
    fn add(&mut self, keys: &[Key], owner: i64, department: i64) {
        for key in keys.iter().filter(|key| keys::fits(key)) {
            let line = Line {
                text: &key.text,
                owner,
                department,
            };
            keys::push(self.0.entry(bucket(key.kind, &key.text)).or_default(), line);
        }
    }

    fn write(self, conn: &Connection) -> Result<()> {
        for (bucket, lines) in self.0 {
            add_piece(conn, bucket, &lines)?;
        }
        Ok(())
    }
}

fn add_piece(conn: &Connection, bucket: i64, data: &str) -> Result<()> {
    conn.prepare_cached("INSERT INTO directory_piece (bucket, data) VALUES (?1, ?2)")?
        .execute(params![bucket, data])?;
    Ok(())
}

fn set_aside(conn: &Connection, part: &DirectoryPart, spelling: &Spelling) -> Result<()> {
    let mut lines = Lines::default();
    if !part.departments.is_empty() {
        add_piece(conn, DEPARTMENTS, &serde_json::to_string(&part.departments)?)?;
    }
    for department in &part.departments {
        lines.add(&(spelling.department)(&department.name), department.id, 0);
    }
    let mut next: PersonId = conn
        .prepare_cached("SELECT coalesce(max(last), 0) FROM directory_piece WHERE bucket = ?1")?
        .query_row([PEOPLE], |row| row.get(0))?;
    for people in part.people.chunks(PIECE) {
        for person in people {
            next = next.saturating_add(1);
            lines.add(&(spelling.person)(person), next, main_department(person));
        }
        conn.prepare_cached("INSERT INTO directory_piece (bucket, data, last) VALUES (?1, ?2, ?3)")?
            .execute(params![PEOPLE, serde_json::to_string(people)?, next])?;
    }
    lines.write(conn)
}

fn pieces(conn: &Connection, bucket: i64, mut each: impl FnMut(&str) -> Result<()>) -> Result<()> {
    let mut statement = conn.prepare_cached("SELECT data FROM directory_piece WHERE bucket = ?1 ORDER BY id")?;
    let mut rows = statement.query([bucket])?;
    while let Some(row) = rows.next()? {
        each(row.get_ref(0)?.as_str().unwrap_or_default())?;
    }
    Ok(())
}

fn replace(conn: &Connection, spelling: &Spelling) -> Result<()> {
    empty(conn)?;
    pieces(conn, DEPARTMENTS, |data| {
        let departments: Vec<Department> = serde_json::from_str(data)?;
        departments
            .iter()
            .try_for_each(|department| insert_department(conn, department))
    })?;
    let mut titles: HashMap<String, i64> = HashMap::new();
    let mut id: PersonId = 0;
    pieces(conn, PEOPLE, |data| {
        let people: Vec<Person> = serde_json::from_str(data)?;
        for person in &people {
            id = id.saturating_add(1);
            let title = match titles.get(&person.title) {
                Some(title) => *title,
                None if person.title.is_empty() => 0,
                None => {
                    let title = insert_title(conn, &person.title)?;
                    titles.insert(person.title.clone(), title);
                    title
                }
            };
            insert_person(conn, Some(id), person, title)?;
        }
        Ok(())
    })?;
    let mut lines = Lines::default();
    for (title, id) in &titles {
        lines.add(&(spelling.title)(title), *id, 0);
    }
    lines.write(conn)?;
    let buckets: Vec<i64> = conn
        .prepare_cached("SELECT DISTINCT bucket FROM directory_piece WHERE bucket >= 0 ORDER BY bucket")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut runs = Runs::begin(conn);
    for bucket in buckets {
        let mut all = String::new();
        pieces(conn, bucket, |data| {
            all.push_str(data);
            Ok(())
        })?;
        let mut sorted: Vec<Line<'_>> = all.lines().filter_map(keys::parse).collect();
        sorted.sort_unstable();
        let kind = Kind::try_from(bucket / BUCKETS).unwrap_or(Kind::MAX);
        for line in sorted {
            runs.add(kind, line)?;
        }
    }
    runs.end()?;
    forget_pieces(conn)
}

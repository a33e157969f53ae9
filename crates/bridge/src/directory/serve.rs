//! `GET /api/directory`: signed parts, whole or since a revision.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use qiyou_bridge_api::{DIRECTORY, Refusal, Signed};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{REVISION, WHOLE};
use crate::db::is_text;
use crate::serve::{Bridge, Caller, Problem};

/// How long it is remembered who is gone, in seconds. Revisions are no less than the time at which they were made, so
/// an app that asks with an older one gets the whole.
pub const REMEMBERED: i64 = 90 * 24 * 3600;
/// Departments, or people, of one part.
const PART: i64 = 4000;

/// What is asked for.
#[derive(Deserialize)]
pub struct Ask {
    #[serde(default)]
    since: i64,
    #[serde(default)]
    after: String,
}

/// Where a walk is, on the way from one revision to another: departments first, then people.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cursor {
    target: i64,
    /// What the app has; less than 0: nothing, it gets the whole.
    from: i64,
    at: At,
}

/// Behind which row the walk goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    Department(i64, i64),
    Person(i64, String),
}

impl Cursor {
    fn begin(target: i64, from: i64) -> Self {
        let at = At::Department(from.saturating_add(1), i64::MIN);
        Self { target, from, at }
    }

    fn text(&self) -> String {
        let Self { target, from, at } = self;
        match at {
            At::Department(revision, id) => format!("{target}.{from}.d.{revision}.{id}"),
            At::Person(revision, userid) => format!("{target}.{from}.p.{revision}.{userid}"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(5, '.');
        let target = parts.next()?.parse().ok()?;
        let from = parts.next()?.parse().ok()?;
        let kind = parts.next()?;
        let revision = parts.next()?.parse().ok()?;
        let id = parts.next()?;
        let at = match kind {
            "d" => At::Department(revision, id.parse().ok()?),
            "p" if is_text(id) => At::Person(revision, id.to_owned()),
            _ => return None,
        };
        Some(Self { target, from, at })
    }
}

/// A part as it goes out: the rows are JSON already.
#[derive(Default, Serialize)]
struct Part {
    revision: i64,
    whole: bool,
    departments: Vec<Box<RawValue>>,
    people: Vec<Box<RawValue>>,
    departments_gone: Vec<i64>,
    people_gone: Vec<String>,
    more: Option<String>,
}

/// Whether a full part was read, so that more may follow.
fn is_full(rows: usize) -> bool {
    i64::try_from(rows).is_ok_and(|rows| rows >= PART)
}

fn raw(body: String) -> Result<Box<RawValue>, Problem> {
    RawValue::from_string(body).map_err(|_| Problem::with(Refusal::Internal, "a row is no JSON"))
}

async fn begin(bridge: &Bridge, since: i64) -> Result<Cursor, Problem> {
    let target = bridge.db.number(REVISION).await?;
    let remembered = bridge.clock.now().saturating_sub(REMEMBERED);
    let oldest = remembered.max(bridge.db.number(WHOLE).await?);
    let known = since > oldest && (1..=target).contains(&since);
    Ok(Cursor::begin(target, if known { since } else { -1 }))
}

async fn part(bridge: &Bridge, ask: &Ask) -> Result<Part, Problem> {
    let mut cursor = if ask.after.is_empty() {
        begin(bridge, ask.since).await?
    } else {
        Cursor::parse(&ask.after).ok_or_else(|| Problem::with(Refusal::Malformed, "after"))?
    };
    let whole = cursor.from < 0;
    let mut part = Part {
        revision: cursor.target,
        whole,
        ..Part::default()
    };
    // A first reading that is being written has no revision yet: half of it would be taken for all.
    if cursor.from >= cursor.target || cursor.target == 0 {
        return Ok(part);
    }
    if let At::Department(revision, id) = cursor.at {
        let rows = bridge.db.departments_after(revision, id, !whole, PART).await?;
        let full = is_full(rows.len());
        for (id, revision, body) in rows {
            cursor.at = At::Department(revision, id);
            if body.is_empty() {
                part.departments_gone.push(id);
            } else {
                part.departments.push(raw(body)?);
            }
        }
        if full {
            part.more = Some(cursor.text());
            return Ok(part);
        }
        cursor.at = At::Person(cursor.from.saturating_add(1), String::new());
    }
    if let At::Person(revision, userid) = cursor.at.clone() {
        let rows = bridge.db.people_after(revision, &userid, !whole, PART).await?;
        let full = is_full(rows.len());
        for (userid, revision, body) in rows {
            cursor.at = At::Person(revision, userid.clone());
            if body.is_empty() {
                part.people_gone.push(userid);
            } else {
                part.people.push(raw(body)?);
            }
        }
        part.more = full.then(|| cursor.text());
    }
    Ok(part)
}

/// The directory, or what changed of it.
#[utoipa::path(
    get,
    path = "/api/directory",
    operation_id = "directory",
    params(
        ("since" = Option<i64>, Query, description = "The revision that is there; 0 for all."),
        ("after" = Option<String>, Query, description = "`more` of the part before."),
    ),
    responses((status = 200, description = "A signed `DirectoryPart`.", body = Signed)),
    security(("session" = []))
)]
pub async fn directory(
    State(bridge): State<Arc<Bridge>>,
    Caller(_): Caller,
    ask: Result<Query<Ask>, QueryRejection>,
) -> Result<Json<Signed>, Problem> {
    let Query(ask) = ask?;
    if ask.after.len() > 200 {
        return Err(Problem::with(Refusal::Malformed, "after"));
    }
    let part = part(&bridge, &ask).await?;
    let payload = serde_json::to_string(&part).map_err(|_| Problem::with(Refusal::Internal, "a part"))?;
    let signature = bridge.keys.sign(DIRECTORY, &payload);
    Ok(Json(Signed { payload, signature }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_what_it_wrote_also_with_dots_in_a_userid() {
        for cursor in [
            Cursor {
                target: 7,
                from: -1,
                at: At::Person(5, "zhang.san".into()),
            },
            Cursor::begin(9, 3),
        ] {
            assert_eq!(Cursor::parse(&cursor.text()), Some(cursor));
        }
        for wrong in [
            "",
            "1",
            "x.1.p.1.a",
            "1.a.p.1.a",
            "1.1.q.1.a",
            "1.1.d.1.a",
            "1.1.p.1.a\0",
        ] {
            assert_eq!(Cursor::parse(wrong), None, "{wrong}");
        }
    }
}

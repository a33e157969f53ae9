//! Timed work: all of the directory once a night, and at once whatever a callback named. Of several replicas one does
//! it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::tz::TimeZone;
use qiyou_bridge_api::Department;
use qiyou_wecom::{Error, Kind, User};

use super::facts::{Facts, gone};
use super::serve::REMEMBERED;
use super::write::{self, Written};
use super::{NEXT, READ, REVISION, accounts, leave};
use crate::db::events::{Reread, What};
use crate::serve::Bridge;

/// Between two looks at the clock.
const TICK: Duration = Duration::from_millis(500);
/// After something that failed and may soon be well.
const TROUBLE: Duration = Duration::from_secs(5);
/// How long one replica reads all of it alone, in seconds.
const WHOLE_LEASE: i64 = 1800;
/// How long one replica reads what is due alone, in seconds.
const DUE_LEASE: i64 = 60;
/// After a reading that failed, in seconds.
const AGAIN: i64 = 300;
/// After a reading that missed too many, in seconds.
const ASIDE: i64 = 900;
/// Departments that are read at the same time.
const AT_ONCE: usize = 4;
/// Members whom the departments do not show that are looked at one by one.
const GAPS: usize = 2000;
/// What is read again in one go.
const DUE: i64 = 50;
/// Between two looks at somebody who left, in seconds: both and the signing out are within a minute.
const LOOK_AGAIN: i64 = 20;
/// The hours of the night in which all is read.
const NIGHT: std::ops::Range<i8> = 1..5;

/// Reads until it is dropped.
pub async fn run(bridge: Arc<Bridge>) {
    tokio::join!(nightly(&bridge), promptly(&bridge));
}

async fn nightly(bridge: &Bridge) {
    // The database is asked again only when this is over.
    let mut next = 0;
    loop {
        let mut pause = TICK;
        if bridge.clock.now() >= next {
            match whole_if_due(bridge).await {
                Ok(said) => next = said,
                Err(error) => {
                    tracing::warn!(target: "directory", "not read: {error:#}");
                    pause = TROUBLE;
                }
            }
        }
        tokio::time::sleep(pause).await;
    }
}

/// Reads all of it, if it is due and no other replica does. When it is due next.
async fn whole_if_due(bridge: &Bridge) -> anyhow::Result<i64> {
    let (db, now) = (&bridge.db, bridge.clock.now());
    let next = db.number(NEXT).await?;
    if now < next || !db.lease("directory", &bridge.replica, now, WHOLE_LEASE).await? {
        return Ok(next);
    }
    // Another replica may have read it between the look and the lease.
    let next = db.number(NEXT).await?;
    if now < next {
        db.release("directory", &bridge.replica).await?;
        return Ok(next);
    }
    let result = whole(bridge).await;
    let now = bridge.clock.now();
    let next = match &result {
        Ok(written) if written.aside => now.saturating_add(ASIDE),
        Ok(_) => next_night(now),
        Err(_) => now.saturating_add(AGAIN),
    };
    db.set_note(NEXT, &next.to_string()).await?;
    db.release("directory", &bridge.replica).await?;
    bridge.metrics.directory(result.is_ok(), db.headcount().await?);
    result.map(|_| next)
}

/// A moment of the coming night, another for each company, so that not all ask WeCom at the same time.
fn next_night(now: i64) -> i64 {
    let jitter = rand::random_range(0..3600);
    let Ok(time) = jiff::Timestamp::from_second(now) else {
        return now.saturating_add(24 * 3600);
    };
    let hour = time.to_zoned(TimeZone::system()).hour();
    let hours = i64::from((24_i8.saturating_sub(hour).saturating_add(NIGHT.start)) % 24);
    let hours = if hours < 6 { hours.saturating_add(24) } else { hours };
    now.saturating_add(hours.saturating_mul(3600)).saturating_add(jitter)
}

fn department(read: qiyou_wecom::Department) -> Department {
    let qiyou_wecom::Department {
        id,
        name,
        parent,
        order,
        ..
    } = read;
    Department {
        name: if name.is_empty() { id.to_string() } else { name },
        id,
        parent,
        order,
    }
}

/// Reads departments, members, gaps and accounts, and writes what changed.
pub async fn whole(bridge: &Bridge) -> anyhow::Result<Written> {
    let began = std::time::Instant::now();
    let since = bridge.db.number(REVISION).await?;
    let departments: Vec<Department> = bridge
        .wecom
        .departments()
        .await
        .context("read the departments")?
        .into_iter()
        .map(department)
        .collect();
    let ids: Vec<i64> = departments.iter().map(|department| department.id).collect();
    let users: Vec<Vec<User>> = stream::iter(ids)
        .map(|id| users(bridge, id))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
        .context("read the members")?;
    // Upper and lower case are the same member.
    let mut members: HashMap<String, Facts> = HashMap::new();
    for user in users.into_iter().flatten() {
        let facts = Facts::of(&bridge.config, user);
        members.insert(facts.userid.to_lowercase(), facts);
    }
    for userid in gaps(bridge, &members).await {
        if let Ok(user) = bridge.wecom.user(&userid).await {
            members.insert(userid.to_lowercase(), Facts::of(&bridge.config, user));
        }
    }
    let accounts = accounts::read(bridge).await?;
    bridge
        .db
        .replace_accounts(&accounts)
        .await
        .context("keep the accounts")?;
    let members: Vec<Facts> = members.into_values().collect();
    let now = bridge.clock.now();
    for facts in &members {
        // Whoever left while no callback came is looked at as if one had come.
        if gone(facts.status).is_some() && bridge.db.member(&facts.userid).await?.is_some() {
            bridge.db.ask_again(&What::User(facts.userid.clone()), now).await?;
        }
    }
    let written = write::whole(bridge, &departments, &members, &accounts, since)
        .await
        .context("keep the directory")?;
    bridge.db.set_note(READ, &now.to_string()).await?;
    bridge.db.forget_gone(now.saturating_sub(REMEMBERED)).await?;
    tracing::info!(
        target: "directory", members = members.len(), departments = departments.len(), accounts = accounts.len(),
        people_changed = written.people, departments_changed = written.departments,
        ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX), "read"
    );
    Ok(written)
}

/// The members of a department. One that went out of scope since the list was read has none.
async fn users(bridge: &Bridge, department: i64) -> Result<Vec<User>, Error> {
    match bridge.wecom.users(department).await {
        Err(Error::Code {
            code: 60003 | 60011, ..
        }) => Ok(Vec::new()),
        other => other,
    }
}

/// Members of whom the contact-sync assistant knows and the departments do not. Without it, or when it is refused, none.
async fn gaps(bridge: &Bridge, members: &HashMap<String, Facts>) -> Vec<String> {
    let Some(contacts) = &bridge.contacts else {
        return Vec::new();
    };
    let mut missing: Vec<String> = Vec::new();
    let mut cursor = String::new();
    // Bounded: 10,000 rows at a time.
    for _ in 0..200 {
        match contacts.user_ids(&cursor).await {
            Ok(part) => {
                missing.extend(
                    part.rows
                        .into_iter()
                        .map(|(userid, _)| userid)
                        .filter(|userid| !members.contains_key(&userid.to_lowercase())),
                );
                if part.next.is_empty() {
                    break;
                }
                cursor = part.next;
            }
            Err(error) => {
                tracing::warn!(target: "directory", %error, "the list of all members was not read");
                break;
            }
        }
    }
    missing.sort();
    missing.dedup();
    if missing.len() > GAPS {
        tracing::warn!(
            target: "directory", count = missing.len(),
            "the application sees so many members less than the company has: its visible range is smaller"
        );
        missing.clear();
    }
    missing
}

async fn promptly(bridge: &Bridge) {
    loop {
        let due = bridge.db.due(bridge.clock.now(), DUE).await;
        let done = match due {
            Ok(due) if !due.is_empty() => reread(bridge, &due).await,
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        let pause = match done {
            Ok(()) => TICK,
            Err(error) => {
                tracing::warn!(target: "directory", %error, "the database does not answer");
                TROUBLE
            }
        };
        tokio::select! {
            () = bridge.wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// What WeCom says of somebody now.
enum Look {
    There(Box<Facts>),
    /// Left or disabled, or deleted as a callback said and WeCom knows them no longer.
    Left(Option<Box<Facts>>, &'static str),
    /// Not to be seen by this application; nobody says that they left.
    Unseen,
    /// WeCom could not be asked.
    Later(Error),
}

async fn look(bridge: &Bridge, userid: &str, deleted: bool) -> Look {
    match bridge.wecom.user(userid).await {
        Ok(user) => {
            let facts = Box::new(Facts::of(&bridge.config, user));
            match gone(facts.status) {
                Some(why) => Look::Left(Some(facts), why),
                None => Look::There(facts),
            }
        }
        // Scope, quota and token never count: only that there is no such member.
        Err(Error::Code {
            code: 60111 | 46004 | 40003,
            ..
        }) if deleted => Look::Left(None, "deleted"),
        Err(error) if error.kind() == Kind::Member => Look::Unseen,
        Err(error) => Look::Later(error),
    }
}

async fn reread(bridge: &Bridge, due: &[Reread]) -> Result<(), sqlx::Error> {
    let now = bridge.clock.now();
    if !bridge.db.lease("reread", &bridge.replica, now, DUE_LEASE).await? {
        return Ok(());
    }
    let (mut read, mut no_longer, mut left, mut done) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut tree = false;
    for entry in due {
        let What::User(userid) = &entry.what else {
            tree = true;
            done.push(entry);
            continue;
        };
        match look(bridge, userid, entry.deleted).await {
            Look::There(facts) => {
                bridge.db.came_back(userid).await?;
                bridge.db.set_status(userid, facts.status).await?;
                read.push(*facts);
                done.push(entry);
            }
            Look::Left(facts, why) => {
                match facts {
                    Some(facts) => {
                        bridge.db.set_status(userid, facts.status).await?;
                        read.push(*facts);
                    }
                    None => no_longer.push(userid.clone()),
                }
                if entry.looks == 0 {
                    bridge.db.later(entry, now.saturating_add(LOOK_AGAIN), 1).await?;
                } else {
                    left.push((userid.clone(), why));
                    done.push(entry);
                }
            }
            Look::Unseen => {
                no_longer.push(userid.clone());
                done.push(entry);
            }
            Look::Later(error) => {
                tracing::warn!(target: "directory", userid, %error, "could not be read again");
                bridge
                    .db
                    .later(entry, now.saturating_add(LOOK_AGAIN), entry.looks)
                    .await?;
            }
        }
    }
    if tree {
        match bridge.wecom.departments().await {
            Ok(departments) => {
                let departments: Vec<Department> = departments.into_iter().map(department).collect();
                write::tree(bridge, &departments).await?;
            }
            Err(error) => {
                tracing::warn!(target: "directory", %error, "the departments could not be read again");
                bridge
                    .db
                    .ask_again(&What::Departments, now.saturating_add(LOOK_AGAIN))
                    .await?;
            }
        }
    }
    write::some(bridge, read, &no_longer).await?;
    leave::leave(bridge, &left).await?;
    for entry in done {
        bridge.db.was_read(entry).await?;
    }
    bridge.db.release("reread", &bridge.replica).await
}

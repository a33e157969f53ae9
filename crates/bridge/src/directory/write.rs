//! From what was read to rows with a revision. What did not change is not written.

use std::collections::{HashMap, HashSet};

use qiyou_bridge_api::{Department, Proof};
use qiyou_wecom::User;

use super::facts::{Facts, View};
use super::join::{Account, Found, Member, Rule, join};
use super::{REVISION, SHRUNK, WITHHELD};
use crate::db::directory::{AccountRow, By, DepartmentRow, PersonRow};
use crate::db::notices::Notice;
use crate::serve::Bridge;

/// A reading that misses more than half of at least so many people is believed the second time.
const FEW: usize = 20;

/// What a writing came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub people: usize,
    pub departments: usize,
    /// Put aside: too many were missing.
    pub aside: bool,
}

fn rule(bridge: &Bridge, withheld: bool) -> Rule {
    Rule {
        keys: bridge
            .config
            .accounts
            .as_ref()
            .is_some_and(|accounts| accounts.confirmed),
        withheld,
    }
}

fn found(
    members: &[Facts],
    accounts: &[AccountRow],
    sworn: &HashMap<String, (String, Proof)>,
    rule: Rule,
) -> Vec<Found> {
    let members: Vec<Member<'_>> = members
        .iter()
        .map(|facts| Member {
            userid: &facts.userid,
            job: &facts.job,
            told: &facts.told,
        })
        .collect();
    let accounts: Vec<Account<'_>> = accounts.iter().map(Account::from).collect();
    join(&members, &accounts, sworn, rule)
}

/// The row of a member, if it is another than the one before.
fn row(before: Option<&PersonRow>, facts: &Facts, found: &Found, view: &View, revision: i64) -> Option<PersonRow> {
    let text = |person| serde_json::to_string(&person).unwrap_or_default();
    let mut row = PersonRow {
        userid: facts.userid.clone(),
        revision,
        body: view.person(facts, found).map(text).unwrap_or_default(),
        facts: serde_json::to_string(facts).unwrap_or_default(),
        job: facts.job.clone(),
        told: facts.told.clone(),
        address: found.as_ref().ok().cloned(),
    };
    if let Some(before) = before {
        // What apps do not see moves no revision.
        if before.body == row.body {
            row.revision = before.revision;
        }
        if *before == row {
            return None;
        }
    } else if row.body.is_empty() {
        row.revision = 0;
    }
    Some(row)
}

/// Somebody whom WeCom names no longer.
fn gone(before: &PersonRow, revision: i64) -> Option<PersonRow> {
    let was_seen = !before.body.is_empty();
    (was_seen || !before.facts.is_empty()).then(|| PersonRow {
        userid: before.userid.clone(),
        revision: if was_seen { revision } else { before.revision },
        ..PersonRow::default()
    })
}

fn facts_of(row: &PersonRow) -> Option<Facts> {
    let facts: Facts = serde_json::from_str(&row.facts).ok()?;
    Some(Facts {
        job: row.job.clone(),
        told: row.told.clone(),
        ..facts
    })
}

/// The next revision: never one that was out before, also after a database was restored from a backup.
fn next(bridge: &Bridge, last: i64) -> i64 {
    last.saturating_add(1).max(bridge.clock.now())
}

async fn departments(
    bridge: &Bridge,
    read: &[Department],
    view: &View,
    revision: i64,
) -> Result<Vec<DepartmentRow>, sqlx::Error> {
    let mut before: HashMap<i64, DepartmentRow> = bridge
        .db
        .departments()
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let mut changed = Vec::new();
    for department in read.iter().filter(|department| view.shows(department.id)) {
        let body = serde_json::to_string(department).unwrap_or_default();
        let id = department.id;
        if before.remove(&id).is_none_or(|row| row.body != body) {
            changed.push(DepartmentRow { id, revision, body });
        }
    }
    changed.extend(before.into_values().filter(|row| !row.body.is_empty()).map(|row| {
        let id = row.id;
        DepartmentRow {
            id,
            revision,
            body: String::new(),
        }
    }));
    Ok(changed)
}

/// All of it was read: what is not there is gone. `since` is the revision that was current when the reading began: who
/// changed after that was read anew meanwhile, and is left as they are.
pub async fn whole(
    bridge: &Bridge,
    read: &[Department],
    members: &[Facts],
    accounts: &[AccountRow],
    since: i64,
) -> Result<Written, sqlx::Error> {
    let db = &bridge.db;
    let before: HashMap<String, PersonRow> = db
        .people()
        .await?
        .into_iter()
        .map(|row| (row.userid.clone(), row))
        .collect();
    let there = before.values().filter(|row| !row.body.is_empty()).count();
    if there >= FEW && members.len() < there / 2 && db.number(SHRUNK).await? == 0 {
        tracing::warn!(
            target: "directory", before = there, now = members.len(),
            "more than half of the people are missing; this is believed when the next reading says the same"
        );
        db.set_note(SHRUNK, "1").await?;
        return Ok(Written {
            aside: true,
            ..Written::default()
        });
    }
    let revision = next(bridge, db.number(REVISION).await?);
    let withheld = !members.iter().any(|facts| facts.tells);
    let view = View::new(&bridge.config, read);
    let found = found(members, accounts, &db.sworn().await?, rule(bridge, withheld));
    let named: HashSet<&str> = members.iter().map(|facts| facts.userid.as_str()).collect();
    let current = |userid: &str| before.get(userid).is_some_and(|row| row.revision > since);
    let mut people: Vec<PersonRow> = members
        .iter()
        .zip(&found)
        .filter(|(facts, _)| !current(&facts.userid))
        .filter_map(|(facts, found)| row(before.get(&facts.userid), facts, found, &view, revision))
        .collect();
    people.extend(
        before
            .values()
            .filter(|row| !named.contains(row.userid.as_str()) && !current(&row.userid))
            .filter_map(|row| gone(row, revision)),
    );
    let departments = departments(bridge, read, &view, revision).await?;
    db.write_departments(&departments).await?;
    db.write_people(&people).await?;
    db.set_note(WITHHELD, if withheld { "1" } else { "0" }).await?;
    db.set_note(SHRUNK, "0").await?;
    publish(bridge, &people, &departments, revision).await
}

/// The departments alone were read.
pub async fn tree(bridge: &Bridge, read: &[Department]) -> Result<Written, sqlx::Error> {
    let revision = next(bridge, bridge.db.number(REVISION).await?);
    let view = View::new(&bridge.config, read);
    let departments = departments(bridge, read, &view, revision).await?;
    bridge.db.write_departments(&departments).await?;
    publish(bridge, &[], &departments, revision).await
}

/// Some were read, others are no longer named. With them go all whom their keys and addresses concern.
pub async fn some(bridge: &Bridge, read: Vec<Facts>, no_longer: &[String]) -> Result<Written, sqlx::Error> {
    let db = &bridge.db;
    let revision = next(bridge, db.number(REVISION).await?);
    let mut before: HashMap<String, PersonRow> = HashMap::new();
    for userid in read.iter().map(|facts| &facts.userid).chain(no_longer) {
        before.extend(db.person(userid).await?.map(|row| (row.userid.clone(), row)));
    }
    // Whom it concerns: those with a key or an address that one of them has, had, or gets by their key.
    let keys: HashSet<String> = before
        .values()
        .map(|row| row.job.clone())
        .chain(read.iter().map(|facts| facts.job.clone()))
        .filter(|job| !job.is_empty())
        .collect();
    let mut accounts: Vec<AccountRow> = Vec::new();
    for key in &keys {
        accounts.extend(db.accounts_of(key).await?);
    }
    let sworn = db.sworn().await?;
    let addresses: HashSet<String> = before
        .values()
        .filter_map(|row| Some(row.address.as_ref()?.0.clone()))
        .chain(
            read.iter()
                .filter_map(|facts| Some(sworn.get(&facts.userid)?.0.clone())),
        )
        .chain(read.iter().map(|facts| facts.told.clone()))
        .chain(accounts.iter().map(|account| account.address.clone()))
        .filter(|address| !address.is_empty())
        .collect();
    for key in &keys {
        for row in db.people_by(By::Job, key).await? {
            before.entry(row.userid.clone()).or_insert(row);
        }
    }
    for address in &addresses {
        for by in [By::Told, By::Address] {
            for row in db.people_by(by, address).await? {
                before.entry(row.userid.clone()).or_insert(row);
            }
        }
    }
    let mut members: HashMap<String, Facts> = before
        .values()
        .filter_map(facts_of)
        .map(|facts| (facts.userid.clone(), facts))
        .collect();
    members.extend(read.into_iter().map(|facts| (facts.userid.clone(), facts)));
    for userid in no_longer {
        members.remove(userid);
    }
    // The keys of those who came in by an address, too.
    for key in members.values().map(|facts| &facts.job) {
        if !key.is_empty() && !keys.contains(key) {
            accounts.extend(db.accounts_of(key).await?);
        }
    }
    let tree: Vec<Department> = db
        .departments()
        .await?
        .iter()
        .filter_map(|row| serde_json::from_str(&row.body).ok())
        .collect();
    let view = View::new(&bridge.config, &tree);
    let withheld = db.number(WITHHELD).await? == 1;
    let members: Vec<Facts> = members.into_values().collect();
    let found = found(&members, &accounts, &sworn, rule(bridge, withheld));
    let mut people: Vec<PersonRow> = members
        .iter()
        .zip(&found)
        .filter_map(|(facts, found)| row(before.get(&facts.userid), facts, found, &view, revision))
        .collect();
    people.extend(
        no_longer
            .iter()
            .filter_map(|userid| before.get(userid))
            .filter_map(|row| gone(row, revision)),
    );
    db.write_people(&people).await?;
    publish(bridge, &people, &[], revision).await
}

/// Somebody came from WeCom, which just said what it knows of them: where that is news, the directory has it at once.
/// Who is not in it is left to the readings.
pub async fn seen(bridge: &Bridge, user: &User) -> Result<(), sqlx::Error> {
    if !bridge.config.directory.enabled {
        return Ok(());
    }
    let Some(row) = bridge.db.person(&user.userid).await? else {
        return Ok(());
    };
    let facts = Facts::of(&bridge.config, user.clone());
    let text = serde_json::to_string(&facts).unwrap_or_default();
    if (&row.told, &row.job, &row.facts) != (&facts.told, &facts.job, &text) {
        some(bridge, vec![facts], &[]).await?;
    }
    Ok(())
}

/// What was written is out from here on.
async fn publish(
    bridge: &Bridge,
    people: &[PersonRow],
    departments: &[DepartmentRow],
    revision: i64,
) -> Result<Written, sqlx::Error> {
    let seen = people.iter().filter(|row| row.revision == revision).count();
    if seen > 0 || !departments.is_empty() {
        bridge.db.set_note(REVISION, &revision.to_string()).await?;
        bridge.db.tell(&Notice::Directory, "", bridge.clock.now()).await?;
    }
    Ok(Written {
        people: seen,
        departments: departments.len(),
        aside: false,
    })
}

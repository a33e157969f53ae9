//! Where in the enterprise somebody stands: how far departments are from their own, and who is near.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use qiyou_people::key::Key;
use qiyou_store::directory::{self, PersonId};
use qiyou_store::{Connection, Result};

use super::person_keys;
use crate::engine::locked;

/// Colleagues near oneself that are always looked at, so that a single letter finds them among ten thousand.
const NEAR: usize = 200;
/// Steps in the tree within which somebody is near.
const WITHIN: u8 = 4;
/// Departments above each other.
const DEEPEST: u8 = 20;

/// Somebody near.
pub(crate) struct Near {
    pub(crate) id: PersonId,
    pub(crate) department: i64,
    pub(crate) keys: Vec<Key>,
}

/// Where the member who signed in stands.
#[derive(Default)]
pub(crate) struct Around {
    /// There is no directory.
    pub(crate) nobody: bool,
    parents: HashMap<i64, i64>,
    /// Own departments and those above them, with the steps to get there.
    above: HashMap<i64, u8>,
    pub(crate) near: Vec<Near>,
}

impl Around {
    /// Reads it.
    pub(crate) fn read(conn: &Connection) -> Result<Self> {
        let mut around = Self {
            nobody: directory::is_empty(conn)?,
            ..Self::default()
        };
        if around.nobody {
            return Ok(around);
        }
        let own = directory::own(conn)?;
        let Some(me) = directory::person_called(conn, &own)?.map(|stored| stored.person) else {
            return Ok(around);
        };
        around.parents = directory::parents(conn)?.into_iter().collect();
        for department in &me.departments {
            let mut at = *department;
            for steps in 0..DEEPEST {
                let known = around.above.entry(at).or_insert(steps);
                *known = (*known).min(steps);
                match around.parents.get(&at) {
                    Some(parent) => at = *parent,
                    None => break,
                }
            }
        }
        let mut departments: Vec<(u8, i64)> = around
            .parents
            .keys()
            .filter_map(|id| {
                around
                    .steps(*id)
                    .filter(|steps| *steps <= WITHIN)
                    .map(|steps| (steps, *id))
            })
            .collect();
        departments.sort_unstable();
        let mut seen = HashSet::new();
        for (_, department) in departments {
            let left = NEAR.saturating_sub(around.near.len());
            if left == 0 {
                break;
            }
            for id in directory::members(conn, department, false, left)? {
                if seen.insert(id)
                    && let Some(stored) = directory::person(conn, id)?
                {
                    around.near.push(Near {
                        id,
                        department,
                        keys: person_keys(&stored.person),
                    });
                }
            }
        }
        Ok(around)
    }

    /// Steps in the tree from the nearest of one's own departments: 0 is one's own, 1 above or below it, 2 beside it.
    /// Nothing where one stands nowhere.
    pub(crate) fn steps(&self, department: i64) -> Option<u8> {
        let mut at = department;
        for steps in 0..DEEPEST {
            if let Some(up) = self.above.get(&at) {
                return Some(steps.saturating_add(*up));
            }
            at = *self.parents.get(&at)?;
        }
        None
    }
}

/// What was read last.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Last>);

#[derive(Default)]
struct Last {
    around: Option<Arc<Around>>,
    /// Counts how often it was forgotten: what was read before the last time is not kept any more.
    forgotten: u64,
}

impl Kept {
    /// It is read anew when somebody asks.
    pub(crate) fn forget(&self) {
        let mut last = locked(&self.0);
        last.around = None;
        last.forgotten = last.forgotten.wrapping_add(1);
    }

    /// What is kept, and the mark to keep anew by.
    pub(crate) fn get(&self) -> (Option<Arc<Around>>, u64) {
        let last = locked(&self.0);
        (last.around.clone(), last.forgotten)
    }

    pub(crate) fn keep(&self, around: &Arc<Around>, mark: u64) {
        let mut last = locked(&self.0);
        if last.forgotten == mark {
            last.around = Some(Arc::clone(around));
        }
    }
}

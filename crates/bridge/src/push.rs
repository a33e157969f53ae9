//! Apps that listen, and what they are told: that there may be new mail, another directory, the end of a session.
//!
//! ```text
//! NetEase -> POST /netease/push/… -> Hub -> GET /api/events -> app: looks
//! directory, sessions, commands -> table "notice" -> each replica's Hub ----^
//! ```
//!
//! What is told is only where to look. Whoever was not listening looks by themselves when they come back.

pub mod netease;
pub mod serve;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::db::notices::Notice;
use crate::serve::Bridge;

pub use netease::Mailboxes;

/// Between two looks at what other replicas and commands told.
const TICK: Duration = Duration::from_millis(500);
/// After the database did not answer.
const TROUBLE: Duration = Duration::from_secs(5);

/// What one app has not been told yet. Things add up: none is queued twice, so that a flood takes no memory.
#[derive(Default)]
struct Waiting {
    mail: BTreeSet<String>,
    directory: bool,
    session: bool,
    /// The same session listens on another line.
    replaced: bool,
}

/// One app that listens.
struct Ear {
    session: String,
    waiting: Mutex<Waiting>,
    bell: Notify,
}

impl Ear {
    fn add(&self, change: impl FnOnce(&mut Waiting)) {
        change(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        self.bell.notify_one();
    }

    fn take(&self) -> Waiting {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Mailboxes of one member that are remembered for an app that does not read.
const MAILBOXES: usize = 16;

/// Everybody who listens at this replica.
#[derive(Default)]
pub struct Hub {
    ears: Mutex<Ears>,
}

#[derive(Default)]
struct Ears {
    /// By userid, in lower case.
    members: HashMap<String, Vec<Arc<Ear>>>,
    /// Asked for with each line and each word of the directory: too often to be counted anew.
    count: usize,
}

/// One line's place in the hub, given back at its end.
struct Place {
    bridge: Arc<Bridge>,
    userid: String,
    ear: Arc<Ear>,
}

impl Hub {
    fn ears(&self) -> MutexGuard<'_, Ears> {
        self.ears.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells those whom it concerns.
    pub fn tell(&self, notice: &Notice) {
        let ears = self.ears();
        let of = |userid: &str| ears.members.get(&userid.to_lowercase()).into_iter().flatten();
        match notice {
            Notice::Mail { userid, address } => of(userid).for_each(|ear| {
                ear.add(|waiting| {
                    if waiting.mail.len() < MAILBOXES {
                        waiting.mail.insert(address.clone());
                    }
                });
            }),
            Notice::Session { userid } => of(userid).for_each(|ear| ear.add(|waiting| waiting.session = true)),
            Notice::Directory => ears
                .members
                .values()
                .flatten()
                .for_each(|ear| ear.add(|waiting| waiting.directory = true)),
        }
    }

    /// Whether an app of this member listens here.
    pub fn listens(&self, userid: &str) -> bool {
        self.ears().members.contains_key(&userid.to_lowercase())
    }

    /// How many apps listen here.
    pub fn count(&self) -> usize {
        self.ears().count
    }

    fn enter(&self, userid: &str, session: &str) -> Arc<Ear> {
        let ear = Arc::new(Ear {
            session: session.to_owned(),
            waiting: Mutex::default(),
            bell: Notify::new(),
        });
        let mut ears = self.ears();
        let theirs = ears.members.entry(userid.to_lowercase()).or_default();
        for old in theirs.iter().filter(|old| old.session == session) {
            old.add(|waiting| waiting.replaced = true);
        }
        theirs.push(Arc::clone(&ear));
        ears.count = ears.count.saturating_add(1);
        ear
    }

    fn leave(&self, userid: &str, ear: &Arc<Ear>) {
        let mut ears = self.ears();
        let userid = userid.to_lowercase();
        if let Some(theirs) = ears.members.get_mut(&userid) {
            theirs.retain(|other| !Arc::ptr_eq(other, ear));
            if theirs.is_empty() {
                ears.members.remove(&userid);
            }
            ears.count = ears.count.saturating_sub(1);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.bridge.hub.leave(&self.userid, &self.ear);
    }
}

/// Hears what other replicas and commands tell, and tells those who listen here.
pub async fn hear(bridge: Arc<Bridge>) {
    let mut known: HashSet<String> = HashSet::new();
    loop {
        let mut pause = TICK;
        match bridge.db.told(&bridge.replica, bridge.clock.now()).await {
            Ok(told) => {
                for (id, notice) in &told {
                    if let Some(notice) = notice
                        && !known.contains(id)
                    {
                        bridge.hub.tell(notice);
                    }
                }
                // What is read no longer is too old to come again.
                known = told.into_iter().map(|(id, _)| id).collect();
            }
            Err(error) => {
                tracing::warn!(target: "bridge", %error, "the database does not answer");
                pause = TROUBLE;
            }
        }
        bridge.metrics.lines(bridge.hub.count());
        tokio::time::sleep(pause).await;
    }
}

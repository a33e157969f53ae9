//! Completion: people of the mails that are here, of the address book and of the enterprise.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};

use qiyou_api::{Address, ApiError, CompleteParams, Contact, ContactGroup, Person};
use qiyou_people::key::Query;
use qiyou_people::{Found, Index, Known, Meeting, Typing};
use qiyou_store::directory::{self, PersonId, StoredPerson};
use qiyou_store::{Connection, Durability, contacts, people};

use crate::directory::{Around, Hit, Rank, search};
use crate::engine::{Engine, locked, store_error};

/// Mails that are looked at in one transaction.
const STEP: u32 = 500;
/// People that are held in memory.
const MOST: u32 = 30_000;

/// The people that were read last.
#[derive(Default)]
pub(crate) struct People {
    index: Mutex<Option<Arc<Index>>>,
    /// One gathers at a time.
    gathering: tokio::sync::Mutex<()>,
}

impl People {
    /// They are read anew when somebody asks.
    pub(crate) fn forget(&self) {
        *locked(&self.index) = None;
    }
}

/// Those of the mails, as the enterprise calls them, and those of the address book, whose names win, and the book's
/// groups.
fn known(
    met: Vec<people::Counted>,
    names: Vec<(String, String)>,
    contacts: &[Contact],
    groups: Vec<ContactGroup>,
) -> Vec<Known> {
    let mut all: BTreeMap<String, Known> = BTreeMap::new();
    for person in met {
        let known = Known {
            name: person.name,
            address: person.address,
            sent: person.sent,
            received: person.received,
            last: person.last,
            ..Known::default()
        };
        all.insert(known.address.to_lowercase(), known);
    }
    for (address, name) in names {
        if let Some(known) = all.get_mut(&address).filter(|_| !name.is_empty()) {
            known.name = name;
        }
    }
    for contact in contacts {
        for email in &contact.content.emails {
            let known = all.entry(email.to_lowercase()).or_insert_with(|| Known {
                address: email.clone(),
                ..Known::default()
            });
            known.in_book = true;
            if !contact.content.name.is_empty() {
                known.name.clone_from(&contact.content.name);
            }
        }
    }
    let mut all: Vec<Known> = all.into_values().collect();
    for group in groups {
        let members: Vec<(String, String)> = contacts
            .iter()
            .filter(|contact| contact.groups.contains(&group.id))
            .filter_map(|contact| Some((contact.content.name.clone(), contact.content.emails.first()?.clone())))
            .collect();
        if !members.is_empty() {
            all.push(Known {
                name: group.name,
                in_book: true,
                members,
                ..Known::default()
            });
        }
    }
    all
}

/// A row with what it is sorted by: those who are written to stand first, in the order of their use; then who can be
/// chosen, and then who cannot.
struct Row {
    person: Person,
    /// As the directory has them.
    stored: Option<StoredPerson>,
    place: (Place, Rank),
    whole: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Used,
    Known,
    Unreachable,
}

const FIRST: Rank = Rank {
    remote: false,
    steps: 0,
    meeting: Reverse(Meeting::Whole),
};

fn row_of(found: &Found<'_>) -> Row {
    let known = found.known;
    let members = known.members.iter().map(|(name, address)| Address {
        name: name.clone(),
        address: address.clone(),
    });
    let rank = Rank {
        remote: found.meeting == Meeting::Forgiven,
        steps: u8::MAX,
        meeting: Reverse(found.meeting),
    };
    Row {
        person: Person {
            name: known.name.clone(),
            address: known.address.clone(),
            members: members.collect(),
            ..Person::default()
        },
        stored: None,
        place: if found.used {
            (Place::Used, FIRST)
        } else {
            (Place::Known, rank)
        },
        whole: false,
    }
}

/// Both kinds of people, one row for each address.
fn joined(
    conn: &Connection,
    index: &Index,
    around: &Around,
    typed: &str,
    typing: Typing,
    most: usize,
) -> qiyou_store::Result<Vec<Person>> {
    let mut rows: Vec<Row> = Vec::new();
    let mut here: HashSet<PersonId> = HashSet::new();
    for found in index.complete(typed, most, typing) {
        let mut row = row_of(&found);
        let stored = if around.nobody || row.person.address.is_empty() {
            None
        } else {
            directory::person_at(conn, &row.person.address.to_lowercase())?
        };
        if let Some(stored) = stored {
            here.insert(stored.id);
            if !found.known.in_book && !stored.person.name.is_empty() {
                row.person.name.clone_from(&stored.person.name);
            }
            if !found.used {
                let department = stored.person.departments.first().copied().unwrap_or(0);
                row.place.1.steps = around.steps(department).unwrap_or(u8::MAX);
            }
            row.stored = Some(stored);
        }
        rows.push(row);
    }
    let query = Query::new(typed, typing);
    let hits = match &query {
        Some(query) => search(conn, query, around, most.saturating_mul(3))?,
        None => Vec::new(),
    };
    let (mut chosen, mut greyed) = (0_usize, 0_usize);
    for (rank, hit) in hits {
        let whole = rank.meeting == Reverse(Meeting::Whole) && !rank.remote;
        let (person, stored, place) = match hit {
            Hit::Department(id) => {
                let Some(offer) = crate::directory::offer(conn, id)? else {
                    continue;
                };
                let name = offer.path.last().cloned().unwrap_or_default();
                let person = Person {
                    name,
                    department: Some(offer),
                    ..Person::default()
                };
                (person, None, Place::Known)
            }
            Hit::Person(id) => {
                if here.contains(&id) || (chosen >= most && greyed >= most) {
                    continue;
                }
                let Some(stored) = directory::person(conn, id)? else {
                    continue;
                };
                let address = stored.person.address.clone().unwrap_or_default();
                let typed = query.as_ref().and_then(Query::address);
                let as_typed = typed.is_none_or(|typed| address.starts_with(typed));
                let count = if address.is_empty() { &mut greyed } else { &mut chosen };
                if !as_typed || *count >= most {
                    continue;
                }
                *count = count.saturating_add(1);
                let place = if address.is_empty() {
                    Place::Unreachable
                } else {
                    Place::Known
                };
                let person = Person {
                    name: stored.person.name.clone(),
                    address,
                    ..Person::default()
                };
                (person, Some(stored), place)
            }
        };
        rows.push(Row {
            person,
            stored,
            place: (place, rank),
            whole,
        });
    }
    // Stable: the order of use stays, and of equals who was met comes first.
    rows.sort_by_key(|row| row.place);
    let named = rows
        .iter()
        .position(|row| row.place.0 == Place::Unreachable && row.whole);
    if let Some(at) = named.filter(|at| *at >= most && most > 1) {
        // Whoever types a whole name learns why it cannot be written to.
        let row = rows.remove(at);
        rows.insert(most.saturating_sub(1), row);
    }
    rows.truncate(most);
    // Where each of them works is looked up for those who are shown alone.
    rows.into_iter()
        .map(|row| {
            let colleague = row.stored.map(|stored| crate::directory::colleague(conn, &stored));
            Ok(Person {
                colleague: colleague.transpose()?,
                ..row.person
            })
        })
        .collect()
}

impl Engine {
    /// People whose name or address is typed like this: those of the mails and the address book, and colleagues.
    pub async fn complete(&self, params: CompleteParams) -> Result<Vec<Person>, ApiError> {
        let index = self.people().await?;
        let (around, mark) = self.inner.around.get();
        let most = usize::try_from(params.most.min(50)).unwrap_or(0);
        let query: String = params.query.chars().take(100).collect();
        let typing = if self.settings().writing.forgiving {
            Typing::Forgiving
        } else {
            Typing::Exact
        };
        let complete = move |conn: &Connection| {
            let around = match around {
                Some(around) => around,
                None => Arc::new(Around::read(conn)?),
            };
            // One look for all: each statement by itself would take and give back the file's locks.
            let _look = conn.unchecked_transaction()?;
            let found = joined(conn, &index, &around, &query, typing, most)?;
            Ok((found, around))
        };
        let (found, around) = self.inner.store.read(complete).await.map_err(store_error)?;
        self.inner.around.keep(&around, mark);
        Ok(found)
    }

    async fn people(&self) -> Result<Arc<Index>, ApiError> {
        let known = locked(&self.inner.people.index).clone();
        if let Some(known) = known {
            return Ok(known);
        }
        // What is not counted yet is counted behind the answer.
        let engine = self.clone();
        tokio::spawn(async move { engine.gather().await });
        self.read_people().await
    }

    async fn read_people(&self) -> Result<Arc<Index>, ApiError> {
        let now = self.inner.clock.now();
        let read = |conn: &Connection| {
            let names = directory::names_of_written(conn)?;
            let met = people::all(conn, MOST)?;
            Ok((met, names, contacts::all(conn)?, contacts::groups(conn)?))
        };
        let (met, names, contacts, groups) = self.inner.store.read(read).await.map_err(store_error)?;
        let index = Arc::new(Index::new(known(met, names, &contacts, groups), now));
        *locked(&self.inner.people.index) = Some(Arc::clone(&index));
        Ok(index)
    }

    /// Counts the people of mails that came since the last time.
    pub async fn gather(&self) {
        let Ok(_one) = self.inner.people.gathering.try_lock() else {
            return;
        };
        loop {
            match self
                .inner
                .store
                .write(Durability::Normal, |tx| people::gather(tx, STEP))
                .await
            {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "people could not be counted");
                    return;
                }
            }
        }
        let _ = self.read_people().await;
    }
}

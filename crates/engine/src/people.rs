//! Completion: people of the mails that are here and of the address book.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use qiyou_api::{Address, ApiError, CompleteParams, Contact, ContactGroup, Person};
use qiyou_people::{Index, Known, Typing};
use qiyou_store::{Durability, contacts, people};

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

/// Those of the mails and those of the address book, whose names win, and the book's groups.
fn known(met: Vec<people::Counted>, contacts: &[Contact], groups: Vec<ContactGroup>) -> Vec<Known> {
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

impl Engine {
    /// People whose name or address is typed like this.
    pub async fn complete(&self, params: CompleteParams) -> Result<Vec<Person>, ApiError> {
        let index = self.people().await?;
        let most = usize::try_from(params.most.min(50)).unwrap_or(0);
        let query: String = params.query.chars().take(100).collect();
        let found = index.complete(&query, most, Typing::Exact);
        Ok(found
            .into_iter()
            .map(|found| found.known)
            .map(|known| Person {
                name: known.name.clone(),
                address: known.address.clone(),
                members: known
                    .members
                    .iter()
                    .map(|(name, address)| Address {
                        name: name.clone(),
                        address: address.clone(),
                    })
                    .collect(),
            })
            .collect())
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
        let (met, contacts, groups) = self
            .inner
            .store
            .read(|conn| Ok((people::all(conn, MOST)?, contacts::all(conn)?, contacts::groups(conn)?)))
            .await
            .map_err(store_error)?;
        let index = Arc::new(Index::new(known(met, &contacts, groups), now));
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

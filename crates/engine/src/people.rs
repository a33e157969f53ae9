//! Completion: people of the mails that are here.

use std::sync::{Arc, Mutex};

use qiyou_api::{ApiError, CompleteParams, Person};
use qiyou_people::{Index, Known};
use qiyou_store::{Durability, people};

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

impl Engine {
    /// People whose name or address is typed like this.
    pub async fn complete(&self, params: CompleteParams) -> Result<Vec<Person>, ApiError> {
        let index = self.people().await?;
        let most = usize::try_from(params.most.min(50)).unwrap_or(0);
        let query: String = params.query.chars().take(100).collect();
        let found = index.complete(&query, most);
        Ok(found
            .into_iter()
            .map(|known| Person {
                name: known.name.clone(),
                address: known.address.clone(),
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
        let all = self
            .inner
            .store
            .read(|conn| people::all(conn, MOST))
            .await
            .map_err(store_error)?;
        let index = Arc::new(Index::new(
            all.into_iter()
                .map(|person| Known {
                    name: person.name,
                    address: person.address,
                    sent: person.sent,
                    received: person.received,
                    last: person.last,
                })
                .collect(),
            now,
        ));
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

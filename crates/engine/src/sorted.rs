//! Lists in an order that no index has. Their ids are kept while they are looked at, as every window of such a list
//! would otherwise sort it anew.

use std::sync::{Arc, Mutex};

use qiyou_api::{Filter, MailId, Scope, Sort};
use qiyou_store::ordered::{self, Which};
use qiyou_store::{Connection, folders};

use crate::collate;
use crate::engine::locked;
use crate::events::Changes;

/// Which list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) scope: Scope,
    pub(crate) filter: Filter,
    pub(crate) sort: Sort,
}

impl Key {
    /// Whether the store's own indices serve it.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.sort, Sort::Newest | Sort::Oldest) && !matches!(self.scope, Scope::Person { .. })
    }
}

/// A whole list.
#[derive(Debug)]
pub(crate) struct Ids {
    key: Key,
    at: Changes,
    pub(crate) mails: Vec<MailId>,
    pub(crate) unread: u32,
}

/// The list that was asked for last.
#[derive(Default)]
pub(crate) struct Sorted(Mutex<Option<Arc<Ids>>>);

impl Sorted {
    /// The list if it still holds. `now` is taken before the question, so that what changes meanwhile counts.
    pub(crate) fn kept(&self, key: &Key, now: Changes) -> Option<Arc<Ids>> {
        let kept = locked(&self.0);
        let ids = kept.as_ref().filter(|ids| ids.key == *key)?;
        let holds = if key.filter == Filter::All {
            ids.at.rows == now.rows
        } else {
            ids.at == now
        };
        holds.then(|| Arc::clone(ids))
    }

    pub(crate) fn keep(&self, ids: &Arc<Ids>) {
        *locked(&self.0) = Some(Arc::clone(ids));
    }

    pub(crate) fn forget(&self) {
        *locked(&self.0) = None;
    }
}

/// Makes the list.
pub(crate) fn sort(conn: &Connection, key: Key, at: Changes) -> qiyou_store::Result<Ids> {
    let (folders, person) = match &key.scope {
        Scope::Folder { folder } => (vec![folders::get(conn, *folder)?.folder.id], None),
        Scope::Unified => (folders::inboxes(conn)?, None),
        Scope::Person { address } => (folders::searched(conn)?, Some(address.as_str())),
    };
    let which = Which {
        folders: &folders,
        filter: key.filter,
        person,
    };
    let mut entries = ordered::entries(conn, &which, key.sort)?;
    // Stable: equal words stay newest first.
    match key.sort {
        Sort::Subject => {
            for entry in &mut entries {
                entry.word = qiyou_mime::base_subject(&entry.word).to_owned();
            }
            collate::sort(&mut entries, |entry| &entry.word);
        }
        Sort::Sender => collate::sort(&mut entries, |entry| &entry.word),
        Sort::Newest | Sort::Oldest | Sort::Size => {}
    }
    let unread = entries.iter().filter(|entry| entry.unread).count();
    Ok(Ids {
        mails: entries.into_iter().map(|entry| entry.mail).collect(),
        unread: u32::try_from(unread).unwrap_or(u32::MAX),
        key,
        at,
    })
}

//! Which mail is which, when a server's UIDs cannot be trusted.

use std::collections::{HashMap, HashSet};

use qiyou_api::{Event, FolderId, MailId};
use qiyou_imap::{Search, UidSet};
use qiyou_store::folders::{self, StoredFolder};
use qiyou_store::{Durability, mails, operations};

use super::work::{Step, Work};

/// Known mails that are compared at the first SELECT of a session, besides the newest.
const SAMPLE: u32 = 20;

/// What the server says a UID is, comparable with what we remember.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Face {
    pub(crate) size: u32,
    pub(crate) message_id: String,
    /// Only where there is no Message-ID: servers are known to change INTERNALDATE with a copy.
    pub(crate) date: Option<i64>,
}

pub(crate) fn face(size: u32, date: i64, message_id: &str) -> Face {
    Face {
        size,
        message_id: message_id.to_owned(),
        date: message_id.is_empty().then_some(date),
    }
}

impl Work {
    /// The server's faces of some UIDs of the open folder.
    pub(super) async fn faces(&mut self, uids: &UidSet) -> Step<HashMap<u32, Face>> {
        if uids.is_empty() {
            return Ok(HashMap::new());
        }
        let found = self.session.fetch_identity(uids).await?;
        Ok(found
            .into_iter()
            .map(|i| {
                let id = i.message_id.unwrap_or_default();
                let id = id.trim_matches(['<', '>', ' ']);
                (i.uid, face(i.size.unwrap_or(0), i.internal_date.unwrap_or(0), id))
            })
            .collect())
    }

    /// Whether the newest and some random mails of the open folder still are what we remember under their UIDs.
    /// Mails that are gone say nothing.
    pub(super) async fn still_the_same(&mut self, id: FolderId) -> Step<bool> {
        let sample = self
            .context
            .inner
            .store
            .read(move |conn| mails::sample(conn, id, SAMPLE))
            .await?;
        let mut set = UidSet::new();
        for known in &sample {
            set.insert(known.uid);
        }
        let faces = self.faces(&set).await?;
        let other = sample
            .iter()
            .filter(|known| {
                faces
                    .get(&known.uid)
                    .is_some_and(|theirs| *theirs != face(known.size, known.date, &known.message_id))
            })
            .count();
        let gone = sample.iter().filter(|known| !faces.contains_key(&known.uid)).count();
        // All gone at once is no deletion but another numbering.
        Ok(other == 0 && !(sample.len() > 5 && gone == sample.len()))
    }

    /// Finds every known mail of the open folder under its new UID; nothing is downloaded again that is here.
    pub(super) async fn identify_anew(&mut self, folder: &StoredFolder, validity: u32) -> Step<()> {
        let id = folder.folder.id;
        self.backlog.remove(&id);
        let store = self.context.inner.store.clone();
        let uids = self.session.uid_search(&Search::All).await?;
        let mut by_face: HashMap<Face, Vec<u32>> = HashMap::new();
        for chunk in uids.chunks(5000) {
            let mut set = UidSet::new();
            for uid in chunk {
                set.insert(*uid);
            }
            for (uid, face) in self.faces(&set).await? {
                by_face.entry(face).or_default().push(uid);
            }
        }
        for twins in by_face.values_mut() {
            // Popped from the end: the lowest first, as the mails below are sorted.
            twins.sort_unstable_by(|a, b| b.cmp(a));
        }
        let highest = uids.last().copied().unwrap_or(0);
        let (lost, matched) = store
            .write(Durability::Full, move |tx| {
                let mut known = mails::identities(tx, id)?;
                known.sort_unstable_by_key(|identity| identity.uid);
                let mut pairs: Vec<(MailId, u32)> = Vec::new();
                for identity in &known {
                    let face = face(identity.size, identity.date, &identity.message_id);
                    if let Some(uid) = by_face.get_mut(&face).and_then(Vec::pop) {
                        pairs.push((identity.mail, uid));
                    }
                }
                let lost = mails::renumber(tx, id, &pairs)?;
                // Mails on their way out of here wait in operations, not in rows; several may wait for one mail.
                let mut chosen: HashMap<MailId, Option<u32>> = HashMap::new();
                for (operation, target) in operations::targets_in(tx, id)? {
                    if pairs.iter().any(|(mail, _)| *mail == target.mail) {
                        continue;
                    }
                    let found = *chosen.entry(target.mail).or_insert_with(|| {
                        let face = face(target.size, target.date, &target.message_id);
                        by_face.get_mut(&face).and_then(Vec::pop)
                    });
                    match found {
                        Some(uid) => operations::set_uid(tx, operation, target.mail, uid)?,
                        None => operations::finish(tx, operation, &[target.mail])?,
                    }
                }
                let mut folder = folders::get(tx, id)?;
                folder.sync.uidvalidity = validity;
                folder.sync.uidnext = highest.saturating_add(1);
                folder.sync.modseq = 0;
                // What was not known before comes as the rest of a first sync does.
                folder.sync.floor = highest.saturating_add(1);
                folders::set_sync(tx, id, &folder.sync)?;
                Ok((lost, pairs.into_iter().map(|(_, uid)| uid).collect::<HashSet<u32>>()))
            })
            .await?;
        tracing::info!(
            folder = id,
            matched = matched.len(),
            lost = lost.len(),
            "identified anew"
        );
        self.backlog
            .insert(id, uids.into_iter().filter(|uid| !matched.contains(uid)).collect());
        self.unfinished.insert(id);
        if !lost.is_empty() {
            self.context.inner.events.emit(Event::MailRemoved {
                folder: id,
                mails: lost,
            });
        }
        self.context.inner.events.emit(Event::ListChanged { folder: id });
        Ok(())
    }
}

//! Rows: what is new in a folder, what is still to come of it, and what went.

use std::time::Duration;

use qiyou_api::{Event, FolderId, MailId};
use qiyou_imap::{MailboxName, Qresync, Search, SelectOptions, UidSet};
use qiyou_store::folders::{self, StoredFolder, SyncState};
use qiyou_store::mails::{self, NewMail, flag};
use qiyou_store::{Durability, operations};
use tokio::task::JoinHandle;

use super::watch::{Step, Work};
use crate::telling::{Circumstances, Tell, decide};

/// Rows that a first sync shows at once.
const FIRST: usize = 100;
/// Rows of one request while a folder fills.
const CHUNK: usize = 2000;
/// Mails for which the first words are fetched before they are told of.
const MOST_TEXTS: usize = 4;

/// Rows on their way into the store while the next ones are fetched.
pub(crate) struct Writing {
    pub(super) task: JoinHandle<qiyou_store::Result<usize>>,
    folder: FolderId,
    done: bool,
}

impl Work {
    fn now(&self) -> i64 {
        self.context.inner.clock.now()
    }

    /// Opens a folder, if it is not open, and brings what is known of it up to what SELECT tells.
    pub(super) async fn open_folder(&mut self, id: FolderId) -> Step<StoredFolder> {
        let store = self.context.inner.store.clone();
        let folder = store.read(move |conn| folders::get(conn, id)).await?;
        if self.open == Some(id) {
            return Ok(folder);
        }
        // Rows on their way into another folder do not change what is read here.
        if self.writing.as_ref().is_some_and(|writing| writing.folder == id) {
            self.settle().await?;
        }
        let folder = store.read(move |conn| folders::get(conn, id)).await.unwrap_or(folder);
        let sync = folder.sync;
        let qresync = (self.session.has_qresync() && sync.modseq > 0 && sync.uidvalidity > 0).then_some(Qresync {
            uidvalidity: sync.uidvalidity,
            modseq: sync.modseq,
            known: None,
        });
        let asked = qresync.is_some();
        self.open = None;
        let name = MailboxName::from_wire_text(&folder.wire);
        let selected = self
            .session
            .select(
                &name,
                SelectOptions {
                    read_only: false,
                    qresync,
                },
            )
            .await?;
        self.open = Some(id);

        let validity = selected.uidvalidity.unwrap_or(sync.uidvalidity).max(1);
        let renumbered = sync.uidvalidity != 0 && validity != sync.uidvalidity;
        // Servers with CONDSTORE keep their UIDs; of the others some renumber without saying so.
        let trusted = self.session.capabilities().condstore() && !self.session.quirks().renumbers_uids;
        let suspicious = !renumbered && !trusted && self.verified.insert(id) && !self.still_the_same(id).await?;
        if renumbered || suspicious {
            tracing::info!(
                folder = id,
                renumbered,
                "the UIDs of a folder changed: its mails are identified anew"
            );
            self.identify_anew(&folder, validity).await?;
        } else if asked {
            self.vanished(id, &selected.vanished).await?;
            self.apply_flags(id, selected.changed, false).await?;
        } else if sync.modseq > 0
            && self.session.capabilities().condstore()
            && selected.highestmodseq.is_none_or(|theirs| theirs > sync.modseq)
        {
            let all = UidSet::range(1, u32::MAX);
            let (rows, vanished) = self.session.fetch_flags(&all, Some(sync.modseq)).await?;
            self.vanished(id, &vanished).await?;
            self.apply_flags(id, rows, false).await?;
        }
        if selected.exists != sync.server_total {
            self.shrunk.insert(id);
        }
        let after = store
            .write(Durability::Normal, move |tx| {
                let mut folder = folders::get(tx, id)?;
                folder.sync.uidvalidity = validity;
                folder.sync.server_total = selected.exists;
                if let Some(modseq) = selected.highestmodseq {
                    // Without rows there is nothing whose flags could be old.
                    folder.sync.modseq = modseq;
                }
                folders::set_sync(tx, id, &folder.sync)?;
                Ok(folder)
            })
            .await?;
        let arrived = selected.uidnext.is_none_or(|next| next > after.sync.uidnext.max(1));
        if arrived {
            self.dirty.insert(id);
        }
        Ok(after)
    }

    /// Brings a folder up to date: new mail, mails that went, flags.
    pub(super) async fn look_at(&mut self, id: FolderId) -> Step<()> {
        let folder = match self.open_folder(id).await {
            Ok(folder) => folder,
            Err(super::watch::Trouble::Imap(error)) if !error.is_fatal() => {
                // A folder that cannot be opened (no right, gone meanwhile) must not stop the others.
                tracing::info!(folder = id, %error, "a folder cannot be opened");
                self.dirty.remove(&id);
                self.unfinished.remove(&id);
                return Ok(());
            }
            Err(super::watch::Trouble::Store(qiyou_store::Error::NotFound)) => return Ok(()),
            Err(other) => return Err(other),
        };
        self.dirty.remove(&id);
        let first_look = self.seen.insert(id);
        if folder.sync.uidnext == 0 {
            self.first_rows(&folder).await?;
        } else {
            self.new_rows(&folder, first_look).await?;
        }
        let waiting = first_look && {
            let store = &self.context.inner.store;
            !store.read(move |conn| mails::unplaced(conn, id)).await?.is_empty()
        };
        if self.miscounted(&folder, folder.sync.server_total) && folder.sync.uidnext > 0 {
            self.shrunk.insert(id);
        }
        if self.shrunk.remove(&id) || waiting {
            self.find_gone(id).await?;
        }
        let folder = self.folder(id).await?;
        if self.reflagged.remove(&id) && !self.session.capabilities().condstore() {
            self.newest_flags(&folder).await?;
        }
        let due = folder
            .sync
            .swept_at
            .saturating_add(super::watch::sweep_seconds(&self.context))
            <= self.now();
        if due && !self.session.capabilities().condstore() && folder.sync.floor == 1 {
            self.sweep_flags(&folder).await?;
        }
        if let Some(unseen) = self.told_unseen.remove(&id) {
            let store = self.context.inner.store.clone();
            store
                .write(Durability::Normal, move |tx| {
                    let mut folder = folders::get(tx, id)?;
                    folder.sync.server_unseen = Some(unseen);
                    folders::set_sync(tx, id, &folder.sync)
                })
                .await?;
        }
        self.context.inner.folders_changed(&[id]).await;
        Ok(())
    }

    pub(super) async fn folder(&self, id: FolderId) -> Step<StoredFolder> {
        Ok(self
            .context
            .inner
            .store
            .read(move |conn| folders::get(conn, id))
            .await?)
    }

    async fn rows(&mut self, set: &UidSet, from: u32) -> Step<Vec<NewMail>> {
        let now = self.now();
        let mut out = Vec::new();
        self.session
            .fetch_rows(set, &mut |row| {
                if row.uid >= from {
                    out.push(crate::convert::row(&row, now));
                }
                Ok(())
            })
            .await?;
        Ok(out)
    }

    /// The first sync of a folder: the newest rows at once, the others follow in [`Work::fill`].
    async fn first_rows(&mut self, folder: &StoredFolder) -> Step<()> {
        let id = folder.folder.id;
        let uids = self.session.uid_search(&Search::All).await?;
        let total = u32::try_from(uids.len()).unwrap_or(u32::MAX);
        let split = uids.len().saturating_sub(FIRST);
        let (rest, newest) = uids.split_at(split);
        let mut set = UidSet::new();
        for uid in newest {
            set.insert(*uid);
        }
        let rows = if set.is_empty() {
            Vec::new()
        } else {
            self.rows(&set, 1).await?
        };
        let highest = uids.last().copied().unwrap_or(0);
        let floor = if rest.is_empty() {
            1
        } else {
            newest.first().copied().unwrap_or(1)
        };
        self.insert(id, rows, move |sync| {
            sync.uidnext = highest.saturating_add(1);
            sync.floor = floor;
            sync.server_total = total;
        })
        .await?;
        if floor > 1 {
            self.backlog.insert(id, rest.to_vec());
            self.unfinished.insert(id);
        }
        let done = u32::try_from(newest.len()).unwrap_or(total);
        let account = self.context.account;
        self.context.inner.events.emit(Event::SyncProgress {
            account,
            folder: id,
            done,
            total,
        });
        self.context.inner.events.emit(Event::ListChanged { folder: id });
        self.texts_done = false;
        Ok(())
    }

    /// Mail that came since the last look.
    async fn new_rows(&mut self, folder: &StoredFolder, first_look: bool) -> Step<()> {
        let id = folder.folder.id;
        let from = folder.sync.uidnext;
        let rows = if self.session.quirks().hides_uidnext {
            let uids = self.session.uid_search(&Search::Since(from)).await?;
            let mut set = UidSet::new();
            for uid in uids.into_iter().filter(|uid| *uid >= from) {
                set.insert(uid);
            }
            if set.is_empty() {
                Vec::new()
            } else {
                self.rows(&set, from).await?
            }
        } else {
            self.rows(&UidSet::range(from, u32::MAX), from).await?
        };
        if rows.is_empty() {
            return Ok(());
        }
        let highest = rows.iter().map(|row| row.uid).max().unwrap_or(from);
        let mut arrived = self
            .insert(id, rows, move |sync| sync.uidnext = highest.saturating_add(1))
            .await?;
        if arrived.is_empty() {
            return Ok(());
        }
        arrived.sort_unstable();
        let shown: Vec<MailId> = arrived.iter().rev().take(50).copied().collect();
        let rows = self
            .context
            .inner
            .store
            .read(move |conn| mails::rows(conn, &shown))
            .await?;
        let account = self.context.account;
        let count = u32::try_from(arrived.len()).unwrap_or(u32::MAX);
        self.context.inner.events.emit(Event::MailArrived {
            account,
            folder: id,
            rows,
            count,
        });
        self.tell(folder, &arrived, first_look).await
    }

    /// Tells of new mail, with its first words where they can be had at once.
    async fn tell(&mut self, folder: &StoredFolder, arrived: &[MailId], caught_up: bool) -> Step<()> {
        let settings = self.context.inner.settings();
        let newest: Vec<MailId> = arrived.iter().rev().take(200).rev().copied().collect();
        let ids = newest.clone();
        let mut rows = self
            .context
            .inner
            .store
            .read(move |conn| mails::rows(conn, &ids))
            .await?;
        let now = self.now();
        let (minutes, weekend) = self.context.inner.clock.local(now);
        let at = Circumstances {
            telling: folder.folder.telling,
            now,
            minutes,
            weekend,
            caught_up,
        };
        let wanted = match decide(&settings, &at, &rows, |_| None) {
            Some(Tell::Mails { mails, .. }) => mails.into_iter().map(|m| m.row.id).collect::<Vec<_>>(),
            Some(other) => {
                self.context.inner.tell(other);
                return Ok(());
            }
            None => return Ok(()),
        };
        let mut codes = std::collections::HashMap::new();
        let mut lost = None;
        for mail in wanted.iter().rev().take(MOST_TEXTS) {
            // A bubble without first words is better than one that comes late.
            let text = crate::texts::fetch(&self.context.inner, &mut self.session, *mail);
            match tokio::time::timeout(Duration::from_secs(3), text).await {
                Ok(Ok(Some(code))) => {
                    codes.insert(*mail, code);
                }
                Ok(Err(crate::texts::Trouble::Imap(error))) if error.is_fatal() => {
                    // The rows are in the store: after the next sign-in they are no news any more. Told now.
                    lost = Some(error);
                    break;
                }
                _ => {}
            }
        }
        let ids = wanted.clone();
        let fresh = self
            .context
            .inner
            .store
            .read(move |conn| mails::rows(conn, &ids))
            .await?;
        if fresh != rows {
            self.context
                .inner
                .events
                .emit(Event::MailChanged { rows: fresh.clone() });
        }
        rows = fresh;
        if let Some(tell) = decide(&settings, &at, &rows, |row| codes.get(&row.id).cloned()) {
            self.context.inner.tell(tell);
        }
        lost.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Writes rows, leaving out those that an operation of ours is about to take away and giving their UID to those
    /// that an operation of ours has put here. Returns the rows that are news.
    pub(super) async fn insert(
        &mut self,
        id: FolderId,
        rows: Vec<NewMail>,
        advance: impl FnOnce(&mut SyncState) + Send + 'static,
    ) -> Step<Vec<MailId>> {
        let account = self.context.account;
        Ok(self
            .context
            .inner
            .store
            .write(Durability::Normal, move |tx| {
                let arrived = insert_rows(tx, account, id, rows)?;
                let mut folder = folders::get(tx, id)?;
                advance(&mut folder.sync);
                folders::set_sync(tx, id, &folder.sync)?;
                Ok(arrived)
            })
            .await?)
    }

    /// One more request for the rows of a folder that is not complete; they are written while the next are fetched.
    pub(super) async fn fill(&mut self, id: FolderId) -> Step<()> {
        let folder = match self.open_folder(id).await {
            Ok(folder) => folder,
            Err(super::watch::Trouble::Imap(error)) if !error.is_fatal() => {
                tracing::info!(folder = id, %error, "a folder cannot be opened");
                self.unfinished.remove(&id);
                return Ok(());
            }
            Err(super::watch::Trouble::Store(qiyou_store::Error::NotFound)) => {
                self.unfinished.remove(&id);
                return Ok(());
            }
            Err(other) => return Err(other),
        };
        if !self.backlog.contains_key(&id) {
            let floor = folder.sync.floor;
            let uids = self.session.uid_search(&Search::All).await?;
            let known = self.context.inner.store.read(move |conn| mails::uids(conn, id)).await?;
            let rest = uids
                .into_iter()
                .filter(|uid| *uid < floor && known.binary_search(uid).is_err())
                .collect();
            self.backlog.insert(id, rest);
        }
        let Some(backlog) = self.backlog.get_mut(&id) else {
            return Ok(());
        };
        let chunk = backlog.split_off(backlog.len().saturating_sub(CHUNK));
        let left = backlog.len();
        let mut set = UidSet::new();
        for uid in &chunk {
            set.insert(*uid);
        }
        let rows = if set.is_empty() {
            Vec::new()
        } else {
            self.rows(&set, 1).await?
        };
        let floor = if left == 0 {
            1
        } else {
            chunk.first().copied().unwrap_or(1)
        };
        self.settle().await?;
        let account = self.context.account;
        let store = self.context.inner.store.clone();
        let task = tokio::spawn(async move {
            store
                .write(Durability::Normal, move |tx| {
                    let arrived = insert_rows(tx, account, id, rows)?;
                    let mut folder = folders::get(tx, id)?;
                    folder.sync.floor = floor;
                    folders::set_sync(tx, id, &folder.sync)?;
                    Ok(arrived.len())
                })
                .await
        });
        self.writing = Some(Writing {
            task,
            folder: id,
            done: left == 0,
        });
        if left == 0 {
            // Its last rows are written while the next folder is opened.
            self.backlog.remove(&id);
            self.unfinished.remove(&id);
        }
        Ok(())
    }

    /// Waits until the rows on their way are written.
    pub(super) async fn settle(&mut self) -> Step<()> {
        let Some(writing) = self.writing.take() else {
            return Ok(());
        };
        match writing.task.await {
            Ok(written) => written?,
            Err(_) => return Err(qiyou_store::Error::Closed.into()),
        };
        let folder = writing.folder;
        let account = self.context.account;
        let (done, total) = self
            .context
            .inner
            .store
            .read(move |conn| folders::get(conn, folder).map(|f| (f.folder.synced, f.folder.total)))
            .await?;
        let done = if writing.done { total } else { done };
        self.context.inner.events.emit(Event::SyncProgress {
            account,
            folder,
            done,
            total,
        });
        self.context.inner.events.emit(Event::ListChanged { folder });
        if writing.done {
            self.context.inner.folders_changed(&[folder]).await;
        }
        Ok(())
    }

    /// Compares our UIDs with the server's and takes out what is gone there.
    pub(super) async fn find_gone(&mut self, id: FolderId) -> Step<()> {
        self.settle().await?;
        let store = self.context.inner.store.clone();
        let theirs = self.session.uid_search(&Search::All).await?;
        let ours = store.read(move |conn| mails::uids(conn, id)).await?;
        let SyncState { floor, uidnext, .. } = self.folder(id).await?.sync;
        // Both ascend; what the server does not name is gone.
        let gone: Vec<u32> = ours
            .iter()
            .filter(|uid| theirs.binary_search(uid).is_err())
            .copied()
            .collect();
        // A server that lies for a moment must not empty a folder: everything gone at once is believed only when the
        // server says that the folder is empty, too.
        if !gone.is_empty() && gone.len() == ours.len() && !theirs.is_empty() && ours.len() > 20 {
            tracing::warn!(
                folder = id,
                "every UID is unknown to the server: the mails are identified anew"
            );
            let folder = self.folder(id).await?;
            return self.identify_anew(&folder, folder.sync.uidvalidity).await;
        }
        self.remove_uids(id, gone).await?;
        // Mails above the floor that we never saw (a lost answer): they are fetched now.
        let missing: Vec<u32> = theirs
            .iter()
            .filter(|uid| **uid >= floor && **uid < uidnext && ours.binary_search(uid).is_err())
            .copied()
            .collect();
        // What came this very moment is news, and told of as such.
        let news = theirs.last().is_some_and(|last| *last >= uidnext);
        if news {
            self.dirty.insert(id);
        }
        if !missing.is_empty() {
            let leaving = store.read(move |conn| operations::leaving(conn, id)).await?;
            let mut set = UidSet::new();
            for uid in missing.into_iter().filter(|uid| !leaving.contains(uid)) {
                set.insert(uid);
            }
            if !set.is_empty() {
                let rows = self.rows(&set, 1).await?;
                self.insert(id, rows, |_| {}).await?;
                self.context.inner.events.emit(Event::ListChanged { folder: id });
            }
        }
        if !news && floor == 1 {
            self.drop_unplaced(id).await?;
        }
        let total = u32::try_from(theirs.len()).unwrap_or(u32::MAX);
        store
            .write(Durability::Normal, move |tx| {
                let mut folder = folders::get(tx, id)?;
                folder.sync.server_total = total;
                folders::set_sync(tx, id, &folder.sync)
            })
            .await?;
        Ok(())
    }

    /// Mails that were moved here and that the folder, now fully listed, does not have: somebody else took them away
    /// before our move reached the server.
    async fn drop_unplaced(&mut self, id: FolderId) -> Step<()> {
        let store = self.context.inner.store.clone();
        let gone = store
            .write(Durability::Normal, move |tx| {
                let gone = mails::unplaced(tx, id)?;
                mails::remove(tx, &gone)?;
                Ok(gone)
            })
            .await?;
        if gone.is_empty() {
            return Ok(());
        }
        tracing::info!(
            folder = id,
            count = gone.len(),
            "mails that were moved here had gone before"
        );
        let forget = gone.clone();
        store.bodies(move |tx| qiyou_store::bodies::forget(tx, &forget)).await?;
        self.context.inner.tell(Tell::Withdraw { mails: gone.clone() });
        self.context.inner.events.emit(Event::MailRemoved {
            folder: id,
            mails: gone,
        });
        Ok(())
    }

    /// Takes mails out that are gone on the server.
    pub(super) async fn remove_uids(&mut self, folder: FolderId, uids: Vec<u32>) -> Step<()> {
        if uids.is_empty() {
            return Ok(());
        }
        let store = self.context.inner.store.clone();
        let gone = store
            .write(Durability::Normal, move |tx| {
                let gone: Vec<MailId> = mails::by_uids(tx, folder, &uids)?
                    .into_iter()
                    .map(|(_, id)| id)
                    .collect();
                mails::remove(tx, &gone)?;
                let mut known = folders::get(tx, folder)?;
                let count = u32::try_from(gone.len()).unwrap_or(u32::MAX);
                known.sync.server_total = known.sync.server_total.saturating_sub(count);
                folders::set_sync(tx, folder, &known.sync)?;
                Ok(gone)
            })
            .await?;
        if gone.is_empty() {
            return Ok(());
        }
        let forget = gone.clone();
        store.bodies(move |tx| qiyou_store::bodies::forget(tx, &forget)).await?;
        self.context.inner.tell(Tell::Withdraw { mails: gone.clone() });
        self.context
            .inner
            .events
            .emit(Event::MailRemoved { folder, mails: gone });
        self.context.inner.folders_changed(&[folder]).await;
        Ok(())
    }
}

/// See [`Work::insert`]. Runs inside the caller's transaction.
pub(super) fn insert_rows(
    tx: &qiyou_store::Transaction<'_>,
    account: qiyou_api::AccountId,
    id: FolderId,
    rows: Vec<NewMail>,
) -> qiyou_store::Result<Vec<MailId>> {
    let leaving = operations::leaving(tx, id)?;
    let pending = operations::pending_flags(tx, id)?;
    // Asked once and not for each row: in a first sync nothing is expected, 50,000 times.
    let expecting = mails::is_expecting(tx, id)? || operations::is_expecting(tx, id)?;
    let mut news = Vec::with_capacity(rows.len());
    for mut row in rows {
        if leaving.contains(&row.uid) || row.flags & flag::DELETED != 0 && row.uid == 0 {
            continue;
        }
        if expecting {
            if let Some(mail) = mails::adopt(tx, id, &row)? {
                operations::placed(tx, mail, id, row.uid)?;
                continue;
            }
            if operations::adopt(tx, id, &row)? {
                continue;
            }
        }
        if let Some((add, remove)) = pending.get(&row.uid) {
            row.flags = (row.flags & !remove) | add;
        }
        news.push(row);
    }
    mails::insert(tx, account, id, &news)
}

//! A folder brought up to date: opened, looked at, filled with the rows that are still to come.

use qiyou_api::{Event, FolderId};
use qiyou_imap::{MailboxName, Qresync, Search, SelectOptions, UidSet};
use qiyou_store::Durability;
use qiyou_store::folders::{self, StoredFolder};
use qiyou_store::mails::{self, NewMail};
use tokio::task::JoinHandle;

use super::arrivals::insert_rows;
use super::work::{Step, Trouble, Work};

/// Rows that a first sync shows at once.
const FIRST: usize = 100;
/// Rows of one request while a folder fills.
const CHUNK: usize = 2000;

/// Rows on their way into the store while the next ones are fetched.
pub(crate) struct Writing {
    pub(super) task: JoinHandle<qiyou_store::Result<usize>>,
    folder: FolderId,
    done: bool,
}

impl Work {
    pub(super) fn now(&self) -> i64 {
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
            Err(Trouble::Imap(error)) if !error.is_fatal() => {
                // A folder that cannot be opened (no right, gone meanwhile) must not stop the others.
                tracing::info!(folder = id, %error, "a folder cannot be opened");
                self.dirty.remove(&id);
                self.unfinished.remove(&id);
                return Ok(());
            }
            Err(Trouble::Store(qiyou_store::Error::NotFound)) => return Ok(()),
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

    pub(super) async fn rows(&mut self, set: &UidSet, from: u32) -> Step<Vec<NewMail>> {
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

    /// One more request for the rows of a folder that is not complete; they are written while the next are fetched.
    pub(super) async fn fill(&mut self, id: FolderId) -> Step<()> {
        let folder = match self.open_folder(id).await {
            Ok(folder) => folder,
            Err(Trouble::Imap(error)) if !error.is_fatal() => {
                tracing::info!(folder = id, %error, "a folder cannot be opened");
                self.unfinished.remove(&id);
                return Ok(());
            }
            Err(Trouble::Store(qiyou_store::Error::NotFound)) => {
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
        let now = self.now();
        self.reports = true;
        let task = tokio::spawn(async move {
            store
                .write(Durability::Normal, move |tx| {
                    let arrived = insert_rows(tx, account, id, rows, now)?;
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
}

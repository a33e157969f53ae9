//! The folders as the server lists them, and which of them its numbers say have changed.

use qiyou_api::{AccountState, Event, FolderId, WatchMode};
use qiyou_imap::{Mailbox, Status};
use qiyou_store::folders::{self, StoredFolder};
use tokio::time::Instant;

use super::work::{Step, Work};

impl Work {
    /// Makes our tree the one that the server lists, tells what changed, and returns both.
    pub(super) async fn take_in_tree(&mut self) -> Step<(Vec<Mailbox>, Vec<StoredFolder>)> {
        let listed = self.session.list().await?;
        let account = self.context.account;
        let entries: Vec<_> = listed.iter().map(crate::convert::folder).collect();
        let store = self.context.inner.store.clone();
        let (changed, gone, all) = store
            .write(qiyou_store::Durability::Normal, move |tx| {
                let (mut changed, gone) = folders::reconcile(tx, account, &entries)?;
                // A folder that comes may be one that the company has followed.
                let followed = qiyou_store::policy::follow(tx, Some(account))?;
                changed.extend(followed.into_iter().map(|(_, folder)| folder));
                Ok((changed, gone, folders::list(tx, Some(account))?))
            })
            .await?;
        self.inbox = all
            .iter()
            .find(|f| f.folder.role == qiyou_api::Role::Inbox)
            .map(|f| f.folder.id);
        for folder in &gone {
            self.dirty.remove(folder);
            self.unfinished.remove(folder);
            self.backlog.remove(folder);
        }
        if !changed.is_empty() || !gone.is_empty() {
            self.refollow = true;
            let folders = all
                .iter()
                .filter(|f| changed.contains(&f.folder.id))
                .map(|f| f.folder.clone())
                .collect();
            self.context.inner.events.emit(Event::FoldersChanged {
                account,
                folders,
                removed: gone,
            });
        }
        Ok((listed, all))
    }

    /// Lists the folders, and sees from their numbers which ones changed.
    pub(super) async fn look_at_tree(&mut self) -> Step<()> {
        self.settle().await?;
        let (listed, all) = self.take_in_tree().await?;
        self.context
            .set_state(AccountState::Connected { watch: self.mode })
            .await;
        if self.mode == WatchMode::Notify
            && !std::mem::replace(&mut self.notified, true)
            && let Err(error) = self.session.notify_all().await
        {
            if error.is_fatal() {
                return Err(error.into());
            }
            self.mode = if self.session.capabilities().idle() {
                WatchMode::Idle
            } else {
                WatchMode::Poll
            };
            self.context
                .set_state(AccountState::Connected { watch: self.mode })
                .await;
        }
        for mailbox in &listed {
            let wire = mailbox.name.wire_text();
            let Some(folder) = all.iter().find(|f| f.wire == wire && f.folder.selectable) else {
                continue;
            };
            match &mailbox.status {
                Some(status) => self.compare(folder, status),
                None => self.dirty_if_new(folder),
            }
        }
        if listed.iter().all(|mailbox| mailbox.status.is_none()) {
            self.next_others = Instant::now();
        }
        if let Some(inbox) = self.inbox {
            self.dirty.insert(inbox);
        }
        Ok(())
    }

    fn dirty_if_new(&mut self, folder: &StoredFolder) {
        if folder.sync.uidvalidity == 0 {
            self.dirty.insert(folder.folder.id);
        } else if folder.sync.floor > 1 {
            self.unfinished.insert(folder.folder.id);
        }
    }

    /// Marks a folder whose numbers on the server are not those that we know.
    pub(super) fn compare(&mut self, folder: &StoredFolder, status: &Status) {
        let sync = &folder.sync;
        let id = folder.folder.id;
        self.dirty_if_new(folder);
        let arrived = status.uidnext.map_or_else(
            || status.messages.is_some_and(|n| n > sync.server_total),
            |next| next > sync.uidnext,
        );
        let reset = status
            .uidvalidity
            .is_some_and(|validity| sync.uidvalidity != 0 && validity != sync.uidvalidity);
        let other_count = status
            .messages
            .is_some_and(|n| n != sync.server_total || self.miscounted(folder, n));
        let reflagged = match (status.highestmodseq, sync.modseq) {
            (Some(theirs), ours) if ours > 0 => theirs > ours,
            _ => status.unseen.is_some() && status.unseen != sync.server_unseen,
        };
        if let Some(unseen) = status.unseen.filter(|unseen| Some(*unseen) != sync.server_unseen) {
            self.told_unseen.insert(id, unseen);
        }
        if other_count {
            self.shrunk.insert(id);
        }
        if reflagged {
            self.reflagged.insert(id);
        }
        if arrived || reset || other_count || reflagged {
            tracing::trace!(
                folder = id,
                arrived,
                reset,
                other_count,
                reflagged,
                "changed on the server"
            );
            self.dirty.insert(id);
        }
    }

    /// Whether rows are missing here or are too many, asked once in a session: an answer may have been a lie.
    pub(super) fn miscounted(&mut self, folder: &StoredFolder, theirs: u32) -> bool {
        folder.sync.floor == 1 && folder.folder.synced != theirs && self.recounted.insert(folder.folder.id)
    }

    /// Followed folders get sessions of their own where the server speaks of the open folder alone.
    pub(super) async fn follow(&mut self) -> Step<()> {
        if self.mode != WatchMode::Idle {
            self.followers.clear();
            return Ok(());
        }
        let account = self.context.account;
        let all = self
            .context
            .inner
            .store
            .read(move |conn| folders::list(conn, Some(account)))
            .await?;
        let followed: Vec<(FolderId, String)> = all
            .into_iter()
            .filter(|f| f.folder.followed && f.folder.selectable && Some(f.folder.id) != self.inbox)
            .map(|f| (f.folder.id, f.wire))
            .collect();
        self.followers.follow(&self.context, &followed);
        Ok(())
    }
}

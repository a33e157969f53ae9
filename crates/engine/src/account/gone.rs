//! Mails that are gone on the server.

use qiyou_api::{Event, FolderId, MailId};
use qiyou_imap::{Search, UidSet};
use qiyou_store::folders::{self, SyncState};
use qiyou_store::{Durability, mails, operations};

use super::work::{Step, Work};
use qiyou_api::Tell;

impl Work {
    /// Mails that the server says are gone.
    pub(super) async fn vanished(&mut self, folder: FolderId, uids: &UidSet) -> Step<()> {
        if uids.is_empty() {
            return Ok(());
        }
        let known = self
            .context
            .inner
            .store
            .read(move |conn| mails::uids(conn, folder))
            .await?;
        let gone: Vec<u32> = known.into_iter().filter(|uid| uids.contains(*uid)).collect();
        self.remove_uids(folder, gone).await
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

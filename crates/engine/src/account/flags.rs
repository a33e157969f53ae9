//! Flags that were changed elsewhere.

use qiyou_api::{Event, FolderId, MailId};
use qiyou_imap::{FlagRow, UidSet};
use qiyou_store::folders::{self, StoredFolder};
use qiyou_store::mails::{self, flag};
use qiyou_store::{Durability, operations};

use super::work::{Step, Work};
use crate::convert;
use qiyou_api::Tell;

/// Mails of a folder whose flags are looked at in each round, where the server has no CONDSTORE.
const NEWEST: u32 = 500;

impl Work {
    /// Writes flags as the server reports them, read through what was done here and is not there yet. With `advance`
    /// the folder's HIGHESTMODSEQ follows (what the server pushes; a catch-up sets it when it is complete).
    pub(super) async fn apply_flags(&mut self, folder: FolderId, rows: Vec<FlagRow>, advance: bool) -> Step<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let store = self.context.inner.store.clone();
        let (changed, read) = store
            .write(Durability::Normal, move |tx| {
                let pending = operations::pending_flags(tx, folder)?;
                let mut changed: Vec<MailId> = Vec::new();
                let mut read: Vec<MailId> = Vec::new();
                let mut highest = 0;
                for row in &rows {
                    let Some((mail, before)) = mails::flags_by_uid(tx, folder, row.uid)? else {
                        continue;
                    };
                    let mut bits = convert::flags(&row.flags);
                    if let Some((add, remove)) = pending.get(&row.uid) {
                        bits = (bits & !remove) | add;
                    }
                    highest = highest.max(row.modseq.unwrap_or(0));
                    if mails::set_flags(tx, mail, bits, row.modseq.unwrap_or(0))? {
                        changed.push(mail);
                        if before & flag::SEEN == 0 && bits & flag::SEEN != 0 {
                            read.push(mail);
                        }
                    }
                }
                if advance && highest > 0 {
                    let mut known = folders::get(tx, folder)?;
                    if highest > known.sync.modseq {
                        known.sync.modseq = highest;
                        folders::set_sync(tx, folder, &known.sync)?;
                    }
                }
                let shown: Vec<MailId> = changed.iter().take(500).copied().collect();
                Ok((
                    if changed.len() > 500 {
                        None
                    } else {
                        Some(mails::rows(tx, &shown)?)
                    },
                    read,
                ))
            })
            .await?;
        match changed {
            Some(rows) if rows.is_empty() => return Ok(()),
            Some(rows) => self.context.inner.events.emit(Event::MailChanged { rows }),
            None => self.context.inner.events.emit(Event::ListChanged { folder }),
        }
        if !read.is_empty() {
            self.context.inner.tell(Tell::Withdraw { mails: read });
        }
        self.context.inner.folders_changed(&[folder]).await;
        Ok(())
    }

    /// The flags of the newest mails of the open folder.
    pub(super) async fn newest_flags(&mut self, folder: &StoredFolder) -> Step<()> {
        let id = folder.folder.id;
        let uids = self
            .context
            .inner
            .store
            .read(move |conn| mails::newest_uids(conn, id, NEWEST))
            .await?;
        self.flags_of(id, uids).await
    }

    /// The flags of all mails of the open folder.
    pub(super) async fn sweep_flags(&mut self, folder: &StoredFolder) -> Step<()> {
        let id = folder.folder.id;
        let uids = self.context.inner.store.read(move |conn| mails::uids(conn, id)).await?;
        self.flags_of(id, uids).await?;
        let now = self.context.inner.clock.now();
        self.context
            .inner
            .store
            .write(Durability::Normal, move |tx| {
                let mut folder = folders::get(tx, id)?;
                folder.sync.swept_at = now;
                folders::set_sync(tx, id, &folder.sync)
            })
            .await?;
        Ok(())
    }

    async fn flags_of(&mut self, id: FolderId, uids: Vec<u32>) -> Step<()> {
        if uids.is_empty() {
            return Ok(());
        }
        let mut set = UidSet::new();
        // One range instead of a thousand numbers: the server names what is there.
        if let (Some(first), Some(last)) = (uids.iter().min(), uids.iter().max()) {
            set.insert_range(*first, *last);
        }
        let (rows, _) = self.session.fetch_flags(&set, None).await?;
        let named: Vec<u32> = rows.iter().map(|row| row.uid).collect();
        self.apply_flags(id, rows, false).await?;
        if uids.iter().any(|uid| !named.contains(uid)) {
            self.shrunk.insert(id);
            self.dirty.insert(id);
        }
        Ok(())
    }
}

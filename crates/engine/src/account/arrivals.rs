//! Rows that are news: written, and told of.

use std::time::Duration;

use qiyou_api::{Event, FolderId, MailId, Role, Telling};
use qiyou_imap::{Search, UidSet};
use qiyou_store::folders::{self, StoredFolder, SyncState};
use qiyou_store::mails::{self, NewMail, flag};
use qiyou_store::{Durability, accounts, operations, reports};

use super::work::{Step, Work};
use qiyou_api::Tell;

use crate::telling::{Circumstances, decide};

/// Mails for which the first words are fetched before they are told of.
const MOST_TEXTS: usize = 4;

impl Work {
    /// Mail that came since the last look.
    pub(super) async fn new_rows(&mut self, folder: &StoredFolder, first_look: bool) -> Step<()> {
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
        if folder.folder.role == Role::Drafts {
            self.context.inner.drafts_arrived(&arrived).await?;
        }
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
        let told = self.tell(folder, &arrived, first_look).await;
        if !first_look {
            // After the first words were fetched for the bubble.
            let told_of = folder.folder.telling == Telling::Bubble;
            crate::company::arrived(&self.context.inner, account, folder.folder.role, told_of, &arrived).await;
        }
        told
    }

    /// Tells of new mail, with its first words where they can be had at once.
    async fn tell(&mut self, folder: &StoredFolder, arrived: &[MailId], caught_up: bool) -> Step<()> {
        let settings = self.context.inner.settings();
        let account = self.context.account;
        let most = self
            .context
            .inner
            .store
            .read(move |conn| accounts::get(conn, account))
            .await?
            .telling;
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
            telling: folder.folder.telling.min(most),
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
        let now = self.now();
        self.reports = true;
        Ok(self
            .context
            .inner
            .store
            .write(Durability::Normal, move |tx| {
                let arrived = insert_rows(tx, account, id, rows, now)?;
                let mut folder = folders::get(tx, id)?;
                advance(&mut folder.sync);
                folders::set_sync(tx, id, &folder.sync)?;
                Ok(arrived)
            })
            .await?)
    }
}

/// See [`Work::insert`]. Runs inside the caller's transaction.
pub(super) fn insert_rows(
    tx: &qiyou_store::Transaction<'_>,
    account: qiyou_api::AccountId,
    id: FolderId,
    rows: Vec<NewMail>,
    now: i64,
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
    let own = matches!(folders::get(tx, id)?.folder.role, Role::Sent | Role::Drafts);
    let (reports, news): (Vec<_>, Vec<_>) = news
        .into_iter()
        .partition(|row| !own && crate::reports::is_candidate(row, now));
    let mut arrived = mails::insert(tx, account, id, &news)?;
    if !reports.is_empty() {
        let reports = mails::insert(tx, account, id, &reports)?;
        reports::expect(tx, account, &reports, now)?;
        arrived.extend(reports);
    }
    Ok(arrived)
}

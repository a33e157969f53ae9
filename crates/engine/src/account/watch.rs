//! Listening: what the server says by itself, what has to be asked for, and the wait between.

use qiyou_api::WatchMode;
use qiyou_imap::{Error, MailboxName, Status, Unsolicited, Wait, Waited};
use qiyou_store::folders::{self, StoredFolder};
use tokio::time::Instant;

use super::Context;
use super::work::{Step, Work, after};

impl Work {
    /// Takes in what the server said by itself.
    pub(super) async fn hear(&mut self, said: Vec<Unsolicited>) -> Step<()> {
        for event in said {
            match event {
                Unsolicited::Exists(_) => {
                    self.dirty.extend(self.open);
                }
                Unsolicited::Expunge(_) => {
                    self.dirty.extend(self.open);
                    self.shrunk.extend(self.open);
                }
                Unsolicited::Vanished(uids) => {
                    if let Some(open) = self.open {
                        self.vanished(open, &uids).await?;
                    }
                }
                Unsolicited::Fetch(row) => {
                    if let Some(open) = self.open {
                        if row.uid == 0 {
                            self.unnamed = Some(open);
                        } else {
                            self.apply_flags(open, vec![row], true).await?;
                        }
                    }
                }
                Unsolicited::Status(name, status) => self.hear_status(&name, &status).await?,
                Unsolicited::Folder { .. } => self.refresh_tree = true,
                Unsolicited::Alert(text) => tracing::warn!(account = self.context.account, %text, "the server says"),
                Unsolicited::Bye(text) => return Err(Error::Bye { text }.into()),
                Unsolicited::Overflow => {
                    self.refresh_tree = true;
                    self.notified = false;
                }
            }
        }
        Ok(())
    }

    async fn hear_status(&mut self, name: &MailboxName, status: &Status) -> Step<()> {
        let account = self.context.account;
        let wire = name.wire_text();
        let all = self
            .context
            .inner
            .store
            .read(move |conn| folders::list(conn, Some(account)))
            .await?;
        match all.iter().find(|f| f.wire == wire) {
            Some(folder) if folder.folder.selectable => self.compare(folder, status),
            Some(_) => {}
            // A name that LIST does not show either is asked after once, or a server could keep us busy for ever.
            None => self.refresh_tree |= self.unknown.insert(wire),
        }
        Ok(())
    }

    /// Asks the server where it does not speak up by itself. True when something was asked.
    pub(super) async fn poll_is_due(&mut self) -> Step<bool> {
        let now = Instant::now();
        let pace = self.context.inner.pace;
        if self.mode == WatchMode::Poll && now >= self.next_inbox {
            self.next_inbox = after(now, pace.inbox);
            if let Some(inbox) = self.inbox {
                let folder = self.open_folder(inbox).await?;
                let events = self.session.noop().await?;
                self.hear(events).await?;
                if !self.session.capabilities().condstore() {
                    self.newest_flags(&folder).await?;
                }
                // Servers that hide UIDNEXT may hide EXISTS from a NOOP, too: the UIDs are asked for.
                if self.session.quirks().hides_uidnext {
                    self.dirty.insert(inbox);
                }
            }
            return Ok(true);
        }
        if self.mode != WatchMode::Notify && now >= self.next_others {
            self.next_others = after(now, pace.others);
            self.poll_others().await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// The numbers of all folders but the open one.
    async fn poll_others(&mut self) -> Step<()> {
        self.settle().await?;
        let account = self.context.account;
        let all = self
            .context
            .inner
            .store
            .read(move |conn| folders::list(conn, Some(account)))
            .await?;
        if let Some(listed) = self.session.status_of_all().await? {
            for (name, status) in listed {
                let wire = name.wire_text();
                match all.iter().find(|f| f.wire == wire) {
                    Some(folder) if Some(folder.folder.id) != self.open && folder.folder.selectable => {
                        self.compare(folder, &status);
                    }
                    Some(_) => {}
                    None => self.refresh_tree |= self.unknown.insert(wire),
                }
            }
        } else {
            let open = self.open;
            for folder in all.iter().filter(|f| f.folder.selectable && Some(f.folder.id) != open) {
                match self.session.status(&MailboxName::from_wire_text(&folder.wire)).await {
                    Ok(status) => self.compare(folder, &status),
                    Err(error) if error.is_fatal() => return Err(error.into()),
                    Err(error) => tracing::debug!(folder = folder.folder.id, %error, "no STATUS"),
                }
            }
        }
        if !self.session.capabilities().condstore() {
            // A star set elsewhere changes no number: all flags are looked at now and then.
            let due = self
                .context
                .inner
                .clock
                .now()
                .saturating_sub(sweep_seconds(&self.context));
            let due = |f: &&StoredFolder| f.folder.selectable && f.sync.floor == 1 && f.sync.swept_at <= due;
            self.dirty.extend(all.iter().filter(due).map(|f| f.folder.id));
        }
        Ok(())
    }

    /// Waits for the server, for a wish, or for the next time something is due.
    pub(super) async fn listen(&mut self) -> Step<()> {
        if let Some(inbox) = self.inbox.filter(|inbox| self.open != Some(*inbox)) {
            self.open_folder(inbox).await?;
            // Opening it may have found something.
            if !self.dirty.is_empty() {
                return Ok(());
            }
        }
        let pace = self.context.inner.pace;
        let mut until = self.next_tree;
        if self.mode != WatchMode::Notify {
            until = until.min(self.next_others);
        }
        if self.unnamed.is_some() {
            until = until.min(self.next_unnamed);
        }
        let signals = std::sync::Arc::clone(&self.context.signals);
        let how = match self.mode {
            WatchMode::Notify => Wait::Listen,
            WatchMode::Idle => Wait::Idle,
            WatchMode::Poll => {
                tokio::select! {
                    () = tokio::time::sleep_until(until.min(self.next_inbox)) => {}
                    () = signals.rung() => {
                        // The wish is still there; the bell was only taken off the hook.
                    }
                }
                return Ok(());
            }
        };
        let interrupt = async {
            tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                () = signals.rung() => {}
            }
        };
        match self.session.wait(how, pace.renew, interrupt).await? {
            Waited::Events(events) => self.hear(events).await?,
            Waited::Renew => {
                let events = self.session.noop().await?;
                self.hear(events).await?;
            }
            Waited::Interrupted => {}
        }
        Ok(())
    }
}

/// Seconds between two looks at all flags of a folder, where the server has no CONDSTORE.
pub(super) fn sweep_seconds(context: &Context) -> i64 {
    i64::try_from(context.inner.pace.sweep.as_secs()).unwrap_or(i64::MAX)
}

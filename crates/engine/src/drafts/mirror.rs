//! Drafts in the server's folder of drafts, so that they are found on the phone: put there now and then and when
//! nobody writes them, replaced and not piled up, taken away when they were sent or thrown away.

use std::sync::Arc;
use std::time::Duration;

use qiyou_api::{AccountId, DraftId, Role};
use qiyou_imap::{Error, FlagChange, Flags, MailboxName, Session, UidSet};
use qiyou_store::drafts::{self, Work};
use qiyou_store::folders::{self, StoredFolder};
use qiyou_store::{Durability, accounts};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Notify;

use super::post;
use crate::account::{Hint, Lines, Signals, open_session};
use crate::engine::Inner;
use crate::newest::newest;

/// The newest mails of the folder among which copies are looked for.
const NEWEST: u32 = 100;
/// After a server that could not be reached.
const AGAIN: Duration = Duration::from_secs(20);
/// The clock is looked at again after so long.
const GLANCE: Duration = Duration::from_secs(30);

/// The task of a running account.
pub(crate) struct Mirror {
    pub(crate) bell: Arc<Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl Mirror {
    pub(crate) fn start(inner: Arc<Inner>, account: AccountId, lines: Lines, signals: Arc<Signals>) -> Self {
        let bell = Arc::new(Notify::new());
        let worker = Worker {
            inner,
            account,
            lines,
            signals,
            bell: Arc::clone(&bell),
        };
        Self {
            bell,
            task: tokio::spawn(worker.run()),
        }
    }

    pub(crate) fn stop(&self) {
        self.task.abort();
    }
}

struct Worker {
    inner: Arc<Inner>,
    account: AccountId,
    lines: Lines,
    signals: Arc<Signals>,
    bell: Arc<Notify>,
}

enum Failure {
    Store(qiyou_store::Error),
    /// The server cannot be reached.
    Away,
    Imap(Error),
}

impl From<qiyou_store::Error> for Failure {
    fn from(error: qiyou_store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Imap(error)
    }
}

impl Worker {
    async fn run(self) {
        loop {
            let (account, now) = (self.account, self.inner.clock.now());
            let pause = i64::try_from(self.inner.pace.drafts.as_secs()).unwrap_or(30);
            let work = self
                .inner
                .store
                .read(move |conn| drafts::next_work(conn, account, now, pause))
                .await;
            let wait = match work {
                Ok(Work::Nothing) => None,
                Ok(Work::Wait(until)) => {
                    let seconds = u64::try_from(until.saturating_sub(now)).unwrap_or(0).max(1);
                    Some(Duration::from_secs(seconds).min(GLANCE))
                }
                Ok(work) => match self.do_it(&work).await {
                    Ok(()) => continue,
                    Err(failure) => {
                        self.note(&work, &failure).await;
                        Some(AGAIN)
                    }
                },
                Err(error) => {
                    tracing::error!(account, %error, "drafts cannot be read");
                    Some(AGAIN)
                }
            };
            match wait {
                Some(wait) => drop(tokio::time::timeout(wait, self.bell.notified()).await),
                None => self.bell.notified().await,
            }
        }
    }

    async fn note(&self, work: &Work, failure: &Failure) {
        match failure {
            Failure::Store(error) => tracing::error!(account = self.account, %error, "a draft's copy is stuck"),
            Failure::Away => {}
            Failure::Imap(error) => tracing::warn!(account = self.account, %error, "a draft was not put on the server"),
        }
        if let Work::Copy(id) = *work {
            let now = self.inner.clock.now();
            let _ = self
                .inner
                .store
                .write(Durability::Normal, move |tx| drafts::copied(tx, id, None, now))
                .await;
        }
    }

    async fn do_it(&self, work: &Work) -> Result<(), Failure> {
        let account = self.account;
        let folder = self
            .inner
            .store
            .read(move |conn| folders::by_role(conn, account, Role::Drafts))
            .await?;
        let Some(folder) = folder else {
            // An account without a folder of drafts keeps them here alone.
            return self.leave(work).await;
        };
        let line = self.lines.read().await;
        let (_, mut session) = open_session(&self.inner, account).await.map_err(|_| Failure::Away)?;
        let done = match work {
            Work::Copy(id) => self.copy(&mut session, &folder, *id).await,
            Work::Remove(message_id) => self.remove(&mut session, &folder, message_id).await,
            Work::Wait(_) | Work::Nothing => Ok(()),
        };
        if !session.is_dead() {
            let _ = tokio::time::timeout(Duration::from_secs(1), session.logout()).await;
        }
        drop(line);
        let hint = Hint {
            gone: true,
            ..Hint::default()
        };
        self.signals
            .with(|pending| _ = pending.hints.insert(folder.folder.id, hint));
        done
    }

    async fn leave(&self, work: &Work) -> Result<(), Failure> {
        let (account, now, work) = (self.account, self.inner.clock.now(), work.clone());
        self.inner
            .store
            .write(Durability::Normal, move |tx| match work {
                Work::Copy(id) => {
                    let version = drafts::get(tx, id)?.version;
                    drafts::copied(tx, id, Some(version), now)
                }
                Work::Remove(message_id) => drafts::forget_copy(tx, account, &message_id),
                Work::Wait(_) | Work::Nothing => Ok(()),
            })
            .await?;
        Ok(())
    }

    async fn copy(&self, session: &mut Session, folder: &StoredFolder, id: DraftId) -> Result<(), Failure> {
        let (now, account) = (self.inner.clock.now(), self.account);
        let zone = self.inner.clock.offset(now);
        let settings = self.inner.settings();
        let inner = Arc::clone(&self.inner);
        let (stored, copy) = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                let stored = drafts::get(tx, id)?;
                drafts::expect_copy(tx, account, &stored.message_id)?;
                let sender = accounts::get(tx, account)?;
                let mark = inner.draft_mark(&stored);
                let copy = post::copy(tx, &stored, &sender, &settings, (now, zone), mark)?;
                Ok((stored, copy))
            })
            .await?;
        let name = MailboxName::from_wire_text(&folder.wire);
        let old = self.copies(session, &name, &stored.message_id).await?;
        let flags = Flags {
            seen: true,
            draft: true,
            ..Flags::default()
        };
        let size = copy.size;
        let placed = session.append(&name, &flags, Some(now), size, self.stream(copy)).await;
        match placed {
            // The server takes none so large: it is not asked again for this version.
            Err(Error::OverQuota { .. }) => {}
            placed => drop(placed?),
        }
        take_away(session, old).await?;
        self.inner
            .store
            .write(Durability::Full, move |tx| {
                drafts::copied(tx, id, Some(stored.version), now)
            })
            .await?;
        Ok(())
    }

    async fn remove(&self, session: &mut Session, folder: &StoredFolder, message_id: &str) -> Result<(), Failure> {
        let name = MailboxName::from_wire_text(&folder.wire);
        let old = self.copies(session, &name, message_id).await?;
        take_away(session, old).await?;
        let (account, message_id) = (self.account, message_id.to_owned());
        self.inner
            .store
            .write(Durability::Full, move |tx| {
                drafts::forget_copy(tx, account, &message_id)
            })
            .await?;
        Ok(())
    }

    /// Copies of a draft among the newest of the folder that may go: our own, and those of others that were taken into
    /// account. What another program wrote since is somebody's work.
    async fn copies(&self, session: &mut Session, name: &MailboxName, message_id: &str) -> Result<UidSet, Failure> {
        let (account, id) = (self.account, message_id.to_owned());
        let seen = self
            .inner
            .store
            .read(move |conn| drafts::seen_copy(conn, account, &id))
            .await?;
        let set = newest(session, name, false, NEWEST).await?;
        let mut found = Vec::new();
        session
            .fetch_rows(&set, &mut |row| {
                let told = qiyou_mime::summary(&row.header);
                let same = told.message_id.as_deref() == Some(message_id);
                if same && (row.uid <= seen || self.inner.is_own_copy(told.draft_mark.as_deref())) {
                    found.push(row.uid);
                }
                Ok(())
            })
            .await?;
        Ok(found.into_iter().collect())
    }

    /// The mail's text; it ends early when the store fails, which its reader notices by the size.
    fn stream(&self, copy: post::Copy) -> tokio::io::DuplexStream {
        let (mut writer, reader) = tokio::io::duplex(64 << 10);
        let store = self.inner.store.clone();
        tokio::spawn(async move {
            for section in copy.sections {
                match section {
                    post::Part::Text(text) => {
                        if writer.write_all(&text).await.is_err() {
                            return;
                        }
                    }
                    post::Part::File(file) => {
                        for n in 0.. {
                            let piece = store.read(move |conn| drafts::piece(conn, file, n)).await;
                            let Ok(Some(piece)) = piece else { break };
                            if writer.write_all(&piece).await.is_err() {
                                return;
                            }
                        }
                    }
                }
            }
        });
        reader
    }
}

async fn take_away(session: &mut Session, old: UidSet) -> Result<(), Error> {
    if old.is_empty() {
        return Ok(());
    }
    session.store_flags(&old, &FlagChange::Add(Flags::deleted())).await?;
    session.expunge(&old).await
}

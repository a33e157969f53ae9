//! The task that carries an account's mails from stage to stage. What is about to be done is written down before it is
//! done, so that a crash at any point leaves either a mail that was certainly not sent, or a question.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use qiyou_api::{AccountId, Cause, Event};
use qiyou_store::outbox::{self, Change, Entry, Stage};
use qiyou_store::{Connection, Durability, mails};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Notify;

use super::{filing, handing, local, original};
use crate::account::{Lines, Signals};
use crate::engine::{Engine, Inner};

/// The clock is looked at again after so long: it may have been put forward.
const GLANCE: Duration = Duration::from_secs(30);
/// So long a server has to answer when the program ends.
const FAREWELL: Duration = Duration::from_secs(2);
/// How often clients are told how much of a mail went.
const TOLD: Duration = Duration::from_millis(250);
/// A store that fails is tried again after so long.
const STUMBLE: Duration = Duration::from_secs(5);

/// Rouses the task.
#[derive(Default)]
pub(crate) struct Bell {
    rung: Notify,
    hurry: AtomicBool,
    stop: AtomicBool,
}

impl Bell {
    /// Something is new in the outbox.
    pub(crate) fn ring(&self) {
        self.rung.notify_one();
    }

    /// What waits for the line or for another secret may go now.
    pub(crate) fn hurry(&self) {
        self.hurry.store(true, Ordering::Release);
        self.rung.notify_one();
    }
}

/// The outbox of a running account.
pub(crate) struct Outbox {
    pub(crate) bell: Arc<Bell>,
    task: tokio::task::JoinHandle<()>,
}

impl Outbox {
    pub(crate) fn start(carrier: Carrier) -> Self {
        Self {
            bell: Arc::clone(&carrier.bell),
            task: tokio::spawn(carrier.run()),
        }
    }

    /// Ends the task. A mail whose dot is on the line is given a moment, as it would be a question else; everything else
    /// is written down and goes on after the next start.
    pub(crate) async fn stop(&mut self) {
        self.bell.stop.store(true, Ordering::Release);
        self.bell.ring();
        if tokio::time::timeout(FAREWELL, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

/// What the task works with.
pub(crate) struct Carrier {
    pub(crate) inner: Arc<Inner>,
    pub(crate) account: AccountId,
    pub(crate) lines: Lines,
    pub(crate) signals: Arc<Signals>,
    pub(crate) bell: Arc<Bell>,
}

/// Where a mail goes from the stage that it is in.
pub(super) struct Onward {
    pub(super) to: Stage,
    pub(super) change: Change,
}

impl Onward {
    pub(super) fn to(stage: Stage) -> Self {
        Self {
            to: stage,
            change: Change::default(),
        }
    }

    /// Later, for a reason.
    pub(super) fn later(stage: Stage, due: i64, cause: Option<Cause>) -> Self {
        Self {
            to: stage,
            change: Change {
                due: Some(due),
                cause,
                ..Change::default()
            },
        }
    }
}

impl Carrier {
    async fn run(self) {
        let (account, now) = (self.account, self.inner.clock.now());
        while let Err(error) = self.write(move |conn| outbox::recover(conn, account, now)).await {
            tracing::error!(account, %error, "the outbox cannot be read");
            tokio::time::sleep(STUMBLE).await;
        }
        while !self.bell.stop.load(Ordering::Acquire) {
            if self.bell.hurry.swap(false, Ordering::AcqRel) {
                let now = self.inner.clock.now();
                let _ = self.write(move |conn| outbox::hurry(conn, account, now)).await;
            }
            let next = self.inner.store.read(move |conn| outbox::next(conn, account)).await;
            let wait = match next {
                Ok(Some(entry)) => {
                    let due = entry.mail.due.saturating_sub(self.inner.clock.now());
                    if due <= 0 {
                        if let Err(error) = self.step(entry).await {
                            tracing::error!(account, %error, "a mail of the outbox is stuck");
                            tokio::time::sleep(STUMBLE).await;
                        }
                        continue;
                    }
                    Some(Duration::from_secs(u64::try_from(due).unwrap_or(0)).min(GLANCE))
                }
                Ok(None) => None,
                Err(error) => {
                    tracing::error!(account, %error, "the outbox cannot be read");
                    Some(STUMBLE)
                }
            };
            let rung = self.bell.rung.notified();
            match wait {
                Some(wait) => drop(tokio::time::timeout(wait, rung).await),
                None => rung.await,
            }
        }
    }

    async fn step(&self, entry: Entry) -> qiyou_store::Result<()> {
        match entry.stage {
            Stage::Waiting => handing::hand_over(self, &entry).await,
            Stage::Checking | Stage::Filing => {
                let onward = filing::look(self, &entry).await?;
                self.advance(entry.id, entry.stage, onward).await.map(drop)
            }
            // `next` gives no others.
            _ => Ok(()),
        }
    }

    /// Writes down where a mail is, and tells. False when somebody was quicker.
    pub(super) async fn advance(&self, id: i64, from: Stage, onward: Onward) -> qiyou_store::Result<bool> {
        let Onward { to, change } = onward;
        tracing::info!(account = self.account, id, ?from, ?to, cause = ?change.cause.as_ref().map(|c| c.code), "outbox");
        let now = self.inner.clock.now();
        let settings = self.inner.settings();
        let done = self
            .write(move |conn| {
                let before = outbox::get(conn, id)?;
                // Before the draft goes, which alone knows what it answers.
                let marked = if before.stage == from {
                    original::mark(conn, &before, to, now)?
                } else {
                    Vec::new()
                };
                let done = outbox::advance(conn, id, from, to, &change)?;
                let entry = done.then(|| outbox::get(conn, id)).transpose()?;
                // Nobody asks what became of a receipt.
                let over = before.mail.receipt && matches!(to, Stage::Sent | Stage::Refused);
                if done && over {
                    outbox::remove(conn, id, to)?;
                }
                let local = match &entry {
                    Some(entry) => local::insert(conn, entry, to, &settings, now)?,
                    None => None,
                };
                Ok((entry.map(|entry| (entry, over)), marked, local))
            })
            .await?;
        let (Some((entry, over)), marked, made) = done else {
            return Ok(false);
        };
        self.inner.outbox_changed(id, (!over).then(|| entry.seen()));
        if let Some(made) = made {
            local::show(&self.inner, made).await?;
        }
        if to == Stage::Sent {
            self.inner.ring_mirrors();
        }
        if !marked.is_empty() {
            let rows = self.inner.store.read(move |conn| mails::rows(conn, &marked)).await?;
            let engine = Engine {
                inner: Arc::clone(&self.inner),
            };
            // An original may lie in another account than the one that sends.
            for signals in rows.iter().filter_map(|row| engine.signals(row.account)) {
                signals.with(|pending| pending.operations = true);
            }
            self.inner.events.emit(Event::MailChanged { rows });
        }
        Ok(true)
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> qiyou_store::Result<T> + Send + 'static,
    ) -> qiyou_store::Result<T> {
        self.inner.store.write(Durability::Full, move |tx| job(tx)).await
    }

    /// A mail's text, piece by piece. It ends early when the store fails, which its reader notices by the size.
    pub(super) fn text(&self, id: i64) -> tokio::io::DuplexStream {
        self.told_text(id, false)
    }

    /// The same; clients are told how much of it was read.
    pub(super) fn told_text(&self, id: i64, tell: bool) -> tokio::io::DuplexStream {
        let (mut writer, reader) = tokio::io::duplex(64 << 10);
        let inner = Arc::clone(&self.inner);
        tokio::spawn(async move {
            let mut sent = 0_u64;
            let mut told = tokio::time::Instant::now();
            for n in 0.. {
                let piece = inner.store.read(move |conn| outbox::piece(conn, id, n)).await;
                let Ok(Some(piece)) = piece else { return };
                if writer.write_all(&piece).await.is_err() {
                    return;
                }
                sent = sent.saturating_add(u64::try_from(piece.len()).unwrap_or(0));
                if tell && told.elapsed() >= TOLD {
                    told = tokio::time::Instant::now();
                    inner.events.emit(Event::OutboxProgress { id, sent });
                }
            }
        });
        reader
    }
}

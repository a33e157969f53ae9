//! A session at work: what is due is done in order of urgency, then the server is listened to (`watch`).

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use qiyou_api::{Cause, CheckStep, FolderId, ServerSettings, WatchMode};
use qiyou_imap::{Error, Session};
use qiyou_store::accounts::StoredAccount;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::connect::imap_failure;
use super::followers::Followers;
use super::{Context, Failure, Pending};

/// Why a session is over.
pub(crate) enum Ended {
    Stopped,
    /// By our own wish: servers, secret or proxy changed, or the line was dead after a change of network.
    Reconnect,
    Failed(Failure),
}

/// What a step of the work can meet.
#[derive(Debug)]
pub(crate) enum Trouble {
    Imap(Error),
    Store(qiyou_store::Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Imap(error)
    }
}

impl From<qiyou_store::Error> for Trouble {
    fn from(error: qiyou_store::Error) -> Self {
        Self::Store(error)
    }
}

pub(crate) type Step<T> = Result<T, Trouble>;

/// One session at work. What it knows beyond the store is lost with the line, and found out anew.
pub(crate) struct Work {
    pub(super) context: Context,
    pub(super) server: ServerSettings,
    pub(super) kind: qiyou_api::CredentialKind,
    pub(super) session: Session,
    pub(super) mode: WatchMode,
    pub(super) inbox: Option<FolderId>,
    /// The open folder.
    pub(super) open: Option<FolderId>,
    /// Folders that changed on the server.
    pub(super) dirty: BTreeSet<FolderId>,
    /// Folders of which mails went without a UID being named.
    pub(super) shrunk: HashSet<FolderId>,
    /// Folders whose flags changed without a UID being named.
    pub(super) reflagged: HashSet<FolderId>,
    /// Numbers of unread mails that the server told and that are not looked after yet.
    pub(super) told_unseen: HashMap<FolderId, u32>,
    /// Folders whose UIDs were compared with the server's in this session.
    pub(super) verified: HashSet<FolderId>,
    /// Folders whose rows were counted against the server's in this session.
    pub(super) recounted: HashSet<FolderId>,
    /// Folders that were looked at once in this session; what the first look finds is told of as one.
    pub(super) seen: HashSet<FolderId>,
    /// Folders whose rows are not all here, with the UIDs to come, highest last.
    pub(super) backlog: HashMap<FolderId, Vec<u32>>,
    pub(super) unfinished: BTreeSet<FolderId>,
    pub(super) writing: Option<super::sync::Writing>,
    pub(super) texts_done: bool,
    /// Mails may wait to be read as reports.
    pub(super) reports: bool,
    pub(super) operations: bool,
    pub(super) looked: Vec<oneshot::Sender<()>>,
    pub(super) refresh_tree: bool,
    /// Refusals of an operation in this session.
    pub(super) refusals: HashMap<i64, u32>,
    pub(super) followers: Followers,
    /// Everything that was to be done was done at least once.
    served: bool,
    pub(super) refollow: bool,
    /// Names of folders that the server told of and that its list did not show.
    pub(super) unknown: HashSet<String>,
    pub(super) notified: bool,
    /// When flags that change without a UID may be looked after again, and the folder that waits for it.
    pub(super) next_unnamed: Instant,
    pub(super) unnamed: Option<FolderId>,
    pub(super) next_inbox: Instant,
    pub(super) next_others: Instant,
    pub(super) next_tree: Instant,
}

/// Sessions at once that a server bears that is known for resetting the third.
const FEW: usize = 2;
/// After a change of network the server has so long to send anything at all.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often flags are looked after that changed without a UID being named.
const UNNAMED_EVERY: Duration = Duration::from_secs(1);
/// How often the list of folders is asked for again.
const TREE_EVERY: Duration = Duration::from_mins(15);
/// The same where the server tells of every change by itself.
const TREE_EVERY_TOLD: Duration = Duration::from_hours(1);

/// A moment later; a wait beyond what the clock can count is none.
pub(super) fn after(from: Instant, wait: Duration) -> Instant {
    from.checked_add(wait).unwrap_or(from)
}

impl Work {
    pub(crate) fn new(context: Context, account: &StoredAccount, session: Session) -> Self {
        let now = Instant::now();
        let few = session.quirks().few_connections;
        context.lines.bear(if few {
            FEW
        } else {
            crate::setup::connection_limit(&account.settings)
        });
        let capabilities = session.capabilities();
        let mode = if capabilities.notify() {
            WatchMode::Notify
        } else if capabilities.idle() && !session.quirks().no_idle {
            WatchMode::Idle
        } else {
            WatchMode::Poll
        };
        Self {
            server: account.settings.imap.clone(),
            kind: account.settings.credential,
            context,
            session,
            mode,
            inbox: None,
            open: None,
            dirty: BTreeSet::new(),
            shrunk: HashSet::new(),
            reflagged: HashSet::new(),
            told_unseen: HashMap::new(),
            verified: HashSet::new(),
            recounted: HashSet::new(),
            seen: HashSet::new(),
            backlog: HashMap::new(),
            unfinished: BTreeSet::new(),
            writing: None,
            texts_done: false,
            reports: true,
            operations: true,
            looked: Vec::new(),
            refresh_tree: true,
            refusals: HashMap::new(),
            followers: Followers::default(),
            served: false,
            refollow: true,
            unknown: HashSet::new(),
            notified: false,
            next_unnamed: now,
            unnamed: None,
            next_inbox: now,
            next_others: now,
            next_tree: now,
        }
    }

    /// Works until the account is stopped or the line is lost. The second value says whether everything that was to be
    /// done was done once.
    pub(crate) async fn run(mut self, carried: Pending) -> (Ended, bool) {
        self.looked = carried.looked;
        // Beside the work, as a dead line may hold any step of it for minutes.
        let silence = silent_after_probe(std::sync::Arc::clone(&self.context.signals), self.session.count());
        let mut silence = std::pin::pin!(silence);
        let ended = loop {
            let turn = tokio::select! {
                turn = self.turn() => turn,
                () = &mut silence => {
                    tracing::info!(account = self.context.account, "the line did not outlive a change of network");
                    self.hand_over();
                    return (Ended::Reconnect, self.served);
                }
            };
            match turn {
                Ok(None) => {}
                Ok(Some(ended)) => break ended,
                Err(Trouble::Imap(error)) => {
                    tracing::debug!(account = self.context.account, %error, "the session failed");
                    break Ended::Failed(imap_failure(&error, &self.server, self.kind));
                }
                Err(Trouble::Store(error)) => {
                    tracing::error!(account = self.context.account, %error, "the store failed");
                    self.context.inner.met(Some(&error));
                    let cause = Cause {
                        code: qiyou_api::CauseCode::ServerSaid,
                        step: CheckStep::Done,
                        host: self.server.host.clone(),
                        port: self.server.port,
                        detail: error.to_string(),
                    };
                    break Ended::Failed(Failure { cause, transient: true });
                }
            }
        };
        if matches!(ended, Ended::Reconnect) {
            self.hand_over();
        }
        if let Some(writing) = self.writing.take() {
            // Rows on their way are written even when the line is gone.
            let _ = writing.task.await;
        }
        if !matches!(ended, Ended::Failed(_)) {
            let _ = tokio::time::timeout(Duration::from_secs(1), self.session.logout()).await;
        }
        (ended, self.served)
    }

    /// Who waits for a look gets that of the next session.
    fn hand_over(&mut self) {
        let looked = std::mem::take(&mut self.looked);
        self.context.signals.give_back(Pending {
            looked,
            ..Pending::default()
        });
    }

    /// One thing is done, the most urgent one; or the server is listened to.
    async fn turn(&mut self) -> Step<Option<Ended>> {
        if let Some(ended) = self.obey().await? {
            return Ok(Some(ended));
        }
        let unsolicited = self.session.take_unsolicited();
        self.hear(unsolicited).await?;
        if self.refresh_tree || Instant::now() >= self.next_tree {
            self.refresh_tree = false;
            self.look_at_tree().await?;
            let told = self.mode == WatchMode::Notify;
            self.next_tree = after(Instant::now(), if told { TREE_EVERY_TOLD } else { TREE_EVERY });
            return Ok(None);
        }
        if self.operations {
            // Whatever is queued while these run rings again.
            self.operations = false;
            self.replay().await?;
            return Ok(None);
        }
        if self.unnamed.is_some() && Instant::now() >= self.next_unnamed {
            // A server that never names UIDs would otherwise keep us asking without end.
            self.next_unnamed = after(Instant::now(), UNNAMED_EVERY);
            self.reflagged.extend(self.unnamed);
            self.dirty.extend(self.unnamed.take());
        }
        if let Some(folder) = self.most_urgent() {
            self.dirty.remove(&folder);
            self.look_at(folder).await?;
            return Ok(None);
        }
        if self.reports && self.unfinished.is_empty() {
            self.read_reports().await?;
            return Ok(None);
        }
        if self.poll_is_due().await? {
            return Ok(None);
        }
        if let Some(folder) = self.next_unfinished() {
            self.fill(folder).await?;
            return Ok(None);
        }
        self.settle().await?;
        for waiting in self.looked.drain(..) {
            let _ = waiting.send(());
        }
        if !self.texts_done {
            self.fetch_some_texts().await?;
            return Ok(None);
        }
        if !std::mem::replace(&mut self.served, true) {
            self.context.inner.met(None);
        }
        if std::mem::take(&mut self.refollow) {
            self.follow().await?;
        }
        self.listen().await?;
        Ok(None)
    }

    fn most_urgent(&self) -> Option<FolderId> {
        self.inbox
            .filter(|inbox| self.dirty.contains(inbox))
            .or_else(|| self.dirty.iter().next().copied())
    }

    fn next_unfinished(&self) -> Option<FolderId> {
        self.inbox
            .filter(|inbox| self.unfinished.contains(inbox))
            .or_else(|| self.unfinished.iter().next().copied())
    }

    /// Does what others wish.
    async fn obey(&mut self) -> Step<Option<Ended>> {
        let mut pending = self.context.signals.take();
        if pending.stop {
            return Ok(Some(Ended::Stopped));
        }
        if std::mem::take(&mut pending.reconnect) {
            // The other wishes are for the next session.
            self.context.signals.give_back(pending);
            return Ok(Some(Ended::Reconnect));
        }
        self.operations |= pending.operations;
        self.looked.append(&mut pending.looked);
        if pending.look {
            self.refresh_tree = true;
            self.texts_done = false;
        }
        if pending.nudge {
            (self.next_inbox, self.next_others) = (Instant::now(), Instant::now());
        }
        if pending.follow {
            self.next_others = Instant::now();
            self.refollow = true;
        }
        for (folder, hint) in pending.hints {
            self.dirty.insert(folder);
            if hint.gone {
                self.shrunk.insert(folder);
            }
            if hint.flags {
                self.reflagged.insert(folder);
            }
        }
        if pending.probe {
            self.followers.clear();
            self.refollow = true;
            // A line that does not answer soon after a change of network is dead; the keep-alive would find out late.
            let answer = tokio::time::timeout(PATIENCE, self.session.noop()).await;
            match answer {
                Ok(Ok(events)) => self.hear(events).await?,
                Ok(Err(_)) | Err(_) => return Ok(Some(Ended::Reconnect)),
            }
        }
        for (job, answer) in pending.folder_jobs {
            let done = self.folder_job(job).await;
            let outcome = match done {
                Ok(folder) => Ok(folder),
                Err(Trouble::Imap(error)) if error.is_fatal() => {
                    let _ = answer.send(Err(qiyou_api::ApiError::new(qiyou_api::ErrorCode::Offline)));
                    return Err(error.into());
                }
                Err(Trouble::Imap(error)) => Err(qiyou_api::ApiError::new(qiyou_api::ErrorCode::ServerRefused).with(
                    "detail",
                    error.server_text().map_or_else(|| error.to_string(), str::to_owned),
                )),
                Err(Trouble::Store(error)) => Err(crate::engine::store_error(error)),
            };
            let _ = answer.send(outcome);
        }
        Ok(None)
    }
}

/// Returns when the network changed and not a byte came from the server in the seconds after that.
async fn silent_after_probe(signals: std::sync::Arc<super::Signals>, count: std::sync::Arc<qiyou_net::ByteCount>) {
    loop {
        signals.probed().await;
        let mut before = count.received();
        let mut until = after(Instant::now(), PATIENCE);
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(until) => break,
                // Changes come in bursts: each counts, but none puts off the end of a line that is silent already.
                () = signals.probed() => if count.received() != before {
                    before = count.received();
                    until = after(Instant::now(), PATIENCE);
                }
            }
        }
        if count.received() == before {
            return;
        }
    }
}

//! A session at work: what is due is done in order of urgency, then the server is listened to.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use qiyou_api::{AccountState, Cause, CheckStep, Event, FolderId, ServerSettings, WatchMode};
use qiyou_imap::{Error, Mailbox, MailboxName, Session, Status, UidSet, Unsolicited, Wait, Waited};
use qiyou_store::folders::StoredFolder;
use qiyou_store::{accounts::StoredAccount, folders, mails};
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
    pub(super) operations: bool,
    pub(super) looked: Vec<oneshot::Sender<()>>,
    pub(super) refresh_tree: bool,
    /// Refusals of an operation in this session.
    pub(super) refusals: HashMap<i64, u32>,
    pub(super) followers: Followers,
    /// Everything that was to be done was done at least once.
    served: bool,
    refollow: bool,
    /// Names of folders that the server told of and that its list did not show.
    unknown: HashSet<String>,
    notified: bool,
    /// When flags that change without a UID may be looked after again, and the folder that waits for it.
    next_unnamed: Instant,
    unnamed: Option<FolderId>,
    next_inbox: Instant,
    next_others: Instant,
    next_tree: Instant,
}

/// Sessions at once that a server bears that is known for resetting the third.
const FEW: usize = 2;
/// After a change of network the server has so long to send anything at all.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often flags are looked after that changed without a UID being named.
const UNNAMED_EVERY: Duration = Duration::from_secs(1);
/// How often the list of folders is asked for again.
const TREE_EVERY: Duration = Duration::from_mins(15);

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
        if let Some(writing) = self.writing.take() {
            // Rows on their way are written even when the line is gone.
            let _ = writing.task.await;
        }
        if !matches!(ended, Ended::Failed(_)) {
            let _ = tokio::time::timeout(Duration::from_secs(1), self.session.logout()).await;
        }
        (ended, self.served)
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
            self.next_tree = after(Instant::now(), TREE_EVERY);
            self.look_at_tree().await?;
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
        self.served = true;
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
        if pending.reconnect {
            return Ok(Some(Ended::Reconnect));
        }
        self.operations |= pending.operations;
        self.looked.append(&mut pending.looked);
        if pending.look {
            self.refresh_tree = true;
            self.texts_done = false;
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

    /// Makes our tree the one that the server lists, tells what changed, and returns both.
    pub(super) async fn take_in_tree(&mut self) -> Step<(Vec<Mailbox>, Vec<StoredFolder>)> {
        let listed = self.session.list().await?;
        let account = self.context.account;
        let entries: Vec<_> = listed.iter().map(crate::convert::folder).collect();
        let store = self.context.inner.store.clone();
        let (changed, gone, all) = store
            .write(qiyou_store::Durability::Normal, move |tx| {
                let (changed, gone) = folders::reconcile(tx, account, &entries)?;
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
    async fn look_at_tree(&mut self) -> Step<()> {
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

    /// Followed folders get sessions of their own where the server speaks of the open folder alone.
    async fn follow(&mut self) -> Step<()> {
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
        // quirk: notify_names_in_utf8. Dovecot 2.3 tells of a folder by NOTIFY under its UTF-8 name, whatever the names
        // of LIST are.
        let same =
            |f: &&StoredFolder| f.wire == wire || MailboxName::from_wire_text(&f.wire).display() == name.display();
        match all.iter().find(same) {
            Some(folder) if folder.folder.selectable => self.compare(folder, status),
            Some(_) => {}
            // A name that LIST does not show either is asked after once, or a server could keep us busy for ever.
            None => self.refresh_tree |= self.unknown.insert(wire),
        }
        Ok(())
    }

    /// Asks the server where it does not speak up by itself. True when something was asked.
    async fn poll_is_due(&mut self) -> Step<bool> {
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
    async fn listen(&mut self) -> Step<()> {
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
}

/// Seconds between two looks at all flags of a folder, where the server has no CONDSTORE.
pub(super) fn sweep_seconds(context: &Context) -> i64 {
    i64::try_from(context.inner.pace.sweep.as_secs()).unwrap_or(i64::MAX)
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

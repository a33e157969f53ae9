//! One account at work: a task that owns the conversation with its server.

mod arrivals;
mod connect;
mod flags;
mod folder_jobs;
mod followers;
mod gone;
mod identity;
mod lines;
mod operations;
mod prefetch;
mod reports;
mod run;
mod sync;
mod tree;
mod watch;
mod work;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use qiyou_api::{AccountId, AccountState, ApiError, Folder, FolderId};
use tokio::sync::{Notify, oneshot};

pub(crate) use connect::{
    Failure, client_id, credentials, dial_cause, imap_failure, open_session, security as net_security,
};
pub(crate) use folder_jobs::bad_name;
pub(crate) use followers::Hint;
pub(crate) use identity::face;
pub(crate) use lines::Lines;

use crate::drafts::Mirror;
use crate::engine::{Inner, locked};
use crate::outbox::{Bell, Carrier, Outbox};
use crate::texts::Texts;

/// Something to be done with folders on the server, answered when it is done.
pub(crate) enum FolderJob {
    Create {
        parent: Option<FolderId>,
        name: String,
    },
    Rename {
        folder: FolderId,
        parent: Option<FolderId>,
        name: String,
    },
    Delete {
        folder: FolderId,
    },
    Subscribe {
        folder: FolderId,
        on: bool,
    },
}

pub(crate) type FolderAnswer = oneshot::Sender<Result<Option<Folder>, ApiError>>;

/// What others want of an account's task. Wishes add up; none is queued twice.
#[derive(Default)]
pub(crate) struct Pending {
    pub(crate) stop: bool,
    /// Servers, proxy or secret changed: begin anew.
    pub(crate) reconnect: bool,
    /// The network may have changed: see whether the line still lives.
    pub(crate) probe: bool,
    /// Look at every folder now.
    pub(crate) look: bool,
    /// Somebody says that there is new mail: ask now whatever would be asked soon.
    pub(crate) nudge: bool,
    pub(crate) looked: Vec<oneshot::Sender<()>>,
    /// Operations were queued.
    pub(crate) operations: bool,
    /// Folders that a person follows or not has changed.
    pub(crate) follow: bool,
    /// What the sessions that watch followed folders heard.
    pub(crate) hints: BTreeMap<FolderId, followers::Hint>,
    pub(crate) folder_jobs: Vec<(FolderJob, FolderAnswer)>,
}

/// The wishes with a bell.
#[derive(Default)]
pub(crate) struct Signals {
    pending: Mutex<Pending>,
    bell: Notify,
    probed: Notify,
}

impl Signals {
    /// Changes the wishes and rings.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Pending)) {
        change(&mut locked(&self.pending));
        self.bell.notify_one();
    }

    /// The network may have changed.
    pub(crate) fn probe(&self) {
        self.with(|pending| pending.probe = true);
        self.probed.notify_one();
    }

    /// Waits for a change of network, whatever else is being done.
    pub(crate) async fn probed(&self) {
        self.probed.notified().await;
    }

    pub(crate) fn take(&self) -> Pending {
        std::mem::take(&mut *locked(&self.pending))
    }

    /// Wishes that one session took and leaves to the next.
    fn give_back(&self, taken: Pending) {
        let Pending {
            stop,
            reconnect,
            probe,
            look,
            nudge,
            mut looked,
            operations,
            follow,
            hints,
            mut folder_jobs,
        } = taken;
        self.with(|pending| {
            pending.stop |= stop;
            pending.reconnect |= reconnect;
            pending.probe |= probe;
            pending.look |= look;
            pending.nudge |= nudge;
            pending.looked.append(&mut looked);
            pending.operations |= operations;
            pending.follow |= follow;
            for (folder, hint) in hints {
                let known = pending.hints.entry(folder).or_default();
                known.gone |= hint.gone;
                known.flags |= hint.flags;
            }
            folder_jobs.append(&mut pending.folder_jobs);
            pending.folder_jobs = folder_jobs;
        });
    }

    /// Waits until somebody rings; a ring that came before counts.
    pub(crate) async fn rung(&self) {
        self.bell.notified().await;
    }
}

/// A running account.
pub(crate) struct Handle {
    pub(crate) signals: Arc<Signals>,
    pub(crate) texts: Texts,
    pub(crate) outbox: Outbox,
    pub(crate) mirror: Mirror,
    state: Arc<Mutex<AccountState>>,
    task: tokio::task::JoinHandle<()>,
}

/// What an account's task works with.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) inner: Arc<Inner>,
    pub(crate) account: AccountId,
    pub(crate) signals: Arc<Signals>,
    pub(crate) lines: Lines,
    outbox: Arc<Bell>,
    state: Arc<Mutex<AccountState>>,
}

impl Handle {
    pub(crate) fn start(inner: Arc<Inner>, account: AccountId) -> Self {
        let signals = Arc::new(Signals::default());
        let state = Arc::new(Mutex::new(AccountState::Connecting));
        let lines = Lines::new();
        let bell = Arc::new(Bell::default());
        let context = Context {
            inner: Arc::clone(&inner),
            account,
            signals: Arc::clone(&signals),
            lines: lines.clone(),
            outbox: Arc::clone(&bell),
            state: Arc::clone(&state),
        };
        let outbox = Outbox::start(Carrier {
            inner: Arc::clone(&inner),
            account,
            lines: lines.clone(),
            signals: Arc::clone(&signals),
            bell,
        });
        let mirror = Mirror::start(Arc::clone(&inner), account, lines.clone(), Arc::clone(&signals));
        let texts = Texts::new(inner, account, lines);
        let task = tokio::spawn(run::run(context));
        Self {
            signals,
            texts,
            outbox,
            mirror,
            state,
            task,
        }
    }

    pub(crate) fn state(&self) -> AccountState {
        locked(&self.state).clone()
    }

    /// Logs out; a server that does not answer is left after two seconds.
    pub(crate) async fn stop(mut self) {
        self.mirror.stop();
        self.signals.with(|pending| pending.stop = true);
        self.outbox.stop().await;
        if tokio::time::timeout(std::time::Duration::from_secs(2), &mut self.task)
            .await
            .is_err()
        {
            self.task.abort();
        }
    }
}

impl Context {
    /// Remembers how the account stands and tells clients if that is news.
    pub(crate) async fn set_state(&self, new: AccountState) {
        let connected = matches!(new, AccountState::Connected { .. });
        let changed = {
            let mut state = locked(&self.state);
            let changed = *state != new;
            *state = new;
            changed
        };
        if changed {
            if connected {
                // The line is back, or the secret is right again.
                self.outbox.hurry();
            }
            self.inner.account_changed(self.account).await;
        }
    }
}

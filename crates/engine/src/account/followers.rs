//! Folders that a person follows, besides the inbox, on servers with IDLE: each has a session that only watches and
//! rings the account's task, within what the provider bears.

use std::collections::HashMap;
use std::time::Duration;

use qiyou_api::{CauseCode, FolderId};
use qiyou_imap::{MailboxName, SelectOptions, Unsolicited, Wait, Waited};
use tokio::task::JoinHandle;

use super::{Context, open_session};

/// What a watching session heard of its folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hint {
    /// Mails went.
    pub(crate) gone: bool,
    /// Flags changed.
    pub(crate) flags: bool,
}

/// How long a server may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(1);

struct Task {
    rank: usize,
    wire: String,
    handle: JoinHandle<()>,
}

impl Drop for Task {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

/// The watching sessions of one working session; they end with it.
#[derive(Default)]
pub(crate) struct Followers {
    tasks: HashMap<FolderId, Task>,
}

impl Followers {
    /// Watches exactly these folders, in this order of importance; who is watched already is not disturbed.
    pub(crate) fn follow(&mut self, context: &Context, folders: &[(FolderId, String)]) {
        self.tasks.retain(|id, task| {
            let at = folders
                .iter()
                .position(|(folder, wire)| folder == id && *wire == task.wire);
            at == Some(task.rank) && !task.handle.is_finished()
        });
        for (rank, (folder, wire)) in folders.iter().enumerate() {
            self.tasks.entry(*folder).or_insert_with(|| Task {
                rank,
                wire: wire.clone(),
                handle: tokio::spawn(watch(context.clone(), *folder, wire.clone(), rank)),
            });
        }
    }

    /// After a change of network each begins anew at the next [`Followers::follow`].
    pub(crate) fn clear(&mut self) {
        self.tasks.clear();
    }
}

fn hint(context: &Context, folder: FolderId, events: &[Unsolicited]) {
    let heard = Hint {
        gone: events
            .iter()
            .any(|e| matches!(e, Unsolicited::Expunge(_) | Unsolicited::Vanished(_))),
        flags: events.iter().any(|e| matches!(e, Unsolicited::Fetch(_))),
    };
    context.signals.with(|pending| {
        let known = pending.hints.entry(folder).or_default();
        known.gone |= heard.gone;
        known.flags |= heard.flags;
    });
}

async fn watch(context: Context, folder: FolderId, wire: String, rank: usize) {
    let pace = context.inner.pace;
    let mut wait = pace.retry;
    loop {
        let line = context.lines.watch(rank).await;
        let started = tokio::time::Instant::now();
        session(&context, folder, &wire, rank).await;
        drop(line);
        if started.elapsed() > Duration::from_mins(1) {
            wait = pace.retry;
        }
        tokio::time::sleep(wait.mul_f64(rand::random_range(0.75..1.25))).await;
        wait = wait.saturating_mul(2).min(pace.retry_most);
    }
}

/// One session, until its line is lost or its place is wanted for reading. The account's task has the word on whether the account as such is at fault.
async fn session(context: &Context, folder: FolderId, wire: &str, rank: usize) {
    let opened = tokio::select! {
        opened = open_session(&context.inner, context.account) => opened,
        () = context.lines.yielded(rank) => return,
    };
    let (_, mut session) = match opened {
        Ok(opened) => opened,
        Err(failure) => {
            tracing::debug!(folder, cause = ?failure.cause.code, "no session for a followed folder");
            if matches!(
                failure.cause.code,
                CauseCode::TooManyConnections | CauseCode::Disconnected
            ) {
                context.lines.refused();
            }
            return;
        }
    };
    let options = SelectOptions {
        read_only: true,
        ..SelectOptions::default()
    };
    if let Err(error) = session.select(&MailboxName::from_wire_text(wire), options).await {
        tracing::debug!(folder, %error, "a followed folder cannot be watched");
        return;
    }
    // What came while nobody watched.
    hint(context, folder, &[]);
    loop {
        match session
            .wait(Wait::Idle, context.inner.pace.renew, context.lines.yielded(rank))
            .await
        {
            Ok(Waited::Interrupted) => {
                // The server has to know that it is one session less before another one takes the place.
                let _ = tokio::time::timeout(FAREWELL, session.logout()).await;
                return;
            }
            Ok(Waited::Events(events)) => hint(context, folder, &events),
            Ok(Waited::Renew) => {}
            Err(error) => {
                tracing::debug!(folder, %error, "the session of a followed folder is over");
                return;
            }
        }
    }
}

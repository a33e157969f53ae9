//! How many sessions an account has besides the one that works, and who may have them.
//!
//! Providers bear few: NetEase resets the third. A session for reading goes before one that only watches.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// Who wants to read waits so long for a watching session to go.
const YIELD: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    /// Sessions besides the working one.
    limit: usize,
    /// The session for reading is open, or wants to be.
    reading: bool,
    /// Watching sessions that are open.
    watching: usize,
}

impl State {
    fn watchers(self) -> usize {
        self.limit.saturating_sub(usize::from(self.reading))
    }
}

/// The sessions of one account. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    state: Arc<watch::Sender<State>>,
}

/// A session for reading is open as long as this lives.
#[derive(Debug)]
pub(crate) struct Reading(Lines);

/// A watching session is open as long as this lives.
#[derive(Debug)]
pub(crate) struct Watching(Lines);

impl Lines {
    pub(crate) fn new() -> Self {
        Self {
            state: Arc::new(watch::Sender::new(State {
                limit: 1,
                reading: false,
                watching: 0,
            })),
        }
    }

    /// What the provider bears, the working session counted.
    pub(crate) fn bear(&self, sessions: usize) {
        // One for reading is always tried: without it nothing could be read.
        self.state
            .send_modify(|state| state.limit = sessions.saturating_sub(1).max(1));
    }

    /// The server refused a session: one less from now on, until the working session begins anew.
    pub(crate) fn refused(&self) {
        self.state
            .send_modify(|state| state.limit = state.limit.saturating_sub(1).max(1));
    }

    /// Waits until there is room for reading; watchers make it.
    pub(crate) async fn read(&self) -> Reading {
        self.state.send_modify(|state| state.reading = true);
        let reading = Reading(self.clone());
        let mut seen = self.state.subscribe();
        // Whoever does not go in time does not answer; the person who reads does not wait for that.
        let _ = tokio::time::timeout(YIELD, seen.wait_for(|state| state.watching <= state.watchers())).await;
        reading
    }

    /// Waits until the watcher of this rank (from 0) may have a session.
    pub(crate) async fn watch(&self, rank: usize) -> Watching {
        let mut seen = self.state.subscribe();
        let free = seen.wait_for(|state| rank < state.watchers() && state.watching < state.watchers());
        // The sender lives in `self`.
        let _ = free.await;
        self.state
            .send_modify(|state| state.watching = state.watching.saturating_add(1));
        Watching(self.clone())
    }

    /// Waits until the watcher of this rank has to go.
    pub(crate) async fn yielded(&self, rank: usize) {
        let mut seen = self.state.subscribe();
        let _ = seen.wait_for(|state| rank >= state.watchers()).await;
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.state.send_modify(|state| state.reading = false);
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.0
            .state
            .send_modify(|state| state.watching = state.watching.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests;

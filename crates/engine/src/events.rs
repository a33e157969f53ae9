//! The way out: one broadcast of events, each stamped when it was emitted.

use std::sync::Arc;

use qiyou_api::Event;
use tokio::sync::broadcast;

use crate::clock::Clock;

/// An event with the monotonic nanoseconds of its emission.
pub type Timed = Arc<(u64, Event)>;

/// Events that a slow client may fall behind before it gets [`Event::Overflow`].
const BACKLOG: usize = 1024;

/// How often lists changed, so that whoever keeps one knows whether it still holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Mails that came or went.
    pub(crate) rows: u64,
    /// Rows that show differently.
    pub(crate) flags: u64,
}

#[derive(Clone)]
pub(crate) struct Events {
    sender: broadcast::Sender<Timed>,
    clock: Arc<dyn Clock>,
    changes: Arc<std::sync::Mutex<Changes>>,
}

impl Events {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            sender: broadcast::channel(BACKLOG).0,
            clock,
            changes: Arc::default(),
        }
    }

    pub(crate) fn changes(&self) -> Changes {
        *crate::engine::locked(&self.changes)
    }

    pub(crate) fn emit(&self, event: Event) {
        let mut changes = crate::engine::locked(&self.changes);
        match &event {
            Event::MailArrived { .. }
            | Event::MailRemoved { .. }
            | Event::ListChanged { .. }
            | Event::FoldersChanged { .. }
            | Event::AccountRemoved { .. } => changes.rows = changes.rows.wrapping_add(1),
            Event::MailChanged { .. } => changes.flags = changes.flags.wrapping_add(1),
            _ => {}
        }
        drop(changes);
        // Nobody listening is the normal state.
        let _ = self.sender.send(Arc::new((self.clock.monotonic(), event)));
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Timed> {
        self.sender.subscribe()
    }
}

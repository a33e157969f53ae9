//! The way out: one broadcast of events, each stamped when it was emitted.

use std::sync::Arc;

use qiyou_api::Event;
use tokio::sync::broadcast;

use crate::clock::Clock;

/// An event with the monotonic nanoseconds of its emission.
pub type Timed = Arc<(u64, Event)>;

/// Events that a slow client may fall behind before it gets [`Event::Overflow`].
const BACKLOG: usize = 1024;

#[derive(Clone)]
pub(crate) struct Events {
    sender: broadcast::Sender<Timed>,
    clock: Arc<dyn Clock>,
}

impl Events {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            sender: broadcast::channel(BACKLOG).0,
            clock,
        }
    }

    pub(crate) fn emit(&self, event: Event) {
        // Nobody listening is the normal state.
        let _ = self.sender.send(Arc::new((self.clock.monotonic(), event)));
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Timed> {
        self.sender.subscribe()
    }
}

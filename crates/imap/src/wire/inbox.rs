//! What the wire has cut and the session has not taken yet: bounded, in order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

/// Items after which reading stops until the session has taken them.
const INBOX_ITEMS: usize = 512;
/// Bytes after which reading stops until the session has taken them.
const INBOX_BYTES: usize = 512 << 10;
/// What the session takes out.
#[derive(Debug)]
pub(crate) enum Item {
    Unit(Bytes),
    Skipped(Bytes),
    Head(Bytes),
    Piece(Bytes),
    Tail(Bytes),
}

impl Item {
    fn len(&self) -> usize {
        match self {
            Self::Unit(b) | Self::Skipped(b) | Self::Head(b) | Self::Piece(b) | Self::Tail(b) => b.len(),
        }
    }
}

/// Shared between the wire (inside async-imap) and the session, both in one task.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    pub(crate) items: VecDeque<Item>,
    bytes: usize,
    /// Tagged answers as the server wrote them; async-imap sees only their status.
    pub(crate) done: VecDeque<Bytes>,
    /// Tags of commands that were sent and not answered.
    pub(crate) outstanding: VecDeque<String>,
    /// Bytes received so far, to tell a slow server from a silent one.
    pub(crate) received: u64,
}

impl Inbox {
    pub(super) fn push(&mut self, item: Item) {
        self.bytes = self.bytes.saturating_add(item.len());
        self.items.push_back(item);
    }

    /// Takes all items out.
    pub(crate) fn take(&mut self) -> VecDeque<Item> {
        self.bytes = 0;
        std::mem::take(&mut self.items)
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether reading is to stop until the session has taken something.
    pub(super) fn is_full(&self) -> bool {
        self.items.len() >= INBOX_ITEMS || self.bytes >= INBOX_BYTES
    }
}

pub(crate) type SharedInbox = Arc<Mutex<Inbox>>;

/// The inbox, also after a panic elsewhere (it holds plain data).
pub(crate) fn lock(inbox: &SharedInbox) -> std::sync::MutexGuard<'_, Inbox> {
    inbox.lock().unwrap_or_else(PoisonError::into_inner)
}

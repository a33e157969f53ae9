//! What the system says about itself: sleep, network, screen lock, clock; and whether this is a moment to be quiet.

use futures::future::BoxFuture;

/// Something happened to the machine or the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SystemEvent {
    /// The machine goes to sleep now; there is a second at most.
    Suspend,
    /// The machine woke up: every connection is in doubt.
    Resume,
    /// Addresses, routes or the state of the network changed. `online` is the system's own opinion, `None` where it
    /// only says that something changed.
    NetworkChanged {
        /// See there.
        online: Option<bool>,
    },
    /// The session was locked (true) or unlocked.
    SessionLocked(bool),
    /// The wall clock was set, by a person or after a sleep that nobody announced.
    ClockJump,
}

/// What the system tells about the moment. All false where it tells nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AttentionNow {
    /// The window in front fills the whole screen.
    pub fullscreen: bool,
    /// The system holds bubbles back: do not disturb, a presentation, a shared screen.
    pub do_not_disturb: bool,
    /// The screen is shared or recorded.
    pub screen_shared: bool,
}

impl AttentionNow {
    /// Whether words of a mail could be read by others or disturb now.
    pub fn is_private(self) -> bool {
        !(self.fullscreen || self.do_not_disturb || self.screen_shared)
    }
}

/// Asked before a bubble, not watched: it costs a few messages, and nothing while no mail comes.
pub trait Attention: Send + Sync {
    /// The moment. Takes 200 ms at most; what does not answer counts as false.
    fn now(&self) -> BoxFuture<'_, AttentionNow>;
}

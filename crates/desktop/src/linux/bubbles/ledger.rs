//! Which bubbles on the screen are ours.

use std::collections::VecDeque;

use notify_rust::CloseReason as ServerReason;

use crate::{BubbleEvent, BubbleId, CloseReason, Happening};

#[cfg(test)]
mod tests;

/// Bubbles that we remember at once. A person does not look at more; a server that never says "closed" must not cost
/// memory for weeks.
const KNOWN_MAX: usize = 512;

/// Signals that wait for the answer that names their bubble.
const EARLY_MAX: usize = 32;

/// A bubble of a server, named as the bus names servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owned {
    /// Unique name on the bus, never used twice in the bus's life.
    pub(super) server: String,
    /// The server's number for it.
    pub(super) number: u32,
}

impl Owned {
    /// As an id to keep.
    pub(super) fn id(&self, bus: &str) -> BubbleId {
        BubbleId(format!("{bus}/{}/{}", self.server, self.number))
    }

    /// From an id that was kept; `None` if it is of another life of the bus.
    pub(super) fn parse(id: &BubbleId, bus: &str) -> Option<Self> {
        let (server, number) = id.0.strip_prefix(bus)?.strip_prefix('/')?.rsplit_once('/')?;
        Some(Self {
            server: server.to_owned(),
            number: number.parse().ok()?,
        })
    }
}

/// What a server said of a bubble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Signal {
    Action(String),
    Replied(String),
    Closed(ServerReason),
    Token(String),
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    known: VecDeque<Owned>,
    in_flight: usize,
    early: VecDeque<(Owned, Signal, bool)>,
    /// The token that came before the click that it is for.
    token: Option<(Owned, String)>,
}

impl Ledger {
    /// A bubble of ours is on the screen.
    pub(super) fn know(&mut self, owned: Owned) {
        if self.knows(&owned) {
            return;
        }
        if self.known.len() >= KNOWN_MAX {
            self.known.pop_front();
        }
        self.known.push_back(owned);
    }

    pub(super) fn knows(&self, owned: &Owned) -> bool {
        self.known.contains(owned)
    }

    /// A bubble is being shown (true), or is no longer.
    pub(super) fn flight(&mut self, begins: bool) {
        if begins {
            self.in_flight = self.in_flight.saturating_add(1);
        } else {
            self.in_flight = self.in_flight.saturating_sub(1);
            if self.in_flight == 0 {
                self.early.clear();
            }
        }
    }

    /// A signal came. `stays`: this server keeps expired bubbles, where they can still be clicked.
    pub(super) fn heard(&mut self, (owned, signal): (Owned, Signal), stays: bool, bus: &str) -> Vec<BubbleEvent> {
        if !self.knows(&owned) {
            if self.in_flight > 0 && self.early.len() < EARLY_MAX {
                self.early.push_back((owned, signal, stays));
            }
            return Vec::new();
        }
        let happening = match signal {
            Signal::Token(token) => {
                self.token = Some((owned, token));
                return Vec::new();
            }
            Signal::Action(key) if key == "default" => Happening::Activated,
            // The field opens by it; what was written comes by itself.
            Signal::Action(key) if key == "inline-reply" => return Vec::new(),
            Signal::Action(key) => Happening::Button(key),
            Signal::Replied(text) => Happening::Replied(text),
            Signal::Closed(reason) => {
                let reason = match reason {
                    ServerReason::Expired => CloseReason::Expired,
                    ServerReason::Dismissed => CloseReason::Dismissed,
                    ServerReason::CloseAction => CloseReason::Withdrawn,
                    ServerReason::Other(_) => CloseReason::Unknown,
                };
                if !(stays && reason == CloseReason::Expired) {
                    self.known.retain(|k| *k != owned);
                }
                Happening::Closed(reason)
            }
        };
        let activation_token = match (&happening, self.token.take()) {
            (Happening::Activated | Happening::Button(_), Some((of, token))) if of == owned => Some(token),
            _ => None,
        };
        vec![BubbleEvent {
            id: owned.id(bus),
            happening,
            activation_token,
        }]
    }

    /// What was heard of bubbles before we knew them.
    pub(super) fn early(&mut self, bus: &str) -> Vec<BubbleEvent> {
        let waiting = std::mem::take(&mut self.early);
        let mut told = Vec::new();
        for (owned, signal, stays) in waiting {
            told.extend(self.heard((owned, signal), stays, bus));
        }
        told
    }

    /// A server ended, and its bubbles with it.
    pub(super) fn forget(&mut self, server: &str, bus: &str) -> Vec<BubbleEvent> {
        let known = std::mem::take(&mut self.known);
        let (gone, kept): (VecDeque<_>, _) = known.into_iter().partition(|k| k.server == server);
        self.known = kept;
        gone.into_iter().map(|owned| self::gone(owned.id(bus))).collect()
    }
}

/// The event for an id that means nothing any more.
pub(super) fn gone(id: BubbleId) -> BubbleEvent {
    BubbleEvent {
        id,
        happening: Happening::Closed(CloseReason::ServerGone),
        activation_token: None,
    }
}

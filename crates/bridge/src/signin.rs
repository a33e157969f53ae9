//! A sign-in, safe against being phished.
//!
//! ```text
//! app                      bridge                       browser                    WeCom
//!  | start: key, challenge -> |                            |                          |
//!  | <- id, address           |                            |                          |
//!  | opens ------------------------------------------------> |                        |
//!  |                          | <- GET /signin/PAGE ------ |                          |
//!  |                          | -- cookie, state --------> | -- login page ---------> |
//!  | <- poll: scanned         | <- GET /callback?code ---- | <- code, state --------- |
//!  |                          | -- who is it? ---------------------------------------> |
//!  |                          | -- "on DESKTOP-4F2K?" ---> |                          |
//!  | <- poll: confirmed       | <- POST /confirm: yes ---- |                          |
//!  | <- qiyou://signin?c=CODE --------- or six digits ---- |                          |
//!  | redeem: CODE, verifier, key -> |                      |                          |
//!  | <- session               |                            |                          |
//! ```
//!
//! Who lures another into their sign-in holds key and verifier and never gets the code: it appears in the browser of
//! the one who confirmed. Who confirms somebody else's has a code without a key. So neither has a session.

pub mod api;
pub mod browser;

use std::hash::{BuildHasher as _, RandomState};

use tokio::sync::Notify;

pub(crate) use api::plain;

/// Rings for whoever waits for a sign-in. Several may share one: who is woken looks again.
pub struct Bells {
    all: Vec<Notify>,
    /// Stands in where there is none, which cannot be.
    spare: Notify,
    hasher: RandomState,
}

impl Default for Bells {
    fn default() -> Self {
        Self {
            all: std::iter::repeat_with(Notify::new).take(1024).collect(),
            spare: Notify::new(),
            hasher: RandomState::new(),
        }
    }
}

impl Bells {
    /// The bell of a sign-in.
    pub fn of(&self, id: &str) -> &Notify {
        let at = usize::try_from(self.hasher.hash_one(id) % 1024).unwrap_or_default();
        self.all.get(at).unwrap_or(&self.spare)
    }

    /// Something happened with a sign-in.
    pub fn ring(&self, id: &str) {
        self.of(id).notify_waiters();
    }
}

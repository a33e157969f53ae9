//! Apis whose quota is used up are left alone for a while: the block ends with its window (minute, hour, day), and
//! asking does not end it sooner.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::Error;

/// A used up quota (45009) is first waited for so long: the shortest window.
const CALLS: Duration = Duration::from_mins(1);
/// Too many calls at once (45033).
const AT_ONCE: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_hours(1);

#[derive(Default)]
pub(crate) struct Quotas(Mutex<HashMap<&'static str, Wait>>);

struct Wait {
    /// By the clock.
    until: Duration,
    /// What the next refusal in a row waits.
    next: Duration,
}

impl Quotas {
    /// Whether `api` may be asked at `now`.
    pub(crate) fn check(&self, api: &'static str, now: Duration) -> Result<(), Error> {
        let waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match waits.get(api).and_then(|wait| wait.until.checked_sub(now)) {
            Some(wait) if !wait.is_zero() => Err(Error::BackingOff { api, wait }),
            _ => Ok(()),
        }
    }

    /// `api` was refused at `now` because a quota is used up.
    pub(crate) fn refused(&self, api: &'static str, code: i64, now: Duration) {
        let first = if code == 45033 { AT_ONCE } else { CALLS };
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = waits.entry(api).or_insert(Wait {
            until: now,
            next: first,
        });
        // Calls that were under way together are refused together: that is one refusal.
        if wait.until <= now {
            wait.until = now.saturating_add(wait.next);
            wait.next = wait.next.saturating_mul(2).min(LONGEST);
        }
    }

    /// `api` was answered.
    pub(crate) fn answered(&self, api: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(api);
    }
}

#[cfg(test)]
mod tests;

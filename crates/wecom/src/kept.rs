//! A secret that WeCom hands out for a while (tokens, tickets): fetched by one for all, and anew before its end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

use crate::{Clock, Error};

/// The longest life that is believed.
const MAX_LIFE: Duration = Duration::from_hours(7 * 24);
/// Near its end a token is handed out with the rest of its life: it is asked for no more often than this.
const MIN_LIFE: Duration = Duration::from_secs(5);

/// So long is an old one used after a newer one could not be had, before that is tried again.
const AFTER_FAILURE: Duration = Duration::from_secs(10);

/// What WeCom handed out.
pub(crate) struct Fetched {
    pub(crate) value: SecretString,
    /// `expires_in`.
    pub(crate) life: Duration,
}

struct Known {
    value: SecretString,
    /// By the clock.
    fresh_until: Duration,
    ends: Duration,
}

/// The place of one such secret.
#[derive(Default)]
pub(crate) struct Kept {
    place: Mutex<Place>,
    /// Counts fetches that ended. Read before the place is waited for.
    ended: AtomicU64,
}

#[derive(Default)]
struct Place {
    known: Option<Known>,
    /// How the last fetch failed, if it did.
    failed: Option<Error>,
}

impl Kept {
    /// The secret, from `fetch` where it is not known or four fifths of its life are over. Who comes while somebody
    /// fetches waits for that, and shares its failure too.
    pub(crate) async fn get(
        &self,
        clock: &Clock,
        fetch: impl Future<Output = Result<Fetched, Error>>,
    ) -> Result<SecretString, Error> {
        let before = self.ended.load(Ordering::SeqCst);
        let mut place = self.place.lock().await;
        let now = clock();
        if let Some(known) = place
            .known
            .as_ref()
            .filter(|known| now < known.fresh_until.min(known.ends))
        {
            return Ok(known.value.clone());
        }
        if self.ended.load(Ordering::SeqCst) != before
            && let Some(error) = &place.failed
        {
            return Err(error.clone());
        }
        let fetched = fetch.await;
        self.ended.fetch_add(1, Ordering::SeqCst);
        match fetched {
            Ok(Fetched { value, life }) => {
                let life = life.clamp(MIN_LIFE, MAX_LIFE);
                let fresh = life.saturating_sub(life.checked_div(5).unwrap_or_default());
                place.failed = None;
                place.known = Some(Known {
                    value: value.clone(),
                    fresh_until: now.saturating_add(fresh),
                    ends: now.saturating_add(life),
                });
                Ok(value)
            }
            Err(error) => {
                // What still lives is better than nothing; it was to be replaced early for this very case.
                if let Some(known) = place.known.as_mut().filter(|known| now < known.ends) {
                    known.fresh_until = now.saturating_add(AFTER_FAILURE);
                    tracing::warn!(target: "wecom", %error, "no new token, the one at hand still lives");
                    return Ok(known.value.clone());
                }
                place.failed = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Forgets `value`, which WeCom did not take; a newer one stays.
    pub(crate) async fn forget(&self, value: &SecretString) {
        let mut place = self.place.lock().await;
        if place
            .known
            .as_ref()
            .is_some_and(|known| known.value.expose_secret() == value.expose_secret())
        {
            place.known = None;
        }
    }
}

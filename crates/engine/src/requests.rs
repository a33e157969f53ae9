//! How many requests each account made in the last hour: some providers count them and refuse who makes too many.

use std::collections::HashMap;
use std::sync::Mutex;

use qiyou_api::AccountId;

use crate::engine::locked;

const MINUTES: usize = 60;

/// Requests of one minute.
#[derive(Clone, Copy, Default)]
struct Minute {
    /// Unix minutes.
    at: i64,
    count: u32,
}

/// All accounts' requests.
#[derive(Default)]
pub(crate) struct Requests(Mutex<HashMap<AccountId, [Minute; MINUTES]>>);

fn minute(now: i64) -> i64 {
    now.div_euclid(60)
}

impl Requests {
    /// Notes requests made at `now` (unix seconds).
    pub(crate) fn add(&self, account: AccountId, now: i64, count: u32) {
        let at = minute(now);
        let place = usize::try_from(at.rem_euclid(60)).unwrap_or(0);
        let mut accounts = locked(&self.0);
        let minutes = accounts.entry(account).or_insert([Minute::default(); MINUTES]);
        if let Some(slot) = minutes.get_mut(place) {
            if slot.at != at {
                *slot = Minute { at, count: 0 };
            }
            slot.count = slot.count.saturating_add(count);
        }
    }

    /// Requests of the hour before `now`.
    pub(crate) fn of_last_hour(&self, account: AccountId, now: i64) -> u32 {
        let after = minute(now).saturating_sub(60);
        locked(&self.0).get(&account).map_or(0, |minutes| {
            minutes
                .iter()
                .filter(|slot| slot.at > after)
                .fold(0, |sum, slot| sum.saturating_add(slot.count))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Requests;

    #[test]
    fn only_the_last_hour_counts() {
        let requests = Requests::default();
        let now = 1_795_309_200;
        requests.add(1, now, 5);
        requests.add(1, now + 59 * 60, 2);
        requests.add(2, now, 100);
        assert_eq!(requests.of_last_hour(1, now + 59 * 60), 7);
        assert_eq!(requests.of_last_hour(1, now + 61 * 60), 2);
        // The same minute of the next hour begins anew.
        requests.add(1, now + 60 * 60, 1);
        assert_eq!(requests.of_last_hour(1, now + 60 * 60), 3);
        assert_eq!(requests.of_last_hour(3, now), 0);
    }
}

//! How much one address may ask for: a bucket of tokens each, filled by the minute.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Addresses that are remembered. When there are more, those whose bucket is full are forgotten; they lose nothing.
const MOST: usize = 100_000;

/// Buckets by whoever asks: a [`network`], a mailbox.
pub struct Buckets<K> {
    per_minute: u32,
    buckets: Mutex<HashMap<K, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    left: f64,
    at: i64,
}

impl<K: Eq + Hash> Buckets<K> {
    /// So many a minute, and as many at once.
    pub fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            buckets: Mutex::default(),
        }
    }

    /// Takes one. Else the seconds to wait.
    pub fn take(&self, from: K, now: i64) -> Result<(), u32> {
        let most = f64::from(self.per_minute);
        let rate = most / 60.0;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let filled = |bucket: &Bucket| {
            let seconds = u32::try_from(now.saturating_sub(bucket.at).max(0)).unwrap_or(u32::MAX);
            (bucket.left + f64::from(seconds) * rate).min(most)
        };
        if buckets.len() >= MOST && !buckets.contains_key(&from) {
            buckets.retain(|_, bucket| filled(bucket) < most);
            if buckets.len() >= MOST {
                return Err(60);
            }
        }
        let bucket = buckets.entry(from).or_insert(Bucket { left: most, at: now });
        bucket.left = filled(bucket);
        bucket.at = bucket.at.max(now);
        if bucket.left < 1.0 {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 1 and 60"
            )]
            return Err(((1.0 - bucket.left) / rate).ceil().clamp(1.0, 60.0) as u32);
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

/// Who has one address of version 6 has 2^64 of them.
pub fn network(from: IpAddr) -> IpAddr {
    match from {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        },
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_by_the_minute() {
        let buckets = Buckets::new(60);
        let (a, b) = ("10.0.0.1", "10.0.0.2");
        for _ in 0..60 {
            buckets.take(a, 100).unwrap();
        }
        assert_eq!(buckets.take(a, 100), Err(1));
        buckets.take(b, 100).unwrap();
        buckets.take(a, 101).unwrap();
        assert_eq!(buckets.take(a, 101), Err(1));
        // A clock that is set back gives nothing, and takes nothing.
        assert_eq!(buckets.take(a, 50), Err(1));
        buckets.take(a, 200).unwrap();
    }

    #[test]
    fn a_network_of_version_6_is_one_address() {
        let buckets = Buckets::new(1);
        let of = |address: &str| network(address.parse().unwrap());
        buckets.take(of("2001:db8::1"), 0).unwrap();
        buckets.take(of("2001:db8::2"), 0).unwrap_err();
        buckets.take(of("2001:db8:0:1::2"), 0).unwrap();
    }
}

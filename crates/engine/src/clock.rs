//! Time comes in from outside, so that tests can hold it still.

/// A source of time.
pub trait Clock: Send + Sync + 'static {
    /// Unix seconds.
    fn now(&self) -> i64;

    /// Nanoseconds of a clock that never jumps and that other processes of this computer read alike
    /// (`CLOCK_MONOTONIC`).
    fn monotonic(&self) -> u64;

    /// Minutes after local midnight, and whether it is Saturday or Sunday, at `at` (unix seconds).
    fn local(&self, at: i64) -> (u16, bool);

    /// Seconds by which local time is before UTC at `at` (unix seconds).
    fn offset(&self, at: i64) -> i32;
}

/// The computer's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        jiff::Timestamp::now().as_second()
    }

    #[cfg(unix)]
    fn monotonic(&self) -> u64 {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        u64::try_from(time.tv_sec)
            .unwrap_or(0)
            .saturating_mul(1_000_000_000)
            .saturating_add(u64::try_from(time.tv_nsec).unwrap_or(0))
    }

    #[cfg(not(unix))]
    fn monotonic(&self) -> u64 {
        static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
        u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn local(&self, at: i64) -> (u16, bool) {
        let Ok(stamp) = jiff::Timestamp::from_second(at) else {
            return (0, false);
        };
        let local = stamp.to_zoned(jiff::tz::TimeZone::system());
        let minutes = u16::try_from(local.hour()).unwrap_or(0).saturating_mul(60);
        let minutes = minutes.saturating_add(u16::try_from(local.minute()).unwrap_or(0));
        (
            minutes,
            matches!(
                local.weekday(),
                jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday
            ),
        )
    }

    fn offset(&self, at: i64) -> i32 {
        let Ok(stamp) = jiff::Timestamp::from_second(at) else {
            return 0;
        };
        jiff::tz::TimeZone::system().to_offset(stamp).seconds()
    }
}

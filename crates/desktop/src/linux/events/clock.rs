//! The wall clock being set, and sleep that nobody announced. The kernel cancels a timer made with
//! `TFD_TIMER_CANCEL_ON_SET` whenever the clock is set, and when the machine wakes up: no polling.

use std::{
    io::ErrorKind,
    os::fd::OwnedFd,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustix::{
    io::Errno,
    time::{
        ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime, timerfd_create,
        timerfd_settime,
    },
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::mpsc,
};

use super::tell;
use crate::SystemEvent;

#[cfg(test)]
mod tests;

/// Two voices that tell of one and the same waking are at most this far apart.
const SAME_WAKING: Duration = Duration::from_secs(15);

/// Steps below this are what network time does all day.
const STEP_MIN: Duration = Duration::from_secs(2);

/// Less than this is not sleep but rounding.
const NAP_MIN: Duration = Duration::from_millis(500);

/// The last time that a waking was told, shared by who may notice one.
#[derive(Debug, Clone, Default)]
pub(super) struct Naps(Arc<Mutex<Option<Duration>>>);

impl Naps {
    /// True if this waking was not told yet; then it counts as told.
    pub(super) fn say_resume(&self) -> bool {
        self.say_resume_at(now(ClockId::Boottime))
    }

    fn say_resume_at(&self, now: Duration) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = last.is_none_or(|last| now.saturating_sub(last) > SAME_WAKING);
        if new {
            *last = Some(now);
        }
        new
    }
}

/// What the three clocks said at a moment.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// Time of day minus time since boot, in milliseconds: changes when the clock is set, and only then.
    offset: i128,
    /// Time asleep since boot.
    asleep: Duration,
}

/// What a new reading tells against the one before.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    slept: bool,
    stepped: bool,
}

impl Reading {
    fn take() -> Self {
        let (day, boot, awake) = (now(ClockId::Realtime), now(ClockId::Boottime), now(ClockId::Monotonic));
        Self {
            offset: millis(day).saturating_sub(millis(boot)),
            asleep: boot.saturating_sub(awake),
        }
    }

    fn since(self, before: Self) -> Change {
        Change {
            slept: self.asleep.saturating_sub(before.asleep) >= NAP_MIN,
            stepped: self.offset.abs_diff(before.offset) >= STEP_MIN.as_millis(),
        }
    }
}

fn millis(time: Duration) -> i128 {
    i128::try_from(time.as_millis()).unwrap_or(i128::MAX)
}

fn now(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanos.into()))
}

/// A timer that never ends but by being cancelled.
pub(super) struct Jumps(AsyncFd<OwnedFd>);

impl Jumps {
    pub(super) fn new() -> std::io::Result<Self> {
        let timer = timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        arm(&timer)?;
        // SAFETY: an `OwnedFd` is open until it is dropped, stays the same descriptor, and moves into the `AsyncFd`.
        let watched = unsafe { AsyncFd::register_with_interest(timer, Interest::READABLE) };
        Ok(Self(watched?))
    }

    /// Waits until the clock was set or the machine woke up.
    async fn next(&self) -> std::io::Result<()> {
        let read = self.0.async_io(Interest::READABLE, |timer| {
            let mut count = [0u8; 8];
            match rustix::io::read(timer, &mut count) {
                Ok(_) | Err(Errno::CANCELED) => Ok(()),
                Err(Errno::AGAIN) => Err(ErrorKind::WouldBlock.into()),
                Err(e) => Err(e.into()),
            }
        });
        read.await?;
        arm(self.0.get_ref())
    }
}

fn arm(timer: &OwnedFd) -> std::io::Result<()> {
    // As far ahead as every kernel takes: the year 2200.
    let far = Timespec {
        tv_sec: 7_258_118_400,
        tv_nsec: 0,
    };
    let never = Itimerspec {
        it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
        it_value: far,
    };
    match timerfd_settime(
        timer,
        TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET,
        &never,
    ) {
        // A jump between two readings is told by this very call; it is armed all the same.
        Ok(_) | Err(Errno::CANCELED) => Ok(()),
        Err(e) => Err(e.into()),
    }
}

pub(super) async fn listen(jumps: Jumps, naps: Naps, events: mpsc::Sender<SystemEvent>) {
    let mut before = Reading::take();
    loop {
        tokio::select! {
            () = events.closed() => return,
            jumped = jumps.next() => if jumped.is_err() { return },
        }
        let reading = Reading::take();
        let change = reading.since(before);
        before = reading;
        if change.slept && naps.say_resume() && !tell(&events, SystemEvent::Resume) {
            return;
        }
        if change.stepped && !tell(&events, SystemEvent::ClockJump) {
            return;
        }
    }
}

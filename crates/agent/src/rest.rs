//! What is not needed any more is given back to the system once the agent has nothing to do.

#[cfg(target_os = "linux")]
mod pages;

use std::time::Duration;

use qiyou_engine::{Engine, Timed};
use tokio::sync::broadcast::error::RecvError;

/// So long after the last event. The store gives its caches back after 30 s, the session for reading ends after 60 s.
const QUIET: Duration = Duration::from_secs(75);

/// Gives memory back after each time of work. Ends with the engine.
pub(crate) async fn after_work(engine: Engine) {
    let mut events = engine.subscribe();
    let goes_on = |heard: &Result<Timed, RecvError>| !matches!(heard, Err(RecvError::Closed));
    // The start is work, too: the first rest needs no event before it.
    loop {
        while let Ok(heard) = tokio::time::timeout(QUIET, events.recv()).await {
            if !goes_on(&heard) {
                return;
            }
        }
        engine.rest();
        give_back();
        if !goes_on(&events.recv().await) {
            return;
        }
    }
}

/// Few heaps: glibc would make one for each thread that ever met another in malloc, and each keeps what it once had.
/// To be called before the first thread starts.
pub(crate) fn few_heaps() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // malloc.h
        const M_ARENA_MAX: std::ffi::c_int = -8;
        // SAFETY: mallopt takes two integers and may be called at any time; a value it dislikes it leaves alone.
        unsafe {
            mallopt(M_ARENA_MAX, 2);
        }
    }
}

fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim takes the heaps' locks by itself and frees only pages that nothing lies in.
    unsafe {
        malloc_trim(0);
    }
    #[cfg(target_os = "linux")]
    pages::leave();
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
unsafe extern "C" {
    fn mallopt(name: std::ffi::c_int, value: std::ffi::c_int) -> std::ffi::c_int;
    fn malloc_trim(keep: usize) -> std::ffi::c_int;
}

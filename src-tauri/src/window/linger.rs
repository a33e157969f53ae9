//! A main window that was closed is only hidden for some minutes, so that the next click on the tray shows it at once.
//! Then the program ends, and its memory is given back.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tauri::{Manager, WebviewWindow};

/// How long windows linger.
#[derive(Default)]
pub(crate) struct Linger {
    minutes: AtomicU32,
    /// Counts closing and showing: an end that was set before the last of these is none.
    turn: AtomicU64,
}

impl Linger {
    /// The person's choice; 0 for none.
    pub(crate) fn set(&self, minutes: u32) {
        self.minutes.store(minutes.min(24 * 60), Ordering::Relaxed);
    }

    /// The window is wanted again.
    pub(crate) fn stays(&self) {
        self.turn.fetch_add(1, Ordering::Relaxed);
    }

    /// How long a window that is closed now lingers, and the turn that this is.
    fn begin(&self) -> Option<(Duration, u64)> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        match self.minutes.load(Ordering::Relaxed) {
            0 => None,
            minutes => Some((Duration::from_mins(u64::from(minutes)), turn)),
        }
    }

    fn is(&self, turn: u64) -> bool {
        self.turn.load(Ordering::Relaxed) == turn
    }
}

/// The main window was closed: hides it. False when it is to go at once.
pub(super) fn closes(window: &WebviewWindow) -> bool {
    let Some((wait, turn)) = window.state::<Linger>().begin() else {
        return false;
    };
    if window.hide().is_err() {
        return false;
    }
    let window = window.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(wait).await;
        if window.state::<Linger>().is(turn) {
            // The program ends with its last window.
            let _ = window.destroy();
        }
    });
    true
}

#[cfg(test)]
mod tests {
    use super::Linger;

    #[test]
    fn a_window_that_came_back_outlives_the_end_that_was_set_before() {
        let linger = Linger::default();
        assert!(linger.begin().is_none(), "unless it was chosen, nothing lingers");
        linger.set(5);
        let (wait, first) = linger.begin().unwrap();
        assert_eq!(wait.as_secs(), 300);
        assert!(linger.is(first));
        linger.stays();
        assert!(!linger.is(first));
        let (_, second) = linger.begin().unwrap();
        assert!(linger.is(second) && !linger.is(first));
        linger.set(u32::MAX);
        assert_eq!(linger.begin().unwrap().0.as_secs(), 86_400);
    }
}

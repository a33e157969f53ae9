//! A main window that was closed is only hidden for some minutes, so that the next click on the tray shows it at once.
//! Then the program ends, and its memory is given back.

use std::time::Duration;

use tauri::{Manager, WebviewWindow};
use tokio::sync::watch;
use tokio::time::Instant;

/// What a window that was closed goes by.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Choice {
    minutes: u32,
    /// Counts closing and showing: an end that was set before the last of these is none.
    turn: u64,
}

/// How long windows linger.
#[derive(Default)]
pub(crate) struct Linger(watch::Sender<Choice>);

impl Linger {
    /// The person's choice; 0 for none. It holds for a window that is closed already, too.
    pub(crate) fn set(&self, minutes: u32) {
        self.0.send_if_modified(|choice| {
            let before = std::mem::replace(&mut choice.minutes, minutes.min(24 * 60));
            before != choice.minutes
        });
    }

    /// The window is wanted again.
    pub(crate) fn stays(&self) {
        self.0.send_modify(|choice| choice.turn = choice.turn.wrapping_add(1));
    }

    /// The window was closed just now. `None` when it is to go at once.
    fn begin(&self) -> Option<Lingering> {
        self.stays();
        let choices = self.0.subscribe();
        let Choice { minutes, turn } = *choices.borrow();
        (minutes > 0).then(|| Lingering {
            choices,
            turn,
            since: Instant::now(),
        })
    }
}

/// A window that was closed and is still there.
struct Lingering {
    choices: watch::Receiver<Choice>,
    turn: u64,
    since: Instant,
}

impl Lingering {
    /// Waits for the end of the time that was chosen, also when that choice changes meanwhile. False when the window
    /// was wanted again before.
    async fn ends(mut self) -> bool {
        loop {
            let Choice { minutes, turn } = *self.choices.borrow_and_update();
            if turn != self.turn {
                return false;
            }
            let wait = Duration::from_mins(u64::from(minutes)).saturating_sub(self.since.elapsed());
            // The program ends: so does this.
            match tokio::time::timeout(wait, self.choices.changed()).await {
                Err(_) => return true,
                Ok(Ok(())) => {}
                Ok(Err(_)) => return false,
            }
        }
    }
}

/// The main window was closed: hides it. False when it is to go at once.
pub(super) fn closes(window: &WebviewWindow) -> bool {
    let Some(lingering) = window.state::<Linger>().begin() else {
        return false;
    };
    if window.hide().is_err() {
        return false;
    }
    let window = window.clone();
    tauri::async_runtime::spawn(async move {
        if lingering.ends().await {
            // The program ends with its last window.
            let _ = window.destroy();
        }
    });
    true
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Linger;

    #[tokio::test(start_paused = true)]
    async fn a_window_that_came_back_outlives_the_end_that_was_set_before() {
        let linger = Linger::default();
        assert!(linger.begin().is_none(), "unless it was chosen, nothing lingers");
        linger.set(5);
        let first = linger.begin().unwrap();
        linger.stays();
        assert!(!first.ends().await);
        let (second, third) = (linger.begin().unwrap(), linger.begin().unwrap());
        let start = tokio::time::Instant::now();
        assert!(!second.ends().await, "closed twice, the later one counts");
        assert!(third.ends().await);
        assert_eq!(start.elapsed().as_secs(), 300);
        linger.set(u32::MAX);
        let start = tokio::time::Instant::now();
        assert!(linger.begin().unwrap().ends().await);
        assert_eq!(start.elapsed().as_secs(), 86_400);
    }

    #[tokio::test(start_paused = true)]
    async fn a_choice_that_comes_late_holds_for_the_window_that_is_closed_already() {
        let linger = Linger::default();
        linger.set(5);
        let closed = linger.begin().unwrap();
        let start = tokio::time::Instant::now();
        let later = async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            linger.set(1);
        };
        assert!(tokio::join!(closed.ends(), later).0);
        assert_eq!(start.elapsed().as_secs(), 60, "a minute from its closing");

        linger.set(30);
        let closed = linger.begin().unwrap();
        let later = async {
            tokio::time::sleep(Duration::from_mins(2)).await;
            linger.set(1);
        };
        let start = tokio::time::Instant::now();
        assert!(tokio::join!(closed.ends(), later).0);
        assert_eq!(start.elapsed().as_secs(), 120, "what it has had already counts");
    }
}

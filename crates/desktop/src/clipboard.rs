//! The clipboard, for what should not stay there.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::Error;

const WHAT: &str = "clipboard";

/// How long a secret stays there.
pub const SECRET_STAYS: Duration = Duration::from_mins(1);

/// The clipboard of the session.
pub trait Clipboard: Send + Sync {
    /// Puts a secret (a verification code) there, marked so that clipboard histories do not keep it, and takes it
    /// away after `stays` if it is still the one that lies there. Returns when it can be pasted.
    fn copy_secret(&self, text: SecretString, stays: Duration) -> BoxFuture<'_, Result<(), Error>>;
}

/// X11, Wayland, Windows and macOS by `arboard`, which knows each system's mark for secrets. Opened for the minute
/// that it is needed: on X11 it runs a thread for as long as it lives.
#[derive(Default)]
pub(crate) struct SystemClipboard {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    /// How many secrets there were: each one's time takes away that one alone.
    turn: u64,
    /// Our last secret, while it lies there; a newer one takes over the board.
    held: Option<Held>,
}

struct Held {
    board: arboard::Clipboard,
    text: SecretString,
}

impl Drop for SystemClipboard {
    fn drop(&mut self) {
        // A board that ends with something on it hands that to the clipboard manager, to keep.
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = shared.held.take() {
            held.take_away();
        }
    }
}

impl Clipboard for SystemClipboard {
    fn copy_secret(&self, text: SecretString, stays: Duration) -> BoxFuture<'_, Result<(), Error>> {
        let shared = Arc::clone(&self.shared);
        async move {
            let put = Arc::clone(&shared);
            let turn =
                tokio::task::spawn_blocking(move || put.lock().unwrap_or_else(PoisonError::into_inner).put(text));
            let turn = turn.await.map_err(|e| Error::absent(WHAT, e))??;
            tokio::spawn(async move {
                tokio::time::sleep(stays).await;
                // Systems may block for a while here: not on a worker of ours.
                let end = move || shared.lock().unwrap_or_else(PoisonError::into_inner).time_is_over(turn);
                let _ = tokio::task::spawn_blocking(end).await;
            });
            Ok(())
        }
        .boxed()
    }
}

impl Shared {
    fn put(&mut self, text: SecretString) -> Result<u64, Error> {
        let mut board = match self.held.take() {
            Some(before) => before.board,
            None => arboard::Clipboard::new().map_err(|e| Error::absent(WHAT, e))?,
        };
        mark(board.set())
            .text(text.expose_secret())
            .map_err(|e| Error::refused(WHAT, e))?;
        self.held = Some(Held { board, text });
        self.turn = self.turn.wrapping_add(1);
        Ok(self.turn)
    }

    fn time_is_over(&mut self, turn: u64) {
        if self.turn == turn
            && let Some(held) = self.held.take()
        {
            held.take_away();
        }
    }
}

impl Held {
    /// Empties the clipboard, unless something else lies there by now.
    fn take_away(mut self) {
        let still = self.board.get_text().is_ok_and(|now| {
            let (now, ours) = (SecretString::from(now), self.text.expose_secret());
            bool::from(now.expose_secret().as_bytes().ct_eq(ours.as_bytes()))
        });
        if still && let Err(e) = self.board.clear() {
            tracing::warn!("a copied code could not be taken off the clipboard: {e}");
        }
    }
}

#[cfg(target_os = "linux")]
fn mark(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtLinux::exclude_from_history(set)
}

#[cfg(windows)]
fn mark(set: arboard::Set<'_>) -> arboard::Set<'_> {
    use arboard::SetExtWindows as _;
    set.exclude_from_monitoring()
        .exclude_from_history()
        .exclude_from_cloud()
}

#[cfg(target_os = "macos")]
fn mark(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtApple::exclude_from_history(set)
}

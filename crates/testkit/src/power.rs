//! A disk that forgets what was not synced: an `SQLite` VFS over the default one.
//!
//! Files are written and read as ever. Beside that, each file has an image of what a disk would still have if the power
//! went now: what was there at the last `xSync`, and of the writes after it none, some, or pieces of 512 bytes. At a
//! moment chosen beforehand the power goes: the images stand still, and [`Disk::survivors`] writes them into an empty
//! folder, where a store may be opened as after a restart.
//!
//! One disk for a process: [`Disk::install`] makes it the VFS that every connection opened from then on uses.

mod vfs;

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::{Context as _, Result};
use rand::Rng;

/// What a disk writes as a whole.
const SECTOR: usize = 512;

/// A change of a file that was not synced yet.
#[derive(Clone, Debug)]
enum Change {
    Write { at: usize, data: Vec<u8> },
    Truncate(usize),
    Delete,
}

/// A file as a disk knows it.
#[derive(Clone, Debug, Default)]
struct Image {
    /// Whether it was ever synced, and not deleted since.
    there: bool,
    durable: Vec<u8>,
    pending: Vec<Change>,
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { at, data } => {
            let end = at.saturating_add(data.len());
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            if let Some(place) = bytes.get_mut(*at..end) {
                place.copy_from_slice(data);
            }
        }
        Change::Truncate(length) => bytes.resize(*length, 0),
        Change::Delete => bytes.clear(),
    }
}

#[derive(Debug, Default)]
struct State {
    images: HashMap<String, Image>,
    /// Writes and syncs until the power goes.
    left: Option<u64>,
    events: u64,
}

/// The one disk of this process.
#[derive(Debug, Default)]
pub struct Disk {
    state: Mutex<State>,
    dark: AtomicBool,
}

/// What of the writes after the last sync is still found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    Nothing,
    /// All up to some moment.
    Prefix,
    /// Any sector of any write.
    Sectors,
}

impl Disk {
    /// The disk, under every connection that is opened from now on.
    pub fn install() -> Result<&'static Self> {
        static DISK: OnceLock<Disk> = OnceLock::new();
        static INSTALLED: OnceLock<bool> = OnceLock::new();
        let disk = DISK.get_or_init(Self::default);
        anyhow::ensure!(*INSTALLED.get_or_init(|| vfs::register(disk)), "SQLite takes no VFS");
        Ok(disk)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The light is on, and goes out after so many writes and syncs.
    pub fn go_dark_after(&self, events: u64) {
        let mut state = self.state();
        state.images.clear();
        state.left = Some(events);
        state.events = 0;
        self.dark.store(false, Ordering::SeqCst);
    }

    /// The power goes now.
    pub fn go_dark(&self) {
        let _state = self.state();
        self.dark.store(true, Ordering::SeqCst);
    }

    /// Whether the power went. What was promised before this became true has to be kept.
    pub fn is_dark(&self) -> bool {
        self.dark.load(Ordering::SeqCst)
    }

    /// Writes and syncs since [`Disk::go_dark_after`], up to the dark.
    pub fn events(&self) -> u64 {
        self.state().events
    }

    /// Writes what a disk still has of the files below `from` into the empty folder `to`.
    pub fn survivors(&self, from: &Path, to: &Path, left: Left, dice: &mut impl Rng) -> Result<()> {
        let state = self.state();
        for (path, image) in &state.images {
            let Ok(name) = Path::new(path).strip_prefix(from) else {
                continue;
            };
            let mut bytes = image.durable.clone();
            let mut there = image.there;
            let until = match left {
                Left::Nothing => 0,
                Left::Prefix => dice.random_range(0..=image.pending.len()),
                Left::Sectors => image.pending.len(),
            };
            for change in image.pending.iter().take(until) {
                match change {
                    Change::Write { at, data } if left == Left::Sectors => {
                        for (n, piece) in data.chunks(SECTOR).enumerate() {
                            if dice.random_bool(0.5) {
                                let at = at.saturating_add(n.saturating_mul(SECTOR));
                                let data = piece.to_vec();
                                apply(&mut bytes, &Change::Write { at, data });
                                there = true;
                            }
                        }
                    }
                    _ if left == Left::Sectors && dice.random_bool(0.5) => {}
                    change => {
                        apply(&mut bytes, change);
                        there = !matches!(change, Change::Delete);
                    }
                }
            }
            if there {
                std::fs::write(to.join(name), &bytes).with_context(|| format!("write {}", name.display()))?;
            }
        }
        Ok(())
    }

    /// A file is opened: what lies there already is taken for durable.
    fn opened(&self, path: &str) {
        let mut state = self.state();
        if self.is_dark() || state.images.contains_key(path) {
            return;
        }
        let found = std::fs::read(path).unwrap_or_default();
        let image = Image {
            there: !found.is_empty(),
            durable: found,
            pending: Vec::new(),
        };
        state.images.insert(path.to_owned(), image);
    }

    /// One event. False when the power went before it.
    fn event(&self, state: &mut State) -> bool {
        if self.is_dark() {
            return false;
        }
        state.events = state.events.saturating_add(1);
        if let Some(left) = state.left.as_mut() {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.dark.store(true, Ordering::SeqCst);
                return false;
            }
        }
        true
    }

    fn changed(&self, path: &str, change: Change) {
        let mut state = self.state();
        if self.event(&mut state) {
            state.images.entry(path.to_owned()).or_default().pending.push(change);
        }
    }

    /// A file was deleted, and its folder synced.
    fn gone(&self, path: &str) {
        let mut state = self.state();
        if !self.is_dark() {
            state.images.insert(path.to_owned(), Image::default());
        }
    }

    fn synced(&self, path: &str) {
        let mut state = self.state();
        if self.event(&mut state) {
            // The default VFS syncs the folder with the first sync of a journal: what was deleted before stays so.
            let journal = path.ends_with("-wal") || path.ends_with("-journal");
            if journal && state.images.get(path).is_none_or(|image| !image.there) {
                for image in state.images.values_mut() {
                    if let Some(at) = image.pending.iter().rposition(|c| matches!(c, Change::Delete)) {
                        image.pending.drain(..=at);
                        image.durable.clear();
                        image.there = false;
                    }
                }
            }
            let image = state.images.entry(path.to_owned()).or_default();
            for change in std::mem::take(&mut image.pending) {
                apply(&mut image.durable, &change);
            }
            image.there = true;
        }
    }
}

#[cfg(test)]
mod tests;

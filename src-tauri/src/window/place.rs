//! Where the window stood, remembered for each arrangement of screens: a laptop at its desk and on the train are two.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Arrangements that are remembered.
const MOST: usize = 16;
/// The smallest window, and the least of it that has to be on a screen to be dragged, in logical pixels.
pub(super) const LEAST: (f64, f64) = (420.0, 420.0);
const GRIP: i64 = 80;

/// A screen, in physical pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Screen {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Physical pixels of a logical one, in percent.
    pub(super) scale: u32,
}

/// Where a window stands: its corner in physical pixels of the whole arrangement, its size in logical ones, so that a
/// change of scale changes what it covers and not what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) maximised: bool,
}

/// The file of places.
pub(crate) struct Places {
    file: PathBuf,
    known: Mutex<BTreeMap<String, Place>>,
}

/// A name for an arrangement, the same whatever order the system lists the screens in.
pub(super) fn arrangement(screens: &[Screen]) -> String {
    let mut names: Vec<String> = screens
        .iter()
        .map(|s| format!("{}x{}+{}+{}@{}", s.width, s.height, s.x, s.y, s.scale))
        .collect();
    names.sort();
    names.join(" ")
}

impl Places {
    /// Reads the file; one that cannot be read is as none.
    pub(crate) fn of_home(home: &std::path::Path) -> Self {
        let file = home.join("window.json");
        let known = std::fs::read(&file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Self {
            file,
            known: Mutex::new(known),
        }
    }

    /// Where the window stood on these screens, if enough of it would be seen there.
    pub(super) fn of(&self, screens: &[Screen]) -> Option<Place> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let place = known.get(&arrangement(screens)).copied()?;
        let sound =
            place.width >= LEAST.0 && place.height >= LEAST.1 && place.width <= 20_000.0 && place.height <= 20_000.0;
        (sound && screens.iter().any(|screen| screen.shows(&place))).then_some(place)
    }

    /// Remembers a place. Written at once: it happens when a window is closed or comes to rest.
    pub(super) fn keep(&self, screens: &[Screen], place: Place) {
        let text = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let name = arrangement(screens);
            if screens.is_empty() || known.get(&name) == Some(&place) {
                return;
            }
            if known.len() >= MOST && !known.contains_key(&name) {
                known.pop_first();
            }
            known.insert(name, place);
            serde_json::to_vec(&*known).unwrap_or_default()
        };
        let new = self.file.with_extension("json.new");
        let written = std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, &self.file));
        if let Err(error) = written {
            tracing::debug!(%error, "the window's place was not remembered");
        }
    }
}

impl Screen {
    /// Whether the window's title could be got hold of there.
    fn shows(&self, place: &Place) -> bool {
        let (left, top) = (i64::from(place.x), i64::from(place.y));
        #[expect(clippy::cast_possible_truncation, reason = "bounded by `Places::of`")]
        let width = (place.width * f64::from(self.scale) / 100.0) as i64;
        let right = left.saturating_add(width);
        let (from, to) = (
            i64::from(self.x),
            i64::from(self.x).saturating_add(i64::from(self.width)),
        );
        let bottom = i64::from(self.y).saturating_add(i64::from(self.height));
        let seen = right.min(to).saturating_sub(left.max(from));
        seen >= GRIP && top >= i64::from(self.y).saturating_sub(8) && top <= bottom.saturating_sub(GRIP)
    }
}

#[cfg(test)]
mod tests;

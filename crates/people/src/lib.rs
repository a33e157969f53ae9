//! People and how they are found. No network, no storage.
//!
//! A completion ranks those that match by how they match (a name's beginning before its middle, a name before an
//! address) and by use: how often and how lately somebody was written to.

pub mod book;
pub mod key;
mod reading;
mod surname;
mod syllable;

use reading::Reading;
pub use syllable::Typing;

/// Seconds after which use counts half.
const HALF_LIFE: f64 = 60.0 * 86_400.0;

/// Somebody that mails came from or went to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Empty when none is known.
    pub name: String,
    pub address: String,
    /// Mails to them.
    pub sent: u32,
    /// Mails from them.
    pub received: u32,
    /// Unix seconds of the last of these.
    pub last: i64,
    /// Stands in the address book.
    pub in_book: bool,
    /// Of a group: its people by name and address. It has no address of its own.
    pub members: Vec<(String, String)>,
}

struct Entry {
    known: Known,
    name: String,
    address: String,
    reading: Reading,
    use_at: f64,
}

/// People, ready to be looked up.
pub struct Index(Vec<Entry>);

/// How a query meets a person; the later the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meeting {
    Domain,
    /// Sounds like it to many.
    Forgiven,
    InAddress,
    InName,
    /// Sounds like some of the name.
    Sounds,
    /// Sounds like the name's beginning where its characters are read in another way.
    Otherwise,
    Address,
    /// Sounds like the name's beginning.
    SoundsFirst,
    Name,
    /// Means the name to its end; only [`key::Query`] tells.
    Whole,
}

/// Somebody whom a query means.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    pub known: &'a Known,
    pub meeting: Meeting,
    /// Is written to, or stands in the address book.
    pub used: bool,
}

#[allow(clippy::cast_precision_loss, reason = "a rank needs no more digits")]
fn use_of(known: &Known, now: i64) -> f64 {
    let age = now.saturating_sub(known.last).max(0) as f64;
    (f64::from(known.sent) * 5.0 + f64::from(known.received.min(50)) * 0.2) * 0.5_f64.powf(age / HALF_LIFE)
}

impl Index {
    /// Reads their names; `now` in Unix seconds.
    pub fn new(people: Vec<Known>, now: i64) -> Self {
        let entries = people.into_iter().map(|known| Entry {
            name: known.name.to_lowercase(),
            address: known.address.to_lowercase(),
            reading: Reading::of(&known.name),
            use_at: use_of(&known, now),
            known,
        });
        Self(entries.collect())
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that a query means, the likeliest first. An empty one means those who are written to most.
    pub fn complete(&self, query: &str, most: usize, typing: Typing) -> Vec<Found<'_>> {
        let query = query.trim().to_lowercase();
        let mut found: Vec<(Meeting, &Entry)> = self
            .0
            .iter()
            .filter_map(|entry| {
                if query.is_empty() {
                    return (entry.known.sent > 0).then_some((Meeting::Name, entry));
                }
                entry.meets(&query, typing).map(|meeting| (meeting, entry))
            })
            .collect();
        found.sort_by(|(a, x), (b, y)| {
            // Somebody who is never written to stands behind everybody who is.
            y.is_used()
                .cmp(&x.is_used())
                .then(b.cmp(a))
                .then(y.use_at.total_cmp(&x.use_at))
                .then_with(|| x.address.cmp(&y.address))
        });
        let found = found.into_iter().take(most);
        found
            .map(|(meeting, entry)| Found {
                known: &entry.known,
                meeting,
                used: entry.is_used(),
            })
            .collect()
    }
}

/// Whether what was typed means somebody: their name as it is written or sounds, or any of these texts.
pub fn means(query: &str, name: &str, texts: &[&str]) -> bool {
    let query = query.trim().to_lowercase();
    if query.is_empty() || name.to_lowercase().contains(&query) {
        return true;
    }
    let reading = Reading::of(name);
    let typing = Typing::Exact;
    reading.begins(&query, typing)
        || reading.holds(&query, typing)
        || texts.iter().any(|text| text.to_lowercase().contains(&query))
}

/// Whether a word of the text begins with it.
fn begins_word(text: &str, query: &str) -> bool {
    text.match_indices(query).any(|(at, _)| {
        text.get(..at)
            .and_then(|before| before.chars().next_back())
            .is_none_or(|before| !before.is_alphanumeric() || !before.is_ascii())
    })
}

impl Entry {
    fn is_used(&self) -> bool {
        self.known.sent > 0 || self.known.in_book
    }

    fn meets(&self, query: &str, typing: Typing) -> Option<Meeting> {
        let (local, domain) = self.address.rsplit_once('@').unwrap_or((&self.address, ""));
        if self.name.starts_with(query) {
            Some(Meeting::Name)
        } else if self.address.starts_with(query) {
            Some(Meeting::Address)
        } else if self.reading.begins(query, Typing::Exact) {
            Some(Meeting::SoundsFirst)
        } else if self.reading.holds(query, Typing::Exact) {
            Some(Meeting::Sounds)
        } else if self.name.contains(query) {
            begins_word(&self.name, query).then_some(Meeting::InName)
        } else if begins_word(local, query) {
            Some(Meeting::InAddress)
        } else if query.len() >= 2 && domain.starts_with(query.trim_start_matches('@')) {
            Some(Meeting::Domain)
        } else if typing == Typing::Forgiving
            && (self.reading.begins(query, typing) || self.reading.holds(query, typing))
        {
            Some(Meeting::Forgiven)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests;

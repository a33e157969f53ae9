//! Sets of UIDs as ranges (RFC 9051 `sequence-set`).

use std::fmt;

/// A set of UIDs, kept as sorted, disjoint, non-touching ranges: a whole mailbox is one range.
///
/// UID 0 does not exist and is never in a set. A server can announce huge ranges (`1:4294967295`), so walk over
/// [`UidSet::ranges`], or over [`UidSet::iter`] of an intersection with what is known.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct UidSet {
    ranges: Vec<(u32, u32)>,
}

impl UidSet {
    /// The empty set.
    pub const fn new() -> Self {
        Self { ranges: Vec::new() }
    }

    /// A set of one UID.
    pub fn one(uid: u32) -> Self {
        Self::range(uid, uid)
    }

    /// All UIDs from `first` to `last`, in either order, both inside.
    pub fn range(first: u32, last: u32) -> Self {
        let mut set = Self::new();
        set.insert_range(first, last);
        set
    }

    /// Adds one UID.
    pub fn insert(&mut self, uid: u32) {
        self.insert_range(uid, uid);
    }

    /// Adds all UIDs from `first` to `last`, in either order, both inside.
    pub fn insert_range(&mut self, first: u32, last: u32) {
        let (first, last) = if first <= last { (first, last) } else { (last, first) };
        let first = first.max(1);
        if last == 0 {
            return;
        }
        // The common case first: numbers come in rising order.
        match self.ranges.last_mut() {
            None => return self.ranges.push((first, last)),
            Some((_, end)) if first > *end => {
                if end.checked_add(1) == Some(first) {
                    *end = last;
                } else {
                    self.ranges.push((first, last));
                }
                return;
            }
            Some(_) => {}
        }
        // All ranges from `from` up to `to` overlap or touch the new one and melt into it.
        let from = self.ranges.partition_point(|&(_, end)| end.saturating_add(1) < first);
        let to = self
            .ranges
            .partition_point(|&(start, _)| start <= last.saturating_add(1));
        let mut merged = (first, last);
        if let Some(touched) = self.ranges.get(from..to.max(from)) {
            if let Some(&(start, _)) = touched.first() {
                merged.0 = merged.0.min(start);
            }
            if let Some(&(_, end)) = touched.last() {
                merged.1 = merged.1.max(end);
            }
        }
        self.ranges.splice(from..to.max(from), std::iter::once(merged));
    }

    /// Takes one UID out.
    pub fn remove(&mut self, uid: u32) {
        let at = self.ranges.partition_point(|&(_, end)| end < uid);
        let Some(&(start, end)) = self.ranges.get(at) else {
            return;
        };
        if start > uid {
            return;
        }
        let left = (start < uid).then(|| (start, uid.saturating_sub(1)));
        let right = (uid < end).then(|| (uid.saturating_add(1), end));
        self.ranges
            .splice(at..at.saturating_add(1), left.into_iter().chain(right));
    }

    /// Whether `uid` is in the set.
    pub fn contains(&self, uid: u32) -> bool {
        let at = self.ranges.partition_point(|&(_, end)| end < uid);
        self.ranges.get(at).is_some_and(|&(start, _)| start <= uid)
    }

    /// How many UIDs are in the set.
    pub fn len(&self) -> u64 {
        self.ranges
            .iter()
            .map(|&(a, b)| u64::from(b.saturating_sub(a)).saturating_add(1))
            .sum()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The smallest UID.
    pub fn first(&self) -> Option<u32> {
        self.ranges.first().map(|r| r.0)
    }

    /// The largest UID.
    pub fn last(&self) -> Option<u32> {
        self.ranges.last().map(|r| r.1)
    }

    /// The ranges, rising, both ends inside.
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// The UIDs, rising. See the type's word on huge ranges.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.ranges.iter().flat_map(|&(a, b)| a..=b)
    }

    /// Those of `known` (any order) that are in this set.
    pub fn intersection<'a>(&'a self, known: impl IntoIterator<Item = u32> + 'a) -> impl Iterator<Item = u32> + 'a {
        known.into_iter().filter(|&uid| self.contains(uid))
    }

    /// Adds all UIDs of `other`.
    pub fn union_with(&mut self, other: &Self) {
        for &(a, b) in &other.ranges {
            self.insert_range(a, b);
        }
    }

    /// Cuts the set into sets of at most `count` UIDs and at most `text` characters as a sequence-set each, so that
    /// no command line becomes longer than a server takes. Rising order. A range up to the largest number means "and
    /// whatever comes": it counts as one UID and is not cut.
    pub fn chunks(&self, count: usize, text: usize) -> Vec<Self> {
        let count = u64::try_from(count.max(1)).unwrap_or(u64::MAX);
        let mut chunks = Vec::new();
        let mut current = Self::new();
        let (mut held, mut length) = (0_u64, 0_usize);
        for &(mut first, last) in &self.ranges {
            loop {
                let room = count.saturating_sub(held);
                let width = range_width(first, last);
                if room == 0 || (!current.is_empty() && length.saturating_add(width) > text) {
                    chunks.push(std::mem::take(&mut current));
                    (held, length) = (0, 0);
                    continue;
                }
                if last == u32::MAX {
                    current.ranges.push((first, last));
                    held = held.saturating_add(1);
                    length = length.saturating_add(width);
                    break;
                }
                let end = u64::from(first)
                    .saturating_add(room.saturating_sub(1))
                    .min(u64::from(last));
                let end = u32::try_from(end).unwrap_or(last);
                current.ranges.push((first, end));
                held = held
                    .saturating_add(u64::from(end.saturating_sub(first)))
                    .saturating_add(1);
                length = length.saturating_add(width);
                if end >= last {
                    break;
                }
                first = end.saturating_add(1);
            }
        }
        if !current.is_empty() {
            chunks.push(current);
        }
        chunks
    }

    /// Reads a sequence-set (`1,3:5,9`). `*` counts as the largest number. `None` when it is none.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut set = Self::new();
        for part in text.split(|&b| b == b',') {
            let number = |raw: &[u8]| -> Option<u32> {
                if raw == b"*" {
                    return Some(u32::MAX);
                }
                std::str::from_utf8(raw).ok()?.parse().ok()
            };
            let mut ends = part.splitn(2, |&b| b == b':');
            let first = number(ends.next()?)?;
            let last = match ends.next() {
                Some(raw) => number(raw)?,
                None => first,
            };
            if first == 0 || last == 0 {
                return None;
            }
            set.insert_range(first, last);
        }
        Some(set)
    }
}

/// Characters of a range with its comma, at most.
fn range_width(first: u32, last: u32) -> usize {
    let digits = |n: u32| {
        usize::try_from(n.checked_ilog10().unwrap_or(0))
            .unwrap_or(0)
            .saturating_add(1)
    };
    digits(first).saturating_add(digits(last)).saturating_add(2)
}

impl FromIterator<u32> for UidSet {
    fn from_iter<I: IntoIterator<Item = u32>>(iter: I) -> Self {
        let mut uids: Vec<u32> = iter.into_iter().collect();
        uids.sort_unstable();
        let mut set = Self::new();
        for uid in uids {
            set.insert(uid);
        }
        set
    }
}

impl Extend<u32> for UidSet {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, iter: I) {
        for uid in iter {
            self.insert(uid);
        }
    }
}

/// As an IMAP sequence-set. The empty set prints as nothing, which no command takes: ask `is_empty` first.
impl fmt::Display for UidSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, &(first, last)) in self.ranges.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            if last == u32::MAX {
                write!(f, "{first}:*")?;
            } else if first == last {
                write!(f, "{first}")?;
            } else {
                write!(f, "{first}:{last}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for UidSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UidSet({self})")
    }
}

#[cfg(test)]
mod tests;

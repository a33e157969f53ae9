//! Pages of the program and its libraries that nobody needs at rest are taken out of the process.
//!
//! A first sync or an opened mail runs through megabytes of code that is not run again for hours. Such pages are copies
//! of files: without them the process is smaller, the system may use the room, and the next use brings them back from
//! the file cache in microseconds.

use std::ops::Range;

use rustix::mm::{Advice, madvise};

/// Takes all clean pages of mapped files out.
pub(super) fn leave() {
    // Without /proc there is nothing to be given back, and nothing lost.
    let Ok(smaps) = std::fs::read_to_string("/proc/self/smaps") else {
        return;
    };
    for range in clean(&smaps) {
        let start = std::ptr::without_provenance_mut(range.start);
        // SAFETY: the range is a whole mapping of a file, private, not writable and without a page of its own, so every
        // page that is dropped is read again from the file as it was. A mapping that went meanwhile is an error that
        // changes nothing.
        let _ = unsafe { madvise(start, range.len(), Advice::LinuxDontNeed) };
    }
}

/// The address ranges in `/proc/PID/smaps` that hold nothing but copies of a file: private, readable, not writable, and
/// without anonymous pages (relocated data is read-only, too, and is not in any file).
fn clean(smaps: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut candidate = None;
    for line in smaps.lines() {
        if let Some((range, droppable)) = mapping(line) {
            candidate = droppable.then_some(range);
        } else if let Some(kilobytes) = line.strip_prefix("Anonymous:")
            && kilobytes.trim() == "0 kB"
        {
            found.extend(candidate.take());
        }
    }
    found
}

/// The head of a mapping: where it lies, and whether its pages may be dropped if none of them is its own.
fn mapping(line: &str) -> Option<(Range<usize>, bool)> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let start = usize::from_str_radix(start, 16).ok()?;
    let end = usize::from_str_radix(end, 16).ok()?;
    let (kind, _offset, _device, inode) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let droppable = matches!(kind, "r--p" | "r-xp") && inode != "0";
    Some((start..end, droppable))
}

#[cfg(test)]
mod tests;

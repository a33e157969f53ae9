//! Lines that tell what is being done, and since when.

use std::time::Instant;

/// A clock that began with the command.
pub(crate) struct Progress(Instant);

impl Progress {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }

    /// One line, with the minutes and seconds since the command began.
    pub(crate) fn say(&self, what: &str) {
        eprintln!("[{}] {what}", clock(self.0.elapsed().as_secs()));
    }
}

fn clock(seconds: u64) -> String {
    format!(
        "{:2}:{:02}",
        seconds.checked_div(60).unwrap_or(0),
        seconds.checked_rem(60).unwrap_or(0)
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn seconds_are_shown_as_a_clock() {
        assert_eq!(super::clock(0), " 0:00");
        assert_eq!(super::clock(59), " 0:59");
        assert_eq!(super::clock(754), "12:34");
    }
}

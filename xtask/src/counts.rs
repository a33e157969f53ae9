//! Reading how many tests passed and failed out of what the test runners write.

/// Tests that ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Counts {
    /// Adds those of another runner.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed = self.passed.saturating_add(other.passed);
        self.failed = self.failed.saturating_add(other.failed);
    }

    /// One line of any of the runners. Nothing for a line that counts no tests.
    ///
    /// - cargo nextest: `Summary [ 1.2s] 23 tests run: 22 passed (1 flaky), 1 failed, 0 skipped`
    /// - cargo test: `test result: ok. 5 passed; 0 failed; 0 ignored; ...`; indented, it is what nextest shows of a test
    ///   that failed, which its summary counts
    /// - vitest: `Tests  2 failed | 41 passed (43)`
    pub(crate) fn of_line(line: &str) -> Option<Self> {
        let plain = without_colour(line);
        let text = plain.trim();
        let counted = if text.starts_with("Summary [") {
            text.split_once(" run:").map(|(_, counts)| counts)?
        } else if let Some(counts) = plain.strip_prefix("test result:") {
            counts
        } else {
            text.strip_prefix("Tests ")?
        };
        let mut counts = Self::default();
        for part in counted.split([',', ';', '|', '.', '(']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(word)) = (words.next(), words.next()) else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else { continue };
            match word.trim_end_matches(':') {
                "passed" => counts.passed = counts.passed.saturating_add(number),
                // nextest tells tests that ran too long, and those that did not even start, apart from the failed.
                "failed" | "timed" | "exec" => counts.failed = counts.failed.saturating_add(number),
                _ => {}
            }
        }
        Some(counts)
    }
}

/// The line without the escape sequences that colour it.
fn without_colour(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut escape = false;
    for c in line.chars() {
        match c {
            '\u{1b}' => escape = true,
            c if escape => escape = !c.is_ascii_alphabetic(),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn each_runner_is_understood() {
        let counts = |line| Counts::of_line(line).map(|counts| (counts.passed, counts.failed));
        assert_eq!(
            counts("     Summary [   0.109s] 23 tests run: 23 passed, 0 skipped"),
            Some((23, 0))
        );
        assert_eq!(
            counts(
                "     Summary [  12.1s] 30/31 tests run: 26 passed (1 slow, 2 flaky), 2 failed, 1 timed out, 1 exec failed, 4 skipped"
            ),
            Some((26, 4))
        );
        assert_eq!(
            counts("\u{1b}[32;1m     Summary\u{1b}[0m [   0.1s] 2 tests run: \u{1b}[32m2\u{1b}[0m passed"),
            Some((2, 0))
        );
        assert_eq!(
            counts("test result: FAILED. 5 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.01s"),
            Some((5, 1))
        );
        assert_eq!(counts("    test result: FAILED. 0 passed; 1 failed; 0 ignored"), None);
        assert_eq!(counts("      Tests  2 failed | 41 passed (43)"), Some((41, 2)));
        assert_eq!(counts("      Tests  43 passed (43)"), Some((43, 0)));
        assert_eq!(counts(" Test Files  6 passed (6)"), None);
        assert_eq!(counts("        PASS [   0.004s] (14/23) qiyou-frame tests::x"), None);
    }
}

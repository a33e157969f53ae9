//! Figures, as a table for people and as JSON.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

/// A unit with the number of decimals that make sense in it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unit {
    Ms,
    Seconds,
    Mb,
    Times,
    PerSecond,
    Percent,
    Count,
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            Self::Ms => format!("{value:.1} ms"),
            Self::Seconds => format!("{value:.2} s"),
            Self::Mb => format!("{value:.1} MB"),
            Self::Times => format!("{value:.2} x"),
            Self::PerSecond => format!("{value:.2}/s"),
            Self::Percent => format!("{value:.3} %"),
            Self::Count => format!("{value:.0}"),
        }
    }
}

/// The report as it grows; each figure is also said at once.
pub(super) struct Report {
    folder: PathBuf,
    table: String,
    figures: Vec<Value>,
}

impl Report {
    pub(super) fn begin(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        let table = "| figure | aim | measured | of the aim | load |\n|---|---|---|---|---|\n".to_owned();
        Ok(Self {
            folder: folder.to_owned(),
            table,
            figures: Vec::new(),
        })
    }

    /// What is going on, for who waits.
    #[allow(
        clippy::unused_self,
        reason = "one who measures speaks to the report, not to the terminal"
    )]
    pub(super) fn say(&self, words: &str) {
        eprintln!("bench: {words}");
    }

    /// One number. `aim` is the most that it should be.
    pub(super) fn figure(&mut self, name: &str, value: f64, unit: Unit, aim: Option<f64>) -> Result<()> {
        let load = load();
        let shown = unit.show(value);
        let aimed = aim.map_or_else(|| "-".to_owned(), |aim| format!("<= {}", unit.show(aim)));
        let share = aim.map_or_else(
            || "-".to_owned(),
            |aim| {
                let word = if value <= aim { "" } else { " MISSED" };
                format!("{:.2}{word}", value / aim)
            },
        );
        eprintln!("bench: {name}: {shown} (aim {aimed})");
        writeln!(self.table, "| {name} | {aimed} | {shown} | {share} | {load:.1} |")?;
        self.figures.push(json!({
            "figure": name, "value": value, "unit": format!("{unit:?}"), "aim": aim, "load": load,
        }));
        // A measurement that is cut short leaves what it has seen.
        self.write()
    }

    /// The 50th, 95th and 99th of a hundred, with aims where there are any; in milliseconds.
    pub(super) fn spread(&mut self, name: &str, mut values: Vec<f64>, aims: [Option<f64>; 3]) -> Result<()> {
        values.sort_by(f64::total_cmp);
        self.figure(&format!("{name}: arrivals"), values.len() as f64, Unit::Count, None)?;
        for (percent, aim) in [50, 95, 99].into_iter().zip(aims) {
            self.figure(
                &format!("{name}: p{percent}"),
                percentile(&values, percent),
                Unit::Ms,
                aim,
            )?;
        }
        Ok(())
    }

    fn write(&self) -> Result<()> {
        std::fs::write(self.folder.join("report.md"), &self.table)?;
        std::fs::write(
            self.folder.join("report.json"),
            serde_json::to_string_pretty(&self.figures)?,
        )?;
        Ok(())
    }

    /// Prints the table.
    pub(super) fn end(self) -> Result<()> {
        self.write()?;
        eprintln!("\n{}\nalso in {}", self.table, self.folder.join("report.md").display());
        Ok(())
    }
}

/// The nearest rank; of nothing it is 0.
pub(super) fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// The middle of some runs.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    percentile(&values, 50)
}

/// How many programs wanted a processor in the last minute.
fn load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ')
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or_default()
}

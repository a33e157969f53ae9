//! The measurements of `cargo xtask bench`. They tell what was seen beside what is aimed at, and assert nothing: a busy
//! machine is no defect.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "sums of measured numbers, which are small"
)]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

mod arrivals;
mod bridge;
mod directory;
mod figures;
mod idle;
mod process;
mod raw;
mod report;
mod start;
mod sync;
mod window;
mod world;
mod writing;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};

use report::Report;

/// How much is measured.
#[derive(Clone, Debug)]
pub struct Options {
    /// Mails of the large mailbox.
    pub messages: usize,
    /// Arrivals in the inbox, for each way of watching.
    pub arrivals: usize,
    /// Seconds from the last work to the beginning of the idle minute.
    pub rest: Duration,
    /// How long the idle agent is watched.
    pub watch: Duration,
    /// Where reports and the generated mailbox lie.
    pub folder: PathBuf,
}

/// What the command line asks for: `[arrivals|sync|idle|start|writing|directory|bridge|window|all] [cold|lingering|touches|memory] [--messages N] [--arrivals N] [--rest S] [--watch S]`.
pub async fn run(arguments: &[String], folder: PathBuf) -> Result<()> {
    let mut options = Options {
        messages: 50_000,
        arrivals: 200,
        rest: Duration::from_mins(5),
        watch: Duration::from_mins(10),
        folder,
    };
    let mut wanted: Vec<&str> = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut number = || -> Result<u64> {
            match words.next().and_then(|word| word.parse().ok()) {
                Some(number) => Ok(number),
                None => bail!("{word} wants a number"),
            }
        };
        match word.as_str() {
            "--messages" => options.messages = usize::try_from(number()?)?.max(200),
            "--arrivals" => options.arrivals = usize::try_from(number()?)?.max(1),
            "--rest" => options.rest = Duration::from_secs(number()?),
            "--watch" => options.watch = Duration::from_secs(number()?.max(1)),
            "all" => {
                wanted.extend([
                    "start",
                    "writing",
                    "directory",
                    "bridge",
                    "arrivals",
                    "poll",
                    "sync",
                    "idle",
                ]);
                wanted.extend(window::PARTS);
            }
            "arrivals" => wanted.extend(["arrivals", "poll"]),
            "window" => wanted.extend(window::PARTS),
            name if window::PARTS.contains(&name) => wanted.push(name),
            name @ ("start" | "writing" | "directory" | "bridge" | "poll" | "sync" | "idle") => wanted.push(name),
            other => bail!("no measurement is called {other}"),
        }
    }
    if wanted.is_empty() {
        wanted.extend(["start", "arrivals", "poll", "sync", "idle"]);
    }
    let mut report = Report::begin(&options.folder)?;
    if wanted.contains(&"writing") {
        writing::measure(&mut report).await?;
    }
    if wanted.contains(&"directory") {
        directory::measure(&mut report).await?;
    }
    if wanted.contains(&"bridge") {
        bridge::measure(&mut report).await?;
    }
    if wanted.contains(&"start") {
        start::measure(&mut report).await?;
    }
    if wanted.contains(&"arrivals") {
        arrivals::pushed(&options, &mut report).await?;
    }
    if wanted.contains(&"poll") {
        arrivals::polled(&mut report).await?;
    }
    let idle = wanted.contains(&"idle");
    if idle || wanted.contains(&"sync") {
        let synced = sync::measure(&options, &mut report).await?;
        if idle {
            idle::measure(&options, &mut report, synced).await?;
        }
    }
    wanted.retain(|name| window::PARTS.contains(name));
    if !wanted.is_empty() {
        window::measure(&mut report, &wanted).await?;
    }
    report.end()
}

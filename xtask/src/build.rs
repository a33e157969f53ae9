//! Building the programs: one profile for tests and demo, so that nothing is built twice.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::Context;

use crate::command::{cargo, npm, root, succeed};
use crate::progress::Progress;

/// Embeds the ui into the window. The same for every command that builds the window.
pub(crate) const FEATURES: &[&str] = &["--features", "qiyou/custom-protocol"];

/// Builds the ui when one of its files is newer than what was built last.
pub(crate) fn ui(progress: &Progress) -> anyhow::Result<()> {
    let built = root().join("ui/dist/index.html");
    let sources = [
        "ui/src",
        "ui/index.html",
        "ui/package-lock.json",
        "ui/vite.config.ts",
        "crates/words/catalog",
    ];
    let newest = sources
        .into_iter()
        .filter_map(|source| newest(&root().join(source)))
        .max();
    let done = fs::metadata(&built).and_then(|meta| meta.modified()).ok();
    if done.is_some() && done > newest {
        return Ok(());
    }
    progress.say("building the ui");
    succeed(npm(["run", "--silent", "build"]).stdout(std::io::stderr())).context("building the ui")
}

/// When something below `path` was last changed.
fn newest(path: &Path) -> Option<SystemTime> {
    let meta = fs::metadata(path).ok()?;
    if !meta.is_dir() {
        return meta.modified().ok();
    }
    fs::read_dir(path)
        .ok()?
        .flatten()
        .filter_map(|entry| newest(&entry.path()))
        .max()
}

/// Builds the window, the agent, and what the sandbox is run with.
pub(crate) fn programs(progress: &Progress) -> anyhow::Result<()> {
    ui(progress)?;
    progress.say("building the programs");
    let what = ["build", "--locked", "--workspace", "--bins"];
    succeed(&mut cargo(what.into_iter().chain(FEATURES.iter().copied()))).context("building the programs")
}

//! `cargo xtask bench`: the measurements, on the agent as it is shipped.

use std::process::ExitCode;

use anyhow::Context;

use crate::command::{self, built, cargo, code, npm, status, succeed, target};
use crate::progress::Progress;
use crate::setup::{Need, setup};

pub(crate) fn command(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let progress = Progress::new();
    setup(Need::Everything, &progress)?;
    if let Some((first, rest)) = arguments.split_first()
        && first == "ui"
    {
        return ui(rest, &progress);
    }
    release(
        &["--package", "qiyou-agent", "--bin", "qiyou-agent"],
        "the agent",
        &progress,
    )?;
    release(
        &["--package", "qiyou-engine", "--example", "qiyou-directory"],
        "the measurement of the directory",
        &progress,
    )?;
    if arguments
        .iter()
        .any(|argument| argument == "bridge" || argument == "all")
    {
        let bridge = [
            "--package",
            "qiyou-bridge",
            "--bin",
            "qiyou-bridge",
            "--example",
            "qiyou-load",
        ];
        release(&bridge, "the bridge and what loads it", &progress)?;
    }
    // Together with all other programs: alone, its dependencies would be built again with other features.
    crate::build::programs(&progress)?;
    measure(arguments)
}

/// `cargo xtask bench ui`: the page in Chromium, then the real window; with parts of the window, those alone.
fn ui(arguments: &[String], progress: &Progress) -> anyhow::Result<ExitCode> {
    crate::build::programs(progress)?;
    release(
        &["--package", "qiyou-agent", "--bin", "qiyou-agent"],
        "the agent",
        progress,
    )?;
    let window = ["--package", "qiyou", "--bin", "qiyou", "--example", "qiyou-bare"];
    release(&[&window[..], crate::build::FEATURES].concat(), "the window", progress)?;
    if arguments.is_empty() {
        progress.say("the page in Chromium");
        succeed(&mut npm(["run", "--silent", "bench"])).context("measuring the page")?;
    }
    progress.say("the real window");
    if arguments.is_empty() {
        measure(&["window".to_owned()])
    } else {
        measure(arguments)
    }
}

/// Builds a program as it is shipped.
fn release(what: &[&str], name: &str, progress: &Progress) -> anyhow::Result<()> {
    progress.say(&format!("building {name} as it is shipped"));
    let arguments = ["build", "--locked", "--release"].iter().chain(what).copied();
    succeed(&mut cargo(arguments)).with_context(|| format!("building {name}"))
}

fn measure(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let mut bench = command::command(built("qiyou-bench"), [target().join("bench").as_os_str()]);
    let release = target().join("release");
    bench
        .args(arguments)
        .env("QIYOU_BARE", release.join("examples/qiyou-bare"))
        .env("QIYOU_PROGRAMS", release);
    Ok(code(status(&mut bench)?))
}

//! `cargo xtask test`: everything that can fail, and one line that counts it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, bail};

use crate::build::FEATURES;
use crate::command::{self, cargo, npm, status};
use crate::counts::Counts;
use crate::progress::Progress;
use crate::setup::{Need, setup};

pub(crate) fn command(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let fast = match arguments {
        [] => false,
        [flag] if flag == "--fast" => true,
        _ => bail!("cargo xtask test [--fast]"),
    };
    let progress = Progress::new();
    let mut counts = Counts::default();
    let all_well = run(fast, &progress, &mut counts).unwrap_or_else(|error| {
        progress.say(&format!("{error:#}"));
        false
    });
    // What failed without being a test (a compiler's error, a lint) is a failure all the same.
    if !all_well && counts.failed == 0 {
        counts.failed = 1;
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "total: {} passed, {} failed", counts.passed, counts.failed)?;
    out.flush()?;
    Ok(if counts.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// True when everything passed. A step that fails does not keep the next ones from running.
fn run(fast: bool, progress: &Progress, counts: &mut Counts) -> anyhow::Result<bool> {
    setup(Need::Everything, progress)?;
    let mut all_well = true;
    let mut step = |what: &str, ran: anyhow::Result<bool>| {
        let well = ran.unwrap_or_else(|error| {
            progress.say(&format!("{error:#}"));
            false
        });
        if !well {
            progress.say(&format!("failed: {what}"));
        }
        all_well &= well;
    };
    if !fast {
        progress.say("cargo fmt --check");
        step("cargo fmt", checked(&mut cargo(["fmt", "--all", "--check"])));
    }
    progress.say("ui: types, style");
    step("npm run check", checked(&mut npm(["run", "--silent", "check"])));
    step("the ui's build", crate::build::ui(progress).map(|()| true));

    // Programs and tests in one go, so that both see the same features of every dependency.
    progress.say("building programs and tests");
    let build = ["build", "--locked", "--workspace", "--bins", "--tests"];
    step(
        "the build",
        checked(&mut cargo(build.into_iter().chain(FEATURES.iter().copied()))),
    );
    progress.say("ui: tests, some of them on a sandbox of the programs just built");
    step(
        "the ui's tests",
        counted(npm(["run", "--silent", "test:built"]).env("NO_COLOR", "1"), counts),
    );
    progress.say("tests");
    let nextest = command::exists("cargo-nextest");
    let runner: &[&str] = if nextest {
        &["nextest", "run", "--no-fail-fast"]
    } else {
        &["test", "--no-fail-fast"]
    };
    let what = runner
        .iter()
        .copied()
        .chain(["--locked", "--workspace", "--bins", "--lib", "--tests"]);
    step(
        "the tests",
        counted(&mut cargo(what.chain(FEATURES.iter().copied())), counts),
    );
    if !fast {
        progress.say("clippy");
        let clippy = ["clippy", "--locked", "--quiet", "--workspace", "--all-targets"];
        let strict = ["--", "-D", "warnings"];
        step(
            "clippy",
            checked(&mut cargo(
                clippy.into_iter().chain(FEATURES.iter().copied()).chain(strict),
            )),
        );
    }
    progress.say("done");
    Ok(all_well)
}

fn checked(command: &mut Command) -> anyhow::Result<bool> {
    Ok(status(command.stdout(std::io::stderr()))?.success())
}

/// Runs a test runner, shows what it writes, and adds up what it counts.
fn counted(command: &mut Command, counts: &mut Counts) -> anyhow::Result<bool> {
    // nextest writes to stderr, the others to stdout: one pipe takes both, in their order.
    let (reader, writer) = std::io::pipe().context("making a pipe")?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().context("starting the test runner")?;
    // This process must not hold the writing end, or the pipe never ends.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut failed = 0;
    for line in BufReader::new(reader).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        eprintln!("{line}");
        if let Some(more) = Counts::of_line(&line) {
            failed = more.failed.saturating_add(failed);
            counts.add(more);
        }
    }
    Ok(child.wait()?.success() && failed == 0)
}

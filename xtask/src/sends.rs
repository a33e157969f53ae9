//! `cargo xtask sends [N]`: the outbox's hardest test with more mails than the tests have time for.

use std::process::ExitCode;

use anyhow::Context as _;

use crate::command::{cargo, code, status};

/// Mails to each kind of server.
const USUAL: u32 = 250;

pub(crate) fn command(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let count = match arguments {
        [] => USUAL,
        [count, ..] => count.parse().context("how many? cargo xtask sends N")?,
    };
    let mut run = cargo([
        "test",
        "--package",
        "qiyou-engine",
        "--test",
        "sends",
        "--",
        "--nocapture",
        "--test-threads=4",
    ]);
    Ok(code(status(run.env("QIYOU_SENDS", count.to_string()))?))
}

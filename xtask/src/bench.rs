//! `cargo xtask bench`: the measurements, on the agent as it is shipped.

use std::process::ExitCode;

use anyhow::Context;

use crate::command::{self, built, cargo, code, status, succeed, target};
use crate::progress::Progress;
use crate::setup::{Need, setup};

pub(crate) fn command(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let progress = Progress::new();
    setup(Need::Everything, &progress)?;
    progress.say("building the agent as it is shipped");
    let agent = [
        "build",
        "--locked",
        "--release",
        "--package",
        "qiyou-agent",
        "--bin",
        "qiyou-agent",
    ];
    succeed(&mut cargo(agent)).context("building the agent")?;
    progress.say("building the measurements");
    let bench = ["build", "--locked", "--package", "qiyou-tests", "--bin", "qiyou-bench"];
    succeed(&mut cargo(bench)).context("building the measurements")?;
    let folder = target().join("bench");
    let mut bench = command::command(built("qiyou-bench"), [folder.as_os_str()]);
    bench.args(arguments).env("QIYOU_PROGRAMS", target().join("release"));
    Ok(code(status(&mut bench)?))
}

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
    // Together with all other programs: alone, its dependencies would be built again with other features.
    crate::build::programs(&progress)?;
    let folder = target().join("bench");
    let mut bench = command::command(built("qiyou-bench"), [folder.as_os_str()]);
    bench.args(arguments).env("QIYOU_PROGRAMS", target().join("release"));
    Ok(code(status(&mut bench)?))
}

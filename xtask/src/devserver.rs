//! `cargo xtask devserver`: the ui in a plain browser against the agent.

use std::process::ExitCode;

use crate::command::{self, built, code, status};
use crate::progress::Progress;
use crate::setup::{Need, setup};

pub(crate) fn command(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let progress = Progress::new();
    setup(Need::Window, &progress)?;
    crate::build::programs(&progress)?;
    Ok(code(status(&mut command::command(
        built("qiyou-devserver"),
        arguments,
    ))?))
}

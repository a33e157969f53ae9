//! `cargo xtask run`: agent and window on the person's own home.

use std::process::ExitCode;

use crate::command::{self, built, code, status};
use crate::progress::Progress;
use crate::setup::{Need, setup};

pub(crate) fn command(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let progress = Progress::new();
    setup(Need::Window, &progress)?;
    crate::build::programs(&progress)?;
    progress.say("starting the window (it starts the agent)");
    Ok(code(status(&mut command::command(built("qiyou"), arguments))?))
}

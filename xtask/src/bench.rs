//! `cargo xtask bench`: the measurements.

use std::process::ExitCode;

use anyhow::bail;

pub(crate) fn command(_arguments: &[String]) -> anyhow::Result<ExitCode> {
    bail!("no measurement is part of this version")
}

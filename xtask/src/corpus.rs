//! `cargo xtask corpus DIR`: every mail of a folder through the parser and the sanitiser.

use std::process::ExitCode;

use anyhow::bail;

use crate::command::{cargo, code, status};

pub(crate) fn command(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let [folder] = arguments else {
        bail!("which folder? cargo xtask corpus DIR")
    };
    // As seen from where the person stands, not from the project's root.
    let folder = std::path::absolute(folder)?;
    let mut run = cargo([
        "run",
        "--quiet",
        "--release",
        "--package",
        "qiyou-mime",
        "--example",
        "corpus",
        "--",
    ]);
    Ok(code(status(run.arg(folder))?))
}

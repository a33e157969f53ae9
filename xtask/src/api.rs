//! `cargo xtask api`: the table of crates/api as TypeScript.

use std::process::ExitCode;

use anyhow::Context;

use crate::command::{cargo, output, root};

pub(crate) fn command() -> anyhow::Result<ExitCode> {
    let text = output(&mut cargo([
        "run",
        "--quiet",
        "--package",
        "qiyou-api",
        "--example",
        "typescript",
    ]))
    .context("running the example `typescript` of qiyou-api")?;
    let path = root().join("ui/src/host/api.ts");
    std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    Ok(ExitCode::SUCCESS)
}

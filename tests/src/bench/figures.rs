//! Figures of a program that measures by itself, as one line of JSON each.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::report::{Report, Unit};

/// Where what is shipped lies.
pub(super) fn programs() -> Result<PathBuf> {
    let folder = std::env::var_os("QIYOU_PROGRAMS").context("QIYOU_PROGRAMS names no folder")?;
    Ok(PathBuf::from(folder))
}

/// Runs an example that measures, and reports what it says.
pub(super) async fn of_program(report: &mut Report, what: &str, program: &str, arguments: &[OsString]) -> Result<()> {
    let program = programs()?.join("examples").join(program);
    let ended = tokio::process::Command::new(&program)
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .await
        .with_context(|| format!("run {}", program.display()))?;
    ensure!(
        ended.status.success(),
        "the measurement of the {what} ended with {}",
        ended.status
    );
    let text = String::from_utf8(ended.stdout)?;
    for line in text.lines() {
        let seen: Value = serde_json::from_str(line).with_context(|| format!("read {line}"))?;
        let name = seen.get("figure").and_then(Value::as_str).context("a name")?;
        let value = seen.get("value").and_then(Value::as_f64).context("a value")?;
        let unit = match seen.get("unit").and_then(Value::as_str) {
            Some("Seconds") => Unit::Seconds,
            Some("Ms") => Unit::Ms,
            Some("Mb") => Unit::Mb,
            Some("Percent") => Unit::Percent,
            Some("PerSecond") => Unit::PerSecond,
            _ => Unit::Count,
        };
        let aim = seen.get("aim").and_then(Value::as_f64);
        report.figure(&format!("{what}: {name}"), value, unit, aim)?;
    }
    Ok(())
}

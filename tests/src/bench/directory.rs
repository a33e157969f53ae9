//! The enterprise directory of 100,000 people: taken in, changed, found. Measured in a process of its own, which is the
//! engine as it is shipped.

use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::report::{Report, Unit};

const PEOPLE: usize = 100_000;

pub(super) async fn measure(report: &mut Report) -> Result<()> {
    report.say("the enterprise directory");
    let programs = std::env::var("QIYOU_PROGRAMS").context("QIYOU_PROGRAMS names no folder")?;
    let program = std::path::Path::new(&programs).join("examples/qiyou-directory");
    let ended = tokio::process::Command::new(&program)
        .arg(PEOPLE.to_string())
        .stderr(Stdio::inherit())
        .output()
        .await
        .with_context(|| format!("run {}", program.display()))?;
    ensure!(
        ended.status.success(),
        "the measurement of the directory ended with {}",
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
            _ => Unit::Count,
        };
        report.figure(
            &format!("directory: {name}"),
            value,
            unit,
            seen.get("aim").and_then(Value::as_f64),
        )?;
    }
    Ok(())
}

//! The bridge as it is shipped: sign-ins, lines, memory. Measured by a process of its own.

use anyhow::Result;

use super::figures::of_program;
use super::report::Report;

/// Apps that listen at once.
const LINES: usize = 10_000;

pub(super) async fn measure(report: &mut Report) -> Result<()> {
    report.say("the bridge");
    let programs = super::figures::programs()?;
    let bridge = programs.join("qiyou-bridge");
    let arguments = [bridge.as_os_str().to_owned(), LINES.to_string().into()];
    of_program(report, "bridge", "qiyou-load", &arguments).await
}

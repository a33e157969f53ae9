//! The enterprise directory of 100,000 people: taken in, changed, found. Measured in a process of its own, which is the
//! engine as it is shipped.

use anyhow::Result;

use super::figures::of_program;
use super::report::Report;

const PEOPLE: usize = 100_000;

pub(super) async fn measure(report: &mut Report) -> Result<()> {
    report.say("the enterprise directory");
    of_program(report, "directory", "qiyou-directory", &[PEOPLE.to_string().into()]).await
}

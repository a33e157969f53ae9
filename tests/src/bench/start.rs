//! From the start of the process to the tray.

use anyhow::{Context as _, Result};
use qiyou_testkit::clock::monotonic_ns;
use qiyou_testkit::desktop::{Session, TrayHost};

use super::report::{Report, Unit, median};
use crate::house::House;

const RUNS: usize = 15;

pub(super) async fn measure(report: &mut Report) -> Result<()> {
    report.say("starting the agent a few times");
    let session = Session::start().await?;
    let tray = TrayHost::start(session.bus()).await?;
    // The first start makes home and store; it is not counted.
    let mut house = House::start(session.environment().clone()).await?;
    tray.item().await?;
    let mut took = Vec::new();
    for _ in 0..RUNS {
        house.ask(&["quit"], None)?;
        tray.wait_empty().await?;
        let before = monotonic_ns();
        house.start_agent().await?;
        let item = tray.item().await.context("no tray icon")?;
        took.push(item.registered_ns.saturating_sub(before) as f64 / 1e6);
    }
    report.figure(
        "start -> tray, median of 15",
        median(took.clone()),
        Unit::Ms,
        Some(150.0),
    )?;
    let slowest = took.into_iter().fold(0.0, f64::max);
    report.figure("start -> tray, slowest of 15", slowest, Unit::Ms, None)
}

//! 张三 closes the window and wants it again.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use qiyou_testkit::desktop::TrayHost;
use qiyou_tests::desk::{Desk, mail};
use qiyou_tests::screen::{close, seen, shown, title, xdotool};

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_window_comes_back_at_once_and_is_gone_from_memory_when_it_is_not_to_linger() -> Result<()> {
    let desk = Desk::with(&[mail("first", "<p>An earlier mail.</p>")]).await?;
    desk.settle(|settings| settings.linger_minutes = 1).await?;
    let tray = TrayHost::start(desk.session.bus()).await?;
    let item = tray.item().await?;

    item.activate().await?;
    let window = seen(&desk.session, "qiyou").await?;
    drawn(&desk, &window).await?;
    let process = xdotool(&desk.session, &["getwindowpid", &window])?;
    let lives = || Path::new(&format!("/proc/{process}/exe")).exists();

    // Closed, it is out of sight and still there; a click on the tray shows the same one.
    close(&desk.session, &window)?;
    gone(&desk).await?;
    ensure!(lives(), "it lingers");
    item.activate().await?;
    let again = seen(&desk.session, "qiyou").await?;
    ensure!(
        xdotool(&desk.session, &["getwindowpid", &again])? == process,
        "it is the same program"
    );

    // When nothing is to linger, a closed one goes. The window may hear of the choice a moment after the click.
    desk.settle(|settings| settings.linger_minutes = 0).await?;
    let start = Instant::now();
    while lives() {
        ensure!(start.elapsed() < qiyou_tests::house::PATIENCE, "it never goes");
        match shown(&desk.session, "qiyou") {
            Some(window) => close(&desk.session, &window).or_else(|error| if lives() { Err(error) } else { Ok(()) })?,
            None => item.activate().await?,
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    // The next click shows a new one.
    item.activate().await?;
    let fresh = seen(&desk.session, "qiyou").await?;
    ensure!(
        xdotool(&desk.session, &["getwindowpid", &fresh])? != process,
        "a new program"
    );
    Ok(())
}

/// Waits until the page runs: it gives the window its title.
async fn drawn(desk: &Desk, window: &str) -> Result<()> {
    let start = Instant::now();
    while !title(&desk.session, window).contains("企邮") {
        ensure!(start.elapsed() < qiyou_tests::house::PATIENCE, "the page does not run");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Waits until no window of ours can be seen.
async fn gone(desk: &Desk) -> Result<()> {
    let start = Instant::now();
    while shown(&desk.session, "qiyou").is_some() {
        ensure!(start.elapsed() < qiyou_tests::house::PATIENCE, "the window stays");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

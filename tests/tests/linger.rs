//! 张三 closes the window and wants it again.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use qiyou_testkit::desktop::TrayHost;
use qiyou_tests::desk::{Desk, mail};
use qiyou_tests::screen::{close, seen, shown, title, xdotool};

/// How long a window lingers at least, and what its end may take.
const LINGERED: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_window_comes_back_at_once_and_is_gone_from_memory_after_its_time() -> Result<()> {
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

    // Closed and left alone, it goes, with the processes that drew it.
    let closed = Instant::now();
    close(&desk.session, &again)?;
    gone(&desk).await?;
    while lives() {
        ensure!(closed.elapsed() < LINGERED * 2, "it never goes");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    ensure!(closed.elapsed() >= LINGERED, "it went after {:?}", closed.elapsed());

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

//! Windows on the display of a session, seen and touched from outside.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use qiyou_testkit::desktop::Session;

use crate::house::PATIENCE;

/// Between two looks at the screen; nothing tells when a window appears.
const LOOK: Duration = Duration::from_millis(100);

/// The title of a window; empty when it is gone.
pub fn title(session: &Session, window: &str) -> String {
    xdotool(session, &["getwindowname", window]).unwrap_or_default()
}

/// Waits until a window of that class can be seen; its number.
pub async fn seen(session: &Session, class: &str) -> Result<String> {
    let found = async {
        loop {
            if let Ok(windows) = xdotool(session, &["search", "--onlyvisible", "--class", class])
                && let Some(window) = windows.lines().last()
            {
                return window.to_owned();
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, found)
        .await
        .with_context(|| format!("no window of {class}"))
}

/// Clicks into a window, as a hand would: so many hundredths of its width from the left, so many points above its
/// lower edge.
pub fn click(session: &Session, window: &str, across: i64, above: i64) -> Result<()> {
    let geometry = xdotool(session, &["getwindowgeometry", "--shell", window])?;
    let number = |name: &str| -> Result<i64> {
        let value = geometry
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            .context("a geometry")?;
        Ok(value.parse()?)
    };
    let inside = number("WIDTH")?.saturating_mul(across).checked_div(100).unwrap_or(0);
    let x = number("X")?.saturating_add(inside).to_string();
    let y = number("Y")?
        .saturating_add(number("HEIGHT")?)
        .saturating_sub(above)
        .to_string();
    xdotool(session, &["mousemove", "--sync", &x, &y, "click", "1"])?;
    Ok(())
}

/// Runs xdotool on the display of a session; what it wrote.
pub fn xdotool(session: &Session, arguments: &[&str]) -> Result<String> {
    let output = session
        .command("xdotool")
        .args(arguments)
        .output()
        .context("starting xdotool")?;
    if !output.status.success() {
        bail!(
            "xdotool {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

//! Windows on the display of a session, seen and touched from outside.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use qiyou_testkit::desktop::Session;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt as _, EventMask, ImageFormat};
use x11rb::rust_connection::RustConnection;

use crate::house::PATIENCE;

/// Between two looks at the screen; nothing tells when a window appears.
const LOOK: Duration = Duration::from_millis(100);

/// The title of a window; empty when it is gone.
pub fn title(session: &Session, window: &str) -> String {
    xdotool(session, &["getwindowname", window]).unwrap_or_default()
}

/// The number of a window of that class that can be seen now.
pub fn shown(session: &Session, class: &str) -> Option<String> {
    let windows = xdotool(session, &["search", "--onlyvisible", "--class", class]).ok()?;
    windows.lines().last().map(str::to_owned)
}

/// Waits until a window of that class can be seen; its number.
pub async fn seen(session: &Session, class: &str) -> Result<String> {
    let found = async {
        loop {
            if let Some(window) = shown(session, class) {
                return window;
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

/// Asks a window to close, as its title bar would (ICCCM, `WM_DELETE_WINDOW`).
pub fn close(session: &Session, window: &str) -> Result<()> {
    let (display, _) = RustConnection::connect(session.display()).context("the session's display")?;
    let atom = |name: &str| -> Result<u32> { Ok(display.intern_atom(false, name.as_bytes())?.reply()?.atom) };
    let data = [atom("WM_DELETE_WINDOW")?, x11rb::CURRENT_TIME, 0, 0, 0];
    let window = window.parse()?;
    let message = ClientMessageEvent::new(32, window, atom("WM_PROTOCOLS")?, data);
    // The answer is waited for: what is still under way when a connection ends may be lost.
    Ok(display
        .send_event(false, window, EventMask::NO_EVENT, message)?
        .check()?)
}

/// The colour of a point of the screen: red, green, blue.
pub fn colour(session: &Session, x: i16, y: i16) -> Result<[u8; 3]> {
    let (display, screen) = RustConnection::connect(session.display()).context("the session's display")?;
    let root = display.setup().roots.get(screen).context("no screen")?.root;
    let image = display
        .get_image(ImageFormat::Z_PIXMAP, root, x, y, 1, 1, u32::MAX)?
        .reply()?;
    match image.data.as_slice() {
        [blue, green, red, ..] => Ok([*red, *green, *blue]),
        other => bail!("a point of {} bytes", other.len()),
    }
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

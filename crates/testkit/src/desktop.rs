//! A desktop of the test's own under Xvfb: display, session bus, keyring, panel, and recorders that stand in for the
//! notification server and the tray host.
//!
//! ```no_run
//! # async fn story() -> anyhow::Result<()> {
//! use qiyou_testkit::desktop::{NotificationRecorder, Session, TrayHost};
//! let session = Session::start().await?;
//! let bubbles = NotificationRecorder::start(session.bus()).await?;
//! let tray = TrayHost::start(session.bus()).await?;
//! let _agent = session.command("qiyou-agent").spawn()?;
//! let bubble = bubbles.next().await?;
//! bubbles.click(bubble.id, "default").await?;
//! # Ok(()) }
//! ```
//! Everything ends when the values are dropped, and also when the test process dies in any other way.

mod machine;
mod notifications;
mod process;
mod session;
#[cfg(test)]
mod tests;
mod tray;

pub use machine::Machine;
pub use notifications::{NotificationRecorder, Notified};
pub use session::{Options, Session};
pub use tray::{MenuLine, Pixmap, TrayHost, TrayItem};

use std::time::Duration;

/// How long the recorders wait for what a test waits for.
pub const PATIENCE: Duration = Duration::from_secs(10);

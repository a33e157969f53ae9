//! macOS: user notifications, status item, workspace notifications, a launch agent.
//!
//! The agent's main thread must run [`run_main_loop`]: the status item and all of AppKit's notifications live there.
//! Everything else may be called from tokio's threads.

mod autostart;
mod bubbles;
mod events;
mod mail_program;
mod tray;

use std::process::Stdio;

use futures::{FutureExt, future::BoxFuture};
use objc2::MainThreadMarker;
use objc2_app_kit::{NSApplication, NSApplicationActivationPolicy};
use tokio::sync::mpsc;

use crate::{
    App, Attention, AttentionNow, Autostart, BubbleEvent, BubbleId, Bubbles, Clipboard, Error, MailProgram,
    SystemEvent, Tray, TrayEvent, TrayState, clipboard::SystemClipboard,
};

/// How many events wait for a slow reader before new ones are dropped.
const EVENTS_WAITING: usize = 256;

/// Serves AppKit until the program ends. False if this is not the main thread.
pub fn run_main_loop() -> bool {
    let Some(main) = MainThreadMarker::new() else {
        return false;
    };
    let application = NSApplication::sharedApplication(main);
    // No tile in the Dock, no menu bar.
    application.setActivationPolicy(NSApplicationActivationPolicy::Accessory);
    application.run();
    true
}

/// Bubbles, and what people do with them. Asks the person's leave the first time.
///
/// # Errors
/// [`Error::Absent`] outside of an app bundle.
pub async fn bubbles(
    _app: &App,
    known: Vec<BubbleId>,
) -> Result<(Box<dyn Bubbles>, mpsc::Receiver<BubbleEvent>), Error> {
    let (sender, receiver) = mpsc::channel(EVENTS_WAITING);
    Ok((
        Box::new(bubbles::UserNotifications::start(known, sender).await?),
        receiver,
    ))
}

/// The status item, and what people do with it.
///
/// # Errors
/// [`Error::Absent`] if the main loop does not run.
pub async fn tray(app: &App, state: TrayState) -> Result<(Box<dyn Tray>, mpsc::Receiver<TrayEvent>), Error> {
    let (sender, receiver) = mpsc::channel(EVENTS_WAITING);
    let tray = tray::StatusItem::start(app, state, sender).await?;
    Ok((Box::new(tray), receiver))
}

/// What the system says from now on. Never fails: what is not there says nothing.
pub async fn events(_app: &App) -> mpsc::Receiver<SystemEvent> {
    let (sender, receiver) = mpsc::channel(EVENTS_WAITING);
    events::start(sender);
    receiver
}

/// Focus modes hold our notifications back by themselves, and tell nobody.
pub fn attention(_app: &App) -> Box<dyn Attention> {
    struct Untold;
    impl Attention for Untold {
        fn now(&self) -> BoxFuture<'_, AttentionNow> {
            async { AttentionNow::default() }.boxed()
        }
    }
    Box::new(Untold)
}

/// The general pasteboard.
pub fn clipboard() -> Box<dyn Clipboard> {
    Box::new(SystemClipboard::default())
}

/// The program for `mailto:` addresses.
pub fn mail_program(_app: &App) -> Box<dyn MailProgram> {
    Box::new(mail_program::OfMail)
}

/// `~/Library/LaunchAgents`.
pub fn autostart(app: &App) -> Box<dyn Autostart> {
    Box::new(autostart::LaunchAgent::new(app))
}

pub(crate) async fn open_address(_app: &App, address: &str) -> Result<(), Error> {
    open_by(address.as_ref()).await
}

pub(crate) async fn open_path(_app: &App, file: &std::path::Path) -> Result<(), Error> {
    open_by(file.as_os_str()).await
}

async fn open_by(target: &std::ffi::OsStr) -> Result<(), Error> {
    let started = tokio::process::Command::new("/usr/bin/open")
        .arg(target)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await;
    match started {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Error::refused("open", status)),
        Err(source) => Err(Error::File { what: "open", source }),
    }
}

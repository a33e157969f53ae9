//! Windows: toasts under our own AUMID, one hidden window that hears of sleep, lock and clock, and the registry.

mod attention;
mod autostart;
mod bubbles;
mod events;
mod mail_program;
mod send_to;
mod tray;
mod window;

use tokio::sync::mpsc;
use windows::{
    Win32::UI::{Shell::ShellExecuteW, WindowsAndMessaging::SW_SHOWNORMAL},
    core::{HSTRING, w},
};

use crate::{
    App, Attention, Autostart, BubbleEvent, BubbleId, Bubbles, Clipboard, Error, MailProgram, SystemEvent, Tray,
    TrayEvent, TrayState, clipboard::SystemClipboard,
};

/// How many events wait for a slow reader before new ones are dropped.
const EVENTS_WAITING: usize = 256;

/// Bubbles. Registers our AUMID and our links for this user. Clicks come as links to `qiyou-agent link`, also hours
/// later and while no agent runs, so that the receiver stays silent here and `known` ids need no care.
///
/// # Errors
/// [`Error::Refused`] if the registry cannot be written.
pub async fn bubbles(
    app: &App,
    known: Vec<BubbleId>,
) -> Result<(Box<dyn Bubbles>, mpsc::Receiver<BubbleEvent>), Error> {
    drop(known);
    let (sender, receiver) = mpsc::channel(EVENTS_WAITING);
    Ok((Box::new(bubbles::Toasts::start(app, sender)?), receiver))
}

/// The tray icon, and what people do with it.
///
/// # Errors
/// [`Error::Absent`] if the taskbar refuses it.
pub async fn tray(app: &App, state: TrayState) -> Result<(Box<dyn Tray>, mpsc::Receiver<TrayEvent>), Error> {
    let (sender, receiver) = mpsc::channel(EVENTS_WAITING);
    let tray = tray::NotificationArea::start(app, state, sender).await?;
    Ok((Box::new(tray), receiver))
}

/// What the system says from now on, until the receiver is dropped. Never fails: what is not there says nothing.
pub async fn events(_app: &App) -> mpsc::Receiver<SystemEvent> {
    let (sender, receiver) = mpsc::channel(EVENTS_WAITING);
    events::start(sender);
    receiver
}

/// Whether this is a moment to be quiet.
pub fn attention(_app: &App) -> Box<dyn Attention> {
    Box::new(attention::ShellAttention)
}

/// The clipboard of the session.
pub fn clipboard() -> Box<dyn Clipboard> {
    Box::new(SystemClipboard::default())
}

/// The program for `mailto:` addresses.
pub fn mail_program(app: &App) -> Box<dyn MailProgram> {
    Box::new(mail_program::Registered::new(app))
}

/// `HKCU\Software\Microsoft\Windows\CurrentVersion\Run`.
pub fn autostart(app: &App) -> Box<dyn Autostart> {
    Box::new(autostart::RunKey::new(app))
}

pub(crate) async fn open_address(_app: &App, address: &str) -> Result<(), Error> {
    shell_open(HSTRING::from(address)).await
}

pub(crate) async fn open_path(_app: &App, file: &std::path::Path) -> Result<(), Error> {
    shell_open(HSTRING::from(file)).await
}

async fn shell_open(address: HSTRING) -> Result<(), Error> {
    let open = move || {
        // SAFETY: all strings are valid and end with a zero for the time of the call; the other arguments are none.
        let code = unsafe { ShellExecuteW(None, w!("open"), &address, None, None, SW_SHOWNORMAL) };
        // Up to 32 it is an error's number, and nothing that could be freed.
        code.0.addr() > 32
    };
    match tokio::task::spawn_blocking(open).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::refused("open", "ShellExecute")),
        Err(e) => Err(Error::absent("open", e)),
    }
}

//! Linux: D-Bus for nearly everything, over one connection to each bus.

mod attention;
mod autostart;
mod bubbles;
mod buses;
mod events;
mod mail_program;
mod open;
mod tray;

use tokio::sync::mpsc;

use crate::{
    App, Attention, Autostart, BubbleEvent, BubbleId, Bubbles, Clipboard, Error, MailProgram, SystemEvent, Tray,
    TrayEvent, TrayState, clipboard::SystemClipboard,
};

pub(crate) use buses::Kept;

/// How many events wait for a slow reader before new ones are dropped (with a line in the log).
const EVENTS_WAITING: usize = 256;

/// Bubbles, and what people do with them. `known` are ids of an earlier run, so that clicks on bubbles shown then are
/// reported too; ids that mean nothing any more come back as closed at once.
///
/// # Errors
/// [`Error::Absent`] without a session bus. A missing notification server shows only when something is shown.
pub async fn bubbles(
    app: &App,
    known: Vec<BubbleId>,
) -> Result<(Box<dyn Bubbles>, mpsc::Receiver<BubbleEvent>), Error> {
    let (sender, receiver) = mpsc::channel(EVENTS_WAITING);
    let bubbles = bubbles::SessionBubbles::start(app, known, sender).await?;
    Ok((Box::new(bubbles), receiver))
}

/// The tray icon, and what people do with it.
///
/// # Errors
/// [`Error::Absent`] without a session bus. No tray host is not an error but [`TrayEvent::NoHost`].
pub async fn tray(app: &App, state: TrayState) -> Result<(Box<dyn Tray>, mpsc::Receiver<TrayEvent>), Error> {
    let (sender, receiver) = mpsc::channel(EVENTS_WAITING);
    let tray = tray::StatusNotifier::start(app, state, sender).await?;
    Ok((Box::new(tray), receiver))
}

/// What the system says from now on, until the receiver is dropped. Never fails: what is not there says nothing.
pub async fn events(app: &App) -> mpsc::Receiver<SystemEvent> {
    events::start(app).await
}

/// Whether this is a moment to be quiet.
pub fn attention(app: &App) -> Box<dyn Attention> {
    Box::new(attention::SessionAttention::new(app))
}

/// The clipboard of the session.
pub fn clipboard() -> Box<dyn Clipboard> {
    Box::new(SystemClipboard::default())
}

/// The program for `mailto:` addresses.
pub fn mail_program(app: &App) -> Box<dyn MailProgram> {
    Box::new(mail_program::SchemeHandler::new(app))
}

/// `autostart/qiyou-agent.desktop`.
pub fn autostart(app: &App) -> Box<dyn Autostart> {
    Box::new(autostart::DesktopEntry::new(app))
}

pub(crate) async fn open_address(app: &App, address: &str) -> Result<(), Error> {
    open::address(app, address).await
}

pub(crate) async fn open_path(_app: &App, file: &std::path::Path) -> Result<(), Error> {
    open::file(file).await
}

//! What the operating system gives a tray program: tray, bubbles, power and network events, clipboard, autostart.
//!
//! The crate knows nothing of mail. It is given plain data and finished words, and reports plain events. One trait
//! stands for each need ([`Bubbles`], [`Tray`], [`Attention`], [`Clipboard`], [`Autostart`]); behind it one module
//! per system, and these never call each other. Nothing here polls: every task sleeps until the system speaks.
//!
//! ```no_run
//! # async fn start() -> Result<(), qiyou_desktop::Error> {
//! use qiyou_desktop::{App, Bubble, TrayState, system};
//! let app = App::new("qiyou", "企邮", "/usr/bin/qiyou-agent");
//! let (bubbles, mut clicks) = system::bubbles(&app, Vec::new()).await?;
//! let id = bubbles.show(&Bubble::new("mail-17", "张三", "周报")).await?;
//! while let Some(event) = clicks.recv().await {
//!     if event.id == id { break }
//! }
//! # Ok(()) }
//! ```

pub mod bubbles;
pub mod clipboard;
mod error;
pub mod events;
pub mod link;
mod open;
#[cfg(any(windows, test))]
mod toast;
pub mod tray;

#[cfg(target_os = "linux")]
pub mod linux;
#[cfg(target_os = "macos")]
pub mod macos;
#[cfg(windows)]
pub mod windows;

use std::path::PathBuf;

/// The system this program was built for: one constructor for each need.
#[cfg(target_os = "linux")]
pub use linux as system;
#[cfg(target_os = "macos")]
pub use macos as system;
#[cfg(windows)]
pub use windows as system;

pub use bubbles::{
    Bubble, BubbleEvent, BubbleId, Bubbles, Button, Capabilities, CloseReason, Happening, REPLY_MAX, Reply, Urgency,
};
pub use clipboard::Clipboard;
pub use error::Error;
pub use events::{Attention, AttentionNow, SystemEvent};
pub use link::BubbleLink;
pub use tray::{MenuItem, Tray, TrayEvent, TrayKind, TrayState};

use futures::future::BoxFuture;

/// Who we are to the system.
#[derive(Debug, Clone)]
pub struct App {
    /// Short ASCII name, as in `qiyou.desktop`. Also the head of the Windows AUMID and of the macOS login item.
    pub id: String,
    /// The name that people read.
    pub name: String,
    /// The agent's executable, absolute. Autostart entries and links call it.
    pub executable: PathBuf,
    /// Name in the icon theme, or absolute path of a PNG, shown in bubbles. `None`: the [`id`](Self::id).
    pub icon: Option<String>,
    /// Per-user folder for configuration (Linux: `$XDG_CONFIG_HOME`). `None`: the system's.
    pub config_home: Option<PathBuf>,
    /// Addresses of other buses than the environment names; tests have buses of their own. Only Linux looks here.
    pub buses: Buses,
}

/// D-Bus connections, made when first needed and then kept for as long as the app lives: GNOME closes the bubbles of
/// a connection that ends. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Buses {
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has buses"))]
    session: Option<String>,
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has buses"))]
    system: Option<String>,
    #[cfg(target_os = "linux")]
    kept: std::sync::Arc<linux::Kept>,
}

impl Buses {
    /// Buses at other addresses than `DBUS_SESSION_BUS_ADDRESS` and `DBUS_SYSTEM_BUS_ADDRESS` name; `None` is the
    /// environment's. The tray always uses the environment's session bus.
    pub fn at(session: Option<String>, system: Option<String>) -> Self {
        Self {
            session,
            system,
            ..Self::default()
        }
    }
}

impl App {
    /// An app with the system's own folders and buses.
    pub fn new(id: impl Into<String>, name: impl Into<String>, executable: impl Into<PathBuf>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            executable: executable.into(),
            icon: None,
            config_home: None,
            buses: Buses::default(),
        }
    }
}

/// Starting with the session of the person.
pub trait Autostart: Send + Sync {
    /// Whether the next sign-in starts the agent, as far as this user's own entry says.
    fn is_on(&self) -> Result<bool, Error>;
    /// Writes or removes this user's entry.
    fn set(&self, on: bool) -> Result<(), Error>;
}

/// What became of the wish to be the person's mail program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    Done,
    /// The system's own page is open, where the person chooses.
    Asked,
}

/// Being the program for `mailto:` addresses.
pub trait MailProgram: Send + Sync {
    /// Tells the system that there is this program to choose. Nobody's choice is touched.
    fn offer(&self) -> Result<(), Error>;
    /// The person wants it: chosen where programs may, else the system's page is opened.
    fn choose(&self) -> BoxFuture<'_, Result<Chosen, Error>>;
}

/// Opens an address in the person's browser or mail program. Only `http`, `https` and `mailto` are let through, and
/// nothing that holds control characters; anything else is [`Error::Forbidden`].
pub fn open_url<'a>(app: &'a App, address: &'a str) -> BoxFuture<'a, Result<(), Error>> {
    Box::pin(async move { system::open_address(app, open::allowed(address)?.as_str()).await })
}

/// Shows a file with the person's program for its kind. Which kinds may be shown is the caller's to know.
/// [`Error::Refused`] where the system says at once that it has no program.
pub fn open_file<'a>(app: &'a App, file: &'a std::path::Path) -> BoxFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        if !file.is_absolute() || !file.is_file() {
            return Err(Error::Forbidden { what: "open" });
        }
        system::open_path(app, file).await
    })
}

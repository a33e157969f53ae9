//! The icon in the tray, its tooltip and its menu.

use futures::future::BoxFuture;

use crate::Error;

pub mod drawing;

/// Everything the tray shows. Set as a whole: what did not change costs nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrayState {
    /// Which picture.
    pub kind: TrayKind,
    /// First line and further lines of the tooltip.
    pub tooltip: Vec<String>,
    /// The menu, top to bottom.
    pub menu: Vec<MenuItem>,
}

/// The five states a tray icon can tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum TrayKind {
    /// Connected, nothing unread.
    Connected,
    /// Connected, so many unread (0 draws as [`Connected`](Self::Connected)).
    Unread(u32),
    /// The person paused the bubbles.
    Paused,
    /// No account is connected.
    #[default]
    Offline,
    /// An account needs the person.
    SignIn,
}

/// One line of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MenuItem {
    /// A line to click.
    Item {
        /// Comes back in [`TrayEvent::Menu`].
        id: String,
        /// What people read.
        label: String,
        /// Grey when false.
        enabled: bool,
        /// `Some`: with a check mark that is on or off.
        checked: Option<bool>,
    },
    /// A line with a menu of its own.
    Submenu {
        /// What people read.
        label: String,
        /// The menu.
        items: Vec<MenuItem>,
    },
    /// A thin line.
    Separator,
}

impl MenuItem {
    /// A line to click.
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self::Item {
            id: id.into(),
            label: label.into(),
            enabled: true,
            checked: None,
        }
    }

    /// A grey line that only tells.
    pub fn note(label: impl Into<String>) -> Self {
        Self::Item {
            id: String::new(),
            label: label.into(),
            enabled: false,
            checked: None,
        }
    }

    /// A line with a check mark.
    pub fn check(id: impl Into<String>, label: impl Into<String>, on: bool) -> Self {
        Self::Item {
            id: id.into(),
            label: label.into(),
            enabled: true,
            checked: Some(on),
        }
    }

    /// A line with a menu of its own.
    pub fn submenu(label: impl Into<String>, items: Vec<MenuItem>) -> Self {
        Self::Submenu {
            label: label.into(),
            items,
        }
    }
}

/// What a person did with the tray, or the tray with us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrayEvent {
    /// The icon was clicked. `activation_token` lets a window come to the front (`XDG_ACTIVATION_TOKEN`).
    Activate {
        /// See there.
        activation_token: Option<String>,
    },
    /// A line of the menu was clicked, by its id.
    Menu {
        /// The line's id.
        id: String,
        /// See [`Activate`](Self::Activate).
        activation_token: Option<String>,
    },
    /// Nobody shows tray icons here (plain GNOME). Said at most once; the icon appears by itself if someone comes.
    NoHost,
    /// Somebody shows tray icons now, after [`NoHost`](Self::NoHost).
    HostAppeared,
}

/// The system's tray.
pub trait Tray: Send + Sync {
    /// Shows this from now on.
    fn set(&self, state: TrayState) -> BoxFuture<'_, Result<(), Error>>;
    /// Takes the icon away.
    fn remove(&self) -> BoxFuture<'_, ()>;
}

//! The tray icon as a `StatusNotifierItem` with a `com.canonical.dbusmenu`.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use futures::{FutureExt, future::BoxFuture};
use ksni::{
    Category, Handle, Icon, OfflineReason, Status, ToolTip, TrayMethods,
    menu::{CheckmarkItem, StandardItem, SubMenu},
};
use tokio::sync::mpsc;

use crate::{
    App, Error, MenuItem, Tray, TrayEvent, TrayKind, TrayState,
    bubbles::escape,
    tray::drawing::{self, Picture},
};

const WHAT: &str = "tray";

/// The sizes that panels of one and of two pixels a point ask for.
const SIZES: [u32; 5] = [16, 22, 24, 32, 48];

/// Our icon at the session's tray host, if there is one.
pub(super) struct StatusNotifier {
    handle: Handle<Item>,
}

impl StatusNotifier {
    pub(super) async fn start(app: &App, state: TrayState, events: mpsc::Sender<TrayEvent>) -> Result<Self, Error> {
        let item = Item {
            id: app.id.clone(),
            name: app.name.clone(),
            state,
            pixmaps: OnceLock::new(),
            host: Arc::new(Host {
                events: events.clone(),
                told: AtomicBool::new(false),
            }),
            events,
        };
        // No name of our own on the bus: in a sandbox process numbers are not unique, and ksni would panic on one
        // that is taken. No host yet is a state, not an error.
        let handle = item
            .disable_dbus_name(true)
            .assume_sni_available(true)
            .spawn()
            .await
            .map_err(|e| Error::absent(WHAT, e))?;
        Ok(Self { handle })
    }
}

impl Tray for StatusNotifier {
    fn set(&self, state: TrayState) -> BoxFuture<'_, Result<(), Error>> {
        async move {
            let set = self.handle.update(|item: &mut Item| {
                if item.state.kind != state.kind {
                    item.pixmaps = OnceLock::new();
                }
                item.state = state;
            });
            set.await.ok_or_else(|| Error::absent(WHAT, "the connection ended"))
        }
        .boxed()
    }

    fn remove(&self) -> BoxFuture<'_, ()> {
        async move { self.handle.shutdown().await }.boxed()
    }
}

/// Says once that nobody shows us, and once each time that somebody comes after.
struct Host {
    events: mpsc::Sender<TrayEvent>,
    told: AtomicBool,
}

struct Item {
    id: String,
    name: String,
    state: TrayState,
    pixmaps: OnceLock<Vec<Icon>>,
    host: Arc<Host>,
    events: mpsc::Sender<TrayEvent>,
}

impl Item {
    fn tell(&self, event: TrayEvent) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.events.try_send(event) {
            tracing::warn!("a click on the tray was dropped: nobody reads them");
        }
    }
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        self.id.clone()
    }

    fn title(&self) -> String {
        self.name.clone()
    }

    fn category(&self) -> Category {
        Category::Communications
    }

    fn status(&self) -> Status {
        match self.state.kind {
            // Passive would hide the icon: it is how people reach the program.
            TrayKind::SignIn => Status::NeedsAttention,
            _ => Status::Active,
        }
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        self.pixmaps
            .get_or_init(|| {
                SIZES
                    .iter()
                    .map(|size| icon(&drawing::draw(self.state.kind, *size)))
                    .collect()
            })
            .clone()
    }

    // Hosts show this one while we need attention; without it some show nothing.
    fn attention_icon_pixmap(&self) -> Vec<Icon> {
        if self.state.kind == TrayKind::SignIn {
            self.icon_pixmap()
        } else {
            Vec::new()
        }
    }

    fn tool_tip(&self) -> ToolTip {
        let (title, rest) = self
            .state
            .tooltip
            .split_first()
            .map_or((self.name.as_str(), &[][..]), |(t, r)| (t, r));
        // The description is markup by the specification, the title is not.
        let description = rest.iter().map(|line| escape(line)).collect::<Vec<_>>().join("\n");
        ToolTip {
            title: title.to_owned(),
            description,
            ..ToolTip::default()
        }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.tell(TrayEvent::Activate {
            activation_token: ksni::current_xdg_activation_token(),
        });
    }

    fn secondary_activate(&mut self, x: i32, y: i32) {
        self.activate(x, y);
    }

    fn menu(&self) -> Vec<ksni::MenuItem<Self>> {
        self.state.menu.iter().map(line).collect()
    }

    fn watcher_online(&self) {
        if self.host.told.load(Ordering::Relaxed) {
            self.tell(TrayEvent::HostAppeared);
        }
    }

    fn watcher_offline(&self, _reason: OfflineReason) -> bool {
        if !self.host.told.swap(true, Ordering::Relaxed) {
            let _ = self.host.events.try_send(TrayEvent::NoHost);
        }
        true
    }
}

fn line(item: &MenuItem) -> ksni::MenuItem<Item> {
    match item {
        MenuItem::Separator => ksni::MenuItem::Separator,
        MenuItem::Submenu { label, items } => SubMenu {
            label: plain(label),
            submenu: items.iter().map(line).collect(),
            ..SubMenu::default()
        }
        .into(),
        MenuItem::Item {
            id,
            label,
            enabled,
            checked: None,
        } => {
            let id = id.clone();
            StandardItem {
                label: plain(label),
                enabled: *enabled,
                activate: Box::new(move |tray: &mut Item| clicked(tray, &id)),
                ..StandardItem::default()
            }
            .into()
        }
        MenuItem::Item {
            id,
            label,
            enabled,
            checked: Some(checked),
        } => {
            let id = id.clone();
            CheckmarkItem {
                label: plain(label),
                enabled: *enabled,
                checked: *checked,
                activate: Box::new(move |tray: &mut Item| clicked(tray, &id)),
                ..CheckmarkItem::default()
            }
            .into()
        }
    }
}

fn clicked(tray: &mut Item, id: &str) {
    tray.tell(TrayEvent::Menu {
        id: id.to_owned(),
        activation_token: ksni::current_xdg_activation_token(),
    });
}

/// A label whose underscores are underscores, not access keys.
fn plain(label: &str) -> String {
    label.replace('_', "__")
}

/// The picture as the specification wants it: ARGB, most significant byte first.
fn icon(picture: &Picture) -> Icon {
    let mut data = Vec::with_capacity(picture.rgba.len());
    for pixel in picture.rgba.chunks_exact(4) {
        if let [r, g, b, a] = *pixel {
            data.extend([a, r, g, b]);
        }
    }
    let side = i32::try_from(picture.side).unwrap_or(0);
    Icon {
        width: side,
        height: side,
        data,
    }
}

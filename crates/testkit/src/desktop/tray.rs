//! A tray host that draws nothing: `StatusNotifierWatcher`, host, and reader of `com.canonical.dbusmenu`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, Result, bail};
use futures::StreamExt as _;
use tokio::sync::watch;
use zbus::{
    Connection, MatchRule, MessageStream, connection, fdo, interface,
    message::Type,
    object_server::SignalEmitter,
    zvariant::{OwnedObjectPath, OwnedValue, Structure, Value},
};

use super::PATIENCE;
use crate::{background::Task, clock::monotonic_ns};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// A line of a menu as it is sent: number, properties, lines below it.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// A picture of an icon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixmap {
    /// Width in pixels.
    pub width: i32,
    /// Height in pixels.
    pub height: i32,
    /// Alpha, red, green, blue.
    pub argb: Vec<u8>,
}

/// A line of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuLine {
    /// The menu's own number for it.
    pub id: i32,
    /// What people read; empty for a separator.
    pub label: String,
    /// Not grey.
    pub enabled: bool,
    /// `Some`: with a check mark, on or off.
    pub checked: Option<bool>,
    /// A thin line.
    pub separator: bool,
    /// Its own menu.
    pub children: Vec<MenuLine>,
}

#[derive(Debug, Default)]
struct Registered {
    /// Bus name and path of each item, in order of registration, with the time in nanoseconds.
    items: Vec<(String, String, u64)>,
}

type Shared = Arc<Mutex<Registered>>;

/// A tray host that owns `org.kde.StatusNotifierWatcher` on a bus, until it is dropped.
#[derive(Debug)]
pub struct TrayHost {
    connection: Connection,
    registered: Shared,
    changes: watch::Receiver<u64>,
    _gone: Task,
}

impl TrayHost {
    /// Takes the name and waits for items.
    pub async fn start(bus: &str) -> Result<Self> {
        let registered = Shared::default();
        let (changed, changes) = watch::channel(0);
        let watcher = Watcher {
            registered: Arc::clone(&registered),
            changed: changed.clone(),
        };
        let connection = connection::Builder::address(bus)?
            .serve_at("/StatusNotifierWatcher", watcher)?
            .build()
            .await?;
        let mut gone = fdo::DBusProxy::new(&connection)
            .await?
            .receive_name_owner_changed()
            .await?;
        let items = Arc::clone(&registered);
        let task = crate::background::spawn(async move {
            while let Some(change) = gone.next().await {
                let Ok(args) = change.args() else { continue };
                if args.new_owner().is_none() {
                    let name = args.name().as_str();
                    items
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .items
                        .retain(|(bus, _, _)| bus != name);
                    changed.send_modify(|count| *count = count.wrapping_add(1));
                }
            }
        })?;
        connection.request_name(WATCHER).await?;
        Ok(Self {
            connection,
            registered,
            changes,
            _gone: Task(task),
        })
    }

    /// The newest item; waits for one.
    pub async fn item(&self) -> Result<TrayItem> {
        self.wait_until("an item", |registered| registered.items.last().cloned())
            .await
            .map(|(bus, path, at_ns)| TrayItem {
                connection: self.connection.clone(),
                bus,
                path,
                registered_ns: at_ns,
            })
    }

    /// Waits until there is no item any more.
    pub async fn wait_empty(&self) -> Result<()> {
        self.wait_until("the items' end", |registered| registered.items.is_empty().then_some(()))
            .await
    }

    /// Ends as a panel that crashed does.
    pub async fn stop(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }

    async fn wait_until<T>(&self, what: &str, find: impl Fn(&Registered) -> Option<T>) -> Result<T> {
        let mut changes = self.changes.clone();
        let found = async {
            loop {
                changes.borrow_and_update();
                if let Some(found) = find(&self.registered.lock().unwrap_or_else(PoisonError::into_inner)) {
                    return Ok(found);
                }
                changes.changed().await.context("the host has ended")?;
            }
        };
        tokio::time::timeout(PATIENCE, found)
            .await
            .with_context(|| format!("waiting for {what}"))?
    }
}

struct Watcher {
    registered: Shared,
    changed: watch::Sender<u64>,
}

#[expect(clippy::unused_self, reason = "the bus's interface wants it")]
#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &self,
        service: String,
        #[zbus(header)] header: zbus::message::Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<()> {
        // Either a bus name, or a path of the caller.
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let (bus, path) = if service.starts_with('/') {
            (sender, service)
        } else {
            (service, "/StatusNotifierItem".to_owned())
        };
        let name = format!("{bus}{path}");
        {
            let mut registered = self.registered.lock().unwrap_or_else(PoisonError::into_inner);
            registered.items.retain(|(b, p, _)| (b, p) != (&bus, &path));
            registered.items.push((bus, path, monotonic_ns()));
        }
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
        Ok(Self::status_notifier_item_registered(&emitter, &name).await?)
    }

    fn register_status_notifier_host(&self, service: String) {
        // We are the host.
        drop(service);
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        let registered = self.registered.lock().unwrap_or_else(PoisonError::into_inner);
        registered
            .items
            .iter()
            .map(|(bus, path, _)| format!("{bus}{path}"))
            .collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(emitter: &SignalEmitter<'_>, item: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_item_unregistered(emitter: &SignalEmitter<'_>, item: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

/// An icon in the tray.
#[derive(Debug, Clone)]
pub struct TrayItem {
    connection: Connection,
    bus: String,
    path: String,
    /// `CLOCK_MONOTONIC` when it was registered, in nanoseconds.
    pub registered_ns: u64,
}

impl TrayItem {
    /// The property `Title`.
    pub async fn title(&self) -> Result<String> {
        Ok(String::try_from(self.property("Title").await?)?)
    }

    /// The property `Status`: `Active`, `Passive`, `NeedsAttention`.
    pub async fn status(&self) -> Result<String> {
        Ok(String::try_from(self.property("Status").await?)?)
    }

    /// Title and description of the tooltip.
    pub async fn tooltip(&self) -> Result<(String, String)> {
        let value = Structure::try_from(self.property("ToolTip").await?)?;
        let text = |at: usize| {
            value
                .fields()
                .get(at)
                .and_then(|v| <&str>::try_from(v).ok())
                .map(str::to_owned)
        };
        Ok((text(2).context("no title")?, text(3).context("no description")?))
    }

    /// The pictures that the item offers.
    pub async fn pixmaps(&self) -> Result<Vec<Pixmap>> {
        let list: Vec<(i32, i32, Vec<u8>)> = self.property("IconPixmap").await?.try_into()?;
        Ok(list
            .into_iter()
            .map(|(width, height, argb)| Pixmap { width, height, argb })
            .collect())
    }

    /// Waits until a read of the item satisfies a test, reading again whenever the item says that something is new.
    pub async fn wait_until<T, F>(&self, what: &str, mut read: impl FnMut(TrayItem) -> F) -> Result<T>
    where
        F: Future<Output = Result<Option<T>>>,
    {
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(self.bus.as_str())?
            .build();
        let mut signals = MessageStream::for_match_rule(rule, &self.connection, None).await?;
        let found = async {
            loop {
                if let Some(found) = read(self.clone()).await? {
                    return Ok(found);
                }
                signals.next().await.context("the bus has ended")??;
            }
        };
        tokio::time::timeout(PATIENCE, found)
            .await
            .with_context(|| format!("waiting for {what}"))?
    }

    /// Left click.
    pub async fn activate(&self) -> Result<()> {
        self.connection
            .call_method(
                Some(self.bus.as_str()),
                self.path.as_str(),
                Some(ITEM),
                "Activate",
                &(0i32, 0i32),
            )
            .await?;
        Ok(())
    }

    /// Left click with a token to open a window by.
    pub async fn activate_with_token(&self, token: &str) -> Result<()> {
        self.connection
            .call_method(
                Some(self.bus.as_str()),
                self.path.as_str(),
                Some(ITEM),
                "ProvideXdgActivationToken",
                &token,
            )
            .await?;
        self.activate().await
    }

    /// The menu.
    pub async fn menu(&self) -> Result<Vec<MenuLine>> {
        let path = self.menu_path().await?;
        let reply = self
            .connection
            .call_method(
                Some(self.bus.as_str()),
                path,
                Some(MENU),
                "GetLayout",
                &(0i32, -1i32, Vec::<String>::new()),
            )
            .await?;
        let body = reply.body();
        let (_revision, (_id, _properties, children)): (u32, Layout) = body.deserialize()?;
        children.into_iter().map(|child| line(&child)).collect()
    }

    /// Clicks the line with a label, wherever in the menu it is.
    pub async fn click(&self, label: &str) -> Result<()> {
        let menu = self.menu().await?;
        let Some(line) = find(&menu, label) else {
            bail!("no line {label} in {menu:?}")
        };
        let path = self.menu_path().await?;
        self.connection
            .call_method(
                Some(self.bus.as_str()),
                path,
                Some(MENU),
                "Event",
                &(line.id, "clicked", Value::from(0i32), 0u32),
            )
            .await?;
        Ok(())
    }

    async fn menu_path(&self) -> Result<OwnedObjectPath> {
        Ok(self.property("Menu").await?.try_into()?)
    }

    async fn property(&self, name: &str) -> Result<OwnedValue> {
        let reply = self
            .connection
            .call_method(
                Some(self.bus.as_str()),
                self.path.as_str(),
                Some("org.freedesktop.DBus.Properties"),
                "Get",
                &(ITEM, name),
            )
            .await?;
        Ok(reply.body().deserialize()?)
    }
}

fn find<'a>(menu: &'a [MenuLine], label: &str) -> Option<&'a MenuLine> {
    menu.iter().find_map(|line| {
        if line.label == label {
            Some(line)
        } else {
            find(&line.children, label)
        }
    })
}

fn line(value: &Value<'_>) -> Result<MenuLine> {
    // A variant in a variant, as some toolkits write it.
    if let Value::Value(inner) = value {
        return line(inner);
    }
    let Value::Structure(structure) = value else {
        bail!("not a line of a menu: {value:?}")
    };
    let [id, properties, children] = structure.fields() else {
        bail!("not a line of a menu: {value:?}")
    };
    let properties: HashMap<String, OwnedValue> = properties.try_clone()?.try_into()?;
    let Value::Array(children) = children else {
        bail!("not a menu: {children:?}")
    };
    let text = |key: &str| {
        properties
            .get(key)
            .and_then(|v| <&str>::try_from(v).ok())
            .unwrap_or_default()
    };
    let state = properties.get("toggle-state").and_then(|v| i32::try_from(v).ok());
    Ok(MenuLine {
        id: i32::try_from(id)?,
        // Two underscores stand for one, and one alone marks an access key.
        label: text("label")
            .replace("__", "\u{0}")
            .replace('_', "")
            .replace('\u{0}', "_"),
        enabled: properties
            .get("enabled")
            .and_then(|v| bool::try_from(v).ok())
            .unwrap_or(true),
        checked: (text("toggle-type") == "checkmark").then(|| state == Some(1)),
        separator: text("type") == "separator",
        children: children.iter().map(line).collect::<Result<_>>()?,
    })
}

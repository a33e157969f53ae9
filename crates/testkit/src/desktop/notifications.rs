//! A notification server that shows nothing and remembers everything.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, Result};
use tokio::sync::watch;
use zbus::{
    Connection, connection, fdo, interface,
    object_server::{InterfaceRef, SignalEmitter},
    zvariant::OwnedValue,
};

use super::PATIENCE;
use crate::clock::monotonic_ns;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// A call of `Notify`.
#[derive(Debug, Clone)]
pub struct Notified {
    /// `CLOCK_MONOTONIC` when the call was read off the bus, in nanoseconds.
    pub at_ns: u64,
    /// The number that it was answered with.
    pub id: u32,
    /// The number that the caller wanted replaced, or 0.
    pub replaces: u32,
    /// Unique name of the caller's connection.
    pub sender: String,
    /// Arguments of the call.
    pub app_name: String,
    /// Arguments of the call.
    pub icon: String,
    /// Arguments of the call.
    pub summary: String,
    /// Arguments of the call.
    pub body: String,
    /// Key and label of each action, in order.
    pub actions: Vec<(String, String)>,
    /// The hints that are strings.
    pub hints: HashMap<String, String>,
    /// The hint `urgency`.
    pub urgency: Option<u8>,
    /// Milliseconds, -1 for the server's own.
    pub timeout: i32,
}

impl Notified {
    /// The label of an action.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.actions
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, label)| label.as_str())
    }
}

#[derive(Debug, Default)]
struct Log {
    shown: Vec<Notified>,
    /// Numbers that the caller closed, with the time.
    withdrawn: Vec<(u32, u64)>,
    /// Numbers that are on the imagined screen.
    open: Vec<u32>,
    next: u32,
    /// How many of `shown` a test has taken by `next`.
    taken: usize,
    inhibited: bool,
    click_before_answer: Option<String>,
}

/// A recorder that owns `org.freedesktop.Notifications` on a bus, until it is dropped.
#[derive(Debug)]
pub struct NotificationRecorder {
    connection: Connection,
    log: Arc<Mutex<Log>>,
    changes: watch::Receiver<u64>,
}

/// What the recorder says that it can do, unless told otherwise.
const CAPABILITIES: [&str; 4] = ["actions", "body", "body-markup", "persistence"];

impl NotificationRecorder {
    /// A recorder with buttons, markup and a list of old bubbles.
    pub async fn start(bus: &str) -> Result<Self> {
        Self::start_with(bus, &CAPABILITIES).await
    }

    /// A recorder that can do just this.
    pub async fn start_with(bus: &str, capabilities: &[&str]) -> Result<Self> {
        let log = Arc::new(Mutex::new(Log {
            next: 1,
            ..Log::default()
        }));
        let (changed, changes) = watch::channel(0);
        let capabilities = capabilities.iter().map(ToString::to_string).collect();
        let server = Server {
            capabilities,
            log: Arc::clone(&log),
            changed,
        };
        let connection = connection::Builder::address(bus)?
            .serve_at(PATH, server)?
            .name(NAME)?
            .build()
            .await?;
        Ok(Self {
            connection,
            log,
            changes,
        })
    }

    /// All calls so far.
    pub fn all(&self) -> Vec<Notified> {
        self.log().shown.clone()
    }

    /// Numbers that are shown now.
    pub fn open(&self) -> Vec<u32> {
        self.log().open.clone()
    }

    /// Numbers that callers withdrew, with the time in nanoseconds.
    pub fn withdrawn(&self) -> Vec<(u32, u64)> {
        self.log().withdrawn.clone()
    }

    /// The next call that was not taken yet; waits for it.
    pub async fn next(&self) -> Result<Notified> {
        self.wait_until("a bubble", |log| {
            let next = log.shown.get(log.taken).cloned();
            if next.is_some() {
                log.taken = log.taken.saturating_add(1);
            }
            next
        })
        .await
    }

    /// Waits until a number is withdrawn.
    pub async fn wait_withdrawn(&self, id: u32) -> Result<u64> {
        self.wait_until("a withdrawal", |log| {
            log.withdrawn.iter().find(|(i, _)| *i == id).map(|(_, at)| *at)
        })
        .await
    }

    /// Clicks an action (`default`: the bubble itself), which closes the bubble as servers do.
    pub async fn click(&self, id: u32, key: &str) -> Result<()> {
        let server = self.server().await?;
        Server::action_invoked(server.signal_emitter(), id, key).await?;
        self.close(id, 2).await
    }

    /// Answers in the bubble's own field, which closes it as Plasma does.
    pub async fn reply(&self, id: u32, text: &str) -> Result<()> {
        let server = self.server().await?;
        Server::notification_replied(server.signal_emitter(), id, text).await?;
        self.close(id, 2).await
    }

    /// Clicks with a token to open a window by.
    pub async fn click_with_token(&self, id: u32, key: &str, token: &str) -> Result<()> {
        let server = self.server().await?;
        Server::activation_token(server.signal_emitter(), id, token).await?;
        self.click(id, key).await
    }

    /// Says that a bubble is gone: 1 expired, 2 dismissed, 3 by call, 4 unknown.
    pub async fn close(&self, id: u32, reason: u32) -> Result<()> {
        self.log().open.retain(|i| *i != id);
        let server = self.server().await?;
        Ok(Server::notification_closed(server.signal_emitter(), id, reason).await?)
    }

    /// From now on each bubble is clicked before the answer to its call is sent.
    pub fn click_before_answer(&self, key: &str) {
        self.log().click_before_answer = Some(key.to_owned());
    }

    /// Sets the property `Inhibited` (do not disturb).
    pub fn inhibit(&self, on: bool) {
        self.log().inhibited = on;
    }

    /// Ends as a server that crashed does: its name is free when this returns.
    pub async fn stop(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }

    async fn server(&self) -> Result<InterfaceRef<Server>> {
        Ok(self.connection.object_server().interface::<_, Server>(PATH).await?)
    }

    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait_until<T>(&self, what: &str, mut find: impl FnMut(&mut Log) -> Option<T>) -> Result<T> {
        let mut changes = self.changes.clone();
        let found = async {
            loop {
                changes.borrow_and_update();
                if let Some(found) = find(&mut self.log()) {
                    return Ok(found);
                }
                changes.changed().await.context("the recorder has ended")?;
            }
        };
        tokio::time::timeout(PATIENCE, found)
            .await
            .with_context(|| format!("waiting for {what}"))?
    }
}

struct Server {
    capabilities: Vec<String>,
    log: Arc<Mutex<Log>>,
    changed: watch::Sender<u64>,
}

impl Server {
    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }
}

#[expect(clippy::unused_self, reason = "the bus's interface wants it")]
#[interface(name = "org.freedesktop.Notifications")]
impl Server {
    fn get_capabilities(&self) -> Vec<String> {
        self.capabilities.clone()
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("recorder", "qiyou", "1", "1.2")
    }

    #[expect(clippy::too_many_arguments, reason = "the specification's call")]
    async fn notify(
        &self,
        app_name: String,
        replaces: u32,
        icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        timeout: i32,
        #[zbus(header)] header: zbus::message::Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<u32> {
        let at_ns = monotonic_ns();
        let (id, early) = {
            let mut log = self.log();
            let id = if replaces != 0 && log.open.contains(&replaces) {
                replaces
            } else {
                let id = log.next;
                log.next = log.next.saturating_add(1);
                log.open.push(id);
                id
            };
            let text = |value: &OwnedValue| <&str>::try_from(value).ok().map(str::to_owned);
            log.shown.push(Notified {
                at_ns,
                id,
                replaces,
                sender: header.sender().map(ToString::to_string).unwrap_or_default(),
                app_name,
                icon,
                summary,
                body,
                actions: actions
                    .chunks_exact(2)
                    .filter_map(|p| Some((p.first()?.clone(), p.get(1)?.clone())))
                    .collect(),
                urgency: hints.get("urgency").and_then(|v| u8::try_from(v).ok()),
                hints: hints
                    .iter()
                    .filter_map(|(key, value)| Some((key.clone(), text(value)?)))
                    .collect(),
                timeout,
            });
            (id, log.click_before_answer.clone())
        };
        if let Some(key) = early {
            Self::action_invoked(&emitter, id, &key).await?;
        }
        self.tell();
        Ok(id)
    }

    async fn close_notification(&self, id: u32, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>) -> fdo::Result<()> {
        let was_open = {
            let mut log = self.log();
            let was_open = log.open.contains(&id);
            log.open.retain(|i| *i != id);
            log.withdrawn.push((id, monotonic_ns()));
            was_open
        };
        self.tell();
        if !was_open {
            return Err(fdo::Error::Failed("no such bubble".into()));
        }
        Ok(Self::notification_closed(&emitter, id, 3).await?)
    }

    #[zbus(property)]
    fn inhibited(&self) -> bool {
        self.log().inhibited
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, key: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_replied(emitter: &SignalEmitter<'_>, id: u32, text: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn activation_token(emitter: &SignalEmitter<'_>, id: u32, token: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}

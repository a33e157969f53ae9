//! Bubbles by the Desktop Notifications Specification 1.2 (`org.freedesktop.Notifications`).

mod ledger;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{FutureExt, StreamExt, future::BoxFuture};
use notify_rust::{Timeout, Urgency as ServerUrgency};
use tokio::{sync::mpsc, task::JoinHandle};
use zbus::{Connection, MatchRule, Message, MessageStream, fdo::DBusProxy, message::Type, zvariant::Value};

use self::ledger::{Ledger, Owned, Signal};
use super::buses;
use crate::{
    App, Bubble, BubbleEvent, BubbleId, Bubbles, Capabilities, Error, Urgency,
    bubbles::{BODY_MAX, REPLY_MAX, TITLE_MAX, escape, tame},
};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
const WHAT: &str = "bubbles";

/// A server that hangs must not hold who tells of a mail; starting one through the bus may take a few seconds.
const PATIENCE: Duration = Duration::from_secs(10);

type Shared = Arc<Mutex<State>>;

struct State {
    ledger: Ledger,
    /// What the server can do that is there now. Emptied when another one takes its place.
    capabilities: Option<Capabilities>,
}

/// The bubbles of this session.
pub(super) struct SessionBubbles {
    connection: Connection,
    /// Names this life of the bus, so that an id of yesterday's session is never taken for one of today.
    bus: String,
    app_name: String,
    app_id: String,
    icon: String,
    state: Shared,
    events: mpsc::Sender<BubbleEvent>,
    listener: JoinHandle<()>,
}

impl Drop for SessionBubbles {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl SessionBubbles {
    pub(super) async fn start(
        app: &App,
        known: Vec<BubbleId>,
        events: mpsc::Sender<BubbleEvent>,
    ) -> Result<Self, Error> {
        let absent = |e: zbus::Error| Error::absent(WHAT, e);
        let connection = buses::session(&app.buses).await.map_err(absent)?;
        let bus = connection.server_guid().to_string();
        let state: Shared = Arc::new(Mutex::new(State {
            ledger: Ledger::default(),
            capabilities: None,
        }));

        // Listening begins before the old ids are looked at: a click in between is not lost.
        let signals = MatchRule::builder()
            .msg_type(Type::Signal)
            .path(PATH)
            .and_then(|r| r.interface(NAME));
        let signals = signals.map_err(absent)?.build();
        let signals = MessageStream::for_match_rule(signals, &connection, None)
            .await
            .map_err(absent)?;
        let proxy = DBusProxy::new(&connection).await.map_err(absent)?;
        let owners = proxy
            .receive_name_owner_changed_with_args(&[(0, NAME)])
            .await
            .map_err(absent)?;

        let (ours, gone): (Vec<_>, Vec<_>) = if known.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            let name = NAME.try_into().map_err(|e| Error::absent(WHAT, e))?;
            let owner = proxy.get_name_owner(name).await.ok().map(|o| o.to_string());
            known
                .into_iter()
                .map(|id| (Owned::parse(&id, &bus), id))
                .partition(|(owned, _)| owned.as_ref().is_some_and(|o| Some(&o.server) == owner.as_ref()))
        };
        {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            for owned in ours.into_iter().filter_map(|(owned, _)| owned) {
                state.ledger.know(owned);
            }
        }
        for (_, id) in gone {
            send(&events, ledger::gone(id));
        }

        let listener = tokio::spawn(listen(signals, owners, Arc::clone(&state), bus.clone(), events.clone()));
        Ok(Self {
            connection,
            bus,
            app_name: app.name.clone(),
            app_id: app.id.clone(),
            icon: app.icon.clone().unwrap_or_else(|| app.id.clone()),
            state,
            events,
            listener,
        })
    }

    async fn call<B>(&self, method: &'static str, body: &B) -> Result<Message, Error>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType + Sync,
    {
        let call = self.connection.call_method(Some(NAME), PATH, Some(NAME), method, body);
        match tokio::time::timeout(PATIENCE, call).await {
            Err(_) => Err(Error::Timeout { what: WHAT }),
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(zbus::Error::MethodError(name, detail, _)))
                if !matches!(
                    name.as_str(),
                    "org.freedesktop.DBus.Error.ServiceUnknown" | "org.freedesktop.DBus.Error.NameHasNoOwner"
                ) =>
            {
                Err(Error::refused(WHAT, detail.unwrap_or_else(|| name.to_string())))
            }
            Ok(Err(e)) => Err(Error::absent(WHAT, e)),
        }
    }

    async fn ask_capabilities(&self) -> Result<Capabilities, Error> {
        let known = self.state.lock().unwrap_or_else(PoisonError::into_inner).capabilities;
        if let Some(known) = known {
            return Ok(known);
        }
        let reply = self.call("GetCapabilities", &()).await?;
        let words: Vec<String> = reply.body().deserialize().map_err(|e| Error::refused(WHAT, e))?;
        let has = |word: &str| words.iter().any(|w| w == word);
        let capabilities = Capabilities {
            actions: has("actions"),
            body: has("body"),
            markup: has("body-markup"),
            persistence: has("persistence"),
            // Plasma's extension; no specification has it yet.
            reply: has("inline-reply"),
        };
        self.state.lock().unwrap_or_else(PoisonError::into_inner).capabilities = Some(capabilities);
        Ok(capabilities)
    }

    async fn notify(&self, bubble: &Bubble) -> Result<BubbleId, Error> {
        let capabilities = self.ask_capabilities().await?;
        let title = tame(&bubble.title, TITLE_MAX, false);
        let mut body = tame(&bubble.body, BODY_MAX, true);
        if capabilities.markup {
            body = escape(&body);
        }
        let mut actions: Vec<&str> = Vec::new();
        if capabilities.actions {
            actions.extend(["default", bubble.open_label.as_str()]);
            for button in bubble.buttons.iter().filter(|b| b.key != "default") {
                actions.extend([button.key.as_str(), button.label.as_str()]);
            }
        }
        let reply = bubble.reply.as_ref().filter(|_| capabilities.reply);
        if let Some(reply) = reply {
            actions.extend(["inline-reply", reply.label.as_str()]);
        }
        let mut hints: HashMap<&str, Value<'_>> = HashMap::from([
            ("desktop-entry", Value::from(self.app_id.as_str())),
            ("category", Value::from("email.arrived")),
            ("urgency", Value::from(urgency(bubble.urgency))),
            ("sender-pid", Value::from(i64::from(std::process::id()))),
        ]);
        if let Some(reply) = reply {
            hints.insert("x-kde-reply-placeholder-text", Value::from(reply.hint.as_str()));
            hints.insert("x-kde-reply-submit-button-text", Value::from(reply.send.as_str()));
        }

        // From here to the ledger's entry a click may be quicker than the answer that names the bubble.
        let in_flight = InFlight::new(&self.state);
        let replaces = bubble
            .replaces
            .as_ref()
            .and_then(|id| self.known(id))
            .map_or(0, |owned| owned.number);
        let arguments = (
            self.app_name.as_str(),
            replaces,
            self.icon.as_str(),
            title.as_str(),
            body.as_str(),
            actions,
            hints,
            i32::from(Timeout::Default),
        );
        let reply = self.call("Notify", &arguments).await?;
        let number: u32 = reply.body().deserialize().map_err(|e| Error::refused(WHAT, e))?;
        let server = reply.header().sender().map(ToString::to_string).unwrap_or_default();
        let owned = Owned { server, number };
        let id = owned.id(&self.bus);
        let early = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.ledger.know(owned);
            state.ledger.early(&self.bus)
        };
        drop(in_flight);
        for event in early {
            send(&self.events, event);
        }
        Ok(id)
    }

    /// The bubble behind an id, if it is still ours to touch.
    fn known(&self, id: &BubbleId) -> Option<Owned> {
        let owned = Owned::parse(id, &self.bus)?;
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.ledger.knows(&owned).then_some(owned)
    }
}

impl Bubbles for SessionBubbles {
    fn show<'a>(&'a self, bubble: &'a Bubble) -> BoxFuture<'a, Result<BubbleId, Error>> {
        self.notify(bubble).boxed()
    }

    fn withdraw<'a>(&'a self, id: &'a BubbleId) -> BoxFuture<'a, Result<(), Error>> {
        async move {
            let Some(owned) = self.known(id) else { return Ok(()) };
            match self.call("CloseNotification", &owned.number).await {
                // Servers answer with an error when the bubble is gone already: that is what was wanted.
                Ok(_) | Err(Error::Refused { .. }) => Ok(()),
                Err(e) => Err(e),
            }
        }
        .boxed()
    }

    fn capabilities(&self) -> BoxFuture<'_, Result<Capabilities, Error>> {
        self.ask_capabilities().boxed()
    }
}

/// Counts a `Notify` that is under way, also when who waits for it gives up.
struct InFlight<'a>(&'a Shared);

impl<'a> InFlight<'a> {
    fn new(state: &'a Shared) -> Self {
        state.lock().unwrap_or_else(PoisonError::into_inner).ledger.flight(true);
        Self(state)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .ledger
            .flight(false);
    }
}

fn urgency(urgency: Urgency) -> u8 {
    match urgency {
        Urgency::Low => ServerUrgency::Low as u8,
        Urgency::Normal => ServerUrgency::Normal as u8,
        Urgency::Critical => ServerUrgency::Critical as u8,
    }
}

fn send(events: &mpsc::Sender<BubbleEvent>, event: BubbleEvent) {
    if let Err(mpsc::error::TrySendError::Full(_)) = events.try_send(event) {
        tracing::warn!("a bubble's event was dropped: nobody reads them");
    }
}

async fn listen(
    mut signals: MessageStream,
    mut owners: zbus::fdo::NameOwnerChangedStream,
    state: Shared,
    bus: String,
    events: mpsc::Sender<BubbleEvent>,
) {
    loop {
        let told = tokio::select! {
            // In the order of the wire as far as it matters: a server's last words come before its end.
            biased;
            message = signals.next() => match message {
                None => return,
                Some(Err(_)) => continue,
                Some(Ok(message)) => {
                    let Some(signal) = read(&message) else { continue };
                    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                    let stays = state.capabilities.is_some_and(|c| c.persistence);
                    state.ledger.heard(signal, stays, &bus)
                }
            },
            change = owners.next() => {
                let Some(change) = change else { return };
                let Ok(args) = change.args() else { continue };
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                state.capabilities = None;
                match &**args.old_owner() {
                    Some(old) => state.ledger.forget(old.as_str(), &bus),
                    None => Vec::new(),
                }
            }
        };
        for event in told {
            send(&events, event);
        }
    }
}

/// The server's signals, as what they say about which bubble.
fn read(message: &Message) -> Option<(Owned, Signal)> {
    let header = message.header();
    let server = header.sender()?.to_string();
    let body = message.body();
    let (number, signal) = match header.member()?.as_str() {
        "ActionInvoked" => {
            let (number, key): (u32, String) = body.deserialize().ok()?;
            (number, Signal::Action(key))
        }
        "NotificationClosed" => {
            let (number, reason): (u32, u32) = body.deserialize().ok()?;
            (number, Signal::Closed(reason.into()))
        }
        "NotificationReplied" => {
            let (number, text): (u32, String) = body.deserialize().ok()?;
            (number, Signal::Replied(text.chars().take(REPLY_MAX).collect()))
        }
        "ActivationToken" => {
            let (number, token): (u32, String) = body.deserialize().ok()?;
            (number, Signal::Token(token))
        }
        _ => return None,
    };
    Some((Owned { server, number }, signal))
}

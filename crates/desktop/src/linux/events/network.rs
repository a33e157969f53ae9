//! The network: NetworkManager while it runs, else the kernel's default routes.

use std::collections::HashMap;

use futures::StreamExt;
use tokio::sync::mpsc;
use zbus::{
    Connection, MessageStream,
    fdo::{DBusProxy, NameOwnerChangedStream},
    zvariant::OwnedValue,
};

use super::{routes::Routes, signals, tell};
use crate::SystemEvent;

const NAME: &str = "org.freedesktop.NetworkManager";
const PATH: &str = "/org/freedesktop/NetworkManager";

/// `NM_STATE_CONNECTED_SITE`: beyond the own machine and link.
const CONNECTED: u32 = 60;

pub(super) struct Manager {
    states: MessageStream,
    properties: MessageStream,
    owners: NameOwnerChangedStream,
    runs: bool,
}

pub(super) async fn subscribe(system: &Connection) -> zbus::Result<Manager> {
    let proxy = DBusProxy::new(system).await?;
    let owners = proxy.receive_name_owner_changed_with_args(&[(0, NAME)]).await?;
    let states = signals(system, NAME, "StateChanged", Some(PATH)).await?;
    let properties = signals(
        system,
        "org.freedesktop.DBus.Properties",
        "PropertiesChanged",
        Some(PATH),
    )
    .await?;
    let runs = proxy.name_has_owner(NAME.try_into()?).await?;
    Ok(Manager {
        states,
        properties,
        owners,
        runs,
    })
}

pub(super) async fn listen(mut manager: Option<Manager>, events: mpsc::Sender<SystemEvent>) {
    loop {
        // Only one of the two speaks: the manager's changes show in the routes too, several times over.
        let routes = match &manager {
            Some(manager) if manager.runs => None,
            _ => Routes::listen()
                .inspect_err(|e| tracing::info!("routes cannot be watched: {e}"))
                .ok(),
        };
        let goes_on = tokio::select! {
            () = events.closed() => false,
            () = changed(routes.as_ref()) => tell(&events, SystemEvent::NetworkChanged { online: None }),
            said = said(manager.as_mut()) => match said {
                None => false,
                Some(None) => true,
                Some(Some(event)) => tell(&events, event),
            },
        };
        if !goes_on {
            return;
        }
    }
}

async fn changed(routes: Option<&Routes>) {
    match routes {
        Some(routes) => routes.changed().await,
        None => std::future::pending().await,
    }
}

async fn said(manager: Option<&mut Manager>) -> Option<Option<SystemEvent>> {
    match manager {
        Some(manager) => manager.next().await,
        None => std::future::pending().await,
    }
}

impl Manager {
    /// The next thing it says; `Some(None)` if that is nothing to tell, `None` if the bus has ended.
    async fn next(&mut self) -> Option<Option<SystemEvent>> {
        tokio::select! {
            message = self.states.next() => {
                let state = message?.ok().and_then(|m| m.body().deserialize::<u32>().ok());
                Some(state.map(|s| SystemEvent::NetworkChanged { online: Some(s >= CONNECTED) }))
            }
            message = self.properties.next() => {
                let Ok(message) = message? else { return Some(None) };
                let body = message.body();
                let changed = body.deserialize::<(String, HashMap<String, OwnedValue>, Vec<String>)>();
                // From wire to wireless without a moment offline in between.
                let other_line = changed.is_ok_and(|(_, changed, _)| changed.contains_key("PrimaryConnection"));
                Some(other_line.then_some(SystemEvent::NetworkChanged { online: None }))
            }
            change = self.owners.next() => {
                self.runs = change?.args().is_ok_and(|args| args.new_owner().is_some());
                Some(None)
            }
        }
    }
}

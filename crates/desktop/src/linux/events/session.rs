//! The session being locked: by logind's hint, and by the screen savers of the desktops, which not all set it.

use std::collections::HashMap;

use futures::StreamExt;
use tokio::sync::mpsc;
use zbus::{
    Connection, MessageStream,
    zvariant::{OwnedObjectPath, OwnedValue},
};

use super::{signals, tell};
use crate::SystemEvent;

/// Interfaces that say `ActiveChanged(bool)`: Plasma and others, GNOME, Xfce, MATE, Cinnamon.
pub(super) const SAVERS: [&str; 5] = [
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.xfce.ScreenSaver",
    "org.mate.ScreenSaver",
    "org.cinnamon.ScreenSaver",
];

pub(super) async fn subscribe_saver(session: &Connection, interface: &str) -> zbus::Result<MessageStream> {
    signals(session, interface, "ActiveChanged", None).await
}

pub(super) async fn listen_saver(mut signals: MessageStream, events: mpsc::Sender<SystemEvent>) {
    while let Some(message) = signals.next().await {
        let active = message.ok().and_then(|m| m.body().deserialize::<bool>().ok());
        if let Some(active) = active
            && !tell(&events, SystemEvent::SessionLocked(active))
        {
            return;
        }
    }
}

/// The session that we run in, by its id or, started by the user's systemd, as logind guesses it.
pub(super) async fn subscribe_logind(system: &Connection, id: Option<String>) -> zbus::Result<MessageStream> {
    let id = id.unwrap_or_else(|| "auto".to_owned());
    let reply = system
        .call_method(
            Some("org.freedesktop.login1"),
            "/org/freedesktop/login1",
            Some("org.freedesktop.login1.Manager"),
            "GetSession",
            &id,
        )
        .await?;
    let path: OwnedObjectPath = reply.body().deserialize()?;
    signals(
        system,
        "org.freedesktop.DBus.Properties",
        "PropertiesChanged",
        Some(path.as_str()),
    )
    .await
}

pub(super) async fn listen_logind(mut signals: MessageStream, events: mpsc::Sender<SystemEvent>) {
    while let Some(message) = signals.next().await {
        let Ok(message) = message else { continue };
        let body = message.body();
        let Ok((_, changed, _)) = body.deserialize::<(String, HashMap<String, OwnedValue>, Vec<String>)>() else {
            continue;
        };
        let hint = changed.get("LockedHint").and_then(|v| bool::try_from(v).ok());
        if let Some(locked) = hint
            && !tell(&events, SystemEvent::SessionLocked(locked))
        {
            return;
        }
    }
}

//! Sleep, by logind's `PrepareForSleep`.

use futures::StreamExt;
use tokio::sync::mpsc;
use zbus::{Connection, MessageStream};

use super::{clock::Naps, signals, tell};
use crate::SystemEvent;

pub(super) async fn subscribe(system: &Connection) -> zbus::Result<MessageStream> {
    signals(
        system,
        "org.freedesktop.login1.Manager",
        "PrepareForSleep",
        Some("/org/freedesktop/login1"),
    )
    .await
}

pub(super) async fn listen(mut signals: MessageStream, naps: Naps, events: mpsc::Sender<SystemEvent>) {
    while let Some(message) = signals.next().await {
        let begins = message.ok().and_then(|m| m.body().deserialize::<bool>().ok());
        let goes_on = match begins {
            Some(true) => tell(&events, SystemEvent::Suspend),
            // The clock may have noticed first.
            Some(false) if naps.say_resume() => tell(&events, SystemEvent::Resume),
            _ => true,
        };
        if !goes_on {
            return;
        }
    }
}

//! What the machine says: logind (sleep, lock), NetworkManager or else the kernel's routes, the screen savers, and the
//! kernel's clock. Each source is a task of its own that ends quietly when its source is not there.

mod clock;
mod network;
mod routes;
mod session;
mod sleep;

use tokio::sync::mpsc;
use zbus::{Connection, MatchRule, MessageStream, message::Type};

use super::{EVENTS_WAITING, buses};
use crate::{App, SystemEvent};

pub(super) async fn start(app: &App) -> mpsc::Receiver<SystemEvent> {
    let (sender, receiver) = mpsc::channel(EVENTS_WAITING);
    let system = buses::system(&app.buses)
        .await
        .inspect_err(|e| tracing::info!("no system bus: {e}"))
        .ok();
    let session = buses::session(&app.buses)
        .await
        .inspect_err(|e| tracing::info!("no session bus: {e}"))
        .ok();
    let naps = clock::Naps::default();

    // What a caller does after this is heard of, hence subscribing here and only listening in tasks.
    if let Some(system) = &system {
        if let Ok(signals) = sleep::subscribe(system).await {
            tokio::spawn(sleep::listen(signals, naps.clone(), sender.clone()));
        }
        if let Ok(signals) = session::subscribe_logind(system, std::env::var("XDG_SESSION_ID").ok()).await {
            tokio::spawn(session::listen_logind(signals, sender.clone()));
        }
    }
    if let Some(session) = &session {
        for saver in session::SAVERS {
            if let Ok(signals) = session::subscribe_saver(session, saver).await {
                tokio::spawn(session::listen_saver(signals, sender.clone()));
            }
        }
    }
    match clock::Jumps::new() {
        Ok(jumps) => drop(tokio::spawn(clock::listen(jumps, naps, sender.clone()))),
        Err(e) => tracing::info!("the clock cannot be watched: {e}"),
    }
    let manager = match &system {
        Some(system) => network::subscribe(system).await.ok(),
        None => None,
    };
    tokio::spawn(network::listen(manager, sender));
    receiver
}

/// Hands an event on. False: nobody listens any more, or the task's end has come.
fn tell(events: &mpsc::Sender<SystemEvent>, event: SystemEvent) -> bool {
    match events.try_send(event) {
        Ok(()) => true,
        Err(mpsc::error::TrySendError::Full(event)) => {
            tracing::warn!("{event:?} was dropped: nobody reads them");
            true
        }
        Err(mpsc::error::TrySendError::Closed(_)) => false,
    }
}

/// Signals of an interface, of one member, from one path where it is known.
async fn signals(
    connection: &Connection,
    interface: &str,
    member: &str,
    path: Option<&str>,
) -> zbus::Result<MessageStream> {
    let mut rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .interface(interface)?
        .member(member)?;
    if let Some(path) = path {
        rule = rule.path(path)?;
    }
    MessageStream::for_match_rule(rule.build(), connection, None).await
}

//! The agent in a further session of the same user: tray and bubbles, as a client of the agent that owns the store.

use std::sync::Arc;
use std::time::Duration;

use qiyou_api::{Client, ClientError, Endpoint, Nothing, call};

use crate::desk;

/// Why an agent in a further session is over.
pub(super) enum Ended {
    /// The store has no owner now: this agent may be the next.
    OwnerGone,
    Quit,
    /// The owner lives in this session, or does not talk to us.
    NotNeeded,
    /// There is a lock and nobody who answers: an agent is just ending, or just beginning.
    Between,
}

/// After a goodbye the owner's successor of the same session (an update, a restart) goes first.
const COURTESY: Duration = Duration::from_millis(1500);
/// How long an owner may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Shows tray and bubbles in this session until its own end or the owner's. `begin` is called when it is certain that
/// there is something to do.
pub(super) async fn attend(
    endpoint: &Endpoint,
    home: &std::path::Path,
    language: Option<qiyou_words::Language>,
    begin: impl FnOnce(),
) -> Ended {
    let here = session();
    // Without a desktop there is nothing to show.
    if here.is_empty() {
        return Ended::NotNeeded;
    }
    let (client, events) = match Client::connect(endpoint, "session").await {
        Ok(connected) => connected,
        Err(ClientError::Unreachable(..) | ClientError::Closed) => return Ended::Between,
        Err(_) => return Ended::NotNeeded,
    };
    let asked = async {
        client.same_protocol().ok()?;
        let status = client.call(call::Status, Nothing {}).await.ok()?;
        (status.session != here).then_some(())
    };
    let Ok(Some(())) = tokio::time::timeout(PATIENCE, asked).await else {
        return Ended::NotNeeded;
    };
    begin();
    tracing::info!("another session's agent owns the store; this one shows what it tells");
    let (core, orders) = super::core(home, language);
    let bring_up = async {
        // The owner itself may be waiting for its store.
        let guest = loop {
            match desk::Guest::of(client.clone()).await {
                Ok(guest) => break guest,
                Err(error) => core.settle(None, Some(error)),
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        };
        core.settle(None, None);
        let _ = client.call(call::Subscribe, Nothing {}).await;
        desk::Up {
            mind: desk::Mind::There(Arc::new(guest)),
            tells: None,
            events: desk::Events::There(events),
        }
    };
    let goodbye = tokio::select! {
        goodbye = desk::run(Arc::clone(&core), orders, bring_up) => goodbye,
        () = core.quit.notified() => return Ended::Quit,
        () = super::ended_from_outside() => return Ended::Quit,
    };
    tracing::info!(goodbye, "the owner of the store is gone");
    if goodbye {
        tokio::time::sleep(COURTESY).await;
    }
    Ended::OwnerGone
}

/// The desktop session that this process lives in: where its bubbles and its tray go. Empty where there is none.
pub(crate) fn session() -> String {
    #[cfg(target_os = "linux")]
    {
        // Sessions that share a bus share tray and bubbles.
        std::env::var("DBUS_SESSION_BUS_ADDRESS").unwrap_or_default()
    }
    #[cfg(windows)]
    {
        use windows_sys::Win32::System::RemoteDesktop::ProcessIdToSessionId;
        let mut session = 0_u32;
        // SAFETY: writes one number to where it is told.
        let known = unsafe { ProcessIdToSessionId(std::process::id(), &raw mut session) };
        if known == 0 { String::new() } else { session.to_string() }
    }
    #[cfg(not(any(target_os = "linux", windows)))]
    {
        // A user has one session with a desktop.
        String::new()
    }
}

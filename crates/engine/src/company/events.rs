//! The line on which the bridge tells of what is new: mail, directory, session. What it says is only a reason to look.

use std::sync::Arc;
use std::time::Duration;

use qiyou_api::{ApiError, ErrorCode};
use qiyou_bridge_api::BridgeEvent;
use qiyou_net::HttpClient;
use qiyou_signin::bridge::{Bridge, Error, Events};
use secrecy::SecretString;
use tokio::time::{Instant, sleep_until};

use super::{failed, keep};
use crate::engine::Inner;

/// Within how many seconds one comes back, where the bridge does not say.
const BACK: u32 = 20;
/// The longest that a bridge may have one wait, in seconds.
const PATIENCE: u32 = 300;
/// The first wait for a bridge that does not answer; doubled up to [`RARELY`].
const AWAY: Duration = Duration::from_secs(15);
const RARELY: Duration = Duration::from_mins(5);
/// A bridge from before there were such lines.
const OLD: Duration = Duration::from_hours(4);

/// Listens until the session ends.
pub(super) async fn listen(inner: &Arc<Inner>, resumed: bool) {
    if resumed {
        keep::pause(Duration::ZERO, 2.0).await;
    }
    let mut back = BACK;
    let mut away = AWAY;
    // Who just signed in has looked already.
    let mut fresh = !resumed;
    let mut waited_for = resumed;
    loop {
        let opened = open(inner).await;
        let again = opened.is_ok() && !std::mem::take(&mut fresh);
        // Whoever saw that the bridge was away sees at once that it is back.
        let at_once = std::mem::take(&mut waited_for) || (again && away > AWAY);
        if at_once {
            inner.companies.wake.notify_one();
        }
        let missed = again && !at_once;
        let lost = match opened {
            Ok(mut events) => {
                away = AWAY;
                hear(inner, &mut events, &mut back, missed).await
            }
            Err(error) => Err(error),
        };
        let (wait, jitter) = match lost {
            Ok(()) => (Duration::ZERO, f64::from(back.min(PATIENCE))),
            Err(error) if error.code == ErrorCode::NotSignedIn => return,
            Err(error) => {
                tracing::debug!(code = ?error.code, "the bridge is not heard");
                let wait = if error.code == ErrorCode::NotABridge { OLD } else { away };
                if error.code == ErrorCode::BridgeAway && keep::lost(inner).await.is_err() {
                    return;
                }
                fresh = false;
                away = away.saturating_mul(2).min(RARELY);
                (wait, wait.as_secs_f64() / 2.0)
            }
        };
        keep::pause(wait, jitter).await;
    }
}

async fn open(inner: &Arc<Inner>) -> Result<Events, ApiError> {
    // Made anew with each line: the proxy may be another by now.
    let http = inner
        .dialer()
        .http_stream(Events::SILENCE)
        .map_err(|error| failed(error.into()))?;
    let ask = |bridge: Bridge, token: SecretString| {
        let http: HttpClient = http.clone();
        async move { bridge.events(&http, &token).await }
    };
    keep::call(inner, ask).await
}

/// A moment within so many seconds, another for each app.
fn within(seconds: u32) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_secs_f64(rand::random::<f64>() * f64::from(seconds)))
}

/// Hears until the line ends, which is no error: bridges are restarted, and laptops sleep. `missed`: what was told before
/// was told to nobody, so there is to be a look; all whom a restart cut off would else look in the same minute.
async fn hear(inner: &Arc<Inner>, events: &mut Events, back: &mut u32, missed: bool) -> Result<(), ApiError> {
    let mut look = missed.then(|| within(PATIENCE)).flatten();
    loop {
        let due = async {
            match look {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        let event = tokio::select! {
            event = events.next() => event,
            () = due => {
                look = None;
                inner.companies.wake.notify_one();
                continue;
            }
        };
        match event {
            Ok(Some(BridgeEvent::Hello { back_within })) => *back = back_within,
            Ok(Some(BridgeEvent::Mail { address })) => inner.nudge(&address).await,
            Ok(Some(BridgeEvent::Directory { within: seconds })) => {
                let soon = within(seconds.min(PATIENCE));
                look = look.min(soon).or(soon);
            }
            Ok(Some(BridgeEvent::Session)) => inner.companies.wake.notify_one(),
            Ok(Some(BridgeEvent::Unknown)) => {}
            Ok(None) | Err(Error::Away(_)) => break,
            Err(error) => return Err(failed(error)),
        }
    }
    if look.is_some() {
        inner.companies.wake.notify_one();
    }
    Ok(())
}

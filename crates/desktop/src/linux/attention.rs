//! Whether to be quiet: the notification server's `Inhibited` property (Plasma sets it for do-not-disturb, for
//! presentations and while the screen is shared), and on X11 whether the window in front fills the screen.

use std::time::Duration;

use futures::{FutureExt, future::BoxFuture};
use x11rb::{
    connection::Connection as _,
    protocol::xproto::{AtomEnum, ConnectionExt as _, Window},
};
use zbus::zvariant::OwnedValue;

use super::buses;
use crate::{App, Attention, AttentionNow, Buses};

/// A bubble does not wait longer for the answer.
const PATIENCE: Duration = Duration::from_millis(200);

pub(super) struct SessionAttention {
    buses: Buses,
}

impl SessionAttention {
    pub(super) fn new(app: &App) -> Self {
        Self {
            buses: app.buses.clone(),
        }
    }

    async fn inhibited(&self) -> Option<bool> {
        let connection = buses::session(&self.buses).await.ok()?;
        let reply = connection
            .call_method(
                Some("org.freedesktop.Notifications"),
                "/org/freedesktop/Notifications",
                Some("org.freedesktop.DBus.Properties"),
                "Get",
                &("org.freedesktop.Notifications", "Inhibited"),
            )
            .await
            .ok()?;
        let value: OwnedValue = reply.body().deserialize().ok()?;
        bool::try_from(value).ok()
    }
}

impl Attention for SessionAttention {
    fn now(&self) -> BoxFuture<'_, AttentionNow> {
        async move {
            let inhibited = tokio::time::timeout(PATIENCE, self.inhibited());
            let fullscreen = tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(fullscreen));
            let (inhibited, fullscreen) = tokio::join!(inhibited, fullscreen);
            AttentionNow {
                fullscreen: matches!(fullscreen, Ok(Ok(Some(true)))),
                do_not_disturb: matches!(inhibited, Ok(Some(true))),
                screen_shared: false,
            }
        }
        .boxed()
    }
}

/// Asks the window manager by the Extended Window Manager Hints. A connection for each question: kept open it would
/// cost the X server and us more than the millisecond it takes.
fn fullscreen() -> Option<bool> {
    std::env::var_os("DISPLAY").filter(|d| !d.is_empty())?;
    let (connection, screen) = x11rb::connect(None).ok()?;
    let root = connection.setup().roots.get(screen)?.root;
    let atom = |name: &str| Some(connection.intern_atom(true, name.as_bytes()).ok()?.reply().ok()?.atom);
    let (active, state, full) = (
        atom("_NET_ACTIVE_WINDOW")?,
        atom("_NET_WM_STATE")?,
        atom("_NET_WM_STATE_FULLSCREEN")?,
    );
    let window: Window = connection
        .get_property(false, root, active, AtomEnum::WINDOW, 0, 1)
        .ok()?
        .reply()
        .ok()?
        .value32()?
        .next()?;
    if window == x11rb::NONE {
        return Some(false);
    }
    let states = connection
        .get_property(false, window, state, AtomEnum::ATOM, 0, 64)
        .ok()?
        .reply()
        .ok()?;
    Some(states.value32()?.any(|s| s == full))
}

//! The connections to the session's and the system's bus.

use tokio::sync::OnceCell;
use zbus::{Connection, connection::Builder};

use crate::Buses;

/// The connections that were made already.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    session: OnceCell<Connection>,
    system: OnceCell<Connection>,
}

/// The session's bus.
pub(super) async fn session(buses: &Buses) -> zbus::Result<Connection> {
    let make = || async {
        match &buses.session {
            Some(address) => Builder::address(address.as_str())?.build().await,
            None => Builder::session()?.build().await,
        }
    };
    buses.kept.session.get_or_try_init(make).await.cloned()
}

/// The system's bus.
pub(super) async fn system(buses: &Buses) -> zbus::Result<Connection> {
    let make = || async {
        match &buses.system {
            Some(address) => Builder::address(address.as_str())?.build().await,
            None => Builder::system()?.build().await,
        }
    };
    buses.kept.system.get_or_try_init(make).await.cloned()
}

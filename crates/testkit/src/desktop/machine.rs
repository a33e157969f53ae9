//! A system bus with a machine on it that does as it is told: logind and NetworkManager.

use anyhow::Result;
use std::collections::HashMap;
use tempfile::TempDir;
use zbus::{
    Connection, connection, interface,
    zvariant::{ObjectPath, OwnedObjectPath, Value},
};

use super::{process::Running, session::start_bus};

const SESSION: &str = "/org/freedesktop/login1/session/c1";

/// A system bus of the test's own.
#[derive(Debug)]
pub struct Machine {
    connection: Connection,
    network: Option<Connection>,
    address: String,
    _daemon: Running,
    _folder: TempDir,
}

impl Machine {
    /// A bus with logind and NetworkManager.
    pub async fn start() -> Result<Self> {
        let mut machine = Self::start_without_network_manager().await?;
        machine.start_network_manager().await?;
        Ok(machine)
    }

    /// A bus with logind alone.
    pub async fn start_without_network_manager() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("qiyou-machine-").tempdir()?;
        let (daemon, address) = start_bus(folder.path(), "system", false).await?;
        let connection = connection::Builder::address(address.as_str())?
            .serve_at("/org/freedesktop/login1", Logind)?
            .name("org.freedesktop.login1")?
            .build()
            .await?;
        Ok(Self {
            connection,
            network: None,
            address,
            _daemon: daemon,
            _folder: folder,
        })
    }

    /// NetworkManager comes.
    pub async fn start_network_manager(&mut self) -> Result<()> {
        let builder = connection::Builder::address(self.address.as_str())?;
        self.network = Some(builder.name("org.freedesktop.NetworkManager")?.build().await?);
        Ok(())
    }

    /// Address of the bus.
    pub fn bus(&self) -> &str {
        &self.address
    }

    /// The machine goes to sleep (true), or wakes up.
    pub async fn sleep(&self, begins: bool) -> Result<()> {
        self.emit(
            &self.connection,
            "/org/freedesktop/login1",
            "org.freedesktop.login1.Manager",
            "PrepareForSleep",
            &begins,
        )
        .await
    }

    /// NetworkManager's state changes (`NMState`: 20 disconnected, 70 connected).
    pub async fn network(&self, state: u32) -> Result<()> {
        let network = self.network.as_ref().unwrap_or(&self.connection);
        let path = "/org/freedesktop/NetworkManager";
        self.emit(network, path, "org.freedesktop.NetworkManager", "StateChanged", &state)
            .await
    }

    /// The traffic moves to another line, without a moment offline.
    pub async fn other_line(&self) -> Result<()> {
        let network = self.network.as_ref().unwrap_or(&self.connection);
        let path = "/org/freedesktop/NetworkManager";
        let line = ObjectPath::try_from("/org/freedesktop/NetworkManager/ActiveConnection/2")?;
        let changed = HashMap::from([("PrimaryConnection", Value::from(line))]);
        let body = ("org.freedesktop.NetworkManager", changed, Vec::<String>::new());
        self.emit(
            network,
            path,
            "org.freedesktop.DBus.Properties",
            "PropertiesChanged",
            &body,
        )
        .await
    }

    /// The session is locked, or unlocked.
    pub async fn lock(&self, locked: bool) -> Result<()> {
        let changed = HashMap::from([("LockedHint", Value::from(locked))]);
        let body = ("org.freedesktop.login1.Session", changed, Vec::<String>::new());
        self.emit(
            &self.connection,
            SESSION,
            "org.freedesktop.DBus.Properties",
            "PropertiesChanged",
            &body,
        )
        .await
    }

    async fn emit<B>(&self, from: &Connection, path: &str, interface: &str, member: &str, body: &B) -> Result<()>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType + Sync,
    {
        Ok(from.emit_signal(None::<&str>, path, interface, member, body).await?)
    }
}

struct Logind;

#[expect(clippy::unused_self, reason = "the bus's interface wants it")]
#[interface(name = "org.freedesktop.login1.Manager")]
impl Logind {
    fn get_session(&self, id: String) -> zbus::fdo::Result<OwnedObjectPath> {
        // Whichever is asked for.
        drop(id);
        Ok(ObjectPath::try_from(SESSION).map_err(zbus::Error::from)?.into())
    }
}

//! Opening an address or a file: `xdg-open`; for addresses the portal where there is none (Flatpak, Snap).

use std::{collections::HashMap, ffi::OsStr, path::Path, process::Stdio, time::Duration};

use zbus::zvariant::Value;

use super::buses;
use crate::{App, Error};

const WHAT: &str = "open";

/// So soon `xdg-open` says that there is no program for a file.
const SOON: Duration = Duration::from_secs(2);

pub(super) async fn address(app: &App, address: &str) -> Result<(), Error> {
    match start(address.as_ref()) {
        Ok(child) => {
            tokio::spawn(see_end(child));
            Ok(())
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => portal(app, address).await,
        Err(source) => Err(Error::File { what: WHAT, source }),
    }
}

pub(super) async fn file(path: &Path) -> Result<(), Error> {
    let mut child = start(path.as_os_str()).map_err(|source| Error::File { what: WHAT, source })?;
    match tokio::time::timeout(SOON, child.wait()).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(Error::refused(WHAT, status)),
        Ok(Err(source)) => Err(Error::File { what: WHAT, source }),
        Err(_) => {
            // It stays for as long as the program that it started.
            tokio::spawn(see_end(child));
            Ok(())
        }
    }
}

fn start(target: &OsStr) -> std::io::Result<tokio::process::Child> {
    tokio::process::Command::new("xdg-open")
        .arg(target)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // What it starts must not end with us, nor take our terminal's keys.
        .process_group(0)
        .spawn()
}

/// Somebody must read a child's end, or it stays as a zombie.
async fn see_end(mut child: tokio::process::Child) {
    match child.wait().await {
        Ok(status) if !status.success() => tracing::warn!("xdg-open ended with {status}"),
        _ => {}
    }
}

async fn portal(app: &App, address: &str) -> Result<(), Error> {
    let connection = buses::session(&app.buses).await.map_err(|e| Error::absent(WHAT, e))?;
    let options: HashMap<&str, Value<'_>> = HashMap::new();
    connection
        .call_method(
            Some("org.freedesktop.portal.Desktop"),
            "/org/freedesktop/portal/desktop",
            Some("org.freedesktop.portal.OpenURI"),
            "OpenURI",
            &("", address, options),
        )
        .await
        .map(drop)
        .map_err(|e| Error::absent(WHAT, e))
}

//! Opening an address: `xdg-open`, or the portal where there is none (Flatpak, Snap).

use std::{collections::HashMap, process::Stdio};

use zbus::zvariant::Value;

use super::buses;
use crate::{App, Error};

const WHAT: &str = "open";

pub(super) async fn open(app: &App, address: &str) -> Result<(), Error> {
    let started = tokio::process::Command::new("xdg-open")
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A browser must not end with us, nor take our terminal's keys.
        .process_group(0)
        .spawn();
    match started {
        Ok(mut child) => {
            // It may stay for as long as the browser does; somebody must read its end.
            tokio::spawn(async move {
                match child.wait().await {
                    Ok(status) if !status.success() => tracing::warn!("xdg-open ended with {status}"),
                    _ => {}
                }
            });
            Ok(())
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => portal(app, address).await,
        Err(source) => Err(Error::File { what: WHAT, source }),
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

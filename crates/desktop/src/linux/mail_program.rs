//! The program for `mailto:` addresses, by `xdg-settings`; the packages' desktop entry offers ours.

use std::process::Stdio;

use futures::{FutureExt, future::BoxFuture};

use crate::{App, Chosen, Error, MailProgram};

const WHAT: &str = "mail program";

pub(super) struct SchemeHandler {
    entry: String,
}

impl SchemeHandler {
    pub(super) fn new(app: &App) -> Self {
        Self {
            entry: format!("{}.desktop", app.id),
        }
    }

    async fn settings(&self, verb: &str) -> Result<String, Error> {
        let output = tokio::process::Command::new("xdg-settings")
            .args([verb, "default-url-scheme-handler", "mailto", &self.entry])
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(|source| Error::File { what: WHAT, source })?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(Error::refused(WHAT, format!("{} {}", output.status, said.trim())))
        }
    }
}

impl MailProgram for SchemeHandler {
    fn offer(&self) -> Result<(), Error> {
        Ok(())
    }

    fn choose(&self) -> BoxFuture<'_, Result<Chosen, Error>> {
        async move {
            self.settings("set").await?;
            // Desktops without a place for it say nothing, and do nothing.
            match self.settings("check").await?.as_str() {
                "yes" => Ok(Chosen::Done),
                other => Err(Error::refused(WHAT, format!("it is not kept ({other})"))),
            }
        }
        .boxed()
    }
}

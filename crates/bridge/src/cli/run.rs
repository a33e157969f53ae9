//! `qiyou-bridge run`.

use anyhow::Context as _;

use super::log;
use crate::clock::Clock;
use crate::config::Config;
use crate::serve::Server;

pub async fn run(config: Config) -> anyhow::Result<()> {
    log::start();
    let url = config.url.clone();
    let server = Server::bind(config, Clock::default()).await?;
    let address = server.address()?;
    tracing::info!(target: "bridge", version = env!("CARGO_PKG_VERSION"), %address, %url, "serving");
    server.run(stopped()?).await
}

/// SIGTERM (systemd, Docker) or Ctrl-C.
fn stopped() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    #[cfg(unix)]
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).context("listen for SIGTERM")?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    })
}

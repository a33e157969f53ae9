//! The ui in a plain browser, against the agent of `QIYOU_HOME` (or the person's own): `qiyou-devserver [PORT]`.
//! `qiyou-devserver --stage` serves a sandbox of its own to a test.

use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use qiyou_api::{Client, Endpoint};
use qiyou_testkit::devserver::{DevServer, Options};
use qiyou_tests::house;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    #[cfg(target_os = "linux")]
    if std::env::args().nth(1).as_deref() == Some("--stage") {
        qiyou_tests::stage::run().await?;
        return Ok(ExitCode::SUCCESS);
    }
    let home = qiyou_api::home().context("neither QIYOU_HOME nor a home directory is known")?;
    let endpoint = Endpoint::of_home(&home);
    agent(&endpoint).await?;
    let port = std::env::args()
        .nth(1)
        .map(|port| port.parse())
        .transpose()
        .context("a port")?
        .unwrap_or(5174);
    let server = DevServer::start(Options {
        page: house::root().join("ui/dist"),
        endpoint,
        port,
    })
    .await?;
    eprintln!("open {}", server.url());
    eprintln!("(this address is a key to your mail: keep it to yourself; Ctrl-C ends the server, not the agent)");
    let mut followed = server.followed();
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(ExitCode::SUCCESS),
            changed = followed.changed() => {
                changed?;
                if let Some(target) = followed.borrow_and_update().last() {
                    eprintln!("followed: {target}");
                }
            }
        }
    }
}

/// Makes sure that an agent runs.
async fn agent(endpoint: &Endpoint) -> Result<()> {
    if Client::connect(endpoint, "browser").await.is_ok() {
        return Ok(());
    }
    let mut command = Command::new(house::program("qiyou-agent")?);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .context("starting qiyou-agent")?;
    let answered = async {
        while Client::connect(endpoint, "browser").await.is_err() {
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    };
    tokio::time::timeout(house::PATIENCE, answered)
        .await
        .context("qiyou-agent does not answer")
}

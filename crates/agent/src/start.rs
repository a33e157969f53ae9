//! A client makes sure that an agent runs.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use qiyou_api::{Client, ClientError, Endpoint, Event, Hello, Nothing, call};
use tokio::sync::mpsc;

/// How long an agent may take to answer after it was started.
const PATIENCE: Duration = Duration::from_secs(10);

fn spawn() -> anyhow::Result<()> {
    let program = std::env::current_exe().context("find this program")?;
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        // A Ctrl-C in the client's terminal is not meant for the agent.
        command.process_group(0);
    }
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        const DETACHED_PROCESS: u32 = 0x8;
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
        command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
        keep_own_output();
    }
    command.spawn().context("start the agent")?;
    Ok(())
}

/// Whoever reads what this program writes waits for the end of all that could write: the agent must not be among them.
#[cfg(windows)]
fn keep_own_output() {
    use windows_sys::Win32::Foundation::{HANDLE_FLAG_INHERIT, SetHandleInformation};
    use windows_sys::Win32::System::Console::{GetStdHandle, STD_ERROR_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE};
    for which in [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE] {
        // SAFETY: asks for a handle of this process and changes a flag of it; one that is none is refused.
        unsafe {
            SetHandleInformation(GetStdHandle(which), HANDLE_FLAG_INHERIT, 0);
        }
    }
}

async fn wait(endpoint: &Endpoint) -> anyhow::Result<(Client, mpsc::Receiver<(u64, Event)>)> {
    let waiting = async {
        loop {
            match Client::connect(endpoint, "cli").await {
                Ok(connected) => return connected,
                Err(_) => tokio::time::sleep(Duration::from_millis(25)).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .context("the agent does not answer; its log may say why")
}

/// Connects to the agent, starting one when none runs. An older one is asked to give way.
pub(crate) async fn connect(start: bool) -> anyhow::Result<(Client, mpsc::Receiver<(u64, Event)>)> {
    let endpoint = Endpoint::of_home(&crate::home::path()?);
    let connected = match Client::connect(&endpoint, "cli").await {
        Ok(connected) => connected,
        Err(ClientError::Unreachable(..)) if start => {
            spawn()?;
            wait(&endpoint).await?
        }
        Err(error) => return Err(error.into()),
    };
    if start && connected.0.agent().is_older_than(&Hello::new("cli")) {
        let _ = connected.0.call(call::Quit, Nothing {}).await;
        drop(connected);
        let gone = async {
            while Client::connect(&endpoint, "cli").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, gone)
            .await
            .context("the older agent does not end")?;
        spawn()?;
        return wait(&endpoint).await;
    }
    connected.0.same_protocol()?;
    Ok(connected)
}

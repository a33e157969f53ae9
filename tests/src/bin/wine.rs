//! `qiyou-wine RUNNER AGENT`: the main job of the Windows agent under wine, against a real mail server on this machine.
//! `RUNNER` starts a Windows program, `AGENT` is `qiyou-agent.exe`.

use std::process::ExitCode;

use anyhow::Result;

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [runner, agent] = arguments.as_slice() else {
        anyhow::bail!("qiyou-wine RUNNER AGENT");
    };
    qiyou_tests::wine::run(runner.as_ref(), agent.as_ref()).await?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(target_os = "linux"))]
fn main() -> Result<ExitCode> {
    anyhow::bail!("the mail server of this job runs on Linux only")
}

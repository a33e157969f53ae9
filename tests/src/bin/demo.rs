//! The demo: a mail server with years of mail, an agent, a window. `qiyou-demo` to look at, `qiyou-demo --headless DIR`
//! for machines without a screen.

use std::process::ExitCode;

use anyhow::{Result, bail};

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> Result<ExitCode> {
    use qiyou_tests::demo::{alive, headless};

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => alive::run().await,
        ["--headless", folder] => headless::run(std::path::Path::new(folder)).await,
        _ => bail!("qiyou-demo [--headless DIR]"),
    }
}

#[cfg(not(target_os = "linux"))]
fn main() -> Result<ExitCode> {
    bail!("the demo's mail server runs on Linux only")
}

//! What `cargo xtask bench` runs; the measured agent lies where `QIYOU_PROGRAMS` says.

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = if arguments.is_empty() {
        None
    } else {
        Some(std::path::PathBuf::from(arguments.remove(0)))
    };
    let Some(folder) = folder else {
        anyhow::bail!("the folder of the report is missing: cargo xtask bench")
    };
    qiyou_tests::bench::run(&arguments, folder).await
}

#[cfg(not(target_os = "linux"))]
fn main() -> anyhow::Result<()> {
    anyhow::bail!("the measurements need a mail server and a desktop that only Linux lends")
}

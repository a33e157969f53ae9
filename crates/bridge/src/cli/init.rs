//! `qiyou-bridge init`: a configuration to be filled in.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use rand::RngCore as _;

use super::say;
use crate::config::TEMPLATE;

/// Writes a file that was not there, for its owner alone (and, where it is no secret, its group).
fn write_new(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(mode);
    }
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options
        .open(path)
        .with_context(|| format!("write {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(())
}

pub fn init(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    let key = bytes
        .iter()
        .fold(String::new(), |all, byte| all + &format!("{byte:02x}"));
    let config = folder.join("bridge.toml");
    write_new(&config, TEMPLATE, 0o640)?;
    write_new(&folder.join("master.key"), &format!("{key}\n"), 0o600)?;
    say!("wrote {} and master.key", config.display());
    say!("next: fill in url, company, domains and [wecom]; put the application's secret into wecom.secret (chmod 600)");
    say!("then: qiyou-bridge run --config {}", config.display());
    Ok(())
}

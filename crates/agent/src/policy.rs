//! What IT says for everybody on this computer, before any setting.

use std::path::PathBuf;

use anyhow::Context as _;
use qiyou_engine::CompanyConfig;
use serde::Deserialize;

/// The file, in TOML. What a newer Qiyou knows more of is passed over.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Policy {
    /// Where the company's bridge is.
    bridge: Option<String>,
}

/// Where the file lies: a place that only an administrator can write to.
fn path() -> Option<PathBuf> {
    if cfg!(windows) {
        std::env::var_os("ProgramData").map(|data| PathBuf::from(data).join("Qiyou").join("policy.toml"))
    } else if cfg!(target_os = "macos") {
        Some(PathBuf::from("/Library/Application Support/Qiyou/policy.toml"))
    } else {
        Some(PathBuf::from("/etc/qiyou/policy.toml"))
    }
}

fn read() -> anyhow::Result<Policy> {
    // A home elsewhere (tests, the demo) knows nothing of this computer's company.
    let Some(path) = path().filter(|_| !crate::home::is_elsewhere()) else {
        return Ok(Policy::default());
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => toml::from_str(&text).with_context(|| format!("read {}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Policy::default()),
        Err(error) => Err(error).with_context(|| format!("read {}", path.display())),
    }
}

/// The company of this computer: its bridge by `QIYOU_BRIDGE`, or by the policy.
pub(crate) fn company() -> anyhow::Result<CompanyConfig> {
    let named = std::env::var("QIYOU_BRIDGE").ok().filter(|bridge| !bridge.is_empty());
    let bridge = match named {
        Some(bridge) => Some(bridge),
        None => read()?.bridge.filter(|bridge| !bridge.trim().is_empty()),
    };
    Ok(CompanyConfig {
        bridge,
        device: device(),
        system: system(),
    })
}

/// This computer's name, as people know it.
fn device() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    let first = name.split('.').next().unwrap_or_default();
    if first.is_empty() {
        "PC".to_owned()
    } else {
        first.to_owned()
    }
}

/// The system, as people know it.
fn system() -> String {
    if cfg!(windows) {
        return "Windows".to_owned();
    }
    if cfg!(target_os = "macos") {
        return "macOS".to_owned();
    }
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.map_or_else(|| "Linux".to_owned(), |name| name.trim_matches('"').to_owned())
}

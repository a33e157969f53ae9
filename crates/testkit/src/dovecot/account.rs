//! Under which account Dovecot runs.
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// A system account.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) user: String,
    pub(super) group: String,
    /// User and group id to change to; `None` where we are that account already.
    pub(super) change: Option<(u32, u32)>,
}

impl Account {
    /// Our own account; `nobody` where we are root, because Dovecot serves no mail to uid 0.
    pub(super) fn choose() -> Result<Self> {
        if rustix::process::geteuid().is_root() {
            let ids = (id(&["-u", "nobody"])?.parse()?, id(&["-g", "nobody"])?.parse()?);
            return Ok(Self {
                user: "nobody".to_owned(),
                group: id(&["-gn", "nobody"])?,
                change: Some(ids),
            });
        }
        Ok(Self {
            user: id(&["-un"])?,
            group: id(&["-gn"])?,
            change: None,
        })
    }
}

fn id(arguments: &[&str]) -> Result<String> {
    let output = Command::new("id").args(arguments).output().context("run id")?;
    ensure!(
        output.status.success(),
        "id {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

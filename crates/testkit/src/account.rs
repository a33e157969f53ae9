//! Under which account a server of another house runs.
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, lchown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// A system account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) user: String,
    pub(crate) group: String,
    /// User and group id to change to; `None` where we are that account already.
    pub(crate) change: Option<(u32, u32)>,
}

impl Account {
    /// Our own account; where we are root the first of `others` that exists, because these servers refuse uid 0.
    pub(crate) fn choose(others: &[&str]) -> Result<Self> {
        if rustix::process::geteuid().is_root() {
            let user = others
                .iter()
                .find(|other| id(&["-u", other]).is_ok())
                .with_context(|| format!("there is no account of {others:?}"))?;
            return Ok(Self {
                user: (*user).to_owned(),
                group: id(&["-gn", user])?,
                change: Some((id(&["-u", user])?.parse()?, id(&["-g", user])?.parse()?)),
            });
        }
        Ok(Self {
            user: id(&["-un"])?,
            group: id(&["-gn"])?,
            change: None,
        })
    }

    /// Lets a command run under this account.
    pub(crate) fn enter(&self, command: &mut Command) {
        if let Some((uid, gid)) = self.change {
            command.uid(uid).gid(gid);
        }
    }

    /// Where its directory is made: the path must be short (Unix sockets take 107 bytes) and open to the account.
    pub(crate) fn base(&self) -> PathBuf {
        let usual = std::env::temp_dir();
        let short = PathBuf::from("/tmp");
        if (self.change.is_some() || usual.as_os_str().len() > 40) && short.is_dir() {
            short
        } else {
            usual
        }
    }

    /// Gives a tree to this account, where that is not ours.
    pub(crate) fn hand_over(&self, path: &Path) -> io::Result<()> {
        let Some((uid, gid)) = self.change else {
            return Ok(());
        };
        let metadata = fs::symlink_metadata(path)?;
        // A second link belongs to a prepared mailbox, whose owner is to stay; it was made readable or copied.
        if metadata.is_dir() || metadata.nlink() == 1 {
            lchown(path, Some(uid), Some(gid))?;
        }
        if metadata.is_dir() {
            for entry in fs::read_dir(path)? {
                self.hand_over(&entry?.path())?;
            }
        }
        Ok(())
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

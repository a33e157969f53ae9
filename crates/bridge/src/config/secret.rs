//! Where a secret comes from: a file, the environment, or systemd's credentials. Never an argument, never the
//! configuration itself.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use secrecy::SecretString;
use serde::Deserialize;

/// The longest secret, in bytes.
const LONGEST: u64 = 16 * 1024;

/// Names one secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Secret {
    /// A file that nobody but its owner and group can read; a relative one stands beside the configuration.
    File(PathBuf),
    /// A variable of the environment.
    Env(String),
    /// A credential of the systemd unit (`LoadCredential=`, systemd.exec(5)).
    Credential(String),
}

impl Secret {
    /// Reads it. One line end at the end is no part of it.
    pub fn read(&self, beside: &Path) -> anyhow::Result<SecretString> {
        let text = match self {
            Self::File(path) => read_file(&beside.join(path))?,
            Self::Env(name) => std::env::var(name).with_context(|| format!("read the variable {name}"))?,
            Self::Credential(name) => {
                let folder = std::env::var_os("CREDENTIALS_DIRECTORY")
                    .context("no CREDENTIALS_DIRECTORY: credentials are given by a systemd unit only")?;
                if name.contains(['/', '\\']) || name.starts_with('.') {
                    bail!("{name} is no name of a credential");
                }
                read_file(&PathBuf::from(folder).join(name))?
            }
        };
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            bail!("{self:?} is empty");
        }
        Ok(SecretString::from(text))
    }
}

fn read_file(path: &Path) -> anyhow::Result<String> {
    let metadata = std::fs::metadata(path).with_context(|| format!("find {}", path.display()))?;
    if metadata.len() > LONGEST {
        bail!("{} is longer than {LONGEST} bytes", path.display());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if metadata.permissions().mode() & 0o007 != 0 {
            bail!("{0} can be read by everybody: chmod o-rwx {0}", path.display());
        }
    }
    std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

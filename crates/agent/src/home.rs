//! The folder of all state, and the id that names this home's entries in the keychain.

use std::path::{Path, PathBuf};

use anyhow::Context;
use qiyou_api::{ApiError, ErrorCode};
use qiyou_engine::store_error;

/// Where the home is, or will be.
pub(crate) fn path() -> anyhow::Result<PathBuf> {
    qiyou_api::home().context("neither QIYOU_HOME nor a home directory is known")
}

/// Makes the home if need be, readable by this user alone.
pub(crate) fn make(home: &Path) -> std::io::Result<()> {
    make_private(home)
}

#[cfg(unix)]
pub(crate) fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let meta = std::fs::metadata(folder)?;
    if meta.permissions().mode() & 0o077 != 0 {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// The random id of this home; made at the first start. Two homes of one user never share an entry of the keychain.
pub(crate) fn id(home: &Path) -> Result<String, ApiError> {
    let path = home.join("id");
    let foreign =
        |why: &str| ApiError::new(ErrorCode::StoreForeign).with("detail", format!("{} {why}", path.display()));
    let failed = |e: std::io::Error| store_error(e.into());
    match std::fs::read_to_string(&path) {
        Ok(id) if id.trim().len() == 16 && id.trim().bytes().all(|b| b.is_ascii_hexdigit()) => Ok(id.trim().to_owned()),
        // Without the id the keychain's entries are not found, and with them the key of a store.
        Ok(_) => Err(foreign("does not hold an id")),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            if home.join("store.db").exists() {
                return Err(foreign("is gone, but a store is here"));
            }
            let id = format!("{:016x}", rand::random::<u64>());
            let new = home.join("id.new");
            std::fs::write(&new, &id)
                .and_then(|()| std::fs::rename(&new, &path))
                .map_err(failed)?;
            Ok(id)
        }
        Err(e) => Err(failed(e)),
    }
}

/// Whether all state was sent elsewhere (tests, the demo, a second life of one person): then nothing outside that
/// place is touched, such as the autostart entry.
pub(crate) fn is_elsewhere() -> bool {
    std::env::var_os("QIYOU_HOME").is_some_and(|home| !home.is_empty())
}

/// The icon of bubbles as a file: themes know it only where Qiyou is installed. Nothing when it cannot be written.
pub(crate) fn icon() -> Option<String> {
    const PICTURE: &[u8] = include_bytes!("../../../icons/128x128.png");
    let path = qiyou_api::home()?.join("icon.png");
    if std::fs::metadata(&path).map(|meta| meta.len()).ok() != u64::try_from(PICTURE.len()).ok() {
        std::fs::write(&path, PICTURE).ok()?;
    }
    Some(path.to_string_lossy().into_owned())
}

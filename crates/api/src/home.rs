//! Where a person's Qiyou keeps its state.

use std::path::PathBuf;

/// The folder of all state: `$QIYOU_HOME`, or the platform's place for a user's local data.
///
/// Nothing when neither the variable nor a home directory is known.
pub fn home() -> Option<PathBuf> {
    let var = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(home) = var("QIYOU_HOME") {
        return Some(std::path::absolute(&home).unwrap_or(home));
    }
    #[cfg(windows)]
    return var("LOCALAPPDATA").map(|data| data.join("Qiyou"));
    #[cfg(target_os = "macos")]
    return var("HOME").map(|home| home.join("Library/Application Support/Qiyou"));
    #[cfg(not(any(windows, target_os = "macos")))]
    return var("XDG_DATA_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| var("HOME").map(|home| home.join(".local/share")))
        .map(|data| data.join("qiyou"));
}

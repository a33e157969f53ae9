//! The files of a temporary Dovecot: where they lie and whose they are.
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown};
use std::path::{Path, PathBuf};

use super::account::Account;

/// Where the directory is made: the path must be short (Unix sockets take 107 bytes) and open to the server's account.
pub(super) fn base(account: &Account) -> PathBuf {
    let usual = std::env::temp_dir();
    let short = PathBuf::from("/tmp");
    if (account.change.is_some() || usual.as_os_str().len() > 40) && short.is_dir() {
        short
    } else {
        usual
    }
}

/// Gives a tree to the server's account, where that is not ours.
pub(super) fn hand_over(path: &Path, account: &Account) -> io::Result<()> {
    let Some((uid, gid)) = account.change else {
        return Ok(());
    };
    let metadata = fs::symlink_metadata(path)?;
    // A second link belongs to a prepared mailbox, whose owner is to stay; it was made readable or copied.
    if metadata.is_dir() || metadata.nlink() == 1 {
        lchown(path, Some(uid), Some(gid))?;
    }
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            hand_over(&entry?.path(), account)?;
        }
    }
    Ok(())
}

/// Copies a Maildir++: mails are linked where they can be (their files never change), all else is copied.
pub(super) fn copy_maildir(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let holds_mails = from.file_name().is_some_and(|name| name == "cur" || name == "new");
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            copy_maildir(&source, &target)?;
            continue;
        }
        let readable_by_all = metadata.permissions().mode() & 0o004 != 0;
        if !(holds_mails && readable_by_all && fs::hard_link(&source, &target).is_ok()) {
            fs::copy(&source, &target)?;
            // INTERNALDATE is the file's time.
            fs::File::options()
                .write(true)
                .open(&target)?
                .set_modified(metadata.modified()?)?;
        }
    }
    Ok(())
}

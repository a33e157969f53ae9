//! Mailboxes that are there before the server is.
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

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

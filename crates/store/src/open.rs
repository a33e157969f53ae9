//! Opening the two encrypted files.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use secrecy::{ExposeSecret, SecretBox};

use crate::error::{Error, Result};
use crate::schema;

/// The raw 32-byte key of both files. It lives in the keychain.
#[derive(Debug)]
pub struct Key(SecretBox<[u8; 32]>);

impl Key {
    /// A key from its bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// From the 64 hex digits that the keychain holds.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let mut bytes = [0_u8; 32];
        if hex.len() != 64 || !hex.is_ascii() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self::new(bytes))
    }

    /// The 64 hex digits for the keychain.
    pub fn to_hex(&self) -> secrecy::SecretString {
        self.hex().into()
    }

    fn hex(&self) -> String {
        use std::fmt::Write;
        self.0
            .expose_secret()
            .iter()
            .fold(String::with_capacity(64), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self::new(*self.0.expose_secret())
    }
}

/// The files of one store.
#[derive(Clone, Debug)]
pub struct StoreFiles {
    /// Accounts, folders, rows, operations.
    pub main: PathBuf,
    /// Bodies and attachments; can be deleted without losing anything that is not on the servers.
    pub bodies: PathBuf,
}

impl StoreFiles {
    /// The files below a home.
    pub fn of_home(home: &Path) -> Self {
        Self {
            main: home.join("store.db"),
            bodies: home.join("bodies.db"),
        }
    }

    /// Whether a store was made here before.
    pub fn exist(&self) -> bool {
        self.main.exists()
    }

    /// Whether the files lie on a file system of another computer, where WAL does not work.
    pub fn on_network(&self) -> bool {
        self.main.parent().is_some_and(on_network)
    }
}

/// Whether a file system of Linux with this number (`linux/magic.h`) may lie on another computer: NFS, SMB, CIFS, SMB2,
/// AFS, Coda, 9P, Ceph, and FUSE, behind which SSH and `WebDAV` hide. What is held to be far away by mistake is only
/// slower.
#[cfg(any(target_os = "linux", test))]
fn is_far(magic: i64) -> bool {
    const MAGIC: [i64; 9] = [
        0x6969,
        0x517b,
        0xff53_4d42,
        0xfe53_4d42,
        0x5346_414f,
        0x7375_7245,
        0x0102_1997,
        0x00c3_6400,
        0x6573_5546,
    ];
    MAGIC.contains(&(magic & 0xffff_ffff))
}

#[cfg(target_os = "linux")]
fn on_network(folder: &Path) -> bool {
    #[allow(
        clippy::unnecessary_cast,
        reason = "the type of f_type differs between architectures"
    )]
    rustix::fs::statfs(folder).is_ok_and(|stat| is_far(stat.f_type as i64))
}

#[cfg(windows)]
fn on_network(folder: &Path) -> bool {
    use std::os::windows::ffi::OsStrExt;
    use std::path::{Component, Prefix};
    use windows_sys::Win32::Storage::FileSystem::GetDriveTypeW;
    /// `winbase.h`: `DRIVE_REMOTE`.
    const REMOTE: u32 = 4;
    let Some(Component::Prefix(prefix)) = folder.components().next() else {
        return false;
    };
    if matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..)) {
        return true;
    }
    let mut root: Vec<u16> = prefix.as_os_str().encode_wide().collect();
    root.extend([u16::from(b'\\'), 0]);
    // SAFETY: the root is a string that ends with a zero for the time of the call.
    unsafe { GetDriveTypeW(root.as_ptr()) == REMOTE }
}

#[cfg(not(any(target_os = "linux", windows)))]
fn on_network(_folder: &Path) -> bool {
    // Nothing tells cheaply; SQLite itself refuses shared memory where it does not work.
    false
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Write,
    Read,
}

/// One connection with its key, its pragmas and, for the writer, the migrations done.
pub(crate) fn connect(path: &Path, key: &Key, purpose: Purpose, which: schema::File, wal: bool) -> Result<Connection> {
    let flags = match purpose {
        Purpose::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Purpose::Read => OpenFlags::SQLITE_OPEN_READ_WRITE,
    } | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, flags)?;
    conn.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    // A raw key: a passphrase would cost 256,000 rounds at each connection.
    conn.pragma_update(None, "key", format!("x'{}'", key.hex()))?;
    conn.busy_timeout(Duration::from_secs(10))?;
    // The first page is read here: a wrong key shows now and not in the middle of work.
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    // Rows come from servers that anyone may write to; the database trusts no schema but its own.
    conn.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;")?;
    conn.set_prepared_statement_cache_capacity(32);
    match purpose {
        Purpose::Write => {
            let mode = if wal { "WAL" } else { "TRUNCATE" };
            conn.query_row(&format!("PRAGMA journal_mode = {mode}"), [], |_| Ok(()))?;
            // The cache holds what one write of a first sync touches: what spills is encrypted, and decrypted, twice.
            // It is given back when the writer rests.
            conn.execute_batch(
                "PRAGMA synchronous = NORMAL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
                 PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 8388608; PRAGMA wal_autocheckpoint = 2000;",
            )?;
            schema::migrate(&mut conn, which)?;
        }
        Purpose::Read => {
            conn.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -1024;")?;
        }
    }
    Ok(conn)
}

/// Refuses what is plainly not ours before `SQLite` touches it.
pub(crate) fn refuse_foreign(path: &Path) -> Result<()> {
    use std::io::Read;
    let mut head = [0_u8; 16];
    match std::fs::File::open(path) {
        Ok(mut file) => match file.read(&mut head) {
            // A store of ours is encrypted from its first byte; SQLite's plain header means someone else's file.
            Ok(16) if &head == b"SQLite format 3\0" => Err(Error::Foreign),
            _ => Ok(()),
        },
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::is_far;

    #[test]
    fn disks_of_other_computers_are_known() {
        // NFS, CIFS (as a 64-bit number with its sign), SSHFS over FUSE.
        for magic in [0x6969, 0xff53_4d42, -0xac_b2be, 0x6573_5546] {
            assert!(is_far(magic), "{magic:x}");
        }
        // ext4, XFS, Btrfs, tmpfs, overlayfs.
        for magic in [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630] {
            assert!(!is_far(magic), "{magic:x}");
        }
    }
}

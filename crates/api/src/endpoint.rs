//! The local endpoint: a Unix socket, or a named pipe, that only this user can use. It is also the lock that lets one
//! agent run per home.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};

/// Any side of a local connection.
pub trait PeerStream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> PeerStream for T {}

/// Where the agent of one home listens.
///
/// Lock and socket lie in the home, where every session of the user finds them. A home that cannot be written to has
/// them in the user's runtime directory, so that an agent can run and say what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    near: Place,
    far: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// File that the agent holds locked as long as it lives.
    lock: PathBuf,
    /// Path of the socket, or name of the pipe.
    address: PathBuf,
}

/// The user's folder for sockets, which lasts as long as the user is signed in.
fn runtime() -> PathBuf {
    #[cfg(unix)]
    {
        let folder = std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
        folder.join(format!("qiyou-{}", rustix::process::getuid().as_raw()))
    }
    #[cfg(windows)]
    {
        std::env::temp_dir().join("qiyou")
    }
}

fn digest(path: &Path) -> String {
    use std::fmt::Write;
    let digest = Sha256::digest(path.to_string_lossy().as_bytes());
    digest.iter().take(8).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl Endpoint {
    /// The endpoint of the agent whose state lies in `home`.
    pub fn of_home(home: &Path) -> Self {
        let name = digest(home);
        Self {
            near: Place {
                lock: home.join("agent.lock"),
                address: Self::address(home),
            },
            far: Place {
                lock: runtime().join(format!("{name}.lock")),
                address: Self::far_address(&name),
            },
        }
    }

    #[cfg(unix)]
    fn address(home: &Path) -> PathBuf {
        // sun_path holds 108 bytes (104 on macOS); a deep home gets a short name in the user's runtime directory.
        let near = home.join("agent.sock");
        if near.as_os_str().len() < 100 {
            return near;
        }
        runtime().join(format!("{}.sock", digest(home)))
    }

    #[cfg(unix)]
    fn far_address(name: &str) -> PathBuf {
        runtime().join(format!("{name}.sock"))
    }

    #[cfg(windows)]
    fn address(home: &Path) -> PathBuf {
        Self::far_address(&digest(home))
    }

    #[cfg(windows)]
    fn far_address(name: &str) -> PathBuf {
        PathBuf::from(format!(r"\\.\pipe\qiyou-{name}"))
    }

    /// Path of the socket, or name of the pipe.
    pub fn path(&self) -> &Path {
        &self.near.address
    }

    /// Connects to a running agent. [`std::io::ErrorKind::NotFound`] or `ConnectionRefused` when none runs.
    #[cfg(unix)]
    pub async fn connect(&self) -> std::io::Result<Box<dyn PeerStream>> {
        let stream = match tokio::net::UnixStream::connect(&self.near.address).await {
            Ok(stream) => stream,
            Err(near) => tokio::net::UnixStream::connect(&self.far.address)
                .await
                .map_err(|_| near)?,
        };
        same_user(&stream)?;
        Ok(Box::new(stream))
    }

    /// Connects to a running agent. [`std::io::ErrorKind::NotFound`] when none runs.
    #[cfg(windows)]
    pub async fn connect(&self) -> std::io::Result<Box<dyn PeerStream>> {
        const PIPE_BUSY: i32 = 231;
        let mut tries = 0_u8;
        loop {
            match tokio::net::windows::named_pipe::ClientOptions::new().open(&self.near.address) {
                Ok(pipe) => return Ok(Box::new(pipe)),
                Err(e) if e.raw_os_error() == Some(PIPE_BUSY) && tries < 50 => {
                    tries = tries.saturating_add(1);
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                Err(e) => return Err(e),
            }
        }
    }

    /// Becomes the agent of this home. [`std::io::ErrorKind::AddrInUse`] when one runs already.
    pub fn listen(&self) -> std::io::Result<Listener> {
        // Both locks where both can be had: an agent that began while the home could not be written to has the far one.
        let far = self.far.lock();
        if let Err(e) = &far
            && e.kind() == std::io::ErrorKind::AddrInUse
        {
            return Err(std::io::ErrorKind::AddrInUse.into());
        }
        match self.near.lock().and_then(|near| {
            let mut locks: Vec<_> = far
                .as_ref()
                .ok()
                .and_then(|far| far.try_clone().ok())
                .into_iter()
                .collect();
            locks.push(near);
            Listener::bind(&self.near.address, locks)
        }) {
            Err(e) if cannot_be_written(&e) => Listener::bind(&self.far.address, vec![far?]),
            other => other,
        }
    }
}

fn cannot_be_written(error: &std::io::Error) -> bool {
    use std::io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ReadOnlyFilesystem | Kind::PermissionDenied | Kind::StorageFull | Kind::QuotaExceeded
    )
}

impl Place {
    fn lock(&self) -> std::io::Result<std::fs::File> {
        if let Some(folder) = self.lock.parent() {
            private_folder(folder)?;
        }
        let lock = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&self.lock)?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(std::fs::TryLockError::WouldBlock) => Err(std::io::ErrorKind::AddrInUse.into()),
            Err(std::fs::TryLockError::Error(e)) => Err(e),
        }
    }
}

#[cfg(unix)]
fn private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
    if !folder.exists() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let meta = std::fs::metadata(folder)?;
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(std::io::Error::new(
            std::io::ErrorKind::PermissionDenied,
            "the folder belongs to another user",
        ));
    }
    if meta.permissions().mode() & 0o077 != 0 {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(windows)]
fn private_folder(folder: &Path) -> std::io::Result<()> {
    // Below the user's profile; its access list is inherited.
    std::fs::create_dir_all(folder)
}

#[cfg(unix)]
fn same_user(stream: &tokio::net::UnixStream) -> std::io::Result<()> {
    if stream.peer_cred()?.uid() == rustix::process::geteuid().as_raw() {
        Ok(())
    } else {
        Err(std::io::Error::new(
            std::io::ErrorKind::PermissionDenied,
            "the other side is another user",
        ))
    }
}

/// The agent's side of the endpoint. Dropping it frees the home for another agent.
#[derive(Debug)]
pub struct Listener {
    #[cfg(unix)]
    inner: tokio::net::UnixListener,
    #[cfg(windows)]
    next: tokio::net::windows::named_pipe::NamedPipeServer,
    address: PathBuf,
    _locks: Vec<std::fs::File>,
}

#[cfg(unix)]
impl Listener {
    fn bind(address: &Path, locks: Vec<std::fs::File>) -> std::io::Result<Self> {
        if let Some(folder) = address.parent() {
            private_folder(folder)?;
        }
        // The lock is ours, so whatever socket lies here was left by an agent that died.
        match std::fs::remove_file(address) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let inner = tokio::net::UnixListener::bind(address)?;
        Ok(Self {
            inner,
            address: address.to_owned(),
            _locks: locks,
        })
    }

    /// Waits for the next client of this user; others are dropped without a word.
    pub async fn accept(&mut self) -> std::io::Result<Box<dyn PeerStream>> {
        loop {
            let (stream, _) = self.inner.accept().await?;
            if same_user(&stream).is_ok() {
                return Ok(Box::new(stream));
            }
            tracing::warn!("a connection of another user was refused");
        }
    }
}

#[cfg(unix)]
impl Drop for Listener {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.address);
    }
}

#[cfg(windows)]
mod pipe {
    use std::ffi::c_void;
    use std::path::Path;

    use tokio::net::windows::named_pipe::{NamedPipeServer, ServerOptions};
    use windows_sys::Win32::Foundation::LocalFree;
    use windows_sys::Win32::Security::Authorization::{
        ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
    };
    use windows_sys::Win32::Security::SECURITY_ATTRIBUTES;

    /// A pipe instance that only its owner may open.
    pub(super) fn instance(address: &Path, first: bool) -> std::io::Result<NamedPipeServer> {
        let sddl: Vec<u16> = "D:P(A;;GA;;;OW)(A;;GA;;;SY)\0".encode_utf16().collect();
        let mut descriptor: *mut c_void = std::ptr::null_mut();
        // SAFETY: `sddl` ends with a zero and outlives the call; `descriptor` is freed below.
        let made = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                sddl.as_ptr(),
                SDDL_REVISION_1,
                &raw mut descriptor,
                std::ptr::null_mut(),
            )
        };
        if made == 0 {
            return Err(std::io::Error::last_os_error());
        }
        let mut attributes = SECURITY_ATTRIBUTES {
            nLength: u32::try_from(size_of::<SECURITY_ATTRIBUTES>()).unwrap_or(0),
            lpSecurityDescriptor: descriptor,
            bInheritHandle: 0,
        };
        // SAFETY: `attributes` and its descriptor live until the call returns.
        let server = unsafe {
            ServerOptions::new()
                .first_pipe_instance(first)
                .reject_remote_clients(true)
                .create_with_security_attributes_raw(address, (&raw mut attributes).cast())
        };
        // SAFETY: the descriptor came from the conversion above and is not used again.
        unsafe { LocalFree(descriptor) };
        server
    }
}

#[cfg(windows)]
impl Listener {
    fn bind(address: &Path, locks: Vec<std::fs::File>) -> std::io::Result<Self> {
        Ok(Self {
            next: pipe::instance(address, true)?,
            address: address.to_owned(),
            _locks: locks,
        })
    }

    /// Waits for the next client.
    pub async fn accept(&mut self) -> std::io::Result<Box<dyn PeerStream>> {
        self.next.connect().await?;
        let connected = std::mem::replace(&mut self.next, pipe::instance(&self.address, false)?);
        Ok(Box::new(connected))
    }
}

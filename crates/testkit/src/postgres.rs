//! A real PostgreSQL of the test's own, in a temporary directory, on a free port of 127.0.0.1.
//!
//! ```no_run
//! # async fn story() -> anyhow::Result<()> {
//! use qiyou_testkit::postgres::{PASSWORD, Postgres};
//! let server = Postgres::start().await?;
//! println!("{} {PASSWORD}", server.url());
//! # Ok(()) }
//! ```
//! It has one database, `qiyou`, of one role, `qiyou`, that may do nothing else. It speaks TLS to who wants it, has no
//! Unix socket, and does not wait for the disk: what it survives is its own end, not a power cut. It ends when the value
//! is dropped, and also when the test process dies in any other way.
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::account::Account;
use crate::process::{Failed, Process, Program};
use crate::tls::TestCa;

/// The password of the role `qiyou`. It holds what a URL and a careless reader of it would stumble over.
pub const PASSWORD: &str = "p@ss/wört:%41?#& x";

const ATTEMPTS: usize = 10;
const SUPERUSER: &str = "postgres";
const SUPERUSERS_PASSWORD: &str = "of the tests alone";

/// The running server.
pub struct Postgres {
    process: Mutex<Option<Process>>,
    port: u16,
    binaries: PathBuf,
    account: Account,
    // Last, so that it goes after the processes that work in it.
    root: TempDir,
}

impl Postgres {
    /// Starts a server and returns once its database can be used.
    ///
    /// # Errors
    /// When PostgreSQL is not installed (the error says which package is missing) or does not start.
    pub async fn start() -> Result<Self> {
        tokio::task::spawn_blocking(Self::start_blocking).await?
    }

    /// The same for callers without a runtime. Blocks for some seconds.
    pub fn start_blocking() -> Result<Self> {
        let binaries = installed(Path::new("/usr/lib/postgresql"))?;
        // It refuses to run as root.
        let account = Account::choose(&["postgres", "nobody"])?;
        let root = tempfile::Builder::new()
            .prefix("qiyou-postgres-")
            .tempdir_in(account.base())?;
        let at = root.path();
        let ca = TestCa::new()?;
        let identity = ca.localhost()?;
        fs::write(at.join("ca.pem"), ca.pem())?;
        fs::write(at.join("cert.pem"), &identity.chain_pem)?;
        fs::write(at.join("key.pem"), &identity.key_pem)?;
        fs::set_permissions(at.join("key.pem"), fs::Permissions::from_mode(0o600))?;
        fs::write(at.join("superuser"), SUPERUSERS_PASSWORD)?;
        account.hand_over(at)?;
        let mut initdb = Command::new(binaries.join("initdb"));
        initdb
            .args(["--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C"])
            .args(["--auth=scram-sha-256", "--username", SUPERUSER, "--pwfile"])
            .arg(at.join("superuser"))
            .arg("--pgdata")
            .arg(at.join("data"))
            .current_dir("/");
        account.enter(&mut initdb);
        output(initdb).context("run initdb")?;
        for _ in 0..ATTEMPTS {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
            let process = match run(&binaries, at, port, &account) {
                Ok(process) => process,
                Err(Failed::PortTaken) => continue,
                Err(Failed::Other(error)) => return Err(error),
            };
            let server = Self {
                process: Mutex::new(Some(process)),
                port,
                binaries,
                account,
                root,
            };
            let role = format!("CREATE ROLE qiyou LOGIN PASSWORD '{PASSWORD}'");
            output(server.psql_command(SUPERUSER, &[&role, "CREATE DATABASE qiyou OWNER qiyou"]))?;
            return Ok(server);
        }
        bail!("no free port for PostgreSQL")
    }

    /// Its port of 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The database as a URL without the password.
    pub fn url(&self) -> String {
        format!("postgres://qiyou@127.0.0.1:{}/qiyou", self.port)
    }

    /// The file with the authority that signed the server's certificate.
    pub fn authority(&self) -> PathBuf {
        self.root.path().join("ca.pem")
    }

    /// The directory that all of this server's state is in.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// Runs SQL in the database as the superuser: rows as lines, columns with `|` between.
    pub async fn psql(&self, sql: &str) -> Result<String> {
        let command = self.psql_command("qiyou", &[sql]);
        tokio::task::spawn_blocking(move || output(command)).await?
    }

    fn psql_command(&self, database: &str, statements: &[&str]) -> Command {
        let mut command = Command::new(self.binaries.join("psql"));
        command
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"])
            .args(["-p", &self.port.to_string(), "-U", SUPERUSER, "-d", database])
            .args(statements.iter().flat_map(|statement| ["-c", statement]))
            .env("PGPASSWORD", SUPERUSERS_PASSWORD)
            .current_dir("/");
        command
    }

    /// Ends the server: clients are thrown out, what they had begun is undone. Data and port are kept for
    /// [`Self::resume`].
    pub async fn stop(&self) -> Result<()> {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(process) = process {
            tokio::task::spawn_blocking(move || process.end_in_order()).await?;
        }
        Ok(())
    }

    /// Starts a stopped server on its old port.
    pub async fn resume(&self) -> Result<()> {
        let (binaries, account, port) = (self.binaries.clone(), self.account.clone(), self.port);
        for _ in 0..ATTEMPTS {
            let (binaries, root, account) = (binaries.clone(), self.root.path().to_owned(), account.clone());
            match tokio::task::spawn_blocking(move || run(&binaries, &root, port, &account)).await? {
                Ok(process) => {
                    *self.process.lock().unwrap_or_else(PoisonError::into_inner) = Some(process);
                    return Ok(());
                }
                Err(Failed::PortTaken) => {}
                Err(Failed::Other(error)) => return Err(error),
            }
        }
        bail!("somebody took the port while PostgreSQL was stopped")
    }

    /// The last lines of the server's log.
    pub fn log(&self) -> Vec<String> {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.as_ref().map(Process::log).unwrap_or_default()
    }
}

/// The folder of the newest version's programs below `base`, where Debian has a folder for each version.
///
/// # Errors
/// When there is none; says what to install.
fn installed(base: &Path) -> Result<PathBuf> {
    let versions = fs::read_dir(base).into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, binaries)| {
            ["initdb", "postgres", "psql"]
                .iter()
                .all(|binary| binaries.join(binary).exists())
        })
        .max();
    let (_, binaries) = newest.context("PostgreSQL is not installed: apt-get install postgresql")?;
    Ok(binaries)
}

fn run(binaries: &Path, root: &Path, port: u16, account: &Account) -> Result<Process, Failed> {
    let mut arguments: Vec<OsString> = vec![
        "-D".into(),
        root.join("data").into(),
        "-p".into(),
        port.to_string().into(),
    ];
    let at = root.display();
    for setting in [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "fsync=off",
        "shared_buffers=16MB",
        // Files in its own directory: shared memory would stay when it is killed.
        "dynamic_shared_memory_type=mmap",
        "ssl=on",
        &format!("ssl_cert_file={at}/cert.pem"),
        &format!("ssl_key_file={at}/key.pem"),
    ] {
        arguments.extend(["-c".into(), setting.into()]);
    }
    Process::start(Program {
        binary: &binaries.join("postgres"),
        arguments: &arguments,
        root,
        account,
        ready: "database system is ready to accept connections",
        // Its "fast" and "immediate" shutdowns.
        end: Signal::INT,
        abort: Signal::QUIT,
    })
}

/// What a command printed.
fn output(mut command: Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let output = command.output().with_context(|| format!("run {name}"))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{name}: {said}");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

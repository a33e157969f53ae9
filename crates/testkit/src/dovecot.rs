//! A real Dovecot 2.3 of the test's own, in a temporary directory, on free ports of 127.0.0.1.
//!
//! ```no_run
//! # async fn story() -> anyhow::Result<()> {
//! use qiyou_testkit::dovecot::{Dovecot, Options};
//! let server = Dovecot::start(Options::for_user("zhangsan@qiyou.test", "geheim")).await?;
//! server.deliver("zhangsan@qiyou.test", b"Subject: hello\r\n\r\n...\r\n").await?;
//! # Ok(()) }
//! ```
//! It ends when the value is dropped, and also when the test process dies in any other way.
mod config;
mod files;
#[cfg(test)]
mod tests;

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Signal;
use rustls_pki_types::CertificateDer;
use tempfile::TempDir;

use crate::account::Account;
use crate::lmtp;
use crate::process::{Failed, Process, Program};
use crate::raw_imap::RawImap;
use crate::smtp::SmtpServer;
use crate::tls::TestCa;

const ATTEMPTS: usize = 10;

/// How the server is to be.
#[derive(Debug, Clone)]
pub struct Options {
    /// Addresses (they are the login names) and passwords.
    pub users: Vec<(String, String)>,
    /// Capabilities that are not announced after login, such as `NOTIFY`, `IDLE`, `CONDSTORE`, `QRESYNC`.
    pub drop_capabilities: Vec<String>,
    /// Sessions of one user beyond this number are refused.
    pub max_connections_per_user: u32,
    /// Offers IMAPS, SMTPS and STARTTLS.
    pub tls: bool,
    /// Offers COMPRESS=DEFLATE.
    pub compress: bool,
    /// Makes 已发送, 草稿箱, 已删除, 垃圾邮件 and 归档 with their special uses.
    pub special_folders: bool,
    /// Folders made and subscribed besides, in plain Unicode, `/` between levels.
    pub folders: Vec<String>,
    /// Folders of a public namespace `公共/`.
    pub public_folders: Vec<String>,
    /// Users whose mailbox is a copy of a Maildir++ (as `make_mailbox.py` writes it). Mails are hard-linked where that
    /// is possible; the original is never changed.
    pub prepared: Vec<(String, PathBuf)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            users: Vec::new(),
            drop_capabilities: Vec::new(),
            max_connections_per_user: 20,
            tls: true,
            compress: true,
            special_folders: true,
            folders: Vec::new(),
            public_folders: Vec::new(),
            prepared: Vec::new(),
        }
    }
}

impl Options {
    /// The defaults with one user.
    pub fn for_user(address: &str, password: &str) -> Self {
        Self {
            users: vec![(address.to_owned(), password.to_owned())],
            ..Self::default()
        }
    }

    /// One more user.
    #[must_use]
    pub fn and_user(mut self, address: &str, password: &str) -> Self {
        self.users.push((address.to_owned(), password.to_owned()));
        self
    }

    /// Announces none of these.
    #[must_use]
    pub fn without(mut self, capabilities: &[&str]) -> Self {
        self.drop_capabilities
            .extend(capabilities.iter().map(ToString::to_string));
        self
    }
}

/// Ports of 127.0.0.1.
#[derive(Debug, Clone, Copy)]
struct Ports {
    imap: u16,
    imaps: u16,
    lmtp: u16,
    submission: u16,
    submissions: u16,
}

/// The running server.
pub struct Dovecot {
    process: Mutex<Option<Process>>,
    users: Mutex<Vec<(String, String)>>,
    ports: Ports,
    binary: PathBuf,
    account: Account,
    ca: Arc<TestCa>,
    sink: SmtpServer,
    // Last, so that it goes after the processes that work in it.
    root: TempDir,
}

impl Dovecot {
    /// Starts a server and returns once it listens on all its ports.
    ///
    /// # Errors
    /// When Dovecot is not installed (the error says which packages are missing) or does not start.
    pub async fn start(options: Options) -> Result<Self> {
        tokio::task::spawn_blocking(move || Self::start_blocking(&options)).await?
    }

    /// The same for callers without a runtime. Blocks for up to a second.
    pub fn start_blocking(options: &Options) -> Result<Self> {
        let binary = installed()?;
        let account = Account::choose(&["nobody"])?;
        let ca = Arc::new(TestCa::new()?);
        let sink = SmtpServer::builder().start()?;
        let root = tempfile::Builder::new()
            .prefix("qiyou-dovecot-")
            .tempdir_in(account.base())?;
        let at = root.path();
        for folder in ["run", "state", "mail", "public"] {
            fs::create_dir(at.join(folder))?;
        }
        let identity = ca.localhost()?;
        fs::write(at.join("cert.pem"), &identity.chain_pem)?;
        fs::write(at.join("key.pem"), &identity.key_pem)?;
        write_users(at, &options.users)?;
        for (user, maildir) in &options.prepared {
            let home = at.join("mail").join(user);
            fs::create_dir_all(&home)?;
            files::copy_maildir(maildir, &home.join("Maildir")).context("copy the prepared mailbox")?;
        }
        let mut clash = None;
        for _ in 0..ATTEMPTS {
            let ports = free_ports()?;
            fs::write(
                at.join("dovecot.conf"),
                config::write(options, at, &ports, &account, sink.port()),
            )?;
            account.hand_over(at)?;
            match run(&binary, at, &account) {
                Ok(process) => {
                    return Ok(Self {
                        process: Mutex::new(Some(process)),
                        users: Mutex::new(options.users.clone()),
                        ports,
                        binary,
                        account,
                        ca,
                        sink,
                        root,
                    });
                }
                Err(Failed::PortTaken) => clash = Some(ports),
                Err(Failed::Other(error)) => return Err(error),
            }
        }
        bail!("no free ports for dovecot, last tried {clash:?}")
    }

    /// IMAP without TLS; STARTTLS is offered, passwords are taken without it.
    pub fn imap_port(&self) -> u16 {
        self.ports.imap
    }

    /// IMAP over TLS.
    pub fn imaps_port(&self) -> u16 {
        self.ports.imaps
    }

    /// LMTP (RFC 2033) without TLS.
    pub fn lmtp_port(&self) -> u16 {
        self.ports.lmtp
    }

    /// Submission with STARTTLS. Mails end in [`Self::sink`].
    pub fn submission_port(&self) -> u16 {
        self.ports.submission
    }

    /// Submission over TLS.
    pub fn submissions_port(&self) -> u16 {
        self.ports.submissions
    }

    /// Where submitted mails arrive.
    pub fn sink(&self) -> &SmtpServer {
        &self.sink
    }

    /// The authority that signed the server's certificate for `localhost` and `127.0.0.1`.
    pub fn ca(&self) -> &Arc<TestCa> {
        &self.ca
    }

    /// Its certificate as DER.
    pub fn ca_der(&self) -> CertificateDer<'static> {
        self.ca.der()
    }

    /// Its certificate as PEM.
    pub fn ca_pem(&self) -> &str {
        self.ca.pem()
    }

    /// The directory that all of this server's state is in.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// The Maildir++ of a user.
    pub fn maildir(&self, user: &str) -> PathBuf {
        self.root.path().join("mail").join(user).join("Maildir")
    }

    /// Hands a mail over by LMTP, as a mail server would; returns when it lies in the mailbox.
    pub async fn deliver(&self, user: &str, mail: &[u8]) -> Result<()> {
        lmtp::deliver(self.ports.lmtp, "sender@elsewhere.test", user, mail).await
    }

    /// Puts a mail into a folder (plain Unicode name) with flags such as `\Seen`; returns its UID.
    pub async fn save(&self, user: &str, folder: &str, mail: &[u8], flags: &str) -> Result<u32> {
        let mut session = self.session(user).await?;
        let reply = session.append(folder, flags, mail).await?;
        let uid = reply
            .text
            .split("APPENDUID ")
            .nth(1)
            .and_then(|rest| rest.split([' ', ']']).nth(1));
        uid.context("no APPENDUID in the answer")?
            .parse()
            .context("read APPENDUID")
    }

    /// Changes flags from another session: `change` is such as `+FLAGS (\Seen)`, `uids` a set such as `1:3,7`.
    pub async fn store_flags(&self, user: &str, folder: &str, uids: &str, change: &str) -> Result<()> {
        let mut session = self.session(user).await?;
        session.select(folder).await?;
        session.ok(&format!("UID STORE {uids} {change}")).await?;
        Ok(())
    }

    /// Deletes these mails for ever from another session.
    pub async fn expunge(&self, user: &str, folder: &str, uids: &str) -> Result<()> {
        let mut session = self.session(user).await?;
        session.select(folder).await?;
        session
            .ok(&format!("UID STORE {uids} +FLAGS.SILENT (\\Deleted)"))
            .await?;
        session.ok(&format!("UID EXPUNGE {uids}")).await?;
        Ok(())
    }

    /// A session of the user's "other device", signed in, nothing selected.
    pub async fn session(&self, user: &str) -> Result<RawImap> {
        let password = self.password(user)?;
        let mut session = RawImap::connect(self.ports.imap).await?;
        session.login(user, &password).await?;
        Ok(session)
    }

    fn password(&self, user: &str) -> Result<String> {
        let users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        users
            .iter()
            .find(|(name, _)| name == user)
            .map(|(_, password)| password.clone())
            .context("unknown user")
    }

    /// Changes the password; returns once the server lets nobody in with the old one. Open sessions go on.
    pub async fn change_password(&self, user: &str, password: &str) -> Result<()> {
        {
            let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = users
                .iter_mut()
                .find(|(name, _)| name == user)
                .context("unknown user")?;
            password.clone_into(&mut entry.1);
            write_users(self.root.path(), &users)?;
        }
        self.account.hand_over(&self.root.path().join("users"))?;
        // The password file is looked at once a second at most; reloading makes it so at once.
        self.doveadm(&["reload"]).await?;
        let mut tries: u32 = 0;
        while RawImap::connect(self.ports.imap)
            .await?
            .login(user, password)
            .await
            .is_err()
        {
            tries = tries.saturating_add(1);
            ensure!(tries < 200, "the new password was never accepted");
        }
        Ok(())
    }

    /// Runs `doveadm` on this server and returns what it printed.
    pub async fn doveadm(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new("doveadm");
        command
            .arg("-c")
            .arg(self.root.path().join("dovecot.conf"))
            .args(arguments)
            .current_dir("/");
        self.account.enter(&mut command);
        let output = tokio::task::spawn_blocking(move || command.output())
            .await?
            .context("run doveadm")?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "doveadm {arguments:?}: {said}");
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Throws the user's sessions out.
    pub async fn kick(&self, user: &str) -> Result<()> {
        self.doveadm(&["kick", user]).await.map(drop)
    }

    /// Ends the server; clients are told BYE where they still listen. Mail and ports are kept for [`Self::resume`].
    pub async fn stop(&self) -> Result<()> {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(process) = process {
            tokio::task::spawn_blocking(move || process.end_in_order()).await?;
        }
        Ok(())
    }

    /// Ends the server without a word, as a power cut would.
    pub fn kill(&self) {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Starts a stopped server on its old ports.
    pub async fn resume(&self) -> Result<()> {
        for _ in 0..ATTEMPTS {
            let (binary, account) = (self.binary.clone(), self.account.clone());
            let root = self.root.path().to_owned();
            let started = tokio::task::spawn_blocking(move || run(&binary, &root, &account)).await?;
            match started {
                Ok(process) => {
                    *self.process.lock().unwrap_or_else(PoisonError::into_inner) = Some(process);
                    return Ok(());
                }
                Err(Failed::PortTaken) => {}
                Err(Failed::Other(error)) => return Err(error),
            }
        }
        bail!("somebody took the ports while dovecot was stopped")
    }

    /// [`Self::stop`] and [`Self::resume`].
    pub async fn restart(&self) -> Result<()> {
        self.stop().await?;
        self.resume().await
    }

    /// The last lines of the server's log.
    pub fn log(&self) -> Vec<String> {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.as_ref().map(Process::log).unwrap_or_default()
    }

    /// Blocks until the server logged a line with `needle`.
    pub fn wait_for_log(&self, needle: &str, limit: Duration) -> Result<String> {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.as_ref().context("dovecot is stopped")?.wait_for(needle, limit)
    }
}

/// Path of the server's binary.
///
/// # Errors
/// When one of the parts is missing; says what to install.
pub fn installed() -> Result<PathBuf> {
    let parts = [
        "/usr/lib/dovecot/imap",
        "/usr/lib/dovecot/lmtp",
        "/usr/lib/dovecot/submission",
    ];
    let binary = PathBuf::from("/usr/sbin/dovecot");
    ensure!(
        binary.exists() && parts.iter().all(|part| Path::new(part).exists()),
        "Dovecot is not installed: apt-get install dovecot-imapd dovecot-lmtpd dovecot-submissiond"
    );
    Ok(binary)
}

fn run(binary: &Path, root: &Path, account: &Account) -> Result<Process, Failed> {
    Process::start(Program {
        binary,
        arguments: &["-F".into(), "-c".into(), root.join("dovecot.conf").into()],
        root,
        account,
        ready: "starting up",
        end: Signal::TERM,
        abort: Signal::KILL,
    })
}

fn write_users(root: &Path, users: &[(String, String)]) -> Result<()> {
    let mut text = String::new();
    for (user, password) in users {
        ensure!(
            ![user, password].iter().any(|word| word.contains([':', '\n'])),
            "a colon or line break in a name"
        );
        text.push_str(user);
        text.push_str(":{PLAIN}");
        text.push_str(password);
        text.push_str("::::::\n");
    }
    // Renamed into place: the server never sees half a file.
    fs::write(root.join("users.new"), text)?;
    fs::rename(root.join("users.new"), root.join("users"))?;
    Ok(())
}

fn free_ports() -> Result<Ports> {
    // All are held until all are known, so that they differ.
    let held: Vec<TcpListener> = (0..5)
        .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .collect::<Result<_, _>>()
        .context("find ports")?;
    let ports: Vec<u16> = held
        .iter()
        .map(|one| one.local_addr().map(|a| a.port()))
        .collect::<Result<_, _>>()?;
    match ports.as_slice() {
        &[imap, imaps, lmtp, submission, submissions] => Ok(Ports {
            imap,
            imaps,
            lmtp,
            submission,
            submissions,
        }),
        _ => bail!("not enough ports"),
    }
}

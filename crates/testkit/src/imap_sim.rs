//! A scripted IMAP server (RFC 3501) on a mailbox in memory, which refuses what real providers refuse.
//!
//! ```no_run
//! # fn story() -> anyhow::Result<()> {
//! use qiyou_testkit::imap_sim::{ImapSim, Quirks};
//! let server = ImapSim::start(Quirks::coremail())?;
//! let uid = server.deliver("INBOX", b"Subject: hello\r\n\r\n...\r\n");
//! # Ok(()) }
//! ```
//! It knows one person, 张三 ([`USER`], [`PASSWORD`]), unless told otherwise. Folder names are plain Unicode here and
//! modified UTF-7 on the wire.
mod folders;
mod mails;
mod memory;
mod parse;
mod quirks;
mod search;
mod session;
mod sign_in;
mod structure;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::background::{self, Task};
use crate::tls::{Identity, Security};
use memory::{Account, Change, Mail};
pub use quirks::{Lie, Place, Quirks, Search};

/// Login name of 张三.
pub const USER: &str = "zhangsan@qiyou.test";
/// His password, and his OAuth token.
pub const PASSWORD: &str = "geheim";

/// 2026-11-02 09:00 in China; each delivery is a minute later than the one before.
const FIRST_ARRIVAL: i64 = 1_793_581_200;

/// How the server is started.
pub struct Builder {
    quirks: Quirks,
    user: String,
    password: String,
    token: String,
    security: Security,
    identity: Option<Arc<rustls::ServerConfig>>,
}

impl Builder {
    /// Who may sign in.
    #[must_use]
    pub fn user(mut self, address: &str, password: &str) -> Self {
        address.clone_into(&mut self.user);
        password.clone_into(&mut self.password);
        self
    }

    /// What XOAUTH2 takes.
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        token.clone_into(&mut self.token);
        self
    }

    /// TLS as said, with that certificate.
    pub fn tls(mut self, security: Security, identity: &Identity) -> Result<Self> {
        self.security = security;
        self.identity = Some(identity.server_config()?);
        Ok(self)
    }

    /// Starts on a free loopback port.
    pub fn start(self) -> Result<ImapSim> {
        let (listener, port) = background::listen().context("listen for IMAP")?;
        let state = State {
            account: Account::new(&self.quirks),
            quirks: self.quirks,
            user: self.user,
            password: self.password,
            token: self.token,
            clock: Timestamp::from_second(FIRST_ARRIVAL)?,
            counts: BTreeMap::new(),
            log: Vec::new(),
            sessions: 0,
            open: 0,
            most_open: 0,
            reset: 0,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            changed: watch::Sender::new(0),
            epoch: watch::Sender::new(0),
            security: self.security,
            identity: self.identity,
        });
        let inside = Arc::clone(&shared);
        let task = background::spawn(async move {
            let mut sessions = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                match inside.admit() {
                    Some(number) => drop(sessions.spawn(session::serve(stream, Arc::clone(&inside), number))),
                    // With no time to linger, closing is a reset.
                    None => drop(stream.set_zero_linger()),
                }
                while sessions.try_join_next().is_some() {}
            }
        })?;
        Ok(ImapSim {
            port,
            shared,
            _task: Task(task),
        })
    }
}

struct State {
    account: Account,
    quirks: Quirks,
    user: String,
    password: String,
    token: String,
    clock: Timestamp,
    counts: BTreeMap<String, usize>,
    log: Vec<String>,
    sessions: usize,
    open: usize,
    most_open: usize,
    reset: usize,
}

struct Shared {
    state: Mutex<State>,
    /// Rises with every change of a mailbox or a count.
    changed: watch::Sender<u64>,
    /// Rises when all sessions are to end.
    epoch: watch::Sender<u64>,
    security: Security,
    identity: Option<Arc<rustls::ServerConfig>>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) {
        self.changed.send_modify(|count| *count = count.saturating_add(1));
    }

    /// Number of a new session, or nothing if it is one too many.
    fn admit(&self) -> Option<usize> {
        let mut state = self.state();
        if state.quirks.max_sessions.is_some_and(|most| state.open >= most) {
            state.reset = state.reset.saturating_add(1);
            return None;
        }
        state.sessions = state.sessions.saturating_add(1);
        state.open = state.open.saturating_add(1);
        state.most_open = state.most_open.max(state.open);
        Some(state.sessions)
    }

    fn left(&self) {
        let mut state = self.state();
        state.open = state.open.saturating_sub(1);
        drop(state);
        self.tell();
    }
}

/// The running server; ends when dropped.
pub struct ImapSim {
    port: u16,
    shared: Arc<Shared>,
    _task: Task,
}

impl ImapSim {
    /// A server for 张三, without TLS.
    pub fn builder(quirks: Quirks) -> Builder {
        Builder {
            quirks,
            user: USER.to_owned(),
            password: PASSWORD.to_owned(),
            token: PASSWORD.to_owned(),
            security: Security::None,
            identity: None,
        }
    }

    /// The same, started.
    pub fn start(quirks: Quirks) -> Result<Self> {
        Self::builder(quirks).start()
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A new mail in a folder, which is made if it is not there; returns its UID. Lone LF become CRLF.
    pub fn deliver(&self, folder: &str, raw: &[u8]) -> u32 {
        self.deliver_with(folder, raw, &[], None)
    }

    /// The same with flags, and with an arrival in seconds since 1970.
    pub fn deliver_with(&self, folder: &str, raw: &[u8], flags: &[&str], arrived: Option<i64>) -> u32 {
        let uid = self.shared.state().deliver(folder, raw, flags, arrived);
        self.shared.tell();
        uid
    }

    /// What a provider does that keeps a copy of mails sent by SMTP by itself.
    pub fn store_sent(&self, raw: &[u8]) -> Option<u32> {
        let mut state = self.shared.state();
        let folder = state.account.place(Place::Sent)?.to_owned();
        let uid = state.deliver(&folder, raw, &["\\Seen"], None);
        drop(state);
        self.shared.tell();
        Some(uid)
    }

    /// Sets a mail's flags from elsewhere; false if there is no such mail.
    pub fn set_flags(&self, folder: &str, uid: u32, flags: &[&str]) -> bool {
        let words: Vec<String> = flags.iter().map(ToString::to_string).collect();
        let mut state = self.shared.state();
        let copies = state.quirks.labels;
        let done = state.account.change_flags(folder, uid, Change::Set, &words, copies);
        drop(state);
        self.shared.tell();
        done
    }

    /// Deletes a mail from elsewhere; false if there is no such mail.
    pub fn remove(&self, folder: &str, uid: u32) -> bool {
        let removed = self.shared.state().account.remove(folder, &[uid]);
        self.shared.tell();
        removed > 0
    }

    /// Deals out the UIDs of a folder anew without changing UIDVALIDITY, and ends all sessions: it happens between
    /// two of them.
    pub fn renumber(&self, folder: &str) {
        self.shared.state().account.renumber(folder);
        self.disconnect_all();
    }

    /// A new UIDVALIDITY with new UIDs, as after a restored backup; ends all sessions.
    pub fn set_uid_validity(&self, folder: &str, validity: u32) {
        let mut state = self.shared.state();
        if let Some(found) = state.account.folder_mut(folder) {
            found.validity = validity;
        }
        state.account.renumber(folder);
        drop(state);
        self.disconnect_all();
    }

    /// Closes all connections without a word.
    pub fn disconnect_all(&self) {
        self.shared.epoch.send_modify(|count| *count = count.saturating_add(1));
    }

    /// Changes the password from now on; open sessions go on.
    pub fn set_password(&self, password: &str) {
        password.clone_into(&mut self.shared.state().password);
    }

    /// Changes the OAuth token from now on.
    pub fn set_token(&self, token: &str) {
        token.clone_into(&mut self.shared.state().token);
    }

    /// Changes quirks of the running server; those of folders and UIDs count at the start alone.
    pub fn change_quirks(&self, change: impl FnOnce(&mut Quirks)) {
        change(&mut self.shared.state().quirks);
    }

    /// Names of all folders.
    pub fn folders(&self) -> Vec<String> {
        self.shared
            .state()
            .account
            .folders
            .iter()
            .map(|folder| folder.name.clone())
            .collect()
    }

    /// UIDs of a folder's mails in order; nothing if there is no such folder.
    pub fn uids(&self, folder: &str) -> Vec<u32> {
        let state = self.shared.state();
        state
            .account
            .folder(folder)
            .map(|one| one.mails.iter().map(|mail| mail.uid).collect())
            .unwrap_or_default()
    }

    /// Flags of a mail.
    pub fn flags(&self, folder: &str, uid: u32) -> Option<Vec<String>> {
        self.mail(folder, uid).map(|mail| mail.flags)
    }

    /// The bytes of a mail.
    pub fn raw(&self, folder: &str, uid: u32) -> Option<Vec<u8>> {
        self.mail(folder, uid).map(|mail| mail.raw)
    }

    fn mail(&self, folder: &str, uid: u32) -> Option<Mail> {
        self.shared
            .state()
            .account
            .folder(folder)?
            .mails
            .iter()
            .find(|mail| mail.uid == uid)
            .cloned()
    }

    /// How often a command came, by its name in upper case, such as `UID FETCH`.
    pub fn commands(&self, name: &str) -> usize {
        self.shared.state().counts.get(name).copied().unwrap_or_default()
    }

    /// All commands, each behind the number of its session; without passwords and tokens, literals left out.
    pub fn log(&self) -> Vec<String> {
        self.shared.state().log.clone()
    }

    /// Sessions so far, those that were reset not counted.
    pub fn sessions(&self) -> usize {
        self.shared.state().sessions
    }

    /// Sessions open now.
    pub fn open_sessions(&self) -> usize {
        self.shared.state().open
    }

    /// Most sessions that were open at once.
    pub fn max_concurrent(&self) -> usize {
        self.shared.state().most_open
    }

    /// Connections that were reset because they were too many.
    pub fn resets(&self) -> usize {
        self.shared.state().reset
    }

    /// Waits until a command came that often in all.
    pub async fn wait_for_command(&self, name: &str, count: usize, limit: Duration) -> Result<()> {
        self.wait_until(limit, |sim| sim.commands(name) >= count)
            .await
            .with_context(|| format!("{name} came {} times, not {count}", self.commands(name)))
    }

    /// Waits until `test` holds; it is asked again after every command and every change.
    pub async fn wait_until(&self, limit: Duration, test: impl Fn(&Self) -> bool) -> Result<()> {
        let mut changed = self.shared.changed.subscribe();
        let wait = async {
            while !test(self) {
                changed.changed().await?;
            }
            Ok(())
        };
        tokio::time::timeout(limit, wait)
            .await
            .context("it did not happen in time")?
    }
}

impl State {
    fn now(&mut self) -> Timestamp {
        self.clock = self
            .clock
            .saturating_add(SignedDuration::from_mins(1))
            .unwrap_or(self.clock);
        self.clock
    }

    fn deliver(&mut self, folder: &str, raw: &[u8], flags: &[&str], arrived: Option<i64>) -> u32 {
        let now = self.now();
        let mail = Mail {
            uid: 0,
            flags: flags.iter().map(ToString::to_string).collect(),
            arrived: arrived
                .and_then(|seconds| Timestamp::from_second(seconds).ok())
                .unwrap_or(now),
            raw: with_crlf(raw),
            identity: self.account.identity(),
            labels: if folder == "INBOX" {
                vec!["\\Inbox".to_owned()]
            } else {
                vec![folder.to_owned()]
            },
            modseq: 0,
        };
        self.account.create(folder, None);
        let uid = self.account.add(folder, mail.clone()).unwrap_or_default();
        if self.quirks.labels {
            let all = self.account.place(Place::All).map(str::to_owned);
            if let Some(all) = all.filter(|all| all != folder) {
                self.account.add(&all, mail);
            }
        }
        uid
    }
}

fn with_crlf(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut last = 0;
    for byte in raw {
        if *byte == b'\n' && last != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        last = *byte;
    }
    out
}

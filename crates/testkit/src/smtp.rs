//! A small SMTP server that keeps what it is given: submission with sign-in (RFC 4954), STARTTLS or TLS, SIZE, refused
//! recipients, and the replies in GBK that NetEase's servers give.
pub(crate) mod auth;
mod session;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::sync::Notify;

use crate::background::{self, Task};
use crate::tls::Identity;
pub use crate::tls::Security;
use crate::wire::Wire;

/// A mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Who had signed in.
    pub user: Option<String>,
    /// MAIL FROM.
    pub from: String,
    /// Accepted RCPT TO.
    pub to: Vec<String>,
    /// The mail as it was, dots undone.
    pub data: Vec<u8>,
    /// Whether it came through TLS.
    pub tls: bool,
}

/// What to do when the whole mail has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AfterData {
    /// Keep it and say so.
    #[default]
    Accept,
    /// Keep it and hang up without a word: the client cannot know.
    KeepAndHangUp,
    /// Do not keep it; answer with this.
    Refuse(String),
}

/// How the server is to be.
#[derive(Clone)]
pub struct Builder {
    security: Security,
    identity: Option<Arc<rustls::ServerConfig>>,
    mechanisms: Vec<String>,
    users: Vec<(String, String)>,
    sign_in_needed: bool,
    size_limit: usize,
    refused: Vec<(String, String)>,
    wrong_password: Vec<u8>,
    accepted: Vec<u8>,
    greeting: String,
    after_data: AfterData,
}

impl Builder {
    /// TLS as said, with that certificate.
    pub fn tls(mut self, security: Security, identity: &Identity) -> Result<Self> {
        self.security = security;
        self.identity = Some(identity.server_config()?);
        Ok(self)
    }

    /// Somebody who may sign in; then mail is taken from those alone who did. For XOAUTH2 the password is the token.
    #[must_use]
    pub fn user(mut self, address: &str, password: &str) -> Self {
        self.users.push((address.to_owned(), password.to_owned()));
        self.sign_in_needed = true;
        self
    }

    /// The mechanisms offered; others are answered with 504.
    #[must_use]
    pub fn mechanisms(mut self, names: &[&str]) -> Self {
        self.mechanisms = names.iter().map(|name| name.to_ascii_uppercase()).collect();
        self
    }

    /// The largest mail in bytes.
    #[must_use]
    pub fn size_limit(mut self, bytes: usize) -> Self {
        self.size_limit = bytes;
        self
    }

    /// Answers RCPT TO for that address with this line, such as `550 5.1.1 no such user`.
    #[must_use]
    pub fn refuse_recipient(mut self, address: &str, reply: &str) -> Self {
        self.refused.push((address.to_ascii_lowercase(), reply.to_owned()));
        self
    }

    /// What happens to a complete mail.
    #[must_use]
    pub fn after_data(mut self, after: AfterData) -> Self {
        self.after_data = after;
        self
    }

    /// Greeting, and the replies in GBK, of a NetEase server.
    #[must_use]
    pub fn netease(mut self) -> Self {
        "220 163.com Anti-spam GT for Coremail System".clone_into(&mut self.greeting);
        self.wrong_password = gbk("535 Error: authentication failed 用户名或授权码错误，请到网页邮箱查看");
        self.accepted = gbk("250 Mail OK 已进入发送队列");
        self
    }

    /// Starts the server on a free loopback port.
    pub fn start(self) -> Result<SmtpServer> {
        let (listener, port) = background::listen().context("listen for SMTP")?;
        let shared = Arc::new(Shared {
            setup: Mutex::new(self),
            kept: Mutex::new(Kept::default()),
            arrived: Notify::new(),
        });
        let inside = Arc::clone(&shared);
        let task = background::spawn(async move {
            let mut sessions = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                let shared = Arc::clone(&inside);
                shared.count_session();
                sessions.spawn(session::serve(Wire::new(stream), shared));
                while sessions.try_join_next().is_some() {}
            }
        })?;
        Ok(SmtpServer {
            port,
            shared,
            _task: Task(task),
        })
    }
}

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

#[derive(Default)]
struct Kept {
    mails: Vec<Received>,
    commands: Vec<String>,
    sessions: usize,
}

struct Shared {
    setup: Mutex<Builder>,
    kept: Mutex<Kept>,
    arrived: Notify,
}

impl Shared {
    fn setup(&self) -> Builder {
        self.setup.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn count_session(&self) {
        let mut kept = self.kept();
        kept.sessions = kept.sessions.saturating_add(1);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The running server; ends when dropped.
pub struct SmtpServer {
    port: u16,
    shared: Arc<Shared>,
    _task: Task,
}

impl SmtpServer {
    /// Without TLS, open to all, until told otherwise.
    pub fn builder() -> Builder {
        Builder {
            security: Security::None,
            identity: None,
            mechanisms: ["PLAIN", "LOGIN", "XOAUTH2"].map(str::to_owned).to_vec(),
            users: Vec::new(),
            sign_in_needed: false,
            size_limit: 73_400_320,
            refused: Vec::new(),
            wrong_password: b"535 5.7.8 Authentication failed".to_vec(),
            accepted: b"250 2.0.0 Ok: queued".to_vec(),
            greeting: "220 localhost ESMTP".to_owned(),
            after_data: AfterData::Accept,
        }
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// All mails taken so far.
    pub fn mails(&self) -> Vec<Received> {
        self.shared.kept().mails.clone()
    }

    /// Connections taken so far.
    pub fn sessions(&self) -> usize {
        self.shared.kept().sessions
    }

    /// The lines of all clients, without their secrets.
    pub fn commands(&self) -> Vec<String> {
        self.shared.kept().commands.clone()
    }

    /// Changes a password or token from now on.
    pub fn set_password(&self, address: &str, password: &str) {
        let mut setup = self.shared.setup.lock().unwrap_or_else(PoisonError::into_inner);
        setup.users.retain(|(user, _)| user != address);
        setup.users.push((address.to_owned(), password.to_owned()));
    }

    /// Changes what happens to complete mails from now on.
    pub fn set_after_data(&self, after: AfterData) {
        self.shared
            .setup
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .after_data = after;
    }

    /// Waits until that many mails have come in all, and returns them.
    pub async fn wait_for_mails(&self, count: usize, limit: Duration) -> Result<Vec<Received>> {
        let wait = async {
            loop {
                let arrived = self.shared.arrived.notified();
                let mails = self.mails();
                if mails.len() >= count {
                    return mails;
                }
                arrived.await;
            }
        };
        tokio::time::timeout(limit, wait)
            .await
            .with_context(|| format!("{} of {count} mails came", self.mails().len()))
    }
}

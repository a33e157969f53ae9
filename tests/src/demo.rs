//! The demo's sandbox: who has mail there, and how much.

pub mod alive;
pub mod headless;

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use qiyou_testkit::dovecot::{Dovecot, Options};
use qiyou_testkit::mailbox::{self, Person};
use tempfile::TempDir;

use crate::house::{Account, House};

const PASSWORD: &str = "sandbox-only";

/// A clock for lines of progress.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Instant);

impl Clock {
    /// Begins now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// `12.3 s`.
    pub fn read(self) -> String {
        format!("{:.1} s", self.0.elapsed().as_secs_f64())
    }

    /// Writes a line of progress.
    pub fn say(self, what: &str) {
        eprintln!("[{:>7}] {what}", self.read());
    }
}

/// Unix seconds.
pub fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|time| i64::try_from(time.as_secs()).ok())
        .unwrap_or(0)
}

/// A mail server with the mail of 张三 and of a shared mailbox.
pub struct Sandbox {
    dovecot: Dovecot,
    people: Vec<(Person, String)>,
    sent: u64,
    _mail: TempDir,
}

impl Sandbox {
    /// Writes the mailboxes and starts the server.
    pub async fn start(clock: Clock) -> Result<Self> {
        let mail = tempfile::Builder::new().prefix("qiyou-mail-").tempdir()?;
        let owner = Person::owner();
        let domain = owner
            .address
            .rsplit_once('@')
            .map_or("example.com", |(_, domain)| domain)
            .to_owned();
        let shared = Person {
            name: "客服共享".to_owned(),
            address: format!("kefu@{domain}"),
        };
        let sizes = [
            (owner, "张三".to_owned(), 3000_usize, 11_u64),
            (shared, "客服共享".to_owned(), 600, 12),
        ];
        let mut options = Options::default();
        let mut people = Vec::new();
        for (person, name, messages, seed) in sizes {
            let folder = mail.path().join(&person.address);
            let wanted = mailbox::Options {
                messages,
                seed,
                end: now(),
                owner: person.clone(),
                ..mailbox::Options::default()
            };
            let made = mailbox::generate(&folder, &wanted)?;
            clock.say(&format!("{} mails for {} <{}>", made.messages(), name, person.address));
            options.users.push((person.address.clone(), PASSWORD.to_owned()));
            options.prepared.push((person.address.clone(), folder));
            people.push((person, name));
        }
        let dovecot = Dovecot::start(options)
            .await
            .context("starting the sandbox's mail server")?;
        clock.say(&format!("mail server on 127.0.0.1:{} (IMAP)", dovecot.imap_port()));
        Ok(Self {
            dovecot,
            people,
            sent: 0,
            _mail: mail,
        })
    }

    /// Adds everybody's account to a house, by the command line.
    pub fn move_in(&self, house: &House, clock: Clock) -> Result<()> {
        for (person, name) in &self.people {
            house.add(&Account {
                address: &person.address,
                name,
                password: PASSWORD,
                imap_port: self.dovecot.imap_port(),
                smtp_port: self.dovecot.submission_port(),
            })?;
            clock.say(&format!("account {name} <{}> added", person.address));
        }
        Ok(())
    }

    /// Address, password, IMAP port and submission port of the first account.
    pub fn way_in(&self) -> String {
        let address = self.people.first().map_or("", |(person, _)| person.address.as_str());
        let (imap, smtp) = (self.dovecot.imap_port(), self.dovecot.submission_port());
        format!("{address} {PASSWORD} {imap} {smtp}")
    }

    /// A mail as it is, to the first account.
    pub async fn put(&self, mail: &[u8]) -> Result<()> {
        let (person, _) = self.people.first().context("nobody lives here")?;
        self.dovecot.deliver(&person.address, mail).await
    }

    /// The mails that were sent from here.
    pub fn submitted(&self) -> Vec<Vec<u8>> {
        self.dovecot.sink().mails().into_iter().map(|mail| mail.data).collect()
    }

    /// One more mail, to one after the other.
    pub async fn deliver(&mut self) -> Result<()> {
        let count = u64::try_from(self.people.len()).unwrap_or(1).max(1);
        let turn = usize::try_from(self.sent.checked_rem(count).unwrap_or(0)).unwrap_or(0);
        let (person, _) = self.people.get(turn).context("somebody lives here")?;
        let mail = mailbox::mail_to(person, self.sent, now());
        self.dovecot.deliver(&person.address, &mail).await?;
        self.sent = self.sent.saturating_add(1);
        Ok(())
    }
}

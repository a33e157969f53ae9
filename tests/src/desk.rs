//! 张三's desk: a desktop without a screen, a mail server with his account on it, a house, and a browser of the system
//! that only notes what it was asked to open.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use qiyou_api::{Client, Language, Nothing, Settings, SyncParams, call};
use qiyou_testkit::desktop::{self, Session};
use qiyou_testkit::dovecot::{Dovecot, Options};

use crate::house::{Account, House, PATIENCE};

/// Who sits there.
pub const ADDRESS: &str = "zhangsan@localhost";
/// What he signs in with.
pub const PASSWORD: &str = "a-secret-of-the-test";

/// Everything that a window needs around it.
pub struct Desk {
    // In this order they end: who uses something before what it uses.
    pub house: House,
    pub dovecot: Dovecot,
    pub session: Session,
    opened: PathBuf,
}

impl Desk {
    /// A desk without an account: the house is empty.
    pub async fn empty() -> Result<Self> {
        Self::in_session(Session::start().await?).await
    }

    async fn in_session(session: Session) -> Result<Self> {
        let dovecot = Dovecot::start(Options::for_user(ADDRESS, PASSWORD)).await?;
        let opened = session.home().join("opened");
        let tools = session.home().join("bin");
        std::fs::create_dir_all(&tools)?;
        let browser = tools.join("xdg-open");
        std::fs::write(&browser, format!("#!/bin/sh\necho \"$1\" >> '{}'\n", opened.display()))?;
        std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755))?;
        let mut environment = session.environment().clone();
        let path = std::env::var("PATH").unwrap_or_default();
        environment.insert("PATH".to_owned(), format!("{}:{path}", tools.display()));
        // Xvfb has no graphics card to share buffers with.
        environment.insert("WEBKIT_DISABLE_DMABUF_RENDERER".to_owned(), "1".to_owned());
        let house = House::start(environment).await?;
        Ok(Self {
            house,
            dovecot,
            session,
            opened,
        })
    }

    /// A desk with these mails in the inbox, the last one newest, all of them known to the agent, and words in Chinese.
    pub async fn with(mails: &[Vec<u8>]) -> Result<Self> {
        Self::empty().await?.moved_in(mails).await
    }

    /// The same with an input method for Chinese.
    pub async fn typing(mails: &[Vec<u8>]) -> Result<Self> {
        let options = desktop::Options {
            input_method: true,
            ..desktop::Options::default()
        };
        let desk = Self::in_session(Session::start_with(options).await?).await?;
        desk.moved_in(mails).await
    }

    async fn moved_in(self, mails: &[Vec<u8>]) -> Result<Self> {
        let desk = self;
        for mail in mails {
            desk.dovecot.deliver(ADDRESS, mail).await?;
        }
        desk.house.add(&Account {
            address: ADDRESS,
            name: "张三",
            password: PASSWORD,
            imap_port: desk.dovecot.imap_port(),
            smtp_port: desk.dovecot.submission_port(),
        })?;
        let client = desk.settle(|settings| settings.language = Language::ZhCn).await?;
        let everything = SyncParams {
            account: None,
            wait: true,
        };
        client.call(call::Sync, everything).await?;
        Ok(desk)
    }

    /// Changes the settings; the client that did.
    pub async fn settle(&self, change: impl FnOnce(&mut Settings)) -> Result<Client> {
        let (client, mut events) = self.house.client().await?;
        // Nobody reads them, and they must not pile up.
        tokio::spawn(async move { while events.recv().await.is_some() {} });
        let mut settings = client.call(call::SettingsGet, Nothing {}).await?;
        change(&mut settings);
        client.call(call::SettingsSet, settings).await?;
        Ok(client)
    }

    /// What the browser was asked to open, in its order.
    pub fn asked(&self) -> Vec<String> {
        let asked = std::fs::read_to_string(&self.opened).unwrap_or_default();
        asked.lines().map(str::to_owned).collect()
    }

    /// Waits until the browser was asked for that many addresses; all of them.
    pub async fn asked_for(&self, count: usize) -> Result<Vec<String>> {
        let asked = async {
            loop {
                let asked = self.asked();
                if asked.len() >= count {
                    return asked;
                }
                // Another program writes the file; nothing tells when.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, asked)
            .await
            .with_context(|| format!("the browser was asked for {:?} only", self.asked()))
    }
}

/// A mail of 李四 with a text in HTML.
pub fn mail(subject: &str, html: &str) -> Vec<u8> {
    format!(
        "From: =?utf-8?B?5p2O5Zub?= <lisi@example.com>\r\nTo: {ADDRESS}\r\nSubject: {subject}\r\n\
         Date: Sun, 22 Nov 2026 09:00:00 +0800\r\nMessage-ID: <{}@example.com>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{html}\r\n",
        subject.replace(' ', ".")
    )
    .into_bytes()
}

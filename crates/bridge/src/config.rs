//! The configuration: one TOML file, secrets elsewhere ([`secret`]).

pub mod policy;
pub mod secret;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use ipnet::IpNet;
use qiyou_bridge_api::MailServers;
use qiyou_wecom::Hosts;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use crate::installer::System;
use policy::Policy;
use secret::Secret;

/// The longest address of an installer, in bytes.
const LONGEST_ADDRESS: usize = 2048;

/// What `init` writes.
pub const TEMPLATE: &str = include_str!("config/template.toml");

/// The configuration as it stands in the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where browsers and apps reach this bridge. Its host is WeCom's trusted callback domain.
    pub url: Url,
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// The company, as people know it.
    pub company: String,
    /// The company's mail domains, lower case.
    pub domains: Vec<String>,
    /// 32 random bytes in hexadecimal, the same on every replica.
    pub master_key: Secret,
    #[serde(default)]
    pub tls: Option<Tls>,
    #[serde(default)]
    pub proxy: Proxy,
    #[serde(default)]
    pub database: Database,
    pub wecom: Wecom,
    #[serde(default)]
    pub directory: Directory,
    #[serde(default)]
    pub accounts: Option<Accounts>,
    #[serde(default)]
    pub netease: Option<NeteaseApp>,
    #[serde(default)]
    pub mail: Option<MailServers>,
    /// A mail account that `check` signs in with.
    #[serde(default)]
    pub check: Option<CheckAccount>,
    /// The account that mails codes.
    #[serde(default)]
    pub mailer: Option<MailerAccount>,
    #[serde(default)]
    pub installer: Installer,
    #[serde(default)]
    pub policy: Policy,
    #[serde(default)]
    pub limits: Limits,
    /// From where `/metrics` may be read, beside this computer.
    #[serde(default)]
    pub metrics_from: Vec<IpNet>,
    /// The folder of the file, beside which relative paths stand.
    #[serde(skip)]
    pub folder: PathBuf,
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 443))
}

/// A certificate with its key, as PEM files. Absent: a proxy before the bridge speaks TLS.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: Secret,
}

/// The proxies before the bridge.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// Whose `X-Forwarded-For` is believed.
    #[serde(default)]
    pub trusted: Vec<IpNet>,
}

/// Where the bridge keeps what it must remember.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite:bridge.db`, or `postgres://user@host/name`.
    #[serde(default = "default_database")]
    pub url: String,
    /// PostgreSQL's.
    #[serde(default)]
    pub password: Option<Secret>,
}

fn default_database() -> String {
    "sqlite:bridge.db".to_owned()
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: default_database(),
            password: None,
        }
    }
}

/// The application in WeCom's console.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wecom {
    pub corp_id: String,
    pub agent_id: i64,
    pub secret: Secret,
    /// Which of WeCom's login pages.
    #[serde(default)]
    pub login: LoginPage,
    /// Whether the admin granted the sensitive fields: inside WeCom, members are then asked for their address.
    #[serde(default)]
    pub private_fields: bool,
    /// The secret of the contact-sync assistant: finds members whom the departments do not show.
    #[serde(default)]
    pub contacts: Option<Secret>,
    /// Where WeCom tells of changes, as the console holds it.
    #[serde(default)]
    pub callback: Option<Callback>,
    /// Whether the application's place on the workbench shows the number of unread mails.
    #[serde(default)]
    pub workbench: bool,
    /// Other hosts than WeCom's own.
    #[serde(default)]
    pub hosts: Hosts,
    /// A further certificate authority (PEM) to be trusted: that of a proxy which opens TLS.
    #[serde(default)]
    pub authority: Option<PathBuf>,
}

/// Token and key of the callback's address.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    pub token: Secret,
    /// `EncodingAESKey`, 43 characters.
    pub aes_key: Secret,
}

/// What of the company apps get to see.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Directory {
    /// False: apps get none.
    pub enabled: bool,
    /// Whether people's telephone numbers are shown.
    pub phones: bool,
    /// Ids of departments that are not shown, with all below them.
    pub hide_departments: Vec<i64>,
    /// Userids of people who are not shown.
    pub hide: Vec<String>,
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            enabled: true,
            phones: false,
            hide_departments: Vec::new(),
            hide: Vec::new(),
        }
    }
}

/// How members are found among the mail platform's accounts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    pub source: AccountSource,
    /// The field of members that stands at the accounts as the job number: `userid`, `alias`, or the name of one that
    /// the company made up.
    pub member_key: String,
    /// The admin looked at `qiyou-bridge directory` and says: equal keys are the same person.
    #[serde(default)]
    pub confirmed: bool,
}

/// Where the accounts are read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountSource {
    /// By [`NeteaseApp`].
    Netease,
    /// A table: address, key, name.
    Csv(PathBuf),
}

/// The company's application at NetEase enterprise mail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeteaseApp {
    pub app_id: String,
    pub auth_code: Secret,
    pub org_open_id: String,
    /// The mail domain; the first of the company's, if it is not said.
    #[serde(default)]
    pub domain: Option<String>,
    /// Whether NetEase tells the bridge of new mails, so that apps look at once.
    #[serde(default)]
    pub push: bool,
    /// Whether IMAP and SMTP are switched on for the account of a member who signed in.
    #[serde(default)]
    pub allow_clients: bool,
    /// Another host than NetEase's own.
    #[serde(default)]
    pub host: Option<Url>,
}

/// WeCom's login page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginPage {
    #[default]
    New,
    Old,
}

/// A mail account for trying out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckAccount {
    pub address: String,
    pub password: Secret,
}

/// A mail account by which codes are mailed to addresses that nothing else proves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailerAccount {
    /// The submission server.
    pub host: String,
    pub port: u16,
    /// TLS from the first byte; else STARTTLS. Never none.
    #[serde(default = "yes")]
    pub tls: bool,
    /// From whom the mails are.
    pub address: String,
    /// As whom it signs in; the address, if it is not said.
    #[serde(default)]
    pub user: Option<String>,
    pub password: Secret,
}

fn yes() -> bool {
    true
}

/// Where the app is fetched from: `GET /get` offers it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Installer {
    pub windows: Option<Url>,
    pub macos: Option<Url>,
    pub linux: Option<Url>,
}

/// How much one address may ask for.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Sign-ins that may be started from one address in a minute. Whole offices stand behind one address.
    pub signins_per_minute: u32,
    /// All requests from one address in a minute.
    pub requests_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            signins_per_minute: 600,
            requests_per_minute: 12_000,
        }
    }
}

impl Installer {
    /// What is named, in the order in which most people look.
    pub fn named(&self) -> impl Iterator<Item = (System, &Url)> {
        [
            (System::Windows, &self.windows),
            (System::Macos, &self.macos),
            (System::Linux, &self.linux),
        ]
        .into_iter()
        .filter_map(|(system, url)| Some((system, url.as_ref()?)))
    }
}

impl Config {
    /// Reads and checks the file. Every mistake is named with what to write instead.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        Self::parse(&text, folder).with_context(|| format!("in {}", path.display()))
    }

    /// Reads and checks the text of such a file.
    pub fn parse(text: &str, folder: PathBuf) -> anyhow::Result<Self> {
        let mut config: Self = toml::from_str(text)?;
        config.folder = folder;
        for domain in &mut config.domains {
            *domain = domain.trim().trim_start_matches('@').to_lowercase();
        }
        config.examine()?;
        Ok(config)
    }

    fn examine(&self) -> anyhow::Result<()> {
        let host = self.url.host_str().unwrap_or_default();
        let loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
        ensure!(
            self.url.scheme() == "https" || loopback,
            "url: WeCom calls back to https only; write https://{host}"
        );
        ensure!(
            self.url.path() == "/" && self.url.query().is_none() && self.url.fragment().is_none(),
            "url: the bridge has a host of its own; write no path"
        );
        ensure!(!self.company.trim().is_empty(), "company: write the company's name");
        ensure!(
            !self.domains.is_empty() && self.domains.iter().all(|domain| domain.contains('.')),
            "domains: write the company's mail domains, as in [\"example.cn\"]"
        );
        ensure!(
            self.wecom.corp_id.len() > 4 && self.wecom.corp_id.chars().all(|c| c.is_ascii_alphanumeric()),
            "wecom.corp_id: WeCom's console shows it under My Company; it begins with ww"
        );
        ensure!(
            self.wecom.agent_id > 0,
            "wecom.agent_id: WeCom's console shows it on the application's page"
        );
        if let Some(mailer) = &self.mailer {
            ensure!(
                qiyou_smtp::Path::new(&mailer.address).is_ok_and(|path| path.ascii().is_some()),
                "mailer.address: write the address of a mailbox, as in qiyou@example.cn"
            );
            ensure!(
                !mailer.host.trim().is_empty() && mailer.port > 0,
                "mailer.host, mailer.port: write the server that takes mail for sending"
            );
        }
        for (system, url) in self.installer.named() {
            ensure!(
                url.scheme() == "https" && url.as_str().len() <= LONGEST_ADDRESS,
                "installer.{}: write an address that begins with https://",
                system.word()
            );
        }
        self.policy.examine()?;
        if let Some(accounts) = &self.accounts {
            ensure!(
                !accounts.member_key.trim().is_empty(),
                "accounts.member_key: write the field of members that stands at the accounts, as in \"工号\""
            );
            ensure!(
                accounts.source != AccountSource::Netease || self.netease.is_some(),
                "accounts.source: netease needs the section [netease]"
            );
        }
        if !self.database.url.starts_with("sqlite:") && !self.database.url.starts_with("postgres") {
            bail!("database.url: begins with sqlite: or postgres://");
        }
        if let Ok(url) = Url::parse(&self.database.url) {
            ensure!(
                url.password().is_none(),
                "database.url: the password belongs into database.password, as {{ file = \"…\" }}"
            );
        }
        Ok(())
    }

    /// The master key: 32 bytes.
    pub fn master_key(&self) -> anyhow::Result<[u8; 32]> {
        let text = self.master_key.read(&self.folder).context("master_key")?;
        let text = text.expose_secret();
        let text = if text.len() == 64 { text } else { "" };
        let bytes: Option<Vec<u8>> = text
            .as_bytes()
            .chunks(2)
            .map(|pair| {
                std::str::from_utf8(pair)
                    .ok()
                    .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            })
            .collect();
        bytes
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .context("master_key: 64 hexadecimal digits, as `qiyou-bridge init` writes them")
    }

    /// What opens callbacks, where the configuration has it.
    pub fn callback_keys(&self) -> anyhow::Result<Option<qiyou_wecom::callback::Keys>> {
        let Some(callback) = &self.wecom.callback else {
            return Ok(None);
        };
        let token = callback.token.read(&self.folder).context("wecom.callback.token")?;
        let key = callback.aes_key.read(&self.folder).context("wecom.callback.aes_key")?;
        let keys =
            qiyou_wecom::callback::Keys::new(token, &key, &self.wecom.corp_id).context("wecom.callback.aes_key")?;
        Ok(Some(keys))
    }

    /// The application's secret.
    pub fn wecom_secret(&self) -> anyhow::Result<SecretString> {
        self.wecom.secret.read(&self.folder).context("wecom.secret")
    }
}

#[cfg(test)]
mod tests;

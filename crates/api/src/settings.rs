//! What a person can choose. Kept in the store; a policy may fix single values.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The language of everything that Qiyou itself says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub enum Language {
    /// That of the system; Chinese when the system says nothing.
    #[default]
    #[serde(rename = "system")]
    System,
    #[serde(rename = "zh-CN")]
    ZhCn,
    #[serde(rename = "zh-TW")]
    ZhTw,
    #[serde(rename = "en")]
    En,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

/// Where the mail stands that is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Right of the list.
    #[default]
    Wide,
    /// Below the list.
    Classic,
}

/// How much of a mail a row of the list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Density {
    /// Sender, subject, first words.
    #[default]
    Comfortable,
    /// Sender and subject.
    Compact,
    /// All on one line.
    Line,
}

/// Which keys mean what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum KeySet {
    /// Single letters, as Gmail has them.
    #[default]
    Gmail,
    /// With the control key, as Outlook has them.
    Outlook,
}

/// All settings, with their defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    pub language: Language,
    pub theme: Theme,
    pub layout: Layout,
    pub density: Density,
    pub keys: KeySet,
    /// Size of the page, in percent; 80 to 200.
    pub zoom: u16,
    /// Seconds that a mail is open before it counts as read; never when absent.
    pub read_after: Option<u32>,
    /// Whose pictures from the network are shown without asking: addresses, and domains as `@example.com`.
    pub pictures_from: Vec<String>,
    /// Minutes that a closed window is kept ready, so that it opens at once; 0 for none.
    pub linger_minutes: u32,
    /// Starts the agent at sign-in to the computer.
    pub autostart: bool,
    /// Bubbles at all.
    pub bubbles: bool,
    /// Bubbles say only "new mail".
    pub privacy: bool,
    /// Quiet hours; no bubbles between these local times, but for VIPs.
    pub quiet: Option<QuietHours>,
    /// No bubbles until then (unix seconds), but for VIPs.
    pub paused_until: Option<i64>,
    /// Addresses whose mail is always told of.
    pub vips: Vec<String>,
    /// Find verification codes and offer a copy button.
    pub codes: bool,
    /// Texts of the last so many months are fetched in the background; 0 for none.
    pub prefetch_months: u32,
    /// Room for bodies and attachments on disk, in MiB; the oldest give way.
    pub cache_mib: u32,
    pub proxy: ProxySettings,
    /// OAuth2 client ids by provider (`office365`, `office365_cn`, `gmail`).
    pub oauth_clients: std::collections::BTreeMap<String, String>,
    /// How mails are written.
    pub writing: Writing,
}

/// How mails are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Writing {
    /// Seconds in which a mail can be taken back; 0 to 30.
    pub undo_seconds: u32,
    /// Who writes, by the account's address in lower case.
    pub authors: std::collections::BTreeMap<String, Author>,
    /// Asks when the text speaks of an attachment and there is none.
    pub ask_attachment: bool,
    /// Asks when there is no subject.
    pub ask_subject: bool,
    /// Asks before a mail leaves the domain of its account.
    pub ask_outside: bool,
    /// Asks before a mail goes to so many people; 0: never.
    pub ask_crowd: u32,
    pub receipts: Receipts,
    /// Pinyin that sounds alike means the same: z and zh, c and ch, s and sh, n and ng, l and n.
    pub forgiving: bool,
}

/// Who writes from an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Author {
    /// The name that stands beside the address.
    pub name: String,
    /// HTML under each new mail.
    pub signature: String,
    /// HTML under answers and what is passed on.
    pub reply_signature: String,
    /// Other addresses that the server lets this account write from.
    pub aliases: Vec<String>,
}

/// What becomes of receipts that others ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Receipts {
    #[default]
    Ask,
    Never,
    /// They go by themselves, where nothing speaks against it (RFC 8098 2.1).
    Always,
}

impl Default for Writing {
    fn default() -> Self {
        Self {
            undo_seconds: 10,
            authors: std::collections::BTreeMap::new(),
            ask_attachment: true,
            ask_subject: true,
            ask_outside: false,
            ask_crowd: 40,
            receipts: Receipts::default(),
            forgiving: false,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::default(),
            theme: Theme::default(),
            layout: Layout::default(),
            density: Density::default(),
            keys: KeySet::default(),
            zoom: 100,
            read_after: Some(0),
            pictures_from: Vec::new(),
            linger_minutes: 5,
            autostart: true,
            bubbles: true,
            privacy: false,
            quiet: None,
            paused_until: None,
            vips: Vec::new(),
            codes: true,
            prefetch_months: 12,
            cache_mib: 2048,
            proxy: ProxySettings::System,
            oauth_clients: std::collections::BTreeMap::new(),
            writing: Writing::default(),
        }
    }
}

/// Minutes after local midnight; `from` may be later than `to` (over midnight).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuietHours {
    pub from: u16,
    pub to: u16,
    /// On Saturday and Sunday all day.
    pub weekends: bool,
}

/// Which way out to take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ProxySettings {
    #[default]
    System,
    Direct,
    Http {
        host: String,
        port: u16,
    },
    Socks5 {
        host: String,
        port: u16,
    },
}

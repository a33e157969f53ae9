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

/// All settings, with their defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    pub language: Language,
    pub theme: Theme,
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
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Language::default(),
            theme: Theme::default(),
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

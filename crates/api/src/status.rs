//! How the agent stands, and what the doctor found.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Account;

/// Answer to `status`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Status {
    pub version: String,
    /// Process id of the agent.
    pub pid: u32,
    /// Seconds since it started.
    pub uptime: u64,
    pub accounts: Vec<Account>,
    pub unread: u32,
    /// Unix seconds until which bubbles are paused.
    pub paused_until: Option<i64>,
    /// Operations that the servers do not know of yet.
    pub pending_operations: u32,
    /// False when the desktop shows no tray icons.
    pub tray: bool,
    /// The language of the system as the agent takes it for tray and bubbles, as a BCP 47 tag: what "as the system" means
    /// to the window, too.
    pub language: String,
    /// The desktop session that the agent lives in; empty where it has none.
    pub session: String,
    /// Why accounts or store cannot be used, such as a locked keychain.
    pub trouble: Option<crate::ApiError>,
}

/// Answer to `doctor`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Doctor {
    pub findings: Vec<Finding>,
}

/// One thing that the doctor looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Finding {
    /// Words: `doctor.<code>` in the catalogue.
    pub code: String,
    pub level: Level,
    pub args: std::collections::BTreeMap<String, String>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Good,
    Note,
    Bad,
}

/// Nothing; the answer of requests that only do something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Nothing {}

/// Parameters of `pause`: unix seconds until which no bubbles come, or nothing to go on.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, TS)]
pub struct PauseParams {
    pub until: Option<i64>,
}

/// Parameters of `sync`: looks at the server now; everything when nothing is named.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, TS)]
pub struct SyncParams {
    pub account: Option<crate::AccountId>,
    /// Answers only when the look is finished.
    pub wait: bool,
}

/// Parameters of `open`: brings the window up, on a mail where one is named.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, TS)]
pub struct OpenParams {
    pub mail: Option<crate::MailId>,
}

/// Answer to `mail_program.choose`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MailProgramChosen {
    Done,
    /// The system's own page is open, where the person chooses.
    Asked,
}

/// Parameters of `link`: an address of the scheme `qiyou:`, as a click on a Windows bubble hands it over.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LinkParams {
    pub url: String,
}

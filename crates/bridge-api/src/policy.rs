//! What the company fixes in the app, and what the app says of itself in return.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// The context under which a [`Policy`] is signed.
pub const POLICY: &str = "qiyou policy";

/// The longest signature, in bytes, before its fields are filled in.
pub const LONGEST_SIGNATURE: usize = 16 * 1024;
/// The most folders that a company has followed.
pub const MOST_FOLLOWED: usize = 50;
/// The most findings of a [`Report`].
pub const MOST_FINDINGS: usize = 20;

/// `GET /api/policy?have=REVISION`, signed under [`POLICY`]; 204 where the app has it. Of two policies the one that was
/// issued later holds: an app takes none that is older than its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Policy {
    /// Names what it says.
    pub revision: String,
    /// Unix seconds; later for each policy that comes to hold, also for one that held before.
    pub issued: i64,
    /// Folders that are followed: roles (`inbox`, `sent`, `archive` ...) and whole paths, their parts joined by `/`.
    pub follow: Vec<String>,
    /// HTML under each new mail. `{name}`, `{title}`, `{department}`, `{phone}`, `{address}` and `{company}` are the
    /// member's, and a line whose fields are all empty is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Whether it stands under answers and what is passed on, too.
    pub signature_replies: bool,
    /// Settings by the names that the app's page has for them, with their values: what [`Fixed::read`] understands.
    #[schema(value_type = Object)]
    pub settings: BTreeMap<String, Value>,
    pub features: Features,
}

/// What the app has at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Features {
    /// False: no picture of the network is ever shown.
    pub remote_pictures: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self { remote_pictures: true }
    }
}

/// Only `true`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "bool")]
pub struct On;

impl TryFrom<bool> for On {
    type Error = &'static str;

    fn try_from(on: bool) -> Result<Self, Self::Error> {
        on.then_some(Self)
            .ok_or("a company can switch this on and not off: write true, or leave it out")
    }
}

/// A number from `LEAST` to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub struct Within<const LEAST: u32, const MOST: u32>(u32);

impl<const LEAST: u32, const MOST: u32> Within<LEAST, MOST> {
    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const LEAST: u32, const MOST: u32> TryFrom<u32> for Within<LEAST, MOST> {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        if (LEAST..=MOST).contains(&number) {
            Ok(Self(number))
        } else {
            Err(format!("a number from {LEAST} to {MOST} is wanted"))
        }
    }
}

/// What becomes of read receipts. That they go by themselves is nobody's to say but the reader's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FixedReceipts {
    Ask,
    Never,
}

/// A setting that a company can fix, with its value. Others it cannot: what makes mail less safe (a warning that is
/// switched off, receipts that go by themselves), what could cut the app off from the bridge (the proxy), where passwords
/// go (servers, clients of OAuth2), and what is a matter of eyes and hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fixed {
    Autostart(bool),
    Bubbles(bool),
    Privacy(On),
    Codes(bool),
    Receipts(FixedReceipts),
    UndoSeconds(Within<0, 30>),
    AskAttachment(On),
    AskSubject(On),
    AskOutside(On),
    AskCrowd(Within<1, 1000>),
    /// Months.
    Prefetch(Within<0, 1200>),
    /// MiB.
    Cache(Within<128, 1_048_576>),
}

impl Fixed {
    /// Of a name and a value. The error says what is wrong, and for a name that is none which there are.
    pub fn read(name: &str, value: &Value) -> Result<Self, String> {
        let mut one = serde_json::Map::new();
        one.insert(name.to_owned(), value.clone());
        serde_json::from_value(Value::Object(one)).map_err(|error| error.to_string())
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Autostart(_) => "autostart",
            Self::Bubbles(_) => "bubbles",
            Self::Privacy(_) => "privacy",
            Self::Codes(_) => "codes",
            Self::Receipts(_) => "receipts",
            Self::UndoSeconds(_) => "undo_seconds",
            Self::AskAttachment(_) => "ask_attachment",
            Self::AskSubject(_) => "ask_subject",
            Self::AskOutside(_) => "ask_outside",
            Self::AskCrowd(_) => "ask_crowd",
            Self::Prefetch(_) => "prefetch",
            Self::Cache(_) => "cache",
        }
    }
}

/// `POST /api/session/report`: how the app on this device stands. It names no mail, no address and no server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Report {
    /// The app's, `major.minor.patch`.
    pub version: String,
    pub system: String,
    /// The revision of the policy that it has; empty where it has none.
    pub policy: String,
    /// What its doctor found that is not as it should be, at most [`MOST_FINDINGS`].
    pub doctor: Vec<Finding>,
}

/// What a doctor found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Finding {
    /// Lower case letters and `_`.
    pub code: String,
    /// Else it is only worth a note.
    pub bad: bool,
    /// How often.
    pub count: u32,
}

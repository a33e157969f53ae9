//! The company that one signs in to by WeCom, through its bridge.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ApiError, ServerSettings};

/// The company as this device knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// The address of its bridge.
    pub bridge: String,
    pub member: CompanyMember,
    pub state: CompanyState,
    /// How many people its directory has here; 0 before the first has come.
    #[serde(default)]
    pub people: u32,
    /// What it fixes here; nothing where it fixes nothing.
    #[serde(default)]
    pub policy: Option<CompanyPolicy>,
}

/// What the company fixes on this computer. What a person had chosen is kept, and comes back when the policy goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct CompanyPolicy {
    /// Settings by the names that the page has for them.
    pub settings: Vec<String>,
    /// Folders that are followed: roles and paths.
    pub folders: Vec<String>,
    /// Unix seconds since when it holds.
    #[ts(type = "number")]
    pub issued: i64,
}

/// Who signed in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct CompanyMember {
    /// WeCom's userid.
    pub id: String,
    pub name: String,
    /// Their proven mail address. None: WeCom's mailbox field is empty, or kept from the bridge.
    pub address: Option<String>,
    /// How they can prove one by themselves; empty where one is proven.
    pub ways: Vec<AddressWay>,
    /// What they asked of the admin.
    pub request: Option<AddressRequest>,
    /// The company's mail domains.
    pub domains: Vec<String>,
    /// Where the company's mail is, if it says so; without a user name.
    pub servers: Option<CompanyServers>,
    /// Whether `company.webmail` opens their webmail.
    pub webmail: bool,
    /// Whether the bridge opens their mailbox for mail programs.
    pub clients: bool,
}

/// How a member without a proven address proves one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AddressWay {
    /// `company.look_address_up`: WeCom is asked whose it is.
    Lookup,
    /// `company.mail_code`, and `company.redeem_code` with what came.
    Code,
    /// `company.ask_admin`.
    Admin,
}

/// What a member asked of the admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AddressRequest {
    pub address: String,
    /// The admin said no; else their answer is waited for.
    pub refused: bool,
}

/// Parameters of `company.look_address_up`, `company.mail_code` and `company.ask_admin`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CompanyAddressParams {
    /// In one of the company's domains.
    pub address: String,
}

/// Answer to `company.mail_code`: if there is such a mailbox, the code is on its way.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CompanyCodeMailed {
    /// Seconds.
    pub expires_in: u32,
}

/// Where the company's mail is fetched and handed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct CompanyServers {
    pub imap: ServerSettings,
    pub smtp: ServerSettings,
}

/// How one stands with the company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CompanyState {
    #[default]
    SignedIn,
    /// The bridge does not answer; mail goes on.
    Away,
    /// The company ended the session: sign in again.
    Ended,
    /// The member left the company, or was disabled there.
    Left,
}

/// Answer to `company.get`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct CompanyView {
    pub company: Option<Company>,
    /// The bridge's address that IT set, or that was used last; empty when none is known.
    pub bridge: String,
}

/// Parameters of `company.sign_in`: opens the system's browser.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CompanySignInParams {
    /// As a person types it; empty: the one that is known.
    pub bridge: String,
}

/// Answer to `company.sign_in`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CompanySignInStarted {
    /// What the browser opens, for whoever wants another browser.
    pub url: String,
    /// Seconds.
    pub expires_in: u32,
}

/// Parameters of `company.redeem`: the six digits of the page, or the code of the link; and of `company.redeem_code`: the
/// six digits of the mail.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct CompanyRedeemParams {
    #[ts(type = "string")]
    pub code: SecretString,
}

impl Serialize for CompanyRedeemParams {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use secrecy::ExposeSecret as _;
        use serde::ser::SerializeStruct as _;
        let mut out = serializer.serialize_struct("CompanyRedeemParams", 1)?;
        out.serialize_field("code", self.code.expose_secret())?;
        out.end()
    }
}

/// How far a sign-in is; see [`crate::Event::CompanySignIn`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum CompanySignIn {
    /// The browser shows WeCom's page.
    Waiting,
    /// Somebody scanned and is asked whether this device is meant.
    Scanned,
    /// They said yes: the link comes, or the digits are typed.
    Confirmed,
    /// They said no.
    Refused,
    /// It took too long, or was given up.
    Over,
    Failed {
        error: ApiError,
    },
    Done,
}

/// A device that is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CompanyDevice {
    pub id: String,
    pub name: String,
    pub system: String,
    pub version: String,
    /// Unix seconds.
    #[ts(type = "number")]
    pub created: i64,
    /// Unix seconds.
    #[ts(type = "number")]
    pub seen: i64,
    /// Whether it is this one.
    pub own: bool,
}

/// Parameters of `company.revoke`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CompanyRevokeParams {
    pub id: String,
}

/// What the member wants WeCom to tell of: `company.reminders`, `company.set_reminders`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct CompanyReminders {
    /// A card for each new mail.
    pub cards: bool,
    /// What stands on it.
    pub words: ReminderWords,
    /// Also for folders other than the inbox that one is told of.
    pub all_folders: bool,
    /// The number of unread mails on the workbench.
    pub unread: bool,
    /// The mailbox that this is about. None: no address of the member is proven, and there are no reminders.
    pub mailbox: Option<String>,
    /// Whether the bridge keeps a number on the workbench.
    pub workbench: bool,
}

/// What a card tells of a mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReminderWords {
    /// Sender, subject, first words.
    #[default]
    All,
    Sender,
    /// That there is one.
    Nothing,
}

/// Answer to an address of a card: the mail, else the folder that it came to, else nothing of this computer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompanyCard {
    pub mail: Option<crate::MailId>,
    pub folder: Option<crate::FolderId>,
}

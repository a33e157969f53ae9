//! Mail accounts: who, where, how signed in, and what failed.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use ts_rs::TS;

use crate::Telling;

/// Number of an account in the store; never used again after its removal.
pub type AccountId = i64;

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    Tls,
    Starttls,
    /// Only for loopback addresses.
    None,
}

/// One server of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServerSettings {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// Sign-in name, most often the whole address.
    pub user: String,
}

/// What kind of secret a provider wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// The password of the web mail.
    Password,
    /// A code made for mail programs (授权码), not the web password.
    AuthorizationCode,
    /// A password made for mail programs (客户端专用密码), not the web password.
    ClientPassword,
    /// The provider's own sign-in page in the browser.
    Oauth2,
}

/// Everything needed to reach an account's servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountSettings {
    /// Key of the provider's row in the table of presets, such as `netease_qiye_hz`; `custom` when typed by hand.
    pub provider: String,
    pub imap: ServerSettings,
    pub smtp: ServerSettings,
    pub credential: CredentialKind,
}

/// How the settings of an address were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum RecognisedBy {
    Table,
    Cname,
    Mx,
    Srv,
    Autoconfig,
    Guess,
    Nothing,
}

/// Answer to `accounts.recognise`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Recognised {
    pub by: RecognisedBy,
    /// Name of the provider in both languages' catalogue: `provider.<id>`.
    pub provider: String,
    /// Best first; empty when nothing was found.
    pub candidates: Vec<AccountSettings>,
    /// Where the provider hands out its authorization code or client password.
    pub help_url: Option<String>,
}

/// A secret on its way from a client to the agent; the local endpoint is this user's alone.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Credential {
    Password {
        #[serde(serialize_with = "reveal")]
        #[ts(type = "string")]
        secret: SecretString,
    },
    /// The handle that `accounts.oauth` answered with; the tokens themselves never leave the agent.
    Oauth { grant: String },
}

fn reveal<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// An account as clients see it: without its secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Account {
    pub id: AccountId,
    pub address: String,
    /// What the person calls it.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// Place in the list, from 0.
    pub position: i64,
    pub settings: AccountSettings,
    pub state: AccountState,
    /// How loudly its mail is told of at most: no folder tells more than its account.
    pub telling: Telling,
    /// Unread mails in followed folders.
    pub unread: u32,
}

/// How an account stands with its server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AccountState {
    Connecting,
    /// Signed in; `watch` tells how new mail is noticed.
    Connected {
        watch: WatchMode,
    },
    /// No line; tried again at `retry_at` (unix seconds) or as soon as the network changes.
    Offline {
        cause: Cause,
        retry_at: i64,
    },
    /// Nothing is tried until the person has acted.
    SignInNeeded {
        cause: Cause,
    },
    Paused,
}

/// How new mail is noticed, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum WatchMode {
    /// One connection tells of all folders (RFC 5465).
    Notify,
    /// The server speaks up for the inbox and followed folders (RFC 2177), the rest is asked.
    Idle,
    /// The server is asked every few seconds.
    Poll,
}

/// Why an account cannot be used; `error.cause.<code>` in the catalogue has words and the way out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Cause {
    pub code: CauseCode,
    /// At which step of the account test it happened.
    pub step: CheckStep,
    pub host: String,
    pub port: u16,
    /// The server's or the system's own words, at most 500 characters.
    pub detail: String,
}

/// What can fail between an address and its inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CauseCode {
    Dns,
    Tcp,
    Timeout,
    Proxy,
    ProxyAuth,
    Tls,
    CertificateExpired,
    CertificateUnknown,
    CertificateName,
    CertificateOther,
    PlaintextForbidden,
    Password,
    AuthorizationCode,
    OauthExpired,
    ImapDisabled,
    UnsafeLogin,
    TooManyConnections,
    SmtpRefused,
    /// The keychain does not answer or is locked.
    Keychain,
    /// The keychain holds nothing for this account.
    SecretMissing,
    ServerSaid,
    Disconnected,
}

/// The steps of the account test, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CheckStep {
    ImapConnect,
    ImapSignIn,
    ImapInbox,
    SmtpConnect,
    SmtpSignIn,
    Done,
}

/// Outcome of `accounts.test`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CheckReport {
    /// Nothing when everything went well.
    pub failure: Option<Cause>,
    /// Mails in the inbox, where the test came so far.
    pub inbox_messages: Option<u32>,
    /// The settings that worked (the best of several candidates).
    pub settings: AccountSettings,
}

/// Parameters of `accounts.recognise`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecogniseParams {
    pub address: String,
}

/// Parameters of `accounts.test`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TestParams {
    pub settings: AccountSettings,
    pub credential: Credential,
}

/// Parameters of `accounts.add`. The account is tested first; see [`crate::ErrorCode::AccountTest`].
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AddParams {
    pub address: String,
    /// Made from the address when empty.
    pub name: String,
    /// Chosen from the palette when absent.
    pub color: Option<String>,
    pub settings: AccountSettings,
    pub credential: Credential,
    /// Adds although the server cannot be reached now (never after a refused password).
    pub even_offline: bool,
}

/// Parameters of `accounts.update`; what is absent stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct UpdateParams {
    pub account: AccountId,
    pub name: Option<String>,
    pub color: Option<String>,
    pub settings: Option<AccountSettings>,
    pub credential: Option<Credential>,
    pub telling: Option<Telling>,
}

/// Parameters that name one account.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AccountParams {
    pub account: AccountId,
}

/// Parameters of `accounts.order`: every account, in the new order.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OrderParams {
    pub accounts: Vec<AccountId>,
}

/// Parameters of `accounts.oauth`: opens the system browser and waits for the person (at most 10 minutes).
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OauthParams {
    pub address: String,
    pub provider: String,
}

/// Answer to `accounts.oauth`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OauthGrant {
    /// To be given to `accounts.test` and `accounts.add` within an hour.
    pub grant: String,
}

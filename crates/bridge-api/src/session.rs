//! A session: what a device has after the sign-in.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::AddressRequest;
use crate::secret::exposed;

/// How long an access token holds, in seconds.
pub const ACCESS_LIFE: u32 = 900;

/// A session as the app gets it, from a sign-in or a refresh.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Session {
    #[schema(value_type = String)]
    #[serde(serialize_with = "exposed")]
    pub access_token: SecretString,
    /// Seconds.
    pub expires_in: u32,
    /// Rotates with every refresh. The one before works until this one was used.
    #[schema(value_type = String)]
    #[serde(serialize_with = "exposed")]
    pub refresh_token: SecretString,
    pub member: Member,
    /// Ed25519, by which the bridge signs policy and directory: base64url without padding.
    pub signing_key: String,
}

/// `POST /api/session/refresh`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Refresh {
    #[schema(value_type = String)]
    #[serde(serialize_with = "exposed")]
    pub refresh_token: SecretString,
}

/// Who signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// WeCom's userid.
    pub id: String,
    pub name: String,
    /// The company's name, as it is shown.
    pub company: String,
    pub mail: MailAddress,
}

/// What is known of a member's mail address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailAddress {
    /// Lower case. With `proof`, theirs; without, nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// The company's mail domains: an address elsewhere is not the company's.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Which ways to a proof are open to a member without one.
    #[serde(default)]
    pub ways: Vec<Proof>,
    /// What the member without one asked of the admin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<AddressRequest>,
    /// Where the mail is fetched and handed in, if the company says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub servers: Option<MailServers>,
    /// Whether the bridge opens the webmail without a password.
    #[serde(default)]
    pub webmail: bool,
    /// Whether the bridge opens the mailbox for mail programs (`POST /api/clients`).
    #[serde(default)]
    pub clients: bool,
}

/// How an address came to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// WeCom told it (`biz_mail`, `email`).
    Wecom,
    /// WeCom named this member when asked for the address (`get_userid_by_email`).
    Reverse,
    /// A job number or account key that WeCom and the mail platform share, exactly and once.
    Key,
    /// A code mailed to it came back.
    Code,
    /// An admin said so.
    Admin,
}

/// Where mail is fetched and handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailServers {
    pub imap: Server,
    pub smtp: Server,
}

/// One server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Server {
    pub host: String,
    pub port: u16,
    /// TLS from the first byte; else STARTTLS. Never none.
    pub tls: bool,
}

/// A line of `GET /api/sessions`: one of the member's devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionLine {
    pub id: String,
    pub device: crate::Device,
    /// Unix seconds.
    pub created: i64,
    /// Unix seconds of its last refresh.
    pub seen: i64,
    /// Whether it is the one that asks.
    pub own: bool,
}

/// The answer to `POST /api/webmail?lang=LANG` (`zh` or `en`): opens the webmail, once and not for long, for whoever
/// has it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Webmail {
    #[schema(value_type = String)]
    #[serde(serialize_with = "exposed")]
    pub url: SecretString,
}

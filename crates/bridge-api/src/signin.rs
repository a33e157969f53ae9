//! A sign-in: the app starts it, a browser carries it through WeCom, the app redeems it.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Session;
use crate::secret::exposed;

/// How long a sign-in may take from start to confirmation, in seconds (WeCom's codes live as long).
pub const SIGNIN_LIFE: u32 = 300;
/// How long the code of a confirmed sign-in may be redeemed, in seconds.
pub const CODE_LIFE: u32 = 60;
/// How long a poll is held open while nothing happens, in seconds.
pub const POLL: u32 = 15;

/// `POST /api/signin`: a device wants to sign in. Carries a proof by the device's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StartSignin {
    pub device: Device,
    /// SHA-256 of the verifier, base64url without padding (RFC 7636 4.2, S256).
    pub challenge: String,
    /// The language of the pages: `zh` or `en`.
    #[serde(default)]
    pub lang: String,
}

/// What a device says of itself. Shown to people who confirm, and listed to admins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Device {
    /// Its name on the network, as people know it: `DESKTOP-4F2K`.
    pub name: String,
    /// `windows`, `macos` or `linux`, with its version.
    pub system: String,
    /// Of the app.
    pub version: String,
}

/// A sign-in was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SigninStarted {
    /// Names the sign-in towards the bridge. Worthless without the device's key.
    pub id: String,
    /// What the browser opens.
    pub url: String,
    /// Seconds.
    pub expires_in: u32,
}

/// How far a sign-in is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SigninState {
    /// Nobody came from WeCom yet.
    Waiting,
    /// Somebody did, and is asked whether this device is meant.
    Scanned,
    /// Confirmed: the browser has the code.
    Confirmed,
    /// The person said no, or may not sign in.
    Refused,
    /// Too late, or used.
    Over,
}

/// `GET /api/signin/{id}?seen=STATE`: answered when the state is another than `seen`, or after [`POLL`] seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SigninProgress {
    pub state: SigninState,
}

/// `POST /api/signin/{id}/redeem`: the app turns what the browser brought into a session.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Redeem {
    /// Of the deep link, or the six digits that the page showed.
    #[schema(value_type = String)]
    #[serde(serialize_with = "exposed")]
    pub code: SecretString,
    /// The secret behind the challenge (RFC 7636 4.1).
    #[schema(value_type = String)]
    #[serde(serialize_with = "exposed")]
    pub verifier: SecretString,
}

/// The answer to [`Redeem`].
pub type Redeemed = Session;

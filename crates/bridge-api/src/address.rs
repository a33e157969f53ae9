//! What a member does about a mail address that nothing proves yet. All of it is for members without a proven one.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::secret::exposed;

/// How long a mailed code holds, in seconds.
pub const MAILED_CODE_LIFE: u32 = 600;

/// `POST /api/address/lookup`, `POST /api/address/code`, `POST /api/address/request`: a member says that this address is
/// theirs. The first asks WeCom, the second mails a code to it, the third asks the admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClaimAddress {
    /// In one of the company's domains.
    pub address: String,
}

/// The answer to `POST /api/address/code`: the same whether there is such a mailbox or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CodeMailed {
    /// Seconds.
    pub expires_in: u32,
}

/// `POST /api/address/code/redeem`: the code that was mailed comes back.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MailedCode {
    /// Six digits, with whatever blanks they were typed.
    #[schema(value_type = String)]
    #[serde(serialize_with = "exposed")]
    pub code: SecretString,
}

/// What a member asked of the admin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AddressRequest {
    /// Lower case.
    pub address: String,
    /// The admin said no. Else their answer is waited for.
    #[serde(default)]
    pub refused: bool,
}

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why the bridge refused. The words are put on it by who shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The request was not understood: `detail` names the field.
    Malformed,
    /// No proof of possession, or one over an old nonce: try again with the nonce in the header `DPoP-Nonce`.
    UseNonce,
    /// The proof does not hold: wrong key, method, address or token, or one that was used.
    Proof,
    /// No such sign-in, or it is over.
    SigninGone,
    /// Not the code of this sign-in, or not its digits; not the code that was mailed.
    Code,
    /// The session ended: signed out, revoked, or a token was used twice.
    SessionGone,
    /// The access token is over: refresh.
    TokenExpired,
    /// The member may not sign in (left, disabled, out of the application's scope).
    Member,
    /// The member has no proven mail address; the request needs one.
    NoAddress,
    /// The address is in none of the company's domains, or is none.
    Domain,
    /// The address is proven for another member.
    Taken,
    /// WeCom names nobody, or another member, for the address.
    NotConfirmed,
    /// This way to a proof is not open: not set up, closed for the day, or the member has a proof already.
    WayClosed,
    /// The member, or the address, had as many tries as there are: wait for `retry_after` seconds.
    TooMany,
    /// No mailed code is waited for: it is over, used, or was guessed at too often.
    CodeGone,
    /// The mail with the code could not be handed in.
    Mailer,
    /// There is no webmail that the bridge could open, or no such mailbox.
    NoWebmail,
    /// The bridge does not do this, or not for this member's mailbox.
    NotOffered,
    /// The mail platform does not answer, or not as it should.
    MailPlatform,
    /// Too many requests: wait for `retry_after` seconds.
    Busy,
    /// WeCom does not answer, or not as it should.
    Wecom,
    /// The bridge itself is in trouble; its log knows more.
    Internal,
}

/// The body of every answer with a status of 400 and above.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BridgeError {
    pub error: Refusal,
    /// For logs and admins, in English.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Under which the bridge's log tells the same story.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request: String,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

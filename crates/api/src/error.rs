//! Errors that cross the border: a code and its arguments, put into words at the edge.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The result of a request.
pub type Result<T> = std::result::Result<T, ApiError>;

/// What went wrong; `error.<code>` in the catalogue says it, with what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request does not fit the table (a client of another version).
    BadRequest,
    /// `protocol` numbers differ.
    ProtocolMismatch,
    NotFound,
    /// The address is none.
    BadAddress,
    AccountExists,
    /// The account test failed; `cause` tells at what.
    AccountTest,
    /// No OAuth2 client id is known for this provider.
    OauthClientMissing,
    OauthDenied,
    OauthTimeout,
    OauthFailed,
    /// The address is none of a bridge.
    BadBridge,
    /// The bridge was not reached.
    BridgeAway,
    /// What answers at this address is no bridge.
    NotABridge,
    /// The code or the digits are not of this sign-in.
    WrongCode,
    /// The sign-in is over.
    SignInOver,
    /// The address is in none of the company's mail domains.
    AddressNotOurs,
    /// The address is proven for another member of the company.
    AddressTaken,
    /// WeCom does not name this member for the address.
    AddressNotConfirmed,
    /// This way to prove an address is not open (any more).
    WayClosed,
    /// As many tries as there are were made.
    TooManyTries,
    /// Not the code that was mailed.
    WrongMailedCode,
    /// The mailed code is over, used, or was guessed at too often.
    MailedCodeOver,
    /// The company's server could not hand in the mail with the code.
    MailerAway,
    /// The bridge opens no webmail for this member: none is configured, there is no such mailbox, or their address is
    /// not proven.
    NoWebmail,
    /// The mail platform did not answer the bridge.
    MailPlatformAway,
    /// The company ended the session, or there is none.
    NotSignedIn,
    /// The company fixes this: `company` names it.
    Managed,
    /// WeCom does not answer the bridge.
    WecomAway,
    KeychainLocked,
    KeychainAbsent,
    /// The store was made by a newer Qiyou, or by something else.
    StoreForeign,
    StoreDamaged,
    StoreReadOnly,
    StoreNetworkFilesystem,
    DiskFull,
    Offline,
    /// The server refused; its words are in `detail`.
    ServerRefused,
    /// The account has no such folder (archive, trash) and none could be made.
    NoSuchRole,
    FolderExists,
    BadFolderName,
    /// Deleting for ever was not confirmed.
    ConfirmationNeeded,
    NothingToUndo,
    TooLarge,
    FileExists,
    FileNotWritable,
    FileNotReadable,
    /// The file holds no mail.
    NotAMail,
    /// The file holds no address book.
    NotContacts,
    /// A group of this name is there.
    GroupExists,
    /// A contact without name, address and number.
    EmptyContact,
    /// The mail does not say whom it is from.
    NoSender,
    /// No account sends for the mail's From.
    SenderUnknown,
    /// The mail goes to nobody.
    NoRecipient,
    BadRecipient,
    TooManyRecipients,
    /// The mail of the outbox is not where that can still be decided.
    TooLate,
    /// A file of a draft is still being copied or fetched.
    FilesComing,
    /// A file of a draft could not be had: `name`.
    FileFailed,
    LinkRefused,
    /// The attachment is a program, or can start one: it is not opened from here.
    AttachmentDangerous,
    /// The system has no program for this kind of file.
    NoProgram,
    /// The desktop has no place for the choice of a mail program.
    MailProgramNotKept,
    Internal,
}

/// An error as clients get it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{code:?} {args:?}")]
pub struct ApiError {
    pub code: ErrorCode,
    /// What fills the placeholders of the words.
    pub args: BTreeMap<String, String>,
    /// For [`ErrorCode::AccountTest`].
    pub cause: Option<crate::Cause>,
}

impl ApiError {
    /// An error without arguments.
    pub fn new(code: ErrorCode) -> Self {
        Self {
            code,
            args: BTreeMap::new(),
            cause: None,
        }
    }

    /// The same with one more argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }

    /// A failed account test.
    pub fn account_test(cause: crate::Cause) -> Self {
        Self {
            code: ErrorCode::AccountTest,
            args: BTreeMap::new(),
            cause: Some(cause),
        }
    }
}

//! What the agent tells its clients without being asked.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Account, AccountId, CheckStep, Folder, FolderId, MailId, MailRow, Settings, UndoId};

/// One event. A client that falls behind gets [`Event::Overflow`] and asks anew for what it shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// An account was added or changed (name, state, number of unread mails).
    AccountChanged {
        account: Account,
    },
    AccountRemoved {
        account: AccountId,
    },
    /// Folders of an account came, went, or changed their numbers.
    FoldersChanged {
        account: AccountId,
        folders: Vec<Folder>,
        removed: Vec<FolderId>,
    },
    /// New mail, already in the store. `rows` has at most 50; the lists of these folders grew by `count`.
    MailArrived {
        account: AccountId,
        folder: FolderId,
        rows: Vec<MailRow>,
        count: u32,
    },
    /// Rows that are shown differently now (flags, preview).
    MailChanged {
        rows: Vec<MailRow>,
    },
    /// Mails that left a folder, by an action here or elsewhere.
    MailRemoved {
        folder: FolderId,
        mails: Vec<MailId>,
    },
    /// A folder changed so much that its list should be asked for again (first sync, new UIDs).
    ListChanged {
        folder: FolderId,
    },
    /// The text of a mail can be had now by `mail.body`.
    BodyArrived {
        mail: MailId,
    },
    /// First sync: rows known and to come.
    SyncProgress {
        account: AccountId,
        folder: FolderId,
        done: u32,
        total: u32,
    },
    /// A step of a running `accounts.test` or `accounts.add`.
    CheckProgress {
        step: CheckStep,
    },
    /// An operation was refused by the server for good and was taken back here.
    OperationFailed {
        mails: Vec<MailId>,
        error: crate::ApiError,
    },
    /// Something can be undone now (from any client), or no longer.
    UndoChanged {
        undo: Option<UndoId>,
    },
    /// A mail of the outbox is shown differently now; nothing: it is gone.
    OutboxChanged {
        id: crate::OutboxId,
        entry: Option<crate::OutboxEntry>,
    },
    /// So many of a mail's bytes were given to the server; told of large mails alone, now and then.
    OutboxProgress {
        id: crate::OutboxId,
        #[ts(type = "number")]
        sent: u64,
    },
    /// A draft was begun, changed, or (nothing) sent or thrown away.
    DraftChanged {
        id: crate::DraftId,
        draft: Option<crate::DraftRow>,
    },
    /// Reports were read: these mails (reports, and those that they speak of) are told of differently now.
    Reported {
        mails: Vec<MailId>,
    },
    /// Templates came, went, or changed.
    TemplatesChanged,
    /// Contacts or groups came, went, or changed.
    ContactsChanged,
    /// How far a sign-in by WeCom is.
    CompanySignIn {
        progress: crate::CompanySignIn,
    },
    /// One signed in to a company, out of it, or how one stands with it changed.
    CompanyChanged {
        company: Option<crate::Company>,
    },
    SettingsChanged {
        settings: Settings,
    },
    /// Why the store cannot be used just now, or that it can again; see [`crate::Status::trouble`].
    TroubleChanged {
        trouble: Option<crate::ApiError>,
    },
    /// What is told in the agent's own session is to be told in a further session of the user too; clients of the role
    /// `session` alone hear it.
    Told {
        tell: crate::Tell,
    },
    /// A bubble was shown; for `watch` and the measurements.
    BubbleShown {
        mail: MailId,
    },
    /// The window should come up, on this mail if one is named.
    Open {
        mail: Option<MailId>,
    },
    /// Events were lost on the way to this client.
    Overflow,
    /// The agent is about to end.
    Goodbye,
}

//! The one table of requests: name, parameters, answer.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use ts_rs::{Config, TS};

#[allow(clippy::wildcard_imports, reason = "the table names nearly every type of the crate")]
use crate::*;

/// A request together with the type of its answer.
pub trait Call: Serialize + DeserializeOwned + Send + 'static {
    const METHOD: &'static str;
    type Params: Serialize + DeserializeOwned + Send;
    type Answer: Serialize + DeserializeOwned + Send;
}

macro_rules! table {
    ($($(#[doc = $doc:literal])+ $method:literal $name:ident($params:ty) -> $answer:ty;)+) => {
        /// Markers of the requests, one type each; see [`Call`].
        pub mod call {
            use super::*;
            $(
                $(#[doc = $doc])+
                #[derive(Debug, Serialize, serde::Deserialize)]
                pub struct $name;
                impl Call for $name {
                    const METHOD: &'static str = $method;
                    type Params = $params;
                    type Answer = $answer;
                }
            )+
        }

        /// A decoded request.
        #[derive(Debug)]
        pub enum Request {
            $($(#[doc = $doc])+ $name($params),)+
        }

        impl Request {
            /// Decodes a request line's parts. Unknown methods and ill-fitting parameters are
            /// [`ErrorCode::BadRequest`].
            pub fn decode(method: &str, params: &RawValue) -> Result<Self> {
                let bad = |e: serde_json::Error| ApiError::new(ErrorCode::BadRequest).with("detail", e.to_string());
                match method {
                    $($method => serde_json::from_str(params.get()).map(Request::$name).map_err(bad),)+
                    _ => Err(ApiError::new(ErrorCode::BadRequest).with("detail", format!("no method {method}"))),
                }
            }
        }

        /// Every method, with the names of its parameter and answer types.
        pub const METHODS: &[(&str, &str, &str)] = &[$(($method, stringify!($params), stringify!($answer)),)+];

        pub(crate) fn declare(cfg: &Config, sink: &mut dyn FnMut(&str, String, String)) {
            $(sink($method, <$params as TS>::name(cfg), <$answer as TS>::name(cfg));)+
        }

        pub(crate) fn visit(visitor: &mut impl ts_rs::TypeVisitor) {
            $(visitor.visit::<$params>(); visitor.visit::<$answer>();)+
        }
    };
}

table! {
    /// How the agent stands.
    "status" Status(Nothing) -> crate::Status;
    /// From now on events come over this connection.
    "subscribe" Subscribe(Nothing) -> Nothing;
    /// The agent ends; used by a newer program to take over, and by "quit".
    "quit" Quit(Nothing) -> Nothing;
    /// Looks at the servers now.
    "sync" Sync(SyncParams) -> Nothing;
    /// No bubbles until then.
    "pause" Pause(PauseParams) -> Nothing;
    /// Brings the window up.
    "open" Open(OpenParams) -> Nothing;
    /// A click on a bubble that comes as an address.
    "link" Link(LinkParams) -> Nothing;
    /// What the tray of a further session shows.
    "desk" Desk(Nothing) -> crate::DeskView;
    /// Examines the installation.
    "doctor" Doctor(Nothing) -> crate::Doctor;

    /// All accounts in their order.
    "accounts.list" AccountsList(Nothing) -> Vec<Account>;
    /// Finds the provider and the servers of an address.
    "accounts.recognise" AccountsRecognise(RecogniseParams) -> Recognised;
    /// Really signs in, selects the inbox, signs in to SMTP.
    "accounts.test" AccountsTest(TestParams) -> CheckReport;
    /// Tests and adds.
    "accounts.add" AccountsAdd(AddParams) -> Account;
    /// Changes name, colour, servers or secret.
    "accounts.update" AccountsUpdate(UpdateParams) -> Account;
    /// Removes an account with its data and its secret; nothing is deleted on the server.
    "accounts.remove" AccountsRemove(AccountParams) -> Nothing;
    /// Tests an account with the secret that is kept for it.
    "accounts.check" AccountsCheck(AccountParams) -> CheckReport;
    /// Puts the accounts into a new order.
    "accounts.order" AccountsOrder(OrderParams) -> Nothing;
    /// Signs in by the provider's page in the system browser.
    "accounts.oauth" AccountsOauth(OauthParams) -> OauthGrant;

    /// The company that one signed in to, and where its bridge is.
    "company.get" CompanyGet(Nothing) -> CompanyView;
    /// Opens the browser to sign in by WeCom; how it goes comes as `company_sign_in`.
    "company.sign_in" CompanySignIn(CompanySignInParams) -> CompanySignInStarted;
    /// Ends a sign-in by the digits that the browser shows.
    "company.redeem" CompanyRedeem(CompanyRedeemParams) -> crate::Company;
    /// Gives a sign-in up.
    "company.cancel" CompanyCancel(Nothing) -> Nothing;
    /// Signs this device out of the company; accounts stay.
    "company.sign_out" CompanySignOut(Nothing) -> Nothing;
    /// Looks at once at what the company says; what is news comes as `company_changed`.
    "company.look" CompanyLook(Nothing) -> Nothing;
    /// Proves an address by asking WeCom whose it is.
    "company.look_address_up" CompanyLookAddressUp(CompanyAddressParams) -> crate::Company;
    /// Has a code mailed to an address.
    "company.mail_code" CompanyMailCode(CompanyAddressParams) -> CompanyCodeMailed;
    /// Proves an address by the code that was mailed to it.
    "company.redeem_code" CompanyRedeemCode(CompanyRedeemParams) -> crate::Company;
    /// Asks the company's admin to confirm an address.
    "company.ask_admin" CompanyAskAdmin(CompanyAddressParams) -> crate::Company;
    /// Asks the admin no more, or has read their no.
    "company.ask_admin_no_more" CompanyAskAdminNoMore(Nothing) -> crate::Company;
    /// The member's devices.
    "company.devices" CompanyDevices(Nothing) -> Vec<CompanyDevice>;
    /// Signs another device out.
    "company.revoke" CompanyRevoke(CompanyRevokeParams) -> Nothing;
    /// Opens the webmail in the system's browser, signed in.
    "company.webmail" CompanyWebmail(Nothing) -> Nothing;
    /// What the member wants WeCom to tell of.
    "company.reminders" CompanyReminders(Nothing) -> crate::CompanyReminders;
    /// The member wants this from now on; `mailbox` and `workbench` are the bridge's to say.
    "company.set_reminders" CompanySetReminders(crate::CompanyReminders) -> crate::CompanyReminders;

    /// Folders, parents before children.
    "folders.list" FoldersList(FoldersParams) -> Vec<Folder>;
    /// Makes a folder.
    "folders.create" FoldersCreate(FolderCreateParams) -> Folder;
    /// Gives a folder a new name or place.
    "folders.rename" FoldersRename(FolderRenameParams) -> Folder;
    /// Deletes a folder with its mails.
    "folders.delete" FoldersDelete(FolderParams) -> Nothing;
    /// Subscribes, follows, chooses how its mail is told of.
    "folders.update" FoldersUpdate(FolderUpdateParams) -> Folder;

    /// A window of a list, newest first.
    "mail.list" MailList(ListParams) -> Page;
    /// Where in a list a mail stands.
    "mail.locate" MailLocate(LocateParams) -> Located;
    /// The opened mail without its body.
    "mail.get" MailGet(MailParams) -> Mail;
    /// The text, made safe; fetched if need be.
    "mail.body" MailBody(BodyParams) -> Body;
    /// The mail as the server has it.
    "mail.source" MailSource(MailParams) -> Source;
    /// Writes an attachment to a file.
    "mail.save_attachment" MailSaveAttachment(SaveAttachmentParams) -> Nothing;
    /// A picture from the network that a text shows; fetched by the agent, so that no web view asks anybody.
    "mail.picture" MailPicture(PictureParams) -> Picture;
    /// Writes all attachments into a folder.
    "mail.save_attachments" MailSaveAttachments(SaveAttachmentsParams) -> SavedAttachments;
    /// Shows an attachment with the system's program for it.
    "mail.open_attachment" MailOpenAttachment(OpenAttachmentParams) -> Nothing;
    /// Does something with mails; at once here, later on the server.
    "mail.act" MailAct(ActParams) -> Done;
    /// Sends the read receipt that a mail asks for, or decides that none goes.
    "mail.receipt" MailReceipt(ReceiptParams) -> Nothing;
    /// Answers a mail in a few words; it can be taken back as any mail.
    "mail.reply" MailReply(QuickReplyParams) -> OutboxEntry;
    /// Sends a mail that went once more; it can be taken back as any mail.
    "mail.resend" MailResend(ResendParams) -> OutboxEntry;
    /// Marks all mails of a folder read.
    "mail.mark_all_read" MailMarkAllRead(FolderParams) -> Done;
    /// Takes an action back.
    "undo" Undo(UndoParams) -> Done;

    /// Begins a mail: a new one, an answer, one that is passed on.
    "draft.create" DraftCreate(DraftCreateParams) -> Draft;
    /// Goes on with a mail that stands in a folder of drafts.
    "draft.continue" DraftContinue(MailParams) -> Draft;
    /// One draft.
    "draft.get" DraftGet(DraftParams) -> Draft;
    /// Mails that are being written, the last changed first.
    "draft.list" DraftList(Nothing) -> Vec<DraftRow>;
    /// Keeps what was written; when this is answered, no crash loses it.
    "draft.save" DraftSave(DraftSaveParams) -> Draft;
    /// The quoted original, made safe to be shown.
    "draft.quote" DraftQuote(DraftQuoteParams) -> Body;
    /// The quoted original as a text that can be changed.
    "draft.open_quote" DraftOpenQuote(DraftParams) -> String;
    /// Takes a private copy of a file, or of a folder as a zip.
    "draft.attach" DraftAttach(DraftAttachParams) -> DraftFile;
    /// Attaches mails whole; what is not here is fetched, and `draft_changed` tells when it came.
    "draft.attach_mails" DraftAttachMails(DraftAttachMailsParams) -> Draft;
    /// Attaches what was pasted.
    "draft.paste" DraftPaste(DraftPasteParams) -> DraftFile;
    /// A file's bytes, for a picture that the text shows.
    "draft.file" DraftFileGet(DraftFileParams) -> Picture;
    /// Takes a file off.
    "draft.detach" DraftDetach(DraftFileParams) -> Draft;
    /// Decides between a draft and the version of it that another program wrote; answers the one that is gone on with.
    "draft.settle" DraftSettle(DraftSettleParams) -> Draft;
    /// Puts a draft into the outbox.
    "draft.send" DraftSend(DraftSendParams) -> OutboxEntry;
    /// Throws a draft away; for a week it can be had back.
    "draft.discard" DraftDiscard(DraftParams) -> Nothing;
    /// Has a discarded draft back.
    "draft.restore" DraftRestore(DraftParams) -> Draft;

    /// Texts that mails are begun with.
    "templates.list" TemplatesList(Nothing) -> Vec<Template>;
    /// Keeps one.
    "templates.save" TemplatesSave(TemplateSaveParams) -> Template;
    /// Removes one.
    "templates.remove" TemplatesRemove(TemplateParams) -> Nothing;

    /// People whose name or address begins so, the likeliest first.
    "people.complete" PeopleComplete(CompleteParams) -> Vec<Person>;
    /// A colleague's card; nothing where the enterprise does not know them.
    "directory.person" DirectoryPerson(DirectoryPersonParams) -> Option<ColleagueCard>;
    /// Who is in a department of the enterprise, and below it.
    "directory.department" DirectoryDepartment(DirectoryDepartmentParams) -> DepartmentPeople;

    /// The address book, or what of it is asked for.
    "contacts.list" ContactsList(ContactsListParams) -> ContactBook;
    /// The contact with this address.
    "contacts.find" ContactsFind(ContactFindParams) -> Option<Contact>;
    /// Keeps a contact.
    "contacts.save" ContactsSave(ContactSaveParams) -> Contact;
    /// Removes contacts; for a week `contacts.revert` has them back.
    "contacts.remove" ContactsRemove(ContactsParams) -> BookChange;
    /// Contacts that seem to mean one person, set by set.
    "contacts.doubles" ContactsDoubles(Nothing) -> Vec<Vec<Contact>>;
    /// Makes one contact of several; the first says what they differ in.
    "contacts.merge" ContactsMerge(ContactsParams) -> BookChange;
    /// Takes a change back.
    "contacts.revert" ContactsRevert(BookChange) -> Nothing;
    /// Reads a file of vCards (2.1 to 4.0) or of comma separated values; who is here already is completed.
    "contacts.import" ContactsImport(ContactsImportParams) -> ContactsImported;
    /// Writes contacts into a file; says how many.
    "contacts.export" ContactsExport(ContactsExportParams) -> u32;
    /// Makes a group, or gives one a new name.
    "groups.save" GroupsSave(GroupSaveParams) -> ContactGroup;
    /// Removes a group; its contacts stay.
    "groups.remove" GroupsRemove(GroupParams) -> Nothing;

    /// Puts the mail of a file into the outbox.
    "outbox.send" OutboxSend(SendParams) -> OutboxEntry;
    /// The mails on their way out, and the last that went.
    "outbox.list" OutboxList(Nothing) -> Vec<OutboxEntry>;
    /// Withdraws, sends now, or says that it went.
    "outbox.act" OutboxAct(OutboxActParams) -> Option<OutboxEntry>;

    /// What lies on the disk.
    "storage" Storage(Nothing) -> crate::Storage;
    /// Deletes the texts and attachments on the disk; they are fetched again when they are asked for.
    "storage.clear" StorageClear(Nothing) -> crate::Storage;
    /// All settings.
    "settings.get" SettingsGet(Nothing) -> Settings;
    /// Replaces all settings.
    "settings.set" SettingsSet(Settings) -> Settings;
    /// Makes Qiyou the program for `mailto:` addresses, or opens the system's page where that is chosen.
    "mail_program.choose" MailProgramChoose(Nothing) -> MailProgramChosen;
    /// Shows a bubble as new mail would.
    "bubbles.test" BubblesTest(Nothing) -> Nothing;
}

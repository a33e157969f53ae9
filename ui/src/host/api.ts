// Made by `cargo xtask api` from crates/api. A test holds it against the Rust source.

export type Account = { id: number, address: string, 
/**
 * What the person calls it.
 */
name: string, 
/**
 * `#rrggbb`.
 */
color: string, 
/**
 * Place in the list, from 0.
 */
position: number, settings: AccountSettings, state: AccountState, 
/**
 * How loudly its mail is told of at most: no folder tells more than its account.
 */
telling: Telling, 
/**
 * Unread mails in followed folders.
 */
unread: number, };

export type AccountParams = { account: number, };

export type AccountSettings = { 
/**
 * Key of the provider's row in the table of presets, such as `netease_qiye_hz`; `custom` when typed by hand.
 */
provider: string, imap: ServerSettings, smtp: ServerSettings, credential: CredentialKind, };

export type AccountState = { "state": "connecting" } | { "state": "connected", watch: WatchMode, } | { "state": "offline", cause: Cause, retry_at: number, } | { "state": "sign_in_needed", cause: Cause, } | { "state": "paused" };

export type AccountStorage = { account: number, 
/**
 * Rows of its folders.
 */
mails: number, 
/**
 * Bytes of its texts and attachments.
 */
bodies: number, };

export type ActParams = { mails: Array<number>, action: Action, };

export type Action = { "kind": "mark_read" } | { "kind": "mark_unread" } | { "kind": "star" } | { "kind": "unstar" } | { "kind": "archive" } | { "kind": "delete", confirmed: boolean, } | { "kind": "junk" } | { "kind": "not_junk" } | { "kind": "move", folder: number, };

export type AddParams = { address: string, 
/**
 * Made from the address when empty.
 */
name: string, 
/**
 * Chosen from the palette when absent.
 */
color: string | null, settings: AccountSettings, credential: Credential, 
/**
 * Adds although the server cannot be reached now (never after a refused password).
 */
even_offline: boolean, };

export type Address = { 
/**
 * Empty when none was given.
 */
name: string, address: string, };

export type AddressRequest = { address: string, 
/**
 * The admin said no; else their answer is waited for.
 */
refused: boolean, };

export type AddressWay = "lookup" | "code" | "admin";

export type ApiError = { code: ErrorCode, 
/**
 * What fills the placeholders of the words.
 */
args: { [key in string]: string }, 
/**
 * For [`ErrorCode::AccountTest`].
 */
cause: Cause | null, };

export type Attachment = { 
/**
 * Place among the attachments of the mail, from 0.
 */
index: number, name: string, mime_type: string, 
/**
 * Bytes once decoded, as far as known.
 */
size: number, 
/**
 * Shown inside the text by its content id.
 */
inline: boolean, 
/**
 * A program, or something that can start one: it can be saved, not opened.
 */
program: boolean, };

export type Author = { 
/**
 * The name that stands beside the address.
 */
name: string, 
/**
 * HTML under each new mail.
 */
signature: string, 
/**
 * HTML under answers and what is passed on.
 */
reply_signature: string, 
/**
 * Other addresses that the server lets this account write from.
 */
aliases: Array<string>, };

export type Body = { "state": "ready", 
/**
 * Made safe; only to be shown in a frame without scripts and with a CSP that forbids all requests. Links are
 * `link:<n>` of `links`, pictures from the network `picture:<n>`, to be had by `mail.picture`.
 */
html: string, 
/**
 * True when the mail had no HTML and `html` was made from its plain text.
 */
plain: boolean, 
/**
 * True when the text is longer than `html`.
 */
cut: boolean, 
/**
 * Pictures from the network that the text has; they are left out unless they may be asked for.
 */
remote_pictures: number, 
/**
 * Pictures of the mail itself that `html` shows (RFC 2392); the others are attachments to whoever reads.
 */
carried: number, 
/**
 * Where link number n of `html` leads.
 */
links: Array<string>, 
/**
 * BCP 47 guess, for the choice of glyphs.
 */
language: string | null, 
/**
 * What a careful person would look at before trusting it.
 */
warnings: Array<Warning>, } | { "state": "fetching" } | { "state": "failed", error: ApiError, };

export type BodyParams = { mail: number, 
/**
 * Whether pictures from the network may be asked for.
 */
remote: boolean, 
/**
 * Whether a long text is wanted to its end (up to 20 MiB), and not its beginning alone, which is quick to draw.
 */
whole: boolean, };

export type BookChange = { added: Array<number>, removed: Array<number>, 
/**
 * Contacts that were changed, as they were.
 */
before: Array<Contact>, };

export type BookFormat = "vcard4" | "vcard3" | "vcard21" | "csv_outlook" | "csv_foxmail";

export type Cause = { code: CauseCode, 
/**
 * At which step of the account test it happened.
 */
step: CheckStep, host: string, port: number, 
/**
 * The server's or the system's own words, at most 500 characters.
 */
detail: string, };

export type CauseCode = "dns" | "tcp" | "timeout" | "proxy" | "proxy_auth" | "tls" | "certificate_expired" | "certificate_unknown" | "certificate_name" | "certificate_other" | "plaintext_forbidden" | "password" | "authorization_code" | "oauth_expired" | "imap_disabled" | "unsafe_login" | "too_many_connections" | "smtp_refused" | "keychain" | "secret_missing" | "server_said" | "disconnected";

export type CheckReport = { 
/**
 * Nothing when everything went well.
 */
failure: Cause | null, 
/**
 * Mails in the inbox, where the test came so far.
 */
inbox_messages: number | null, 
/**
 * The settings that worked (the best of several candidates).
 */
settings: AccountSettings, };

export type CheckStep = "imap_connect" | "imap_sign_in" | "imap_inbox" | "smtp_connect" | "smtp_sign_in" | "done";

export type Colleague = { 
/**
 * WeCom's userid.
 */
userid: string, 
/**
 * Names from the root down to the main department.
 */
path: Array<string>, title: string, 
/**
 * Empty where the company does not let it be seen.
 */
phone: string, 
/**
 * Then there is no address, and nobody can choose the row.
 */
unreachable: Unreachable | null, };

export type ColleagueCard = { 
/**
 * WeCom's userid.
 */
userid: string, name: string, alias: string, 
/**
 * Empty where there is none; `unreachable` says why.
 */
address: string, unreachable: Unreachable | null, 
/**
 * Each department by the names from the root down to it, the main one first.
 */
departments: Array<Array<string>>, title: string, 
/**
 * Empty where the company does not let it be seen.
 */
phone: string, 
/**
 * Mails from or to them, in every folder but junk and trash.
 */
mails: number, };

export type Company = { 
/**
 * Its name.
 */
name: string, 
/**
 * The address of its bridge.
 */
bridge: string, member: CompanyMember, state: CompanyState, 
/**
 * How many people its directory has here; 0 before the first has come.
 */
people: number, 
/**
 * What it fixes here; nothing where it fixes nothing.
 */
policy: CompanyPolicy | null, };

export type CompanyAddressParams = { 
/**
 * In one of the company's domains.
 */
address: string, };

export type CompanyCodeMailed = { 
/**
 * Seconds.
 */
expires_in: number, };

export type CompanyDevice = { id: string, name: string, system: string, version: string, 
/**
 * Unix seconds.
 */
created: number, 
/**
 * Unix seconds.
 */
seen: number, 
/**
 * Whether it is this one.
 */
own: boolean, };

export type CompanyMember = { 
/**
 * WeCom's userid.
 */
id: string, name: string, 
/**
 * Their proven mail address. None: WeCom's mailbox field is empty, or kept from the bridge.
 */
address: string | null, 
/**
 * How they can prove one by themselves; empty where one is proven.
 */
ways: Array<AddressWay>, 
/**
 * What they asked of the admin.
 */
request: AddressRequest | null, 
/**
 * The company's mail domains.
 */
domains: Array<string>, 
/**
 * Where the company's mail is, if it says so; without a user name.
 */
servers: CompanyServers | null, 
/**
 * Whether `company.webmail` opens their webmail.
 */
webmail: boolean, 
/**
 * Whether the bridge opens their mailbox for mail programs.
 */
clients: boolean, };

export type CompanyPolicy = { 
/**
 * Settings by the names that the page has for them.
 */
settings: Array<string>, 
/**
 * Folders that are followed: roles and paths.
 */
folders: Array<string>, 
/**
 * Unix seconds since when it holds.
 */
issued: number, };

export type CompanyRedeemParams = { code: string, };

export type CompanyReminders = { 
/**
 * A card for each new mail.
 */
cards: boolean, 
/**
 * What stands on it.
 */
words: ReminderWords, 
/**
 * Also for folders other than the inbox that one is told of.
 */
all_folders: boolean, 
/**
 * The number of unread mails on the workbench.
 */
unread: boolean, 
/**
 * The mailbox that this is about. None: no address of the member is proven, and there are no reminders.
 */
mailbox: string | null, 
/**
 * Whether the bridge keeps a number on the workbench.
 */
workbench: boolean, };

export type CompanyRevokeParams = { id: string, };

export type CompanyServers = { imap: ServerSettings, smtp: ServerSettings, };

export type CompanySignIn = { "step": "waiting" } | { "step": "scanned" } | { "step": "confirmed" } | { "step": "refused" } | { "step": "over" } | { "step": "failed", error: ApiError, } | { "step": "done" };

export type CompanySignInParams = { 
/**
 * As a person types it; empty: the one that is known.
 */
bridge: string, };

export type CompanySignInStarted = { 
/**
 * What the browser opens, for whoever wants another browser.
 */
url: string, 
/**
 * Seconds.
 */
expires_in: number, };

export type CompanyState = "signed_in" | "away" | "ended" | "left";

export type CompanyView = { company: Company | null, 
/**
 * The bridge's address that IT set, or that was used last; empty when none is known.
 */
bridge: string, };

export type CompleteParams = { 
/**
 * What was typed: letters of a name or an address, pinyin, initials.
 */
query: string, 
/**
 * At most so many.
 */
most: number, };

export type Contact = { id: number, content: ContactContent, groups: Array<number>, };

export type ContactBook = { 
/**
 * By name: letters, then Chinese by pinyin.
 */
contacts: Array<Contact>, 
/**
 * All groups.
 */
groups: Array<ContactGroup>, 
/**
 * Contacts of the whole book.
 */
total: number, };

export type ContactContent = { name: string, 
/**
 * The first is the one that is written to.
 */
emails: Array<string>, phones: Array<string>, company: string, department: string, title: string, 
/**
 * May have several lines.
 */
note: string, };

export type ContactFindParams = { address: string, };

export type ContactGroup = { id: number, name: string, 
/**
 * Contacts in it.
 */
count: number, };

export type ContactSaveParams = { 
/**
 * Nothing: a new one.
 */
id: number | null, content: ContactContent, groups: Array<number>, };

export type ContactsExportParams = { 
/**
 * Absolute path of the file; it is replaced where there is one.
 */
path: string, format: BookFormat, 
/**
 * Only of this group.
 */
group: number | null, };

export type ContactsImportParams = { 
/**
 * Absolute path of a vCard or CSV file.
 */
path: string, };

export type ContactsImported = { change: BookChange, 
/**
 * Entries of the file that were here already, with all they say.
 */
known: number, 
/**
 * Entries that say nothing of anybody.
 */
unreadable: number, };

export type ContactsListParams = { 
/**
 * Letters of a name, pinyin, initials, or some of any field; empty: everybody.
 */
query: string, 
/**
 * Only of this group.
 */
group: number | null, };

export type ContactsParams = { ids: Array<number>, };

export type Credential = { "kind": "password", secret: string, } | { "kind": "oauth", grant: string, };

export type CredentialKind = "password" | "authorization_code" | "client_password" | "oauth2";

export type Decision = "withdraw" | "send" | "went";

export type Density = "comfortable" | "compact" | "line";

export type DepartmentOffer = { id: number, 
/**
 * Names from the root down to it.
 */
path: Array<string>, 
/**
 * People with an address in it and below it.
 */
count: number, 
/**
 * They are more than `count`, and more than are written to at once: nobody can choose the row.
 */
more: boolean, };

export type DepartmentPeople = { id: number, 
/**
 * Names from the root down to it.
 */
path: Array<string>, 
/**
 * Those with an address, at most 200.
 */
people: Array<Address>, 
/**
 * There are more.
 */
more: boolean, };

export type DeskView = { accounts: Array<Account>, 
/**
 * The newest unread mails of the folders that are told of.
 */
newest: Array<MailRow>, settings: Settings, trouble: ApiError | null, 
/**
 * Whether the company opens the webmail.
 */
webmail: boolean, };

export type DirectoryDepartmentParams = { id: number, };

export type DirectoryPersonParams = { 
/**
 * Asked for first.
 */
userid: string, 
/**
 * Where no userid is known.
 */
address: string, };

export type Doctor = { findings: Array<Finding>, };

export type Done = { 
/**
 * To be given to `undo`; absent when there is nothing to take back.
 */
undo: number | null, 
/**
 * Mails that were really changed.
 */
count: number, };

export type Draft = { id: number, 
/**
 * One more with each change.
 */
version: number, 
/**
 * Unix seconds.
 */
created: number, changed: number, content: DraftContent, kind: DraftKind, 
/**
 * Mails that are answered or passed on.
 */
mails: Array<number>, quoted: Quoted | null, files: Array<DraftFile>, 
/**
 * Its mail is on its way; nothing can be changed until that is withdrawn.
 */
entry: number | null, 
/**
 * Bytes that the account's server takes of a mail, where it says so.
 */
limit: number | null, 
/**
 * A version of it that another program wrote on the server; `draft.settle` decides between them.
 */
elsewhere: number | null, };

export type DraftAttachMailsParams = { id: number, mails: Array<number>, };

export type DraftAttachParams = { id: number, 
/**
 * Absolute path of a file, or of a folder, which becomes a zip.
 */
path: string, };

export type DraftContent = { 
/**
 * The account that sends it.
 */
account: number, 
/**
 * The alias that it is written from; empty: the account's own address.
 */
from: string, to: Array<Address>, cc: Array<Address>, bcc: Array<Address>, subject: string, 
/**
 * What was written, without the quoted original. Pictures in it are `cid:` addresses of the draft's files.
 */
html: string, 
/**
 * It goes as text alone.
 */
plain: boolean, priority: Priority, 
/**
 * Asks for a receipt when it is read (RFC 8098).
 */
receipt: boolean, 
/**
 * The quoted original goes with it, where there is one.
 */
quote: boolean, 
/**
 * Where the caret stood, as the editor counts.
 */
caret: number, };

export type DraftCreateParams = { kind: DraftKind, 
/**
 * The account that sends it; that of the mails, or else the first, where it is not said.
 */
account: number | null, mails: Array<number>, to: Array<Address>, cc: Array<Address>, bcc: Array<Address>, 
/**
 * Where it is a new mail's; that of an answer is made from the original's.
 */
subject: string, 
/**
 * What stands before the subject of the original: `回复：`, `Fwd: `.
 */
prefix: string, 
/**
 * The text that it begins with, without looks.
 */
text: string, };

export type DraftFile = { id: number, name: string, mime_type: string, 
/**
 * Bytes.
 */
size: number, state: FileState, 
/**
 * Of a picture that the text shows, without brackets.
 */
content_id: string | null, };

export type DraftFileParams = { id: number, file: number, };

export type DraftKind = "new" | "reply" | "reply_all" | "forward" | "forward_attached" | "edit_as_new" | "redirect";

export type DraftParams = { id: number, };

export type DraftPasteParams = { id: number, name: string, mime_type: string, 
/**
 * Base64.
 */
data: string, 
/**
 * The text shows it.
 */
inline: boolean, };

export type DraftQuoteParams = { id: number, 
/**
 * Whether pictures from the network may be shown.
 */
remote: boolean, };

export type DraftRow = { id: number, account: number, to: Array<Address>, subject: string, 
/**
 * First words.
 */
preview: string, 
/**
 * Unix seconds.
 */
changed: number, kind: DraftKind, mails: Array<number>, };

export type DraftSaveParams = { id: number, content: DraftContent, 
/**
 * Nobody writes on just now: the server's copy need not wait.
 */
resting: boolean, };

export type DraftSendParams = { id: number, content: DraftContent, 
/**
 * Unix seconds before which it does not go; nothing: after the time in which it can be taken back.
 */
at: number | null, };

export type DraftSettleParams = { id: number, 
/**
 * The version that was written elsewhere is gone on with, and this one is discarded; or this one takes its place.
 */
take: boolean, };

export type ErrorCode = "bad_request" | "protocol_mismatch" | "not_found" | "bad_address" | "account_exists" | "account_test" | "oauth_client_missing" | "oauth_denied" | "oauth_timeout" | "oauth_failed" | "bad_bridge" | "bridge_away" | "not_a_bridge" | "wrong_code" | "sign_in_over" | "address_not_ours" | "address_taken" | "address_not_confirmed" | "way_closed" | "too_many_tries" | "wrong_mailed_code" | "mailed_code_over" | "mailer_away" | "no_webmail" | "mail_platform_away" | "not_signed_in" | "managed" | "wecom_away" | "keychain_locked" | "keychain_absent" | "store_foreign" | "store_damaged" | "store_read_only" | "store_network_filesystem" | "disk_full" | "offline" | "server_refused" | "no_such_role" | "folder_exists" | "bad_folder_name" | "confirmation_needed" | "nothing_to_undo" | "too_large" | "file_exists" | "file_not_writable" | "file_not_readable" | "not_a_mail" | "not_contacts" | "group_exists" | "empty_contact" | "no_sender" | "sender_unknown" | "no_recipient" | "bad_recipient" | "too_many_recipients" | "too_late" | "files_coming" | "file_failed" | "link_refused" | "attachment_dangerous" | "no_program" | "mail_program_not_kept" | "internal";

export type Event = { "kind": "account_changed", account: Account, } | { "kind": "account_removed", account: number, } | { "kind": "folders_changed", account: number, folders: Array<Folder>, removed: Array<number>, } | { "kind": "mail_arrived", account: number, folder: number, rows: Array<MailRow>, count: number, } | { "kind": "mail_changed", rows: Array<MailRow>, } | { "kind": "mail_removed", folder: number, mails: Array<number>, } | { "kind": "list_changed", folder: number, } | { "kind": "body_arrived", mail: number, } | { "kind": "sync_progress", account: number, folder: number, done: number, total: number, } | { "kind": "check_progress", step: CheckStep, } | { "kind": "operation_failed", mails: Array<number>, error: ApiError, } | { "kind": "undo_changed", undo: number | null, } | { "kind": "outbox_changed", id: number, entry: OutboxEntry | null, } | { "kind": "outbox_progress", id: number, sent: number, } | { "kind": "draft_changed", id: number, draft: DraftRow | null, } | { "kind": "reported", mails: Array<number>, } | { "kind": "templates_changed" } | { "kind": "contacts_changed" } | { "kind": "company_sign_in", progress: CompanySignIn, } | { "kind": "company_changed", company: Company | null, } | { "kind": "settings_changed", settings: Settings, } | { "kind": "trouble_changed", trouble: ApiError | null, } | { "kind": "told", tell: Tell, } | { "kind": "bubble_shown", mail: number, } | { "kind": "open", mail: number | null, } | { "kind": "overflow" } | { "kind": "goodbye" };

export type Fate = { address: string, outcome: Outcome, reason: Reason, 
/**
 * What a server said.
 */
detail: string, 
/**
 * Unix seconds of the report.
 */
at: number, };

export type FileState = "coming" | "whole" | "failed";

export type Filter = "all" | "unread" | "starred" | "attachments";

export type Finding = { 
/**
 * Words: `doctor.<code>` in the catalogue.
 */
code: string, level: Level, args: { [key in string]: string }, };

export type Folder = { id: number, account: number, parent: number | null, 
/**
 * The last part of its path, as the server has it. Folders with a role are named by the catalogue instead.
 */
name: string, 
/**
 * The whole path as a person reads it, parts joined by ` / `.
 */
path: string, role: Role, owner: Owner, 
/**
 * False for a node that holds folders only.
 */
selectable: boolean, subscribed: boolean, 
/**
 * Watched by a connection of its own where the server has no NOTIFY.
 */
followed: boolean, 
/**
 * It is followed because the company says so.
 */
managed: boolean, telling: Telling, 
/**
 * Stands among the favourites, above all accounts.
 */
favourite: boolean, total: number, unread: number, 
/**
 * Rows known here; less than `total` while the first sync runs.
 */
synced: number, };

export type FolderCreateParams = { account: number, parent: number | null, name: string, };

export type FolderParams = { folder: number, };

export type FolderRenameParams = { folder: number, name: string, parent: number | null, };

export type FolderUpdateParams = { folder: number, subscribed: boolean | null, followed: boolean | null, telling: Telling | null, favourite: boolean | null, };

export type FoldersParams = { account: number | null, };

export type GroupParams = { id: number, };

export type GroupSaveParams = { 
/**
 * Nothing: a new one.
 */
id: number | null, name: string, };

export type Hello = { 
/**
 * Always `qiyou`.
 */
hello: string, protocol: number, version: string, pid: number, 
/**
 * `agent`, `window`, `cli`, `browser`, `session`.
 */
role: string, };

export type KeySet = "gmail" | "outlook";

export type Language = "system" | "zh-CN" | "zh-TW" | "en";

export type Layout = "wide" | "classic";

export type Level = "good" | "note" | "bad";

export type LinkParams = { url: string, };

export type ListParams = { scope: Scope, filter: Filter, sort: Sort, offset: number, limit: number, };

export type LocateParams = { mail: number, scope: Scope, filter: Filter, sort: Sort, };

export type Located = { 
/**
 * Nothing when the mail is not in that list.
 */
offset: number | null, };

export type Mail = { row: MailRow, from: Array<Address>, reply_to: Array<Address>, to: Array<Address>, cc: Array<Address>, 
/**
 * Unix seconds that the sender wrote into the mail; absent when unreadable.
 */
sent_at: number | null, message_id: string, attachments: Array<Attachment>, folder_path: string, 
/**
 * What is reported of it, where it was sent from here: the last of each recipient.
 */
fates: Array<Fate>, 
/**
 * What it reports of another mail.
 */
report: MailReport | null, 
/**
 * Its author asks for a receipt, and nobody decided about that yet.
 */
receipt: ReceiptAsked | null, };

export type MailParams = { mail: number, };

export type MailProgramChosen = "done" | "asked";

export type MailReport = { 
/**
 * The mail that was sent, where it is here.
 */
about: number | null, fates: Array<Fate>, };

export type MailRow = { id: number, account: number, folder: number, from: Address, 
/**
 * Recipients, for Sent and Drafts; at most three.
 */
to: Array<Address>, subject: string, 
/**
 * First words of the text; empty until the text was fetched.
 */
preview: string, 
/**
 * Unix seconds at which the server received it.
 */
date: number, size: number, unread: boolean, starred: boolean, answered: boolean, forwarded: boolean, draft: boolean, attachments: boolean, important: boolean, 
/**
 * It was sent from here, and a report says that it did not reach somebody.
 */
undelivered: boolean, };

export type Nothing = Record<symbol, never>;

export type OauthGrant = { 
/**
 * To be given to `accounts.test` and `accounts.add` within an hour.
 */
grant: string, };

export type OauthParams = { address: string, provider: string, };

export type OpenAttachmentParams = { mail: number, index: number, };

export type OpenParams = { mail: number | null, };

export type OrderParams = { accounts: Array<number>, };

export type OutboxActParams = { id: number, decision: Decision, };

export type OutboxEntry = { id: number, account: number, state: OutboxState, 
/**
 * Unix seconds.
 */
created: number, 
/**
 * Nothing is done about it before, in Unix seconds.
 */
due: number, subject: string, 
/**
 * Without its angle brackets.
 */
message_id: string, 
/**
 * The envelope's, Bcc among them.
 */
recipients: Array<string>, refused: Array<RefusedRecipient>, 
/**
 * Bytes.
 */
size: number, 
/**
 * How often the server was given it.
 */
attempts: number, 
/**
 * What went wrong last.
 */
cause: Cause | null, 
/**
 * The draft that it was made from, until it went: it can be opened again once the mail is withdrawn.
 */
draft: number | null, 
/**
 * It is a read receipt.
 */
receipt: boolean, };

export type OutboxState = "waiting" | "sending" | "checking" | "filing" | "sent" | "refused" | "needs_you";

export type Outcome = "failed" | "delayed" | "delivered" | "read" | "deleted";

export type Owner = "personal" | "other" | "shared";

export type Page = { 
/**
 * Rows of the whole list with this filter.
 */
total: number, 
/**
 * Unread among them.
 */
unread: number, offset: number, rows: Array<MailRow>, };

export type PauseParams = { until: number | null, };

export type Person = { name: string, 
/**
 * Empty for a group, a department, and a colleague without one.
 */
address: string, 
/**
 * Those of a group; they are who is written to.
 */
members: Array<Address>, 
/**
 * What the enterprise directory says of them.
 */
colleague: Colleague | null, 
/**
 * A department of the enterprise; then there is no address.
 */
department: DepartmentOffer | null, };

export type Picture = { 
/**
 * `image/png`, `image/jpeg`, `image/gif`, `image/webp`, `image/bmp`: as its bytes tell, not its server.
 */
mime_type: string, 
/**
 * Base64.
 */
data: string, };

export type PictureParams = { mail: number, number: number, };

export type Priority = "low" | "normal" | "high";

export type ProxySettings = { "kind": "system" } | { "kind": "direct" } | { "kind": "http", host: string, port: number, } | { "kind": "socks5", host: string, port: number, };

export type QuickReplyParams = { mail: number, text: string, 
/**
 * What stands before the subject of the original: `回复：`.
 */
prefix: string, };

export type QuietHours = { from: number, to: number, 
/**
 * On Saturday and Sunday all day.
 */
weekends: boolean, };

export type Quoted = { from: Array<Address>, to: Array<Address>, cc: Array<Address>, subject: string, 
/**
 * Unix seconds.
 */
date: number, 
/**
 * Its text is here. Until then it is being fetched, and `draft_changed` tells when it is.
 */
here: boolean, };

export type Reason = "mailbox_full" | "no_such_user" | "no_such_domain" | "too_large" | "refused" | "unreachable" | "unknown";

export type ReceiptAsked = { to: Address, 
/**
 * It may go without a question, where that is chosen: the mail came to an own address, and its author asks for it to
 * be sent to themselves (RFC 8098 2.1).
 */
automatic: boolean, };

export type ReceiptParams = { mail: number, send: boolean, 
/**
 * Nobody was asked.
 */
automatic: boolean, 
/**
 * The receipt's own subject and text, in the person's language.
 */
subject: string, text: string, };

export type Receipts = "ask" | "never" | "always";

export type RecogniseParams = { address: string, };

export type Recognised = { by: RecognisedBy, 
/**
 * Name of the provider in both languages' catalogue: `provider.<id>`.
 */
provider: string, 
/**
 * Best first; empty when nothing was found.
 */
candidates: Array<AccountSettings>, 
/**
 * Where the provider hands out its authorization code or client password.
 */
help_url: string | null, };

export type RecognisedBy = "table" | "cname" | "mx" | "srv" | "autoconfig" | "guess" | "nothing";

export type RefusedRecipient = { address: string, 
/**
 * SMTP's reply code (RFC 5321 4.2).
 */
code: number, 
/**
 * The server's own words.
 */
text: string, };

export type ReminderWords = "all" | "sender" | "nothing";

export type ResendParams = { mail: number, to: Array<Address>, };

export type Role = "inbox" | "drafts" | "sent" | "archive" | "junk" | "trash" | "all" | "flagged" | "none";

export type SaveAttachmentParams = { mail: number, index: number, 
/**
 * Absolute path of the file to write; it must not exist yet.
 */
path: string, };

export type SaveAttachmentsParams = { mail: number, 
/**
 * Absolute path of a folder that exists. A name that is taken gets a number.
 */
folder: string, };

export type SavedAttachments = { 
/**
 * Absolute paths of the files, in the order of the attachments.
 */
paths: Array<string>, };

export type Scope = { "kind": "folder", folder: number, } | { "kind": "unified" } | { "kind": "person", address: string, };

export type Security = "tls" | "starttls" | "none";

export type SendParams = { 
/**
 * The account that sends it; that of its From where it is not said.
 */
account: number | null, 
/**
 * Absolute path of a file that holds the whole mail (RFC 5322).
 */
file: string, 
/**
 * Seconds in which it can be taken back.
 */
delay: number, };

export type ServerSettings = { host: string, port: number, security: Security, 
/**
 * Sign-in name, most often the whole address.
 */
user: string, };

export type Settings = { language: Language, theme: Theme, layout: Layout, density: Density, keys: KeySet, 
/**
 * Size of the page, in percent; 80 to 200.
 */
zoom: number, 
/**
 * Seconds that a mail is open before it counts as read; never when absent.
 */
read_after: number | null, 
/**
 * Whose pictures from the network are shown without asking: addresses, and domains as `@example.com`.
 */
pictures_from: Array<string>, 
/**
 * Minutes that a closed window is kept ready, so that it opens at once; 0 for none.
 */
linger_minutes: number, 
/**
 * Starts the agent at sign-in to the computer.
 */
autostart: boolean, 
/**
 * Bubbles at all.
 */
bubbles: boolean, 
/**
 * Bubbles say only "new mail".
 */
privacy: boolean, 
/**
 * Quiet hours; no bubbles between these local times, but for VIPs.
 */
quiet: QuietHours | null, 
/**
 * No bubbles until then (unix seconds), but for VIPs.
 */
paused_until: number | null, 
/**
 * Addresses whose mail is always told of.
 */
vips: Array<string>, 
/**
 * Find verification codes and offer a copy button.
 */
codes: boolean, 
/**
 * Texts of the last so many months are fetched in the background; 0 for none.
 */
prefetch_months: number, 
/**
 * Room for bodies and attachments on disk, in MiB; the oldest give way.
 */
cache_mib: number, proxy: ProxySettings, 
/**
 * OAuth2 client ids by provider (`office365`, `office365_cn`, `gmail`).
 */
oauth_clients: { [key in string]: string }, 
/**
 * How mails are written.
 */
writing: Writing, };

export type Sort = "newest" | "oldest" | "sender" | "subject" | "size";

export type Source = { 
/**
 * The mail as the server has it, charset guessed; at most 2 MiB.
 */
text: string, truncated: boolean, };

export type Status = { version: string, 
/**
 * Process id of the agent.
 */
pid: number, 
/**
 * Seconds since it started.
 */
uptime: number, accounts: Array<Account>, unread: number, 
/**
 * Unix seconds until which bubbles are paused.
 */
paused_until: number | null, 
/**
 * Operations that the servers do not know of yet.
 */
pending_operations: number, 
/**
 * False when the desktop shows no tray icons.
 */
tray: boolean, 
/**
 * The language of the system as the agent takes it for tray and bubbles, as a BCP 47 tag: what "as the system" means
 * to the window, too.
 */
language: string, 
/**
 * The desktop session that the agent lives in; empty where it has none.
 */
session: string, 
/**
 * Why accounts or store cannot be used, such as a locked keychain.
 */
trouble: ApiError | null, };

export type Storage = { 
/**
 * Where the files lie.
 */
home: string, 
/**
 * The file with accounts, folders, and the rows of all lists.
 */
index: number, 
/**
 * The file with texts and attachments; what it holds can be fetched again.
 */
bodies: number, accounts: Array<AccountStorage>, };

export type SyncParams = { account: number | null, 
/**
 * Answers only when the look is finished.
 */
wait: boolean, };

export type Tell = { "kind": "mails", account: number, mails: Array<TellMail>, } | { "kind": "summary", account: number, folder: number, count: number, newest: MailRow, } | { "kind": "withdraw", mails: Array<number>, } | { "kind": "test" };

export type TellMail = { row: MailRow, 
/**
 * A verification code found in subject or text.
 */
code: string | null, };

export type Telling = "silent" | "count" | "bubble";

export type Template = { id: number, content: TemplateContent, };

export type TemplateContent = { name: string, subject: string, 
/**
 * As the editor has it.
 */
html: string, };

export type TemplateParams = { id: number, };

export type TemplateSaveParams = { id: number | null, content: TemplateContent, };

export type TestParams = { settings: AccountSettings, credential: Credential, };

export type Theme = "system" | "light" | "dark";

export type UndoParams = { undo: number | null, };

export type Unreachable = "empty" | "ambiguous" | "withheld";

export type UpdateParams = { account: number, name: string | null, color: string | null, settings: AccountSettings | null, credential: Credential | null, telling: Telling | null, };

export type Warning = { "kind": "link_elsewhere", shown: string, host: string, } | { "kind": "name_is_other_address", name: string, address: string, } | { "kind": "program_attached", name: string, };

export type WatchMode = "notify" | "idle" | "poll";

export type Writing = { 
/**
 * Seconds in which a mail can be taken back; 0 to 30.
 */
undo_seconds: number, 
/**
 * Who writes, by the account's address in lower case.
 */
authors: { [key in string]: Author }, 
/**
 * Asks when the text speaks of an attachment and there is none.
 */
ask_attachment: boolean, 
/**
 * Asks when there is no subject.
 */
ask_subject: boolean, 
/**
 * Asks before a mail leaves the domain of its account.
 */
ask_outside: boolean, 
/**
 * Asks before a mail goes to so many people; 0: never.
 */
ask_crowd: number, receipts: Receipts, 
/**
 * Pinyin that sounds alike means the same: z and zh, c and ch, s and sh, n and ng, l and n.
 */
forgiving: boolean, };

/** Every request: its parameters and its answer. */
export interface Requests {
  "status": { params: Nothing; answer: Status };
  "subscribe": { params: Nothing; answer: Nothing };
  "quit": { params: Nothing; answer: Nothing };
  "sync": { params: SyncParams; answer: Nothing };
  "pause": { params: PauseParams; answer: Nothing };
  "open": { params: OpenParams; answer: Nothing };
  "link": { params: LinkParams; answer: Nothing };
  "desk": { params: Nothing; answer: DeskView };
  "doctor": { params: Nothing; answer: Doctor };
  "accounts.list": { params: Nothing; answer: Array<Account> };
  "accounts.recognise": { params: RecogniseParams; answer: Recognised };
  "accounts.test": { params: TestParams; answer: CheckReport };
  "accounts.add": { params: AddParams; answer: Account };
  "accounts.update": { params: UpdateParams; answer: Account };
  "accounts.remove": { params: AccountParams; answer: Nothing };
  "accounts.check": { params: AccountParams; answer: CheckReport };
  "accounts.order": { params: OrderParams; answer: Nothing };
  "accounts.oauth": { params: OauthParams; answer: OauthGrant };
  "company.get": { params: Nothing; answer: CompanyView };
  "company.sign_in": { params: CompanySignInParams; answer: CompanySignInStarted };
  "company.redeem": { params: CompanyRedeemParams; answer: Company };
  "company.cancel": { params: Nothing; answer: Nothing };
  "company.sign_out": { params: Nothing; answer: Nothing };
  "company.look": { params: Nothing; answer: Nothing };
  "company.look_address_up": { params: CompanyAddressParams; answer: Company };
  "company.mail_code": { params: CompanyAddressParams; answer: CompanyCodeMailed };
  "company.redeem_code": { params: CompanyRedeemParams; answer: Company };
  "company.ask_admin": { params: CompanyAddressParams; answer: Company };
  "company.ask_admin_no_more": { params: Nothing; answer: Company };
  "company.devices": { params: Nothing; answer: Array<CompanyDevice> };
  "company.revoke": { params: CompanyRevokeParams; answer: Nothing };
  "company.webmail": { params: Nothing; answer: Nothing };
  "company.reminders": { params: Nothing; answer: CompanyReminders };
  "company.set_reminders": { params: CompanyReminders; answer: CompanyReminders };
  "folders.list": { params: FoldersParams; answer: Array<Folder> };
  "folders.create": { params: FolderCreateParams; answer: Folder };
  "folders.rename": { params: FolderRenameParams; answer: Folder };
  "folders.delete": { params: FolderParams; answer: Nothing };
  "folders.update": { params: FolderUpdateParams; answer: Folder };
  "mail.list": { params: ListParams; answer: Page };
  "mail.locate": { params: LocateParams; answer: Located };
  "mail.get": { params: MailParams; answer: Mail };
  "mail.body": { params: BodyParams; answer: Body };
  "mail.source": { params: MailParams; answer: Source };
  "mail.save_attachment": { params: SaveAttachmentParams; answer: Nothing };
  "mail.picture": { params: PictureParams; answer: Picture };
  "mail.save_attachments": { params: SaveAttachmentsParams; answer: SavedAttachments };
  "mail.open_attachment": { params: OpenAttachmentParams; answer: Nothing };
  "mail.act": { params: ActParams; answer: Done };
  "mail.receipt": { params: ReceiptParams; answer: Nothing };
  "mail.reply": { params: QuickReplyParams; answer: OutboxEntry };
  "mail.resend": { params: ResendParams; answer: OutboxEntry };
  "mail.mark_all_read": { params: FolderParams; answer: Done };
  "undo": { params: UndoParams; answer: Done };
  "draft.create": { params: DraftCreateParams; answer: Draft };
  "draft.continue": { params: MailParams; answer: Draft };
  "draft.get": { params: DraftParams; answer: Draft };
  "draft.list": { params: Nothing; answer: Array<DraftRow> };
  "draft.save": { params: DraftSaveParams; answer: Draft };
  "draft.quote": { params: DraftQuoteParams; answer: Body };
  "draft.open_quote": { params: DraftParams; answer: string };
  "draft.attach": { params: DraftAttachParams; answer: DraftFile };
  "draft.attach_mails": { params: DraftAttachMailsParams; answer: Draft };
  "draft.paste": { params: DraftPasteParams; answer: DraftFile };
  "draft.file": { params: DraftFileParams; answer: Picture };
  "draft.detach": { params: DraftFileParams; answer: Draft };
  "draft.settle": { params: DraftSettleParams; answer: Draft };
  "draft.send": { params: DraftSendParams; answer: OutboxEntry };
  "draft.discard": { params: DraftParams; answer: Nothing };
  "draft.restore": { params: DraftParams; answer: Draft };
  "templates.list": { params: Nothing; answer: Array<Template> };
  "templates.save": { params: TemplateSaveParams; answer: Template };
  "templates.remove": { params: TemplateParams; answer: Nothing };
  "people.complete": { params: CompleteParams; answer: Array<Person> };
  "directory.person": { params: DirectoryPersonParams; answer: ColleagueCard | null };
  "directory.department": { params: DirectoryDepartmentParams; answer: DepartmentPeople };
  "contacts.list": { params: ContactsListParams; answer: ContactBook };
  "contacts.find": { params: ContactFindParams; answer: Contact | null };
  "contacts.save": { params: ContactSaveParams; answer: Contact };
  "contacts.remove": { params: ContactsParams; answer: BookChange };
  "contacts.doubles": { params: Nothing; answer: Array<Array<Contact>> };
  "contacts.merge": { params: ContactsParams; answer: BookChange };
  "contacts.revert": { params: BookChange; answer: Nothing };
  "contacts.import": { params: ContactsImportParams; answer: ContactsImported };
  "contacts.export": { params: ContactsExportParams; answer: number };
  "groups.save": { params: GroupSaveParams; answer: ContactGroup };
  "groups.remove": { params: GroupParams; answer: Nothing };
  "outbox.send": { params: SendParams; answer: OutboxEntry };
  "outbox.list": { params: Nothing; answer: Array<OutboxEntry> };
  "outbox.act": { params: OutboxActParams; answer: OutboxEntry | null };
  "storage": { params: Nothing; answer: Storage };
  "storage.clear": { params: Nothing; answer: Storage };
  "settings.get": { params: Nothing; answer: Settings };
  "settings.set": { params: Settings; answer: Settings };
  "mail_program.choose": { params: Nothing; answer: MailProgramChosen };
  "bubbles.test": { params: Nothing; answer: Nothing };
}

export type Method = keyof Requests;

export const PROTOCOL = 1;

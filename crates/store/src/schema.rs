//! The schema, column by column, and how an older one becomes the newest.

use rusqlite::Connection;

use crate::error::{Error, Result};

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum File {
    Main,
    Bodies,
}

/// Step n takes schema n to n + 1. A step that was ever released is never edited.
const MAIN: &[&str] = &[
    "
-- One value each: store_id (names this store's entries in the keychain), settings (JSON).
CREATE TABLE meta (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    address  TEXT NOT NULL COLLATE NOCASE UNIQUE,
    name     TEXT NOT NULL,
    color    TEXT NOT NULL,             -- #rrggbb
    position INTEGER NOT NULL,
    settings TEXT NOT NULL              -- JSON: servers, kind of credential
) STRICT;

-- OAuth2 tokens: too long for the keychain of Windows; encrypted as everything here.
CREATE TABLE token (
    account    INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    access     TEXT NOT NULL,
    refresh    TEXT NOT NULL,
    expires_at INTEGER NOT NULL         -- unix seconds
) STRICT;

CREATE TABLE folder (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    account       INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    parent        INTEGER REFERENCES folder ON DELETE SET NULL,
    wire          TEXT NOT NULL,        -- name as the server has it (modified UTF-7 or UTF-8)
    name          TEXT NOT NULL,        -- last part, decoded
    path          TEXT NOT NULL,        -- all parts, decoded, joined by ' / '
    delimiter     TEXT NOT NULL DEFAULT '',
    role          TEXT NOT NULL,
    owner         TEXT NOT NULL,
    selectable    INTEGER NOT NULL,
    subscribed    INTEGER NOT NULL,
    followed      INTEGER NOT NULL,
    telling       TEXT NOT NULL,        -- bubble, count, silent
    uidvalidity   INTEGER NOT NULL DEFAULT 0,  -- 0: never selected
    uidnext       INTEGER NOT NULL DEFAULT 0,  -- every UID below it has been looked at
    floor         INTEGER NOT NULL DEFAULT 0,  -- rows of UIDs below it are still to be fetched; 1: all are here
    modseq        INTEGER NOT NULL DEFAULT 0,  -- flags are known up to this HIGHESTMODSEQ
    server_total  INTEGER NOT NULL DEFAULT 0,
    server_unseen INTEGER NOT NULL DEFAULT -1, -- -1: the server did not say
    total         INTEGER NOT NULL DEFAULT 0,  -- rows here
    unread        INTEGER NOT NULL DEFAULT 0,  -- rows here without \\Seen
    swept_at      INTEGER NOT NULL DEFAULT 0,  -- unix seconds of the last look at all flags
    UNIQUE (account, wire)
) STRICT;

CREATE TABLE mail (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    folder     INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,
    uid        INTEGER NOT NULL,        -- 0: moved here, the server's UID is not known yet
    date       INTEGER NOT NULL,        -- INTERNALDATE, unix seconds
    size       INTEGER NOT NULL,        -- RFC822.SIZE
    flags      INTEGER NOT NULL,        -- bits, see mails::flag
    modseq     INTEGER NOT NULL DEFAULT 0,
    message_id TEXT NOT NULL,
    subject    TEXT NOT NULL,
    from_name  TEXT NOT NULL,
    from_addr  TEXT NOT NULL,
    envelope   TEXT NOT NULL,           -- JSON: recipients, references, date written by the sender
    parts      TEXT NOT NULL,           -- JSON: where text and attachments are
    preview    TEXT NOT NULL DEFAULT '',
    body       INTEGER NOT NULL DEFAULT 0  -- 1: its text lies in the second file; 2: could not be had
) STRICT;
CREATE INDEX mail_list ON mail (folder, date DESC, id DESC);
CREATE UNIQUE INDEX mail_uid ON mail (folder, uid) WHERE uid > 0;
CREATE INDEX mail_unread ON mail (folder, date DESC, id DESC) WHERE flags & 1 = 0;
CREATE INDEX mail_starred ON mail (folder, date DESC, id DESC) WHERE flags & 4 <> 0;
CREATE INDEX mail_attached ON mail (folder, date DESC, id DESC) WHERE flags & 64 <> 0;
CREATE INDEX mail_arriving ON mail (folder) WHERE uid = 0;

-- What was done here and the server does not know of yet; replayed in order.
CREATE TABLE operation (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    account  INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    folder   INTEGER NOT NULL REFERENCES folder ON DELETE CASCADE,  -- where the mails were
    kind     TEXT NOT NULL,             -- JSON: flags to add and remove, folder to move to, or expunge
    created  INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE operation_mail (
    operation  INTEGER NOT NULL REFERENCES operation ON DELETE CASCADE,
    mail       INTEGER NOT NULL,        -- may be gone from mail (deleted for ever)
    uid        INTEGER NOT NULL,        -- 0: found out once the mail's earlier move is done
    size       INTEGER NOT NULL,
    date       INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    PRIMARY KEY (operation, mail)
) STRICT, WITHOUT ROWID;
CREATE INDEX operation_mail_mail ON operation_mail (mail);

-- What can be taken back, newest last; at most 50.
CREATE TABLE undo (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    created INTEGER NOT NULL,
    inverse TEXT NOT NULL               -- JSON: each mail with where it was and how it was flagged
) STRICT;

-- Bubbles on the screen or in the action center.
CREATE TABLE bubble (
    mail   INTEGER PRIMARY KEY,
    system TEXT NOT NULL,               -- the id that the desktop gave it
    token  TEXT NOT NULL,               -- one-time token of its buttons
    shown  INTEGER NOT NULL
) STRICT;
",
    "
-- Stands among the favourites, above all accounts.
ALTER TABLE folder ADD COLUMN favourite INTEGER NOT NULL DEFAULT 0;
-- bubble, count, silent: no folder of the account tells more than this.
ALTER TABLE account ADD COLUMN telling TEXT NOT NULL DEFAULT 'bubble';
",
    "
-- Mails on their way out. The stage is written before what it names is done; see outbox::Stage.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    stage      TEXT NOT NULL,
    created    INTEGER NOT NULL,
    due        INTEGER NOT NULL,        -- unix seconds; nothing is done about it before
    sender     TEXT NOT NULL,           -- the envelope's
    recipients TEXT NOT NULL,           -- JSON: the envelope's addresses, Bcc among them
    refused    TEXT NOT NULL DEFAULT '[]',  -- JSON: recipients that the server did not take
    message_id TEXT NOT NULL,
    subject    TEXT NOT NULL,
    date       INTEGER NOT NULL,        -- as its Date says
    size       INTEGER NOT NULL,
    eight_bit  INTEGER NOT NULL,
    utf8       INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    looks      INTEGER NOT NULL DEFAULT 0,  -- into the sent-box, in this stage
    cause      TEXT                     -- JSON: what went wrong last
) STRICT;
CREATE INDEX outbox_due ON outbox (account, due) WHERE stage IN ('waiting', 'checking', 'filing');
CREATE TABLE outbox_piece (
    entry INTEGER NOT NULL REFERENCES outbox ON DELETE CASCADE,
    n     INTEGER NOT NULL,
    data  BLOB NOT NULL,
    PRIMARY KEY (entry, n)
) STRICT;
-- Whether the server puts what it was given into the sent-box by itself; NULL: not known yet.
ALTER TABLE account ADD COLUMN self_storing INTEGER;
",
    "
-- Mails that are being written.
CREATE TABLE draft (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account    INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    created    INTEGER NOT NULL,
    changed    INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1,  -- one more with each change
    content    TEXT NOT NULL,           -- JSON: what its author sees and changes
    origin     TEXT NOT NULL,           -- JSON: what it answers or passes on
    quote      TEXT NOT NULL DEFAULT '',    -- HTML of the original, safe, as it will be sent
    message_id TEXT NOT NULL,
    entry      INTEGER REFERENCES outbox ON DELETE SET NULL,  -- its mail is on its way
    discarded  INTEGER NOT NULL DEFAULT 0,  -- unix seconds; 0: it was not thrown away
    copied     INTEGER NOT NULL DEFAULT 0,  -- the version that the server's folder of drafts has
    copied_at  INTEGER NOT NULL DEFAULT 0,  -- unix seconds of the last try to put one there
    resting    INTEGER NOT NULL DEFAULT 0   -- nobody writes it now: its copy need not wait
) STRICT;
-- Drafts that stand on a server, or may: written before they are put there.
CREATE TABLE draft_copy (
    account    INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    PRIMARY KEY (account, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_entry ON draft (entry) WHERE entry IS NOT NULL;
-- Private copies of what is attached.
CREATE TABLE draft_file (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    draft      INTEGER NOT NULL REFERENCES draft ON DELETE CASCADE,
    name       TEXT NOT NULL,
    mime_type  TEXT NOT NULL,
    content_id TEXT,                    -- of a picture that the text shows
    size       INTEGER NOT NULL,        -- bytes, or what was said of them before they came
    state      TEXT NOT NULL,           -- coming, whole, failed
    transfer   TEXT NOT NULL DEFAULT 'base64'   -- base64, 7bit, 8bit
) STRICT;
CREATE INDEX draft_file_draft ON draft_file (draft);
CREATE TABLE draft_piece (
    file INTEGER NOT NULL REFERENCES draft_file ON DELETE CASCADE,
    n    INTEGER NOT NULL,
    data BLOB NOT NULL,                 -- all but the last as long as each other, and a multiple of 57 bytes
    PRIMARY KEY (file, n)
) STRICT;
-- A piece of a mail that is a piece of a file of its draft.
ALTER TABLE outbox_piece ADD COLUMN file INTEGER;
ALTER TABLE outbox_piece ADD COLUMN file_n INTEGER;
CREATE INDEX outbox_message_id ON outbox (message_id);
-- Bytes that the submission server takes of a mail (RFC 1870); NULL: it did not say.
ALTER TABLE account ADD COLUMN size_limit INTEGER;
-- Whom mails came from and went to, for completion. Made of the mails; see meta people_mark.
CREATE TABLE person (
    address  TEXT PRIMARY KEY NOT NULL COLLATE NOCASE,
    name     TEXT NOT NULL,             -- the last that stood beside it
    sent     INTEGER NOT NULL,
    received INTEGER NOT NULL,
    last     INTEGER NOT NULL           -- unix seconds
) STRICT, WITHOUT ROWID;
",
    "
-- The address book.
CREATE TABLE contact (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    content TEXT NOT NULL,              -- JSON: what a person sees and changes
    source  TEXT NOT NULL DEFAULT '',   -- the vCard that it was read from, with what has no place in the content
    changed INTEGER NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0  -- unix seconds; 0: it was not removed
) STRICT;
CREATE TABLE contact_group (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE
) STRICT;
CREATE TABLE contact_member (
    grp     INTEGER NOT NULL REFERENCES contact_group ON DELETE CASCADE,
    contact INTEGER NOT NULL REFERENCES contact ON DELETE CASCADE,
    PRIMARY KEY (grp, contact)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_member_contact ON contact_member (contact);
",
    "
-- Mails that report what became of others.
CREATE TABLE report (
    mail    INTEGER PRIMARY KEY,        -- the report; it may be gone from mail
    account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,
    about   TEXT NOT NULL DEFAULT '',   -- Message-ID of the mail that it speaks of
    sent    INTEGER,                    -- that mail, where it is known
    date    INTEGER NOT NULL,
    fates   TEXT                        -- JSON; NULL: it was not read yet
) STRICT;
CREATE INDEX report_about ON report (about) WHERE about <> '';
CREATE INDEX report_waiting ON report (account) WHERE fates IS NULL;
-- Read receipts: no copy of them is kept in the sent-box, and nobody is asked whether they went.
ALTER TABLE outbox ADD COLUMN receipt INTEGER NOT NULL DEFAULT 0;
-- A version of the draft that another program wrote, until somebody decides.
ALTER TABLE draft ADD COLUMN elsewhere INTEGER;
-- Copies up to this UID were taken into account, whoever wrote them.
ALTER TABLE draft_copy ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
-- Texts that mails are begun with.
CREATE TABLE template (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    content TEXT NOT NULL,              -- JSON: what a person sees and changes
    changed INTEGER NOT NULL
) STRICT;
",
    "
-- The enterprise directory, as the bridge gives it. meta directory.revision: which; directory.making: how its keys
-- were made; directory.own: the userid of who signed in.
CREATE TABLE directory_department (
    id       INTEGER PRIMARY KEY,       -- WeCom's
    name     TEXT NOT NULL,
    parent   INTEGER NOT NULL,          -- 0 for the root
    position INTEGER NOT NULL           -- the larger comes first
) STRICT;
CREATE INDEX directory_department_parent ON directory_department (parent);
CREATE TABLE directory_title (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE directory_person (
    id          INTEGER PRIMARY KEY,    -- known to nobody but the tables here
    userid      TEXT NOT NULL UNIQUE,   -- WeCom's
    name        TEXT NOT NULL,
    alias       TEXT NOT NULL,
    address     TEXT,                   -- lower case
    no_address  TEXT NOT NULL,          -- why there is none: empty, ambiguous, withheld
    departments TEXT NOT NULL,          -- JSON: ids, the main one first
    department  INTEGER NOT NULL,       -- the main one; 0: none
    title       INTEGER NOT NULL,       -- 0: none
    phone       TEXT NOT NULL
) STRICT;
CREATE INDEX directory_person_address ON directory_person (address) WHERE address IS NOT NULL;
CREATE INDEX directory_person_title ON directory_person (title) WHERE title > 0;
CREATE TABLE directory_member (
    department INTEGER NOT NULL,
    person     INTEGER NOT NULL,
    reachable  INTEGER NOT NULL,        -- has an address
    PRIMARY KEY (department, person)
) STRICT, WITHOUT ROWID;
-- What is typed for people, departments and titles, sorted; many in a row, see directory::keys.
CREATE TABLE directory_key (
    id    INTEGER PRIMARY KEY,
    kind  INTEGER NOT NULL,             -- of what, and how it is spelt; the engine's numbers
    first TEXT NOT NULL,                -- no key of the row stands before it
    data  TEXT NOT NULL                 -- lines: key, id of the person, the department or the title, main department
) STRICT;
CREATE INDEX directory_key_first ON directory_key (kind, first);
-- A whole directory that is still coming.
CREATE TABLE directory_piece (
    id     INTEGER PRIMARY KEY,
    bucket INTEGER NOT NULL,            -- departments, people, or keys that stand beside each other
    data   TEXT NOT NULL,
    last   INTEGER NOT NULL DEFAULT 0   -- of people: the last one's number
) STRICT;
CREATE INDEX directory_piece_bucket ON directory_piece (bucket);
",
    "
-- Whether the person followed it (0, 1) before the company had it followed; NULL: the company says nothing of it. The
-- company's policy itself is meta policy.
ALTER TABLE folder ADD COLUMN own_followed INTEGER;
",
];

const BODIES: &[&str] = &["
-- One decoded text, attachment or source of a mail, cut into pieces.
CREATE TABLE blob (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    mail INTEGER NOT NULL,
    part TEXT NOT NULL,                 -- 'text', 'html', 'source', or the section of an attachment
    size INTEGER NOT NULL,              -- bytes, all pieces
    used INTEGER NOT NULL,              -- unix seconds of the last look at it
    UNIQUE (mail, part)
) STRICT;
CREATE INDEX blob_used ON blob (used);
CREATE TABLE piece (
    blob INTEGER NOT NULL REFERENCES blob ON DELETE CASCADE,
    n    INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (blob, n)
) STRICT;
"];

/// Brings a file to the newest schema, in one transaction.
pub(crate) fn migrate(conn: &mut Connection, file: File) -> Result<()> {
    let steps = match file {
        File::Main => MAIN,
        File::Bodies => BODIES,
    };
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let found: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(Error::Newer { found, known });
    }
    if found == known {
        return Ok(());
    }
    if found == 0 && file == File::Bodies {
        // Only before the first table: room that evicted bodies leave is given back to the disk.
        conn.execute_batch("PRAGMA auto_vacuum = INCREMENTAL;")?;
    }
    let tx = conn.transaction()?;
    for step in steps.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", known)?;
    tx.commit()?;
    Ok(())
}

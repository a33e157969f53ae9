//! Mails on their way out, each with its text. What is written here commits with [`crate::Durability::Full`]: the
//! state says at every moment what a crash leaves to be done.

use qiyou_api::{AccountId, Cause, DraftFileId, DraftId, OutboxEntry, OutboxId, OutboxState, RefusedRecipient};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::drafts;
use crate::error::{Error, Result};

/// Bytes of a piece of a mail.
const PIECE: usize = 256 << 10;

/// How far a mail is, as it is written. [`OutboxState`] is what people see of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Goes when it is due.
    Waiting,
    /// Is being handed over; the dot has not been sent. After a crash it waits again.
    Sending,
    /// The dot is being sent. After a crash nobody knows.
    Ending,
    /// Whether the server took it is being found out.
    Checking,
    /// The server took it; its copy is not in the sent-box yet.
    Filing,
    Sent,
    Refused,
    NeedsYou,
}

impl Stage {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Waiting, "waiting"),
        (Self::Sending, "sending"),
        (Self::Ending, "ending"),
        (Self::Checking, "checking"),
        (Self::Filing, "filing"),
        (Self::Sent, "sent"),
        (Self::Refused, "refused"),
        (Self::NeedsYou, "needs_you"),
    ];

    fn word(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(stage, _)| *stage == self)
            .map_or("", |(_, word)| word)
    }

    fn of(word: &str) -> Self {
        // An unknown word can only come from a hand that edited the file; then a person must look.
        Self::ALL
            .iter()
            .find(|(_, each)| *each == word)
            .map_or(Self::NeedsYou, |(stage, _)| *stage)
    }

    /// What people see of it.
    pub fn seen(self) -> OutboxState {
        match self {
            Self::Waiting => OutboxState::Waiting,
            Self::Sending | Self::Ending => OutboxState::Sending,
            Self::Checking => OutboxState::Checking,
            Self::Filing => OutboxState::Filing,
            Self::Sent => OutboxState::Sent,
            Self::Refused => OutboxState::Refused,
            Self::NeedsYou => OutboxState::NeedsYou,
        }
    }
}

/// A mail that is ready to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    pub account: AccountId,
    pub due: i64,
    /// The envelope's.
    pub sender: String,
    pub recipients: Vec<String>,
    /// Without its angle brackets.
    pub message_id: String,
    pub subject: String,
    /// As its Date says, in Unix seconds.
    pub date: i64,
    /// Bytes above 127 in the text.
    pub eight_bit: bool,
    /// Letters beyond ASCII in the headers.
    pub utf8: bool,
    /// A read receipt: no copy is kept in the sent-box.
    pub receipt: bool,
}

/// A mail of the outbox, without its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub id: OutboxId,
    pub stage: Stage,
    pub created: i64,
    /// Looks into the sent-box since the server was given it.
    pub looks: u32,
    pub attempts: u32,
    pub size: u64,
    pub refused: Vec<RefusedRecipient>,
    pub cause: Option<Cause>,
    /// The draft that it was made from, as long as it is kept.
    pub draft: Option<DraftId>,
    pub mail: NewEntry,
}

impl Entry {
    /// As people see it.
    pub fn seen(&self) -> OutboxEntry {
        OutboxEntry {
            id: self.id,
            account: self.mail.account,
            state: self.stage.seen(),
            created: self.created,
            due: self.mail.due,
            subject: self.mail.subject.clone(),
            message_id: self.mail.message_id.clone(),
            recipients: self.mail.recipients.clone(),
            refused: self.refused.clone(),
            size: self.size,
            attempts: self.attempts,
            cause: self.cause.clone(),
            draft: self.draft,
            receipt: self.mail.receipt,
        }
    }
}

const COLUMNS: &str = "id, account, stage, created, due, sender, recipients, refused, message_id, subject, date, size, \
                       eight_bit, utf8, attempts, looks, cause, (SELECT draft.id FROM draft WHERE draft.entry = outbox.id), receipt";

fn entry(row: &Row<'_>) -> Result<Entry> {
    let cause: Option<String> = row.get(16)?;
    Ok(Entry {
        id: row.get(0)?,
        stage: Stage::of(&row.get::<_, String>(2)?),
        created: row.get(3)?,
        refused: serde_json::from_str(&row.get::<_, String>(7)?)?,
        size: u64::try_from(row.get::<_, i64>(11)?).unwrap_or(0),
        attempts: row.get(14)?,
        looks: row.get(15)?,
        draft: row.get(17)?,
        cause: cause.as_deref().map(serde_json::from_str).transpose()?,
        mail: NewEntry {
            account: row.get(1)?,
            due: row.get(4)?,
            sender: row.get(5)?,
            recipients: serde_json::from_str(&row.get::<_, String>(6)?)?,
            message_id: row.get(8)?,
            subject: row.get(9)?,
            date: row.get(10)?,
            eight_bit: row.get(12)?,
            utf8: row.get(13)?,
            receipt: row.get(18)?,
        },
    })
}

/// What a mail's text is made of.
#[derive(Clone, Copy, Debug)]
pub enum Section<'a> {
    Text(&'a [u8]),
    /// A file of a draft, which stays as long as the mail needs it.
    File(DraftFileId),
}

/// Puts a mail into the outbox, its text and all, within the caller's transaction. `size` is that of its text once the
/// files are encoded.
pub fn push(conn: &Connection, mail: &NewEntry, sections: &[Section<'_>], size: u64, now: i64) -> Result<OutboxId> {
    conn.prepare_cached(
        "INSERT INTO outbox (account, stage, created, due, sender, recipients, message_id, subject, date, size,
                             eight_bit, utf8, receipt)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        mail.account,
        Stage::Waiting.word(),
        now,
        mail.due,
        mail.sender,
        serde_json::to_string(&mail.recipients)?,
        mail.message_id,
        mail.subject,
        mail.date,
        i64::try_from(size).unwrap_or(i64::MAX),
        mail.eight_bit,
        mail.utf8,
        mail.receipt,
    ])?;
    let id = conn.last_insert_rowid();
    let mut text = conn.prepare_cached("INSERT INTO outbox_piece (entry, n, data) VALUES (?1, ?2, ?3)")?;
    let mut file = conn.prepare_cached(
        "INSERT INTO outbox_piece (entry, n, data, file, file_n)
         SELECT ?1, ?2 + n, x'', file, n FROM draft_piece WHERE file = ?3 ORDER BY n",
    )?;
    let mut n = 0_i64;
    for section in sections {
        match section {
            Section::Text(bytes) => {
                for piece in bytes.chunks(PIECE) {
                    text.execute(params![id, n, piece])?;
                    n = n.saturating_add(1);
                }
            }
            Section::File(number) => {
                let pieces = file.execute(params![id, n, number])?;
                n = n.saturating_add(i64::try_from(pieces).unwrap_or(i64::MAX));
            }
        }
    }
    Ok(id)
}

/// One piece of a mail's text, from 0; nothing after the last.
pub fn piece(conn: &Connection, id: OutboxId, n: u32) -> Result<Option<Vec<u8>>> {
    let found: Option<(Vec<u8>, Option<i64>, Option<i64>)> = conn
        .prepare_cached("SELECT data, file, file_n FROM outbox_piece WHERE entry = ?1 AND n = ?2")?
        .query_row(params![id, n], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match found {
        Some((_, Some(file), Some(n))) => drafts::encoded_piece(conn, file, n).map(Some),
        Some((data, ..)) => Ok(Some(data)),
        None => Ok(None),
    }
}

/// All mails of the outbox, the newest first; of those that went at most `sent`.
pub fn list(conn: &Connection, sent: u32) -> Result<Vec<Entry>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM outbox
         WHERE stage <> 'sent' OR id IN (SELECT id FROM outbox WHERE stage = 'sent' ORDER BY id DESC LIMIT ?1)
         ORDER BY id DESC"
    ))?;
    let mut rows = statement.query([sent])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(entry(row)?);
    }
    Ok(all)
}

/// One mail; [`Error::NotFound`] when it is gone.
pub fn get(conn: &Connection, id: OutboxId) -> Result<Entry> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM outbox WHERE id = ?1"))?;
    let mut rows = statement.query([id])?;
    rows.next()?.map_or(Err(Error::NotFound), entry)
}

/// The mail of an account about which something is to be done first, due or not.
pub fn next(conn: &Connection, account: AccountId) -> Result<Option<Entry>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM outbox
         WHERE account = ?1 AND stage IN ('waiting', 'checking', 'filing') ORDER BY due, id LIMIT 1"
    ))?;
    let mut rows = statement.query([account])?;
    rows.next()?.map(entry).transpose()
}

/// After a start: what was being handed over goes again, and where the dot was on its way it must be found out whether
/// it arrived.
pub fn recover(conn: &Connection, account: AccountId, now: i64) -> Result<()> {
    conn.execute(
        "UPDATE outbox SET stage = iif(stage = 'ending', 'checking', 'waiting'), looks = 0, due = ?2
         WHERE account = ?1 AND stage IN ('sending', 'ending')",
        params![account, now],
    )?;
    Ok(())
}

/// What changes about a mail when it goes on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// Nothing: as before.
    pub due: Option<i64>,
    pub looks: u32,
    /// One more attempt begins.
    pub attempt: bool,
    pub refused: Option<Vec<RefusedRecipient>>,
    pub cause: Option<Cause>,
}

/// Takes a mail from one stage to another. False when it is not in the first any more: somebody was quicker.
pub fn advance(conn: &Connection, id: OutboxId, from: Stage, to: Stage, change: &Change) -> Result<bool> {
    let cause = change.cause.as_ref().map(serde_json::to_string).transpose()?;
    let refused = change.refused.as_ref().map(serde_json::to_string).transpose()?;
    let changed = conn
        .prepare_cached(
            "UPDATE outbox SET stage = ?3, due = coalesce(?4, due), looks = ?5, attempts = attempts + ?6,
                               refused = coalesce(?7, refused), cause = ?8
             WHERE id = ?1 AND stage = ?2",
        )?
        .execute(params![
            id,
            from.word(),
            to.word(),
            change.due,
            change.looks,
            u32::from(change.attempt),
            refused,
            cause,
        ])?;
    if changed > 0 && to == Stage::Sent {
        // Its text is in the sent-box now.
        conn.execute("DELETE FROM outbox_piece WHERE entry = ?1", [id])?;
        conn.execute("DELETE FROM draft WHERE entry = ?1", [id])?;
    }
    Ok(changed > 0)
}

/// Forgets a mail that is in this stage. False when it is not.
pub fn remove(conn: &Connection, id: OutboxId, stage: Stage) -> Result<bool> {
    let gone = conn.execute(
        "DELETE FROM outbox WHERE id = ?1 AND stage = ?2",
        params![id, stage.word()],
    )?;
    Ok(gone > 0)
}

/// Makes what waits for a better line or another secret due now.
pub fn hurry(conn: &Connection, account: AccountId, now: i64) -> Result<()> {
    conn.execute(
        "UPDATE outbox SET due = ?2 WHERE account = ?1 AND stage IN ('waiting', 'checking', 'filing')
         AND cause IS NOT NULL AND due > ?2",
        params![account, now],
    )?;
    Ok(())
}

/// What is known of whether an account's server puts what it was given into the sent-box by itself.
pub fn self_storing(conn: &Connection, account: AccountId) -> Result<Option<bool>> {
    Ok(conn
        .prepare_cached("SELECT self_storing FROM account WHERE id = ?1")?
        .query_row([account], |row| row.get(0))?)
}

/// Remembers it.
pub fn set_self_storing(conn: &Connection, account: AccountId, does: bool) -> Result<()> {
    conn.execute(
        "UPDATE account SET self_storing = ?2 WHERE id = ?1",
        params![account, does],
    )?;
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;

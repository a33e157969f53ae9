//! Mails on their way out: put into the outbox in one transaction, carried by a task per account.

mod carry;
mod filing;
mod handing;
mod local;
mod original;

pub(crate) use carry::{Bell, Carrier, Outbox};

use qiyou_api::{AccountId, ApiError, Decision, ErrorCode, Event, OutboxActParams, OutboxEntry, OutboxId, SendParams};
use qiyou_mime::{Fresh, NotReady, Outgoing};
use qiyou_store::outbox::{self, Change, NewEntry, Stage};
use qiyou_store::{Durability, accounts};

use crate::engine::{Engine, Inner, store_error};

/// A file above this is no mail that any server takes.
const LARGEST: u64 = 200 << 20;
/// Mails that went and are still listed.
const LISTED: u32 = 100;

fn not_ready(why: NotReady) -> ApiError {
    match why {
        NotReady::NoHeader | NotReady::Nul => ApiError::new(ErrorCode::NotAMail),
        NotReady::NoFrom => ApiError::new(ErrorCode::NoSender),
        NotReady::NoRecipient => ApiError::new(ErrorCode::NoRecipient),
        NotReady::BadAddress(who) => ApiError::new(ErrorCode::BadRecipient).with("address", who),
        NotReady::TooManyRecipients => ApiError::new(ErrorCode::TooManyRecipients),
    }
}

async fn file(path: &str) -> Result<Vec<u8>, ApiError> {
    let unreadable =
        |error: std::io::Error| ApiError::new(ErrorCode::FileNotReadable).with("detail", error.to_string());
    let known = tokio::fs::metadata(path).await.map_err(unreadable)?;
    if known.len() > LARGEST {
        return Err(ApiError::new(ErrorCode::TooLarge));
    }
    tokio::fs::read(path).await.map_err(unreadable)
}

impl Engine {
    /// Puts the mail of a file into the outbox; when this returns, no crash and no power cut loses it.
    ///
    /// # Errors
    /// What the mail lacks, and [`ErrorCode::SenderUnknown`] when no account sends for its From.
    pub async fn send(&self, params: SendParams) -> Result<OutboxEntry, ApiError> {
        let raw = file(&params.file).await?;
        let now = self.inner.clock.now();
        let fresh = Fresh {
            id: format!("{:032x}", rand::random::<u128>()),
            date: now,
        };
        let mail = qiyou_mime::outgoing(&raw, &fresh).map_err(not_ready)?;
        let account = self.sender(params.account, &mail).await?;
        for each in std::iter::once(&mail.from).chain(&mail.recipients) {
            if qiyou_smtp::Path::new(each).is_err() {
                return Err(ApiError::new(ErrorCode::BadRecipient).with("address", each.clone()));
            }
        }
        let entry = NewEntry {
            account,
            due: now.saturating_add(i64::from(params.delay)),
            sender: mail.from,
            recipients: mail.recipients,
            message_id: mail.message_id,
            subject: mail.subject,
            date: mail.date,
            eight_bit: mail.eight_bit,
            utf8: mail.utf8,
            receipt: false,
        };
        let text = mail.text;
        let stored = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                let size = u64::try_from(text.len()).unwrap_or(u64::MAX);
                let id = outbox::push(tx, &entry, &[outbox::Section::Text(&text)], size, now)?;
                outbox::get(tx, id)
            })
            .await
            .map_err(store_error)?;
        let seen = stored.seen();
        self.inner.outbox_changed(seen.id, Some(seen.clone()));
        self.ring_outbox(account);
        Ok(seen)
    }

    /// The account that sends a mail.
    async fn sender(&self, wanted: Option<AccountId>, mail: &Outgoing) -> Result<AccountId, ApiError> {
        let all = self.inner.store.read(accounts::list).await.map_err(store_error)?;
        let found = match wanted {
            Some(id) => all.iter().find(|account| account.id == id).ok_or(ErrorCode::NotFound),
            None => all
                .iter()
                .find(|account| account.address.eq_ignore_ascii_case(&mail.from))
                .ok_or(ErrorCode::SenderUnknown),
        };
        found
            .map(|account| account.id)
            .map_err(|code| ApiError::new(code).with("address", mail.from.clone()))
    }

    /// The mails of the outbox, the newest first: all that are on their way, and the last that went.
    pub async fn outbox(&self) -> Result<Vec<OutboxEntry>, ApiError> {
        let all = self.inner.store.read(|conn| outbox::list(conn, LISTED)).await;
        Ok(all.map_err(store_error)?.iter().map(outbox::Entry::seen).collect())
    }

    /// What a person decides about a mail. The entry as it is then; nothing when it is gone.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`]; [`ErrorCode::TooLate`] when the mail is not where that can still be decided.
    pub async fn outbox_act(&self, params: OutboxActParams) -> Result<Option<OutboxEntry>, ApiError> {
        let OutboxActParams { id, decision } = params;
        let now = self.inner.clock.now();
        let (done, before, after) = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                let before = outbox::get(tx, id)?;
                let done = decide(tx, id, before.stage, decision, now)?;
                let after = match outbox::get(tx, id) {
                    Ok(entry) => Some(entry),
                    Err(qiyou_store::Error::NotFound) => None,
                    Err(error) => return Err(error),
                };
                Ok((done, before, after))
            })
            .await
            .map_err(store_error)?;
        if !done {
            return Err(ApiError::new(ErrorCode::TooLate));
        }
        let seen = after.map(|entry| entry.seen());
        self.inner.outbox_changed(id, seen.clone());
        if let (Some(draft), None) = (before.draft, &seen) {
            // It was withdrawn: it can be written on.
            self.inner.draft_changed(draft).await;
        }
        self.ring_outbox(before.mail.account);
        Ok(seen)
    }
}

/// Does what was decided. False when the mail is where that cannot be decided any more.
fn decide(
    conn: &qiyou_store::Connection,
    id: OutboxId,
    stage: Stage,
    decision: Decision,
    now: i64,
) -> qiyou_store::Result<bool> {
    let at_once = Change {
        due: Some(now),
        ..Change::default()
    };
    match (decision, stage) {
        (Decision::Withdraw, Stage::Waiting | Stage::Refused | Stage::NeedsYou) => outbox::remove(conn, id, stage),
        (Decision::Send, Stage::Waiting | Stage::Refused | Stage::NeedsYou) => {
            outbox::advance(conn, id, stage, Stage::Waiting, &at_once)
        }
        (Decision::Went, Stage::NeedsYou) => outbox::advance(conn, id, stage, Stage::Filing, &at_once),
        _ => Ok(false),
    }
}

impl Inner {
    /// Tells clients how a mail of the outbox is now; nothing: it is gone.
    pub(crate) fn outbox_changed(&self, id: OutboxId, entry: Option<OutboxEntry>) {
        self.events.emit(Event::OutboxChanged { id, entry });
    }
}

//! Mails that are being written: begun, kept, quoted, given files, sent.

mod begin;
mod files;
mod mirror;
mod post;
mod quote;
mod resend;
mod zip;

pub(crate) use mirror::Mirror;
pub(crate) use post::{ascii_domain, author, letter_of, person, unique};

use qiyou_api::{
    ApiError, Draft, DraftCreateParams, DraftId, DraftKind, DraftRow, DraftSaveParams, DraftSettleParams, ErrorCode,
    Event, MailId,
};
use qiyou_store::drafts::{self, Stored};
use qiyou_store::mails::StoredMail;
use qiyou_store::{Connection, Durability};

use crate::engine::{Engine, Inner, store_error};

/// Bytes of the text of one draft.
const LONGEST_TEXT: usize = 30 << 20;
/// People of one field, and of one mail.
const MOST_PEOPLE: usize = 1000;

/// A draft with its files, as its author sees it.
fn whole(conn: &Connection, stored: Stored) -> qiyou_store::Result<Draft> {
    let files = drafts::files(conn, stored.id)?;
    Ok(Draft {
        id: stored.id,
        version: stored.version,
        created: stored.created,
        changed: stored.changed,
        kind: stored.origin.kind,
        mails: stored.origin.mails,
        quoted: stored.origin.quoted,
        entry: stored.entry,
        limit: drafts::size_limit(conn, stored.content.account)?,
        content: stored.content,
        files,
        elsewhere: stored.elsewhere,
    })
}

fn row(stored: Stored) -> DraftRow {
    DraftRow {
        id: stored.id,
        account: stored.content.account,
        // Of a long text no more is read than that takes.
        preview: qiyou_mime::preview(None, Some(&stored.content.html)),
        to: stored.content.to,
        subject: stored.content.subject,
        changed: stored.changed,
        kind: stored.origin.kind,
        mails: stored.origin.mails,
    }
}

impl Engine {
    /// Begins a draft. What it quotes and carries on comes later where it is not here yet.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when a mail or the account is gone.
    pub async fn draft_create(&self, params: DraftCreateParams) -> Result<Draft, ApiError> {
        let (id, mails) = self.begin_draft(params).await?;
        self.carry_over(&self.draft(id).await?, mails).await?;
        self.inner.draft_changed(id).await;
        self.draft(id).await
    }

    /// Begins a draft, and takes over nothing of the mails that it has to do with.
    async fn begin_draft(&self, params: DraftCreateParams) -> Result<(DraftId, Vec<StoredMail>), ApiError> {
        let accounts = self
            .inner
            .store
            .read(qiyou_store::accounts::list)
            .await
            .map_err(store_error)?;
        let now = self.inner.clock.now();
        let ids = params.mails.clone();
        let mails = self
            .inner
            .store
            .read(move |conn| {
                ids.iter()
                    .map(|id| qiyou_store::mails::get(conn, *id))
                    .collect::<Result<Vec<_>, _>>()
            })
            .await
            .map_err(store_error)?;
        let (content, origin) = begin::begin(&params, &accounts, &mails, &self.inner.settings())?;
        let sender = accounts.iter().find(|account| account.id == content.account);
        let message_id = new_message_id(sender.map_or("", |account| &account.address));
        let id = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                drafts::create(tx, &content, &origin, &message_id, now)
            })
            .await
            .map_err(store_error)?;
        Ok((id, mails))
    }

    /// Goes on with a mail of a folder of drafts: with the draft that it is a copy of, or with one that takes its place.
    pub async fn draft_continue(&self, id: MailId) -> Result<Draft, ApiError> {
        let (known, mail) = self
            .inner
            .store
            .read(move |conn| {
                let mail = qiyou_store::mails::get(conn, id)?;
                let known = match mail.message_id.as_str() {
                    "" => None,
                    message_id => drafts::by_message_id(conn, mail.row.account, message_id)?,
                };
                Ok((known, mail))
            })
            .await
            .map_err(store_error)?;
        if let Some(known) = known {
            return self.draft(known).await;
        }
        self.take_place(mail).await
    }

    /// Begins a draft with a mail of a folder of drafts, in its place.
    async fn take_place(&self, mail: StoredMail) -> Result<Draft, ApiError> {
        let params = DraftCreateParams {
            kind: DraftKind::EditAsNew,
            mails: vec![mail.row.id],
            account: Some(mail.row.account),
            ..DraftCreateParams::default()
        };
        let draft = self.draft_create(params).await?;
        if !mail.message_id.is_empty() {
            let (id, account, message_id) = (draft.id, mail.row.account, mail.message_id);
            self.inner
                .store
                .write(Durability::Full, move |tx| {
                    drafts::set_message_id(tx, id, &message_id)?;
                    drafts::see_copy(tx, account, &message_id, mail.uid)
                })
                .await
                .map_err(store_error)?;
        }
        self.draft(draft.id).await
    }

    /// Decides between a draft and the version of it that another program wrote. The one that is not gone on with is
    /// discarded; a draft of ours can be had back.
    pub async fn draft_settle(&self, params: DraftSettleParams) -> Result<Draft, ApiError> {
        let DraftSettleParams { id, take } = params;
        let now = self.inner.clock.now();
        let theirs = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                let stored = drafts::get(tx, id)?;
                let Some(mail) = stored.elsewhere else { return Ok(None) };
                let mail = match qiyou_store::mails::get(tx, mail) {
                    Ok(mail) => Some(mail),
                    Err(qiyou_store::Error::NotFound) => None,
                    Err(error) => return Err(error),
                };
                drafts::set_elsewhere(tx, id, None)?;
                if let Some(mail) = &mail {
                    drafts::see_copy(tx, mail.row.account, &stored.message_id, mail.uid)?;
                }
                if take && mail.is_some() {
                    drafts::discard(tx, id, now)?;
                } else {
                    drafts::renew(tx, id)?;
                }
                Ok(mail)
            })
            .await
            .map_err(store_error)?;
        let draft = match theirs.filter(|_| take) {
            Some(mail) => self.take_place(mail).await?,
            None => self.draft(id).await?,
        };
        self.inner.draft_changed(id).await;
        Ok(draft)
    }

    /// One draft.
    pub async fn draft(&self, id: DraftId) -> Result<Draft, ApiError> {
        self.inner
            .store
            .read(move |conn| whole(conn, drafts::get(conn, id)?))
            .await
            .map_err(store_error)
    }

    /// All drafts that are being written.
    pub async fn drafts(&self) -> Result<Vec<DraftRow>, ApiError> {
        let all = self.inner.store.read(drafts::list).await.map_err(store_error)?;
        Ok(all.into_iter().map(row).collect())
    }

    /// Keeps what was written; no crash and no power cut loses it once this returns.
    ///
    /// # Errors
    /// [`ErrorCode::TooLate`] when it is on its way or was thrown away, [`ErrorCode::TooLarge`].
    pub async fn draft_save(&self, params: DraftSaveParams) -> Result<Draft, ApiError> {
        let DraftSaveParams { id, content, resting } = params;
        let crowd = [&content.to, &content.cc, &content.bcc]
            .iter()
            .any(|list| list.len() > MOST_PEOPLE);
        if crowd {
            return Err(ApiError::new(ErrorCode::TooManyRecipients));
        }
        if content.html.len() > LONGEST_TEXT || content.subject.len() > 100_000 {
            return Err(ApiError::new(ErrorCode::TooLarge));
        }
        let now = self.inner.clock.now();
        let (saved, draft) = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                let saved = drafts::save(tx, id, &content, now)?;
                drafts::rest(tx, id, resting)?;
                Ok((saved, whole(tx, drafts::get(tx, id)?)?))
            })
            .await
            .map_err(store_error)?;
        if !saved {
            return Err(ApiError::new(ErrorCode::TooLate));
        }
        self.inner.draft_changed(id).await;
        Ok(draft)
    }

    /// Throws a draft away.
    pub async fn draft_discard(&self, id: DraftId) -> Result<(), ApiError> {
        let now = self.inner.clock.now();
        self.set_discarded(id, now).await
    }

    /// Has a discarded draft back.
    pub async fn draft_restore(&self, id: DraftId) -> Result<Draft, ApiError> {
        self.set_discarded(id, 0).await?;
        self.draft(id).await
    }

    async fn set_discarded(&self, id: DraftId, when: i64) -> Result<(), ApiError> {
        let done = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                drafts::get(tx, id)?;
                drafts::discard(tx, id, when)
            })
            .await
            .map_err(store_error)?;
        if !done {
            return Err(ApiError::new(ErrorCode::TooLate));
        }
        self.inner.draft_changed(id).await;
        Ok(())
    }
}

/// A Message-ID that no other mail has, under the domain of its author.
pub(crate) fn new_message_id(address: &str) -> String {
    let domain = idna(address.rsplit_once('@').map_or("localhost", |(_, domain)| domain));
    format!("{:032x}@{domain}", rand::random::<u128>())
}

/// A domain in the letters of RFC 5322.
fn idna(domain: &str) -> String {
    match url::Host::parse(domain) {
        Ok(url::Host::Domain(ascii)) => ascii,
        _ => "localhost".to_owned(),
    }
}

/// Whether a copy with this mark is one of a home's own.
fn is_of(home: &str, mark: Option<&str>) -> bool {
    mark.and_then(|mark| mark.split('/').next()) == Some(home)
}

impl Inner {
    /// What stands in the copies that this home puts on servers.
    pub(crate) fn draft_mark(&self, stored: &Stored) -> String {
        format!("{}/{}/{}", self.home_id, stored.id, stored.version)
    }

    pub(crate) fn is_own_copy(&self, mark: Option<&str>) -> bool {
        is_of(&self.home_id, mark)
    }

    /// Mails came into a folder of drafts: some may be versions of a draft that is open here.
    pub(crate) async fn drafts_arrived(&self, arrived: &[MailId]) -> qiyou_store::Result<()> {
        let (mails, home) = (arrived.to_vec(), self.home_id.clone());
        let changed = self
            .store
            .write(Durability::Normal, move |tx| {
                let mut changed = Vec::new();
                for id in mails {
                    let mail = qiyou_store::mails::get(tx, id)?;
                    if is_of(&home, mail.envelope.draft_mark.as_deref()) || mail.message_id.is_empty() {
                        continue;
                    }
                    let account = mail.row.account;
                    let Some(draft) = drafts::by_message_id(tx, account, &mail.message_id)? else {
                        continue;
                    };
                    if mail.uid > drafts::seen_copy(tx, account, &mail.message_id)? {
                        drafts::set_elsewhere(tx, draft, Some(id))?;
                        changed.push(draft);
                    }
                }
                Ok(changed)
            })
            .await?;
        for draft in changed {
            self.draft_changed(draft).await;
        }
        Ok(())
    }

    /// Tells clients how a draft is now; one that is on its way or thrown away is none.
    pub(crate) async fn draft_changed(&self, id: DraftId) {
        let found = self.store.read(move |conn| drafts::get(conn, id)).await;
        let draft = found
            .ok()
            .filter(|draft| draft.entry.is_none() && !draft.discarded)
            .map(row);
        self.events.emit(Event::DraftChanged { id, draft });
        self.ring_mirrors();
    }
}

//! Texts of mails: fetched when somebody wants to read one, in the background for the last months, and before a
//! bubble for its first words.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use qiyou_api::{AccountId, ApiError, ErrorCode, Event, MailId};
use qiyou_imap::{Error, MailboxName, PartRequest, SelectOptions, Session};
use qiyou_store::mails::{Part, Parts, StoredMail};
use qiyou_store::{Durability, bodies, folders, mails};
use tokio::sync::Notify;

use crate::account::{Lines, face, open_session};
use crate::engine::{Engine, Inner, locked, store_error};

/// A text part above this is cut.
const MAX_TEXT: usize = 20 * 1024 * 1024;
/// The whole mail is fetched only up to this size when its parts are not known.
const MAX_WHOLE: u32 = 64 * 1024 * 1024;
/// Texts up to this size are fetched together, several to a round trip.
const TOGETHER: u32 = 128 * 1024;
/// What is held in memory of texts fetched together.
const MAX_HELD: usize = 4 * 1024 * 1024;
/// The session for reading is given up after so long without a wish.
const LINGER: Duration = Duration::from_mins(1);

/// Names of blobs in the second file.
pub(crate) const TEXT: &str = "text";
pub(crate) const HTML: &str = "html";
pub(crate) const SOURCE: &str = "source";

/// The name of an attachment's blob.
pub(crate) fn blob_of(section: &str) -> String {
    format!("part:{section}")
}

/// What somebody waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wish {
    Text(MailId),
    /// The whole mail.
    Source(MailId),
    /// One attachment, by its section.
    Part(MailId, String),
}

impl Wish {
    /// What brings an attachment: of a mail whose parts the server could not describe, the whole mail.
    pub(crate) fn of_part(mail: MailId, part: &Part) -> Self {
        if part.section.starts_with("raw:") {
            Self::Source(mail)
        } else {
            Self::Part(mail, part.section.clone())
        }
    }

    /// Where it lies in the second file.
    fn blob(&self) -> (MailId, String) {
        match self {
            Self::Text(mail) => (*mail, TEXT.to_owned()),
            Self::Source(mail) => (*mail, SOURCE.to_owned()),
            Self::Part(mail, section) => (*mail, blob_of(section)),
        }
    }
}

impl Engine {
    /// Fetches what is not here yet; the name of its blob.
    pub(crate) async fn bring(&self, account: AccountId, wish: Wish) -> Result<String, ApiError> {
        let (mail, blob) = wish.blob();
        let name = blob.clone();
        let here = self
            .inner
            .store
            .bodies(move |tx| bodies::size(tx, mail, &name))
            .await
            .map_err(store_error)?;
        if here.is_none() {
            self.wish(account, wish).await?;
        }
        Ok(blob)
    }
}

#[derive(Default)]
struct Queue {
    wishes: Vec<Wish>,
    waiting: HashMap<Wish, Vec<tokio::sync::oneshot::Sender<Result<(), ApiError>>>>,
    failed: HashMap<MailId, ApiError>,
    running: bool,
}

/// The second session of an account, opened when somebody reads what is not here, so that reading never waits for a
/// first sync.
#[derive(Clone)]
pub(crate) struct Texts {
    inner: Arc<Inner>,
    account: AccountId,
    lines: Lines,
    queue: Arc<Mutex<Queue>>,
    bell: Arc<Notify>,
}

impl Texts {
    pub(crate) fn new(inner: Arc<Inner>, account: AccountId, lines: Lines) -> Self {
        Self {
            inner,
            account,
            lines,
            queue: Arc::default(),
            bell: Arc::default(),
        }
    }

    /// The failure of an earlier wish, told once.
    pub(crate) fn take_failure(&self, mail: MailId) -> Option<ApiError> {
        locked(&self.queue).failed.remove(&mail)
    }

    /// Wishes for something; the newest wish is fulfilled first.
    pub(crate) fn wish(&self, wish: Wish) -> tokio::sync::oneshot::Receiver<Result<(), ApiError>> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let start = {
            let mut queue = locked(&self.queue);
            queue.waiting.entry(wish.clone()).or_default().push(sender);
            queue.wishes.retain(|known| *known != wish);
            queue.wishes.push(wish);
            !std::mem::replace(&mut queue.running, true)
        };
        self.bell.notify_one();
        if start {
            let texts = self.clone();
            tokio::spawn(async move { texts.work().await });
        }
        receiver
    }

    fn next(&self) -> Option<Wish> {
        locked(&self.queue).wishes.pop()
    }

    fn answer(&self, wish: &Wish, outcome: &Result<(), ApiError>) {
        let waiting = {
            let mut queue = locked(&self.queue);
            if let (Wish::Text(mail), Err(error)) = (wish, outcome) {
                if queue.failed.len() > 1000 {
                    queue.failed.clear();
                }
                queue.failed.insert(*mail, error.clone());
            }
            queue.waiting.remove(wish).unwrap_or_default()
        };
        for sender in waiting {
            let _ = sender.send(outcome.clone());
        }
        if let Wish::Text(mail) = wish {
            self.inner.events.emit(Event::BodyArrived { mail: *mail });
        }
    }

    async fn work(self) {
        let mut session: Option<Session> = None;
        let _line = self.lines.read().await;
        loop {
            let Some(wish) = self.next() else {
                let rung = tokio::time::timeout(LINGER, self.bell.notified()).await;
                if rung.is_ok() {
                    continue;
                }
                let mut queue = locked(&self.queue);
                if queue.wishes.is_empty() {
                    queue.running = false;
                    break;
                }
                continue;
            };
            // A session that lay idle may be dead without knowing it: one more try with a new one.
            let mut outcome = Err(ApiError::new(ErrorCode::Offline));
            for _ in 0..2 {
                let fresh = session.is_none();
                if session.is_none() {
                    match open_session(&self.inner, self.account).await {
                        Ok((_, mut opened)) => {
                            // Texts shrink to a third on the way; the memory for it is given back with the session.
                            if opened.capabilities().compress()
                                && let Err(error) = opened.compress().await
                            {
                                tracing::debug!(account = self.account, %error, "the line stays uncompressed");
                            }
                            session = (!opened.is_dead()).then_some(opened);
                        }
                        Err(failure) => {
                            outcome = Err(ApiError::new(ErrorCode::Offline).with("detail", failure.cause.detail));
                            break;
                        }
                    }
                }
                let Some(open) = session.as_mut() else { break };
                match fulfil(&self.inner, open, &wish).await {
                    Ok(()) => outcome = Ok(()),
                    Err(Trouble::Imap(error)) => {
                        if error.is_fatal() {
                            session = None;
                            outcome = Err(ApiError::new(ErrorCode::Offline).with("detail", error.to_string()));
                            if !fresh {
                                continue;
                            }
                        } else {
                            let words = error.server_text().map_or_else(|| error.to_string(), str::to_owned);
                            outcome = Err(ApiError::new(ErrorCode::ServerRefused).with("detail", words));
                        }
                    }
                    Err(Trouble::Store(error)) => outcome = Err(store_error(error)),
                    Err(Trouble::Gone) => outcome = Err(ApiError::new(ErrorCode::NotFound)),
                    Err(Trouble::Stale) => {
                        // The UIDs are others now. Once the account's task has found that out, too, it is tried again.
                        outcome = Err(ApiError::new(ErrorCode::NotFound));
                        self.inner.look(self.account).await;
                        continue;
                    }
                    Err(Trouble::TooLarge) => outcome = Err(ApiError::new(ErrorCode::TooLarge)),
                }
                break;
            }
            self.answer(&wish, &outcome);
        }
        if let Some(session) = session {
            let _ = tokio::time::timeout(Duration::from_secs(1), session.logout()).await;
        }
    }
}

/// What can go wrong on the way to a text.
#[derive(Debug)]
pub(crate) enum Trouble {
    Imap(Error),
    Store(qiyou_store::Error),
    /// The server no longer has the mail.
    Gone,
    /// The server has another mail under this UID than we remember.
    Stale,
    TooLarge,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Gone => Self::Gone,
            Error::BodyTooLarge => Self::TooLarge,
            other => Self::Imap(other),
        }
    }
}

impl From<qiyou_store::Error> for Trouble {
    fn from(error: qiyou_store::Error) -> Self {
        Self::Store(error)
    }
}

async fn fulfil(inner: &Arc<Inner>, session: &mut Session, wish: &Wish) -> Result<(), Trouble> {
    let (Wish::Text(mail) | Wish::Source(mail) | Wish::Part(mail, _)) = wish;
    let mail = *mail;
    let (stored, folder) = inner
        .store
        .read(move |conn| {
            let stored = mails::get(conn, mail)?;
            let folder = folders::get(conn, stored.row.folder)?;
            Ok((stored, folder))
        })
        .await?;
    if stored.uid == 0 {
        // On its way between folders; the next look finds its UID.
        return Err(Trouble::Gone);
    }
    let name = MailboxName::from_wire_text(&folder.wire);
    let stood = session.selected() == Some(&name);
    if !stood {
        let options = SelectOptions {
            read_only: true,
            ..SelectOptions::default()
        };
        let selected = session.select(&name, options).await?;
        if selected
            .uidvalidity
            .is_some_and(|theirs| theirs != folder.sync.uidvalidity)
        {
            return Err(Trouble::Stale);
        }
    }
    match bring(inner, session, &stored, wish).await {
        // A session that has the folder open since before the mail came may not know of it until it has looked (RFC
        // 9051, 5.2: no mail is added to its view without a response, and none need come with a FETCH).
        Err(Trouble::Gone) if stood => {
            session.noop().await?;
            bring(inner, session, &stored, wish).await
        }
        outcome => outcome,
    }
}

/// Fetches from the folder that is open, once it is sure that the server means the same mail.
async fn bring(inner: &Arc<Inner>, session: &mut Session, stored: &StoredMail, wish: &Wish) -> Result<(), Trouble> {
    if !session.capabilities().condstore() || session.quirks().renumbers_uids {
        // Such a server may mean another mail by this UID in this session than in the one that learnt it.
        let set = std::iter::once(stored.uid).collect();
        if let Some(theirs) = session
            .fetch_identity(&set)
            .await?
            .into_iter()
            .find(|i| i.uid == stored.uid)
        {
            let id = theirs.message_id.unwrap_or_default();
            let theirs = face(
                theirs.size.unwrap_or(0),
                theirs.internal_date.unwrap_or(0),
                id.trim_matches(['<', '>', ' ']),
            );
            if theirs != face(stored.row.size, stored.row.date, &stored.message_id) {
                return Err(Trouble::Stale);
            }
        }
    }
    match wish {
        Wish::Text(mail) => fetch(inner, session, *mail).await.map(drop),
        Wish::Source(_) => stream(inner, session, stored, "", SOURCE).await,
        Wish::Part(_, section) => stream(inner, session, stored, section, &blob_of(section)).await,
    }
}

/// Streams a section into the second file, piece by piece: memory holds one piece at a time.
async fn stream(
    inner: &Arc<Inner>,
    session: &mut Session,
    mail: &StoredMail,
    section: &str,
    blob: &str,
) -> Result<(), Trouble> {
    let id = mail.row.id;
    let now = inner.clock.now();
    let name = blob.to_owned();
    let writing = inner.store.bodies(move |tx| bodies::begin(tx, id, &name, now)).await?;
    let (pieces, mut arriving) = tokio::sync::mpsc::channel::<Bytes>(4);
    let store = inner.store.clone();
    let writer = tokio::spawn(async move {
        let mut writing = Some(writing);
        while let Some(piece) = arriving.recv().await {
            let Some(mut current) = writing.take() else { break };
            let done = store
                .bodies(move |tx| {
                    current.push(tx, &piece)?;
                    Ok(current)
                })
                .await?;
            writing = Some(done);
        }
        Ok::<_, qiyou_store::Error>(writing)
    });
    let fetched = session
        .fetch_section(mail.uid, section, &mut |piece: Bytes| {
            // The disk is slower than the line at times: this worker waits, others go on.
            let sent = tokio::task::block_in_place(|| pieces.blocking_send(piece));
            sent.map_err(|_| Error::Sink("the store takes no more".to_owned()))
        })
        .await;
    drop(pieces);
    let writing = writer.await.map_err(|_| qiyou_store::Error::Closed)??;
    // Only what the server itself calls empty may be so.
    let told = mail.parts.attachments.iter().find(|part| part.section == section);
    if fetched? == 0 && told.is_none_or(|part| part.size > 0) {
        return Err(Trouble::Gone);
    }
    if let Some(writing) = writing {
        inner.store.bodies(move |tx| writing.finish(tx)).await?;
    }
    Ok(())
}

async fn small(session: &mut Session, uid: u32, part: &Part) -> Result<String, Trouble> {
    let mut raw: Vec<u8> = Vec::new();
    session
        .fetch_beginning(
            uid,
            &part.section,
            u64::try_from(MAX_TEXT).unwrap_or(u64::MAX),
            &mut |piece: Bytes| {
                raw.extend_from_slice(&piece);
                Ok(())
            },
        )
        .await?;
    Ok(qiyou_mime::decode_text(&raw, &part.encoding, part.charset.as_deref()))
}

/// A text on its way into the store.
struct Fetched {
    mail: MailId,
    text: Option<String>,
    html: Option<String>,
    /// The parts of the mail, where only its source could tell them.
    parts: Option<Parts>,
}

/// HTML is what is shown; its plain twin is only needed where there is none.
fn shown(parts: &Parts) -> Option<&Part> {
    parts.html.as_ref().or(parts.text.as_ref())
}

/// Whether the text that is kept of a mail is only the beginning of the one that the server has.
pub(crate) fn is_cut(parts: &Parts) -> bool {
    shown(parts).is_some_and(|part| usize::try_from(part.size).is_ok_and(|size| size > MAX_TEXT))
}

/// Fetches the text of a mail in the open folder, keeps it, and returns a verification code found in it.
pub(crate) async fn fetch(inner: &Arc<Inner>, session: &mut Session, mail: MailId) -> Result<Option<String>, Trouble> {
    let stored = inner.store.read(move |conn| mails::get(conn, mail)).await?;
    if stored.uid == 0 {
        return Err(Trouble::Gone);
    }
    let mut fetched = Fetched {
        mail,
        text: None,
        html: None,
        parts: None,
    };
    if stored.parts.unknown {
        (fetched.text, fetched.html, fetched.parts) = whole(inner, session, &stored).await?;
    } else if let Some(part) = shown(&stored.parts) {
        let content = small(session, stored.uid, part).await?;
        if stored.parts.html.is_some() {
            fetched.html = Some(content);
        } else {
            fetched.text = Some(content);
        }
    }
    let plain = match (&fetched.text, &fetched.html) {
        (Some(text), _) => text.clone(),
        (None, Some(html)) => qiyou_mime::html_to_text(html),
        (None, None) => String::new(),
    };
    let code = qiyou_mime::verification_code(&stored.row.subject, &plain);
    keep(inner, vec![fetched]).await?;
    Ok(code)
}

/// Fetches the texts of several mails of the open folder in few round trips, and keeps them. Returns those that it left
/// out, which [`fetch`] may have one by one: large ones, those whose parts are not known, and those that the server did
/// not answer for.
pub(crate) async fn fetch_many(
    inner: &Arc<Inner>,
    session: &mut Session,
    ids: &[MailId],
) -> Result<Vec<MailId>, Trouble> {
    let wanted = ids.to_vec();
    let stored = inner
        .store
        .read(move |conn| {
            let all = wanted.iter().map(|id| mails::get(conn, *id));
            all.collect::<qiyou_store::Result<Vec<_>>>()
        })
        .await?;
    let mut arrived: HashMap<u32, Option<Bytes>> = HashMap::new();
    let mut requests = Vec::new();
    for mail in stored.iter().filter(|mail| mail.uid != 0 && !mail.parts.unknown) {
        match shown(&mail.parts) {
            Some(part) if part.size <= TOGETHER => requests.push(PartRequest {
                uid: mail.uid,
                section: part.section.clone(),
                // One more than is taken: a server that lies about sizes shows itself.
                max_len: TOGETHER.saturating_add(1),
            }),
            Some(_) => {}
            // Nothing to be shown is nothing to be asked for.
            None => drop(arrived.insert(mail.uid, None)),
        }
    }
    let mut held = 0_usize;
    let answered = session
        .fetch_parts(&requests, &mut |uid, _, data| {
            held = held.saturating_add(data.len());
            let whole = u32::try_from(data.len()).is_ok_and(|length| length <= TOGETHER);
            if whole && held <= MAX_HELD {
                arrived.insert(uid, Some(data));
            }
            Ok(())
        })
        .await;
    match answered {
        Err(error) if error.is_fatal() => return Err(error.into()),
        // What one mail of them made the server refuse is found out mail by mail.
        Err(error) => tracing::debug!(%error, "texts could not be fetched together"),
        Ok(()) => {}
    }
    let mut fetched = Vec::new();
    let mut left = Vec::new();
    for mail in &stored {
        let Some(data) = arrived.remove(&mail.uid).filter(|_| mail.uid != 0) else {
            left.push(mail.row.id);
            continue;
        };
        let content = data.zip(shown(&mail.parts)).map(|(raw, part)| {
            let content = qiyou_mime::decode_text(&raw, &part.encoding, part.charset.as_deref());
            (content, mail.parts.html.is_some())
        });
        let (text, html) = match content {
            Some((html, true)) => (None, Some(html)),
            Some((text, false)) => (Some(text), None),
            None => (None, None),
        };
        fetched.push(Fetched {
            mail: mail.row.id,
            text,
            html,
            parts: None,
        });
    }
    keep(inner, fetched).await?;
    Ok(left)
}

/// Writes texts and the first words of them.
async fn keep(inner: &Arc<Inner>, fetched: Vec<Fetched>) -> Result<(), Trouble> {
    if fetched.is_empty() {
        return Ok(());
    }
    let now = inner.clock.now();
    let rows: Vec<_> = fetched
        .iter()
        .map(|f| {
            let preview = qiyou_mime::preview(f.text.as_deref(), f.html.as_deref());
            (f.mail, preview, f.parts.clone())
        })
        .collect();
    inner
        .store
        .bodies(move |tx| {
            for Fetched { mail, text, html, .. } in fetched {
                // A mail without any text has an empty one: it is not asked for again.
                if let Some(html) = &html {
                    bodies::put(tx, mail, HTML, html.as_bytes(), now)?;
                }
                if html.is_none() || text.is_some() {
                    bodies::put(tx, mail, TEXT, text.unwrap_or_default().as_bytes(), now)?;
                }
            }
            Ok(())
        })
        .await?;
    inner
        .store
        .write(Durability::Normal, move |tx| {
            for (mail, preview, parts) in rows {
                if let Some(parts) = parts {
                    let attached = crate::convert::attached(&parts);
                    mails::set_parts(tx, mail, &parts, attached)?;
                }
                mails::set_body(tx, mail, &preview)?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

type Whole = (Option<String>, Option<String>, Option<Parts>);

/// The whole mail, where the server could not describe its parts.
async fn whole(inner: &Arc<Inner>, session: &mut Session, mail: &StoredMail) -> Result<Whole, Trouble> {
    if mail.row.size > MAX_WHOLE {
        return Err(Trouble::TooLarge);
    }
    let mut raw: Vec<u8> = Vec::new();
    let limit = u64::from(MAX_WHOLE);
    // One more than is taken: a server that lies about sizes shows itself.
    let got = session
        .fetch_beginning(mail.uid, "", limit.saturating_add(1), &mut |piece: Bytes| {
            raw.extend_from_slice(&piece);
            Ok(())
        })
        .await?;
    if got == 0 {
        return Err(Trouble::Gone);
    }
    if got > limit {
        return Err(Trouble::TooLarge);
    }
    let parsed = qiyou_mime::parse(&raw);
    let attachments = parsed
        .parts
        .iter()
        .map(|part| Part {
            section: format!("raw:{}", part.index),
            mime_type: part.mime_type.clone(),
            name: part.name.clone(),
            size: u32::try_from(part.size).unwrap_or(u32::MAX),
            content_id: part.content_id.clone(),
            inline: part.inline,
            ..Part::default()
        })
        .collect();
    let id = mail.row.id;
    let now = inner.clock.now();
    inner
        .store
        .bodies(move |tx| bodies::put(tx, id, SOURCE, &raw, now))
        .await?;
    Ok((
        parsed.text,
        parsed.html,
        Some(Parts {
            attachments,
            // The server's description is no better next time: a text that was given up has to come this way again.
            unknown: true,
            ..Parts::default()
        }),
    ))
}

//! A draft becomes a mail of the outbox.

use qiyou_api::{
    Address, ApiError, Draft, DraftContent, DraftFileId, DraftKind, DraftSendParams, ErrorCode, FileState, OutboxEntry,
    Priority,
};
use qiyou_mime::{Composed, FilePart, Letter, Section, Transfer};
use qiyou_store::drafts::{self, Stored};
use qiyou_store::outbox::{self, NewEntry};
use qiyou_store::{Connection, Durability, accounts};

use super::{MOST_PEOPLE, idna, whole};
use crate::engine::{Engine, store_error};

/// A mail can be put off by so many seconds: a year.
const LATEST: i64 = 366 * 86_400;
/// How what was written looks where nothing else is said.
const LOOK: &str =
    "font-family:'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif;font-size:14px;line-height:1.6";

/// Why a draft cannot go, or the store's own error.
enum Failure {
    Store(qiyou_store::Error),
    Api(ApiError),
}

impl From<qiyou_store::Error> for Failure {
    fn from(error: qiyou_store::Error) -> Self {
        Self::Store(error)
    }
}

impl Engine {
    /// Keeps a draft and puts its mail into the outbox, in one transaction.
    ///
    /// # Errors
    /// What the mail lacks; [`ErrorCode::FilesComing`] while a file is still being copied, [`ErrorCode::FileFailed`],
    /// [`ErrorCode::TooLarge`] when its server would not take it.
    pub async fn draft_send(&self, params: DraftSendParams) -> Result<OutboxEntry, ApiError> {
        let DraftSendParams { id, content, at } = params;
        let now = self.inner.clock.now();
        let settings = self.inner.settings();
        let undo = i64::from(settings.writing.undo_seconds.min(30));
        let due = at
            .unwrap_or_else(|| now.saturating_add(undo))
            .clamp(now, now.saturating_add(LATEST));
        let zone = self.inner.clock.offset(now);
        let sent = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                let done = put(tx, id, &content, &settings, Times { now, due, zone });
                match done {
                    Ok(entry) => Ok(Ok(entry)),
                    Err(Failure::Api(error)) => Ok(Err(error)),
                    Err(Failure::Store(error)) => Err(error),
                }
            })
            .await
            .map_err(store_error)??;
        let seen = sent.seen();
        self.inner.people.forget();
        self.inner.draft_changed(id).await;
        self.inner.outbox_changed(seen.id, Some(seen.clone()));
        self.ring_outbox(seen.account);
        Ok(seen)
    }
}

#[derive(Clone, Copy)]
struct Times {
    now: i64,
    due: i64,
    /// Seconds before UTC.
    zone: i32,
}

fn put(
    conn: &Connection,
    id: i64,
    content: &DraftContent,
    settings: &qiyou_api::Settings,
    times: Times,
) -> Result<outbox::Entry, Failure> {
    let refused = |code| Failure::Api(ApiError::new(code));
    if !drafts::save(conn, id, content, times.now)? {
        return Err(refused(ErrorCode::TooLate));
    }
    let stored = drafts::get(conn, id)?;
    let account = accounts::get(conn, content.account)?;
    let draft = whole(conn, stored.clone())?;
    for file in &draft.files {
        match file.state {
            FileState::Whole => {}
            FileState::Coming => return Err(refused(ErrorCode::FilesComing)),
            FileState::Failed => {
                let error = ApiError::new(ErrorCode::FileFailed).with("name", file.name.clone());
                return Err(Failure::Api(error));
            }
        }
    }
    let recipients = recipients(content).map_err(Failure::Api)?;
    if content.quote && draft.quoted.as_ref().is_some_and(|quoted| !quoted.here) {
        return Err(refused(ErrorCode::FilesComing));
    }
    let date = (times.now, times.zone);
    let (composed, files) = if stored.origin.kind == DraftKind::Redirect {
        redirected(conn, &stored, &draft, &account, settings, date)?
    } else {
        let (letter, files) = letter(conn, &stored, &draft, &account, settings, date)?;
        (qiyou_mime::compose(&letter), files)
    };
    if draft.limit.is_some_and(|limit| composed.size > limit) {
        return Err(refused(ErrorCode::TooLarge));
    }
    let mail = NewEntry {
        account: account.id,
        due: times.due,
        sender: ascii_domain(&crate::own::from(&account, settings, &content.from)),
        recipients,
        message_id: stored.message_id.clone(),
        subject: match stored.origin.kind {
            DraftKind::Redirect => content.subject.clone(),
            _ => qiyou_mime::summary(head(&composed)).subject,
        },
        date: times.now,
        eight_bit: composed.eight_bit,
        utf8: composed.utf8,
        receipt: false,
    };
    let sections: Vec<_> = composed
        .sections
        .iter()
        .filter_map(|section| match section {
            Section::Text(text) => Some(outbox::Section::Text(text)),
            Section::File(number) => files.get(*number).map(|file| outbox::Section::File(*file)),
        })
        .collect();
    let entry = outbox::push(conn, &mail, &sections, composed.size, times.now)?;
    drafts::on_its_way(conn, id, entry)?;
    for list in [&content.to, &content.cc, &content.bcc] {
        qiyou_store::people::wrote_to(conn, list, times.now)?;
    }
    Ok(outbox::get(conn, entry)?)
}

fn head(composed: &Composed) -> &[u8] {
    match composed.sections.first() {
        Some(Section::Text(text)) => text,
        _ => b"",
    }
}

/// The domain in ASCII, so that a server need not know more (RFC 5891); the name before it as it is.
pub(crate) fn ascii_domain(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) if !domain.is_ascii() => format!("{local}@{}", idna(domain)),
        _ => address.to_owned(),
    }
}

fn recipients(content: &DraftContent) -> Result<Vec<String>, ApiError> {
    let mut all: Vec<String> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for person in content.to.iter().chain(&content.cc).chain(&content.bcc) {
        if qiyou_smtp::Path::new(&person.address).is_err() {
            let shown = if person.address.is_empty() {
                &person.name
            } else {
                &person.address
            };
            return Err(ApiError::new(ErrorCode::BadRecipient).with("address", shown.clone()));
        }
        let address = ascii_domain(&person.address);
        if known.insert(address.to_lowercase()) {
            all.push(address);
        }
    }
    match all.len() {
        0 => Err(ApiError::new(ErrorCode::NoRecipient)),
        count if count > MOST_PEOPLE => Err(ApiError::new(ErrorCode::TooManyRecipients)),
        _ => Ok(all),
    }
}

/// Somebody as a header names them.
pub(crate) fn person(Address { name, address }: &Address) -> qiyou_mime::Address {
    let name = name.trim();
    qiyou_mime::Address {
        name: (!name.is_empty()).then(|| name.to_owned()),
        address: ascii_domain(address),
    }
}

fn people(list: &[Address]) -> Vec<qiyou_mime::Address> {
    list.iter().map(person).collect()
}

/// What the boundaries of a mail's parts are made of.
pub(crate) fn unique(message_id: &str) -> String {
    message_id
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(32)
        .collect()
}

/// A piece of a draft's mail.
pub(super) enum Part {
    Text(Vec<u8>),
    File(DraftFileId),
}

/// A draft as the server's folder of drafts has it: with those who are not named in what is sent, and with what is there
/// of its files.
pub(super) struct Copy {
    pub(super) size: u64,
    pub(super) sections: Vec<Part>,
}

/// What a draft's mail is made of, as it is now.
pub(crate) fn letter_of(
    conn: &Connection,
    stored: &Stored,
    account: &accounts::StoredAccount,
    settings: &qiyou_api::Settings,
    now: i64,
) -> qiyou_store::Result<Letter> {
    let draft = whole(conn, stored.clone())?;
    Ok(letter(conn, stored, &draft, account, settings, (now, 0))?.0)
}

/// Writes a draft's mail as it is now; the date as in [`Letter::date`].
pub(super) fn copy(
    conn: &Connection,
    stored: &Stored,
    account: &accounts::StoredAccount,
    settings: &qiyou_api::Settings,
    date: (i64, i32),
    mark: String,
) -> qiyou_store::Result<Copy> {
    let mut draft = whole(conn, stored.clone())?;
    draft.files.retain(|file| file.state == FileState::Whole);
    let (mut letter, files) = letter(conn, stored, &draft, account, settings, date)?;
    letter.bcc = people(&stored.content.bcc);
    letter.draft_mark = Some(mark);
    let composed = qiyou_mime::compose(&letter);
    let sections = composed.sections.into_iter().filter_map(|section| match section {
        Section::Text(text) => Some(Part::Text(text)),
        Section::File(number) => files.get(number).map(|file| Part::File(*file)),
    });
    Ok(Copy {
        size: composed.size,
        sections: sections.collect(),
    })
}

/// Who writes from an account.
pub(crate) fn author(
    account: &accounts::StoredAccount,
    settings: &qiyou_api::Settings,
    alias: &str,
) -> qiyou_mime::Address {
    let author = settings.writing.authors.get(&account.address.to_lowercase());
    person(&Address {
        name: author.map(|author| author.name.clone()).unwrap_or_default(),
        address: crate::own::from(account, settings, alias),
    })
}

/// What is written and sent, and the number of each of its files.
fn letter(
    conn: &Connection,
    stored: &Stored,
    draft: &Draft,
    account: &accounts::StoredAccount,
    settings: &qiyou_api::Settings,
    date: (i64, i32),
) -> qiyou_store::Result<(Letter, Vec<DraftFileId>)> {
    let content = &stored.content;
    let quote = if content.quote {
        drafts::quote(conn, stored.id)?
    } else {
        String::new()
    };
    let (_, body) = qiyou_mime::sanitise_to_send(&content.html, &|cid| Some(format!("cid:{cid}")));
    let html = (!content.plain).then(|| document(&body, &quote));
    let mut files = Vec::new();
    let mut parts = Vec::new();
    for file in &draft.files {
        let shown = file
            .content_id
            .as_ref()
            .is_some_and(|cid| html.as_ref().is_some_and(|html| html.contains(&format!("cid:{cid}"))));
        // A picture that was taken out of the text again does not go.
        if file.content_id.is_some() && !shown {
            continue;
        }
        files.push(file.id);
        parts.push(FilePart {
            name: file.name.clone(),
            mime_type: file.mime_type.clone(),
            size: file.size,
            content_id: file.content_id.clone(),
            transfer: match drafts::transfer(conn, file.id)?.as_str() {
                "7bit" => Transfer::AsIs(false),
                "8bit" => Transfer::AsIs(true),
                _ => Transfer::Base64,
            },
        });
    }
    let letter = Letter {
        from: author(account, settings, &stored.content.from),
        to: people(&content.to),
        cc: people(&content.cc),
        // The server is told of them, and nobody else.
        bcc: Vec::new(),
        reply_to: Vec::new(),
        subject: content.subject.clone(),
        message_id: stored.message_id.clone(),
        date,
        in_reply_to: stored.origin.in_reply_to.clone(),
        references: stored.origin.references.clone(),
        priority: match content.priority {
            Priority::Low => qiyou_mime::Priority::Low,
            Priority::Normal => qiyou_mime::Priority::Normal,
            Priority::High => qiyou_mime::Priority::High,
        },
        receipt: content.receipt,
        text: text(&body, &quote, stored.origin.kind),
        draft_mark: None,
        html,
        files: parts,
        unique: unique(&stored.message_id),
    };
    Ok((letter, files))
}

/// A mail that goes on as it is: who sends it on stands above it.
fn redirected(
    conn: &Connection,
    stored: &Stored,
    draft: &Draft,
    account: &accounts::StoredAccount,
    settings: &qiyou_api::Settings,
    date: (i64, i32),
) -> Result<(Composed, Vec<DraftFileId>), Failure> {
    let Some(mail) = draft.files.first() else {
        return Err(Failure::Api(ApiError::new(ErrorCode::NotFound)));
    };
    let head = qiyou_mime::resent(&qiyou_mime::Resent {
        from: author(account, settings, &stored.content.from),
        to: people(&stored.content.to),
        cc: people(&stored.content.cc),
        message_id: stored.message_id.clone(),
        date,
    });
    let eight_bit = drafts::transfer(conn, mail.id)? == "8bit";
    // Whether its header has such letters nobody looked; a server that takes none says so.
    let utf8 = !head.is_ascii();
    let composed = Composed {
        size: mail.size.saturating_add(u64::try_from(head.len()).unwrap_or(0)),
        sections: vec![Section::Text(head), Section::File(0)],
        eight_bit: eight_bit || utf8,
        utf8,
    };
    Ok((composed, vec![mail.id]))
}

/// The text without looks, with the original's below it.
fn text(body: &str, quote: &str, kind: DraftKind) -> String {
    let mut out = qiyou_mime::html_to_text(body);
    if quote.is_empty() {
        return out;
    }
    out.push('\n');
    let answers = matches!(kind, DraftKind::Reply | DraftKind::ReplyAll);
    for line in qiyou_mime::html_to_text(quote).lines() {
        out.push('\n');
        if answers {
            out.push_str(if line.is_empty() || line.starts_with('>') {
                ">"
            } else {
                "> "
            });
        }
        out.push_str(line);
    }
    out
}

/// The whole document: the original's style sheet in its head, where the most programs look for it.
fn document(body: &str, quote: &str) -> String {
    let (sheet, quote) = match quote
        .strip_prefix("<style>")
        .and_then(|rest| rest.split_once("</style>"))
    {
        Some((sheet, rest)) => (format!("<style>{sheet}</style>"), rest),
        None => (String::new(), quote),
    };
    format!(
        "<!DOCTYPE html>\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">{sheet}\
         </head><body>\n<div style=\"{LOOK}\">{body}</div>\n{quote}\n</body></html>\n"
    )
}

#[cfg(test)]
mod tests;

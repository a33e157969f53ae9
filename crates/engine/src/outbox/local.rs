//! A mail that a server took stands in the sent-box here at once; the server's own copy takes its row over.

use qiyou_api::{AccountId, DraftKind, FolderId, MailId, Role};
use qiyou_store::mails::{self, Envelope, NewMail, Parts, flag};
use qiyou_store::outbox::{Entry, Stage};
use qiyou_store::{Connection, Durability, accounts, bodies, drafts, folders};

use crate::convert::address;
use crate::drafts::letter_of;
use crate::engine::Inner;
use crate::texts::{HTML, TEXT};

/// A row that was made, and its text.
pub(super) struct Local {
    mail: MailId,
    folder: FolderId,
    html: Option<String>,
    text: String,
}

/// Makes the row of a mail that comes to this stage, where there is a sent-box and it does not stand there yet.
pub(super) fn insert(
    conn: &Connection,
    entry: &Entry,
    to: Stage,
    settings: &qiyou_api::Settings,
    now: i64,
) -> qiyou_store::Result<Option<Local>> {
    let account: AccountId = entry.mail.account;
    let (Some(draft), Stage::Filing) = (entry.draft, to) else {
        return Ok(None);
    };
    let Some(sent) = folders::by_role(conn, account, Role::Sent)? else {
        return Ok(None);
    };
    let folder = sent.folder.id;
    if mails::by_message_id(conn, folder, &entry.mail.message_id)?.is_some() {
        return Ok(None);
    }
    let stored = drafts::get(conn, draft)?;
    if stored.origin.kind == DraftKind::Redirect {
        // The mail is another's; the server's copy of it is as good.
        return Ok(None);
    }
    let letter = letter_of(conn, &stored, &accounts::get(conn, account)?, settings, now)?;
    let attached = letter.files.iter().any(|file| file.content_id.is_none());
    let envelope = Envelope {
        from: vec![address(letter.from.clone())],
        to: letter.to.into_iter().map(address).collect(),
        cc: letter.cc.into_iter().map(address).collect(),
        sent_at: Some(entry.mail.date),
        in_reply_to: letter.in_reply_to,
        references: letter.references,
        ..Envelope::default()
    };
    let row = NewMail {
        uid: 0,
        date: now,
        size: u32::try_from(entry.size).unwrap_or(u32::MAX),
        flags: flag::SEEN | if attached { flag::ATTACHED } else { 0 },
        message_id: entry.mail.message_id.clone(),
        subject: entry.mail.subject.clone(),
        from: address(letter.from),
        envelope,
        parts: Parts::default(),
        ..NewMail::default()
    };
    let made = mails::insert(conn, account, folder, &[row])?;
    let Some(&mail) = made.first() else { return Ok(None) };
    mails::set_body(conn, mail, &qiyou_mime::preview(Some(&letter.text), None))?;
    Ok(Some(Local {
        mail,
        folder,
        html: letter.html,
        text: letter.text,
    }))
}

/// Keeps its text, and tells.
pub(super) async fn show(inner: &Inner, local: Local) -> qiyou_store::Result<()> {
    let Local {
        mail,
        folder,
        html,
        text,
    } = local;
    let now = inner.clock.now();
    inner
        .store
        .bodies(move |tx| {
            if let Some(html) = html {
                bodies::put(tx, mail, HTML, html.as_bytes(), now)?;
            }
            bodies::put(tx, mail, TEXT, text.as_bytes(), now)
        })
        .await?;
    inner.events.emit(qiyou_api::Event::ListChanged { folder });
    inner.folders_changed(&[folder]).await;
    Ok(())
}

/// Takes a row away again whose mail stands on the server under another Message-ID.
pub(super) async fn forget(inner: &Inner, entry: &Entry) -> qiyou_store::Result<()> {
    let (account, message_id) = (entry.mail.account, entry.mail.message_id.clone());
    let gone = inner
        .store
        .write(Durability::Normal, move |tx| {
            let Some(sent) = folders::by_role(tx, account, Role::Sent)? else {
                return Ok(None);
            };
            let folder = sent.folder.id;
            let gone = mails::unplaced_as(tx, folder, &message_id)?;
            mails::remove(tx, &gone)?;
            Ok((!gone.is_empty()).then_some((folder, gone)))
        })
        .await?;
    if let Some((folder, mails)) = gone {
        let forget = mails.clone();
        inner.store.bodies(move |tx| bodies::forget(tx, &forget)).await?;
        inner.events.emit(qiyou_api::Event::MailRemoved { folder, mails });
        inner.folders_changed(&[folder]).await;
    }
    Ok(())
}

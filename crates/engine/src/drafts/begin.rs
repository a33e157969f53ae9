//! What a mail begins with: who it goes to, what it is called, which thread it belongs to.

use qiyou_api::{Address, ApiError, DraftContent, DraftCreateParams, DraftKind, ErrorCode, Quoted, Settings};
use qiyou_mime::base_subject;
use qiyou_store::accounts::StoredAccount;
use qiyou_store::drafts::Origin;
use qiyou_store::mails::StoredMail;

use crate::own;

/// Ids that are handed on: the first, and the last of the others.
const MOST_REFERENCES: usize = 40;

fn known(list: &[Address], address: &str) -> bool {
    list.iter().any(|each| each.address.eq_ignore_ascii_case(address))
}

/// Adds people that are not there yet.
fn add<'a>(list: &mut Vec<Address>, others: &[Address], people: impl IntoIterator<Item = &'a Address>) {
    for person in people {
        if !person.address.is_empty() && !known(list, &person.address) && !known(others, &person.address) {
            list.push(person.clone());
        }
    }
}

/// Where an answer goes, and who gets a copy of one to all.
fn recipients(mail: &StoredMail, own: &[String], all: bool) -> (Vec<Address>, Vec<Address>) {
    let envelope = &mail.envelope;
    let from = std::slice::from_ref(&mail.row.from);
    let mine = |person: &Address| own::is_own(own, &person.address);
    let authors = if envelope.from.is_empty() { from } else { &envelope.from };
    let mut to = Vec::new();
    if all && !envelope.followup_to.is_empty() {
        // Its author says who is to get the answers: often the list alone.
        add(&mut to, &[], envelope.followup_to.iter().filter(|person| !mine(person)));
        if !to.is_empty() {
            return (to, Vec::new());
        }
    }
    // Whoever answers a mail of their own writes to whom it went.
    let written_here = authors.iter().any(&mine);
    if written_here {
        add(&mut to, &[], &envelope.to);
    } else if envelope.reply_to.is_empty() {
        add(&mut to, &[], authors);
    } else {
        add(&mut to, &[], &envelope.reply_to);
    }
    if !all {
        return (to, Vec::new());
    }
    let others: Vec<&Address> = envelope.to.iter().filter(|person| !mine(person)).collect();
    // A list that wants the answers to itself (Reply-To) does not lose the author.
    if !written_here && !envelope.reply_to.is_empty() {
        add(&mut to, &[], authors.iter().filter(|person| !mine(person)));
    }
    let mut cc = Vec::new();
    if written_here {
        to.retain(|person| !mine(person) || envelope.to.len() == 1);
    } else {
        let before = to.clone();
        add(&mut to, &before, others);
    }
    add(&mut cc, &to, envelope.cc.iter().filter(|person| !mine(person)));
    (to, cc)
}

fn references(mail: &StoredMail) -> Vec<String> {
    let mut ids = if mail.envelope.references.is_empty() {
        mail.envelope.in_reply_to.iter().take(1).cloned().collect()
    } else {
        mail.envelope.references.clone()
    };
    if !mail.message_id.is_empty() {
        ids.retain(|id| *id != mail.message_id);
        ids.push(mail.message_id.clone());
    }
    let surplus = ids.len().saturating_sub(MOST_REFERENCES);
    if surplus > 0 {
        ids.drain(1..surplus.saturating_add(1));
    }
    ids
}

fn quoted(mail: &StoredMail) -> Quoted {
    Quoted {
        from: if mail.envelope.from.is_empty() {
            vec![mail.row.from.clone()]
        } else {
            mail.envelope.from.clone()
        },
        to: mail.envelope.to.clone(),
        cc: mail.envelope.cc.clone(),
        subject: mail.row.subject.clone(),
        date: mail.envelope.sent_at.unwrap_or(mail.row.date),
        here: false,
    }
}

/// The account that a draft is sent by: the one that is asked for, that of the mails, the first.
fn account<'a>(
    params: &DraftCreateParams,
    accounts: &'a [StoredAccount],
    mails: &[StoredMail],
) -> Result<&'a StoredAccount, ApiError> {
    let wanted = params.account.or(mails.first().map(|mail| mail.row.account));
    let found = match wanted {
        Some(id) => accounts.iter().find(|account| account.id == id),
        None => accounts.first(),
    };
    found.ok_or_else(|| ApiError::new(ErrorCode::NotFound))
}

/// A draft's first content, and what it has to do with the mails.
pub(super) fn begin(
    params: &DraftCreateParams,
    accounts: &[StoredAccount],
    mails: &[StoredMail],
    settings: &Settings,
) -> Result<(DraftContent, Origin), ApiError> {
    let account = account(params, accounts, mails)?;
    let own = own::addresses(accounts, settings);
    let mut content = DraftContent {
        account: account.id,
        // Who was written to answers.
        from: mails
            .first()
            .map(|mail| own::answering(accounts, settings, account.id, mail))
            .unwrap_or_default(),
        to: params.to.clone(),
        cc: params.cc.clone(),
        bcc: params.bcc.clone(),
        subject: params.subject.clone(),
        html: paragraphs(&params.text),
        ..DraftContent::default()
    };
    let mut origin = Origin {
        kind: params.kind,
        mails: params.mails.clone(),
        ..Origin::default()
    };
    let first = mails.first();
    if params.kind != DraftKind::New && first.is_none() {
        return Err(ApiError::new(ErrorCode::NotFound));
    }
    let Some(mail) = first else {
        return Ok((content, origin));
    };
    let base = base_subject(&mail.row.subject);
    match params.kind {
        DraftKind::New => {}
        DraftKind::Reply | DraftKind::ReplyAll => {
            (content.to, content.cc) = recipients(mail, &own, params.kind == DraftKind::ReplyAll);
            content.subject = format!("{}{base}", params.prefix);
            content.quote = true;
            origin.in_reply_to = vec![mail.message_id.clone()];
            origin.references = references(mail);
            origin.quoted = Some(quoted(mail));
        }
        DraftKind::Forward => {
            content.subject = format!("{}{base}", params.prefix);
            content.quote = true;
            origin.references = references(mail);
            origin.quoted = Some(quoted(mail));
        }
        DraftKind::Redirect => {
            content.subject.clone_from(&mail.row.subject);
            content.quote = true;
            origin.quoted = Some(quoted(mail));
        }
        DraftKind::ForwardAttached => content.subject = format!("{}{base}", params.prefix),
        DraftKind::EditAsNew => {
            if content.to.is_empty() {
                content.to.clone_from(&mail.envelope.to);
                content.cc.clone_from(&mail.envelope.cc);
            }
            // It stays where it was in its thread.
            origin.in_reply_to.clone_from(&mail.envelope.in_reply_to);
            origin.references.clone_from(&mail.envelope.references);
            content.subject.clone_from(&mail.row.subject);
            // Its text becomes the draft's own; see `quote::carry_over`.
            origin.quoted = Some(quoted(mail));
        }
    }
    Ok((content, origin))
}

/// Plain text as the editor's paragraphs.
fn paragraphs(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        out.push_str("<p>");
        for c in line.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                c => out.push(c),
            }
        }
        out.push_str("</p>");
    }
    out
}

#[cfg(test)]
mod tests;

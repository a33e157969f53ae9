//! Reports about mails that were sent: which mails are worth reading as one, which mail each speaks of.

use qiyou_api::{Address, Fate, MailId, Outcome, Reason, Role};
use qiyou_store::mails::{self, NewMail, StoredMail, flag};
use qiyou_store::reports::{self, Report};
use qiyou_store::{Connection, accounts, folders};

/// Older ones are history when an account is new.
const FRESH: i64 = 30 * 86_400;

/// Whether a mail that came is to be read as a report.
pub(crate) fn is_candidate(mail: &NewMail, now: i64) -> bool {
    let types = mail.parts.attachments.iter().map(|part| part.mime_type.as_str());
    mail.date >= now.saturating_sub(FRESH) && qiyou_mime::may_report(&mail.from.address, &mail.subject, types)
}

fn fate(fate: qiyou_mime::Fate, at: i64) -> Fate {
    Fate {
        address: fate.address,
        outcome: match fate.outcome {
            qiyou_mime::Outcome::Failed => Outcome::Failed,
            qiyou_mime::Outcome::Delayed => Outcome::Delayed,
            qiyou_mime::Outcome::Delivered => Outcome::Delivered,
            qiyou_mime::Outcome::Read => Outcome::Read,
            qiyou_mime::Outcome::Deleted => Outcome::Deleted,
        },
        reason: match fate.reason {
            qiyou_mime::Reason::MailboxFull => Reason::MailboxFull,
            qiyou_mime::Reason::NoSuchUser => Reason::NoSuchUser,
            qiyou_mime::Reason::NoSuchDomain => Reason::NoSuchDomain,
            qiyou_mime::Reason::TooLarge => Reason::TooLarge,
            qiyou_mime::Reason::Refused => Reason::Refused,
            qiyou_mime::Reason::Unreachable => Reason::Unreachable,
            qiyou_mime::Reason::Unknown => Reason::Unknown,
        },
        detail: fate.detail,
        at,
    }
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// The mail of this Message-ID in a sent-box of any account.
fn sent_as(conn: &Connection, message_id: &str) -> qiyou_store::Result<Option<MailId>> {
    if message_id.is_empty() {
        return Ok(None);
    }
    for account in accounts::list(conn)? {
        if let Some(folder) = folders::by_role(conn, account.id, Role::Sent)?
            && let Some(found) = mails::by_message_id(conn, folder.folder.id, message_id)?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// A report that names no Message-ID is about the last mail of that subject that went to somebody it names.
fn sent_to(
    conn: &Connection,
    report: &StoredMail,
    subject: &str,
    fates: &[Fate],
) -> qiyou_store::Result<Option<MailId>> {
    let Some(folder) = folders::by_role(conn, report.row.account, Role::Sent)?.filter(|_| !subject.is_empty()) else {
        return Ok(None);
    };
    let since = report.row.date.saturating_sub(FRESH);
    for id in mails::by_subject(conn, folder.folder.id, subject, since)? {
        let mail = mails::get(conn, id)?;
        let earlier = mail.row.date <= report.row.date.saturating_add(3600);
        let named = |who: &Address| fates.iter().any(|fate| same(&fate.address, &who.address));
        if earlier && mail.envelope.to.iter().chain(&mail.envelope.cc).any(named) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Keeps what a mail reports (nothing: it is no report), and ties it to the mail that it speaks of. Gives the mails that
/// are told of differently now.
pub(crate) fn keep(
    conn: &Connection,
    mail: &StoredMail,
    told: Option<qiyou_mime::Report>,
) -> qiyou_store::Result<Vec<MailId>> {
    let id = mail.row.id;
    let Some(told) = told else {
        reports::forget(conn, id)?;
        return Ok(Vec::new());
    };
    let at = mail.row.date;
    let mut fates: Vec<Fate> = told.fates.into_iter().map(|each| fate(each, at)).collect();
    let mut about = told.message_id.unwrap_or_default();
    let mut sent = sent_as(conn, &about)?;
    let mut recipients = reports::recipients(conn, &about)?;
    if sent.is_none() && recipients.is_empty() {
        sent = sent_to(conn, mail, &told.subject, &fates)?;
    }
    if let Some(sent) = sent {
        let sent = mails::get(conn, sent)?;
        let named = sent.envelope.to.iter().chain(&sent.envelope.cc);
        recipients.extend(named.map(|who| who.address.clone()));
        about = sent.message_id;
    }
    if told.guessed {
        // In words alone stand other addresses, too.
        fates.retain(|fate| recipients.iter().any(|known| same(known, &fate.address)));
        if fates.is_empty() {
            reports::forget(conn, id)?;
            return Ok(Vec::new());
        }
    }
    let failed = fates.iter().any(|fate| fate.outcome == Outcome::Failed);
    let report = Report { mail: id, sent, fates };
    reports::put(conn, &report, &about, at)?;
    if let Some(sent) = sent.filter(|_| failed) {
        mails::set_own_flags(conn, sent, flag::UNDELIVERED, 0)?;
    }
    Ok(std::iter::once(id).chain(sent).collect())
}

/// What is reported of a mail that was sent from here: of each recipient the last.
pub(crate) fn fates(conn: &Connection, mail: &StoredMail) -> qiyou_store::Result<Vec<Fate>> {
    let mut out: Vec<Fate> = Vec::new();
    for report in reports::about(conn, &mail.message_id)? {
        for fate in report.fates {
            let known = out.iter_mut().find(|known| same(&known.address, &fate.address));
            match known {
                // Servers say late that they delivered what was read long ago.
                Some(known) if known.outcome == Outcome::Read && fate.outcome == Outcome::Delivered => {}
                Some(known) => *known = fate,
                None => out.push(fate),
            }
        }
    }
    Ok(out)
}

//! What a mail that went did to the ones that it answers or passes on: `\Answered`, `$Forwarded`.

use qiyou_api::{DraftKind, MailId};
use qiyou_store::mails::{self, flag};
use qiyou_store::outbox::{Entry, Stage};
use qiyou_store::{Connection, drafts};

use crate::actions::queue_flags;

/// Marks the originals of a mail that comes to this stage, here at once and on the server by the queue. Gives those
/// that show differently now.
pub(super) fn mark(conn: &Connection, entry: &Entry, to: Stage, now: i64) -> qiyou_store::Result<Vec<MailId>> {
    let (Some(draft), Stage::Filing | Stage::Sent) = (entry.draft, to) else {
        return Ok(Vec::new());
    };
    let origin = drafts::get(conn, draft)?.origin;
    let add = match origin.kind {
        DraftKind::Reply | DraftKind::ReplyAll => flag::ANSWERED,
        DraftKind::Forward | DraftKind::ForwardAttached | DraftKind::Redirect => flag::FORWARDED,
        DraftKind::New | DraftKind::EditAsNew => return Ok(Vec::new()),
    };
    let mut changed = Vec::new();
    for id in origin.mails {
        // It may be gone meanwhile.
        let mail = match mails::get(conn, id) {
            Ok(mail) if mail.flags & add == 0 => mail,
            Ok(_) | Err(qiyou_store::Error::NotFound) => continue,
            Err(error) => return Err(error),
        };
        queue_flags(conn, &mail, add, now)?;
        mails::set_flags(conn, id, mail.flags | add, 0)?;
        changed.push(id);
    }
    Ok(changed)
}

//! The sent-box: whether a mail stands in it, and putting it there.
//!
//! Some servers store what they were given by themselves, some of them late; others never do. Which kind a server is
//! shows with the first mail. A mail that stands there was taken, whatever the line said.

use qiyou_api::{CauseCode, CheckStep, Role};
use qiyou_imap::{Error, Flags, MailboxName, Session};
use qiyou_mime::summary;
use qiyou_store::folders::{self, StoredFolder};
use qiyou_store::outbox::{self, Change, Entry, Stage};

use super::carry::{Carrier, Onward};
use super::local;
use crate::account::{Hint, imap_failure, open_session};
use crate::newest::newest;

/// The newest mails of the sent-box that are looked at.
const NEWEST: u32 = 60;
/// First waits after each look until the next; a server that stores late is given the time that all of them make.
const LOOKS: [u32; 5] = [1, 3, 5, 10, 15];
/// Seconds until the next look when one could not be taken.
const AGAIN: i64 = 10;
/// A folder of that name is made where the server has none for what was sent.
const SENT: &str = "Sent";

/// Looks for a mail in the sent-box, and puts it there when it is its time.
pub(super) async fn look(carrier: &Carrier, entry: &Entry) -> qiyou_store::Result<Onward> {
    if entry.mail.receipt {
        // No copy is kept, and one that did not arrive is nothing to ask a person about.
        return Ok(Onward::to(Stage::Sent));
    }
    let account = carrier.account;
    let (none, folder, storing) = carrier
        .inner
        .store
        .read(move |conn| {
            let none = folders::list(conn, Some(account))?.is_empty();
            let folder = folders::by_role(conn, account, Role::Sent)?;
            Ok((none, folder, outbox::self_storing(conn, account)?))
        })
        .await?;
    let now = carrier.inner.clock.now();
    if none {
        // An account that is new: whether it has a sent-box is not known yet.
        return Ok(again(entry, now.saturating_add(1), None));
    }
    let line = carrier.lines.read().await;
    let (server, mut session) = match open_session(&carrier.inner, account).await {
        Ok(opened) => opened,
        Err(failure) => return Ok(again(entry, now.saturating_add(AGAIN), Some(failure.cause))),
    };
    let looked = search(carrier, &mut session, entry, folder, storing).await;
    if !session.is_dead() {
        let _ = tokio::time::timeout(std::time::Duration::from_secs(1), session.logout()).await;
    }
    drop(line);
    match looked {
        Ok(outcome) => conclude(carrier, entry, outcome, storing).await,
        Err(error) => {
            let failure = imap_failure(&error, &server.settings.imap, server.settings.credential);
            Ok(again(entry, now.saturating_add(AGAIN), Some(failure.cause)))
        }
    }
}

enum Outcome {
    /// It stands there, under its own Message-ID or (`true`) under another one.
    There(bool),
    /// We have put it there.
    Filed,
    /// Not yet.
    Missing,
}

/// The same once more; a look that could not be taken is none.
fn again(entry: &Entry, due: i64, cause: Option<qiyou_api::Cause>) -> Onward {
    Onward {
        to: entry.stage,
        change: Change {
            due: Some(due),
            looks: entry.looks,
            cause,
            ..Change::default()
        },
    }
}

async fn search(
    carrier: &Carrier,
    session: &mut Session,
    entry: &Entry,
    folder: Option<StoredFolder>,
    storing: Option<bool>,
) -> Result<Outcome, Error> {
    let name = MailboxName::from_wire_text(folder.as_ref().map_or(SENT, |folder| &folder.wire));
    if folder.is_none()
        // Refused is what exists already, made by another program or by us before a crash.
        && let Err(error) = session.create(&name).await
        && error.is_fatal()
    {
        return Err(error);
    }
    if let Some(replaced) = stands(session, &name, entry).await? {
        hint(carrier, folder.as_ref());
        return Ok(Outcome::There(replaced));
    }
    let waited = usize::try_from(entry.looks).is_ok_and(|looks| looks >= LOOKS.len());
    // Only what the server took for certain is put there by us.
    if entry.stage != Stage::Filing || (storing != Some(false) && !waited) {
        return Ok(Outcome::Missing);
    }
    let date = carrier.inner.clock.now();
    session
        .append(&name, &Flags::seen(), Some(date), entry.size, carrier.text(entry.id))
        .await?;
    hint(carrier, folder.as_ref());
    Ok(Outcome::Filed)
}

/// Has the account's own session look at the sent-box, or at the list of folders where it is new.
fn hint(carrier: &Carrier, folder: Option<&StoredFolder>) {
    carrier.signals.with(|pending| match folder {
        Some(folder) => drop(pending.hints.insert(folder.folder.id, Hint::default())),
        None => pending.look = true,
    });
}

/// Whether a mail may be as long as another one that a server wrote fields of its own into, or whose parts it encoded
/// anew.
fn alike(theirs: u32, ours: u64) -> bool {
    let room = (ours / 2).max(16 * 1024);
    u64::from(theirs).abs_diff(ours) <= room
}

/// Whether the mail is among the newest of the folder: by its Message-ID, or, where the server replaces that (`true`), by
/// everything that it does not.
async fn stands(session: &mut Session, name: &MailboxName, entry: &Entry) -> Result<Option<bool>, Error> {
    let set = newest(session, name, true, NEWEST).await?;
    let mut found = None;
    session
        .fetch_rows(&set, &mut |row| {
            let told = summary(&row.header);
            let same_id = [&told.message_id, &told.resent_message_id]
                .iter()
                .any(|id| id.as_deref() == Some(entry.mail.message_id.as_str()));
            let everybody = || {
                told.to.iter().chain(&told.cc).all(|each| {
                    entry
                        .mail
                        .recipients
                        .iter()
                        .any(|known| known.eq_ignore_ascii_case(&each.address))
                })
            };
            let replaced = told.original_message_id.as_deref() == Some(entry.mail.message_id.as_str());
            let same_words = replaced
                || told.date == Some(entry.mail.date)
                    && told.subject == entry.mail.subject
                    && row.size.is_none_or(|size| alike(size, entry.size))
                    && everybody();
            if same_id {
                found = Some(false);
            } else if same_words && found.is_none() {
                found = Some(true);
            }
            Ok(())
        })
        .await?;
    Ok(found)
}

async fn conclude(
    carrier: &Carrier,
    entry: &Entry,
    outcome: Outcome,
    storing: Option<bool>,
) -> qiyou_store::Result<Onward> {
    let learn = async |does: bool| {
        let account = carrier.account;
        carrier
            .write(move |conn| outbox::set_self_storing(conn, account, does))
            .await
    };
    let now = carrier.inner.clock.now();
    let pause = usize::try_from(entry.looks).ok().and_then(|looks| LOOKS.get(looks));
    let pause = pause.map(|times| carrier.inner.pace.filing.saturating_mul(*times).as_secs());
    match outcome {
        Outcome::There(replaced) => {
            if storing.is_none() {
                learn(true).await?;
            }
            if replaced {
                local::forget(&carrier.inner, entry).await?;
            }
            Ok(Onward::to(Stage::Sent))
        }
        Outcome::Filed => {
            if storing != Some(false) {
                learn(false).await?;
            }
            Ok(Onward::to(Stage::Sent))
        }
        Outcome::Missing => match pause {
            // A server that never stores by itself has nothing to say about what it was given.
            Some(pause) if entry.stage == Stage::Filing || storing != Some(false) => Ok(Onward {
                to: entry.stage,
                change: Change {
                    due: Some(now.saturating_add(i64::try_from(pause).unwrap_or(i64::MAX))),
                    looks: entry.looks.saturating_add(1),
                    cause: entry.cause.clone(),
                    ..Change::default()
                },
            }),
            // It would stand there by now if the server had taken it.
            _ if entry.stage == Stage::Checking && storing == Some(true) => {
                Ok(Onward::later(Stage::Waiting, now, entry.cause.clone()))
            }
            _ => {
                let cause = entry.cause.clone().unwrap_or_else(|| qiyou_api::Cause {
                    code: CauseCode::Disconnected,
                    step: CheckStep::Done,
                    host: String::new(),
                    port: 0,
                    detail: String::new(),
                });
                Ok(Onward {
                    to: Stage::NeedsYou,
                    change: Change {
                        cause: Some(cause),
                        ..Change::default()
                    },
                })
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::alike;

    #[test]
    fn a_server_may_add_to_a_mail_and_not_make_another_of_it() {
        assert!(alike(20_000, 5_000) && alike(5_000, 20_000));
        assert!(alike(14_000_000, 10_000_000));
        assert!(!alike(100_000, 5_000) && !alike(5_000, 10_000_000));
    }
}

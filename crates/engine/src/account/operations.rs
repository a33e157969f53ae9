//! What was done here is told to the server, in order, each thing once.

use std::collections::HashMap;

use qiyou_api::{ApiError, ErrorCode, Event, FolderId, MailId};
use qiyou_imap::{Error, FlagChange, MailboxName, UidSet};
use qiyou_store::mails::flag;
use qiyou_store::operations::{Kind, Operation, Target};
use qiyou_store::{Durability, folders, mails, operations};

use super::identity::{Face, face};
use super::work::{Step, Trouble, Work};
use crate::convert;

/// Refusals in one session after which an operation is taken back. Lost lines do not count: they say nothing.
const MOST_REFUSALS: u32 = 3;
/// An operation at which the session ended so often is taken back, too, or it would block all others for ever.
const MOST_ATTEMPTS: u32 = 100;
/// The newest unknown mails of a folder among which the copies of a move that broke off are looked for.
const MOST_COPIES: usize = 2000;
/// Mails of one command.
const CHUNK: usize = 500;

/// What became of an operation's mails in one try.
#[derive(Default)]
struct Outcome {
    /// The server knows; or there is nothing left that it could know.
    done: Vec<MailId>,
    /// Their UIDs are not known yet.
    waiting: Vec<MailId>,
    /// The server's UIDs turned out to be others than believed; they are known now.
    renumbered: bool,
}

impl Work {
    /// Replays the queue of this account until it is empty or the line is lost.
    pub(super) async fn replay(&mut self) -> Step<()> {
        let account = self.context.account;
        let store = self.context.inner.store.clone();
        let mut touched: Vec<FolderId> = Vec::new();
        while let Some(operation) = store.read(move |conn| operations::next(conn, account)).await? {
            let id = operation.id;
            touched.push(operation.folder);
            if let Kind::Move { to } = operation.kind {
                touched.push(to);
            }
            if operation.targets.is_empty() {
                store
                    .write(Durability::Full, move |tx| operations::finish(tx, id, &[]))
                    .await?;
                continue;
            }
            // From here on an undo is an operation of its own.
            store
                .write(Durability::Full, move |tx| operations::attempted(tx, id))
                .await?;
            match self.perform(&operation).await {
                Ok(outcome) if outcome.waiting.is_empty() && !outcome.renumbered => {}
                Ok(outcome) if !self.refused_too_often(&operation) => {
                    // The server has not listed yet what an earlier operation moved: it is asked.
                    tracing::debug!(
                        operation = id,
                        waiting = outcome.waiting.len(),
                        "an operation waits for UIDs"
                    );
                    if !outcome.renumbered {
                        self.shrunk.insert(operation.folder);
                        self.look_at(operation.folder).await?;
                    }
                }
                Ok(outcome) => {
                    let back = if outcome.renumbered {
                        // Its UIDs mean other mails each time it is asked: nothing can be done to them safely.
                        operation.targets.iter().map(|target| target.mail).collect()
                    } else {
                        outcome.waiting
                    };
                    self.take_back(&operation, &back, "the mail is not in the folder")
                        .await?;
                }
                Err(Trouble::Imap(error)) if !error.is_fatal() => {
                    tracing::info!(operation = id, %error, attempts = operation.attempts, "an operation was refused");
                    let hopeless = matches!(error, Error::NoSuchMailbox { .. } | Error::ForeignDeleted);
                    if self.refused_too_often(&operation) || hopeless {
                        let all: Vec<MailId> = operation.targets.iter().map(|t| t.mail).collect();
                        let words = error.server_text().map_or_else(|| error.to_string(), str::to_owned);
                        self.take_back(&operation, &all, &words).await?;
                    } else {
                        // What is open may be other than believed.
                        self.open = None;
                    }
                }
                Err(other) => return Err(other),
            }
        }
        touched.sort_unstable();
        touched.dedup();
        self.context.inner.folders_changed(&touched).await;
        Ok(())
    }

    /// Counts a refusal.
    fn refused_too_often(&mut self, operation: &Operation) -> bool {
        let count = self.refusals.entry(operation.id).or_default();
        *count = count.saturating_add(1);
        *count >= MOST_REFUSALS || operation.attempts >= MOST_ATTEMPTS
    }

    async fn perform(&mut self, operation: &Operation) -> Step<Outcome> {
        let id = operation.id;
        let store = self.context.inner.store.clone();
        self.open_folder(operation.folder).await?;
        // Opening may have given the mails other UIDs.
        let targets: Vec<Target> = {
            let folder = operation.folder;
            let all = store.read(move |conn| operations::targets_in(conn, folder)).await?;
            all.into_iter()
                .filter(|(of, _)| *of == id)
                .map(|(_, target)| target)
                .collect()
        };
        let waiting = operation
            .targets
            .iter()
            .map(|t| t.mail)
            .filter(|m| !targets.iter().any(|t| t.mail == *m))
            .collect();
        let mut outcome = Outcome {
            waiting,
            ..Outcome::default()
        };
        for chunk in targets.chunks(CHUNK) {
            let copied = self.copied_before(operation, chunk).await?;
            let Some(present) = self.identified(operation, chunk).await? else {
                outcome.renumbered = true;
                return Ok(outcome);
            };
            let (mut set, mut rest) = (UidSet::new(), UidSet::new());
            for target in chunk.iter().filter(|t| present.contains(&t.mail)) {
                if copied.contains_key(&target.mail) {
                    &mut rest
                } else {
                    &mut set
                }
                .insert(target.uid);
            }
            let mut arrived: HashMap<u32, u32> = HashMap::new();
            if !rest.is_empty() {
                // What a move that broke off had copied: only its second half is left to do.
                self.session.remove(&rest).await?;
            }
            for target in chunk {
                arrived.extend(copied.get(&target.mail).copied().flatten().map(|uid| (target.uid, uid)));
            }
            if !set.is_empty() {
                match operation.kind {
                    Kind::Flags { add, remove } => {
                        if add != 0 {
                            let change = FlagChange::Add(convert::to_server_flags(add));
                            match self.session.store_flags(&set, &change).await {
                                // A server that keeps no keywords is told nothing more: nobody asked for them as such.
                                Err(error) if !error.is_fatal() && add & !flag::KEYWORDS == 0 => {
                                    tracing::debug!(operation = id, %error, "a keyword is not kept");
                                }
                                stored => stored?,
                            }
                        }
                        if remove != 0 {
                            let change = FlagChange::Remove(convert::to_server_flags(remove));
                            self.session.store_flags(&set, &change).await?;
                        }
                    }
                    Kind::Move { to } => {
                        let destination = store.read(move |conn| folders::get(conn, to)).await?;
                        let name = MailboxName::from_wire_text(&destination.wire);
                        if let Some(pairs) = self.session.move_to(&set, &name).await? {
                            arrived.extend(pairs);
                        }
                        self.dirty.insert(to);
                        self.texts_done = false;
                    }
                    Kind::Expunge => self.session.remove(&set).await?,
                }
            }
            if let (Kind::Move { to }, true) = (operation.kind, present.len() < chunk.len()) {
                // Gone from here: by this very move before the line broke, or by somebody else. The folder knows.
                self.dirty.insert(to);
                self.shrunk.insert(to);
            }
            let done: Vec<MailId> = chunk.iter().map(|t| t.mail).collect();
            outcome.done.extend(&done);
            let kind = operation.kind;
            let landed: Vec<(MailId, u32)> = chunk
                .iter()
                .filter_map(|t| arrived.get(&t.uid).map(|uid| (t.mail, *uid)))
                .collect();
            store
                .write(Durability::Full, move |tx| {
                    if let Kind::Move { to } = kind {
                        for (mail, uid) in landed {
                            operations::moved(tx, mail, to, uid)?;
                        }
                    }
                    operations::finish(tx, id, &done)
                })
                .await?;
        }
        Ok(outcome)
    }

    /// Where a server without MOVE was left between COPY and EXPUNGE: the mails of a chunk whose copies are in the
    /// other folder already, with their UIDs there if no row has them yet.
    async fn copied_before(&mut self, operation: &Operation, chunk: &[Target]) -> Step<HashMap<MailId, Option<u32>>> {
        let Kind::Move { to } = operation.kind else {
            return Ok(HashMap::new());
        };
        if operation.attempts == 0 || self.session.capabilities().move_() {
            return Ok(HashMap::new());
        }
        self.open_folder(to).await?;
        let theirs = self.session.uid_search(&qiyou_imap::Search::All).await?;
        let ids: Vec<MailId> = chunk.iter().map(|t| t.mail).collect();
        let (known, here) = self
            .context
            .inner
            .store
            .read(move |conn| {
                let known = mails::uids(conn, to)?;
                let mut here: Vec<MailId> = Vec::new();
                for id in ids {
                    match mails::get(conn, id) {
                        Ok(mail) if mail.row.folder == to && mail.uid > 0 => here.push(id),
                        Ok(_) | Err(qiyou_store::Error::NotFound) => {}
                        Err(other) => return Err(other),
                    }
                }
                Ok((known, here))
            })
            .await?;
        let mut set = UidSet::new();
        for uid in theirs
            .iter()
            .rev()
            .filter(|uid| known.binary_search(uid).is_err())
            .take(MOST_COPIES)
        {
            set.insert(*uid);
        }
        let mut copies: HashMap<Face, Vec<u32>> = HashMap::new();
        for (uid, face) in self.faces(&set).await? {
            copies.entry(face).or_default().push(uid);
        }
        let mut found: HashMap<MailId, Option<u32>> = here.into_iter().map(|mail| (mail, None)).collect();
        for target in chunk.iter().filter(|t| !t.message_id.is_empty()) {
            let face = face(target.size, target.date, &target.message_id);
            if let Some(uid) = copies.get_mut(&face).and_then(Vec::pop) {
                found.entry(target.mail).or_insert(Some(uid));
            }
        }
        self.open_folder(operation.folder).await?;
        Ok(found)
    }

    /// The mails of a chunk that the server really has under these UIDs. In doubt the folder is identified anew and
    /// the operation is to be tried again with what comes out of that (`None`); a mail that is gone has nothing left
    /// to be told.
    async fn identified(&mut self, operation: &Operation, chunk: &[Target]) -> Step<Option<Vec<MailId>>> {
        let mut set = UidSet::new();
        for target in chunk {
            set.insert(target.uid);
        }
        let faces = self.faces(&set).await?;
        let ours = |target: &Target| -> Face { face(target.size, target.date, &target.message_id) };
        let wrong = chunk
            .iter()
            .any(|t| faces.get(&t.uid).is_some_and(|theirs| *theirs != ours(t)));
        if wrong {
            tracing::warn!(
                folder = operation.folder,
                "UIDs name other mails than before: identified anew first"
            );
            let folder = self.folder(operation.folder).await?;
            self.identify_anew(&folder, folder.sync.uidvalidity).await?;
            return Ok(None);
        }
        Ok(Some(
            chunk
                .iter()
                .filter(|t| faces.contains_key(&t.uid))
                .map(|t| t.mail)
                .collect(),
        ))
    }

    /// The server will not do it: the mails go back to where and how they were, and the person is told.
    async fn take_back(&mut self, operation: &Operation, mails_back: &[MailId], words: &str) -> Step<()> {
        let back: Vec<Target> = operation
            .targets
            .iter()
            .filter(|t| mails_back.contains(&t.mail))
            .cloned()
            .collect();
        let (id, folder, kind) = (operation.id, operation.folder, operation.kind);
        self.context
            .inner
            .store
            .write(Durability::Full, move |tx| {
                for target in &back {
                    if let Kind::Move { to } = kind {
                        let here = mails::rows(tx, &[target.mail])?
                            .first()
                            .is_some_and(|row| row.folder == to);
                        if here && target.uid > 0 {
                            mails::relocate(tx, target.mail, folder, target.uid)?;
                        }
                    }
                }
                let ids: Vec<MailId> = back.iter().map(|t| t.mail).collect();
                operations::finish(tx, id, &ids)
            })
            .await?;
        let error = ApiError::new(ErrorCode::ServerRefused).with("detail", words);
        self.context.inner.events.emit(Event::OperationFailed {
            mails: mails_back.to_vec(),
            error,
        });
        self.context.inner.events.emit(Event::ListChanged { folder });
        if let Kind::Move { to } = kind {
            self.context.inner.events.emit(Event::ListChanged { folder: to });
        }
        self.reflagged.insert(folder);
        self.shrunk.insert(folder);
        self.dirty.insert(folder);
        Ok(())
    }
}

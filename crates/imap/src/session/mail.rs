//! Changing mails: flags, moving, copying, removing. Nothing that somebody else marked as deleted is ever removed.

use super::{Command, Session};
use crate::error::Error;
use crate::flags::{FlagChange, Flags};
use crate::name::MailboxName;
use crate::parse::{Code, Response};
use crate::session::search::Search;
use crate::uid_set::UidSet;

/// Longest sequence-set in one command, in characters.
const MAX_SET: usize = 4_000;

impl Session {
    /// Sets or clears flags. An empty set or change does nothing.
    pub async fn store_flags(&mut self, set: &UidSet, change: &FlagChange) -> Result<(), Error> {
        let (verb, flags) = match change {
            FlagChange::Add(flags) => ("+FLAGS.SILENT", flags),
            FlagChange::Remove(flags) => ("-FLAGS.SILENT", flags),
        };
        let flags = flags.to_string();
        if flags.is_empty() {
            return Ok(());
        }
        for chunk in set.chunks(usize::MAX, MAX_SET) {
            self.run_simple(Command::new(format!("UID STORE {chunk} {verb} ({flags})")))
                .await?;
        }
        Ok(())
    }

    /// Moves mails: MOVE, else COPY, `\Deleted`, and UID EXPUNGE. Returns old and new UIDs where the server tells
    /// them (UIDPLUS).
    ///
    /// # Errors
    /// [`Error::ForeignDeleted`] before anything is done, where a server without MOVE and UIDPLUS would also remove
    /// mails that somebody else marked; [`Error::NoSuchMailbox`].
    pub async fn move_to(&mut self, set: &UidSet, target: &MailboxName) -> Result<Option<Vec<(u32, u32)>>, Error> {
        if set.is_empty() {
            return Ok(None);
        }
        if self.capabilities.move_() {
            return self.copy_like("UID MOVE", set, target).await;
        }
        if !self.capabilities.uidplus() {
            self.refuse_foreign_deleted(set).await?;
        }
        let pairs = self.copy_like("UID COPY", set, target).await?;
        self.store_flags(set, &FlagChange::Add(Flags::deleted())).await?;
        self.expunge(set).await?;
        Ok(pairs)
    }

    /// Copies mails. Returns old and new UIDs where the server tells them (UIDPLUS).
    pub async fn copy(&mut self, set: &UidSet, target: &MailboxName) -> Result<Option<Vec<(u32, u32)>>, Error> {
        self.copy_like("UID COPY", set, target).await
    }

    async fn copy_like(
        &mut self,
        verb: &str,
        set: &UidSet,
        target: &MailboxName,
    ) -> Result<Option<Vec<(u32, u32)>>, Error> {
        let mut pairs: Option<Vec<(u32, u32)>> = None;
        for chunk in set.chunks(usize::MAX, MAX_SET) {
            let command = Command::new(format!("{verb} {chunk} ")).value(self.wire_name(target));
            let mut untagged = None;
            let done = self
                .run(command, |response| match response {
                    // MOVE tells it before the EXPUNGEs (RFC 6851 4.3), COPY in its tagged answer.
                    Response::Status(line) => match line.code {
                        Some(Code::CopyUid(_, pairs)) => {
                            untagged = Some(pairs);
                            Ok(None)
                        }
                        _ => Ok(Some(Response::Status(line))),
                    },
                    other => Ok(Some(other)),
                })
                .await?;
            let told = match done.code {
                Some(Code::CopyUid(_, pairs)) => Some(pairs),
                _ => untagged,
            };
            if let Some(told) = told {
                pairs.get_or_insert_default().extend(told);
            }
        }
        Ok(pairs)
    }

    /// Removes those of `set` that are marked as deleted, for ever: UID EXPUNGE, else EXPUNGE if nothing else is
    /// marked.
    ///
    /// # Errors
    /// [`Error::ForeignDeleted`], and nothing is removed.
    pub async fn expunge(&mut self, set: &UidSet) -> Result<(), Error> {
        if set.is_empty() {
            return Ok(());
        }
        if self.capabilities.uidplus() {
            for chunk in set.chunks(usize::MAX, MAX_SET) {
                self.run_simple(Command::new(format!("UID EXPUNGE {chunk}"))).await?;
            }
            return Ok(());
        }
        self.refuse_foreign_deleted(set).await?;
        self.run_simple(Command::new("EXPUNGE")).await.map(drop)
    }

    /// Marks mails as deleted and removes them, for ever, with the same care as [`Session::expunge`].
    pub async fn remove(&mut self, set: &UidSet) -> Result<(), Error> {
        if set.is_empty() {
            return Ok(());
        }
        if !self.capabilities.uidplus() {
            // Before anything is marked: a refusal leaves all as it was.
            self.refuse_foreign_deleted(set).await?;
        }
        self.store_flags(set, &FlagChange::Add(Flags::deleted())).await?;
        self.expunge(set).await
    }

    async fn refuse_foreign_deleted(&mut self, ours: &UidSet) -> Result<(), Error> {
        // What others marked since we last heard of the mailbox counts too: NOOP brings the view up to date.
        self.run_simple(Command::new("NOOP")).await?;
        let deleted = self.uid_search(&Search::Deleted).await?;
        if deleted.iter().all(|&uid| ours.contains(uid)) {
            Ok(())
        } else {
            Err(Error::ForeignDeleted)
        }
    }
}

//! Opening a mailbox (RFC 9051 6.3.2), with what changed since the last time (RFC 7162).

use super::{Command, Current, Session};
use crate::error::Error;
use crate::flags::{FlagRow, Flags};
use crate::name::MailboxName;
use crate::parse::{Code, Response};
use crate::uid_set::UidSet;

/// Most changed rows taken from one SELECT.
const MAX_CHANGED: usize = 1_000_000;

/// What is known of a mailbox from the last time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qresync {
    pub uidvalidity: u32,
    pub modseq: u64,
    /// The UIDs that are in the store; all when none.
    pub known: Option<UidSet>,
}

/// How to open a mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelectOptions {
    /// EXAMINE: nothing that is done changes anything.
    pub read_only: bool,
    /// Ask what changed; left out where the server has no QRESYNC.
    pub qresync: Option<Qresync>,
}

/// A mailbox as it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    pub exists: u32,
    pub uidvalidity: Option<u32>,
    /// None where the server hides it (Coremail).
    pub uidnext: Option<u32>,
    /// None in mailboxes without modification sequences.
    pub highestmodseq: Option<u64>,
    /// Flags that stay.
    pub permanent_flags: Flags,
    /// Whether new keywords can be made.
    pub new_keywords: bool,
    pub read_only: bool,
    /// Gone since `Qresync::modseq`; may name UIDs that never were.
    pub vanished: UidSet,
    /// Changed since `Qresync::modseq`.
    pub changed: Vec<FlagRow>,
    /// The server's UIDs do not last (UIDNOTSTICKY): key by Message-ID.
    pub uids_do_not_last: bool,
}

impl Session {
    /// Opens a mailbox. "Unsafe Login" is met by saying who we are again, once.
    ///
    /// # Errors
    /// [`Error::UnsafeLogin`], [`Error::NoSuchMailbox`], [`Error::No`]; no mailbox is selected then.
    pub async fn select(&mut self, name: &MailboxName, options: SelectOptions) -> Result<Selected, Error> {
        match self.select_once(name, &options).await {
            Err(Error::UnsafeLogin { text }) => {
                self.quirks.unsafe_login_until_id = true;
                tracing::debug!(target: "imap", "unsafe login: saying who we are again");
                if self.say_id().await.is_err() && self.dead {
                    return Err(Error::UnsafeLogin { text });
                }
                self.select_once(name, &options).await
            }
            Err(Error::Bad { .. }) if options.read_only && !self.quirks.no_examine => {
                self.quirks.no_examine = true;
                self.select_once(name, &options).await
            }
            other => other,
        }
    }

    async fn select_once(&mut self, name: &MailboxName, options: &SelectOptions) -> Result<Selected, Error> {
        let verb = if options.read_only && !self.quirks.no_examine {
            "EXAMINE "
        } else {
            "SELECT "
        };
        let mut command = Command::new(verb).value(self.wire_name(name));
        match &options.qresync {
            Some(since) if self.qresync => {
                let known = match &since.known {
                    // Far too long a list says nothing that the server needs.
                    Some(known) if !known.is_empty() && known.ranges().len() <= 500 => format!(" {known}"),
                    _ => String::new(),
                };
                command = command.raw(&format!(
                    " (QRESYNC ({} {}{known}))",
                    since.uidvalidity,
                    since.modseq.max(1)
                ));
            }
            _ if self.capabilities.condstore() => command = command.raw(" (CONDSTORE)"),
            _ => {}
        }
        let was_selected = self.selected.take().is_some();
        let mut opened = Selected {
            read_only: options.read_only,
            ..Selected::default()
        };
        let done = self
            .run(command, |response| {
                match response {
                    Response::Exists(count) => opened.exists = count,
                    Response::Vanished(_, set) => opened.vanished.union_with(&set),
                    Response::Fetch(items) => {
                        if let (Some(uid), Some(flags)) = (items.uid, items.flags)
                            && opened.changed.len() < MAX_CHANGED
                        {
                            opened.changed.push(FlagRow {
                                uid,
                                seq: items.seq,
                                flags,
                                modseq: items.modseq,
                            });
                        }
                    }
                    Response::Status(line) => match line.code {
                        Some(Code::Closed) if was_selected => {
                            // What came so far was about the mailbox that is closed now.
                            opened = Selected {
                                read_only: options.read_only,
                                ..Selected::default()
                            };
                        }
                        Some(Code::UidValidity(value)) => opened.uidvalidity = Some(value),
                        Some(Code::UidNext(value)) => opened.uidnext = (value > 0).then_some(value),
                        Some(Code::HighestModSeq(value)) => opened.highestmodseq = (value > 0).then_some(value),
                        Some(Code::NoModSeq) => opened.highestmodseq = None,
                        Some(Code::PermanentFlags(flags, any)) => {
                            opened.permanent_flags = flags;
                            opened.new_keywords = any;
                        }
                        Some(Code::UidNotSticky) => opened.uids_do_not_last = true,
                        Some(Code::ReadOnly) => opened.read_only = true,
                        _ => return Ok(Some(Response::Status(line))),
                    },
                    Response::Flags(_) | Response::Recent(_) | Response::Expunge(_) => {}
                    other => return Ok(Some(other)),
                }
                Ok(None)
            })
            .await?;
        match done.code {
            Some(Code::ReadOnly) => opened.read_only = true,
            Some(Code::ReadWrite) => opened.read_only = false,
            _ => {}
        }
        if opened.uidnext.is_none() {
            self.quirks.hides_uidnext = true;
        }
        // What was told of the former mailbox is of no use for this one.
        self.unsolicited.retain(|u| {
            !matches!(
                u,
                super::Unsolicited::Exists(_)
                    | super::Unsolicited::Expunge(_)
                    | super::Unsolicited::Vanished(_)
                    | super::Unsolicited::Fetch(_)
            )
        });
        self.selected = Some(Current {
            name: name.clone(),
            read_only: opened.read_only,
        });
        Ok(opened)
    }

    /// Closes the mailbox without removing anything (UNSELECT; else EXAMINE and CLOSE do the same).
    pub async fn unselect(&mut self) -> Result<(), Error> {
        let Some(current) = self.selected.clone() else {
            return Ok(());
        };
        if self.capabilities.unselect() {
            self.run_simple(Command::new("UNSELECT")).await?;
        } else {
            // CLOSE in a writable mailbox would remove what is marked as deleted.
            if !current.read_only {
                self.select(
                    &current.name,
                    SelectOptions {
                        read_only: true,
                        qresync: None,
                    },
                )
                .await?;
            }
            if self.selected.as_ref().is_some_and(|c| c.read_only) {
                self.run_simple(Command::new("CLOSE")).await?;
            }
        }
        self.selected = None;
        Ok(())
    }
}

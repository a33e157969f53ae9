//! Rows, flags and identities of many messages.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{Command, Session, Step};
use crate::error::Error;
use crate::flags::{FlagRow, Flags};
use crate::parse::{Cursor, FetchItems, Response, Section};
use crate::structure::BodyStructure;
use crate::uid_set::UidSet;

/// The header fields that a [`Row`] carries.
pub const ROW_HEADERS: &str = "From To Cc Reply-To Sender Subject Date Message-ID In-Reply-To References List-Id \
                               Content-Type X-Priority Importance Auto-Submitted Disposition-Notification-To \
                               Mail-Followup-To Resent-Message-ID X-Microsoft-Original-Message-ID \
                               X-Qiyou-Draft";

/// Longest sequence-set in one command, in characters.
const MAX_SET: usize = 4_000;
/// Bytes of the header fields of a message whose answer was too large.
const SMALL_HEADER: u32 = 64 << 10;
/// Messages per command of [`Session::fetch_parts`].
const PARTS_BATCH: usize = 50;

/// What a list shows of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub uid: u32,
    pub flags: Flags,
    pub modseq: Option<u64>,
    /// Unix seconds.
    pub internal_date: Option<i64>,
    /// RFC822.SIZE, bytes. Some servers round it.
    pub size: Option<u32>,
    /// None where the server's structure is broken or missing: parse the source instead.
    pub structure: Option<BodyStructure>,
    /// The fields of [`ROW_HEADERS`] as one block of bytes. It shares memory with its neighbours: take out what is
    /// needed, do not keep it.
    pub header: Bytes,
    /// X-GM-MSGID.
    pub gmail_message: Option<u64>,
    /// X-GM-THRID.
    pub gmail_thread: Option<u64>,
    /// RFC 8474 EMAILID and THREADID.
    pub email_id: Option<String>,
    pub thread_id: Option<String>,
}

/// By what a message is known again when UIDs are not to be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub uid: u32,
    pub size: Option<u32>,
    /// Unix seconds.
    pub internal_date: Option<i64>,
    /// Without angle brackets.
    pub message_id: Option<String>,
}

impl Identity {
    /// Whether both are the same message: the Message-ID must agree where both have one, size and date where both
    /// tell them, and at least two of the three must be known of both.
    pub fn is_same(&self, other: &Self) -> bool {
        let mut known = 0_u32;
        let mut agree = |same: Option<bool>| match same {
            Some(same) => {
                known = known.saturating_add(1);
                same
            }
            None => true,
        };
        let ids = self
            .message_id
            .as_deref()
            .zip(other.message_id.as_deref())
            .map(|(a, b)| a == b);
        let sizes = self.size.zip(other.size).map(|(a, b)| a == b);
        let dates = self.internal_date.zip(other.internal_date).map(|(a, b)| a == b);
        let all = [agree(ids), agree(sizes), agree(dates)].into_iter().all(|a| a);
        all && known >= 2
    }
}

/// A small part of a message, wanted whole or cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRequest {
    pub uid: u32,
    /// As in `BODY[...]`: `1`, `1.2.MIME`, `HEADER`.
    pub section: String,
    /// Bytes; at most 1 MiB is taken.
    pub max_len: u32,
}

impl Session {
    /// Fetches what a list shows, streaming each row to `each` as it arrives, in the server's order.
    ///
    /// A server that fails at a message is asked for it alone, then without structure; then the message is left out.
    /// Give the newest first by calling this with small sets.
    pub async fn fetch_rows(
        &mut self,
        set: &UidSet,
        each: &mut (dyn FnMut(Row) -> Result<(), Error> + Send),
    ) -> Result<(), Error> {
        let batch = self.limits.batch;
        for chunk in set.chunks(batch, MAX_SET) {
            self.rows_of_chunk(chunk, each).await?;
        }
        Ok(())
    }

    async fn rows_of_chunk(
        &mut self,
        chunk: UidSet,
        each: &mut (dyn FnMut(Row) -> Result<(), Error> + Send),
    ) -> Result<(), Error> {
        // (what to ask for, whether structures are wanted); split in halves where the server fails.
        let mut todo = vec![(chunk, !self.quirks.no_bodystructure, false)];
        // Work is bounded: a server that fails at everything is given up after so many refusals.
        let mut refusals = 0_u32;
        while let Some((set, structures, small)) = todo.pop() {
            let mut missing = set.clone();
            let mut skipped = UidSet::new();
            match self
                .rows_once(&set, structures, small, &mut missing, &mut skipped, each)
                .await
            {
                Ok(()) => {
                    if !skipped.is_empty() && !small {
                        todo.push((skipped, false, true));
                    }
                }
                Err(e @ (Error::No { .. } | Error::Bad { .. })) => {
                    refusals = refusals.saturating_add(1);
                    if refusals > 64 {
                        return Err(e);
                    }
                    if set.len() > 1 && !missing.is_empty() {
                        let half = usize::try_from(missing.len().div_ceil(2)).unwrap_or(usize::MAX);
                        // Popped from the end: the lower half first.
                        todo.extend(
                            missing
                                .chunks(half, MAX_SET)
                                .into_iter()
                                .rev()
                                .map(|s| (s, structures, small)),
                        );
                    } else if structures && !missing.is_empty() {
                        todo.push((missing, false, small));
                    } else if !missing.is_empty() {
                        tracing::warn!(target: "imap", uid = missing.first(), "the server cannot tell of this message");
                    }
                }
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    async fn rows_once(
        &mut self,
        set: &UidSet,
        structures: bool,
        small: bool,
        missing: &mut UidSet,
        skipped: &mut UidSet,
        each: &mut (dyn FnMut(Row) -> Result<(), Error> + Send),
    ) -> Result<(), Error> {
        let mut items = String::from("UID FLAGS INTERNALDATE RFC822.SIZE");
        if structures {
            items.push_str(" BODYSTRUCTURE");
        }
        if self.condstore {
            items.push_str(" MODSEQ");
        }
        if self.capabilities.gmail() {
            items.push_str(" X-GM-MSGID X-GM-THRID");
        } else if self.capabilities.object_id() {
            items.push_str(" EMAILID THREADID");
        }
        let cut = if small {
            format!("<0.{SMALL_HEADER}>")
        } else {
            String::new()
        };
        let command = Command::new(format!(
            "UID FETCH {set} ({items} BODY.PEEK[HEADER.FIELDS ({ROW_HEADERS})]{cut})"
        ));
        let tag = self.begin(command).await?;
        let mut failure: Option<Error> = None;
        loop {
            match self.step().await? {
                Step::Data(Response::Fetch(items)) => {
                    let whole = items.uid.is_some_and(|uid| set.contains(uid)) && !items.sections.is_empty();
                    if !whole {
                        self.note(Response::Fetch(items));
                        continue;
                    }
                    if let Some(row) = row(*items)
                        && failure.is_none()
                        && missing.contains(row.uid)
                    {
                        missing.remove(row.uid);
                        failure = each(row).err();
                    }
                }
                Step::Data(other) => self.note(other),
                Step::Skipped(head) => skipped.extend(uid_of(&head).filter(|&uid| missing.contains(uid))),
                Step::Done(done, line) if done == tag => {
                    return match failure {
                        Some(e) => Err(e),
                        None => self.check(line).map(drop),
                    };
                }
                _ => {}
            }
        }
    }

    /// Flags (and with `changed_since` only what changed since then, and with QRESYNC also what is gone).
    ///
    /// Without CONDSTORE `changed_since` is left out: all flags of the set come.
    pub async fn fetch_flags(
        &mut self,
        set: &UidSet,
        changed_since: Option<u64>,
    ) -> Result<(Vec<FlagRow>, UidSet), Error> {
        let mut rows = Vec::new();
        let mut vanished = UidSet::new();
        let since = changed_since.filter(|_| self.condstore || self.capabilities.condstore());
        let items = if self.condstore || since.is_some() {
            "(UID FLAGS MODSEQ)"
        } else {
            "(UID FLAGS)"
        };
        let modifier = match since {
            Some(modseq) if self.qresync => format!(" (CHANGEDSINCE {} VANISHED)", modseq.max(1)),
            Some(modseq) => format!(" (CHANGEDSINCE {})", modseq.max(1)),
            None => String::new(),
        };
        for chunk in set.chunks(usize::MAX, MAX_SET) {
            let command = Command::new(format!("UID FETCH {chunk} {items}{modifier}"));
            self.run(command, |response| match response {
                Response::Fetch(items) => {
                    match (items.uid, items.flags) {
                        (Some(uid), Some(flags)) if chunk.contains(uid) => {
                            rows.push(FlagRow {
                                uid,
                                seq: items.seq,
                                flags,
                                modseq: items.modseq,
                            });
                        }
                        (uid, flags) => {
                            return Ok(Some(Response::Fetch(Box::new(FetchItems { uid, flags, ..*items }))));
                        }
                    }
                    Ok(None)
                }
                Response::Vanished(true, set) => {
                    vanished.union_with(&set);
                    Ok(None)
                }
                other => Ok(Some(other)),
            })
            .await?;
        }
        Ok((rows, vanished))
    }

    /// What makes messages known again (size, date, Message-ID), for servers that renumber.
    pub async fn fetch_identity(&mut self, set: &UidSet) -> Result<Vec<Identity>, Error> {
        let mut rows = Vec::new();
        for chunk in set.chunks(self.limits.batch, MAX_SET) {
            let command = Command::new(format!(
                "UID FETCH {chunk} (UID INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
            ));
            self.run(command, |response| match response {
                Response::Fetch(items) => match items.uid {
                    Some(uid) if chunk.contains(uid) && (!items.sections.is_empty() || items.size.is_some()) => {
                        let header = items.sections.first().and_then(|s| s.data.as_deref());
                        rows.push(Identity {
                            uid,
                            size: items.size,
                            internal_date: items.internal_date,
                            message_id: header.and_then(message_id),
                        });
                        Ok(None)
                    }
                    _ => Ok(Some(Response::Fetch(items))),
                },
                other => Ok(Some(other)),
            })
            .await?;
        }
        Ok(rows)
    }

    /// Fetches many small parts in few round trips: messages that want the same sections share a command. `each` gets
    /// UID, section and content; a part that is not there is left out.
    pub async fn fetch_parts(
        &mut self,
        requests: &[PartRequest],
        each: &mut (dyn FnMut(u32, &str, Bytes) -> Result<(), Error> + Send),
    ) -> Result<(), Error> {
        let largest = u32::try_from(self.limits.max_literal).unwrap_or(u32::MAX);
        let mut by_uid: BTreeMap<u32, Vec<(&str, u32)>> = BTreeMap::new();
        for request in requests {
            if !is_section(&request.section) {
                return Err(Error::Unsendable);
            }
            by_uid
                .entry(request.uid)
                .or_default()
                .push((&request.section, request.max_len.clamp(1, largest)));
        }
        let mut groups: BTreeMap<Vec<(&str, u32)>, UidSet> = BTreeMap::new();
        for (uid, mut sections) in by_uid {
            sections.sort_unstable();
            sections.dedup();
            groups.entry(sections).or_default().insert(uid);
        }
        let mut commands = Vec::new();
        for (sections, uids) in &groups {
            let items: Vec<String> = sections
                .iter()
                .map(|(s, most)| format!("BODY.PEEK[{s}]<0.{most}>"))
                .collect();
            for chunk in uids.chunks(PARTS_BATCH, MAX_SET) {
                commands.push((format!("UID FETCH {chunk} (UID {})", items.join(" ")), sections, chunk));
            }
        }
        for (text, sections, chunk) in commands {
            let mut failure = None;
            let tag = self.begin(Command::new(text)).await?;
            loop {
                match self.step().await? {
                    Step::Data(Response::Fetch(items)) => {
                        let Some(uid) = items
                            .uid
                            .filter(|&uid| chunk.contains(uid) && !items.sections.is_empty())
                        else {
                            self.note(Response::Fetch(items));
                            continue;
                        };
                        for &(section, most) in sections {
                            if failure.is_none()
                                && let Some(Section { data: Some(data), .. }) = items.section(section)
                            {
                                // A server that ignores the partial sends all of it.
                                let data = data.slice(..data.len().min(usize::try_from(most).unwrap_or(usize::MAX)));
                                failure = each(uid, section, data).err();
                            }
                        }
                    }
                    Step::Data(other) => self.note(other),
                    Step::Done(done, line) if done == tag => {
                        if let Some(e) = failure {
                            return Err(e);
                        }
                        self.check(line)?;
                        break;
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

/// Whether `section` can stand in `BODY[...]`.
pub(super) fn is_section(section: &str) -> bool {
    section.len() <= 200
        && section
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".-() ".contains(&b))
}

fn row(items: FetchItems) -> Option<Row> {
    let header = items
        .sections
        .into_iter()
        .find(|s| s.name.starts_with(b"HEADER"))
        .and_then(|s| s.data);
    Some(Row {
        uid: items.uid?,
        flags: items.flags.unwrap_or_default(),
        modseq: items.modseq,
        internal_date: items.internal_date,
        size: items.size,
        structure: items.structure.flatten(),
        header: header.unwrap_or_default(),
        gmail_message: items.gmail_message,
        gmail_thread: items.gmail_thread,
        email_id: items.email_id,
        thread_id: items.thread_id,
    })
}

/// The UID in the first bytes of an answer that was too large to be held.
fn uid_of(head: &Bytes) -> Option<u32> {
    let mut cursor = Cursor::new(head);
    cursor.eat(b'*');
    cursor.spaces();
    let seq = cursor.number32()?;
    cursor.spaces();
    if !cursor.word().eq_ignore_ascii_case(b"FETCH") {
        return None;
    }
    FetchItems::parse(seq, &mut cursor).uid
}

/// The Message-ID of a header block, without angle brackets, unfolded.
fn message_id(header: &[u8]) -> Option<String> {
    let colon = memchr::memchr(b':', header)?;
    if !header.get(..colon)?.trim_ascii().eq_ignore_ascii_case(b"message-id") {
        return None;
    }
    let value: Vec<u8> = header
        .get(colon.saturating_add(1)..)?
        .iter()
        .copied()
        .filter(|b| !b.is_ascii_whitespace())
        .collect();
    let value = value.get(..value.len().min(1000))?;
    let inner = value.strip_prefix(b"<").unwrap_or(value);
    let inner = inner.strip_suffix(b">").unwrap_or(inner);
    (!inner.is_empty()).then(|| String::from_utf8_lossy(inner).into_owned())
}

#[cfg(test)]
mod tests;

//! UID SEARCH: little is asked of it, and what some servers answer is checked.

use super::{Command, Session};
use crate::date;
use crate::error::Error;
use crate::parse::Response;
use crate::uid_set::UidSet;

/// What to look for. Text is searched locally: many servers know no charset, or ignore criteria.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    All,
    /// UIDs from this one on. (`uid:*` always holds the last message; that is filtered out.)
    Since(u32),
    Deleted,
    Undeleted,
    Unseen,
    Seen,
    Flagged,
    /// Arrived on or after this day, Unix seconds (UTC; a server may count days in its own zone).
    SinceDate(i64),
    /// Those of the set that exist.
    Uids(UidSet),
    /// Message-ID, without angle brackets. Checked by FETCH, so that a server that ignores it misleads nobody.
    MessageId(String),
    /// Criteria as they stand, ASCII. Not checked.
    Raw(String),
}

impl Session {
    /// The UIDs found, rising.
    ///
    /// # Errors
    /// [`Error::BadCharset`] and the usual ones.
    pub async fn uid_search(&mut self, query: &Search) -> Result<Vec<u32>, Error> {
        let mut found = match query {
            Search::Uids(set) if set.is_empty() => return Ok(Vec::new()),
            Search::All => self.search_command(Command::new("ALL")).await?,
            Search::Since(uid) => {
                // QQ ignores or refuses UID criteria in parentheses or beside others: it stands alone.
                let mut found = self.search_command(Command::new(format!("UID {uid}:*"))).await?;
                found.retain(|f| f >= uid);
                found
            }
            Search::Deleted => self.search_command(Command::new("DELETED")).await?,
            Search::Undeleted => self.search_command(Command::new("UNDELETED")).await?,
            Search::Unseen => self.search_command(Command::new("UNSEEN")).await?,
            Search::Seen => self.search_command(Command::new("SEEN")).await?,
            Search::Flagged => self.search_command(Command::new("FLAGGED")).await?,
            Search::SinceDate(unix) => {
                self.search_command(Command::new(format!("SINCE {}", date::day(*unix))))
                    .await?
            }
            Search::Uids(set) => {
                let mut found = Vec::new();
                for chunk in set.chunks(usize::MAX, 2_000) {
                    found.extend(self.search_command(Command::new(format!("UID {chunk}"))).await?);
                }
                found.retain(|&uid| set.contains(uid));
                found
            }
            Search::MessageId(id) => {
                let command = Command::new("HEADER Message-ID ").value(id.as_bytes());
                self.search_command(command).await?
            }
            Search::Raw(criteria) => self.search_command(Command::new(criteria.as_str())).await?,
        };
        found.sort_unstable();
        found.dedup();
        self.checked(query, found).await
    }

    /// Looks at what a server with a broken SEARCH found.
    async fn checked(&mut self, query: &Search, found: Vec<u32>) -> Result<Vec<u32>, Error> {
        if found.is_empty() {
            return Ok(found);
        }
        if let Search::MessageId(wanted) = query {
            // A substring search by the RFC, the whole mailbox at QQ: only the true ones count.
            let set: UidSet = found.into_iter().collect();
            let rows = self.fetch_identity(&set).await?;
            return Ok(rows
                .into_iter()
                .filter(|row| row.message_id.as_deref() == Some(wanted.as_str()))
                .map(|row| row.uid)
                .collect());
        }
        let by_flag = matches!(
            query,
            Search::Deleted | Search::Undeleted | Search::Unseen | Search::Seen | Search::Flagged
        );
        if !by_flag || !self.quirks.search_unreliable {
            return Ok(found);
        }
        let set: UidSet = found.into_iter().collect();
        let (rows, _) = self.fetch_flags(&set, None).await?;
        let mut kept: Vec<u32> = rows
            .into_iter()
            .filter(|row| match query {
                Search::Deleted => row.flags.deleted,
                Search::Undeleted => !row.flags.deleted,
                Search::Unseen => !row.flags.seen,
                Search::Seen => row.flags.seen,
                _ => row.flags.flagged,
            })
            .map(|row| row.uid)
            .collect();
        kept.sort_unstable();
        Ok(kept)
    }

    async fn search_command(&mut self, criteria: Command) -> Result<Vec<u32>, Error> {
        let esearch = self.capabilities.esearch();
        let verb = if esearch {
            "UID SEARCH RETURN (ALL) "
        } else {
            "UID SEARCH "
        };
        let command = Command {
            text: format!("{verb}{}", criteria.text),
            staged: criteria.staged,
        };
        let mut found = Vec::new();
        // A server cannot make us hold more than its mailbox can have.
        let most = 5_000_000;
        self.run(command, |response| {
            match response {
                Response::Search(uids) => found.extend(uids),
                Response::Esearch(result) => {
                    if result.all.len() > most {
                        return Err(Error::TooLarge);
                    }
                    found.extend(result.all.iter());
                }
                other => return Ok(Some(other)),
            }
            Ok(None)
        })
        .await?;
        Ok(found)
    }
}

//! What changed in the company's accounts since a revision.
//!
//! Whether NetEase answers with all changes since the revision, or with the one change of that revision, is not
//! documented; both are read. Where neither tells, the answer is that everything may have changed.

use serde_json::{Value, json};

use crate::Netease;
use crate::account::Account;
use crate::call::counted;
use crate::error::Error;
use crate::fields::{integer, list, shown, text};

/// The most questions that one answer may take; beyond it, reading the whole directory is cheaper.
const QUESTIONS: u32 = 100;
/// The most changes that are kept.
const MANY: usize = 10_000;

/// What changed since a revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// What to ask with next.
    pub revision: i64,
    /// The changes are not known one by one: the whole directory has to be read.
    pub whole: bool,
    /// In order; empty with `whole`. An account may occur several times.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub revision: i64,
    /// What was done, in NetEase's word (`createAccount`). Not all of them are known.
    pub op: String,
    /// The account's name or address, if one is named.
    pub name: Option<String>,
    /// The account as the feed describes it, if it does. After a deletion it is not to be believed.
    pub account: Option<Account>,
}

/// How the server turned out to read a revision.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Since,
    At,
}

impl Change {
    fn read(value: &Value, domain: &str) -> Option<Self> {
        let account = value.get("account").unwrap_or(&Value::Null);
        let described = Account::read(account, domain);
        let name = match &described {
            Some(account) => account.name.clone(),
            None => shown(account),
        };
        Some(Self {
            revision: integer(value, &["revision"])?,
            op: text(value, &["op"]),
            name: Some(name).filter(|name| !name.is_empty()),
            account: described,
        })
    }
}

impl Netease {
    /// What changed since `revision`, which is of an earlier answer. With 0 or less everything did.
    pub async fn changes_since(&self, revision: i64) -> Result<Changes, Error> {
        let call = "address/getMaxRevision";
        let newest = self.call(call, json!({ "orgOpenId": self.org().org_open_id })).await?;
        let newest = counted(call, &newest, &["revision", "maxRevision"])?;
        let newest = i64::try_from(newest).unwrap_or(i64::MAX);
        let whole = Changes {
            revision: newest,
            whole: true,
            changes: Vec::new(),
        };
        // A newest revision below ours: the count began anew.
        if revision <= 0 || newest < revision {
            return Ok(whole);
        }
        let mut changes: Vec<Change> = Vec::new();
        let mut reached = revision;
        let mut reading = Reading::Since;
        for _ in 0..QUESTIONS {
            if reached >= newest || changes.len() > MANY {
                break;
            }
            let asked = match reading {
                Reading::Since => reached,
                Reading::At => reached.saturating_add(1),
            };
            let Some(found) = self.revision_data(asked).await? else {
                return Ok(whole);
            };
            let mut fresh: Vec<Change> = found.into_iter().filter(|change| change.revision > reached).collect();
            fresh.sort_by_key(|change| change.revision);
            match (fresh.last(), reading) {
                (Some(last), _) => reached = last.revision,
                // Nothing after it: this server may speak of the revision itself.
                (None, Reading::Since) => reading = Reading::At,
                // A number without a change of an account.
                (None, Reading::At) => reached = asked,
            }
            changes.extend(fresh);
        }
        if reached < newest || changes.len() > MANY {
            return Ok(whole);
        }
        Ok(Changes {
            revision: reached,
            whole: false,
            changes,
        })
    }

    /// The changes of an answer; nothing when they do not say which revision they are of.
    async fn revision_data(&self, revision: i64) -> Result<Option<Vec<Change>>, Error> {
        let body = json!({ "orgOpenId": self.org().org_open_id, "revision": revision });
        let data = self.call("address/getRevisionData", body).await?;
        let one = std::slice::from_ref(&data);
        let rows = match list(&data, &["list", "revisions"]) {
            [] if data.get("revision").is_some() => one,
            rows => rows,
        };
        Ok(rows.iter().map(|row| Change::read(row, &self.org().domain)).collect())
    }
}

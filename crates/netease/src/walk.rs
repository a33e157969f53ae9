//! All pages of a list of accounts: bounded, without doubles, and with an end even where the server knows none.

use std::collections::HashSet;

use serde_json::Value;

use crate::account::Account;
use crate::fields::{integer, list};

/// The most accounts of one company.
pub(crate) const MANY: usize = 200_000;
/// The most pages of one list.
const PAGES: u32 = 20_000;

/// What comes after a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The page with this number, from 1.
    Page(u32),
    /// The list changed while it was read, so that somebody may have slipped from one page to one that was read: from
    /// the first page again.
    Again,
    Done,
}

/// A walk through the pages of a list.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    accounts: Vec<Account>,
    names: HashSet<String>,
    /// Rows that name no account, which count as well.
    nameless: usize,
    count: Option<usize>,
    changed: bool,
    longest: usize,
    page: u32,
}

impl Walk {
    /// Takes the next page, `{count, list}`.
    pub(crate) fn take(&mut self, data: &Value, domain: &str) -> Result<Step, &'static str> {
        self.page = self.page.saturating_add(1);
        let rows = list(data, &["list", "accountList", "accounts"]);
        let count = integer(data, &["count", "total", "totalCount"]).and_then(|count| usize::try_from(count).ok());
        if self.page > 1 && count != self.count {
            self.changed = true;
        }
        self.count = count;
        let before = self.names.len();
        for row in rows {
            match Account::read(row, domain) {
                Some(account) if self.names.insert(account.address()) => self.accounts.push(account),
                Some(_) => {}
                None => self.nameless = self.nameless.saturating_add(1),
            }
        }
        if self.accounts.len() > MANY || self.page >= PAGES {
            return Err("more accounts than a company has");
        }
        let seen = self.names.len().saturating_add(self.nameless);
        let complete = count.is_some_and(|count| seen >= count);
        let nothing_new = self.names.len() == before;
        // A full page that was seen before, while more are promised: the server does not turn pages. Part of a company
        // taken for all of it would make the others look gone.
        if nothing_new && !complete && count.is_some() && !rows.is_empty() && rows.len() >= self.longest {
            return Err("the same page again and again");
        }
        self.longest = self.longest.max(rows.len());
        Ok(if !complete && !nothing_new {
            Step::Page(self.page.saturating_add(1))
        } else if self.changed {
            Step::Again
        } else {
            Step::Done
        })
    }

    pub(crate) fn into_accounts(self) -> Vec<Account> {
        self.accounts
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(count: Option<usize>, names: &[&str]) -> Value {
        let list: Vec<Value> = names.iter().map(|name| json!({ "accountName": name })).collect();
        json!({ "count": count, "list": list })
    }

    fn walk(pages: &[Value]) -> (Result<Step, &'static str>, Vec<String>) {
        let mut walk = Walk::default();
        let mut last = Ok(Step::Page(1));
        for page in pages {
            assert!(matches!(last, Ok(Step::Page(_))), "{last:?} before {page}");
            last = walk.take(page, "example.cn");
        }
        (
            last,
            walk.into_accounts().into_iter().map(|account| account.name).collect(),
        )
    }

    #[test]
    fn the_count_ends_the_walk() {
        let (last, names) = walk(&[page(Some(3), &["a", "b"]), page(Some(3), &["c"])]);
        assert_eq!(
            (last, names),
            (Ok(Step::Done), vec!["a".into(), "b".into(), "c".into()])
        );
    }

    #[test]
    fn a_server_that_gives_shorter_pages_than_asked_for_is_walked_to_its_end() {
        let (last, _) = walk(&[page(Some(3), &["a"]), page(Some(3), &["b"])]);
        assert_eq!(last, Ok(Step::Page(3)));
    }

    #[test]
    fn without_a_count_an_empty_or_a_known_page_ends_it() {
        assert_eq!(walk(&[page(None, &["a"]), page(None, &[])]).0, Ok(Step::Done));
        assert_eq!(
            walk(&[page(None, &["a"]), page(None, &["A"])]),
            (Ok(Step::Done), vec!["a".into()])
        );
    }

    #[test]
    fn a_count_that_is_never_reached_ends_with_an_empty_or_a_repeated_last_page() {
        assert_eq!(
            walk(&[page(Some(9), &["a", "b"]), page(Some(9), &[])]).0,
            Ok(Step::Done)
        );
        let (last, names) = walk(&[page(Some(9), &["a", "b"]), page(Some(9), &["c"]), page(Some(9), &["c"])]);
        assert_eq!((last, names.len()), (Ok(Step::Done), 3));
    }

    #[test]
    fn a_server_that_does_not_turn_pages_is_not_believed() {
        assert!(
            walk(&[page(Some(9), &["a", "b"]), page(Some(9), &["a", "b"])])
                .0
                .is_err()
        );
    }

    #[test]
    fn a_list_that_changed_on_the_way_is_read_again() {
        // Somebody of the first page left: `c` moved there, unseen.
        let (last, _) = walk(&[page(Some(4), &["a", "b"]), page(Some(3), &["d"])]);
        assert_eq!(last, Ok(Step::Again));
    }

    #[test]
    fn rows_without_a_name_count() {
        assert_eq!(walk(&[page(Some(2), &["a", ""])]), (Ok(Step::Done), vec!["a".into()]));
    }
}

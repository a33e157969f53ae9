//! Departments and accounts of the open platform.

use serde_json::{Value, json};

use crate::Netease;
use crate::account::{Account, whole_address};
use crate::error::{Error, Kind};
use crate::fields::{integer, list, some_text, text, texts};
use crate::walk::{Step, Walk};

/// As many accounts a page as anybody was seen to ask for.
const PAGE: usize = 50;
/// How often a list is read that changes while it is read.
const WALKS: u32 = 3;
/// The most departments of one company.
const UNITS: usize = 50_000;
/// The most accounts of one job number that are looked at.
const SAME_NUMBER: usize = 20;

/// A department.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    pub id: String,
    pub name: String,
    /// None at the top.
    pub parent: Option<String>,
    pub description: Option<String>,
    /// 1 comes first.
    pub rank: Option<i64>,
}

impl Unit {
    /// Reads a department of either API; nothing when it has no id.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        Some(Self {
            id: some_text(value, &["unitId", "unit_id"])?,
            name: text(value, &["unitName", "unit_name"]),
            parent: some_text(value, &["unitParentId", "parentId", "parent_id"]).filter(|parent| parent != "root"),
            description: some_text(value, &["unitDesc", "unit_desc"]),
            rank: integer(value, &["rank", "unitRank", "unit_rank"]),
        })
    }
}

/// Departments of an answer of either API.
pub(crate) fn units(call: &'static str, data: &Value) -> Result<Vec<Unit>, Error> {
    let rows = list(data, &["list", "unitList"]);
    if rows.len() > UNITS {
        return Err(Error::Answer {
            call,
            what: "more departments than a company has",
        });
    }
    Ok(rows.iter().filter_map(Unit::read).collect())
}

impl Netease {
    /// All departments.
    pub async fn units(&self) -> Result<Vec<Unit>, Error> {
        let call = "unit/getUnitList";
        units(call, &self.call(call, json!({ "domain": self.org().domain })).await?)
    }

    /// All accounts, of every status. An error rather than part of them.
    pub async fn accounts(&self) -> Result<Vec<Account>, Error> {
        let call = "unit/getAccountList";
        let mut walk = Walk::default();
        let (mut page, mut walks) = (1, 1);
        loop {
            let body = json!({
                "domain": self.org().domain,
                "recursion": true,
                "pageNum": page,
                "pageSize": PAGE,
            });
            let data = self.call(call, body).await?;
            match walk.take(&data, &self.org().domain) {
                Ok(Step::Page(next)) => page = next,
                Ok(Step::Again) if walks < WALKS => {
                    (walk, page) = (Walk::default(), 1);
                    walks = walks.saturating_add(1);
                }
                Ok(Step::Again | Step::Done) => return Ok(walk.into_accounts()),
                Err(what) => return Err(Error::Answer { call, what }),
            }
        }
    }

    /// One account by its name or address; none when there is no such account here.
    pub async fn account(&self, name: &str) -> Result<Option<Account>, Error> {
        let found = async {
            let name = self.local(name)?;
            let body = json!({ "domain": self.org().domain, "accountName": name });
            self.call("account/getAccount", body).await
        };
        match found.await {
            Ok(data) => Ok(Account::read(&data, &self.org().domain)),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The accounts with exactly this job number.
    pub async fn accounts_by_job_number(&self, number: &str) -> Result<Vec<Account>, Error> {
        let number = number.trim();
        if number.is_empty() {
            return Ok(Vec::new());
        }
        let body = json!({ "domain": self.org().domain, "jobNumber": number });
        let call = "account/getAccountListByNicknameAndJobNo";
        let data = match self.call(call, body).await {
            Err(error) if error.kind() == Kind::NotFound => return Ok(Vec::new()),
            data => data?,
        };
        let mut found = Vec::new();
        for row in list(&data, &["list", "accountList", "accounts"])
            .iter()
            .take(SAME_NUMBER)
        {
            let Some(mut account) = Account::read(row, &self.org().domain) else {
                continue;
            };
            // A list may leave the number out, and a search may be by parts of it: an address is proven by this.
            if account.job_number.is_none()
                && let Some(whole) = self.account(&account.name).await?
            {
                account = whole;
            }
            if account.job_number.as_deref() == Some(number) {
                found.push(account);
            }
        }
        Ok(found)
    }

    /// The other addresses of an account, whole and lower case.
    pub async fn aliases(&self, name: &str) -> Result<Vec<String>, Error> {
        let body = json!({ "domain": self.org().domain, "accountName": self.local(name)? });
        let data = self.call("account/getAccountAliasList", body).await?;
        let holder =
            json!({ "alias": if data.is_array() { &data } else { data.get("alias").unwrap_or(&Value::Null) } });
        let found = texts(&holder, &["alias"], &["email", "alias", "aliasName"], 200);
        Ok(found
            .iter()
            .map(|alias| whole_address(alias, &self.org().domain))
            .collect())
    }
}

//! A mailbox of the company, as either API describes it.

use serde_json::Value;

use crate::fields::{integer, some_text, text, texts};

/// The most aliases and departments that are kept of one account.
const MANY: usize = 200;

/// A mailbox of the company.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The part before the `@`, lower case. Unique in the company, and never empty.
    pub name: String,
    /// The part behind the `@`, lower case.
    pub domain: String,
    /// As the person is called: 张三.
    pub nickname: String,
    /// NetEase's id, where it says one.
    pub open_id: Option<String>,
    pub job_number: Option<String>,
    pub job: Option<String>,
    pub mobile: Option<String>,
    /// Ids of departments, the main one first.
    pub units: Vec<String>,
    /// Other addresses of this mailbox, whole and lower case.
    pub aliases: Vec<String>,
    pub status: Status,
}

/// Whether a mailbox is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    Normal,
    Disabled,
    Deleted,
    /// Its person left.
    Left,
    HandingOver,
    HandedOver,
    /// The answer did not say, or said something that is not known.
    #[default]
    Unknown,
}

impl Status {
    fn from_number(number: Option<i64>) -> Self {
        match number {
            Some(0) => Self::Normal,
            Some(1) => Self::Disabled,
            Some(2) => Self::Deleted,
            Some(4) => Self::Left,
            Some(5) => Self::HandingOver,
            Some(6) => Self::HandedOver,
            _ => Self::Unknown,
        }
    }
}

impl Account {
    /// The mailbox's own address, lower case.
    pub fn address(&self) -> String {
        format!("{}@{}", self.name, self.domain)
    }

    /// Reads an account of `domain`; nothing when it has no name.
    pub(crate) fn read(value: &Value, domain: &str) -> Option<Self> {
        let whole = text(value, &["accountName", "account_name", "accountname"]).to_lowercase();
        let said = text(value, &["domain"]).to_lowercase();
        let (name, behind) = match whole.split_once('@') {
            Some((name, behind)) => (name, behind),
            None => (whole.as_str(), said.as_str()),
        };
        let domain = if behind.is_empty() { domain } else { behind };
        if name.is_empty() {
            return None;
        }
        let mut units = Vec::new();
        units.extend(some_text(value, &["unitId", "unit_id"]));
        for unit in texts(value, &["unitList", "unit_list"], &["unitId", "unit_id"], MANY) {
            if !units.contains(&unit) {
                units.push(unit);
            }
        }
        let aliases = texts(
            value,
            &["aliasEmailList", "alias", "aliasList"],
            &["email", "alias", "aliasName", "alias_name"],
            MANY,
        );
        Some(Self {
            name: name.to_owned(),
            domain: domain.to_owned(),
            nickname: text(value, &["name", "nickname", "true_name"]),
            open_id: some_text(value, &["accountOpenId", "account_openid"]),
            job_number: some_text(value, &["jobNumber", "job_no", "jobNo"]),
            job: some_text(value, &["job"]),
            mobile: some_text(value, &["mobile", "bindMobile"]),
            units,
            aliases: aliases.iter().map(|alias| whole_address(alias, domain)).collect(),
            status: Status::from_number(integer(value, &["status"])),
        })
    }
}

/// An alias may come without its domain.
pub(crate) fn whole_address(alias: &str, domain: &str) -> String {
    let alias = alias.to_lowercase();
    if alias.contains('@') {
        alias
    } else {
        format!("{alias}@{domain}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_generations_describe_the_same_account() {
        let new = json!({
            "accountName": "ZhangSan", "name": "张三", "domain": "example.cn", "unitId": 236_012, "jobNumber": "1007",
            "unitList": [{ "unitId": "236012", "unitName": "后端组" }, "236019"], "status": "0",
            "aliasEmailList": ["zs@example.cn", { "email": "SAN" }],
        });
        let old = json!({
            "account_name": "zhangsan", "nickname": "张三", "unit_id": "236012", "job_no": 1007, "status": 0,
        });
        let new = Account::read(&new, "example.cn").unwrap();
        assert_eq!(new.address(), "zhangsan@example.cn");
        assert_eq!(new.units, ["236012", "236019"]);
        assert_eq!(new.aliases, ["zs@example.cn", "san@example.cn"]);
        let old = Account::read(&old, "example.cn").unwrap();
        assert_eq!(
            (old.address(), &old.nickname, &old.job_number, old.status),
            (new.address(), &new.nickname, &new.job_number, new.status)
        );
    }

    #[test]
    fn an_account_may_be_named_by_its_address_and_has_to_have_a_name() {
        let whole = Account::read(
            &json!({ "accountName": "lisi@Sub.example.cn", "domain": "x" }),
            "example.cn",
        )
        .unwrap();
        assert_eq!(whole.address(), "lisi@sub.example.cn");
        assert_eq!(whole.status, Status::Unknown);
        for nobody in [
            json!({}),
            json!({ "accountName": "" }),
            json!({ "accountName": "@example.cn" }),
            json!([]),
        ] {
            assert_eq!(Account::read(&nobody, "example.cn"), None, "{nobody}");
        }
    }
}

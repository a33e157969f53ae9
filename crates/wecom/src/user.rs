//! A member as the directory tells (reference A5).

use serde_json::Value;

use crate::json::{integer, integers, objects, string, strings};

/// A member. What WeCom keeps from the application is empty: mail, mobile and more for applications created since
/// 2022-06-20.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// 1 to 64 bytes; upper and lower case are the same member.
    pub userid: String,
    pub name: String,
    pub alias: String,
    /// From older tenants.
    pub english_name: String,
    pub mobile: String,
    pub telephone: String,
    /// The member's own mail address.
    pub email: String,
    /// The company's.
    pub biz_mail: String,
    pub avatar: String,
    pub position: String,
    pub external_position: String,
    /// The departments that the application may see.
    pub departments: Vec<Membership>,
    /// 0 where the application may not see it.
    pub main_department: i64,
    /// Userids.
    pub direct_leaders: Vec<String>,
    pub status: Status,
    /// What the company made up itself, such as a job number.
    pub attributes: Vec<Attribute>,
}

/// A member in a department.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Membership {
    pub department: i64,
    /// 0 to 2^32-1; larger comes first.
    pub order: i64,
    pub leads: bool,
}

/// A field that the company made up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    /// The text, or the address of a link.
    pub value: String,
}

/// How a member stands to the company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Active,
    Disabled,
    NotActivated,
    Left,
    /// A number that is not documented; 0 where there was none.
    Unknown(i64),
}

impl Default for Status {
    fn default() -> Self {
        Self::Unknown(0)
    }
}

impl From<i64> for Status {
    fn from(number: i64) -> Self {
        match number {
            1 => Self::Active,
            2 => Self::Disabled,
            4 => Self::NotActivated,
            5 => Self::Left,
            other => Self::Unknown(other),
        }
    }
}

impl User {
    /// The member of an answer; `None` for one without a userid.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| string(value.get(name));
        let userid = text("userid");
        if userid.is_empty() {
            return None;
        }
        let orders = integers(value.get("order"));
        let leads = integers(value.get("is_leader_in_dept"));
        let departments = integers(value.get("department"))
            .into_iter()
            .enumerate()
            .map(|(at, department)| Membership {
                department,
                order: orders.get(at).copied().unwrap_or_default(),
                leads: leads.get(at).is_some_and(|leads| *leads != 0),
            })
            .collect();
        let attributes = value.get("extattr").and_then(|all| all.get("attrs"));
        Some(Self {
            userid,
            name: text("name"),
            alias: text("alias"),
            english_name: text("english_name"),
            mobile: text("mobile"),
            telephone: text("telephone"),
            email: text("email"),
            biz_mail: text("biz_mail"),
            avatar: text("avatar"),
            position: text("position"),
            external_position: text("external_position"),
            departments,
            main_department: integer(value.get("main_department")),
            direct_leaders: strings(value.get("direct_leader")),
            status: integer(value.get("status")).into(),
            attributes: objects(attributes).filter_map(attribute).collect(),
        })
    }
}

fn attribute(value: &Value) -> Option<Attribute> {
    let name = string(value.get("name"));
    let inner = |of: &str, name: &str| string(value.get(of).and_then(|inner| inner.get(name)));
    let texts = [inner("text", "value"), inner("web", "url"), string(value.get("value"))];
    let value = texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    (!name.is_empty()).then_some(Attribute { name, value })
}

#[cfg(test)]
mod tests;

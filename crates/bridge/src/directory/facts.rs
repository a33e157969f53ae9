//! What WeCom says of a member, and what apps get of it.

use std::collections::HashSet;

use qiyou_bridge_api::{Department, NoAddress, Person};
use qiyou_wecom::{Status, User};
use serde::{Deserialize, Serialize};

use super::join::Found;
use crate::config::Config;
use crate::serve::is_ours;
use crate::tree::below;

/// What WeCom says of a member, as far as the directory is about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub userid: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub alias: String,
    /// The main one first.
    pub departments: Vec<i64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// WeCom's number.
    pub status: i64,
    #[serde(skip)]
    pub job: String,
    #[serde(skip)]
    pub told: String,
    /// Whether WeCom told any mail address at all.
    #[serde(skip)]
    pub tells: bool,
}

/// WeCom's number of a status.
pub fn number(status: Status) -> i64 {
    match status {
        Status::Active => 1,
        Status::Disabled => 2,
        Status::NotActivated => 4,
        Status::Left => 5,
        Status::Unknown(number) => number,
    }
}

/// Why somebody is none of the company any more, if so.
pub fn gone(status: i64) -> Option<&'static str> {
    match status {
        2 => Some("disabled"),
        5 => Some("left"),
        _ => None,
    }
}

impl Facts {
    /// Of a member as WeCom told them.
    pub fn of(config: &Config, user: User) -> Self {
        let job = config.accounts.as_ref().map_or_else(String::new, |accounts| {
            let key = accounts.member_key.as_str();
            match key {
                "userid" => user.userid.clone(),
                "alias" => user.alias.clone(),
                _ => user
                    .attributes
                    .iter()
                    .find(|attribute| attribute.name == key)
                    .map(|attribute| attribute.value.clone())
                    .unwrap_or_default(),
            }
        });
        let told = [&user.biz_mail, &user.email]
            .into_iter()
            .map(|address| address.trim().to_lowercase())
            .find(|address| is_ours(config, address))
            .unwrap_or_default();
        let mut departments = user.departments;
        departments.sort_by_key(|of| of.department != user.main_department);
        // What is shown to nobody is not kept.
        let phone = if !config.directory.phones {
            String::new()
        } else if user.telephone.is_empty() {
            user.mobile
        } else {
            user.telephone
        };
        Self {
            tells: !user.biz_mail.is_empty() || !user.email.is_empty(),
            status: number(user.status),
            departments: departments.into_iter().map(|of| of.department).collect(),
            userid: user.userid,
            name: user.name,
            alias: user.alias,
            title: user.position,
            phone,
            job: job.trim().to_owned(),
            told,
        }
    }
}

/// What of the directory may be seen.
pub struct View {
    hidden_people: HashSet<String>,
    hidden_departments: HashSet<i64>,
}

impl View {
    /// By the admin's rules: a hidden department hides what is below it.
    pub fn new(config: &Config, departments: &[Department]) -> Self {
        let rules = &config.directory;
        let parents = departments.iter().map(|department| (department.id, department.parent));
        Self {
            hidden_people: rules.hide.iter().map(|userid| userid.to_lowercase()).collect(),
            hidden_departments: below(parents, &rules.hide_departments).into_iter().collect(),
        }
    }

    /// Whether a department may be seen.
    pub fn shows(&self, department: i64) -> bool {
        !self.hidden_departments.contains(&department)
    }

    /// A person as apps get them; nothing where they are gone or hidden.
    pub fn person(&self, facts: &Facts, found: &Found) -> Option<Person> {
        if gone(facts.status).is_some() || self.hidden_people.contains(&facts.userid.to_lowercase()) {
            return None;
        }
        let departments: Vec<i64> = facts.departments.iter().copied().filter(|id| self.shows(*id)).collect();
        if departments.is_empty() && !facts.departments.is_empty() {
            return None;
        }
        let (address, no_address): (_, Option<NoAddress>) = match found {
            Ok((address, _)) => (Some(address.clone()), None),
            Err(why) => (None, Some(*why)),
        };
        Some(Person {
            id: facts.userid.clone(),
            name: if facts.name.is_empty() {
                facts.userid.clone()
            } else {
                facts.name.clone()
            },
            alias: facts.alias.clone(),
            address,
            no_address,
            departments,
            title: facts.title.clone(),
            phone: facts.phone.clone(),
        })
    }
}

//! Members and departments (reference A4, A5).

use serde_json::{Value, json};

use crate::client::{Ask, Wecom};
use crate::error::Error;
use crate::json::{integer, objects, string, strings};
use crate::user::User;

/// Rows of `user/list_id` that are asked for at once: WeCom's most.
const ROWS: i64 = 10_000;
/// The longest mail address (RFC 5321 4.5.3.1.3), in bytes.
const LONGEST_ADDRESS: usize = 254;

/// A department. The root has the id 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Department {
    pub id: i64,
    /// Empty where WeCom tells ids alone.
    pub name: String,
    pub name_en: String,
    /// 0 for the root.
    pub parent: i64,
    /// 0 to 2^32-1; larger comes first.
    pub order: i64,
    /// Userids.
    pub leaders: Vec<String>,
}

/// One part of who is in which department.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserIds {
    /// A userid and one of its departments; a member has a row for each.
    pub rows: Vec<(String, i64)>,
    /// What to ask for next; empty at the end.
    pub next: String,
}

/// Which of a member's two mail addresses is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmailKind {
    /// The company's (`biz_mail`).
    #[default]
    Enterprise,
    /// Their own (`email`).
    Personal,
}

impl Wecom {
    /// One member (`user/get`, document 90196). [`crate::Kind::Member`] where there is none, or none that the
    /// application may see.
    pub async fn user(&self, userid: &str) -> Result<User, Error> {
        const API: &str = "user/get";
        let answer = self.call(API, Ask::Get(&[("userid", userid)])).await?;
        User::read(&answer).ok_or(Error::Answer {
            api: API,
            status: 200,
            what: "names nobody",
        })
    }

    /// The members of one department, not of those below (`user/list`, document 90201).
    pub async fn users(&self, department: i64) -> Result<Vec<User>, Error> {
        let id = department.to_string();
        let ask = Ask::Get(&[("department_id", &id)]);
        let answer = self.call_for_list("user/list", ask).await?;
        Ok(objects(answer.get("userlist")).filter_map(User::read).collect())
    }

    /// Who is in which department, from `cursor` on (`user/list_id`, document 96070); empty for the beginning. It
    /// wants the secret of the contact-sync assistant.
    pub async fn user_ids(&self, cursor: &str) -> Result<UserIds, Error> {
        const API: &str = "user/list_id";
        let body = json!({ "cursor": cursor, "limit": ROWS });
        let answer = self.call_for_list(API, Ask::Post(&body)).await?;
        let next = string(answer.get("next_cursor"));
        if !next.is_empty() && next == cursor {
            return Err(Error::Answer {
                api: API,
                status: 200,
                what: "leads in a circle",
            });
        }
        let rows = objects(answer.get("dept_user"))
            .map(|row| (string(row.get("userid")), integer(row.get("department"))))
            .filter(|(userid, _)| !userid.is_empty())
            .collect();
        Ok(UserIds { rows, next })
    }

    /// Every department that the application may see (`department/list`, document 90208). Where the secret may not
    /// have the names (contact sync from an IP added since 2022-08-15), the tree alone (`department/simplelist`,
    /// document 95350), without names.
    pub async fn departments(&self) -> Result<Vec<Department>, Error> {
        let refused = match self.call_for_list("department/list", Ask::Get(&[])).await {
            Ok(answer) => return Ok(departments(answer.get("department"))),
            Err(
                error @ Error::Code {
                    code: 48002 | 60011, ..
                },
            ) => error,
            Err(error) => return Err(error),
        };
        match self.call_for_list("department/simplelist", Ask::Get(&[])).await {
            Ok(answer) => Ok(departments(answer.get("department_id"))),
            // The first refusal says what is missing.
            Err(Error::Code { .. }) => Err(refused),
            Err(error) => Err(error),
        }
    }

    /// Whose mail address `email` is (`user/get_userid_by_email`, document 95895); `None` where it is nobody's, or of
    /// a member whom the application may not see.
    ///
    /// Each `None` counts: when those of a day exceed a fifth of the company's headcount, WeCom refuses this api for a
    /// day. Never ask for what somebody may have typed at will without a limit of one's own.
    pub async fn userid_by_email(&self, email: &str, kind: EmailKind) -> Result<Option<String>, Error> {
        if email.is_empty() || email.len() > LONGEST_ADDRESS {
            return Ok(None);
        }
        let kind = match kind {
            EmailKind::Enterprise => 1,
            EmailKind::Personal => 2,
        };
        let body = json!({ "email": email, "email_type": kind });
        match self.call("user/get_userid_by_email", Ask::Post(&body)).await {
            Ok(answer) => Ok(Some(string(answer.get("userid"))).filter(|userid| !userid.is_empty())),
            Err(Error::Code {
                code: 46004 | 60147 | 60148,
                ..
            }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn departments(list: Option<&Value>) -> Vec<Department> {
    objects(list)
        .map(|value| Department {
            id: integer(value.get("id")),
            name: string(value.get("name")),
            name_en: string(value.get("name_en")),
            parent: integer(value.get("parentid")),
            order: integer(value.get("order")),
            leaders: strings(value.get("department_leader")),
        })
        .filter(|department| department.id > 0)
        .collect()
}

//! Members and departments, and what is kept from whom (reference A4 privacy change, A5).

use serde_json::{Value, json};

use super::{Answer, Ask};
use crate::wecom::company::{Company, Department, Member};
use crate::wecom::state::{Credential, State};

const DAY: i64 = 24 * 3600;

impl Credential {
    fn sees(self, member: &Member) -> bool {
        self == Self::Sync || member.in_scope
    }

    fn sees_department(self, department: &Department) -> bool {
        self == Self::Sync || department.in_scope
    }

    /// Whether members may be read at all.
    fn may_read(self, company: &Company) -> Result<(), i64> {
        if self == Self::Sync && !company.sync_reads_members {
            return Err(48002);
        }
        Ok(())
    }
}

/// A member as `user/get` and `user/list` tell.
fn told(company: &Company, credential: Credential, member: &Member) -> Value {
    let departments: Vec<i64> = member.departments.iter().map(|(id, _)| *id).collect();
    let orders: Vec<i64> = member.departments.iter().map(|(_, order)| *order).collect();
    let attributes: Vec<Value> = member
        .attributes
        .iter()
        .map(|(name, value)| json!({ "type": 0, "name": name, "value": value, "text": { "value": value } }))
        .collect();
    let mut told = json!({
        "userid": member.userid,
        "name": member.name,
        "department": departments,
        "order": orders,
        "main_department": member.main_department,
        "position": member.position,
        "status": member.status,
        "isleader": 0,
        "is_leader_in_dept": vec![0; member.departments.len()],
        "direct_leader": [],
        "enable": 1,
        "hide_mobile": 0,
        "alias": member.alias,
        "telephone": member.telephone,
        "extattr": { "attrs": attributes },
    });
    if let Some(fields) = told.as_object_mut() {
        if company.new_app && credential != Credential::Sync {
            fields.insert("gender".to_owned(), "0".into());
        } else {
            fields.insert("gender".to_owned(), "1".into());
            for (name, value) in [
                ("mobile", &member.mobile),
                ("email", &member.email),
                ("biz_mail", &member.biz_mail),
            ] {
                fields.insert(name.to_owned(), value.as_str().into());
            }
            for name in ["avatar", "qr_code", "address"] {
                fields.insert(name.to_owned(), "".into());
            }
        }
    }
    told
}

pub(super) fn user(state: &mut State, ask: &Ask<'_>) -> Answer {
    ask.credential.may_read(&state.company)?;
    if ask.text("userid").is_empty() {
        return Err(41009);
    }
    let member = state.company.member(ask.text("userid")).ok_or(60111)?;
    if !ask.credential.sees(member) {
        return Err(60011);
    }
    Ok(told(&state.company, ask.credential, member))
}

/// The members of one department, not of its children.
fn members<'s>(state: &'s State, ask: &Ask<'_>) -> Result<Vec<&'s Member>, i64> {
    ask.credential.may_read(&state.company)?;
    let id: i64 = ask.text("department_id").parse().map_err(|_| 40058)?;
    let departments = &state.company.departments;
    let department = departments.iter().find(|department| department.id == id).ok_or(60003)?;
    if !ask.credential.sees_department(department) {
        return Err(60011);
    }
    Ok(state
        .company
        .members
        .iter()
        .filter(|member| member.departments.iter().any(|(of, _)| *of == id) && ask.credential.sees(member))
        .collect())
}

pub(super) fn list(state: &mut State, ask: &Ask<'_>) -> Answer {
    let members: Vec<Value> = members(state, ask)?
        .into_iter()
        .map(|member| told(&state.company, ask.credential, member))
        .collect();
    Ok(json!({ "userlist": members }))
}

pub(super) fn simple_list(state: &mut State, ask: &Ask<'_>) -> Answer {
    let members: Vec<Value> = members(state, ask)?
        .into_iter()
        .map(|member| {
            let departments: Vec<i64> = member.departments.iter().map(|(id, _)| *id).collect();
            json!({ "userid": member.userid, "name": member.name, "department": departments })
        })
        .collect();
    Ok(json!({ "userlist": members }))
}

pub(super) fn list_id(state: &mut State, ask: &Ask<'_>) -> Answer {
    if state.company.list_id_by_sync_only && ask.credential != Credential::Sync {
        return Err(48002);
    }
    let limit = ask.body.get("limit").map_or(Some(10_000), Value::as_u64).ok_or(40058)?;
    if !(1..=10_000).contains(&limit) {
        return Err(40058);
    }
    let from: usize = match ask.field("cursor") {
        "" => 0,
        cursor => cursor
            .strip_prefix("cursor-")
            .and_then(|at| at.parse().ok())
            .ok_or(40058)?,
    };
    let all: Vec<Value> = state
        .company
        .members
        .iter()
        .filter(|member| ask.credential.sees(member))
        .flat_map(|member| {
            member
                .departments
                .iter()
                .map(|(id, _)| json!({ "userid": member.userid, "department": id }))
        })
        .collect();
    let page = state.company.page.min(usize::try_from(limit).unwrap_or(usize::MAX));
    let to = from.saturating_add(page).min(all.len());
    let next = if to < all.len() {
        format!("cursor-{to}")
    } else {
        String::new()
    };
    Ok(json!({ "next_cursor": next, "dept_user": all.get(from..to).unwrap_or_default() }))
}

pub(super) fn by_email(state: &mut State, ask: &Ask<'_>) -> Answer {
    let email = ask.field("email");
    if email.is_empty() {
        return Err(40063);
    }
    let enterprise = match ask.body.get("email_type").map_or(Some(1), Value::as_i64) {
        Some(1) => true,
        Some(2) => false,
        _ => return Err(40058),
    };
    if ask.now < state.lookups_blocked_until {
        return Err(45009);
    }
    let found = state.company.members.iter().find(|member| {
        let theirs = if enterprise { &member.biz_mail } else { &member.email };
        member.status != 5 && theirs.eq_ignore_ascii_case(email)
    });
    let missed = match found {
        Some(member) if ask.credential.sees(member) => return Ok(json!({ "userid": member.userid })),
        Some(_) => 46004,
        None if enterprise => 60148,
        None => 60147,
    };
    state.misses.retain(|at| ask.now.saturating_sub(*at) < DAY);
    state.misses.push(ask.now);
    if state.misses.len().saturating_mul(5) > state.company.headcount {
        state.lookups_blocked_until = ask.now.saturating_add(DAY);
    }
    Err(missed)
}

pub(super) fn by_mobile(state: &mut State, ask: &Ask<'_>) -> Answer {
    let mobile = ask.field("mobile");
    if mobile.is_empty() {
        return Err(40063);
    }
    let found = state.company.members.iter().find(|member| member.mobile == mobile);
    match found {
        Some(member) if ask.credential.sees(member) => Ok(json!({ "userid": member.userid })),
        _ => Err(46004),
    }
}

/// The departments below `id` and itself, or all.
fn below(state: &State, ask: &Ask<'_>) -> Result<Vec<Department>, i64> {
    let departments = &state.company.departments;
    let seen = departments
        .iter()
        .filter(|department| ask.credential.sees_department(department));
    if ask.text("id").is_empty() {
        return Ok(seen.cloned().collect());
    }
    let root: i64 = ask.text("id").parse().map_err(|_| 40058)?;
    match departments.iter().find(|department| department.id == root) {
        None => return Err(60123),
        Some(department) if !ask.credential.sees_department(department) => return Err(60011),
        Some(_) => {}
    }
    let is_below = |department: &&Department| {
        let mut at = Some(*department);
        // Fifteen levels are the most that WeCom takes.
        for _ in 0..16 {
            match at {
                Some(department) if department.id == root => return true,
                Some(department) => at = departments.iter().find(|other| other.id == department.parent),
                None => return false,
            }
        }
        false
    };
    Ok(seen.filter(is_below).cloned().collect())
}

pub(super) fn departments(state: &mut State, ask: &Ask<'_>) -> Answer {
    if ask.credential == Credential::Sync && !state.company.sync_lists_departments {
        return Err(48002);
    }
    let list: Vec<Value> = below(state, ask)?
        .into_iter()
        .map(|department| {
            json!({
                "id": department.id,
                "name": department.name,
                "parentid": department.parent,
                "order": department.order,
                "department_leader": [],
            })
        })
        .collect();
    Ok(json!({ "department": list }))
}

pub(super) fn department_ids(state: &mut State, ask: &Ask<'_>) -> Answer {
    let list: Vec<Value> = below(state, ask)?
        .into_iter()
        .map(|department| json!({ "id": department.id, "parentid": department.parent, "order": department.order }))
        .collect();
    Ok(json!({ "department_id": list }))
}

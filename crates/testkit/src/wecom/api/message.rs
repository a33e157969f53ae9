//! Messages of the application, its profile and its workbench card (reference A7).

use serde_json::{Value, json};

use super::{Answer, Ask};
use crate::wecom::state::{Delivered, State, secret};

const DUPLICATE: i64 = 1800;
const LONGEST_DUPLICATE: i64 = 4 * 3600;

pub(super) fn agent(state: &mut State, ask: &Ask<'_>) -> Answer {
    let agent = ask.agent(ask.text("agentid").parse().ok())?;
    let users: Vec<Value> = state
        .company
        .members
        .iter()
        .filter(|member| member.in_scope)
        .map(|member| json!({ "userid": member.userid }))
        .collect();
    let departments: Vec<i64> = state
        .company
        .departments
        .iter()
        .filter(|department| department.in_scope)
        .map(|department| department.id)
        .collect();
    Ok(json!({
        "agentid": agent,
        "name": "企邮",
        "square_logo_url": "",
        "description": "mail",
        "allow_userinfos": { "user": users },
        "allow_partys": { "partyid": departments },
        "allow_tags": { "tagid": [] },
        "close": i64::from(state.company.stopped),
        "redirect_domain": state.company.oauth_domain,
        "report_location_flag": 0,
        "isreportenter": 0,
        "home_url": "",
    }))
}

/// A text that must be there, of at most `longest` bytes.
fn bounded(of: &Value, name: &str, longest: usize) -> Result<(), i64> {
    match of.get(name).and_then(Value::as_str) {
        None | Some("") => Err(40063),
        Some(text) if text.len() > longest => Err(45002),
        Some(_) => Ok(()),
    }
}

fn check_content(message: &Value) -> Result<(), i64> {
    let kind = message.get("msgtype").and_then(Value::as_str).unwrap_or_default();
    let content = message.get(kind).unwrap_or(&Value::Null);
    match kind {
        "text" | "markdown" => match content.get("content").and_then(Value::as_str) {
            None | Some("") => Err(44004),
            Some(text) if text.len() > 2048 => Err(45002),
            Some(_) => Ok(()),
        },
        "textcard" => {
            bounded(content, "title", 128)?;
            bounded(content, "description", 512)?;
            bounded(content, "url", 2048)
        }
        "template_card" => {
            if content.get("card_type").and_then(Value::as_str) != Some("text_notice") {
                return Err(40058);
            }
            let action = content.get("card_action").ok_or(40063)?;
            if action.get("type").and_then(Value::as_i64) == Some(1) {
                bounded(action, "url", 2048)?;
            } else {
                return Err(40063);
            }
            let title = content.pointer("/main_title/title").and_then(Value::as_str);
            let sub = content.get("sub_title_text").and_then(Value::as_str);
            if title.unwrap_or_default().is_empty() && sub.unwrap_or_default().is_empty() {
                return Err(40063);
            }
            let count = |name: &str| content.get(name).and_then(Value::as_array).map_or(0, Vec::len);
            if count("horizontal_content_list") > 6 || count("jump_list") > 3 {
                return Err(40058);
            }
            Ok(())
        }
        _ => Err(40008),
    }
}

pub(super) fn send(state: &mut State, ask: &Ask<'_>) -> Answer {
    ask.agent(ask.body.get("agentid").and_then(Value::as_i64))?;
    check_content(ask.body)?;
    let listed = |name: &str| -> Vec<String> {
        let parts = ask.field(name).split('|').filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let (users, parties, tags) = (listed("touser"), listed("toparty"), listed("totag"));
    if users.is_empty() && parties.is_empty() && tags.is_empty() {
        return Err(82001);
    }
    if users.len() > 1000 {
        return Err(40032);
    }
    if parties.len() > 100 {
        return Err(82002);
    }
    if tags.len() > 100 {
        return Err(82003);
    }
    let all = ask.field("touser") == "@all";
    let mut to = Vec::new();
    let mut invalid = Vec::new();
    for member in &state.company.members {
        let in_party = parties
            .iter()
            .any(|id| member.departments.iter().any(|(of, _)| of.to_string() == *id));
        if member.in_scope && member.status == 1 && (all || in_party) {
            to.push(member.userid.clone());
        }
    }
    for user in users.iter().filter(|_| !all) {
        match state.company.member(user) {
            Some(member) if member.in_scope && member.status == 1 => {
                if !to.contains(&member.userid) {
                    to.push(member.userid.clone());
                }
            }
            _ => invalid.push(user.clone()),
        }
    }
    if to.is_empty() {
        return Err(81013);
    }
    let (unlicensed, to): (Vec<String>, Vec<String>) = to
        .into_iter()
        .partition(|userid| state.company.unlicensed.contains(userid));
    for userid in to {
        state.deliver(&userid, ask.body, ask.now);
    }
    Ok(json!({
        "invaliduser": invalid.join("|"),
        "invalidparty": "",
        "invalidtag": "",
        "unlicenseduser": unlicensed.join("|"),
        "msgid": secret("message"),
    }))
}

impl State {
    /// Brings `message` to a member, unless it is one too many or the same again: neither is told to the sender.
    fn deliver(&mut self, userid: &str, message: &Value, now: i64) {
        let number = |name: &str| message.get(name).and_then(Value::as_i64);
        if number("enable_duplicate_check") == Some(1) {
            let interval = number("duplicate_check_interval")
                .unwrap_or(DUPLICATE)
                .min(LONGEST_DUPLICATE);
            let kind = message.get("msgtype").and_then(Value::as_str).unwrap_or_default();
            let content = message.get(kind).map(Value::to_string).unwrap_or_default();
            let key = (userid.to_owned(), content);
            if self.said.get(&key).is_some_and(|at| now.saturating_sub(*at) < interval) {
                return;
            }
            self.said.insert(key, now);
        }
        let lately = self
            .delivered
            .iter()
            .filter(|one| one.userid == userid && now.saturating_sub(one.at) < 60)
            .count();
        if lately >= 30 {
            return;
        }
        self.delivered.push(Delivered {
            userid: userid.to_owned(),
            at: now,
            message: message.clone(),
        });
    }
}

fn check_items(of: &Value) -> Result<(), i64> {
    if of.get("type").and_then(Value::as_str) != Some("keydata") {
        return Err(40058);
    }
    let items = of.pointer("/keydata/items").and_then(Value::as_array).ok_or(40063)?;
    if items.is_empty() || items.len() > 4 {
        return Err(40058);
    }
    items.iter().try_for_each(|item| bounded(item, "data", 64))
}

pub(super) fn set_template(state: &mut State, ask: &Ask<'_>) -> Answer {
    ask.agent(ask.body.get("agentid").and_then(Value::as_i64))?;
    check_items(ask.body)?;
    state.template = Some(ask.body.clone());
    Ok(json!({}))
}

pub(super) fn set_workbench(state: &mut State, ask: &Ask<'_>) -> Answer {
    ask.agent(ask.body.get("agentid").and_then(Value::as_i64))?;
    let userid = ask.field("userid");
    if userid.is_empty() {
        return Err(41009);
    }
    let member = state.company.member(userid).ok_or(60111)?;
    if !member.in_scope {
        return Err(60011);
    }
    check_items(ask.body)?;
    let userid = member.userid.clone();
    state.workbench.insert(userid, ask.body.clone());
    Ok(json!({}))
}

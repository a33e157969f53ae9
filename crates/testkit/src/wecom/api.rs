//! `qyapi.weixin.qq.com`: what holds for every call (reference A1), and which calls there are.

mod directory;
mod identity;
mod message;
mod token;

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State as Extract};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::Shared;
use super::state::{Credential, State};

/// One call that got past the door.
pub(super) struct Ask<'a> {
    pub(super) query: &'a HashMap<String, String>,
    pub(super) body: &'a Value,
    pub(super) credential: Credential,
    pub(super) now: i64,
}

impl Ask<'_> {
    fn text(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    fn field(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The application whose token it is, which `agentid` must name.
    fn agent(&self, given: Option<i64>) -> Result<i64, i64> {
        match (self.credential, given) {
            (_, None) => Err(40056),
            (Credential::App(agent), Some(given)) if agent == given => Ok(agent),
            _ => Err(301_002),
        }
    }
}

/// The fields besides `errcode`, or the code.
pub(super) type Answer = Result<Value, i64>;
type Call = fn(&mut State, &Ask<'_>) -> Answer;

/// Every call that wants a token: its name, whether it is a POST, and who answers.
const CALLS: &[(&str, bool, Call)] = &[
    ("auth/getuserinfo", false, identity::from_code),
    ("user/getuserinfo", false, identity::from_code_as_of_old),
    ("auth/getuserdetail", true, identity::detail),
    ("user/get", false, directory::user),
    ("user/simplelist", false, directory::simple_list),
    ("user/list", false, directory::list),
    ("user/list_id", true, directory::list_id),
    ("user/get_userid_by_email", true, directory::by_email),
    ("user/getuserid", true, directory::by_mobile),
    ("department/list", false, directory::departments),
    ("department/simplelist", false, directory::department_ids),
    ("agent/get", false, message::agent),
    ("agent/set_workbench_template", true, message::set_template),
    ("agent/set_workbench_data", true, message::set_workbench),
    ("message/send", true, message::send),
    ("get_jsapi_ticket", false, token::corp_ticket),
    ("ticket/get", false, token::app_ticket),
];

pub(super) async fn call(
    Extract(shared): Extract<Arc<Shared>>,
    Path(api): Path<String>,
    method: Method,
    Query(query): Query<HashMap<String, String>>,
    body: Bytes,
) -> Response {
    let slow = {
        let state = shared.lock();
        state.faults.get(&api).map(|fault| fault.slow).unwrap_or_default()
    };
    tokio::time::sleep(slow).await;
    shared.lock().answer(&api, &method, &query, &body)
}

impl State {
    fn answer(&mut self, api: &str, method: &Method, query: &HashMap<String, String>, body: &[u8]) -> Response {
        let counter = self.calls.entry(api.to_owned()).or_default();
        *counter = counter.saturating_add(1);
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        self.bodies.entry(api.to_owned()).or_default().push(body.clone());
        if self.down {
            return (StatusCode::BAD_GATEWAY, "<html><h1>502 Bad Gateway</h1></html>").into_response();
        }
        if let Some(fault) = self.faults.get_mut(api) {
            if fault.garbage > 0 {
                fault.garbage = fault.garbage.saturating_sub(1);
                return "<html>a gateway speaks</html>".into_response();
            }
            if fault.times > 0 {
                fault.times = fault.times.saturating_sub(1);
                return refusal(fault.code);
            }
        }
        let known = CALLS.iter().find(|(name, ..)| *name == api);
        let answer = match known {
            None if api == "gettoken" => {
                if method == Method::GET {
                    self.token(query)
                } else {
                    Err(40058)
                }
            }
            None => return (StatusCode::NOT_FOUND, "404 page not found").into_response(),
            Some((_, post, run)) => self.admit(query).and_then(|credential| {
                if *post != (method == Method::POST) || (*post && !body.is_object()) {
                    return Err(40058);
                }
                let now = self.now();
                let ask = Ask {
                    query,
                    body: &body,
                    credential,
                    now,
                };
                run(self, &ask)
            }),
        };
        match answer {
            Err(code) => refusal(code),
            Ok(fields) => {
                let mut whole = json!({ "errcode": 0, "errmsg": "ok" });
                if let (Some(whole), Value::Object(fields)) = (whole.as_object_mut(), fields) {
                    whole.extend(fields);
                }
                as_json(&whole)
            }
        }
    }

    /// Whose token it is, if the caller may use it from where it is.
    fn admit(&self, query: &HashMap<String, String>) -> Result<Credential, i64> {
        let token = query.get("access_token").ok_or(41001)?;
        if token.is_empty() {
            return Err(41001);
        }
        let token = self.tokens.get(token).ok_or(40014)?;
        if token.dead {
            return Err(40014);
        }
        if self.now() >= token.ends {
            return Err(42001);
        }
        if !self.company.trusted_ip {
            return Err(60020);
        }
        if self.company.stopped && token.credential == Credential::App(self.company.agent_id) {
            return Err(50003);
        }
        Ok(token.credential)
    }
}

fn refusal(code: i64) -> Response {
    // The words change with every answer, as the real ones do: nobody may lean on them.
    let hint = super::state::key();
    as_json(&json!({ "errcode": code, "errmsg": format!("refused, hint: [{hint}], from ip: 127.0.0.1") }))
}

fn as_json(value: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json; charset=UTF-8")];
    (kind, value.to_string()).into_response()
}

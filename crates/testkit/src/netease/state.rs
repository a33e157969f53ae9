//! What the simulated company consists of, and how an answer of the open platform looks.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use anyhow::Context as _;
use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Map, Value, json};

use super::{Account, Fault, Feed, Mail, NeteaseSim, Unit, push};

/// How long things hold, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lives {
    pub(super) access: i64,
    pub(super) refresh: i64,
    pub(super) sso: i64,
}

impl Lives {
    pub(super) fn new(access: Duration, refresh: Duration, sso: Duration) -> Self {
        let ms = |life: Duration| i64::try_from(life.as_millis()).unwrap_or(i64::MAX);
        Self {
            access: ms(access),
            refresh: ms(refresh),
            sso: ms(sso),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) access_until: i64,
    pub(super) refresh: String,
    pub(super) refresh_until: i64,
}

#[derive(Debug)]
pub(super) struct Revision {
    pub(super) number: i64,
    pub(super) op: &'static str,
    pub(super) account: String,
}

/// What only the older API knows.
#[derive(Debug)]
pub(super) struct Old {
    /// PKCS#1 `RSAPublicKey`, DER.
    pub(super) key: Option<Vec<u8>>,
    pub(super) product: String,
    pub(super) numeric: bool,
    pub(super) page: usize,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) url: String,
    pub(super) domain: String,
    pub(super) auth_code: String,
    pub(super) ahead_ms: i64,
    pub(super) zone_hours: i8,
    pub(super) lives: Lives,
    pub(super) pair: Option<Pair>,
    /// The single sign-on token and its end.
    pub(super) sso: Option<(String, i64)>,
    /// Signs for the webmail that were not used: account, end.
    pub(super) signs: HashMap<String, (String, i64)>,
    /// Webmail sessions by cookie: account.
    pub(super) sessions: HashMap<String, String>,
    pub(super) accounts: Vec<Account>,
    pub(super) units: Vec<Unit>,
    pub(super) revision: i64,
    pub(super) revisions: Vec<Revision>,
    pub(super) feed: Feed,
    pub(super) listed: bool,
    pub(super) withheld: HashSet<String>,
    pub(super) too_frequent: usize,
    pub(super) pages_repeat: bool,
    pub(super) faults: VecDeque<(String, Fault)>,
    pub(super) calls: Vec<String>,
    /// Url, source.
    pub(super) subscriptions: Vec<(String, String)>,
    pub(super) pushed: HashSet<String>,
    pub(super) old: Old,
}

/// A refusal: response code and message.
pub(super) struct Refusal(pub(super) i64, pub(super) String);

impl Refusal {
    pub(super) fn new(code: i64, message: &str) -> Self {
        Self(code, message.to_owned())
    }
}

pub(super) type Answer = Result<Value, Refusal>;

impl State {
    pub(super) fn new(url: &str, domain: &str, accounts: Vec<Account>) -> Self {
        Self {
            url: url.to_owned(),
            domain: domain.to_owned(),
            auth_code: NeteaseSim::AUTH_CODE.to_owned(),
            ahead_ms: 0,
            zone_hours: 8,
            lives: Lives::new(
                Duration::from_hours(1),
                Duration::from_hours(30 * 24),
                Duration::from_hours(1),
            ),
            pair: None,
            sso: None,
            signs: HashMap::new(),
            sessions: HashMap::new(),
            accounts,
            units: Vec::new(),
            revision: 1,
            revisions: Vec::new(),
            feed: Feed::default(),
            listed: true,
            withheld: HashSet::new(),
            too_frequent: 0,
            pages_repeat: false,
            faults: VecDeque::new(),
            calls: Vec::new(),
            subscriptions: Vec::new(),
            pushed: HashSet::new(),
            old: Old {
                key: None,
                product: domain.replace('.', "_"),
                numeric: false,
                page: 2000,
            },
        }
    }

    pub(super) fn now_ms(&self) -> i64 {
        Timestamp::now().as_millisecond().saturating_add(self.ahead_ms)
    }

    /// `yyyy-MM-dd HH:mm:ss` in the zone that is set.
    pub(super) fn written(&self, ms: i64) -> String {
        let offset = Offset::from_hours(self.zone_hours).unwrap_or(Offset::UTC);
        Timestamp::from_millisecond(ms)
            .unwrap_or_default()
            .to_zoned(TimeZone::fixed(offset))
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string()
    }

    pub(super) fn account(&self, name: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.name == name)
    }

    pub(super) fn account_mut(&mut self, name: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.name == name)
    }

    /// Writes a change into the revision feed.
    pub(super) fn tell(&mut self, op: &'static str, account: &str) {
        self.revision = self.revision.saturating_add(1);
        self.revisions.push(Revision {
            number: self.revision,
            op,
            account: account.to_owned(),
        });
    }

    /// Puts a mail into its mailbox; gives the urls to push it to, and what to push.
    pub(super) fn deliver(&mut self, name: &str, mail: Mail) -> anyhow::Result<(Vec<String>, String)> {
        let to = format!("{name}@{}", self.domain);
        let payload = push::payload(&to, &mail).to_string();
        let account = self.account_mut(name).context("no such account")?;
        if mail.folder <= 1 {
            account.unread = account.unread.saturating_add(1);
        }
        account.messages.push(mail);
        let urls = if self.pushed.contains(name) {
            let pushes = self.subscriptions.iter().filter(|(_, source)| source == "pushmail");
            pushes.map(|(url, _)| url.clone()).collect()
        } else {
            Vec::new()
        };
        Ok((urls, payload))
    }

    /// Notes a call, and takes the fault that waits for it.
    pub(super) fn begin(&mut self, call: &str) -> Option<Fault> {
        self.calls.push(call.to_owned());
        let at = self.faults.iter().position(|(of, _)| of == call)?;
        self.faults.remove(at).map(|(_, fault)| fault)
    }

    /// What is refused before anybody looks at the call itself.
    pub(super) fn gate(&mut self, headers: &HeaderMap, list: bool) -> Result<(), Refusal> {
        let kind = text_header(headers, header::CONTENT_TYPE.as_str());
        if !kind.to_ascii_lowercase().starts_with("application/json") {
            return Err(Refusal::new(-400, "request error: JSON is wanted"));
        }
        if list && !self.listed {
            return Err(Refusal::new(-201, "ip denied: 127.0.0.1"));
        }
        if self.too_frequent > 0 {
            self.too_frequent = self.too_frequent.saturating_sub(1);
            return Err(Refusal::new(-422, "request too frequent"));
        }
        Ok(())
    }
}

/// The value of a header, or nothing.
pub(super) fn text_header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Which application and organisation speak: both headers are wanted, and have to be right.
pub(super) fn who(headers: &HeaderMap) -> Result<(), Refusal> {
    let (app, org) = (
        text_header(headers, "qiye-app-id"),
        text_header(headers, "qiye-org-open-id"),
    );
    if app.is_empty() || org.is_empty() {
        return Err(Refusal::new(-424, "header error"));
    }
    if app != NeteaseSim::APP_ID || org != NeteaseSim::ORG_OPEN_ID {
        return Err(Refusal::new(-101, "authorization data not found"));
    }
    Ok(())
}

/// The body as an object.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::new(-400, "request error: not an object of JSON"))
}

/// A value that has to be there, as text; numbers count.
pub(super) fn wanted(body: &Map<String, Value>, name: &str) -> Result<String, Refusal> {
    given(body, name).ok_or_else(|| Refusal(-401, format!("parameter error: {name}")))
}

/// A value as text, if it is there and not empty.
pub(super) fn given(body: &Map<String, Value>, name: &str) -> Option<String> {
    match body.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// How the open platform says it: always with the status 200.
pub(super) fn said(answer: Answer) -> Response {
    let body = match answer {
        Ok(data) => json!({ "code": 0, "success": true, "message": "", "data": data }),
        Err(Refusal(code, message)) => json!({ "code": code, "success": false, "message": message, "data": null }),
    };
    Json(body).into_response()
}

/// What a fault looks like.
pub(super) fn faulty(fault: Fault) -> Response {
    match fault {
        Fault::Code(code, message) => said(Err(Refusal(code, message))),
        Fault::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            (status, Html("<h1>a gateway speaks</h1>")).into_response()
        }
        Fault::Body(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
    }
}

/// A value that nobody guesses.
pub(super) fn unguessable(kind: &str) -> String {
    format!("{kind}-{:032x}", rand::random::<u128>())
}

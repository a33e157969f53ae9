//! Single sign-on to the webmail, the new way and the old one, and a webmail that shows who came in.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{Query, State as Axum};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use serde_json::json;

use super::state::{Answer, Refusal, State, faulty, object, said, text_header, unguessable, wanted, who};
use super::{Shared, lock, old};

/// How long a sign for the webmail may wait, in milliseconds.
const SIGN_LIFE: i64 = 60_000;
/// How far the time of an old link may be off, in milliseconds. The real window is not documented.
const ENTRY_WINDOW: i64 = 300_000;

/// `/api/sso/ssoSign`.
pub(super) async fn sign(Axum(shared): Axum<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let mut state = lock(&shared);
    if let Some(fault) = state.begin("sso/ssoSign") {
        return faulty(fault);
    }
    said(state.sso_sign(&headers, &body))
}

impl State {
    fn sso_sign(&mut self, headers: &HeaderMap, body: &[u8]) -> Answer {
        self.gate(headers, false)?;
        let token = text_header(headers, "qiye-sso-auth-token");
        if token.is_empty() {
            return Err(Refusal::new(-424, "header error"));
        }
        who(headers)?;
        match &self.sso {
            Some((good, until)) if good == token => {
                if self.now_ms() >= *until {
                    return Err(Refusal::new(-322, "sso auth token expired"));
                }
            }
            _ => return Err(Refusal::new(-321, "sso auth token verify failed")),
        }
        let body = object(body)?;
        let (name, domain) = (wanted(&body, "accountName")?, wanted(&body, "domain")?);
        if domain != self.domain {
            return Err(Refusal::new(-3, "DOMAIN.NOTEXIST domain not exist"));
        }
        if self.account(&name).is_none() {
            return Err(Refusal::new(-3, "ACCOUNT.NOTEXIST account not exist"));
        }
        let sign = unguessable("sign");
        let until = self.now_ms().saturating_add(SIGN_LIFE);
        self.signs.insert(sign.clone(), (name, until));
        Ok(json!({ "sign": sign, "endpoint": format!("{}/login/ssoLogin", self.url) }))
    }

    /// Somebody was let in: a session, and the door to it.
    fn let_in(&mut self, name: String, lang: &str) -> Response {
        let sid = unguessable("sid");
        self.sessions.insert(sid.clone(), name);
        Redirect::to(&format!("/entry/door?sid={sid}&lang={lang}")).into_response()
    }
}

fn value<'q>(query: &'q HashMap<String, String>, name: &str) -> &'q str {
    query.get(name).map_or("", String::as_str)
}

fn language(query: &HashMap<String, String>) -> &'static str {
    if value(query, "lang") == "1" { "1" } else { "0" }
}

fn refused(lang: &str) -> Response {
    let words = if lang == "1" {
        "The link is no longer valid"
    } else {
        "链接已失效"
    };
    (
        StatusCode::FORBIDDEN,
        Html(format!(
            "<!doctype html><title>{words}</title><p id=refused>{words}</p>"
        )),
    )
        .into_response()
}

/// `/login/ssoLogin?sso_token=…&lang=0`: a sign is good once, and for a minute.
pub(super) async fn login(Axum(shared): Axum<Shared>, Query(query): Query<HashMap<String, String>>) -> Response {
    let mut state = lock(&shared);
    state.calls.push("login/ssoLogin".to_owned());
    let now = state.now_ms();
    let lang = language(&query);
    match state.signs.remove(value(&query, "sso_token")) {
        Some((name, until)) if now < until && state.account(&name).is_some_and(|account| account.status == 0) => {
            state.let_in(name, lang)
        }
        _ => refused(lang),
    }
}

/// `/domain/oa/Entry?domain=&account_name=&time=&enc=&lang=0`: the signature is over name, domain and time in a row.
pub(super) async fn entry(Axum(shared): Axum<Shared>, Query(query): Query<HashMap<String, String>>) -> Response {
    let mut state = lock(&shared);
    state.calls.push("oa/Entry".to_owned());
    let lang = language(&query);
    let (name, domain, time) = (
        value(&query, "account_name"),
        value(&query, "domain"),
        value(&query, "time"),
    );
    let near = time
        .parse::<i64>()
        .is_ok_and(|time| time.saturating_sub(state.now_ms()).saturating_abs() < ENTRY_WINDOW);
    let signed = old::verified(
        state.old.key.as_deref(),
        &format!("{name}{domain}{time}"),
        value(&query, "enc"),
    );
    let known = domain == state.domain && state.account(name).is_some_and(|account| account.status == 0);
    if near && signed && known {
        state.let_in(name.to_owned(), lang)
    } else {
        refused(lang)
    }
}

/// Turns the session's id in the address into a cookie.
pub(super) async fn door(Axum(shared): Axum<Shared>, Query(query): Query<HashMap<String, String>>) -> Response {
    let state = lock(&shared);
    let (sid, lang) = (value(&query, "sid"), language(&query));
    if !state.sessions.contains_key(sid) {
        return refused(lang);
    }
    let cookie = format!("qiye-sid={sid}; Path=/; HttpOnly; SameSite=Lax");
    (
        [(header::SET_COOKIE, cookie)],
        Redirect::to(&format!("/webmail?lang={lang}")),
    )
        .into_response()
}

/// The webmail: who is signed in, and what is in the inbox.
pub(super) async fn page(
    Axum(shared): Axum<Shared>,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let state = lock(&shared);
    let lang = language(&query);
    let cookies = text_header(&headers, header::COOKIE.as_str()).split("; ");
    let account = cookies
        .filter_map(|cookie| cookie.strip_prefix("qiye-sid="))
        .find_map(|sid| state.account(state.sessions.get(sid)?));
    let Some(account) = account else {
        return refused(lang);
    };
    let (tongue, unread) = if lang == "1" {
        ("en", "unread")
    } else {
        ("zh-CN", "封未读")
    };
    let subjects = account.messages.iter().rev().map(|mail| escaped(&mail.subject));
    let mails = subjects.fold(String::new(), |list, subject| list + "<li>" + &subject + "</li>");
    let address = escaped(&format!("{}@{}", account.name, state.domain));
    Html(format!(
        "<!doctype html><html lang={tongue}><meta charset=utf-8><title>{address}</title><h1 id=who>{address}</h1>\
         <p id=name>{}</p><p id=unread>{} {unread}</p><ol id=mails>{mails}</ol></html>",
        escaped(&account.nickname),
        account.unread
    ))
    .into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

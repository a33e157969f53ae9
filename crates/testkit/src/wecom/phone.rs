//! The phone that scans: its page for people, and its buttons.

use std::sync::Arc;

use axum::extract::{Form, Query, State as Extract};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use serde::Deserialize;

use super::state::{Scan, State};
use super::{Shared, pages};

#[derive(Deserialize)]
pub(super) struct Key {
    k: String,
}

#[derive(Deserialize)]
pub(super) struct Press {
    k: String,
    #[serde(default)]
    user: String,
}

/// What the picture's address opens on a phone.
pub(super) async fn confirm(Query(key): Query<Key>) -> Response {
    to_phone(&key.k)
}

fn to_phone(key: &str) -> Response {
    let key: String = key.chars().filter(char::is_ascii_hexdigit).collect();
    (StatusCode::SEE_OTHER, [(header::LOCATION, format!("/phone?k={key}"))]).into_response()
}

/// `/phone?k=KEY`.
pub(super) async fn page(Extract(shared): Extract<Arc<Shared>>, Query(key): Query<Key>) -> Response {
    let state = shared.lock();
    let who = state.logins.get(&key.k).map_or("", |login| &login.who);
    Html(pages::phone(&state.company, &key.k, state.scan_of(&key.k), who)).into_response()
}

pub(super) async fn scan(Extract(shared): Extract<Arc<Shared>>, Form(press): Form<Press>) -> Response {
    shared.change(|state| state.scan(&press.k, &press.user));
    to_phone(&press.k)
}

pub(super) async fn agree(Extract(shared): Extract<Arc<Shared>>, Form(press): Form<Press>) -> Response {
    shared.change(|state| state.confirm(&press.k));
    to_phone(&press.k)
}

pub(super) async fn cancel(Extract(shared): Extract<Arc<Shared>>, Form(press): Form<Press>) -> Response {
    shared.change(|state| state.cancel(&press.k));
    to_phone(&press.k)
}

impl State {
    /// Whether the page of `key` was waiting to be scanned.
    pub(super) fn scan(&mut self, key: &str, who: &str) -> bool {
        if self.scan_of(key) != Scan::Never {
            return false;
        }
        self.logins.get_mut(key).is_some_and(|login| {
            login.scan = Scan::Scanning;
            who.clone_into(&mut login.who);
            true
        })
    }

    /// Whether somebody had scanned.
    pub(super) fn confirm(&mut self, key: &str) -> bool {
        if self.scan_of(key) != Scan::Scanning {
            return false;
        }
        let who = self.logins.get(key).map(|login| login.who.clone());
        let agent = self.company.agent_id;
        let code = self.new_code(&who.unwrap_or_default(), agent, false);
        self.logins.get_mut(key).is_some_and(|login| {
            login.scan = Scan::Success;
            login.code = code;
            true
        })
    }

    /// Whether there was something to cancel.
    pub(super) fn cancel(&mut self, key: &str) -> bool {
        if self.scan_of(key) == Scan::Success {
            return false;
        }
        self.logins.get_mut(key).is_some_and(|login| {
            login.scan = Scan::Error;
            true
        })
    }
}

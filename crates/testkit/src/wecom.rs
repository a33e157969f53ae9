//! A simulated WeCom (企业微信): its API, its log-in pages, OAuth2's page and its callbacks, on one port of 127.0.0.1.
//!
//! It refuses what the real one refuses, after the reference that the product's client is written by, and shares no
//! code with that client. The pages can be used by a person: the demo's phone is `/phone`.

mod api;
mod browser;
mod company;
mod crypto;
mod login;
mod pages;
mod phone;
mod push;
mod redirect;
mod sdk;
mod state;

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::routing::{any, get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use url::Url;

pub use browser::{INSIDE, OUTSIDE, PHONE, Page, open};
pub use company::{Company, Department, Member};
pub use crypto::CallbackKeys;
pub use push::{Change, Pushed, Tamper};
pub use state::{Delivered, Scan};

use crate::background::{self, Task};
use state::State;

struct Shared {
    url: Url,
    state: Mutex<State>,
    /// Counts changes that a poll may wait for.
    changed: watch::Sender<u64>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
        result
    }
}

/// A running WeCom; it ends when dropped.
pub struct WecomSim {
    shared: Arc<Shared>,
    _task: Task,
}

impl WecomSim {
    /// Starts on a free port.
    pub async fn start(company: Company) -> Result<Self> {
        Self::start_on(company, 0).await
    }

    /// Starts on that port (the demo has one that stays).
    pub async fn start_on(company: Company, port: u16) -> Result<Self> {
        // Registered with the servers' runtime, which is not the caller's.
        let bound = background::spawn(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))?;
        let listener = bound.await?.context("listening")?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            url: Url::parse(&format!("http://127.0.0.1:{port}/"))?,
            state: Mutex::new(State::new(company)),
            changed: watch::Sender::new(0),
        });
        let app = Router::new()
            .route("/cgi-bin/{*api}", any(api::call))
            .route("/wwlogin/sso/login", get(login::new_page))
            .route("/wwopen/sso/qrConnect", get(login::old_page))
            .route("/wwopen/sso/l/qrConnect", get(login::poll))
            .route("/wwopen/sso/confirm2", get(phone::confirm))
            .route("/connect/oauth2/authorize", get(login::authorize))
            .route("/open/js/jweixin-1.2.0.js", get(sdk::corp))
            .route("/wwopen/js/jwxwork-1.0.0.js", get(sdk::agent))
            .route("/phone", get(phone::page))
            .route("/phone/scan", post(phone::scan))
            .route("/phone/confirm", post(phone::agree))
            .route("/phone/cancel", post(phone::cancel))
            .with_state(Arc::clone(&shared));
        let task = background::spawn(async move {
            // It serves until it is dropped.
            let _ = axum::serve(listener, app).await;
        })?;
        Ok(Self {
            shared,
            _task: Task(task),
        })
    }

    /// Where everything is: api, both log-in pages and OAuth2 share the port, as their paths do not meet.
    pub fn url(&self) -> Url {
        self.shared.url.clone()
    }

    /// A ticket of the JS-SDK that was handed out: `corp` or `agent`.
    pub fn jsapi_ticket(&self, kind: &'static str) -> Option<String> {
        let state = self.shared.lock();
        state.jsapi.get(kind).map(|(ticket, _)| ticket.clone())
    }

    /// In the place of `qyapi.weixin.qq.com`.
    pub fn api(&self) -> Url {
        self.url()
    }

    /// In the place of `login.work.weixin.qq.com`.
    pub fn login(&self) -> Url {
        self.url()
    }

    /// In the place of `open.work.weixin.qq.com`.
    pub fn old_login(&self) -> Url {
        self.url()
    }

    /// In the place of `open.weixin.qq.com`.
    pub fn oauth(&self) -> Url {
        self.url()
    }

    /// Changes what the admin set up.
    pub fn company<T>(&self, change: impl FnOnce(&mut Company) -> T) -> T {
        self.shared.change(|state| change(&mut state.company))
    }

    /// Trusts `domain` (`host` or `host:port`) for the web login, OAuth2 and JS-SDK.
    pub fn trust(&self, domain: &str) {
        self.company(|company| {
            domain.clone_into(&mut company.callback_domain);
            domain.clone_into(&mut company.oauth_domain);
        });
    }

    /// Changes a member; whether there is one.
    pub fn member(&self, userid: &str, change: impl FnOnce(&mut Member)) -> bool {
        self.company(|company| {
            let mut members = company.members.iter_mut();
            let member = members.find(|member| member.userid == userid);
            member.map(change).is_some()
        })
    }

    /// The simulator's clock, in unix seconds.
    pub fn now(&self) -> i64 {
        self.shared.lock().now()
    }

    /// Sets the simulator's clock forward.
    pub fn shift(&self, by: Duration) {
        self.shared.change(|state| state.shift = state.shift.saturating_add(by));
    }

    /// How often `api` (`gettoken`, `user/get` ...) was called.
    pub fn calls(&self, api: &str) -> usize {
        self.shared.lock().calls.get(api).copied().unwrap_or_default()
    }

    /// The bodies of every call of `api`, in order; null for one without.
    pub fn bodies(&self, api: &str) -> Vec<Value> {
        self.shared.lock().bodies.get(api).cloned().unwrap_or_default()
    }

    /// The next `times` calls of `api` are refused with `code`.
    pub fn fail(&self, api: &str, code: i64, times: usize) {
        let mut state = self.shared.lock();
        let fault = state.faults.entry(api.to_owned()).or_default();
        (fault.code, fault.times) = (code, times);
    }

    /// The next `times` calls of `api` are answered with a page of words and status 200.
    pub fn garbage(&self, api: &str, times: usize) {
        self.shared.lock().faults.entry(api.to_owned()).or_default().garbage = times;
    }

    /// Calls of `api` are answered so much later.
    pub fn slow(&self, api: &str, by: Duration) {
        self.shared.lock().faults.entry(api.to_owned()).or_default().slow = by;
    }

    /// Everything answers 502 like a gateway before a dead server.
    pub fn down(&self, down: bool) {
        self.shared.lock().down = down;
    }

    /// Every token handed out has ended (42001).
    pub fn expire_tokens(&self) {
        let mut state = self.shared.lock();
        state.tokens.values_mut().for_each(|token| token.ends = 0);
    }

    /// Every token handed out was taken back before its end (40014).
    pub fn revoke_tokens(&self) {
        let mut state = self.shared.lock();
        state.tokens.values_mut().for_each(|token| token.dead = true);
    }

    /// The key of the log-in page that was opened last.
    pub fn newest_key(&self) -> Option<String> {
        self.shared.lock().newest.clone()
    }

    /// How far the page of `key` is.
    pub fn scan_state(&self, key: &str) -> Scan {
        self.shared.lock().scan_of(key)
    }

    /// Somebody points their phone at the page of `key`; whether it waited for that. Who is no member of the company
    /// (or left it) is an outsider.
    pub fn scan(&self, key: &str, userid: &str) -> bool {
        self.shared.change(|state| state.scan(key, userid))
    }

    /// Who scanned confirms; whether somebody had.
    pub fn confirm(&self, key: &str) -> bool {
        self.shared.change(|state| state.confirm(key))
    }

    /// Who scanned cancels.
    pub fn cancel(&self, key: &str) -> bool {
        self.shared.change(|state| state.cancel(key))
    }

    /// The picture of `key` grows too old.
    pub fn expire(&self, key: &str) {
        self.shared.change(|state| {
            if let Some(login) = state.logins.get_mut(key) {
                login.began = 0;
            }
        });
    }

    /// From now on every log-in page sends back at once, as the quick login of a desktop WeCom does after its click.
    pub fn quick(&self, userid: &str) {
        self.shared.lock().quick = Some(userid.to_owned());
    }

    /// Log-in pages show their picture again.
    pub fn no_quick(&self) {
        self.shared.lock().quick = None;
    }

    /// Who is signed in to the WeCom whose browser opens OAuth2's page.
    pub fn inside(&self, userid: &str) {
        self.shared.lock().inside = Some(userid.to_owned());
    }

    /// A code as the log-in page gives it, without the page.
    pub fn code(&self, userid: &str) -> String {
        self.shared.change(|state| {
            let agent = state.company.agent_id;
            state.new_code(userid, agent, false)
        })
    }

    /// A code as OAuth2 with `snsapi_privateinfo` gives it after consent, without the page.
    pub fn private_code(&self, userid: &str) -> String {
        self.shared.change(|state| {
            let agent = state.company.agent_id;
            state.new_code(userid, agent, true)
        })
    }

    /// What reached `userid`.
    pub fn messages(&self, userid: &str) -> Vec<Delivered> {
        let state = self.shared.lock();
        let theirs = state.delivered.iter().filter(|one| one.userid == userid);
        theirs.cloned().collect()
    }

    /// Key and data of each item on the workbench of `userid`; nothing while the application has no template.
    pub fn workbench(&self, userid: &str) -> Vec<(String, String)> {
        let state = self.shared.lock();
        let Some(template) = &state.template else {
            return Vec::new();
        };
        let shown = state.workbench.get(userid).unwrap_or(template);
        let items = shown.pointer("/keydata/items").and_then(Value::as_array);
        let text = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        items
            .into_iter()
            .flatten()
            .map(|item| (text(item, "key"), text(item, "data")))
            .collect()
    }
}

#[cfg(test)]
mod tests;

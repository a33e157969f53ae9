//! A simulated NetEase enterprise mail: the open platform of api.qiye.163.com, the older qiyeservice API, the push of
//! new mails, and the door to a webmail. It refuses what the real one is known to refuse.
//!
//! Written from what customers' programs and the vendor's own examples show. What those leave open is chosen here as
//! strictly as seems possible, or has a switch for each reading: fields of listed mails, the shape of the revision feed,
//! the time zone of expiries, the error words of the older API.

mod browser;
mod old;
mod open;
mod push;
mod state;
mod tokens;
mod webmail;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};

use crate::background::{self, Task};
pub use browser::browse;
use state::State;

/// A mailbox of the simulated company.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// The part before the `@`.
    pub name: String,
    /// As people are called: 张三.
    pub nickname: String,
    pub job_number: String,
    /// The id of a [`Unit`]; empty at the top.
    pub unit: String,
    /// 0 normal, 1 disabled, 2 deleted, 4 left, 5 handing over, 6 handed over.
    pub status: i64,
    /// Whole addresses.
    pub aliases: Vec<String>,
    pub mobile: String,
    /// Whether IMAP may be used.
    pub imap: bool,
    /// Whether SMTP may be used.
    pub smtp: bool,
    /// In the inbox.
    pub unread: u64,
    pub messages: Vec<Mail>,
}

impl Account {
    /// A mailbox in good order, at the top, which may use IMAP and SMTP.
    pub fn new(name: &str, nickname: &str) -> Self {
        Self {
            name: name.to_owned(),
            nickname: nickname.to_owned(),
            imap: true,
            smtp: true,
            ..Self::default()
        }
    }
}

/// A department.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    pub id: String,
    pub name: String,
    /// Empty at the top.
    pub parent: String,
    /// 1 comes first.
    pub rank: i64,
}

/// A mail in a mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// 1 inbox, 2 drafts, 3 sent, 4 trash, 5 junk; 0 is the inbox as well.
    pub folder: i64,
    pub from: String,
    pub subject: String,
    /// Whether `text` is HTML.
    pub html: bool,
    pub text: String,
    /// Milliseconds since 1970.
    pub sent_at: i64,
    /// Names and sizes of attached files.
    pub files: Vec<(String, u64)>,
}

/// What the next call of a path gets instead of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A response code with its message.
    Code(i64, String),
    /// That HTTP status, with a gateway's page.
    Status(u16),
    /// This body, as JSON.
    Body(String),
}

/// How `address/getRevisionData` is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Feed {
    /// All changes after the revision that was asked with, as a list.
    #[default]
    Since,
    /// The change of exactly that revision, as one object.
    At,
}

/// A running simulator on loopback; it ends when dropped.
#[derive(Debug)]
pub struct NeteaseSim {
    url: String,
    state: Shared,
    _task: Task,
}

type Shared = Arc<Mutex<State>>;

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl NeteaseSim {
    /// The application's id.
    pub const APP_ID: &str = "qy20990101demo";
    /// The authorisation code that the admin console shows.
    pub const AUTH_CODE: &str = "demoCode";
    /// The organisation's id.
    pub const ORG_OPEN_ID: &str = "0123456789abcdef";

    /// Starts a company with the mail domain `domain` on a free port of 127.0.0.1.
    #[allow(clippy::unused_async, reason = "simulators are started so, whatever they wait for")]
    pub async fn start(domain: &str, accounts: Vec<Account>) -> std::io::Result<Self> {
        let (listener, port) = background::listen()?;
        let url = format!("http://127.0.0.1:{port}");
        let state = Arc::new(Mutex::new(State::new(&url, domain, accounts)));
        let router = Router::new()
            .route("/api/pub/token/{call}", post(tokens::call))
            .route("/api/open/{*call}", post(open::call))
            .route("/api/sso/ssoSign", post(webmail::sign))
            .route("/login/ssoLogin", get(webmail::login))
            .route("/domain/oa/Entry", get(webmail::entry))
            .route("/entry/door", get(webmail::door))
            .route("/webmail", get(webmail::page))
            .route("/qiyeservice/api/{*call}", post(old::call))
            .with_state(Arc::clone(&state));
        let task = background::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the simulated NetEase ended");
            }
        })?;
        Ok(Self {
            url,
            state,
            _task: Task(task),
        })
    }

    /// Where everything is found: `http://127.0.0.1:PORT`, for the open platform, the older API and the webmail alike.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// A copy of an account as it is now.
    pub fn account(&self, name: &str) -> Option<Account> {
        self.state().account(name).cloned()
    }

    /// A new account.
    pub fn add(&self, account: Account) {
        let mut state = self.state();
        state.tell("createAccount", &account.name);
        state.accounts.push(account);
    }

    /// Changes an account; an account that is not there stays so.
    pub fn change(&self, name: &str, change: impl FnOnce(&mut Account)) {
        let mut state = self.state();
        if let Some(account) = state.account_mut(name) {
            change(account);
        }
        state.tell("updateAccount", name);
    }

    /// Deletes an account for good.
    pub fn remove(&self, name: &str) {
        let mut state = self.state();
        state.accounts.retain(|account| account.name != name);
        state.tell("deleteAccount", name);
    }

    /// The departments from now on.
    pub fn set_units(&self, units: Vec<Unit>) {
        let mut state = self.state();
        state.units = units;
        state.revision = state.revision.saturating_add(1);
    }

    /// Which way the revision feed is read.
    pub fn set_feed(&self, feed: Feed) {
        self.state().feed = feed;
    }

    /// The clock of NetEase goes ahead by so much: tokens and signs grow old.
    pub fn advance(&self, by: Duration) {
        let mut state = self.state();
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        state.ahead_ms = state.ahead_ms.saturating_add(by);
    }

    /// Expiries are written in the time of that offset from UTC, in hours (8 at first).
    pub fn set_zone(&self, hours: i8) {
        self.state().zone_hours = hours;
    }

    /// How long access tokens, refresh tokens and single sign-on tokens that are given from now on hold.
    pub fn set_lives(&self, access: Duration, refresh: Duration, sso: Duration) {
        self.state().lives = state::Lives::new(access, refresh, sso);
    }

    /// Every token given so far is unusable, as after a reset by the vendor.
    pub fn forget_tokens(&self) {
        let mut state = self.state();
        state.pair = None;
        state.sso = None;
    }

    /// Another authorisation code than [`Self::AUTH_CODE`], as after a reset by the admin.
    pub fn set_auth_code(&self, code: &str) {
        code.clone_into(&mut self.state().auth_code);
    }

    /// Whether callers of this address are on the IP list; if not, they get -201 (single sign-on needs no list).
    pub fn set_listed(&self, listed: bool) {
        self.state().listed = listed;
    }

    /// Whether a call (`unit/getAccountList`) is granted to the application; if not, it gets -202.
    pub fn grant(&self, call: &str, granted: bool) {
        let mut state = self.state();
        if granted {
            state.withheld.remove(call);
        } else {
            state.withheld.insert(call.to_owned());
        }
    }

    /// The next calls are too frequent: -422.
    pub fn too_frequent(&self, calls: usize) {
        self.state().too_frequent = calls;
    }

    /// Whatever page is asked for, the first one is given, as by a server that does not know the page's number.
    pub fn set_pages_repeat(&self, repeat: bool) {
        self.state().pages_repeat = repeat;
    }

    /// The next call of `call` (`unit/getAccountList`, `token/refresh`, `sso/ssoSign`) gets this; faults of one call
    /// stand in a row.
    pub fn fail_next(&self, call: &str, fault: Fault) {
        self.state().faults.push_back((call.to_owned(), fault));
    }

    /// Every call so far, in order, whatever came of it.
    pub fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// How often `call` was called.
    pub fn count(&self, call: &str) -> usize {
        self.state().calls.iter().filter(|each| *each == call).count()
    }

    /// Whether `token` is the access token that is good now.
    pub fn knows(&self, token: &str) -> bool {
        let state = self.state();
        let now = state.now_ms();
        state
            .pair
            .as_ref()
            .is_some_and(|pair| pair.access == token && now < pair.access_until)
    }

    /// The urls that new mails are pushed to.
    pub fn push_urls(&self) -> Vec<String> {
        let state = self.state();
        let pushes = state.subscriptions.iter().filter(|(_, source)| source == "pushmail");
        pushes.map(|(url, _)| url.clone()).collect()
    }

    /// Whether new mails of that account are pushed.
    pub fn is_pushed(&self, name: &str) -> bool {
        self.state().pushed.contains(name)
    }

    /// A mail arrives: it stands in the mailbox, and is pushed to every subscribed url if the account is subscribed.
    /// Gives back how many took it; one that does not answer "success" is an error.
    pub async fn deliver(&self, name: &str, mail: Mail) -> anyhow::Result<usize> {
        let (urls, payload) = self.state().deliver(name, mail)?;
        for url in &urls {
            push::send(url, &payload).await?;
        }
        Ok(urls.len())
    }

    /// Lodges the public half of the company's key for the older API: PEM or hex of the DER, SPKI (X.509).
    pub fn lodge_key(&self, public: &str) -> anyhow::Result<()> {
        self.state().old.key = Some(old::public_key(public)?);
        Ok(())
    }

    /// The product that the older API is called with; at first the domain with underscores for dots.
    pub fn set_product(&self, product: &str) {
        product.clone_into(&mut self.state().old.product);
    }

    /// The older API says `"suc":1` instead of `"suc":true`.
    pub fn set_numeric_suc(&self, numeric: bool) {
        self.state().old.numeric = numeric;
    }

    /// How many accounts a page of the older API holds (2000 at first).
    pub fn set_old_page(&self, accounts: usize) {
        self.state().old.page = accounts;
    }
}

#[cfg(test)]
mod tests;

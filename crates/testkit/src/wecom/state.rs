//! What the simulated WeCom remembers: tokens, codes, tickets, log-ins, messages, and how it is told to misbehave.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rand::RngCore as _;
use serde_json::Value;

use super::company::{Company, Member};
use super::crypto::hex;

/// Life of an OAuth2 code and of a log-in page's picture, in seconds.
pub(super) const CODE_LIFE: i64 = 300;
/// Life of a `user_ticket`, in seconds.
pub(super) const TICKET_LIFE: i64 = 1800;

/// Whose secret a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Credential {
    App(i64),
    Sync,
}

#[derive(Debug)]
pub(super) struct Token {
    pub(super) credential: Credential,
    pub(super) ends: i64,
    /// Invalidated before its time.
    pub(super) dead: bool,
}

#[derive(Debug)]
pub(super) struct Code {
    pub(super) who: String,
    pub(super) agent: i64,
    pub(super) issued: i64,
    pub(super) used: bool,
    /// Whether `snsapi_privateinfo` was consented to.
    pub(super) private: bool,
}

#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) userid: String,
    pub(super) agent: i64,
    pub(super) ends: i64,
}

/// How far a log-in page is. The words are those of the old page's wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    Never,
    Scanning,
    Success,
    /// Expired or cancelled.
    Error,
}

impl Scan {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Never => "QRCODE_SCAN_NEVER",
            Self::Scanning => "QRCODE_SCAN_ING",
            Self::Success => "QRCODE_SCAN_SUCC",
            Self::Error => "QRCODE_SCAN_ERR",
        }
    }
}

#[derive(Debug)]
pub(super) struct Login {
    pub(super) began: i64,
    pub(super) scan: Scan,
    pub(super) who: String,
    pub(super) code: String,
}

/// A message as it reached one member.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivered {
    pub userid: String,
    /// Unix seconds, by the simulator's clock.
    pub at: i64,
    /// The request's body.
    pub message: Value,
}

/// How one api misbehaves.
#[derive(Debug, Default)]
pub(super) struct Fault {
    pub(super) code: i64,
    pub(super) times: usize,
    pub(super) garbage: usize,
    pub(super) slow: Duration,
}

pub(super) struct State {
    pub(super) company: Company,
    pub(super) shift: Duration,
    pub(super) tokens: HashMap<String, Token>,
    pub(super) codes: HashMap<String, Code>,
    pub(super) tickets: HashMap<String, Ticket>,
    pub(super) logins: HashMap<String, Login>,
    pub(super) newest: Option<String>,
    pub(super) quick: Option<String>,
    pub(super) inside: Option<String>,
    pub(super) calls: BTreeMap<String, usize>,
    pub(super) bodies: HashMap<String, Vec<Value>>,
    pub(super) faults: HashMap<String, Fault>,
    pub(super) down: bool,
    /// When look-ups by mail missed, unix seconds.
    pub(super) misses: Vec<i64>,
    pub(super) lookups_blocked_until: i64,
    pub(super) delivered: Vec<Delivered>,
    /// What was said to whom when, for the duplicate check.
    pub(super) said: HashMap<(String, String), i64>,
    pub(super) template: Option<Value>,
    pub(super) workbench: HashMap<String, Value>,
    /// JS-SDK tickets by kind, with their end.
    pub(super) jsapi: HashMap<&'static str, (String, i64)>,
}

impl State {
    pub(super) fn new(company: Company) -> Self {
        Self {
            company,
            shift: Duration::ZERO,
            tokens: HashMap::new(),
            codes: HashMap::new(),
            tickets: HashMap::new(),
            logins: HashMap::new(),
            newest: None,
            quick: None,
            inside: None,
            calls: BTreeMap::new(),
            bodies: HashMap::new(),
            faults: HashMap::new(),
            down: false,
            misses: Vec::new(),
            lookups_blocked_until: 0,
            delivered: Vec::new(),
            said: HashMap::new(),
            template: None,
            workbench: HashMap::new(),
            jsapi: HashMap::new(),
        }
    }

    /// Unix seconds.
    pub(super) fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.saturating_add(self.shift).as_secs()).unwrap_or(i64::MAX)
    }

    /// A code for `who`, which is good for the application `agent`.
    pub(super) fn new_code(&mut self, who: &str, agent: i64, private: bool) -> String {
        let code = secret("code");
        let issued = self.now();
        self.codes.insert(
            code.clone(),
            Code {
                who: who.to_owned(),
                agent,
                issued,
                used: false,
                private,
            },
        );
        code
    }

    /// A member of the company who did not leave it.
    pub(super) fn colleague(&self, userid: &str) -> Option<&Member> {
        self.company.member(userid).filter(|member| member.status != 5)
    }

    /// How far the page of `key` is now.
    pub(super) fn scan_of(&self, key: &str) -> Scan {
        self.logins.get(key).map_or(Scan::Error, |login| {
            let over = self.now().saturating_sub(login.began) > CODE_LIFE;
            if over && login.scan != Scan::Success {
                Scan::Error
            } else {
                login.scan
            }
        })
    }
}

/// A name that cannot be guessed.
pub(super) fn secret(kind: &str) -> String {
    format!("{kind}{}", key())
}

/// 32 hexadecimal digits.
pub(super) fn key() -> String {
    let mut random = [0_u8; 16];
    rand::rng().fill_bytes(&mut random);
    hex(&random)
}

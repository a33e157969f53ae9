//! The qiyeservice API, which went before the open platform and still answers customers of old.
//!
//! Every call is signed by the company's own key: the parameters sorted by name, raw in UTF-8, without empty ones,
//! joined as `name=value&…`, under `SHA1withRSA` (PKCS#1 v1.5), in lower-case hex.

mod key;

use std::collections::BTreeMap;
use std::sync::Arc;

use qiyou_net::{HttpClient, post_form};
use serde_json::Value;
use url::Url;

use crate::account::Account;
use crate::call::{LIMITS, counted, local};
use crate::directory::{Unit, units};
use crate::error::{Error, Kind};
use crate::fields::{flag, integer, text};
use crate::walk::{Step, Walk};
use crate::webmail::{Lang, SignOn};

pub use key::{Key, KeyError};

/// How often a list is read that changes while it is read.
const WALKS: u32 = 3;

/// Which of NetEase's sites the company lives at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// 华东, `apihz.qiye.163.com` and `entryhz.qiye.163.com`.
    East,
    /// 华北, `apibj.qiye.163.com` and `entry.qiye.163.com`.
    North,
    /// Both at one address: a simulator.
    At(Url),
}

impl Site {
    fn url(&self, east: &str, north: &str, path: &str) -> Option<Url> {
        let mut url = match self {
            Self::East => Url::parse(east).ok()?,
            Self::North => Url::parse(north).ok()?,
            Self::At(url) => url.clone(),
        };
        url.set_path(path);
        Some(url)
    }

    fn api(&self, call: &str) -> Option<Url> {
        let path = format!("/qiyeservice/api/{call}");
        self.url("https://apihz.qiye.163.com", "https://apibj.qiye.163.com", &path)
    }

    fn entry(&self) -> Option<Url> {
        self.url(
            "https://entryhz.qiye.163.com",
            "https://entry.qiye.163.com",
            "/domain/oa/Entry",
        )
    }
}

/// What NetEase gave to the company, and the half of the key that it kept.
#[derive(Clone, Debug)]
pub struct Company {
    pub site: Site,
    /// The mail domain, lower case.
    pub domain: String,
    /// As issued: mostly the domain with underscores for dots.
    pub product: String,
    pub key: Key,
}

/// The accounts as of a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// To ask with next time.
    pub version: Option<i64>,
    /// None when nothing changed since the version that was asked with.
    pub accounts: Option<Vec<Account>>,
}

/// The qiyeservice API, as one company sees it.
#[derive(Clone)]
pub struct Old {
    http: HttpClient,
    company: Arc<Company>,
    /// Milliseconds since 1970.
    clock: Arc<dyn Fn() -> i64 + Send + Sync>,
}

impl std::fmt::Debug for Old {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Old")
            .field("company", &self.company)
            .finish_non_exhaustive()
    }
}

impl Old {
    /// `http` is made by `qiyou_net::Dialer::http`.
    pub fn new(http: HttpClient, company: Company) -> Self {
        Self::with_clock(http, company, Arc::new(|| jiff::Timestamp::now().as_millisecond()))
    }

    /// As [`Old::new`], with a clock: milliseconds since 1970. It has to be right, as it is signed.
    pub fn with_clock(http: HttpClient, company: Company, clock: Arc<dyn Fn() -> i64 + Send + Sync>) -> Self {
        let company = Arc::new(company);
        Self { http, company, clock }
    }

    /// All departments.
    pub async fn units(&self) -> Result<Vec<Unit>, Error> {
        let call = "old/unit/getUnitList";
        units(call, &self.call(call, "unit/getUnitList", &[]).await?.con)
    }

    /// All accounts, of every status, unless nothing changed since the version `known`.
    pub async fn accounts(&self, known: Option<i64>) -> Result<Listing, Error> {
        let call = "old/unit/getAccountList";
        let known = known.map(|version| version.to_string()).unwrap_or_default();
        let (mut walk, mut walks) = (Walk::default(), 1);
        let mut page = 1_u32;
        let mut version = None;
        loop {
            let number = page.to_string();
            // A version that is equal to the newest answers with nothing; on later pages everything is wanted.
            let ver = if page == 1 { known.as_str() } else { "" };
            let parameters = [("page_num", number.as_str()), ("recursion", "true"), ("ver", ver)];
            let answer = self.call(call, "unit/getAccountList", &parameters).await?;
            if page == 1 {
                version = answer.version;
                if !known.is_empty() && version.is_some_and(|version| version.to_string() == known) {
                    return Ok(Listing {
                        version,
                        accounts: None,
                    });
                }
            }
            match walk.take(&answer.con, &self.company.domain) {
                Ok(Step::Page(next)) => page = next,
                Ok(Step::Again) if walks < WALKS => {
                    (walk, page) = (Walk::default(), 1);
                    walks = walks.saturating_add(1);
                }
                Ok(Step::Again | Step::Done) => {
                    let accounts = Some(walk.into_accounts());
                    return Ok(Listing { version, accounts });
                }
                Err(what) => return Err(Error::Answer { call, what }),
            }
        }
    }

    /// One account by its name or address; none when there is no such account here.
    pub async fn account(&self, name: &str) -> Result<Option<Account>, Error> {
        let found = async {
            let parameters = [("account_name", self.local(name)?)];
            self.call("old/account/getAccount", "account/getAccount", &parameters)
                .await
        };
        match found.await {
            Ok(answer) => Ok(Account::read(&answer.con, &self.company.domain)),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How many mails are unread.
    pub async fn unread(&self, name: &str) -> Result<u64, Error> {
        let call = "old/mailbox/getUnreadMsg";
        let parameters = [("account_name", self.local(name)?)];
        let answer = self.call(call, "mailbox/getUnreadMsg", &parameters).await?;
        counted(call, &answer.con, &["count"])
    }

    /// The address at which `name` is signed in to the webmail. It bears its time and works for a while: make it when
    /// it is needed.
    pub fn webmail(&self, name: &str, lang: Lang) -> Result<SignOn, Error> {
        let name = self.local(name)?;
        let domain = &self.company.domain;
        let time = (self.clock)().to_string();
        let enc = self.company.key.sign(&format!("{name}{domain}{time}"))?;
        let mut url = self.company.site.entry().ok_or(Error::Answer {
            call: "old/oa/Entry",
            what: "no address to make it of",
        })?;
        url.query_pairs_mut()
            .append_pair("domain", domain)
            .append_pair("account_name", name)
            .append_pair("time", &time)
            .append_pair("enc", &enc)
            .append_pair("lang", lang.number());
        Ok(SignOn::new(url))
    }

    fn local<'n>(&self, name: &'n str) -> Result<&'n str, Error> {
        let domain = &self.company.domain;
        local(name, domain).ok_or_else(|| Error::Elsewhere { domain: domain.clone() })
    }

    async fn call(&self, call: &'static str, path: &str, more: &[(&str, &str)]) -> Result<Answered, Error> {
        let time = (self.clock)().to_string();
        let mut parameters: BTreeMap<&str, &str> = more.iter().copied().collect();
        parameters.insert("domain", &self.company.domain);
        parameters.insert("product", &self.company.product);
        parameters.insert("time", &time);
        parameters.retain(|_, value| !value.is_empty());
        let sign = self.company.key.sign(&raw(&parameters))?;
        parameters.insert("sign", &sign);
        let form: Vec<(&str, &str)> = parameters.into_iter().collect();
        let url = self.company.site.api(path).ok_or(Error::Answer {
            call,
            what: "no address to ask at",
        })?;
        let answer = post_form(&self.http, &url, &form, LIMITS).await;
        let answer = answer.map_err(|source| Error::Http { call, source })?;
        let told: Value = match serde_json::from_slice(&answer.body) {
            Ok(told) => told,
            Err(_) if answer.status != 200 => {
                let status = answer.status;
                return Err(Error::Status { call, status });
            }
            Err(_) => Value::Null,
        };
        match flag(&told, &["suc"]) {
            Some(true) => Ok(Answered {
                version: integer(&told, &["ver"]),
                con: told.get("con").cloned().unwrap_or_default(),
            }),
            Some(false) => Err(Error::RefusedOld {
                call,
                marker: text(&told, &["error_code", "msg"]).chars().take(100).collect(),
            }),
            None => Err(Error::Answer {
                call,
                what: "an answer without suc",
            }),
        }
    }
}

struct Answered {
    version: Option<i64>,
    con: Value,
}

/// What is signed.
fn raw(parameters: &BTreeMap<&str, &str>) -> String {
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests;

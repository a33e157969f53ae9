//! `/api/open`: departments, accounts, mailboxes, the revision feed and subscriptions.

use axum::body::Bytes;
use axum::extract::{Path, State as Axum};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::state::{Answer, Refusal, State, faulty, given, object, said, text_header, wanted, who};
use super::{Account, Feed, Shared, lock};

/// The longest page that is given.
const PAGE: usize = 50;

pub(super) async fn call(
    Axum(shared): Axum<Shared>,
    Path(call): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut state = lock(&shared);
    if let Some(fault) = state.begin(&call) {
        return faulty(fault);
    }
    said(state.answer(&call, &headers, &body))
}

fn number(body: &Map<String, Value>, name: &str) -> Result<usize, Refusal> {
    let text = wanted(body, name)?;
    match text.parse() {
        Ok(number) if number >= 1 => Ok(number),
        _ => Err(Refusal(-401, format!("parameter error: {name}"))),
    }
}

fn page(body: &Map<String, Value>) -> Result<(usize, usize), Refusal> {
    let (page, size) = (number(body, "pageNum")?, number(body, "pageSize")?);
    if size > PAGE {
        return Err(Refusal::new(-401, "parameter error: pageSize"));
    }
    Ok((page.saturating_sub(1).saturating_mul(size), size))
}

fn not_there() -> Refusal {
    Refusal::new(-3, "ACCOUNT.NOTEXIST account not exist")
}

impl State {
    pub(super) fn answer(&mut self, call: &str, headers: &HeaderMap, body: &[u8]) -> Answer {
        self.gate(headers, true)?;
        let token = text_header(headers, "qiye-access-token");
        if token.is_empty() {
            return Err(Refusal::new(-424, "header error"));
        }
        who(headers)?;
        self.admits(token)?;
        if self.withheld.contains(call) {
            return Err(Refusal::new(-202, "api not granted"));
        }
        let body = object(body)?;
        match call {
            "address/getMaxRevision"
            | "address/getRevisionData"
            | "push/addDynamicSubscribe"
            | "push/getDynamicSubscribe" => {
                if wanted(&body, "orgOpenId")? != super::NeteaseSim::ORG_OPEN_ID {
                    return Err(Refusal::new(-401, "parameter error: orgOpenId"));
                }
            }
            _ => {
                if wanted(&body, "domain")? != self.domain {
                    return Err(Refusal::new(-3, "DOMAIN.NOTEXIST domain not exist"));
                }
            }
        }
        match call {
            "unit/getUnitList" => Ok(self.units_shown()),
            "unit/getAccountList" => self.accounts_shown(&body),
            "account/getAccount" => Ok(self.account_shown(self.named(&body)?)),
            "account/getAccountAliasList" => Ok(json!({ "alias": self.named(&body)?.aliases })),
            "account/getAccountListByNicknameAndJobNo" => self.found(&body),
            "account/updateAccountLoginPerm" => self.permit(&body),
            "mailbox/getUnreadMsg" => Ok(json!({ "count": self.named(&body)?.unread })),
            "mailbox/listMessages" => self.mails_shown(&body),
            "address/getMaxRevision" => Ok(json!({ "revision": self.revision })),
            "address/getRevisionData" => self.revisions_shown(&body),
            "push/addDynamicSubscribe" => self.subscribe(&body),
            "push/getDynamicSubscribe" => Ok(json!(self.subscriptions)),
            "push/addPushMailSubscribe" => {
                let name = self.named(&body)?.name.clone();
                if self.pushed.insert(name) {
                    Ok(Value::Null)
                } else {
                    Err(Refusal::new(-421, "repeated request"))
                }
            }
            _ => Err(Refusal::new(-400, "request error: no such call")),
        }
    }

    fn named(&self, body: &Map<String, Value>) -> Result<&Account, Refusal> {
        self.account(&wanted(body, "accountName")?).ok_or_else(not_there)
    }

    fn units_shown(&self) -> Value {
        let units = self.units.iter().map(|unit| {
            let mut shown = json!({ "unitId": unit.id, "unitName": unit.name, "rank": unit.rank });
            if let (false, Some(shown)) = (unit.parent.is_empty(), shown.as_object_mut()) {
                shown.insert("unitParentId".to_owned(), unit.parent.clone().into());
            }
            shown
        });
        units.collect()
    }

    fn account_shown(&self, account: &Account) -> Value {
        let unit = self.units.iter().find(|unit| unit.id == account.unit);
        let unit_name = unit.map_or("", |unit| unit.name.as_str());
        json!({
            "accountOpenId": format!("open-{}", account.name),
            "accountName": account.name,
            "name": account.nickname,
            "domain": self.domain,
            "unitId": account.unit,
            "unitName": unit_name,
            "unitList": [{ "unitId": account.unit, "unitName": unit_name }],
            "jobNumber": account.job_number,
            "mobile": account.mobile,
            "aliasEmailList": account.aliases,
            "status": account.status,
        })
    }

    /// Whether `unit` is `top` or below it.
    pub(super) fn below(&self, unit: &str, top: &str) -> bool {
        let mut unit = unit;
        // A circle of parents ends as well.
        for _ in 0..=self.units.len() {
            if unit == top {
                return true;
            }
            match self.units.iter().find(|each| each.id == unit) {
                Some(found) => unit = found.parent.as_str(),
                None => return false,
            }
        }
        false
    }

    fn accounts_shown(&self, body: &Map<String, Value>) -> Answer {
        let (skip, size) = page(body)?;
        let top = given(body, "unitId").unwrap_or_default();
        let deep = matches!(given(body, "recursion").as_deref(), Some("true" | "1"));
        let inside =
            |account: &&Account| account.unit == top || (deep && (top.is_empty() || self.below(&account.unit, &top)));
        let all: Vec<&Account> = self.accounts.iter().filter(inside).collect();
        let skip = if self.pages_repeat { 0 } else { skip };
        let list = all
            .iter()
            .skip(skip)
            .take(size)
            .map(|account| self.account_shown(account));
        Ok(json!({ "count": all.len(), "list": list.collect::<Value>() }))
    }

    fn found(&self, body: &Map<String, Value>) -> Answer {
        let (number, nickname) = (given(body, "jobNumber"), given(body, "nickname"));
        if number.is_none() && nickname.is_none() {
            return Err(Refusal::new(-401, "parameter error: jobNumber"));
        }
        let fits = |account: &&Account| {
            number.as_ref().is_none_or(|number| *number == account.job_number)
                && nickname.as_ref().is_none_or(|nickname| *nickname == account.nickname)
        };
        let list = self
            .accounts
            .iter()
            .filter(fits)
            .map(|account| self.account_shown(account));
        Ok(json!({ "list": list.collect::<Value>() }))
    }

    fn permit(&mut self, body: &Map<String, Value>) -> Answer {
        let name = self.named(body)?.name.clone();
        let allowed = match wanted(body, "loginPerm")?.as_str() {
            "0" => false,
            "1" => true,
            _ => return Err(Refusal::new(-401, "parameter error: loginPerm")),
        };
        let account = self.account_mut(&name).ok_or_else(not_there)?;
        match wanted(body, "loginType")?.as_str() {
            "imap" => account.imap = allowed,
            "smtp" => account.smtp = allowed,
            "web" | "flashmail" | "yixin" | "pop" => {}
            _ => return Err(Refusal::new(-401, "parameter error: loginType")),
        }
        Ok(Value::Null)
    }

    /// The fields of a listed mail are this simulator's own.
    fn mails_shown(&self, body: &Map<String, Value>) -> Answer {
        let account = self.named(body)?;
        let folder: i64 = wanted(body, "fid")?
            .parse()
            .map_err(|_| Refusal::new(-401, "parameter error: fid"))?;
        let (skip, size) = page(body)?;
        let inside: Vec<_> = account.messages.iter().enumerate().rev().collect();
        let inside: Vec<_> = inside
            .into_iter()
            .filter(|(_, mail)| mail.folder.max(1) == folder)
            .collect();
        let list = inside.iter().skip(skip).take(size).map(|(at, mail)| {
            json!({
                "mid": format!("{}-{at}", account.name),
                "from": mail.from,
                "to": format!("{}@{}", account.name, self.domain),
                "subject": mail.subject,
                "sentDate": mail.sent_at,
                "size": mail.text.len(),
                "attached": !mail.files.is_empty(),
            })
        });
        let mut data = json!({ "list": list.collect::<Value>() });
        let total = matches!(given(body, "returnTotal").as_deref(), Some("true" | "1"));
        if let (true, Some(data)) = (total, data.as_object_mut()) {
            data.insert("total".to_owned(), inside.len().into());
        }
        Ok(data)
    }

    fn revisions_shown(&self, body: &Map<String, Value>) -> Answer {
        let asked: i64 = wanted(body, "revision")?
            .parse()
            .map_err(|_| Refusal::new(-401, "parameter error: revision"))?;
        let shown = |revision: &super::state::Revision| {
            let account = match self.account(&revision.account) {
                Some(account) => self.account_shown(account),
                None => json!({ "accountName": revision.account, "domain": self.domain, "status": 2 }),
            };
            json!({
                "domain": self.domain,
                "revision": revision.number,
                "op": revision.op,
                "orgOpenId": super::NeteaseSim::ORG_OPEN_ID,
                "account": account,
            })
        };
        Ok(match self.feed {
            Feed::Since => self
                .revisions
                .iter()
                .filter(|each| each.number > asked)
                .map(shown)
                .collect(),
            Feed::At => {
                let one = self.revisions.iter().find(|each| each.number == asked);
                one.map_or(Value::Null, shown)
            }
        })
    }

    fn subscribe(&mut self, body: &Map<String, Value>) -> Answer {
        let url = wanted(body, "url")?;
        let source = given(body, "source").unwrap_or_else(|| "pushmail".to_owned());
        if !(url.starts_with("http://") || url.starts_with("https://")) {
            return Err(Refusal::new(-401, "parameter error: url"));
        }
        if source != "pushmail" && source != "orgevent" {
            return Err(Refusal::new(-401, "parameter error: source"));
        }
        let subscription = (url, source);
        if self.subscriptions.contains(&subscription) {
            return Err(Refusal::new(-421, "repeated request"));
        }
        self.subscriptions.push(subscription);
        Ok(Value::Null)
    }
}

//! The older API, `/qiyeservice/api`: every call is signed, `SHA1withRSA` over the sorted raw parameters.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State as Axum};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, UnparsedPublicKey};
use serde_json::{Value, json};

use super::state::{State, faulty};
use super::{Account, Shared, lock};

type Parameters = BTreeMap<String, String>;

pub(super) async fn call(
    Axum(shared): Axum<Shared>,
    Path(call): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let mut state = lock(&shared);
    if let Some(fault) = state.begin(&format!("old/{call}")) {
        return faulty(fault);
    }
    let query = query.unwrap_or_default();
    let pairs = url::form_urlencoded::parse(query.as_bytes()).chain(url::form_urlencoded::parse(&body));
    let asked: Parameters = pairs
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let told = match state.old_answer(&call, &asked) {
        Ok(con) => {
            let suc = if state.old.numeric { json!(1) } else { json!(true) };
            let mut told = json!({ "suc": suc, "ver": state.revision });
            if let (Some(con), Some(told)) = (con, told.as_object_mut()) {
                told.insert("con".to_owned(), con);
            }
            told
        }
        Err(word) => json!({ "suc": false, "ver": 0, "error_code": word }),
    };
    Json(told).into_response()
}

impl State {
    /// Nothing where nothing changed.
    fn old_answer(&self, call: &str, asked: &Parameters) -> Result<Option<Value>, &'static str> {
        let value = |name: &str| asked.get(name).map_or("", String::as_str);
        // Sorted by the map, raw, without the empty ones.
        let signed: Vec<String> = asked
            .iter()
            .filter(|(name, value)| *name != "sign" && !value.is_empty())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let time = value("time");
        if time.len() != 13 || !time.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("PARAM.TIME");
        }
        if value("product") != self.old.product {
            return Err("PARAM.PRODUCT");
        }
        if !verified(self.old.key.as_deref(), &signed.join("&"), value("sign")) {
            return Err("SIGN.INVALID");
        }
        if value("domain") != self.domain {
            return Err("DOMAIN.NOTEXIST");
        }
        let unchanged = value("ver") == self.revision.to_string();
        let account = || self.account(value("account_name")).ok_or("ACCOUNT.NOTEXIST");
        match call {
            "unit/getUnitList" | "unit/getAccountList" if unchanged => Ok(None),
            "unit/getUnitList" => Ok(Some(self.old_units())),
            "unit/getAccountList" => {
                let page: usize = match value("page_num") {
                    "" => 1,
                    number => number.parse().map_err(|_| "PARAM.PAGENUM")?,
                };
                let skip = page.saturating_sub(1).saturating_mul(self.old.page);
                let list = self
                    .accounts
                    .iter()
                    .skip(skip)
                    .take(self.old.page)
                    .map(|each| self.old_account(each));
                Ok(Some(
                    json!({ "count": self.accounts.len(), "list": list.collect::<Value>() }),
                ))
            }
            "account/getAccount" => Ok(Some(self.old_account(account()?))),
            "mailbox/getUnreadMsg" => Ok(Some(json!({ "count": account()?.unread }))),
            _ => Err("API.NOTEXIST"),
        }
    }

    fn old_units(&self) -> Value {
        let units = self.units.iter().map(|unit| {
            let mut shown = json!({ "unit_id": unit.id, "unit_name": unit.name, "unit_rank": unit.rank });
            if let (false, Some(shown)) = (unit.parent.is_empty(), shown.as_object_mut()) {
                shown.insert("parent_id".to_owned(), unit.parent.clone().into());
            }
            shown
        });
        units.collect()
    }

    fn old_account(&self, account: &Account) -> Value {
        let unit = if account.unit.is_empty() {
            "1_default"
        } else {
            account.unit.as_str()
        };
        json!({
            "account_name": account.name,
            "account_openid": format!("open-{}", account.name),
            "nickname": account.nickname,
            "job_no": account.job_number,
            "mobile": account.mobile,
            "unit_id": unit,
            "domain": self.domain,
            "status": account.status,
        })
    }
}

/// Whether `hex` is the signature of `text` by the key that was lodged.
pub(super) fn verified(key: Option<&[u8]>, text: &str, hex: &str) -> bool {
    let (Some(key), Some(signature)) = (key, bytes(hex)) else {
        return false;
    };
    UnparsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, key)
        .verify(text.as_bytes(), &signature)
        .is_ok()
}

/// Lower-case hex, as the signatures are written.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    let lower = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if !rest.is_empty() || !hex.bytes().all(|byte| lower(&byte)) {
        return None;
    }
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs.iter().map(byte).collect()
}

/// The PKCS#1 `RSAPublicKey` inside an SPKI (RFC 5280 4.1), PEM or hex.
pub(super) fn public_key(text: &str) -> anyhow::Result<Vec<u8>> {
    let spki = if text.contains("-----BEGIN PUBLIC KEY-----") {
        let lines = text.lines().filter(|line| !line.starts_with("-----"));
        STANDARD
            .decode(lines.map(str::trim).collect::<String>())
            .context("the PEM's base64")?
    } else {
        bytes(&text.trim().to_ascii_lowercase()).context("neither PEM nor hex")?
    };
    let (tag, inside, _) = element(&spki).context("no DER")?;
    ensure!(tag == 0x30, "no SPKI");
    let (_, _, rest) = element(inside).context("no algorithm")?;
    let (tag, bits, _) = element(rest).context("no key")?;
    ensure!(tag == 0x03, "the key is no bit string");
    let (unused, key) = bits.split_first().context("an empty key")?;
    ensure!(*unused == 0, "bits are left over");
    Ok(key.to_vec())
}

/// The first element of DER: tag, content, what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let fold = |sum: usize, digit: &u8| Some(sum.checked_mul(256)?.saturating_add(usize::from(*digit)));
        (digits.iter().try_fold(0, fold)?, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

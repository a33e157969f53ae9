//! The company that one signed in to: one value of the `meta` table. The refresh token is as secret as the rest of the
//! store, which is encrypted.

use qiyou_api::{Company, CompanyMember, CompanyState};
use rusqlite::Connection;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::{directory, policy, settings};

const KEY: &str = "company";

/// A session with a company's bridge.
#[derive(Clone, Debug)]
pub struct StoredCompany {
    pub company: Company,
    /// The bridge's Ed25519 key, base64url, that its signatures are checked by.
    pub signing_key: String,
    /// None once the session ended.
    pub refresh_token: Option<SecretString>,
}

#[derive(Serialize, Deserialize)]
struct Row {
    name: String,
    bridge: String,
    member: CompanyMember,
    state: CompanyState,
    signing_key: String,
    refresh_token: String,
}

/// The session, if there is or was one.
pub fn get(conn: &Connection) -> Result<Option<StoredCompany>> {
    let Some(json) = settings::get(conn, KEY)? else {
        return Ok(None);
    };
    let row: Row = serde_json::from_str(&json)?;
    Ok(Some(StoredCompany {
        company: Company {
            name: row.name,
            bridge: row.bridge,
            member: row.member,
            state: row.state,
            people: directory::count(conn)?,
            policy: policy::shown(conn)?,
        },
        signing_key: row.signing_key,
        refresh_token: Some(row.refresh_token)
            .filter(|token| !token.is_empty())
            .map(SecretString::from),
    }))
}

/// Keeps it in place of an older one.
pub fn set(conn: &Connection, stored: &StoredCompany) -> Result<()> {
    let company = &stored.company;
    let row = Row {
        name: company.name.clone(),
        bridge: company.bridge.clone(),
        member: company.member.clone(),
        // Whether the bridge answers is no thing to be kept.
        state: match company.state {
            CompanyState::SignedIn | CompanyState::Away => CompanyState::SignedIn,
            ended @ (CompanyState::Ended | CompanyState::Left) => ended,
        },
        signing_key: stored.signing_key.clone(),
        refresh_token: stored
            .refresh_token
            .as_ref()
            .map(|token| token.expose_secret().to_owned())
            .unwrap_or_default(),
    };
    settings::put(conn, KEY, &serde_json::to_string(&row)?)
}

/// Forgets it, and with it what it fixed.
pub fn clear(conn: &Connection) -> Result<()> {
    policy::clear(conn)?;
    conn.execute("DELETE FROM meta WHERE key = ?1", [KEY])?;
    Ok(())
}

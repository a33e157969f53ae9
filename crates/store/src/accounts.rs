//! Accounts and their OAuth2 tokens.

use qiyou_api::{AccountId, AccountSettings, Telling};
use rusqlite::{Connection, OptionalExtension, Row, params};
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};
use crate::folders::Word;

/// An account as it is stored; how it stands with its server is the engine's to know.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAccount {
    pub id: AccountId,
    pub address: String,
    pub name: String,
    pub color: String,
    pub position: i64,
    pub settings: AccountSettings,
    pub telling: Telling,
}

fn account(row: &Row<'_>) -> rusqlite::Result<(StoredAccount, String)> {
    let settings: String = row.get(5)?;
    let nothing = || qiyou_api::ServerSettings {
        host: String::new(),
        port: 0,
        security: qiyou_api::Security::Tls,
        user: String::new(),
    };
    let account = StoredAccount {
        id: row.get(0)?,
        address: row.get(1)?,
        name: row.get(2)?,
        color: row.get(3)?,
        position: row.get(4)?,
        settings: AccountSettings {
            provider: String::new(),
            imap: nothing(),
            smtp: nothing(),
            credential: qiyou_api::CredentialKind::Password,
        },
        telling: Telling::of(&row.get::<_, String>(6)?),
    };
    Ok((account, settings))
}

const COLUMNS: &str = "id, address, name, color, position, settings, telling";

/// All accounts in their order.
pub fn list(conn: &Connection) -> Result<Vec<StoredAccount>> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM account ORDER BY position, id"))?;
    let rows = statement.query_map([], account)?;
    rows.map(|row| {
        let (mut account, settings) = row?;
        account.settings = serde_json::from_str(&settings)?;
        Ok(account)
    })
    .collect()
}

/// One account; [`Error::NotFound`] when it is gone.
pub fn get(conn: &Connection, id: AccountId) -> Result<StoredAccount> {
    let (mut account, settings) = conn
        .prepare_cached(&format!("SELECT {COLUMNS} FROM account WHERE id = ?1"))?
        .query_row([id], account)?;
    account.settings = serde_json::from_str(&settings)?;
    Ok(account)
}

/// Adds an account at the end. Nothing when the address is taken.
pub fn insert(
    conn: &Connection,
    address: &str,
    name: &str,
    color: &str,
    settings: &AccountSettings,
) -> Result<Option<AccountId>> {
    let added = conn
        .prepare_cached(
            "INSERT INTO account (address, name, color, position, settings)
             VALUES (?1, ?2, ?3, (SELECT coalesce(max(position), -1) + 1 FROM account), ?4)
             ON CONFLICT (address) DO NOTHING",
        )?
        .execute(params![address, name, color, serde_json::to_string(settings)?])?;
    Ok((added > 0).then(|| conn.last_insert_rowid()))
}

/// Writes everything but id, address and position.
pub fn update(conn: &Connection, account: &StoredAccount) -> Result<()> {
    let changed = conn.execute(
        "UPDATE account SET name = ?2, color = ?3, settings = ?4, telling = ?5 WHERE id = ?1",
        params![
            account.id,
            account.name,
            account.color,
            serde_json::to_string(&account.settings)?,
            account.telling.word()
        ],
    )?;
    if changed == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Puts the accounts into this order; those not named follow as they were.
pub fn order(conn: &Connection, accounts: &[AccountId]) -> Result<()> {
    let rest: Vec<_> = list(conn)?
        .into_iter()
        .map(|a| a.id)
        .filter(|id| !accounts.contains(id))
        .collect();
    let mut statement = conn.prepare_cached("UPDATE account SET position = ?2 WHERE id = ?1")?;
    for (position, id) in accounts.iter().chain(&rest).enumerate() {
        statement.execute(params![id, i64::try_from(position).unwrap_or(i64::MAX)])?;
    }
    Ok(())
}

/// Removes an account with all its rows.
pub fn remove(conn: &Connection, id: AccountId) -> Result<()> {
    conn.execute(
        "DELETE FROM bubble WHERE mail IN (SELECT id FROM mail WHERE account = ?1)",
        [id],
    )?;
    conn.execute("DELETE FROM mail WHERE account = ?1", [id])?;
    let removed = conn.execute("DELETE FROM account WHERE id = ?1", [id])?;
    if removed == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// OAuth2 tokens of an account.
#[derive(Clone, Debug)]
pub struct StoredTokens {
    pub access: SecretString,
    pub refresh: SecretString,
    /// Unix seconds.
    pub expires_at: i64,
}

/// The tokens of an account, if it has any.
pub fn tokens(conn: &Connection, id: AccountId) -> Result<Option<StoredTokens>> {
    Ok(conn
        .prepare_cached("SELECT access, refresh, expires_at FROM token WHERE account = ?1")?
        .query_row([id], |row| {
            Ok(StoredTokens {
                access: row.get::<_, String>(0)?.into(),
                refresh: row.get::<_, String>(1)?.into(),
                expires_at: row.get(2)?,
            })
        })
        .optional()?)
}

/// Replaces the tokens of an account.
pub fn set_tokens(conn: &Connection, id: AccountId, tokens: &StoredTokens) -> Result<()> {
    conn.execute(
        "INSERT INTO token (account, access, refresh, expires_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (account) DO UPDATE SET access = ?2, refresh = ?3, expires_at = ?4",
        params![
            id,
            tokens.access.expose_secret(),
            tokens.refresh.expose_secret(),
            tokens.expires_at
        ],
    )?;
    Ok(())
}

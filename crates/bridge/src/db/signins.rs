//! Sign-ins on their way. Every step is one conditional UPDATE, so that of two who try it, on whatever replica, one
//! succeeds.

use qiyou_bridge_api::{CODE_LIFE, Device, SIGNIN_LIFE, SigninState};
use sqlx::any::AnyRow;
use sqlx::{Any, Row as _, Transaction};

use super::{Db, Result, is_text};
use crate::keys::hash;

/// How long a row is kept after its time, in seconds, so that a late browser gets a page that says so.
const KEPT: i64 = 3600;
/// How often digits may be typed wrong.
const TRIES: i64 = 5;

/// A sign-in to be begun. Secrets in clear: only their hashes are written.
pub struct NewSignin<'a> {
    pub id: &'a str,
    pub page: &'a str,
    pub state: &'a str,
    pub jkt: &'a str,
    pub challenge: &'a str,
    pub device: &'a Device,
    pub lang: &'a str,
}

/// A sign-in's row.
#[derive(Clone, Debug)]
pub struct SigninRow {
    pub id: String,
    pub step: Step,
    pub jkt: String,
    pub challenge: String,
    pub device: Device,
    pub lang: String,
    pub created: i64,
    pub browser: String,
    pub inside: bool,
    pub userid: String,
    pub code: String,
    pub digits: String,
    pub confirmed: i64,
    pub tries: i64,
    pub session: String,
}

/// How far a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Waiting,
    Scanned,
    Confirmed,
    Redeemed,
    Refused,
}

impl Step {
    fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Scanned => "scanned",
            Self::Confirmed => "confirmed",
            Self::Redeemed => "redeemed",
            Self::Refused => "refused",
        }
    }

    fn of(word: &str) -> Self {
        [Self::Waiting, Self::Scanned, Self::Confirmed, Self::Redeemed]
            .into_iter()
            .find(|step| step.word() == word)
            .unwrap_or(Self::Refused)
    }
}

impl SigninRow {
    fn read(row: &AnyRow) -> Result<Self> {
        let device: String = row.try_get("device")?;
        let step: String = row.try_get("step")?;
        Ok(Self {
            id: row.try_get("id")?,
            step: Step::of(&step),
            jkt: row.try_get("jkt")?,
            challenge: row.try_get("challenge")?,
            device: serde_json::from_str(&device).unwrap_or_default(),
            lang: row.try_get("lang")?,
            created: row.try_get("created")?,
            browser: row.try_get("browser")?,
            inside: row.try_get::<i64, _>("inside")? == 1,
            userid: row.try_get("userid")?,
            code: row.try_get("code")?,
            digits: row.try_get("digits")?,
            confirmed: row.try_get("confirmed")?,
            tries: row.try_get("tries")?,
            session: row.try_get("session")?,
        })
    }

    /// Whether its time is over.
    pub fn is_late(&self, now: i64) -> bool {
        let (since, life) = match self.step {
            Step::Confirmed | Step::Redeemed => (self.confirmed, CODE_LIFE),
            _ => (self.created, SIGNIN_LIFE),
        };
        now.saturating_sub(since) > i64::from(life) || self.tries >= TRIES
    }

    /// What the app is told.
    pub fn state(&self, now: i64) -> SigninState {
        match self.step {
            Step::Refused => SigninState::Refused,
            _ if self.is_late(now) => SigninState::Over,
            Step::Redeemed => SigninState::Over,
            Step::Waiting => SigninState::Waiting,
            Step::Scanned => SigninState::Scanned,
            Step::Confirmed => SigninState::Confirmed,
        }
    }
}

/// Named one by one: a `SELECT *` that a connection knows fails once a newer program has added a column.
macro_rules! columns {
    () => {
        "id, step, jkt, challenge, device, lang, created, browser, inside, userid, code, digits, confirmed, tries, session"
    };
}

/// The query for one row by a column.
macro_rules! by {
    ($db:expr, $column:literal, $value:expr) => {{
        let row = sqlx::query(concat!("SELECT ", columns!(), " FROM signin WHERE ", $column, " = $1"))
            .bind($value)
            .fetch_optional(&$db.pool)
            .await?;
        row.as_ref().map(SigninRow::read).transpose()
    }};
}

impl Db {
    /// Begins a sign-in, and forgets those that are long over.
    pub async fn begin_signin(&self, new: &NewSignin<'_>, now: i64) -> Result<()> {
        let device = serde_json::to_string(new.device).unwrap_or_default();
        sqlx::query(
            "INSERT INTO signin (id, page, state, step, jkt, challenge, device, lang, created)
             VALUES ($1, $2, $3, 'waiting', $4, $5, $6, $7, $8)",
        )
        .bind(new.id)
        .bind(hash(new.page))
        .bind(hash(new.state))
        .bind(new.jkt)
        .bind(new.challenge)
        .bind(device)
        .bind(new.lang)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Forgets sign-ins that are long over.
    pub async fn sweep_signins(&self, now: i64) -> Result<u64> {
        let before = now.saturating_sub(i64::from(SIGNIN_LIFE)).saturating_sub(KEPT);
        let done = sqlx::query("DELETE FROM signin WHERE created < $1")
            .bind(before)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }

    /// The sign-in of that id.
    pub async fn signin(&self, id: &str) -> Result<Option<SigninRow>> {
        if !is_text(id) {
            return Ok(None);
        }
        by!(self, "id", id)
    }

    /// The sign-in whose page has that name.
    pub async fn signin_of_page(&self, page: &str) -> Result<Option<SigninRow>> {
        by!(self, "page", hash(page))
    }

    /// The sign-in that this state was given to WeCom for.
    pub async fn signin_of_state(&self, state: &str) -> Result<Option<SigninRow>> {
        by!(self, "state", hash(state))
    }

    /// The sign-in that this form confirms.
    pub async fn signin_of_ticket(&self, ticket: &str) -> Result<Option<SigninRow>> {
        by!(self, "ticket", hash(ticket))
    }

    /// A browser opened the page: its cookie, the new state for WeCom, and whether it is WeCom's own.
    pub async fn opened(&self, id: &str, cookie: &str, state: &str, inside: bool) -> Result<bool> {
        let done =
            sqlx::query("UPDATE signin SET browser = $2, state = $3, inside = $4 WHERE id = $1 AND step = 'waiting'")
                .bind(id)
                .bind(hash(cookie))
                .bind(hash(state))
                .bind(i64::from(inside))
                .execute(&self.pool)
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// They said yes: the code and the digits with which the app redeems.
    pub async fn confirmed(&self, id: &str, code: &str, digits: &str, now: i64) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE signin SET step = 'confirmed', code = $2, digits = $3, confirmed = $4, ticket = ''
             WHERE id = $1 AND step = 'scanned'",
        )
        .bind(id)
        .bind(hash(code))
        // Digits alone would be guessed from their hash.
        .bind(hash(&format!("{id} {digits}")))
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// It was refused, at whatever step before the code was given.
    pub async fn refused(&self, id: &str) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE signin SET step = 'refused', ticket = '' WHERE id = $1 AND step IN ('waiting', 'scanned')",
        )
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

/// Somebody came from WeCom: they are asked with a form that carries `ticket`, and their browser gets a new cookie.
pub async fn scanned(
    transaction: &mut Transaction<'static, Any>,
    id: &str,
    userid: &str,
    ticket: &str,
    cookie: &str,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE signin SET step = 'scanned', userid = $2, ticket = $3, browser = $4
         WHERE id = $1 AND step = 'waiting'",
    )
    .bind(id)
    .bind(userid)
    .bind(hash(ticket))
    .bind(hash(cookie))
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The sign-in, held until the transaction ends: who else redeems it waits, on whatever replica, and then sees what was
/// made of it. (SQLite has no `FOR UPDATE`.)
pub async fn held(transaction: &mut Transaction<'static, Any>, id: &str) -> Result<Option<SigninRow>> {
    let row = sqlx::query(concat!(
        "UPDATE signin SET tries = tries WHERE id = $1 RETURNING ",
        columns!()
    ))
    .bind(id)
    .fetch_optional(&mut **transaction)
    .await?;
    row.as_ref().map(SigninRow::read).transpose()
}

/// A wrong code was brought.
pub async fn missed(transaction: &mut Transaction<'static, Any>, id: &str) -> Result<()> {
    sqlx::query("UPDATE signin SET tries = tries + 1 WHERE id = $1")
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// It was redeemed, by this session.
pub async fn redeemed(transaction: &mut Transaction<'static, Any>, id: &str, session: &str) -> Result<bool> {
    let done = sqlx::query("UPDATE signin SET step = 'redeemed', session = $2 WHERE id = $1 AND step = 'confirmed'")
        .bind(id)
        .bind(session)
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected() == 1)
}

//! Sessions: one a device, until it is signed out, revoked or stolen.

use qiyou_bridge_api::{Device, Finding, Report};
use sqlx::any::AnyRow;
use sqlx::{Any, Row as _, Transaction};

use super::{Db, Result, is_text};

/// A session's row.
#[derive(Clone, Debug)]
pub struct SessionRow {
    pub id: String,
    pub userid: String,
    pub jkt: String,
    /// The number of the newest refresh token.
    pub issued: i64,
    /// The number of the newest that was used.
    pub used: i64,
    pub device: Device,
    /// Unix seconds, as all that follow.
    pub created: i64,
    pub seen: i64,
    /// 0 while it lives.
    pub ended: i64,
    /// Whether it ended because the member left.
    pub left: bool,
    /// The revision of the policy that the app has; empty where it never said.
    pub policy: String,
    /// What its doctor found; nothing where it never said.
    pub doctor: Option<Vec<Finding>>,
}

/// How long a session that ended is remembered, in seconds.
pub const REMEMBERED: i64 = 90 * 24 * 3600;

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    SignedOut,
    Revoked,
    /// A token was used twice, or with another key.
    Stolen,
    /// The member left the company, or was disabled.
    Left,
}

impl Ended {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Revoked => "revoked",
            Self::Stolen => "stolen",
            Self::Left => "left",
        }
    }
}

/// Named one by one: a `SELECT *` that a connection knows fails once a newer program has added a column.
macro_rules! columns {
    () => {
        "id, userid, jkt, issued, used, device, created, seen, ended, why, policy, doctor"
    };
}

impl SessionRow {
    fn read(row: &AnyRow) -> Result<Self> {
        let device: String = row.try_get("device")?;
        Ok(Self {
            id: row.try_get("id")?,
            userid: row.try_get("userid")?,
            jkt: row.try_get("jkt")?,
            issued: row.try_get("issued")?,
            used: row.try_get("used")?,
            device: serde_json::from_str(&device).unwrap_or_default(),
            created: row.try_get("created")?,
            seen: row.try_get("seen")?,
            ended: row.try_get("ended")?,
            left: row.try_get::<String, _>("why")? == Ended::Left.word(),
            policy: row.try_get("policy")?,
            doctor: serde_json::from_str(&row.try_get::<String, _>("doctor")?).ok(),
        })
    }
}

/// Makes a session whose first refresh token (number 1) is out.
pub async fn create(
    transaction: &mut Transaction<'static, Any>,
    id: &str,
    userid: &str,
    jkt: &str,
    device: &Device,
    now: i64,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO session (id, userid, jkt, issued, used, device, created, seen) VALUES ($1, $2, $3, 1, 0, $4, $5, $5)",
    )
    .bind(id)
    .bind(userid)
    .bind(jkt)
    .bind(serde_json::to_string(device).unwrap_or_default())
    .bind(now)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl Db {
    /// The session of that id, also one that ended.
    pub async fn session(&self, id: &str) -> Result<Option<SessionRow>> {
        let row = sqlx::query(concat!("SELECT ", columns!(), " FROM session WHERE id = $1"))
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(SessionRow::read).transpose()
    }

    /// Living sessions of a member, or of everybody, the latest seen first.
    pub async fn sessions(&self, userid: Option<&str>) -> Result<Vec<SessionRow>> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM session WHERE ended = 0 AND (userid = $1 OR $1 = '') ORDER BY seen DESC, id LIMIT 200000"
        ))
        .bind(userid.unwrap_or_default())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(SessionRow::read).collect()
    }

    /// The app said how it stands. What it calls itself by is newer than what the sign-in said.
    pub async fn reported(&self, session: &SessionRow, report: &Report) -> Result<()> {
        let device = Device {
            version: report.version.clone(),
            system: report.system.clone(),
            ..session.device.clone()
        };
        sqlx::query("UPDATE session SET device = $2, policy = $3, doctor = $4 WHERE id = $1 AND ended = 0")
            .bind(&session.id)
            .bind(serde_json::to_string(&device).unwrap_or_default())
            .bind(&report.policy)
            .bind(serde_json::to_string(&report.doctor).unwrap_or_default())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Moves the numbers on, if nobody else did so meanwhile.
    pub async fn rotate(&self, from: &SessionRow, used: i64, issued: i64, now: i64) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE session SET used = $4, issued = $5, seen = $6
             WHERE id = $1 AND used = $2 AND issued = $3 AND ended = 0",
        )
        .bind(&from.id)
        .bind(from.used)
        .bind(from.issued)
        .bind(used)
        .bind(issued)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets sessions that ended long ago. Those of leavers stay: a device that comes back hears that it is for good.
    pub async fn sweep_sessions(&self, now: i64) -> Result<()> {
        sqlx::query("DELETE FROM session WHERE ended > 0 AND ended < $1 AND why <> $2")
            .bind(now.saturating_sub(REMEMBERED))
            .bind(Ended::Left.word())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends a session. False when it had ended, or is none of `userid`'s (where one is given).
    pub async fn end(&self, id: &str, userid: Option<&str>, why: Ended, now: i64) -> Result<bool> {
        if !is_text(id) {
            return Ok(false);
        }
        let ended: Option<(String,)> = sqlx::query_as(
            "UPDATE session SET ended = $3, why = $4 WHERE id = $1 AND ended = 0 AND (userid = $2 OR $2 = '')
             RETURNING userid",
        )
        .bind(id)
        .bind(userid.unwrap_or_default())
        .bind(now)
        .bind(why.word())
        .fetch_optional(&self.pool)
        .await?;
        let Some((userid,)) = ended else {
            return Ok(false);
        };
        self.tell_member(&userid, now).await?;
        Ok(true)
    }
}

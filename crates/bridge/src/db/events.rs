//! Callbacks that came, what is to be read again because of them, and who left.

use sqlx::any::AnyRow;
use sqlx::{Any, Row as _, Transaction};

use super::sessions::Ended;
use super::{Db, Result};

/// How long callbacks are remembered, in seconds. Older ones are not taken.
pub const REMEMBERED: i64 = 7 * 24 * 3600;

/// What is to be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    User(String),
    Departments,
}

impl What {
    fn word(&self) -> String {
        match self {
            Self::User(userid) => format!("user {userid}"),
            Self::Departments => "departments".to_owned(),
        }
    }

    fn of(word: &str) -> Self {
        word.strip_prefix("user ")
            .map_or(Self::Departments, |userid| Self::User(userid.to_owned()))
    }
}

/// Something that is to be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reread {
    pub what: What,
    pub due: i64,
    /// How often it was seen that they left.
    pub looks: i64,
    /// WeCom said that they are deleted.
    pub deleted: bool,
}

impl Reread {
    fn read(row: &AnyRow) -> Result<Self> {
        Ok(Self {
            what: What::of(&row.try_get::<String, _>("what")?),
            due: row.try_get("due")?,
            looks: row.try_get("looks")?,
            deleted: row.try_get::<i64, _>("deleted")? == 1,
        })
    }
}

/// Who left, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    pub userid: String,
    pub at: i64,
    /// `disabled`, `left` or `deleted`.
    pub why: String,
    /// `held` until an admin confirms, or `locked`.
    pub step: String,
}

/// Two changes of one second look the same (`CreateTime` has no more): what comes again within so many seconds is taken
/// for another.
const SAME_SECOND: i64 = 10;

/// A callback came: false when it is known and old.
pub async fn came(transaction: &mut Transaction<'static, Any>, id: &str, now: i64) -> Result<bool> {
    let done = sqlx::query("INSERT INTO event (id, at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
        .bind(id)
        .bind(now)
        .execute(&mut **transaction)
        .await?;
    if done.rows_affected() == 1 {
        return Ok(true);
    }
    let (first,): (i64,) = sqlx::query_as("SELECT at FROM event WHERE id = $1")
        .bind(id)
        .fetch_one(&mut **transaction)
        .await?;
    Ok(now.saturating_sub(first) <= SAME_SECOND)
}

/// Something is to be read again. Once it is known that WeCom deleted somebody, this stays known until they were read.
pub async fn reread(transaction: &mut Transaction<'static, Any>, what: &What, deleted: bool, now: i64) -> Result<()> {
    sqlx::query(
        "INSERT INTO reread (what, due, deleted) VALUES ($1, $2, $3)
         ON CONFLICT (what) DO UPDATE SET due = CASE WHEN reread.looks = 0 THEN excluded.due ELSE reread.due END,
            deleted = CASE WHEN reread.deleted = 1 THEN 1 ELSE excluded.deleted END",
    )
    .bind(what.word())
    .bind(now)
    .bind(i64::from(deleted))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl Db {
    /// Has something read again.
    pub async fn ask_again(&self, what: &What, now: i64) -> Result<()> {
        let mut transaction = self.begin().await?;
        reread(&mut transaction, what, false, now).await?;
        transaction.commit().await
    }

    /// What is due, the longest due first.
    pub async fn due(&self, now: i64, most: i64) -> Result<Vec<Reread>> {
        let rows = sqlx::query("SELECT what, due, looks, deleted FROM reread WHERE due <= $1 ORDER BY due LIMIT $2")
            .bind(now)
            .bind(most)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(Reread::read).collect()
    }

    /// It was read. What came in meanwhile stays.
    pub async fn was_read(&self, entry: &Reread) -> Result<()> {
        sqlx::query("DELETE FROM reread WHERE what = $1 AND due = $2 AND looks = $3")
            .bind(entry.what.word())
            .bind(entry.due)
            .bind(entry.looks)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// It is to be read once more, later.
    pub async fn later(&self, entry: &Reread, due: i64, looks: i64) -> Result<()> {
        sqlx::query("UPDATE reread SET due = $2, looks = $3 WHERE what = $1")
            .bind(entry.what.word())
            .bind(due)
            .bind(looks)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Forgets callbacks that are too old to come again.
    pub async fn sweep_events(&self, now: i64) -> Result<()> {
        sqlx::query("DELETE FROM event WHERE at < $1")
            .bind(now.saturating_sub(REMEMBERED))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Everybody who left, the latest first.
    pub async fn leaving(&self) -> Result<Vec<Leaving>> {
        let rows: Vec<(String, i64, String, String)> =
            sqlx::query_as("SELECT userid, at, why, step FROM leaving ORDER BY at DESC, userid LIMIT 10000")
                .fetch_all(&self.pool)
                .await?;
        Ok(rows
            .into_iter()
            .map(|(userid, at, why, step)| Leaving { userid, at, why, step })
            .collect())
    }

    /// How many left since then, held or locked.
    pub async fn left_since(&self, since: i64) -> Result<i64> {
        let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM leaving WHERE at >= $1")
            .bind(since)
            .fetch_one(&self.pool)
            .await?;
        Ok(count)
    }

    /// Somebody left. `locked`: their sessions end. False where that was known.
    pub async fn left(&self, userid: &str, why: &str, locked: bool, now: i64) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO leaving (userid, at, why, step) VALUES ($1, $2, $3, $4)
             ON CONFLICT (userid) DO UPDATE SET step = excluded.step
             WHERE leaving.step = 'held' AND excluded.step = 'locked'",
        )
        .bind(userid)
        .bind(now)
        .bind(why)
        .bind(if locked { "locked" } else { "held" })
        .execute(&mut *transaction)
        .await?;
        if locked {
            sqlx::query("UPDATE session SET ended = $2, why = $3 WHERE userid = $1 AND ended = 0")
                .bind(userid)
                .bind(now)
                .bind(Ended::Left.word())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        if locked {
            self.tell_member(userid, now).await?;
        }
        Ok(done.rows_affected() == 1)
    }

    /// Somebody is there again, or an admin says that they never left.
    pub async fn came_back(&self, userid: &str) -> Result<bool> {
        let done = sqlx::query("DELETE FROM leaving WHERE userid = $1")
            .bind(userid)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

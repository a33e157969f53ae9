//! What members did for an address that nothing proves yet, and what is counted of it. Counting and writing are one
//! step ([`turn`]), so that limits hold for all replicas together and for a crowd that comes at once.

use qiyou_bridge_api::{AddressRequest, MAILED_CODE_LIFE, Proof};
use serde::Deserialize;
use sqlx::any::AnyRow;
use sqlx::{Any, Row as _, Transaction};

use super::events::{self, What};
use super::members::word;
use super::{Db, Result};
use crate::directory::facts::gone;
use crate::keys::random_name;

/// Limits are counted over so many seconds: a day that ends now.
const DAY: i64 = 24 * 3600;
const HOUR: i64 = 3600;
/// Questions to WeCom that one member may have asked in a day.
const LOOKUPS: i64 = 5;
/// How long an answer of WeCom is waited for at most, in seconds: what was asked before that missed.
const PENDING: i64 = 60;
/// Codes that are mailed for one member in a day, and to one address in an hour.
const MAILS: i64 = 5;
const MAILS_TO: i64 = 3;
/// How often a mailed code may be guessed at.
const TRIES: i64 = 5;
/// How long a request waits for an answer, and its answer for the member, in seconds.
const REMEMBERED: i64 = 90 * DAY;
/// Until when WeCom is not asked, in Unix seconds.
const CLOSED: &str = "lookups.closed";

/// Whether WeCom may be asked for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Yes, and under this name it is written down how it went.
    Begun(String),
    /// The member had as many as there are: in so many seconds again.
    TooMany(i64),
    /// Nobody may until then, in Unix seconds.
    Closed(i64),
    /// Too many are under way to know.
    Crowd,
}

/// A code that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRow {
    pub address: String,
    pub seal: String,
    pub mailed: i64,
    pub tries: i64,
}

impl CodeRow {
    fn read(row: &AnyRow) -> Result<Self> {
        Ok(Self {
            address: row.try_get("address")?,
            seal: row.try_get("seal")?,
            mailed: row.try_get("mailed")?,
            tries: row.try_get("tries")?,
        })
    }

    /// Whether it may still be brought.
    pub fn is_open(&self, now: i64) -> bool {
        now.saturating_sub(self.mailed) <= i64::from(MAILED_CODE_LIFE) && self.tries < TRIES
    }
}

/// A member's question to the admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRow {
    pub userid: String,
    pub name: String,
    pub address: String,
    pub at: i64,
}

/// Whether an address was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proven {
    Yes,
    /// It is this other member's.
    Taken(String),
}

/// Until the transaction ends nobody else has this turn, on whatever replica. (SQLite knows one writer anyway.)
async fn turn(transaction: &mut Transaction<'static, Any>, name: &str) -> Result<()> {
    sqlx::query("INSERT INTO note (name, value) VALUES ($1, '') ON CONFLICT (name) DO UPDATE SET value = note.value")
        .bind(name)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn closed(transaction: &mut Transaction<'static, Any>) -> Result<i64> {
    let row: Option<(String,)> = sqlx::query_as("SELECT value FROM note WHERE name = $1")
        .bind(CLOSED)
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(row.and_then(|(value,)| value.parse().ok()).unwrap_or_default())
}

/// In how many seconds there are less than `most` of these moments within a span, if there are not now: they are counted,
/// and the first of them.
fn wait((count, first): (i64, i64), most: i64, span: i64, now: i64) -> Option<i64> {
    (count >= most).then(|| first.saturating_add(span).saturating_sub(now).max(1))
}

impl Db {
    /// Begins to ask WeCom for an address. `most`: how many may miss in a day, all members together.
    pub async fn begin_lookup(&self, userid: &str, most: i64, now: i64) -> Result<Lookup> {
        let since = now.saturating_sub(DAY);
        let mut transaction = self.begin().await?;
        turn(&mut transaction, "turn.lookup").await?;
        let until = closed(&mut transaction).await?;
        if until > now {
            return Ok(Lookup::Closed(until));
        }
        let own: (i64, i64) =
            sqlx::query_as("SELECT COUNT(*), COALESCE(MIN(at), 0) FROM lookup WHERE userid = $1 AND at > $2")
                .bind(userid)
                .bind(since)
                .fetch_one(&mut *transaction)
                .await?;
        if let Some(seconds) = wait(own, LOOKUPS, DAY, now) {
            return Ok(Lookup::TooMany(seconds));
        }
        // Whoever did not say how it went ended amid it.
        sqlx::query("UPDATE lookup SET missed = 1 WHERE missed = 2 AND at < $1")
            .bind(now.saturating_sub(PENDING))
            .execute(&mut *transaction)
            .await?;
        let (all,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM lookup WHERE missed > 0 AND at > $1")
            .bind(since)
            .fetch_one(&mut *transaction)
            .await?;
        if all >= most {
            return Ok(Lookup::Crowd);
        }
        let id = random_name();
        sqlx::query("INSERT INTO lookup (id, userid, at, missed) VALUES ($1, $2, $3, 2)")
            .bind(&id)
            .bind(userid)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Lookup::Begun(id))
    }

    /// WeCom answered. True when this was the miss that closes the way, for a day.
    pub async fn end_lookup(&self, id: &str, missed: bool, most: i64, now: i64) -> Result<bool> {
        let mut transaction = self.begin().await?;
        turn(&mut transaction, "turn.lookup").await?;
        sqlx::query("UPDATE lookup SET missed = $2 WHERE id = $1")
            .bind(id)
            .bind(i64::from(missed))
            .execute(&mut *transaction)
            .await?;
        let (all,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM lookup WHERE missed = 1 AND at > $1")
            .bind(now.saturating_sub(DAY))
            .fetch_one(&mut *transaction)
            .await?;
        let closes = missed && all >= most && closed(&mut transaction).await? <= now;
        if closes {
            close(&mut transaction, now.saturating_add(DAY)).await?;
        }
        transaction.commit().await?;
        Ok(closes)
    }

    /// WeCom did not look: nothing is counted.
    pub async fn forget_lookup(&self, id: &str) -> Result<()> {
        sqlx::query("DELETE FROM lookup WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// WeCom asks not to be asked: nobody does before then.
    pub async fn close_lookups(&self, until: i64) -> Result<()> {
        let mut transaction = self.begin().await?;
        turn(&mut transaction, "turn.lookup").await?;
        if closed(&mut transaction).await? < until {
            close(&mut transaction, until).await?;
        }
        transaction.commit().await
    }

    /// Until when WeCom is not asked, in Unix seconds; 0: it is.
    pub async fn lookups_closed(&self, now: i64) -> Result<i64> {
        let until = self.number(CLOSED).await?;
        Ok(if until > now { until } else { 0 })
    }

    /// How many questions of the last day missed.
    pub async fn lookups_missed(&self, now: i64) -> Result<i64> {
        let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM lookup WHERE missed > 0 AND at > $1")
            .bind(now.saturating_sub(DAY))
            .fetch_one(&self.pool)
            .await?;
        Ok(count)
    }

    /// A code is about to be mailed: the newest counts. Its name; or the seconds to wait, where the member or the address
    /// had as many as there are.
    pub async fn begin_mailing(
        &self,
        userid: &str,
        address: &str,
        seal: &str,
        now: i64,
    ) -> Result<Result<String, i64>> {
        let mut transaction = self.begin().await?;
        turn(&mut transaction, "turn.mailing").await?;
        let own: (i64, i64) =
            sqlx::query_as("SELECT COUNT(*), COALESCE(MIN(at), 0) FROM mailing WHERE userid = $1 AND at > $2")
                .bind(userid)
                .bind(now.saturating_sub(DAY))
                .fetch_one(&mut *transaction)
                .await?;
        let theirs: (i64, i64) =
            sqlx::query_as("SELECT COUNT(*), COALESCE(MIN(at), 0) FROM mailing WHERE address = $1 AND at > $2")
                .bind(address)
                .bind(now.saturating_sub(HOUR))
                .fetch_one(&mut *transaction)
                .await?;
        if let Some(seconds) = wait(own, MAILS, DAY, now).or(wait(theirs, MAILS_TO, HOUR, now)) {
            return Ok(Err(seconds));
        }
        let id = random_name();
        sqlx::query("INSERT INTO mailing (id, userid, address, at) VALUES ($1, $2, $3, $4)")
            .bind(&id)
            .bind(userid)
            .bind(address)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO mailed_code (userid, address, seal, mailed) VALUES ($1, $2, $3, $4)
             ON CONFLICT (userid) DO UPDATE SET address = excluded.address, seal = excluded.seal,
                mailed = excluded.mailed, tries = 0",
        )
        .bind(userid)
        .bind(address)
        .bind(seal)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Ok(id))
    }

    /// It was not mailed: nothing is counted, and nothing waited for.
    pub async fn forget_mailing(&self, id: &str, userid: &str, seal: &str) -> Result<()> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM mailing WHERE id = $1")
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM mailed_code WHERE userid = $1 AND seal = $2")
            .bind(userid)
            .bind(seal)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// The code that a member is waited for with.
    pub async fn mailed_code(&self, userid: &str) -> Result<Option<CodeRow>> {
        let row = sqlx::query("SELECT address, seal, mailed, tries FROM mailed_code WHERE userid = $1")
            .bind(userid)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(CodeRow::read).transpose()
    }

    /// Notes a proof, unless the address is another's.
    pub async fn prove_free(&self, userid: &str, address: &str, how: Proof, now: i64) -> Result<Proven> {
        let mut transaction = self.begin().await?;
        proofs_turn(&mut transaction).await?;
        let proven = prove_free(&mut transaction, userid, address, how, now).await?;
        transaction.commit().await?;
        Ok(proven)
    }

    /// Another living member whose address it is.
    pub async fn holder(&self, userid: &str, address: &str) -> Result<Option<String>> {
        let mut transaction = self.begin().await?;
        holder(&mut transaction, userid, address).await
    }

    /// A member asks the admin. A question that waits with the same address stays as old as it is.
    pub async fn ask_admin(&self, userid: &str, address: &str, now: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO address_request (userid, address, at) VALUES ($1, $2, $3)
             ON CONFLICT (userid) DO UPDATE SET
                at = CASE WHEN address_request.address = excluded.address AND address_request.refused = 0
                    THEN address_request.at ELSE excluded.at END,
                address = excluded.address, refused = 0",
        )
        .bind(userid)
        .bind(address)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// A member asks no more.
    pub async fn withdraw(&self, userid: &str) -> Result<bool> {
        let done = sqlx::query("DELETE FROM address_request WHERE userid = $1")
            .bind(userid)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// What a member asked, and whether it was refused.
    pub async fn request(&self, userid: &str) -> Result<Option<AddressRequest>> {
        let row: Option<(String, i64)> =
            sqlx::query_as("SELECT address, refused FROM address_request WHERE userid = $1")
                .bind(userid)
                .fetch_optional(&self.pool)
                .await?;
        Ok(row.map(|(address, refused)| AddressRequest {
            address,
            refused: refused == 1,
        }))
    }

    /// What waits for the admin, the oldest first; of members who are still there.
    pub async fn requests(&self) -> Result<Vec<RequestRow>> {
        let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
            "SELECT member.userid, member.name, address_request.address, address_request.at
             FROM address_request JOIN member ON member.userid = address_request.userid
             WHERE refused = 0 AND member.status NOT IN (2, 5)
             ORDER BY address_request.at, member.userid LIMIT 10000",
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(userid, name, address, at)| RequestRow {
                userid,
                name,
                address,
                at,
            })
            .collect())
    }

    /// The admin says no to what a member asks. False where they ask no such thing (any more).
    pub async fn refuse(&self, userid: &str, address: &str) -> Result<bool> {
        let done =
            sqlx::query("UPDATE address_request SET refused = 1 WHERE userid = $1 AND address = $2 AND refused = 0")
                .bind(userid)
                .bind(address)
                .execute(&self.pool)
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The admin says yes to what a member asks. Nothing where they ask no such thing (any more).
    pub async fn approve(&self, userid: &str, address: &str, now: i64) -> Result<Option<Proven>> {
        let mut transaction = self.begin().await?;
        proofs_turn(&mut transaction).await?;
        // What was seen is what is said yes to: a member may have asked for another address meanwhile.
        let taken =
            sqlx::query("UPDATE address_request SET at = at WHERE userid = $1 AND address = $2 AND refused = 0")
                .bind(userid)
                .bind(address)
                .execute(&mut *transaction)
                .await?;
        if taken.rows_affected() == 0 {
            return Ok(None);
        }
        let proven = prove_free(&mut transaction, userid, address, Proof::Admin, now).await?;
        transaction.commit().await?;
        Ok(Some(proven))
    }

    /// Forgets what counts no more.
    pub async fn sweep_proofs(&self, now: i64) -> Result<()> {
        for (query, age) in [
            ("DELETE FROM lookup WHERE at <= $1", DAY),
            ("DELETE FROM mailing WHERE at <= $1", DAY),
            ("DELETE FROM mailed_code WHERE mailed < $1", i64::from(MAILED_CODE_LIFE)),
            ("DELETE FROM address_request WHERE at < $1", REMEMBERED),
        ] {
            sqlx::query(query)
                .bind(now.saturating_sub(age))
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }
}

async fn close(transaction: &mut Transaction<'static, Any>, until: i64) -> Result<()> {
    sqlx::query(
        "INSERT INTO note (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(CLOSED)
    .bind(until.to_string())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Proofs come one after the other: of two who prove the same address one is told that it is taken. Taken before any
/// other row, so that nobody waits in a circle.
pub async fn proofs_turn(transaction: &mut Transaction<'static, Any>) -> Result<()> {
    turn(transaction, "turn.proof").await
}

/// The code that a member is waited for with, held until the transaction ends (see [`super::signins::held`]).
pub async fn held_code(transaction: &mut Transaction<'static, Any>, userid: &str) -> Result<Option<CodeRow>> {
    let row =
        sqlx::query("UPDATE mailed_code SET tries = tries WHERE userid = $1 RETURNING address, seal, mailed, tries")
            .bind(userid)
            .fetch_optional(&mut **transaction)
            .await?;
    row.as_ref().map(CodeRow::read).transpose()
}

/// A wrong code was brought.
pub async fn missed_code(transaction: &mut Transaction<'static, Any>, userid: &str) -> Result<()> {
    sqlx::query("UPDATE mailed_code SET tries = tries + 1 WHERE userid = $1")
        .bind(userid)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// The right code was brought: it does not count again.
pub async fn used_code(transaction: &mut Transaction<'static, Any>, userid: &str) -> Result<()> {
    sqlx::query("DELETE FROM mailed_code WHERE userid = $1")
        .bind(userid)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// What of a member's facts says whether they are there.
#[derive(Deserialize)]
struct Standing {
    status: i64,
}

async fn holder(transaction: &mut Transaction<'static, Any>, userid: &str, address: &str) -> Result<Option<String>> {
    let member: Option<(String,)> = sqlx::query_as(
        "SELECT userid FROM member WHERE address = $1 AND userid <> $2 AND status NOT IN (2, 5) LIMIT 1",
    )
    .bind(address)
    .bind(userid)
    .fetch_optional(&mut **transaction)
    .await?;
    if let Some((member,)) = member {
        return Ok(Some(member));
    }
    // Also what WeCom told of somebody who never signed in.
    let people: Vec<(String, String)> = sqlx::query_as(
        "SELECT userid, facts FROM directory_person
         WHERE (address = $1 OR told = $1) AND userid <> $2 AND facts <> '' LIMIT 100",
    )
    .bind(address)
    .bind(userid)
    .fetch_all(&mut **transaction)
    .await?;
    let there = |facts: &str| {
        let standing: Option<Standing> = serde_json::from_str(facts).ok();
        standing.is_none_or(|standing| gone(standing.status).is_none())
    };
    Ok(people
        .into_iter()
        .find(|(_, facts)| there(facts))
        .map(|(userid, _)| userid))
}

/// Notes a proof, unless the address is another living member's. With it goes what the member asked otherwise, and the
/// directory is told. Within [`proofs_turn`].
pub async fn prove_free(
    transaction: &mut Transaction<'static, Any>,
    userid: &str,
    address: &str,
    how: Proof,
    now: i64,
) -> Result<Proven> {
    if let Some(other) = holder(transaction, userid, address).await? {
        return Ok(Proven::Taken(other));
    }
    sqlx::query("UPDATE member SET address = $2, proof = $3 WHERE userid = $1")
        .bind(userid)
        .bind(address)
        .bind(word(how))
        .execute(&mut **transaction)
        .await?;
    for query in [
        "DELETE FROM address_request WHERE userid = $1",
        "DELETE FROM mailed_code WHERE userid = $1",
    ] {
        sqlx::query(query).bind(userid).execute(&mut **transaction).await?;
    }
    events::reread(transaction, &What::User(userid.to_owned()), false, now).await?;
    Ok(Proven::Yes)
}

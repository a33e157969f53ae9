//! What members want to be reminded of, and which mails they were reminded of: no words of any.

use qiyou_bridge_api::{Card, Reminders};

use super::{Db, Result};
use crate::keys::random_name;

/// How long it is known which mail a card is about, in seconds.
pub const CARD_LIFE: i64 = 7 * 24 * 3600;

/// Cards of a member that wait to be told of together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heap {
    pub userid: String,
    /// When the first of them came.
    pub oldest: i64,
}

impl Db {
    /// What a member wants; nothing, if they never said.
    pub async fn reminders(&self, userid: &str) -> Result<Reminders> {
        let row: Option<(String,)> = sqlx::query_as("SELECT body FROM reminder WHERE userid = $1")
            .bind(userid)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row
            .and_then(|(body,)| serde_json::from_str(&body).ok())
            .unwrap_or_default())
    }

    /// A member wants this from now on.
    pub async fn set_reminders(&self, userid: &str, reminders: &Reminders) -> Result<()> {
        sqlx::query(
            "INSERT INTO reminder (userid, body) VALUES ($1, $2) ON CONFLICT (userid) DO UPDATE SET body = excluded.body",
        )
        .bind(userid)
        .bind(serde_json::to_string(reminders).unwrap_or_default())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// A card for a mail, with its name; `sent`: it goes out by itself and now. Nothing when there is one for that mail.
    pub async fn add_card(&self, userid: &str, card: &Card, sent: bool, now: i64) -> Result<Option<String>> {
        let id = random_name();
        let done = sqlx::query(
            "INSERT INTO card (id, userid, mailbox, sent_at, hash, created, told) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (mailbox, sent_at, hash) DO NOTHING",
        )
        .bind(&id)
        .bind(userid)
        .bind(&card.mailbox)
        .bind(card.sent_at)
        .bind(&card.hash)
        .bind(now)
        .bind(if sent { now } else { 0 })
        .execute(&self.pool)
        .await?;
        Ok((done.rows_affected() == 1).then_some(id))
    }

    /// The card of that name, of that member.
    pub async fn card(&self, id: &str, userid: &str, now: i64) -> Result<Option<Card>> {
        let row: Option<(String, i64, String)> =
            sqlx::query_as("SELECT mailbox, sent_at, hash FROM card WHERE id = $1 AND userid = $2 AND created > $3")
                .bind(id)
                .bind(userid)
                .bind(now.saturating_sub(CARD_LIFE))
                .fetch_optional(&self.pool)
                .await?;
        Ok(row.map(|(mailbox, sent_at, hash)| Card { mailbox, sent_at, hash }))
    }

    /// How many cards went to a member by themselves since then.
    pub async fn cards_since(&self, userid: &str, since: i64) -> Result<i64> {
        let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM card WHERE userid = $1 AND told > $2")
            .bind(userid)
            .bind(since)
            .fetch_one(&self.pool)
            .await?;
        Ok(count)
    }

    /// A card did not go out: it waits to be told of with others.
    pub async fn card_waits(&self, id: &str) -> Result<()> {
        sqlx::query("UPDATE card SET told = 0 WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Members whose oldest waiting card is from before then.
    pub async fn heaps(&self, before: i64) -> Result<Vec<Heap>> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT userid, MIN(created) FROM card WHERE told = 0 GROUP BY userid HAVING MIN(created) <= $1 LIMIT 1000",
        )
        .bind(before)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(userid, oldest)| Heap { userid, oldest })
            .collect())
    }

    /// What waits of a member is told of at that moment, or (`again`) was not told of and waits again.
    pub async fn tell_heap(&self, userid: &str, at: i64, again: bool) -> Result<u64> {
        // Negative: together they are one card of those that a member gets in a minute.
        let together = at.saturating_neg();
        let (from, to) = if again { (together, 0) } else { (0, together) };
        let done = sqlx::query("UPDATE card SET told = $3 WHERE userid = $1 AND told = $2")
            .bind(userid)
            .bind(from)
            .bind(to)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }

    /// Forgets cards that are too old.
    pub async fn sweep_cards(&self, now: i64) -> Result<()> {
        sqlx::query("DELETE FROM card WHERE created < $1")
            .bind(now.saturating_sub(CARD_LIFE))
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

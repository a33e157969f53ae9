//! What is told to apps that listen: by whichever replica they listen at.

use super::{Db, Result};
use crate::keys::random_name;

/// How long a notice is looked for, in seconds: replicas' clocks may differ, and a transaction may take a while.
const SPAN: i64 = 20;
/// How long it is kept, in seconds.
const KEPT: i64 = 300;
/// As many are read at once.
const MOST: i64 = 20_000;

/// Something that apps are told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// New mail may be in a member's mailbox.
    Mail { userid: String, address: String },
    /// The directory has another revision.
    Directory,
    /// A member's session or what is known of them changed.
    Session { userid: String },
}

impl Notice {
    fn row(&self) -> (&str, String) {
        match self {
            Self::Mail { userid, address } => (userid, format!("mail {address}")),
            Self::Directory => ("", "directory".to_owned()),
            Self::Session { userid } => (userid, "session".to_owned()),
        }
    }

    /// Nothing for what a newer replica tells.
    fn of(userid: String, what: &str) -> Option<Self> {
        match what.strip_prefix("mail ") {
            Some(address) => Some(Self::Mail {
                userid,
                address: address.to_owned(),
            }),
            None if what == "directory" => Some(Self::Directory),
            None if what == "session" => Some(Self::Session { userid }),
            None => None,
        }
    }
}

impl Db {
    /// Tells it to every replica but `origin`, which has told its own listeners already.
    pub async fn tell(&self, notice: &Notice, origin: &str, now: i64) -> Result<()> {
        let (userid, what) = notice.row();
        sqlx::query("INSERT INTO notice (id, at, origin, userid, what) VALUES ($1, $2, $3, $4, $5)")
            .bind(random_name())
            .bind(now)
            .bind(origin)
            .bind(userid)
            .bind(what)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Tells every replica that a member's session, or what is known of them, changed.
    pub async fn tell_member(&self, userid: &str, now: i64) -> Result<()> {
        let userid = userid.to_owned();
        self.tell(&Notice::Session { userid }, "", now).await
    }

    /// What the others told of late, each with its name: whoever reads often reads most of it again.
    pub async fn told(&self, replica: &str, now: i64) -> Result<Vec<(String, Option<Notice>)>> {
        let rows: Vec<(String, String, String)> =
            sqlx::query_as("SELECT id, userid, what FROM notice WHERE at >= $1 AND origin <> $2 ORDER BY at LIMIT $3")
                .bind(now.saturating_sub(SPAN))
                .bind(replica)
                .bind(MOST)
                .fetch_all(&self.pool)
                .await?;
        Ok(rows
            .into_iter()
            .map(|(id, userid, what)| (id, Notice::of(userid, &what)))
            .collect())
    }

    /// Forgets what everybody has heard.
    pub async fn sweep_notices(&self, now: i64) -> Result<()> {
        sqlx::query("DELETE FROM notice WHERE at < $1")
            .bind(now.saturating_sub(KEPT))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Whether the mail platform tells of this mailbox.
    pub async fn is_pushed(&self, address: &str) -> Result<bool> {
        let row: Option<(i64,)> = sqlx::query_as("SELECT at FROM push_mailbox WHERE address = $1")
            .bind(address)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }

    /// The mail platform tells of this mailbox from now on.
    pub async fn set_pushed(&self, address: &str, now: i64) -> Result<()> {
        sqlx::query(
            "INSERT INTO push_mailbox (address, at) VALUES ($1, $2) ON CONFLICT (address) DO UPDATE SET at = excluded.at",
        )
        .bind(address)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Members whose address this may be: which of them it is, their proof says.
    pub async fn candidates(&self, address: &str) -> Result<Vec<String>> {
        let rows: Vec<(String,)> = sqlx::query_as(
            "SELECT userid FROM member WHERE address = $1
             UNION SELECT member.userid FROM member JOIN directory_person ON directory_person.userid = member.userid
             WHERE directory_person.address = $1 AND directory_person.facts <> '' LIMIT 10",
        )
        .bind(address)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(userid,)| userid).collect())
    }
}

//! Members who have signed in, and what is proven of their addresses.

use std::collections::HashMap;

use qiyou_bridge_api::Proof;
use sqlx::{Any, Transaction};

use super::{Db, Result, proofs};

/// A member's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    pub userid: String,
    pub name: String,
    /// WeCom's number.
    pub status: i64,
    pub address: Option<(String, Proof)>,
}

/// A proof's word in the database.
pub(super) fn word(proof: Proof) -> &'static str {
    match proof {
        Proof::Wecom => "wecom",
        Proof::Reverse => "reverse",
        Proof::Key => "key",
        Proof::Code => "code",
        Proof::Admin => "admin",
    }
}

pub(super) fn proof(word: &str) -> Option<Proof> {
    [Proof::Wecom, Proof::Reverse, Proof::Key, Proof::Code, Proof::Admin]
        .into_iter()
        .find(|proof| self::word(*proof) == word)
}

impl Db {
    /// The member's row, if they ever signed in.
    pub async fn member(&self, userid: &str) -> Result<Option<MemberRow>> {
        let row: Option<(String, i64, String, String)> =
            sqlx::query_as("SELECT name, status, address, proof FROM member WHERE userid = $1")
                .bind(userid)
                .fetch_optional(&self.pool)
                .await?;
        Ok(row.map(|(name, status, address, how)| MemberRow {
            userid: userid.to_owned(),
            name,
            status,
            address: proof(&how).filter(|_| !address.is_empty()).map(|how| (address, how)),
        }))
    }

    /// Every proven address of a member who signed in.
    pub async fn sworn(&self) -> Result<HashMap<String, (String, Proof)>> {
        let rows: Vec<(String, String, String)> =
            sqlx::query_as("SELECT userid, address, proof FROM member WHERE address <> ''")
                .fetch_all(&self.pool)
                .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(userid, address, how)| Some((userid, (address, proof(&how)?))))
            .collect())
    }

    /// What WeCom says of a member who signed in before: their status.
    pub async fn set_status(&self, userid: &str, status: i64) -> Result<()> {
        sqlx::query("UPDATE member SET status = $2 WHERE userid = $1 AND status <> $2")
            .bind(userid)
            .bind(status)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Notes a proven address; what the member asked of the admin is answered by it.
    pub async fn prove(&self, userid: &str, address: &str, how: Proof) -> Result<bool> {
        let mut transaction = self.begin().await?;
        proofs::proofs_turn(&mut transaction).await?;
        let done = sqlx::query("UPDATE member SET address = $2, proof = $3 WHERE userid = $1")
            .bind(userid)
            .bind(address)
            .bind(word(how))
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM address_request WHERE userid = $1")
            .bind(userid)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

/// Notes who came from WeCom. What is proven of an address stays unless there is something newer.
pub async fn note(
    transaction: &mut Transaction<'static, Any>,
    userid: &str,
    name: &str,
    status: i64,
    address: Option<(&str, Proof)>,
    now: i64,
) -> Result<()> {
    let (address, how) = address.map_or(("", ""), |(address, proof)| (address, word(proof)));
    sqlx::query(
        "INSERT INTO member (userid, name, status, address, proof, seen) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (userid) DO UPDATE SET
            name = CASE WHEN excluded.name = '' THEN member.name ELSE excluded.name END,
            status = excluded.status, seen = excluded.seen,
            address = CASE WHEN excluded.address = '' THEN member.address ELSE excluded.address END,
            proof = CASE WHEN excluded.address = '' THEN member.proof ELSE excluded.proof END",
    )
    .bind(userid)
    .bind(name)
    .bind(status)
    .bind(address)
    .bind(how)
    .bind(now)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

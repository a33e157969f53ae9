//! Leases: of several replicas, one alone does what must be done once.

use super::{Db, Result};

impl Db {
    /// Takes or keeps the lease for `seconds`. True for one holder alone until it runs out.
    pub async fn lease(&self, name: &str, holder: &str, now: i64, seconds: i64) -> Result<bool> {
        let until = now.saturating_add(seconds);
        let taken = sqlx::query(
            "INSERT INTO lease (name, holder, until) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
             WHERE lease.holder = excluded.holder OR lease.until <= $4",
        )
        .bind(name)
        .bind(holder)
        .bind(until)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(taken.rows_affected() == 1)
    }

    /// Gives the lease up before it runs out.
    pub async fn release(&self, name: &str, holder: &str) -> Result<()> {
        sqlx::query("DELETE FROM lease WHERE name = $1 AND holder = $2")
            .bind(name)
            .bind(holder)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

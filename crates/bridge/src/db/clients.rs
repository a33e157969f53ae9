//! Accounts of the mail platform that were opened for mail programs.

use super::{Db, Result};

impl Db {
    /// Whether an account was opened once.
    pub async fn clients_allowed(&self, address: &str) -> Result<bool> {
        let row: Option<(i64,)> = sqlx::query_as("SELECT at FROM clients_allowed WHERE address = $1")
            .bind(address)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }

    /// It was opened.
    pub async fn note_clients_allowed(&self, address: &str, now: i64) -> Result<()> {
        sqlx::query("INSERT INTO clients_allowed (address, at) VALUES ($1, $2) ON CONFLICT (address) DO NOTHING")
            .bind(address)
            .bind(now)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

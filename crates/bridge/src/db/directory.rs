//! The directory as it was read, and as apps get it.

use std::collections::HashMap;

use qiyou_bridge_api::Proof;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use super::members::{proof, word};
use super::{Db, Result};

/// What a [`PersonRow`] reads: named, as a newer replica may have added more.
macro_rules! columns {
    () => {
        "userid, revision, body, facts, job, told, address, proof"
    };
}

/// Rows of one transaction: others write between two.
const ROWS: usize = 200;

/// Somebody whom WeCom named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonRow {
    pub userid: String,
    pub revision: i64,
    /// JSON as apps get it. Empty: not to be seen.
    pub body: String,
    /// JSON of what WeCom says. Empty: WeCom names them no longer.
    pub facts: String,
    /// The key that is shared with the mail platform.
    pub job: String,
    /// The address that WeCom told.
    pub told: String,
    pub address: Option<(String, Proof)>,
}

impl PersonRow {
    fn read(row: &AnyRow) -> Result<Self> {
        let address: String = row.try_get("address")?;
        let how: String = row.try_get("proof")?;
        Ok(Self {
            userid: row.try_get("userid")?,
            revision: row.try_get("revision")?,
            body: row.try_get("body")?,
            facts: row.try_get("facts")?,
            job: row.try_get("job")?,
            told: row.try_get("told")?,
            address: proof(&how).filter(|_| !address.is_empty()).map(|how| (address, how)),
        })
    }
}

/// A department.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DepartmentRow {
    pub id: i64,
    pub revision: i64,
    /// JSON as apps get it. Empty: not to be seen.
    pub body: String,
}

/// An account of the mail platform that is in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountRow {
    pub address: String,
    pub job: String,
    pub name: String,
}

/// By which of their columns people are looked for.
#[derive(Clone, Copy)]
pub enum By {
    Job,
    Told,
    Address,
}

impl Db {
    /// The value under a name.
    pub async fn note(&self, name: &str) -> Result<Option<String>> {
        let row: Option<(String,)> = sqlx::query_as("SELECT value FROM note WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|(value,)| value))
    }

    /// The number under a name; 0 where there is none.
    pub async fn number(&self, name: &str) -> Result<i64> {
        let value = self.note(name).await?;
        Ok(value.and_then(|value| value.parse().ok()).unwrap_or_default())
    }

    /// Keeps a value under a name.
    pub async fn set_note(&self, name: &str, value: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO note (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name)
        .bind(value)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Everybody, also those who are gone.
    pub async fn people(&self) -> Result<Vec<PersonRow>> {
        let rows = sqlx::query(concat!("SELECT ", columns!(), " FROM directory_person"))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(PersonRow::read).collect()
    }

    /// One of them.
    pub async fn person(&self, userid: &str) -> Result<Option<PersonRow>> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM directory_person WHERE userid = $1"
        ))
        .bind(userid)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(PersonRow::read).transpose()
    }

    /// Those with this value.
    pub async fn people_by(&self, by: By, value: &str) -> Result<Vec<PersonRow>> {
        let query = match by {
            By::Job => concat!(
                "SELECT ",
                columns!(),
                " FROM directory_person WHERE job = $1 AND facts <> '' LIMIT 100"
            ),
            By::Told => concat!(
                "SELECT ",
                columns!(),
                " FROM directory_person WHERE told = $1 AND facts <> '' LIMIT 100"
            ),
            By::Address => concat!(
                "SELECT ",
                columns!(),
                " FROM directory_person WHERE address = $1 AND facts <> '' LIMIT 100"
            ),
        };
        let rows = sqlx::query(query).bind(value).fetch_all(&self.pool).await?;
        rows.iter().map(PersonRow::read).collect()
    }

    /// How many there are to be seen.
    pub async fn headcount(&self) -> Result<i64> {
        let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM directory_person WHERE body <> ''")
            .fetch_one(&self.pool)
            .await?;
        Ok(count)
    }

    /// Writes people, a few at a time.
    pub async fn write_people(&self, rows: &[PersonRow]) -> Result<()> {
        for rows in rows.chunks(ROWS) {
            let text = format!(
                "INSERT INTO directory_person (userid, revision, body, facts, job, told, address, proof) VALUES {}
                 ON CONFLICT (userid) DO UPDATE SET revision = excluded.revision, body = excluded.body,
                    facts = excluded.facts, job = excluded.job, told = excluded.told,
                    address = excluded.address, proof = excluded.proof",
                places(rows.len(), 8)
            );
            let mut query = sqlx::query(AssertSqlSafe(text));
            for row in rows {
                let (address, how) = row
                    .address
                    .as_ref()
                    .map_or(("", ""), |(address, how)| (address.as_str(), word(*how)));
                query = query
                    .bind(&row.userid)
                    .bind(row.revision)
                    .bind(&row.body)
                    .bind(&row.facts)
                    .bind(&row.job)
                    .bind(&row.told)
                    .bind(address)
                    .bind(how);
            }
            query.execute(&self.pool).await?;
        }
        Ok(())
    }

    /// Every department, also those that are gone.
    pub async fn departments(&self) -> Result<Vec<DepartmentRow>> {
        let rows: Vec<(i64, i64, String)> = sqlx::query_as("SELECT id, revision, body FROM directory_department")
            .fetch_all(&self.pool)
            .await?;
        Ok(rows
            .into_iter()
            .map(|(id, revision, body)| DepartmentRow { id, revision, body })
            .collect())
    }

    /// Writes departments.
    pub async fn write_departments(&self, rows: &[DepartmentRow]) -> Result<()> {
        for rows in rows.chunks(ROWS) {
            let text = format!(
                "INSERT INTO directory_department (id, revision, body) VALUES {}
                 ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, body = excluded.body",
                places(rows.len(), 3)
            );
            let mut query = sqlx::query(AssertSqlSafe(text));
            for row in rows {
                query = query.bind(row.id).bind(row.revision).bind(&row.body);
            }
            query.execute(&self.pool).await?;
        }
        Ok(())
    }

    /// People that changed after (`revision`, `userid`), in that order. `gone`: also those who are not to be seen.
    pub async fn people_after(
        &self,
        revision: i64,
        userid: &str,
        gone: bool,
        most: i64,
    ) -> Result<Vec<(String, i64, String)>> {
        sqlx::query_as(
            "SELECT userid, revision, body FROM directory_person
             WHERE (revision, userid) > ($1, $2) AND (body <> '' OR $3 = 1) ORDER BY revision, userid LIMIT $4",
        )
        .bind(revision)
        .bind(userid)
        .bind(i64::from(gone))
        .bind(most)
        .fetch_all(&self.pool)
        .await
    }

    /// Departments that changed after (`revision`, `id`), in that order.
    pub async fn departments_after(
        &self,
        revision: i64,
        id: i64,
        gone: bool,
        most: i64,
    ) -> Result<Vec<(i64, i64, String)>> {
        sqlx::query_as(
            "SELECT id, revision, body FROM directory_department
             WHERE (revision, id) > ($1, $2) AND (body <> '' OR $3 = 1) ORDER BY revision, id LIMIT $4",
        )
        .bind(revision)
        .bind(id)
        .bind(i64::from(gone))
        .bind(most)
        .fetch_all(&self.pool)
        .await
    }

    /// Forgets who is gone since before a revision.
    pub async fn forget_gone(&self, before: i64) -> Result<()> {
        for query in [
            "DELETE FROM directory_person WHERE body = '' AND facts = '' AND revision < $1",
            "DELETE FROM directory_department WHERE body = '' AND revision < $1",
        ] {
            sqlx::query(query).bind(before).execute(&self.pool).await?;
        }
        Ok(())
    }

    /// The mail platform's accounts, all of them.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>> {
        let rows: Vec<(String, String, String)> = sqlx::query_as("SELECT address, job, name FROM mail_account")
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().map(account).collect())
    }

    /// Accounts with this key.
    pub async fn accounts_of(&self, job: &str) -> Result<Vec<AccountRow>> {
        let rows: Vec<(String, String, String)> =
            sqlx::query_as("SELECT address, job, name FROM mail_account WHERE job = $1 LIMIT 100")
                .bind(job)
                .fetch_all(&self.pool)
                .await?;
        Ok(rows.into_iter().map(account).collect())
    }

    /// Puts these accounts in the place of all that were.
    pub async fn replace_accounts(&self, rows: &[AccountRow]) -> Result<()> {
        let mut before: HashMap<String, AccountRow> = self
            .accounts()
            .await?
            .into_iter()
            .map(|row| (row.address.clone(), row))
            .collect();
        let changed: Vec<&AccountRow> = rows
            .iter()
            .filter(|row| before.remove(&row.address).as_ref() != Some(row))
            .collect();
        for rows in changed.chunks(ROWS) {
            let text = format!(
                "INSERT INTO mail_account (address, job, name) VALUES {}
                 ON CONFLICT (address) DO UPDATE SET job = excluded.job, name = excluded.name",
                places(rows.len(), 3)
            );
            let mut query = sqlx::query(AssertSqlSafe(text));
            for row in rows {
                query = query.bind(&row.address).bind(&row.job).bind(&row.name);
            }
            query.execute(&self.pool).await?;
        }
        for address in before.keys() {
            sqlx::query("DELETE FROM mail_account WHERE address = $1")
                .bind(address)
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }
}

/// `($1, $2), ($3, $4)` for two rows of two columns. sqlx's builder writes question marks, which PostgreSQL does not know.
fn places(rows: usize, columns: usize) -> String {
    let numbers: Vec<String> = (1..=rows.saturating_mul(columns)).map(|at| format!("${at}")).collect();
    let rows: Vec<String> = numbers
        .chunks(columns)
        .map(|row| format!("({})", row.join(", ")))
        .collect();
    rows.join(", ")
}

fn account((address, job, name): (String, String, String)) -> AccountRow {
    AccountRow { address, job, name }
}

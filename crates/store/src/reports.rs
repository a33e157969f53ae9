//! What is reported of mails that were sent: by servers that could not deliver them, and by those who read them.

use qiyou_api::{AccountId, Fate, MailId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::Result;

/// A mail that was read as a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub mail: MailId,
    /// The mail that it speaks of, where it is known here.
    pub sent: Option<MailId>,
    pub fates: Vec<Fate>,
}

/// Notes mails that are to be read as reports.
pub fn expect(conn: &Connection, account: AccountId, mails: &[MailId], now: i64) -> Result<()> {
    let mut statement =
        conn.prepare_cached("INSERT OR IGNORE INTO report (mail, account, date) VALUES (?1, ?2, ?3)")?;
    for mail in mails {
        statement.execute(params![mail, account, now])?;
    }
    Ok(())
}

/// Mails of an account that are to be read as reports, the newest first.
pub fn waiting(conn: &Connection, account: AccountId, limit: u32) -> Result<Vec<MailId>> {
    let mut statement = conn
        .prepare_cached("SELECT mail FROM report WHERE account = ?1 AND fates IS NULL ORDER BY mail DESC LIMIT ?2")?;
    let rows = statement.query_map(params![account, limit], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Forgets a mail that turned out to be no report, or to be gone.
pub fn forget(conn: &Connection, mail: MailId) -> Result<()> {
    conn.prepare_cached("DELETE FROM report WHERE mail = ?1")?
        .execute([mail])?;
    Ok(())
}

/// Keeps what a report says, `about` the mail of this Message-ID.
pub fn put(conn: &Connection, report: &Report, about: &str, date: i64) -> Result<()> {
    conn.prepare_cached("UPDATE report SET about = ?2, sent = ?3, date = ?4, fates = ?5 WHERE mail = ?1")?
        .execute(params![
            report.mail,
            about,
            report.sent,
            date,
            serde_json::to_string(&report.fates)?
        ])?;
    Ok(())
}

const COLUMNS: &str = "mail, sent, fates";

fn report(row: &Row<'_>) -> Result<Report> {
    Ok(Report {
        mail: row.get(0)?,
        sent: row.get(1)?,
        fates: serde_json::from_str(&row.get::<_, String>(2)?)?,
    })
}

/// What this mail reports, where it is a report that was read.
pub fn by_mail(conn: &Connection, mail: MailId) -> Result<Option<Report>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM report WHERE mail = ?1 AND fates IS NOT NULL"
    ))?;
    let mut rows = statement.query([mail])?;
    rows.next()?.map(report).transpose()
}

/// What is reported of the mail with this Message-ID, the oldest first, at most 200 reports.
pub fn about(conn: &Connection, message_id: &str) -> Result<Vec<Report>> {
    if message_id.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM report WHERE about = ?1 AND about <> '' AND fates IS NOT NULL ORDER BY date, mail LIMIT 200"
    ))?;
    let mut rows = statement.query([message_id])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(report(row)?);
    }
    Ok(all)
}

/// The envelope's recipients of a mail that went from here, by its Message-ID.
pub fn recipients(conn: &Connection, message_id: &str) -> Result<Vec<String>> {
    let found: Option<String> = conn
        .prepare_cached("SELECT recipients FROM outbox WHERE message_id = ?1 ORDER BY id DESC LIMIT 1")?
        .query_row([message_id], |row| row.get(0))
        .optional()?;
    Ok(found
        .map(|json| serde_json::from_str(&json))
        .transpose()?
        .unwrap_or_default())
}

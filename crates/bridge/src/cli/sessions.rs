//! `qiyou-bridge devices | user | backup`: what stands in the database.

use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use qiyou_bridge_api::{Finding, Proof};

use super::{say, time, with_db};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::db::events::What;
use crate::db::sessions::Ended;
use crate::serve::is_ours;

/// A cell of CSV (RFC 4180), which no spreadsheet takes for a formula.
pub(super) fn cell(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// What a doctor found, on one line: `good`, or each finding with how often.
fn summary(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "good".to_owned();
    }
    let one = |finding: &Finding| {
        let times = if finding.count > 1 {
            format!(" x{}", finding.count)
        } else {
            String::new()
        };
        format!("{}{}{times}", if finding.bad { "! " } else { "" }, finding.code)
    };
    findings.iter().map(one).collect::<Vec<_>>().join("; ")
}

pub async fn devices(db: &Db, csv: bool) -> anyhow::Result<()> {
    let sessions = db.sessions(None).await?;
    if csv {
        say!("userid,device,system,version,signed_in,last_contact,session,policy,doctor");
    }
    for session in sessions {
        let device = &session.device;
        let row = [
            &session.userid,
            &device.name,
            &device.system,
            &device.version,
            &time(session.created),
            &time(session.seen),
            &session.id,
            &session.policy,
            &session.doctor.as_deref().map(summary).unwrap_or_default(),
        ];
        if csv {
            say!("{}", row.map(|text| cell(text)).join(","));
        } else {
            say!("{}", row.map(String::as_str).join("  "));
        }
    }
    Ok(())
}

pub async fn user(config: &Config, db: &Db, userid: &str, sign_out: bool, address: Option<&str>) -> anyhow::Result<()> {
    let member = db
        .member(userid)
        .await?
        .with_context(|| format!("{userid} never signed in here"))?;
    if let Some(address) = address {
        let address = address.trim().to_lowercase();
        ensure!(
            is_ours(config, &address),
            "{address} is in none of the company's domains ({})",
            config.domains.join(", ")
        );
        db.prove(userid, &address, Proof::Admin).await?;
        let now = Clock::default().now();
        db.ask_again(&What::User(userid.to_owned()), now).await?;
        db.tell_member(userid, now).await?;
        say!("{userid}: {address}, said by an admin");
    }
    if sign_out {
        let now = Clock::default().now();
        let mut ended = 0_u32;
        for session in db.sessions(Some(userid)).await? {
            ended = ended.saturating_add(u32::from(db.end(&session.id, None, Ended::Revoked, now).await?));
        }
        say!("{userid}: {ended} devices signed out");
    }
    if address.is_none() && !sign_out {
        let (address, proof) = member.address.map_or_else(
            || ("no proven address".to_owned(), String::new()),
            |(address, proof)| (address, format!(" ({proof:?})").to_lowercase()),
        );
        say!("{} {}: {address}{proof}", member.userid, member.name);
        for session in db.sessions(Some(userid)).await? {
            say!(
                "  {}  {}  last seen {}",
                session.device.name,
                session.device.system,
                time(session.seen)
            );
        }
    }
    Ok(())
}

pub async fn backup(config: &Config, file: &Path) -> anyhow::Result<()> {
    if !config.database.url.starts_with("sqlite:") {
        bail!("PostgreSQL is backed up by pg_dump");
    }
    ensure!(!file.exists(), "{} is there already", file.display());
    let path = file.to_str().context("the file's name is no text")?;
    let write = async |db: Db| {
        let done = sqlx::query("VACUUM INTO $1").bind(path).execute(&db.pool).await;
        done.with_context(|| format!("write {path}"))
    };
    with_db(config, write).await?;
    say!("wrote {path}. It needs the same master.key.");
    Ok(())
}

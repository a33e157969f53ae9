//! `qiyou-bridge requests`: members who say that an address is theirs, and the admin's word on it.

use anyhow::{Context as _, bail};
use clap::Args;

use super::sessions::cell;
use super::{say, time};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::db::proofs::Proven;
use crate::serve::is_ours;

/// What is answered. Member and address are named both: a member may have asked for another since the list was read.
#[derive(Args)]
pub struct Requests {
    /// As CSV, for a spreadsheet.
    #[arg(long)]
    csv: bool,
    /// The address is theirs. May stand several times.
    #[arg(long, value_name = "USERID=ADDRESS")]
    approve: Vec<String>,
    /// It is not. May stand several times.
    #[arg(long, value_name = "USERID=ADDRESS")]
    refuse: Vec<String>,
}

fn pair(text: &str) -> anyhow::Result<(&str, String)> {
    let (userid, address) = text
        .split_once('=')
        .with_context(|| format!("{text}: write USERID=ADDRESS, as the list shows it"))?;
    Ok((userid.trim(), address.trim().to_lowercase()))
}

pub async fn requests(config: &Config, db: &Db, asked: &Requests) -> anyhow::Result<()> {
    let now = Clock::default().now();
    let none = |userid: &str, address: &str| format!("{userid} does not ask for {address} (any more)");
    for text in &asked.refuse {
        let (userid, address) = pair(text)?;
        if !db.refuse(userid, &address).await? {
            bail!(none(userid, &address));
        }
        db.tell_member(userid, now).await?;
        say!("{userid}: {address}, refused");
    }
    for text in &asked.approve {
        let (userid, address) = pair(text)?;
        if !is_ours(config, &address) {
            bail!(
                "{address} is in none of the company's domains ({})",
                config.domains.join(", ")
            );
        }
        match db.approve(userid, &address, now).await? {
            Some(Proven::Yes) => {
                db.tell_member(userid, now).await?;
                say!("{userid}: {address}, said by an admin");
            }
            Some(Proven::Taken(other)) => bail!(
                "{address} is proven for {other}: if that is wrong, say theirs first by `qiyou-bridge user {other} --address ADDRESS`"
            ),
            None => bail!(none(userid, &address)),
        }
    }
    if asked.approve.is_empty() && asked.refuse.is_empty() {
        list(db, asked.csv).await?;
    }
    Ok(())
}

async fn list(db: &Db, csv: bool) -> anyhow::Result<()> {
    let all = db.requests().await?;
    if csv {
        say!("userid,name,address,asked");
    } else if all.is_empty() {
        say!("Nobody asks for an address.");
        return Ok(());
    }
    for row in all {
        let asked = time(row.at);
        if csv {
            let cells = [&row.userid, &row.name, &row.address, &asked].map(|text| cell(text));
            say!("{}", cells.join(","));
        } else {
            say!("{asked}  {}  {}={}", row.name, row.userid, row.address);
        }
    }
    if !csv {
        say!(
            "Ask the person, not the mail. Then: qiyou-bridge requests --approve USERID=ADDRESS, or --refuse USERID=ADDRESS"
        );
    }
    Ok(())
}

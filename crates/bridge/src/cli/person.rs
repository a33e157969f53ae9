//! `qiyou-bridge user USERID --export | --erase`: what the law on personal data (个人信息保护法) gives everybody.

use std::io::{BufRead as _, Write as _};

use anyhow::{Context as _, ensure};
use serde_json::json;

use super::say;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;

/// All that is held of them, as JSON.
pub async fn export(db: &Db, userid: &str) -> anyhow::Result<()> {
    let held = db.held_of(userid).await?;
    ensure!(!held.is_empty(), "nothing is held of {userid}");
    let whole = json!({ "userid": userid, "held": held });
    say!("{}", serde_json::to_string_pretty(&whole).context("write it as JSON")?);
    Ok(())
}

/// Takes all of it away. Without `yes` the userid has to be typed once more.
pub async fn erase(config: &Config, db: &Db, userid: &str, yes: bool) -> anyhow::Result<()> {
    let held = db.held_of(userid).await?;
    ensure!(!held.is_empty(), "nothing is held of {userid}");
    if !yes {
        for (table, rows) in &held {
            say!("{table}: {}", rows.as_array().map_or(0, Vec::len));
        }
        let mut out = std::io::stdout().lock();
        write!(
            out,
            "All of this goes, and all devices of {userid} are signed out. Type {userid} to go on: "
        )
        .and_then(|()| out.flush())
        .context("ask")?;
        let mut typed = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut typed)
            .context("read the answer")?;
        ensure!(typed.trim() == userid, "that is not {userid}: nothing was erased");
    }
    for (table, rows) in db.erase(userid, Clock::default().now()).await? {
        say!("{table}: {rows} erased");
    }
    say!("Their devices are signed out. Apps lose them from the directory at their next look.");
    if config.directory.enabled {
        say!(
            "As long as WeCom shows {userid} to the application, the next reading brings their entry in the directory back: take them out of its visible range, or name them in directory.hide, which keeps what WeCom says and shows it to nobody."
        );
    }
    say!(
        "What stays is outside of the database: backups, lines of the log with their userid, what the mail platform and WeCom hold, and mail on their computer."
    );
    Ok(())
}

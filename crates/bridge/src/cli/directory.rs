//! `qiyou-bridge directory | leaving`: what the directory came to, and who left.

use std::collections::HashMap;

use qiyou_bridge_api::{NoAddress, Person, Proof};
use tokio::sync::watch;

use super::{say, time};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::directory::{READ, keep, leave};
use crate::serve::Bridge;

/// People of a list that is for eyes.
const SHOWN: usize = 50;

/// Counts, and those for whom there is something to do. `read`: reads WeCom and the mail platform first.
pub async fn directory(config: Config, read: bool) -> anyhow::Result<()> {
    if read {
        let (_stop, stopping) = watch::channel(false);
        let bridge = Bridge::new(config.clone(), Clock::default(), stopping).await?;
        let written = keep::whole(&bridge).await?;
        if written.aside {
            say!(
                "More than half of the people are missing in what WeCom tells now: kept as it was. Look at the application's visible range; if this is right, run the command once more."
            );
        }
    }
    let db = Db::open(&config).await?;
    let last = db.number(READ).await?;
    if last == 0 {
        say!("Nothing was read yet. `qiyou-bridge directory --read` reads now.");
        return Ok(());
    }
    say!("Read: {}", time(last));
    let accounts = db.accounts().await?;
    let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
    for account in accounts.iter().filter(|account| !account.name.is_empty()) {
        by_name.entry(&account.name).or_default().push(&account.address);
    }
    let mut proofs: HashMap<Proof, u32> = HashMap::new();
    let mut reasons: HashMap<&'static str, u32> = HashMap::new();
    let (mut ambiguous, mut suggested) = (Vec::new(), Vec::new());
    let (mut people, mut keyed) = (0_u32, 0_u32);
    let by_key: HashMap<&str, u32> =
        accounts
            .iter()
            .filter(|account| !account.job.is_empty())
            .fold(HashMap::new(), |mut counts, account| {
                let count = counts.entry(account.job.as_str()).or_default();
                *count = count.saturating_add(1);
                counts
            });
    let rows = db.people().await?;
    let keys = rows
        .iter()
        .filter(|row| !row.job.is_empty() && !row.facts.is_empty())
        .fold(HashMap::<&str, u32>::new(), |mut counts, row| {
            let count = counts.entry(row.job.as_str()).or_default();
            *count = count.saturating_add(1);
            counts
        });
    for row in &rows {
        let Ok(person) = serde_json::from_str::<Person>(&row.body) else {
            continue;
        };
        people = people.saturating_add(1);
        if keys.get(row.job.as_str()) == Some(&1) && by_key.get(row.job.as_str()) == Some(&1) {
            keyed = keyed.saturating_add(1);
        }
        if let Some((_, how)) = &row.address {
            let count = proofs.entry(*how).or_default();
            *count = count.saturating_add(1);
            continue;
        }
        let why = person.no_address.unwrap_or(NoAddress::Empty);
        let count = reasons.entry(reason(why)).or_default();
        *count = count.saturating_add(1);
        if why == NoAddress::Ambiguous {
            ambiguous.push(format!("{} {}  key {:?}", person.id, person.name, row.job));
        } else if let Some([only]) = by_name.get(person.name.as_str()).map(Vec::as_slice) {
            suggested.push(format!("{} {}  {only}?", person.id, person.name));
        }
    }
    say!("People: {people}. Accounts of the mail platform: {}.", accounts.len());
    for (how, words) in [
        (Proof::Wecom, "told by WeCom"),
        (Proof::Key, "by an equal key"),
        (Proof::Admin, "said by an admin"),
        (Proof::Code, "by a mailed code"),
        (Proof::Reverse, "asked of WeCom"),
    ] {
        if let Some(count) = proofs.get(&how) {
            say!("  address {words}: {count}");
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_unstable();
    for (reason, count) in reasons {
        say!("  no address, {reason}: {count}");
    }
    if let Some(accounts) = config.accounts.as_ref().filter(|accounts| !accounts.confirmed) {
        say!(
            "{keyed} people and accounts have the same key ({}), each alone. If these are the same people, write confirmed = true under [accounts].",
            accounts.member_key
        );
    }
    list(
        "More than one could be meant; say which by `qiyou-bridge user USERID --address ADDRESS`:",
        &ambiguous,
    );
    list(
        "The same name, which proves nothing; say so by `qiyou-bridge user USERID --address ADDRESS`:",
        &suggested,
    );
    Ok(())
}

fn reason(why: NoAddress) -> &'static str {
    match why {
        NoAddress::Empty => "none is known",
        NoAddress::Ambiguous => "more than one could be meant",
        NoAddress::Withheld => "WeCom keeps it from the application",
    }
}

fn list(title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    say!("{title}");
    for line in lines.iter().take(SHOWN) {
        say!("  {line}");
    }
    if lines.len() > SHOWN {
        say!("  and {} more", lines.len().saturating_sub(SHOWN));
    }
}

/// Who left. `confirm` signs those out who are held; `dismiss` says that they are still there.
pub async fn leaving(config: &Config, confirm: bool, dismiss: bool) -> anyhow::Result<()> {
    let db = Db::open(config).await?;
    if confirm {
        let done = leave::confirm(&db, Clock::default().now()).await?;
        say!("{} members signed out", done.len());
        return Ok(());
    }
    let all = db.leaving().await?;
    if dismiss {
        let mut count = 0_u32;
        for leaving in all.iter().filter(|leaving| leaving.step == "held") {
            count = count.saturating_add(u32::from(db.came_back(&leaving.userid).await?));
        }
        say!("{count} members stay");
        return Ok(());
    }
    if all.is_empty() {
        say!("Nobody left.");
    }
    for leaving in all {
        say!(
            "{}  {}  {}  {}",
            time(leaving.at),
            leaving.userid,
            leaving.why,
            leaving.step
        );
    }
    Ok(())
}

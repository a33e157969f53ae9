//! `qiyou-bridge directory | leaving`: what the directory came to, and who left.

use std::collections::{BTreeMap, HashMap};

use qiyou_bridge_api::{NoAddress, Person, Proof};
use tokio::sync::watch;

use super::{say, time};
use crate::address::lookup::most;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::db::directory::{AccountRow, PersonRow};
use crate::directory::join::{Account, Member, Rule, join};
use crate::directory::{READ, keep, leave};
use crate::serve::Bridge;

/// People of a list that is for eyes.
const SHOWN: usize = 50;

/// Counts, and those for whom there is something to do. `read`: reads WeCom and the mail platform first.
pub async fn directory(config: &Config, db: Db, read: bool) -> anyhow::Result<()> {
    if read {
        let (_stop, stopping) = watch::channel(false);
        let bridge = Bridge::new(config.clone(), db.clone(), Clock::default(), stopping)?;
        let written = keep::whole(&bridge).await?;
        if written.aside {
            say!(
                "More than half of the people are missing in what WeCom tells now: kept as it was. Look at the application's visible range; if this is right, run the command once more."
            );
        }
    }
    asked(&db, Clock::default().now()).await?;
    let last = db.number(READ).await?;
    if last == 0 {
        say!("Nothing was read yet. `qiyou-bridge directory --read` reads now.");
        return Ok(());
    }
    say!("Read: {}", time(last));
    let (rows, accounts) = (db.people().await?, db.accounts().await?);
    Summary::of(&rows, &accounts).tell(&accounts);
    if let Some(rule) = config.accounts.as_ref().filter(|rule| !rule.confirmed) {
        say!(
            "{} people and accounts have the same key ({}), each alone. If these are the same people, write confirmed = true under [accounts].",
            keyed(&rows, &accounts),
            rule.member_key
        );
    }
    Ok(())
}

/// What members do by themselves for an address: whether WeCom is asked, and who waits for an admin.
async fn asked(db: &Db, now: i64) -> anyhow::Result<()> {
    let closed = db.lookups_closed(now).await?;
    if closed > 0 {
        let (missed, most) = (db.lookups_missed(now).await?, most(db.headcount().await?));
        say!(
            "WeCom is not asked for addresses before {}: it knew nobody for {missed} within a day ({most} are the most; above a fifth of the company it blocks this call by itself), or asked to be left alone. Members can have a code mailed ([mailer]), or ask you.",
            time(closed)
        );
    }
    let waiting = db.requests().await?.len();
    if waiting > 0 {
        say!("{waiting} members say that an address is theirs and wait for your word: `qiyou-bridge requests`");
    }
    Ok(())
}

/// How many people the keys alone would give an address, had the admin confirmed them.
fn keyed(rows: &[PersonRow], accounts: &[AccountRow]) -> usize {
    let named: Vec<&PersonRow> = rows.iter().filter(|row| !row.facts.is_empty()).collect();
    let members: Vec<Member<'_>> = named
        .iter()
        .map(|row| Member {
            userid: &row.userid,
            job: &row.job,
            told: "",
        })
        .collect();
    let accounts: Vec<Account<'_>> = accounts.iter().map(Account::from).collect();
    let rule = Rule {
        keys: true,
        withheld: false,
    };
    let found = join(&members, &accounts, &HashMap::new(), rule);
    let seen = named.iter().zip(found).filter(|(row, _)| !row.body.is_empty());
    seen.filter(|(_, found)| found.is_ok()).count()
}

/// What the directory came to.
#[derive(Default)]
struct Summary {
    people: u32,
    proofs: BTreeMap<&'static str, u32>,
    reasons: BTreeMap<&'static str, u32>,
    ambiguous: Vec<String>,
    /// With an account of the same name.
    suggested: Vec<String>,
}

fn count(counts: &mut BTreeMap<&'static str, u32>, what: &'static str) {
    let count = counts.entry(what).or_default();
    *count = count.saturating_add(1);
}

impl Summary {
    fn of(rows: &[PersonRow], accounts: &[AccountRow]) -> Self {
        let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
        for account in accounts.iter().filter(|account| !account.name.is_empty()) {
            by_name.entry(&account.name).or_default().push(&account.address);
        }
        let mut all = Self::default();
        for row in rows {
            let Ok(person) = serde_json::from_str::<Person>(&row.body) else {
                continue;
            };
            all.people = all.people.saturating_add(1);
            if let Some((_, how)) = &row.address {
                count(&mut all.proofs, by(*how));
                continue;
            }
            let why = person.no_address.unwrap_or(NoAddress::Empty);
            count(&mut all.reasons, reason(why));
            if why == NoAddress::Ambiguous {
                all.ambiguous
                    .push(format!("{} {}  key {:?}", person.id, person.name, row.job));
            } else if let Some([only]) = by_name.get(person.name.as_str()).map(Vec::as_slice) {
                all.suggested.push(format!("{} {}  {only}?", person.id, person.name));
            }
        }
        all
    }

    fn tell(&self, accounts: &[AccountRow]) {
        say!(
            "People: {}. Accounts of the mail platform: {}.",
            self.people,
            accounts.len()
        );
        for (how, count) in &self.proofs {
            say!("  address {how}: {count}");
        }
        for (why, count) in &self.reasons {
            say!("  no address, {why}: {count}");
        }
        list(
            "More than one could be meant; say which by `qiyou-bridge user USERID --address ADDRESS`:",
            &self.ambiguous,
        );
        list(
            "The same name, which proves nothing; say so by `qiyou-bridge user USERID --address ADDRESS`:",
            &self.suggested,
        );
    }
}

fn by(how: Proof) -> &'static str {
    match how {
        Proof::Wecom => "told by WeCom",
        Proof::Key => "by an equal key",
        Proof::Admin => "said by an admin",
        Proof::Code => "by a mailed code",
        Proof::Reverse => "asked of WeCom",
    }
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
pub async fn leaving(db: &Db, confirm: bool, dismiss: bool) -> anyhow::Result<()> {
    if confirm {
        let count = leave::confirm(db, Clock::default().now()).await?;
        say!("{count} members signed out");
        return Ok(());
    }
    if dismiss {
        let count = leave::dismiss(db).await?;
        say!("{count} members stay");
        return Ok(());
    }
    let all = db.leaving().await?;
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

//! `qiyou-bridge invite`: a card in WeCom, to those who do not use the app yet, that leads to the installer.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use qiyou_wecom::{Content, Department, Error, Line, Message, Sent, Status, TextCard, Tone, User, Wecom};
use qiyou_words::{Language, say as words};

use super::{say, with_db};
use crate::config::Config;
use crate::tree::below;

/// Recipients of one call: WeCom's most.
const BATCH: usize = 1000;
/// Recipients of one command, so that a slip costs no more than that.
const MOST: usize = 100_000;
/// Departments that are asked for their members.
const MOST_DEPARTMENTS: usize = 10_000;
/// How many of those who got nothing are named.
const NAMED: usize = 20;
/// Within this time nobody is shown the card twice: WeCom's most.
const ONCE: Duration = Duration::from_hours(4);

/// Whom to send it to.
#[derive(Args)]
pub struct Invite {
    /// A department, by id or by its whole name, and all below it.
    #[arg(long, value_name = "ID|NAME", required_unless_present = "user")]
    department: Option<String>,
    /// A member, by WeCom's userid. May be given again.
    #[arg(long, value_name = "USERID")]
    user: Vec<String>,
    /// Those who are signed in already, too.
    #[arg(long)]
    all: bool,
    /// Counts, and sends nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Who gets it, and how many do not, before anything is sent.
#[derive(Default)]
struct Recipients {
    /// Userids, each once.
    ids: Vec<String>,
    /// In lower case: to WeCom they are the same.
    known: HashSet<String>,
    signed_in: usize,
    gone: usize,
    inactive: usize,
}

impl Recipients {
    fn add(&mut self, userid: &str, status: Status, signed_in: &HashSet<String>) -> anyhow::Result<()> {
        let lower = userid.to_lowercase();
        if self.known.contains(&lower) {
            return Ok(());
        }
        let counter = match status {
            _ if signed_in.contains(&lower) => &mut self.signed_in,
            Status::Disabled | Status::Left => &mut self.gone,
            Status::NotActivated => &mut self.inactive,
            Status::Active | Status::Unknown(_) => {
                ensure!(
                    self.ids.len() < MOST,
                    "these are more than {MOST} members: name smaller departments"
                );
                self.ids.push(userid.to_owned());
                self.known.insert(lower);
                return Ok(());
            }
        };
        *counter = counter.saturating_add(1);
        self.known.insert(lower);
        Ok(())
    }
}

/// What became of it.
#[derive(Default)]
struct Outcome {
    sent: usize,
    invalid: Vec<String>,
    unlicensed: Vec<String>,
}

impl Outcome {
    fn note(&mut self, to: &[String], answer: &Sent) {
        let lower = |ids: &[String]| ids.iter().map(|id| id.to_lowercase()).collect::<HashSet<_>>();
        let (invalid, unlicensed) = (lower(&answer.invalid), lower(&answer.unlicensed));
        for id in to {
            let name = id.to_lowercase();
            if invalid.contains(&name) {
                self.invalid.push(id.clone());
            } else if unlicensed.contains(&name) {
                self.unlicensed.push(id.clone());
            } else {
                self.sent = self.sent.saturating_add(1);
            }
        }
    }

    fn tell(&self) {
        say!("sent to {}", self.sent);
        for (ids, why) in [
            (
                &self.invalid,
                "WeCom does not know them, or they are outside the application's visible range",
            ),
            (&self.unlicensed, "they have no licence for messages"),
        ] {
            if ids.is_empty() {
                continue;
            }
            let names: Vec<&str> = ids.iter().take(NAMED).map(String::as_str).collect();
            let more = match ids.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            say!("not sent to {}, {why}: {}{more}", ids.len(), names.join(", "));
        }
    }
}

pub async fn invite(config: &Config, invite: &Invite) -> anyhow::Result<()> {
    let nowhere = config.installer.named().next().is_none();
    ensure!(
        invite.dry_run || !nowhere,
        "[installer] names no address: members would find nothing to install"
    );
    for userid in &invite.user {
        ensure!(
            !userid.is_empty() && userid.len() <= 64 && userid != "@all" && !userid.contains('|'),
            "--user: {userid:?} is no userid"
        );
    }
    let wecom = crate::serve::wecom(config)?;
    let signed_in = if invite.all {
        HashSet::new()
    } else {
        let sessions = with_db(config, async |db| Ok(db.sessions(None).await?)).await?;
        sessions.iter().map(|session| session.userid.to_lowercase()).collect()
    };
    let mut recipients = Recipients::default();
    if let Some(name) = &invite.department {
        for user in members(&wecom, name).await? {
            recipients.add(&user.userid, user.status, &signed_in)?;
        }
    }
    for userid in &invite.user {
        recipients.add(userid, Status::default(), &signed_in)?;
    }
    say!(
        "left out: {} signed in already, {} disabled or left, {} not activated in WeCom",
        recipients.signed_in,
        recipients.gone,
        recipients.inactive
    );
    if invite.dry_run {
        say!("would be sent to {}", recipients.ids.len());
        if nowhere {
            say!("[installer] names no address yet: without one nothing is sent");
        }
        return Ok(());
    }
    let mut outcome = Outcome::default();
    let sent = send(&wecom, &card(config), &recipients.ids, &mut outcome).await;
    outcome.tell();
    sent
}

/// The department of that id or whole name.
fn department<'a>(all: &'a [Department], name: &str) -> anyhow::Result<&'a Department> {
    let named =
        |department: &&Department| name.parse() == Ok(department.id) || (!name.is_empty() && department.name == name);
    let mut found = all.iter().filter(named);
    let first = found.next().with_context(|| {
        let hint = if all.iter().all(|department| department.name.is_empty()) {
            "; WeCom tells this application no names: write the id"
        } else {
            ""
        };
        format!(
            "no department {name} among the {} that the application may see{hint}",
            all.len()
        )
    })?;
    let others: Vec<String> = found.take(NAMED).map(|other| other.id.to_string()).collect();
    ensure!(
        others.is_empty(),
        "more than one department is called {name}: write one's id ({}, {})",
        first.id,
        others.join(", ")
    );
    Ok(first)
}

/// The members of a department and of all below it; some may come twice.
async fn members(wecom: &Wecom, name: &str) -> anyhow::Result<Vec<User>> {
    let all = wecom.departments().await.context("ask WeCom for the departments")?;
    let root = department(&all, name)?;
    let parents = all.iter().map(|department| (department.id, department.parent));
    let departments = below(parents, &[root.id]);
    ensure!(
        departments.len() <= MOST_DEPARTMENTS,
        "these are more than {MOST_DEPARTMENTS} departments: name a smaller one"
    );
    let mut members = Vec::new();
    for id in &departments {
        let users = wecom
            .users(*id)
            .await
            .with_context(|| format!("ask WeCom for the members of department {id}"))?;
        members.extend(users);
        ensure!(
            members.len() <= MOST,
            "these are more than {MOST} members: name a smaller department"
        );
    }
    let below = departments.len().saturating_sub(1);
    say!(
        "{} ({}) and {below} departments below it: {} members",
        root.name,
        root.id,
        members.len()
    );
    Ok(members)
}

/// In Chinese: members are spoken to as WeCom speaks to them.
fn card(config: &Config) -> TextCard {
    let company = [("company", config.company.trim())];
    let say = |key: &str| words(Language::ZhCn, &format!("bridge.invite.{key}"), &company);
    let line = |tone, key: &str| Line { tone, text: say(key) };
    let mut url = config.url.clone();
    url.set_path("/get");
    TextCard {
        title: say("title"),
        lines: vec![
            line(Tone::Normal, "what"),
            line(Tone::Highlight, "how"),
            line(Tone::Gray, "where"),
        ],
        url,
        button: say("button"),
    }
}

async fn send(wecom: &Wecom, card: &TextCard, ids: &[String], outcome: &mut Outcome) -> anyhow::Result<()> {
    let mut asked = 0_usize;
    for to in ids.chunks(BATCH) {
        let message = Message {
            to: to.to_vec(),
            content: Content::TextCard(card.clone()),
            once_within: Some(ONCE),
        };
        match wecom.send(&message).await {
            Ok(answer) => outcome.note(to, &answer),
            // None of these: the others may be known.
            Err(Error::Code { code: 81013, .. }) => outcome.invalid.extend_from_slice(to),
            Err(error) => {
                let left = ids.len().saturating_sub(asked);
                bail!(
                    "{error}; {left} were not sent to. Try again later: within four hours nobody sees the card twice"
                );
            }
        }
        asked = asked.saturating_add(to.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(id: i64, name: &str, parent: i64) -> Department {
        Department {
            id,
            name: name.to_owned(),
            parent,
            ..Department::default()
        }
    }

    #[test]
    fn a_department_is_found_by_its_id_or_its_whole_name() {
        let all = [
            named(1, "示例公司", 0),
            named(12, "研发部", 1),
            named(13, "研发部", 1),
            named(14, "15", 1),
        ];
        assert_eq!(department(&all, "1").unwrap().id, 1);
        assert_eq!(department(&all, "示例公司").unwrap().id, 1);
        assert_eq!(department(&all, "15").unwrap().id, 14);
        let error = department(&all, "研发部").unwrap_err().to_string();
        assert!(error.contains("(12, 13)"), "{error}");
        let error = department(&all, "研发").unwrap_err().to_string();
        assert!(error.contains("the 4 that"), "{error}");
        let nameless = [named(1, "", 0), named(2, "", 1)];
        assert!(
            department(&nameless, "")
                .unwrap_err()
                .to_string()
                .contains("write the id")
        );
        assert_eq!(department(&nameless, "2").unwrap().id, 2);
    }

    #[test]
    fn nobody_is_written_to_twice_and_upper_case_is_no_other_member() {
        let mut recipients = Recipients::default();
        let signed_in = HashSet::from(["lisi".to_owned()]);
        for (id, status) in [
            ("ZhangSan", Status::Active),
            ("zhangsan", Status::Active),
            ("LiSi", Status::Active),
            ("lisi", Status::Disabled),
            ("wangwu", Status::NotActivated),
            ("zhaoliu", Status::Left),
        ] {
            recipients.add(id, status, &signed_in).unwrap();
        }
        assert_eq!(recipients.ids, ["ZhangSan"]);
        assert_eq!((recipients.signed_in, recipients.gone, recipients.inactive), (1, 1, 1));
    }

    #[test]
    fn every_word_of_the_card_has_room() {
        let config = Config::parse(crate::config::TEMPLATE, "/nowhere".into()).unwrap();
        let card = card(&config);
        assert!(card.button.chars().count() <= 4 && card.title.len() <= 128);
        assert!(card.lines.iter().map(|line| line.text.len() + 40).sum::<usize>() <= 512);
        assert_eq!(card.url.as_str(), "https://mail.example.cn/get");
        for language in [Language::En, Language::ZhTw] {
            assert!(words(language, "bridge.invite.button", &[]).chars().count() <= 4);
        }
    }
}

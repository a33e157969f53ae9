//! kill -9 at random moments under sync and actions: the next start shows every mail and replays every operation.
//!
//! The victim is this test's own executable, started again with [`HOME`] set: it runs the engine and says each action
//! before and after it. `QIYOU_ROUNDS` sets how often it is killed.
// Dovecot serves on Unix alone; what is told here of the engine is told on scripted servers elsewhere as well.
#![cfg(unix)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test did not expect ends it"
)]

mod story;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::result::Result;
use std::sync::Arc;
use std::time::Duration;

use qiyou_api::*;
use qiyou_engine::{Engine, Pace};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use story::{Known, PASSWORD, Story, ZHANGSAN, brisk, dovecot, engine_in, mail, settings};

const HOME: &str = "QIYOU_VICTIM_HOME";
const PORT: &str = "QIYOU_VICTIM_PORT";
const SEED: &str = "QIYOU_VICTIM_SEED";
/// Mails that are there before the first kill.
const MAILS: u32 = 60;
const TEST: &str = "killed_at_any_moment_nothing_is_lost_and_nothing_is_doubled";
const FOLDERS: [(&str, Role); 3] = [("INBOX", Role::Inbox), ("归档", Role::Archive), ("已删除", Role::Trash)];

fn hasty() -> Pace {
    Pace {
        retry: Duration::from_millis(10),
        ..brisk()
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

async fn folder(engine: &Engine, role: Role) -> Option<FolderId> {
    engine
        .folders(None)
        .await
        .unwrap()
        .into_iter()
        .find(|f| f.role == role)
        .map(|f| f.id)
}

/// Acts at random until it is killed. `> subject folder` before a move, `<` after it.
async fn victim(home: &Path) {
    let mut dice = StdRng::seed_from_u64(std::env::var(SEED).unwrap().parse().unwrap());
    let (engine, mut tells) = engine_in(home, Arc::new(Known), hasty()).await;
    if engine.accounts().await.unwrap().is_empty() {
        let port = std::env::var(PORT).unwrap().parse().unwrap();
        engine
            .add(AddParams {
                address: ZHANGSAN.into(),
                name: String::new(),
                color: None,
                settings: settings(port, 1),
                credential: Credential::Password {
                    secret: PASSWORD.into(),
                },
                even_offline: true,
            })
            .await
            .unwrap();
    }
    tokio::spawn(async move { while tells.recv().await.is_some() {} });
    say("ready");
    loop {
        // Some time for the line between two actions.
        let _ = engine.sync(None, dice.random_bool(0.2)).await;
        let (_, from) = FOLDERS[dice.random_range(0..3)];
        let (name, to) = FOLDERS[dice.random_range(0..3)];
        let (Some(from), Some(to)) = (folder(&engine, from).await, folder(&engine, to).await) else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        let rows = story::rows_of(&engine, from).await;
        if rows.is_empty() || from == to {
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        }
        let row = &rows[dice.random_range(0..rows.len())];
        say(&format!("> {} {name}", row.subject));
        let done = engine
            .act(ActParams {
                mails: vec![row.id],
                action: Action::Move { folder: to },
            })
            .await;
        // A mail that went in this very moment is refused; nothing was promised then.
        say(if done.is_ok_and(|done| done.count == 1) {
            "<"
        } else {
            "!"
        });
    }
}

/// Where each mail may be: where the last finished action put it, or where an unfinished one may have.
type May = BTreeMap<String, Vec<String>>;

fn round(home: &Path, port: u16, seed: u64, may: &mut May, dice: &mut StdRng) -> usize {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", TEST, "--nocapture", "--test-threads=1"])
        .env(HOME, home)
        .env(PORT, port.to_string())
        .env(SEED, seed.to_string())
        .env_remove("RUST_LOG")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (lines, said) = std::sync::mpsc::channel();
    let out = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        // A line without its end was not said.
        for line in out.lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    let mut heard = Vec::new();
    loop {
        let line = said.recv_timeout(Duration::from_secs(20)).expect("the victim starts");
        let ready = line.ends_with("ready");
        heard.push(line);
        if ready {
            break;
        }
    }
    // The moment: a time, or a number of lines, so that it also falls right before and after a commit.
    if dice.random_bool(0.5) {
        std::thread::sleep(Duration::from_millis(dice.random_range(0..400)));
    } else {
        for _ in 0..dice.random_range(1..30) {
            heard.push(said.recv_timeout(Duration::from_secs(20)).expect("the victim acts"));
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    heard.extend(said.try_iter());
    let mut open: Option<(String, String)> = None;
    let mut acts = 0;
    for line in heard {
        if let Some((subject, to)) = line.strip_prefix("> ").and_then(|l| l.rsplit_once(' ')) {
            open = Some((subject.to_owned(), to.to_owned()));
        } else if line == "<" {
            let (subject, to) = open.take().unwrap();
            acts += 1;
            may.insert(subject, vec![to]);
        } else if line == "!" {
            open = None;
        }
    }
    if let Some((subject, to)) = open {
        may.entry(subject).or_default().push(to);
    }
    acts
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_nothing_is_lost_and_nothing_is_doubled() {
    if let Ok(home) = std::env::var(HOME) {
        return victim(Path::new(&home)).await;
    }
    let rounds: u64 = std::env::var("QIYOU_ROUNDS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(20);
    let server = dovecot(&[]).await;
    let mut may = May::new();
    for n in 1..=MAILS {
        let subject = format!("mail-{n}");
        server.deliver(ZHANGSAN, &mail(n, &subject, "text")).await.unwrap();
        may.insert(subject, vec!["INBOX".into()]);
    }
    let home = tempfile::tempdir().unwrap();
    let mut dice = StdRng::seed_from_u64(7);
    let mut acts = 0;
    for seed in 0..rounds {
        // Mail comes in as well.
        let n = MAILS + 1 + u32::try_from(seed).unwrap();
        server
            .deliver(ZHANGSAN, &mail(n, &format!("mail-{n}"), "text"))
            .await
            .unwrap();
        may.insert(format!("mail-{n}"), vec!["INBOX".into()]);
        acts += tokio::task::block_in_place(|| round(home.path(), server.imap_port(), seed, &mut may, &mut dice));
    }

    // The next start, this time for good.
    let (engine, tells) = engine_in(home.path(), Arc::new(Known), hasty()).await;
    let waiting = engine.pending_operations().await.unwrap();
    let mut story = Story {
        events: engine.subscribe(),
        engine,
        tells,
        home,
        keychain: Arc::default(),
    };
    story.engine.sync(None, true).await.unwrap();
    story.settled().await;
    story.engine.sync(None, true).await.unwrap();
    let there = story.each_once(&server, &FOLDERS).await;
    assert_eq!(
        there.keys().collect::<Vec<_>>(),
        may.keys().collect::<Vec<_>>(),
        "none lost"
    );
    for (subject, place) in &there {
        assert!(
            may[subject].contains(place),
            "{subject} is in {place}, not in {:?}",
            may[subject]
        );
    }
    eprintln!(
        "{rounds} kills, {acts} actions, {waiting} of them replayed at last, {} mails: 0 lost, 0 doubled",
        there.len()
    );
    assert!(acts > 0);
    story.engine.stop().await;
}

//! Reads every mail below a folder the way the program does, and says how long it took and what failed.
//!
//! `cargo run -p qiyou-mime --example corpus -- FOLDER`
#![allow(clippy::print_stdout, reason = "a command's answer")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

#[derive(Default)]
struct Count {
    mails: usize,
    bytes: usize,
    with_html: usize,
    attachments: usize,
    links: usize,
    remote_pictures: usize,
    damaged_subjects: usize,
    codes: usize,
    summaries: Duration,
    summarised: u32,
}

fn main() {
    let Some(folder) = std::env::args_os().nth(1) else {
        println!("usage: corpus FOLDER");
        std::process::exit(2);
    };
    let mut count = Count::default();
    let mut slowest: Vec<(Duration, PathBuf)> = Vec::new();
    let mut panics: Vec<PathBuf> = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(raw) = std::fs::read(&path) else { continue };
            let start = Instant::now();
            let read = std::panic::catch_unwind(|| read(&raw));
            slowest.push((start.elapsed(), path.clone()));
            slowest.sort_by(|a, b| b.cmp(a));
            slowest.truncate(10);
            match read {
                Ok(one) => count.add(&one),
                Err(_) => panics.push(path),
            }
        }
    }
    println!(
        "{} mails, {} bytes: {} with HTML, {} attachments, {} links, {} remote pictures, {} verification codes, {} subjects with unreadable characters",
        count.mails,
        count.bytes,
        count.with_html,
        count.attachments,
        count.links,
        count.remote_pictures,
        count.codes,
        count.damaged_subjects
    );
    println!(
        "one summary takes {:.2} µs on average",
        count.summaries.as_secs_f64() * 1e6 / f64::from(count.summarised.max(1))
    );
    for (time, path) in &slowest {
        println!("{:>9.3} ms  {}", time.as_secs_f64() * 1e3, path.display());
    }
    println!("{} panics", panics.len());
    for path in &panics {
        println!("  {}", path.display());
    }
    if !panics.is_empty() {
        std::process::exit(1);
    }
}

fn read(raw: &[u8]) -> Count {
    const ROUNDS: u32 = 20;
    let mail = qiyou_mime::parse(raw);
    let start = Instant::now();
    for _ in 0..ROUNDS {
        std::hint::black_box(qiyou_mime::summary(std::hint::black_box(raw)));
    }
    let summaries = start.elapsed();
    let html = mail
        .html
        .clone()
        .unwrap_or_else(|| qiyou_mime::text_to_html(mail.text.as_deref().unwrap_or_default()));
    let link = |number: usize| format!("link:{number}");
    let cid = |id: &str| Some(format!("cid:{id}"));
    let safe = qiyou_mime::sanitise(
        &html,
        &qiyou_mime::Sanitise {
            picture: None,
            link: &link,
            cid: &cid,
        },
    );
    std::hint::black_box(qiyou_mime::preview(mail.text.as_deref(), mail.html.as_deref()));
    let code = qiyou_mime::verification_code(&mail.summary.subject, mail.text.as_deref().unwrap_or_default());
    for part in &mail.parts {
        std::hint::black_box(qiyou_mime::attachment(raw, part.index));
    }
    Count {
        mails: 1,
        bytes: raw.len(),
        with_html: usize::from(mail.html.is_some()),
        attachments: mail.parts.len(),
        links: safe.links.len(),
        remote_pictures: safe.blocked_remote,
        damaged_subjects: usize::from(mail.summary.subject.contains('\u{FFFD}')),
        codes: usize::from(code.is_some()),
        summaries,
        summarised: ROUNDS,
    }
}

impl Count {
    fn add(&mut self, other: &Self) {
        let sum = |mine: &mut usize, more: usize| *mine = mine.saturating_add(more);
        sum(&mut self.mails, other.mails);
        sum(&mut self.bytes, other.bytes);
        sum(&mut self.with_html, other.with_html);
        sum(&mut self.attachments, other.attachments);
        sum(&mut self.links, other.links);
        sum(&mut self.remote_pictures, other.remote_pictures);
        sum(&mut self.damaged_subjects, other.damaged_subjects);
        sum(&mut self.codes, other.codes);
        self.summaries = self.summaries.saturating_add(other.summaries);
        self.summarised = self.summarised.saturating_add(other.summarised);
    }
}

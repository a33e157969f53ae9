//! A mailbox such as people have: years of mail in Chinese and English, in the charsets and shapes that their programs
//! write, threads, newsletters, attachments. The same options give the same bytes.
//!
//! ```no_run
//! use qiyou_testkit::mailbox::{Options, generate};
//! let made = generate(std::path::Path::new("Maildir"), &Options { messages: 5000, ..Options::default() }).unwrap();
//! assert_eq!(made.messages(), 5000);
//! ```
#![allow(clippy::arithmetic_side_effects, reason = "sums of numbers that are made here")]

mod compose;
mod date;
mod dice;
mod files;
mod maildir;
mod people;
mod words;

#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use compose::{Composer, Encoding, Kind};
use dice::Dice;
pub use people::Person;
pub(crate) use people::kin;

/// What a folder is for; it decides who wrote the mails in it and which flags they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Mail of all kinds that was received.
    Received,
    /// Written by the owner.
    Sent,
    /// Begun by the owner.
    Drafts,
    /// Thrown away, of all kinds.
    Trash,
    /// Unasked for.
    Junk,
    /// Newsletters and lists.
    Lists,
}

/// A folder and its share of the mails.
#[derive(Debug, Clone)]
pub struct Folder {
    /// In Unicode, `/` between levels. Without `.`, which divides levels on the disk.
    pub name: String,
    /// Shares; 0 for a folder that stays empty.
    pub weight: u32,
    pub role: Role,
}

/// What to make.
#[derive(Debug, Clone)]
pub struct Options {
    pub messages: usize,
    pub seed: u64,
    /// The time of the newest mail, in seconds since 1970.
    pub end: i64,
    /// Days from the oldest mail to the newest.
    pub days: u32,
    /// Whose mailbox it is.
    pub owner: Person,
    /// INBOX need not be the first but must be there.
    pub folders: Vec<Folder>,
    /// Mails with attachments, of a thousand.
    pub attachments: u32,
}

impl Default for Options {
    fn default() -> Self {
        let folder = |(name, weight, role): (&str, u32, Role)| Folder {
            name: name.to_owned(),
            weight,
            role,
        };
        Self {
            messages: 1000,
            seed: 1,
            // 2026-11-22 09:00 in China.
            end: 1_795_309_200,
            days: 1100,
            owner: Person::owner(),
            folders: [
                ("INBOX", 42, Role::Received),
                ("已发送", 13, Role::Sent),
                ("草稿箱", 1, Role::Drafts),
                ("已删除", 3, Role::Trash),
                ("垃圾邮件", 4, Role::Junk),
                ("归档", 5, Role::Received),
                ("项目/上海二期", 6, Role::Received),
                ("项目/上海二期/验收", 2, Role::Received),
                ("项目/数据中心", 4, Role::Received),
                ("客户/重点客户", 4, Role::Received),
                ("客户/供应商 & 合作方", 2, Role::Received),
                ("财务/发票", 3, Role::Received),
                ("人事通知", 1, Role::Received),
                ("订阅/行业资讯", 6, Role::Lists),
                ("Lists/open-source", 3, Role::Lists),
                ("空文件夹", 0, Role::Received),
            ]
            .into_iter()
            .map(folder)
            .collect(),
            attachments: 80,
        }
    }
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Made {
    /// Every folder with the number of its mails, parents that hold none included.
    pub folders: Vec<(String, usize)>,
    pub unseen: usize,
    pub bytes: u64,
    /// Words to search for, with the number of mails whose subject or text holds them.
    pub needles: Vec<(String, usize)>,
}

impl Made {
    /// All mails.
    pub fn messages(&self) -> usize {
        self.folders.iter().map(|(_, count)| count).sum()
    }
}

/// Stands in the text of every thousandth mail.
pub const NEEDLE: &str = "QIYOUNEEDLE";
/// Stands in the text of every five hundredth mail; its characters are in GBK but not in GB2312.
pub const NEEDLE_ZH: &str = "稀有词镕堃";

/// Writes a Maildir++ as Dovecot reads it into `dir`, which must be empty or not there yet. Names are in modified UTF-7.
///
/// # Errors
/// When the directory holds something, cannot be written, or there is no INBOX.
pub fn generate(dir: &Path, options: &Options) -> Result<Made> {
    ensure!(
        options.folders.iter().any(|f| f.name == "INBOX"),
        "a mailbox without an INBOX is asked for"
    );
    let mut tree = maildir::Tree::create(dir, options.folders.iter().map(|f| f.name.as_str()))
        .with_context(|| format!("create a mailbox in {}", dir.display()))?;
    let mut dice = Dice::new(options.seed);
    let mut composer = Composer::new(&options.owner, &mut dice);
    let total = options.folders.iter().map(|f| f.weight).sum::<u32>().max(1);
    let span = i64::from(options.days) * 86_400;
    let count = i64::try_from(options.messages)?.max(1);
    let mut made = Made::default();
    let mut needles = [0usize; 2];
    for number in 0..options.messages {
        let place = i64::try_from(number)?;
        let time = options.end - span + (span * place + i64::from(dice.below(1000)) * span / 1000) / count;
        let mut left = dice.below(total);
        let folder = options.folders.iter().find(|f| {
            let here = left < f.weight;
            left = left.saturating_sub(f.weight);
            here
        });
        let folder = folder.context("no folder has a share")?;
        let mut extra = Vec::new();
        if number % 1000 == 7 {
            extra.push(format!("{NEEDLE} {number:06}"));
            needles[0] += 1;
        }
        if number % 500 == 3 {
            extra.push(format!("{NEEDLE_ZH}，第 {number} 封。"));
            needles[1] += 1;
        }
        let encoding = Encoding::roll(&mut dice);
        let kind = Kind::roll(&mut dice, folder.role, options.attachments);
        let mail = composer.compose(
            &mut dice,
            &compose::Order {
                kind,
                role: folder.role,
                encoding,
                time,
                number: number as u64,
                extra,
            },
        );
        // Unread mail is recent mail.
        let age = options.end - time;
        let unread_of_thousand = match folder.role {
            Role::Sent | Role::Drafts => 0,
            Role::Lists | Role::Junk => 500,
            _ if age < 2 * 86_400 => 450,
            _ if age < 30 * 86_400 => 60,
            _ => 8,
        };
        let seen = dice.below(1000) >= unread_of_thousand;
        let mut flags = String::new();
        flags.push_str(if folder.role == Role::Drafts { "D" } else { "" });
        flags.push_str(if dice.below(100) < 4 { "F" } else { "" });
        flags.push_str(if folder.role == Role::Received && dice.below(100) < 15 {
            "R"
        } else {
            ""
        });
        flags.push_str(if seen { "S" } else { "" });
        // Keywords, by their letters in `dovecot-keywords`.
        flags.push_str(if dice.below(100) < 3 { "a" } else { "" });
        made.unseen += usize::from(!seen);
        made.bytes += mail.len() as u64;
        tree.add(&folder.name, time, number, &flags, &mail)?;
    }
    made.folders = tree.counts();
    made.needles = vec![(NEEDLE.to_owned(), needles[0]), (NEEDLE_ZH.to_owned(), needles[1])];
    Ok(made)
}

/// The `n`th of an endless row of fresh mails to the owner of [`Options::default`], with CRLF, as it is handed to LMTP at
/// `now` (seconds since 1970). Every sixth brings a verification code.
pub fn mail(n: u64, now: i64) -> Vec<u8> {
    mail_to(&Person::owner(), n, now)
}

/// The same, to somebody else.
pub fn mail_to(owner: &Person, n: u64, now: i64) -> Vec<u8> {
    let mut dice = Dice::new(n.wrapping_mul(0x9E37_79B9).wrapping_add(now.unsigned_abs()));
    let mut composer = Composer::new(owner, &mut dice);
    let kind = match n % 6 {
        0 => Kind::Plain,
        1 => Kind::Html,
        2 => Kind::Code,
        3 => Kind::Attachment,
        4 => Kind::Newsletter,
        _ => Kind::Picture,
    };
    let encoding = Encoding::roll(&mut dice);
    let order = compose::Order {
        kind,
        role: Role::Received,
        encoding,
        time: now,
        number: n.wrapping_add(1_000_000).wrapping_add(now.unsigned_abs() << 20),
        extra: Vec::new(),
    };
    let mail = composer.compose(&mut dice, &order);
    let mut wire = Vec::with_capacity(mail.len() + mail.len() / 40);
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                wire.extend_from_slice(line);
                wire.extend_from_slice(b"\r\n");
            }
            None => wire.extend_from_slice(line),
        }
    }
    wire
}

//! Bounces that are words alone: qmail's, Gmail's of old, those of Coremail and of Tencent's servers.

use super::{Fate, LONGEST_DETAIL, MOST, Outcome, Report, is_original, reason, text_of};
use crate::display::{clip, one_line};
use crate::header::fields;
use crate::html::text::html_to_text;
use crate::mail::Leaf;
use crate::summary::{Summary, message_ids, summary};

/// Bytes of words that are read.
const LONGEST: usize = 64 * 1024;
/// Lines below an address that may say why.
const NEAR: usize = 12;

const DAEMONS: &[&str] = &[
    "mailer-daemon",
    "mail-daemon",
    "maildaemon",
    "mailerdaemon",
    "postmaster",
    "bounce",
];
const SUBJECTS: &[&str] = &[
    "退信",
    "退回",
    "投递失败",
    "投遞失敗",
    "发送失败",
    "未送达",
    "未送達",
    "无法送达",
    "無法傳遞",
    "传递状态",
    "undeliver",
    "delivery failure",
    "delivery failed",
    "delivery status notification",
    "delivery has failed",
    "returned mail",
    "returned to sender",
    "failure notice",
    "mail delivery",
    "delayed mail",
    "email delivery error",
];
/// Before the copy of the original.
const COPIES: &[&str] = &[
    "original message",
    "copy of the message",
    "copy of your message",
    "message header",
    "原邮件内容",
    "原始邮件",
    "原郵件",
];
const AGAIN: &[&str] = &[
    "will be retried",
    "will retry",
    "will continue to try",
    "will keep trying",
    "still being retried",
    "has been delayed",
    "is delayed",
    "warning only",
    "not yet been delivered",
    "继续尝试",
    "继续投递",
    "稍后重试",
    "被延迟",
    "暂未送达",
];

/// Whether a mail's author and subject are those of a bounce.
pub(super) fn sounds_like_one(from: &str, subject: &str) -> bool {
    let local = from.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let subject = subject.to_lowercase();
    DAEMONS.iter().any(|name| local == *name) || SUBJECTS.iter().any(|words| subject.contains(words))
}

/// Reads what a server wrote for people.
pub(super) fn read(block: &[u8], head: &Summary, parts: &[Leaf<'_>], out: &mut Report) {
    out.guessed = true;
    let text = words(parts);
    let (told, copy) = cut(&text);
    if let Some(copy) = copy.filter(|_| out.message_id.is_none()) {
        let original = summary(copy.as_bytes());
        out.message_id = original.message_id.or_else(|| named_id(copy));
        if out.subject.is_empty() {
            out.subject = original.subject;
        }
    }
    if out.message_id.is_none() {
        out.message_id = named_id(told);
    }
    if out.subject.is_empty() {
        out.subject = named_subject(told);
    }
    let low = told.to_lowercase();
    let outcome = if AGAIN.iter().any(|words| low.contains(words)) {
        Outcome::Delayed
    } else {
        Outcome::Failed
    };
    let lines: Vec<&str> = told.lines().collect();
    let ours = |address: &str| {
        head.to
            .iter()
            .chain(&head.from)
            .any(|each| each.address.eq_ignore_ascii_case(address))
    };
    let mut named: Vec<String> = fields(block)
        .filter(|field| field.name.eq_ignore_ascii_case(b"x-failed-recipients"))
        .flat_map(|field| addresses(&String::from_utf8_lossy(&field.unfolded())))
        .collect();
    let sure = !named.is_empty();
    if !sure {
        named = lines.iter().flat_map(|line| addresses(line)).collect();
    }
    for address in named {
        let known = out.fates.iter().any(|fate| fate.address.eq_ignore_ascii_case(&address));
        let local = address.split('@').next().unwrap_or_default().to_ascii_lowercase();
        if known || out.fates.len() >= MOST || (!sure && (ours(&address) || DAEMONS.contains(&local.as_str()))) {
            continue;
        }
        let detail = why(&lines, &address);
        let why = if detail.is_empty() { told } else { &detail };
        let reason = match reason::of(reason::status(why), why) {
            // What the mail says elsewhere, where it speaks of nobody else.
            reason::Reason::Unknown => reason::of(reason::status(told), told),
            reason => reason,
        };
        out.fates.push(Fate {
            address,
            outcome,
            reason,
            detail,
        });
    }
}

/// All that is text, HTML without its looks.
fn words(parts: &[Leaf<'_>]) -> String {
    let mut out = String::new();
    let plain = parts
        .iter()
        .any(|part| part.mime_type == "text/plain" && !part.body.trim_ascii().is_empty());
    for Leaf { mime_type, body } in parts {
        if is_original(mime_type) || out.len() >= LONGEST {
            continue;
        }
        match mime_type.as_str() {
            "text/plain" => out.push_str(&text_of(body)),
            "text/html" if !plain => out.push_str(&html_to_text(&text_of(body))),
            _ => continue,
        }
        out.push('\n');
    }
    clip(&out, LONGEST).to_owned()
}

/// What the server says, and the copy of the original below it.
fn cut(text: &str) -> (&str, Option<&str>) {
    let mut at = 0_usize;
    for line in text.split_inclusive('\n') {
        let low = line.to_lowercase();
        let after = at.saturating_add(line.len());
        let rest = text.get(after..).unwrap_or_default().trim_start();
        let field = rest
            .split_once(':')
            .is_some_and(|(name, _)| !name.is_empty() && name.len() < 60 && !name.contains(char::is_whitespace));
        if COPIES.iter().any(|words| low.contains(words)) && field {
            return (text.get(..at).unwrap_or_default(), Some(rest));
        }
        at = after;
    }
    (text, None)
}

fn named_id(text: &str) -> Option<String> {
    let low = text.to_ascii_lowercase();
    let at = low.find("message-id")?;
    let line = text.get(at..)?.lines().next()?;
    message_ids(line.split_once(':')?.1).into_iter().next()
}

/// What Chinese servers call the mail that came back: `主题：…`.
fn named_subject(text: &str) -> String {
    for line in text.lines() {
        let line = line.trim().trim_start_matches(['*', '-', '|', ' ', '\t']);
        for key in ["邮件主题", "主题", "主題", "主旨", "Subject", "subject"] {
            let Some(rest) = line.strip_prefix(key) else { continue };
            let rest = rest.trim_start();
            if let Some(subject) = rest.strip_prefix([':', '：']) {
                return one_line(subject, 1000);
            }
        }
    }
    String::new()
}

/// Everything in a line that is an address.
fn addresses(line: &str) -> Vec<String> {
    let fit = |c: char| c.is_alphanumeric() && c.is_ascii() || "._%+-=&#'!~^/".contains(c);
    let mut out = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find('@') {
        let (before, after) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let after = after.get(1..).unwrap_or_default();
        let start = before
            .char_indices()
            .rev()
            .take_while(|(_, c)| fit(*c))
            .last()
            .map_or(before.len(), |(at, _)| at);
        let local = before
            .get(start..)
            .unwrap_or_default()
            .trim_start_matches(['.', '\'', '=']);
        let end = after
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'))
            .unwrap_or(after.len());
        let domain = after.get(..end).unwrap_or_default().trim_end_matches(['.', '-']);
        if !local.is_empty() && domain.contains('.') && out.len() < MOST {
            out.push(format!("{local}@{domain}"));
        }
        rest = after;
    }
    out
}

/// What stands beside an address or soon below it and has a server's number in it.
fn why(lines: &[&str], address: &str) -> String {
    let Some(at) = lines.iter().position(|line| line.contains(address)) else {
        return String::new();
    };
    let near: Vec<&str> = lines.iter().skip(at).take(NEAR).copied().collect();
    let number = |line: &&&str| {
        line.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| word.len() == 3 && word.starts_with(['4', '5']) && word.bytes().all(|b| b.is_ascii_digit()))
    };
    let cause = |line: &&&str| line.contains("原因") || line.to_lowercase().contains("reason");
    let found = near
        .iter()
        .position(|line| number(&line))
        .or_else(|| near.iter().position(|line| cause(&line)));
    found.map_or_else(String::new, |from| {
        let said: Vec<&str> = near
            .iter()
            .skip(from)
            .take_while(|line| !line.trim().is_empty())
            .take(4)
            .map(|line| line.trim())
            .collect();
        one_line(&said.join(" "), LONGEST_DETAIL)
    })
}

//! Answers as a person reads them.

use std::fmt::Write;

use qiyou_api::{Account, AccountState, ApiError, Cause, Doctor, Level, Status};
use qiyou_words::{Language, has, say, say_count};

use super::Terminal;

/// The snake-case name that serde gives a unit variant.
pub(crate) fn name_of<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value)
        .unwrap_or_default()
        .trim_matches('"')
        .to_owned()
}

/// What went wrong, why, and what helps.
pub(super) fn cause_words(language: Language, cause: &Cause) -> String {
    let code = name_of(&cause.code);
    let port = cause.port.to_string();
    let args = [
        ("host", cause.host.as_str()),
        ("port", port.as_str()),
        ("detail", cause.detail.as_str()),
    ];
    let mut out = String::new();
    for part in ["title", "why", "fix"] {
        let key = format!("error.cause.{code}.{part}");
        if has(language, &key) {
            let _ = writeln!(out, "{}", say(language, &key, &args));
        }
    }
    if out.is_empty() {
        let _ = writeln!(out, "{code}: {}", cause.detail);
    }
    out.trim_end().to_owned()
}

/// An error in the person's language.
pub(crate) fn error_words(language: Language, error: &ApiError) -> String {
    if let Some(cause) = &error.cause {
        let words = cause_words(language, cause);
        return match error.args.get("shut") {
            Some(_) => format!("{words}\n{}", say(language, "error.shut", &[])),
            None => words,
        };
    }
    let args: Vec<(&str, &str)> = error.args.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let key = format!("error.{}", name_of(&error.code));
    let words = say(language, &key, &args);
    match error.args.get("detail") {
        // The system's own words help whoever has to find out more.
        Some(detail) if !words.contains(detail.as_str()) && !detail.is_empty() => format!("{words} ({detail})"),
        _ => words,
    }
}

fn state(language: Language, account: &Account) -> String {
    match &account.state {
        AccountState::Connecting => say(language, "cli.state.connecting", &[]),
        AccountState::Connected { watch } => say(language, &format!("cli.state.{}", name_of(watch)), &[]),
        AccountState::Offline { cause, .. } => {
            format!(
                "{} {}",
                say(language, "cli.state.offline", &[]),
                cause_words(language, cause)
            )
        }
        AccountState::SignInNeeded { cause } => {
            format!(
                "{} {}",
                say(language, "cli.state.sign_in", &[]),
                cause_words(language, cause)
            )
        }
        AccountState::Paused => say(language, "cli.state.paused", &[]),
    }
}

pub(super) fn accounts(terminal: &Terminal, list: &[Account]) -> String {
    if list.is_empty() {
        return terminal.say("cli.no_accounts", &[]);
    }
    let mut out = String::new();
    for account in list {
        let unread = say_count(terminal.language, "cli.unread", u64::from(account.unread), &[]);
        let _ = writeln!(out, "{:>3}  {}  {}", account.id, account.address, account.name);
        let _ = writeln!(
            out,
            "     {unread} · {}",
            state(terminal.language, account).replace('\n', "\n     ")
        );
    }
    out
}

pub(super) fn status(terminal: &Terminal, status: &Status) -> String {
    let mut out = format!("企邮 {} · pid {}\n", status.version, status.pid);
    if let Some(trouble) = &status.trouble {
        let _ = writeln!(out, "{}", error_words(terminal.language, trouble));
        return out;
    }
    if status.pending_operations > 0 {
        let count = u64::from(status.pending_operations);
        let _ = writeln!(out, "{}", say_count(terminal.language, "cli.operations", count, &[]));
    }
    if !status.tray {
        let _ = writeln!(out, "{}", terminal.say("doctor.tray_absent", &[]));
    }
    out.push_str(&accounts(terminal, &status.accounts));
    out
}

pub(super) fn doctor(terminal: &Terminal, doctor: &Doctor) -> String {
    let mut out = String::new();
    for finding in &doctor.findings {
        let mark = match finding.level {
            Level::Good => "✓",
            Level::Note => "·",
            Level::Bad => "✗",
        };
        let args: Vec<(&str, &str)> = finding.args.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let words = match finding.code.strip_prefix("trouble_") {
            Some(code) => terminal.say(&format!("error.{code}"), &args),
            None => terminal.say(&format!("doctor.{}", finding.code), &args),
        };
        let _ = writeln!(out, "{mark} {words}");
    }
    out
}

//! What the tray shows: made from the accounts, the newest unread mails and the settings.

use qiyou_api::{Account, AccountState, MailRow, Settings};
use qiyou_desktop::{MenuItem, TrayKind, TrayState};
use qiyou_words::{Language, say, say_count};

/// Unread mails in the menu.
pub(crate) const NEWEST: u32 = 5;
/// Characters of a menu line.
const LINE: usize = 48;

fn shortened(text: &str) -> String {
    let mut out: String = text.chars().take(LINE).collect();
    if text.chars().count() > LINE {
        out.push('…');
    }
    out
}

fn state_words(language: Language, account: &Account) -> String {
    let name = account.name.as_str();
    match &account.state {
        AccountState::Connected { .. } if account.unread > 0 => say_count(
            language,
            "tray.account.unread",
            u64::from(account.unread),
            &[("name", name)],
        ),
        AccountState::Connected { .. } => say(language, "tray.account.connected", &[("name", name)]),
        AccountState::Connecting => say(language, "tray.account.connecting", &[("name", name)]),
        AccountState::Offline { .. } => say(language, "tray.account.offline", &[("name", name)]),
        AccountState::SignInNeeded { .. } => say(language, "tray.account.sign_in", &[("name", name)]),
        AccountState::Paused => say(language, "tray.account.paused", &[("name", name)]),
    }
}

/// Which picture: a needed sign-in before all else, then the pause, then the line, then the number.
pub(crate) fn kind(accounts: &[Account], paused: bool, trouble: bool) -> TrayKind {
    let unread = accounts.iter().map(|a| a.unread).fold(0, u32::saturating_add);
    let connected = |a: &Account| matches!(a.state, AccountState::Connected { .. });
    if trouble
        || accounts
            .iter()
            .any(|a| matches!(a.state, AccountState::SignInNeeded { .. }))
    {
        TrayKind::SignIn
    } else if paused {
        TrayKind::Paused
    } else if !accounts.is_empty() && !accounts.iter().any(connected) {
        TrayKind::Offline
    } else if unread > 0 {
        TrayKind::Unread(unread)
    } else {
        TrayKind::Connected
    }
}

/// The whole tray.
pub(crate) fn state(
    language: Language,
    accounts: &[Account],
    newest: &[MailRow],
    settings: &Settings,
    now: i64,
    trouble: Option<&str>,
    webmail: bool,
) -> TrayState {
    let paused = settings.paused_until.is_some_and(|until| until > now);
    let line = |key: &str| say(language, key, &[]);
    let mut tooltip = vec![line("app.name")];
    let mut menu = Vec::new();
    if let Some(trouble) = trouble {
        tooltip.push(trouble.to_owned());
        menu.extend([MenuItem::note(shortened(trouble)), MenuItem::Separator]);
    }
    for row in newest {
        let who = if row.from.name.is_empty() {
            &row.from.address
        } else {
            &row.from.name
        };
        let subject = if row.subject.is_empty() {
            line("mail.no_subject")
        } else {
            row.subject.clone()
        };
        let words = if settings.privacy {
            who.clone()
        } else {
            format!("{who}  {subject}")
        };
        menu.push(MenuItem::new(format!("mail:{}", row.id), shortened(&words)));
    }
    if !newest.is_empty() {
        menu.push(MenuItem::Separator);
    }
    for account in accounts {
        let words = state_words(language, account);
        tooltip.push(words.clone());
        let id = format!("account:{}", account.id);
        menu.push(match account.state {
            AccountState::SignInNeeded { .. } => MenuItem::new(id, shortened(&words)),
            _ => MenuItem::note(shortened(&words)),
        });
    }
    if accounts.is_empty() && trouble.is_none() {
        menu.push(MenuItem::new("open", line("tray.add_account")));
    }
    menu.push(MenuItem::Separator);
    menu.push(MenuItem::new("open", line("tray.open")));
    menu.push(MenuItem::new("write", line("tray.write")));
    menu.push(MenuItem::new("sync", line("tray.sync")));
    if webmail {
        menu.push(MenuItem::new("webmail", line("tray.webmail")));
    }
    menu.push(if paused {
        MenuItem::new("resume", line("tray.resume"))
    } else {
        MenuItem::submenu(
            line("tray.pause"),
            vec![
                MenuItem::new("pause:hour", line("tray.pause.hour")),
                MenuItem::new("pause:tomorrow", line("tray.pause.tomorrow")),
            ],
        )
    });
    menu.push(MenuItem::check("bubbles", line("tray.bubbles"), settings.bubbles));
    menu.push(MenuItem::Separator);
    menu.push(MenuItem::new("quit", line("tray.quit")));
    TrayState {
        kind: kind(accounts, paused, trouble.is_some()),
        tooltip,
        menu,
    }
}

#[cfg(test)]
mod tests;

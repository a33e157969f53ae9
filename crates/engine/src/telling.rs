//! Which new mail a person is told of, and how. Pure rules; the agent shows.

use qiyou_api::{MailRow, Settings, Tell, TellMail, Telling};

/// Mails at once above which one summary is shown.
const MOST_AT_ONCE: usize = 4;

/// What is known besides the mails themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances {
    pub(crate) telling: Telling,
    /// Unix seconds.
    pub(crate) now: i64,
    /// Minutes after local midnight.
    pub(crate) minutes: u16,
    pub(crate) weekend: bool,
    /// The mails came while nobody watched: first sync, or a first look after sleep or a lost line.
    pub(crate) caught_up: bool,
}

fn quiet(settings: &Settings, at: &Circumstances) -> bool {
    if settings.paused_until.is_some_and(|until| until > at.now) {
        return true;
    }
    let Some(hours) = settings.quiet else { return false };
    if hours.weekends && at.weekend {
        return true;
    }
    if hours.from <= hours.to {
        (hours.from..hours.to).contains(&at.minutes)
    } else {
        at.minutes >= hours.from || at.minutes < hours.to
    }
}

/// Decides. `rows` came to one folder at once, newest last; `codes` finds a verification code in a row.
pub(crate) fn decide(
    settings: &Settings,
    at: &Circumstances,
    rows: &[MailRow],
    code: impl Fn(&MailRow) -> Option<String>,
) -> Option<Tell> {
    let vip = |row: &MailRow| {
        settings
            .vips
            .iter()
            .any(|vip| vip.eq_ignore_ascii_case(&row.from.address))
    };
    let silent = at.telling != Telling::Bubble || !settings.bubbles || quiet(settings, at);
    let fresh: Vec<&MailRow> = rows
        .iter()
        .filter(|row| row.unread && !row.draft)
        .filter(|row| !silent || vip(row))
        .collect();
    let newest = *fresh.last()?;
    if fresh.len() > MOST_AT_ONCE || (at.caught_up && fresh.len() > 1) {
        return Some(Tell::Summary {
            account: newest.account,
            folder: newest.folder,
            count: u32::try_from(fresh.len()).unwrap_or(u32::MAX),
            newest: Box::new(newest.clone()),
        });
    }
    let mails = fresh
        .into_iter()
        .map(|row| TellMail {
            row: row.clone(),
            code: if settings.codes { code(row) } else { None },
        })
        .collect();
    Some(Tell::Mails {
        account: newest.account,
        mails,
    })
}

#[cfg(test)]
mod tests;

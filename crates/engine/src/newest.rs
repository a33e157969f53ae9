//! The newest mails of a folder on the server, where a search cannot be relied on.

use qiyou_imap::{Error, MailboxName, Search, SelectOptions, Session, UidSet};

/// Selects a folder; the UIDs of its newest mails, about `most`.
pub(crate) async fn newest(
    session: &mut Session,
    name: &MailboxName,
    read_only: bool,
    most: u32,
) -> Result<UidSet, Error> {
    let options = SelectOptions {
        read_only,
        ..SelectOptions::default()
    };
    let selected = session.select(name, options).await?;
    if selected.exists == 0 {
        return Ok(UidSet::default());
    }
    if let Some(next) = selected.uidnext {
        return Ok(UidSet::range(
            next.saturating_sub(most).max(1),
            next.saturating_sub(1).max(1),
        ));
    }
    // Coremail hides it.
    let all = session.uid_search(&Search::All).await?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    Ok(all.into_iter().rev().take(most).collect())
}

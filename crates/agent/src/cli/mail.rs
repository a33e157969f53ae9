//! Folders and mails by command line.

use std::fmt::Write;
use std::time::Duration;

use clap::{Args, ValueEnum};
use qiyou_api::{
    ActParams, Action, ApiError, Body, BodyParams, ErrorCode, Event, Filter, Folder, FoldersParams, ListParams, MailId,
    MailParams, MailRow, Nothing, Role, Scope, call,
};

use super::accounts::find;
use super::{Terminal, show};

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Folder: its number, its path, or a role such as inbox, sent, archive. All inboxes unless given.
    folder: Option<String>,
    /// Only of this account (address or number).
    #[arg(long)]
    account: Option<String>,
    #[arg(long, value_enum, default_value = "all")]
    filter: Which,
    #[arg(long, default_value_t = 0)]
    offset: u32,
    #[arg(long, default_value_t = 20)]
    limit: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    All,
    Unread,
    Starred,
    Attachments,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    mail: MailId,
    /// The mail as the server has it.
    #[arg(long)]
    source: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Act {
    #[arg(value_enum)]
    action: What,
    #[arg(required = true)]
    mails: Vec<MailId>,
    /// For deleting from the trash, which is for ever.
    #[arg(long)]
    for_ever: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    Read,
    Unread,
    Star,
    Unstar,
    Archive,
    Delete,
    Junk,
    NotJunk,
}

fn named(terminal: &Terminal, folder: &Folder) -> String {
    match folder.role {
        Role::None => folder.path.clone(),
        role => terminal.say(&format!("role.{}", show::name_of(&role)), &[]),
    }
}

async fn all(terminal: &Terminal, account: Option<&str>) -> Result<Vec<Folder>, ApiError> {
    let account = match account {
        Some(account) => Some(find(terminal, account).await?.id),
        None => None,
    };
    terminal.client.call(call::FoldersList, FoldersParams { account }).await
}

pub(super) async fn folders(terminal: &Terminal, account: Option<&str>) -> Result<(), ApiError> {
    let list = all(terminal, account).await?;
    terminal.print(&list, |t| {
        let mut out = String::new();
        for folder in &list {
            let _ = writeln!(
                out,
                "{:>4} {:>6} {:>7}  {}",
                folder.id,
                folder.unread,
                folder.total,
                named(t, folder)
            );
        }
        out
    });
    Ok(())
}

fn date(at: i64) -> String {
    jiff::Timestamp::from_second(at)
        .map(|stamp| {
            stamp
                .to_zoned(jiff::tz::TimeZone::system())
                .strftime("%Y-%m-%d %H:%M")
                .to_string()
        })
        .unwrap_or_default()
}

fn line(row: &MailRow) -> String {
    let mark = |on: bool, mark: char| if on { mark } else { ' ' };
    let who = if row.from.name.is_empty() {
        &row.from.address
    } else {
        &row.from.name
    };
    format!(
        "{:>7} {}{}{} {}  {who}  {}",
        row.id,
        mark(row.unread, '●'),
        mark(row.starred, '★'),
        mark(row.attachments, '@'),
        date(row.date),
        row.subject
    )
}

pub(super) async fn list(terminal: &Terminal, list: List) -> Result<(), ApiError> {
    let scope = match &list.folder {
        None => Scope::Unified,
        Some(wanted) => {
            let folders = all(terminal, list.account.as_deref()).await?;
            let id = wanted.parse().ok();
            let found = folders
                .iter()
                .find(|f| Some(f.id) == id || f.path == *wanted || show::name_of(&f.role) == wanted.to_lowercase());
            Scope::Folder {
                folder: found.ok_or_else(|| ApiError::new(ErrorCode::NotFound))?.id,
            }
        }
    };
    let filter = match list.filter {
        Which::All => Filter::All,
        Which::Unread => Filter::Unread,
        Which::Starred => Filter::Starred,
        Which::Attachments => Filter::Attachments,
    };
    let params = ListParams {
        scope,
        filter,
        sort: qiyou_api::Sort::default(),
        offset: list.offset,
        limit: list.limit,
    };
    let page = terminal.client.call(call::MailList, params).await?;
    terminal.print(&page, |_| {
        let mut out = String::new();
        for row in &page.rows {
            let _ = writeln!(out, "{}", line(row));
        }
        out
    });
    Ok(())
}

/// The body, waited for while it is fetched.
async fn body(terminal: &mut Terminal, mail: MailId) -> Result<Body, ApiError> {
    terminal.client.call(call::Subscribe, Nothing {}).await?;
    let params = || BodyParams {
        whole: true,
        ..BodyParams::of(mail)
    };
    let waiting = async {
        loop {
            match terminal.client.call(call::MailBody, params()).await? {
                Body::Fetching => {}
                ready => return Ok(ready),
            }
            loop {
                match terminal.events.recv().await {
                    Some((_, Event::BodyArrived { mail: arrived })) if arrived == mail => break,
                    Some((_, Event::Overflow)) => break,
                    Some(_) => {}
                    None => return Err(ApiError::new(ErrorCode::Internal)),
                }
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(90), waiting)
        .await
        .map_err(|_| ApiError::new(ErrorCode::Offline))?
}

/// Markup out of a body that the sanitiser has made: tags go, blocks end lines.
fn plain(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let Some((tag, tail)) = after.split_once('>') else {
            break;
        };
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        if name.eq_ignore_ascii_case("style") && !tag.starts_with('/') {
            rest = tail.split_once("</style>").map_or("", |(_, tail)| tail);
            continue;
        }
        if ["p", "br", "div", "tr", "li", "h1", "h2", "h3", "blockquote"].contains(&name.to_lowercase().as_str())
            && !out.ends_with('\n')
        {
            out.push('\n');
        }
        rest = tail;
    }
    out.push_str(rest);
    let out = out.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">");
    out.replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

pub(super) async fn show(terminal: &mut Terminal, wanted: Show) -> Result<(), ApiError> {
    let params = || MailParams { mail: wanted.mail };
    if wanted.source {
        let source = terminal.client.call(call::MailSource, params()).await?;
        terminal.print(&source, |_| source.text.clone());
        return Ok(());
    }
    let mail = terminal.client.call(call::MailGet, params()).await?;
    let body = body(terminal, wanted.mail).await?;
    let answer = serde_json::json!({ "mail": mail, "body": body });
    terminal.print(&answer, |t| {
        let mut out = format!("{}\n{}\n", mail.row.subject, line(&mail.row));
        for attachment in &mail.attachments {
            let _ = writeln!(out, "  @{} {} ({})", attachment.index, attachment.name, attachment.size);
        }
        out.push('\n');
        match &body {
            Body::Ready { html, .. } => out.push_str(plain(html).trim()),
            Body::Failed { error } => out.push_str(&show::error_words(t.language, error)),
            Body::Fetching => {}
        }
        out
    });
    Ok(())
}

pub(super) async fn act(terminal: &Terminal, act: Act) -> Result<(), ApiError> {
    let action = match act.action {
        What::Read => Action::MarkRead,
        What::Unread => Action::MarkUnread,
        What::Star => Action::Star,
        What::Unstar => Action::Unstar,
        What::Archive => Action::Archive,
        What::Delete => Action::Delete {
            confirmed: act.for_ever,
        },
        What::Junk => Action::Junk,
        What::NotJunk => Action::NotJunk,
    };
    let done = terminal
        .client
        .call(
            call::MailAct,
            ActParams {
                mails: act.mails,
                action,
            },
        )
        .await?;
    terminal.print(&done, |t| t.say("cli.done", &[("count", &done.count.to_string())]));
    Ok(())
}

//! The command line: a client like any other, complete enough to set up and measure everything without a window.
#![allow(clippy::print_stdout, reason = "printing is what a command line is for")]

mod accounts;
mod compose;
mod mail;
mod outbox;
mod show;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use qiyou_api::{ApiError, Client, ClientError, Event, Nothing, SyncParams, call};
use qiyou_words::{Language, say};
use tokio::sync::mpsc;

pub(crate) use show::error_words;

/// 企邮 / Qiyou. Without a command: the agent itself, in the foreground.
#[derive(Debug, Parser)]
#[command(name = "qiyou-agent", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    /// Answers as JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Language of the answers: zh-CN or en; the system's unless said.
    #[arg(long, global = true, value_name = "LANG")]
    lang: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// How the agent and its accounts stand.
    Status,
    /// Lists, adds, tests, changes and removes accounts.
    Accounts {
        #[command(subcommand)]
        command: Option<accounts::Command>,
    },
    /// Folders with their numbers.
    Folders {
        /// Only of this account (address or number).
        #[arg(long)]
        account: Option<String>,
    },
    /// Mails of a folder, newest first.
    List(mail::List),
    /// One mail with its text.
    Show(mail::Show),
    /// Does something with mails: read, unread, star, unstar, archive, delete, junk, not-junk.
    Act(mail::Act),
    /// Sends the mail of a file; prints its number in the outbox.
    Send(outbox::Send),
    /// The mails on their way out; with a number, decides about one.
    Outbox(outbox::Outbox),
    /// Takes the last action back.
    Undo,
    /// Looks at the servers now and waits until all is read.
    Sync,
    /// Prints events as JSON lines with monotonic nanoseconds, until interrupted.
    Watch {
        /// Ends after so many events.
        #[arg(long)]
        count: Option<u64>,
    },
    /// Examines the installation and says what helps.
    Doctor,
    /// Brings the window up.
    Open { mail: Option<i64> },
    /// Brings the window up to write: `mailto:lisi@example.com?subject=hello`, or to nobody yet.
    Compose(compose::Compose),
    /// Follows the link of a bubble (used by Windows).
    #[command(hide = true)]
    Link { url: String },
    /// Ends the agent.
    Quit,
}

impl Cli {
    /// The language that was asked for.
    pub(crate) fn language(&self) -> Option<Language> {
        self.lang.as_deref().map(Language::of_locale)
    }
}

/// A client at the terminal.
pub(crate) struct Terminal {
    pub(crate) client: Client,
    pub(crate) events: mpsc::Receiver<(u64, Event)>,
    pub(crate) json: bool,
    pub(crate) language: Language,
}

impl Terminal {
    pub(crate) fn say(&self, key: &str, args: &[(&str, &str)]) -> String {
        say(self.language, key, args)
    }

    /// Prints an answer: as JSON, or as the words that `words` makes of it.
    pub(crate) fn print<T: serde::Serialize>(&self, answer: &T, words: impl FnOnce(&Self) -> String) {
        if self.json {
            println!("{}", serde_json::to_string_pretty(answer).unwrap_or_default());
        } else {
            let words = words(self);
            if !words.is_empty() {
                println!("{}", words.trim_end());
            }
        }
    }
}

/// Runs one command. A failed request ends with code 1 and its words on stderr.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let language = cli.language().unwrap_or_else(crate::words::system);
    let Some(command) = cli.command else {
        return Ok(ExitCode::SUCCESS);
    };
    // What only asks or ends must not start an agent first.
    let start = !matches!(command, Command::Quit);
    let (client, events) = match crate::start::connect(start).await {
        Ok(connected) => connected,
        Err(error)
            if error
                .downcast_ref::<ClientError>()
                .is_some_and(|e| matches!(e, ClientError::Unreachable(..))) =>
        {
            println!("{}", say(language, "agent.not_running", &[]));
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => return Err(error),
    };
    let mut terminal = Terminal {
        client,
        events,
        json: cli.json,
        language,
    };
    match dispatch(&mut terminal, command).await {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => {
            if terminal.json {
                eprintln!("{}", serde_json::to_string(&error).unwrap_or_default());
            } else {
                eprintln!("{}", error_words(language, &error));
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn dispatch(terminal: &mut Terminal, command: Command) -> Result<(), ApiError> {
    let nothing = Nothing {};
    match command {
        Command::Status => {
            let status = terminal.client.call(call::Status, nothing).await?;
            terminal.print(&status, |t| show::status(t, &status));
        }
        Command::Accounts { command } => accounts::run(terminal, command).await?,
        Command::Folders { account } => mail::folders(terminal, account.as_deref()).await?,
        Command::List(list) => mail::list(terminal, list).await?,
        Command::Show(mail) => mail::show(terminal, mail).await?,
        Command::Act(act) => mail::act(terminal, act).await?,
        Command::Send(send) => outbox::send(terminal, send).await?,
        Command::Outbox(outbox) => outbox::run(terminal, outbox).await?,
        Command::Undo => {
            let done = terminal
                .client
                .call(call::Undo, qiyou_api::UndoParams::default())
                .await?;
            terminal.print(&done, |t| t.say("cli.done", &[("count", &done.count.to_string())]));
        }
        Command::Sync => {
            terminal
                .client
                .call(
                    call::Sync,
                    SyncParams {
                        account: None,
                        wait: true,
                    },
                )
                .await?;
        }
        Command::Watch { count } => watch(terminal, count).await?,
        Command::Doctor => {
            let doctor = terminal.client.call(call::Doctor, nothing).await?;
            terminal.print(&doctor, |t| show::doctor(t, &doctor));
        }
        Command::Open { mail } => {
            terminal.client.call(call::Open, qiyou_api::OpenParams { mail }).await?;
        }
        Command::Compose(compose) => compose::compose(terminal, compose).await?,
        Command::Link { url } => {
            terminal.client.call(call::Link, qiyou_api::LinkParams { url }).await?;
        }
        Command::Quit => {
            terminal.client.call(call::Quit, nothing).await?;
        }
    }
    Ok(())
}

async fn watch(terminal: &mut Terminal, count: Option<u64>) -> Result<(), ApiError> {
    use std::io::Write;
    terminal.client.call(call::Subscribe, Nothing {}).await?;
    let mut left = count.unwrap_or(u64::MAX);
    while left > 0 {
        let Some((at, event)) = terminal.events.recv().await else {
            break;
        };
        let line = serde_json::json!({ "at": at, "event": event });
        // Somebody reads along: each line is out before the next is awaited.
        let mut out = std::io::stdout().lock();
        if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
            break;
        }
        left = left.saturating_sub(1);
    }
    Ok(())
}

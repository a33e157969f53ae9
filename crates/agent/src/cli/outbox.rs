//! Sending by command line.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use qiyou_api::{
    ApiError, Decision, ErrorCode, Nothing, OutboxActParams, OutboxEntry, OutboxId, OutboxState, SendParams, call,
};

use super::accounts::find;
use super::{Terminal, show};

#[derive(Debug, Args)]
pub(crate) struct Send {
    /// A file that holds the whole mail with its header; Bcc is taken out.
    #[arg(long, value_name = "FILE")]
    eml: PathBuf,
    /// The account that sends it (address or number); that of its From unless given.
    #[arg(long)]
    account: Option<String>,
    /// Seconds until it goes, in which it can be withdrawn.
    #[arg(long, default_value_t = 0)]
    delay: u32,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("decision").requires("id"))]
pub(crate) struct Outbox {
    /// Number of the mail that is decided about.
    id: Option<OutboxId>,
    /// It shall not go.
    #[arg(long, group = "decision")]
    withdraw: bool,
    /// It goes now, a second time if need be.
    #[arg(long, group = "decision")]
    send: bool,
    /// It went; its copy is put into the sent-box.
    #[arg(long, group = "decision")]
    went: bool,
}

pub(super) async fn send(terminal: &Terminal, send: Send) -> Result<(), ApiError> {
    let account = match &send.account {
        Some(account) => Some(find(terminal, account).await?.id),
        None => None,
    };
    // The agent has a working directory of its own.
    let file = std::path::absolute(&send.eml)
        .map_err(|error| ApiError::new(ErrorCode::FileNotReadable).with("detail", error.to_string()))?;
    let params = SendParams {
        account,
        file: file.to_string_lossy().into_owned(),
        delay: send.delay,
    };
    let entry = terminal.client.call(call::OutboxSend, params).await?;
    terminal.print(&entry, |_| entry.id.to_string());
    Ok(())
}

pub(super) async fn run(terminal: &Terminal, outbox: Outbox) -> Result<(), ApiError> {
    let decision = match (outbox.withdraw, outbox.send, outbox.went) {
        (true, ..) => Some(Decision::Withdraw),
        (_, true, _) => Some(Decision::Send),
        (.., true) => Some(Decision::Went),
        _ => None,
    };
    if let Some((id, decision)) = outbox.id.zip(decision) {
        let after = terminal
            .client
            .call(call::OutboxAct, OutboxActParams { id, decision })
            .await?;
        terminal.print(&after, |t| after.iter().map(|entry| words(t, entry)).collect());
        return Ok(());
    }
    let mut list = terminal.client.call(call::OutboxList, Nothing {}).await?;
    if let Some(id) = outbox.id {
        list.retain(|entry| entry.id == id);
        if list.is_empty() {
            return Err(ApiError::new(ErrorCode::NotFound));
        }
    }
    terminal.print(&list, |t| {
        if list.is_empty() {
            return t.say("cli.outbox.empty", &[]);
        }
        list.iter().map(|entry| words(t, entry)).collect()
    });
    Ok(())
}

fn words(terminal: &Terminal, entry: &OutboxEntry) -> String {
    let state = terminal.say(&format!("cli.outbox.{}", show::name_of(&entry.state)), &[]);
    let mut out = format!(
        "{:>4}  {state}  {}  → {}\n",
        entry.id,
        entry.subject,
        entry.recipients.join(", ")
    );
    for refused in &entry.refused {
        let _ = writeln!(out, "      {}: {} {}", refused.address, refused.code, refused.text);
    }
    if let Some(cause) = entry.cause.as_ref().filter(|_| entry.state != OutboxState::Sent) {
        let why = show::cause_words(terminal.language, cause);
        let _ = writeln!(out, "      {}", why.replace('\n', "\n      "));
    }
    out
}

//! The window is another program; it is started, or asked to come up.

use std::process::{Command, Stdio};

use qiyou_api::{DraftId, MailId};

#[cfg(windows)]
const WINDOW: &str = "qiyou.exe";
#[cfg(not(windows))]
const WINDOW: &str = "qiyou";

/// Starts the window on a mail. One that runs already takes this over (single instance). `token` lets it come to the
/// front where the desktop guards that (XDG activation).
pub(crate) fn window(mail: Option<MailId>, token: Option<&str>) -> std::io::Result<()> {
    let number = mail.map(|mail| mail.to_string());
    match &number {
        Some(number) => start(&["--mail", number], token),
        None => start(&[], token),
    }
}

/// Starts the window to write to a `mailto:` address (RFC 6068).
pub(crate) fn to_write(address: &str, token: Option<&str>) -> std::io::Result<()> {
    start(&[address], token)
}

/// Starts the window of a draft.
pub(crate) fn draft(id: DraftId) -> std::io::Result<()> {
    start(&["--draft", &id.to_string()], None)
}

fn start(arguments: &[&str], token: Option<&str>) -> std::io::Result<()> {
    let folder = std::env::current_exe()?;
    let folder = folder
        .parent()
        .ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))?;
    let mut command = Command::new(folder.join(WINDOW));
    command.args(arguments);
    if let Some(token) = token {
        command
            .env("XDG_ACTIVATION_TOKEN", token)
            .env("DESKTOP_STARTUP_ID", token);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    // Somebody has to take its exit status, or it stays a zombie as long as the agent lives.
    std::thread::Builder::new()
        .name("window".into())
        .stack_size(64 * 1024)
        .spawn(move || {
            let _ = child.wait();
        })?;
    Ok(())
}

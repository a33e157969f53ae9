//! What the page may ask of its host. `ui/src/host/` is the other side.
#![expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over states, windows and channels by value"
)]

use qiyou_api::{
    ApiError, Body, ContactsImportParams, ContactsImported, DraftAttachParams, DraftId, ErrorCode, Event, MailId, call,
};
use qiyou_frame::{Theme, View};
use serde::Serialize;
use serde_json::value::RawValue;
use tauri::ipc::Channel;
use tauri::{AppHandle, State, WebviewWindow};
use tokio::sync::broadcast::error::RecvError;

use crate::agent::Agent;
use crate::pages::Pages;
use crate::{bodies, outside, window};

/// Answer to `start`.
#[derive(Serialize)]
pub(crate) struct Start {
    /// The mail that the window was opened for.
    mail: Option<MailId>,
    /// The window shows this one mail and nothing else.
    alone: bool,
    /// The window shows this draft and nothing else.
    draft: Option<DraftId>,
    /// A `mailto:` address that the window was opened for.
    mailto: Option<String>,
    /// `linux`, `windows`, `macos`.
    platform: &'static str,
}

/// What comes to the page without being asked.
#[derive(Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Told {
    Event {
        /// The agent's monotonic clock in nanoseconds; 0 when the host itself speaks.
        at: u64,
        event: Box<Event>,
    },
    Mailto {
        mailto: String,
    },
}

impl Told {
    fn own(event: Event) -> Self {
        Self::Event {
            at: 0,
            event: Box::new(event),
        }
    }
}

/// First words of the page.
#[tauri::command]
pub(crate) fn start(window: WebviewWindow, pages: State<'_, Pages>) -> Start {
    let alone = window::mail_of(window.label());
    Start {
        mail: alone.or_else(|| pages.take_mail(window.label())),
        alone: alone.is_some(),
        draft: window::draft_of(window.label()),
        mailto: pages.take_mailto(window.label()),
        platform: std::env::consts::OS,
    }
}

/// Requests that name a file to be read: a page that fell into foreign hands must not have files sent away.
const NOT_FOR_PAGES: [&str; 3] = ["outbox.send", "draft.attach", "contacts.import"];

fn refused(method: &str) -> Option<ApiError> {
    NOT_FOR_PAGES
        .contains(&method)
        .then(|| ApiError::new(ErrorCode::BadRequest).with("detail", format!("{method} is not for pages")))
}

/// One request of the api, passed on as it is.
#[tauri::command]
pub(crate) async fn call(
    agent: State<'_, Agent>,
    method: String,
    params: Box<RawValue>,
) -> Result<Box<RawValue>, ApiError> {
    match refused(&method) {
        Some(error) => Err(error),
        None => agent.call(&method, params).await,
    }
}

/// From now on events go to `channel`; an earlier channel of this page falls silent.
#[tauri::command]
pub(crate) fn subscribe(
    window: WebviewWindow,
    agent: State<'_, Agent>,
    pages: State<'_, Pages>,
    channel: Channel<Told>,
) {
    let label = window.label();
    // A window of one mail stays on it, whatever the others are asked for.
    let alone = window::mail_of(label).is_some() || window::draft_of(label).is_some();
    let mut events = agent.events();
    if let Some(mail) = pages.take_mail(label) {
        let _ = channel.send(Told::own(Event::Open { mail: Some(mail) }));
    }
    let out = channel.clone();
    let task = tauri::async_runtime::spawn(async move {
        loop {
            let told = match events.recv().await {
                Ok((_, Event::Open { .. })) if alone => continue,
                Ok((at, event)) => Told::Event {
                    at,
                    event: Box::new(event),
                },
                Err(RecvError::Lagged(_)) => Told::own(Event::Overflow),
                Err(RecvError::Closed) => return,
            };
            if out.send(told).is_err() {
                return;
            }
        }
    });
    pages.listens(label, channel, task);
}

/// What is known of a mail's text, as the sealed document around it, to be put into a frame without scripts.
#[tauri::command]
pub(crate) async fn body(
    app: AppHandle,
    mail: MailId,
    remote: bool,
    dark: bool,
    whole: bool,
) -> Result<Body, ApiError> {
    let theme = if dark { Theme::Dark } else { Theme::Light };
    bodies::body(&app, mail, View { remote, theme, whole }).await
}

/// The original that a draft quotes, as the sealed document around it.
#[tauri::command]
pub(crate) async fn draft_quote(app: AppHandle, draft: DraftId, remote: bool, dark: bool) -> Result<Body, ApiError> {
    let theme = if dark { Theme::Dark } else { Theme::Light };
    let view = View {
        remote,
        theme,
        whole: true,
    };
    bodies::quote(&app, draft, view).await
}

/// Where a chosen file lies; the api knows paths in UTF-8 alone.
fn path_of(file: &rfd::FileHandle) -> Result<String, ApiError> {
    let path = file.path().to_str().map(str::to_owned);
    path.ok_or_else(|| ApiError::new(ErrorCode::FileNotReadable).with("detail", file.file_name()))
}

/// Asks for files and attaches them. The page never learns where they lie, and cannot name any.
#[tauri::command]
pub(crate) async fn attach_dialog(
    window: WebviewWindow,
    agent: State<'_, Agent>,
    draft: DraftId,
) -> Result<(), ApiError> {
    let chosen = rfd::AsyncFileDialog::new().set_parent(&window).pick_files().await;
    let client = agent.client().await?;
    for file in chosen.unwrap_or_default() {
        let path = path_of(&file)?;
        client
            .call(call::DraftAttach, DraftAttachParams { id: draft, path })
            .await?;
    }
    Ok(())
}

/// Asks for a file of contacts and has it read. The page never learns where it lies, and cannot name any.
#[tauri::command]
pub(crate) async fn import_contacts(
    window: WebviewWindow,
    agent: State<'_, Agent>,
) -> Result<Option<ContactsImported>, ApiError> {
    let chosen = rfd::AsyncFileDialog::new()
        .add_filter("vCard, CSV", &["vcf", "vcard", "csv", "txt"])
        .set_parent(&window)
        .pick_file()
        .await;
    let Some(file) = chosen else { return Ok(None) };
    let path = path_of(&file)?;
    let client = agent.client().await?;
    Ok(Some(
        client.call(call::ContactsImport, ContactsImportParams { path }).await?,
    ))
}

/// Shows a draft in a window of its own.
#[tauri::command]
pub(crate) async fn open_draft(app: AppHandle, draft: DraftId) -> Result<(), ApiError> {
    window::open_draft(&app, draft).map_err(|error| {
        tracing::warn!(%error, "a window was not opened");
        ApiError::new(ErrorCode::Internal).with("detail", error.to_string())
    })
}

/// Opens a web page or a mail address with the system's program for it.
#[tauri::command]
pub(crate) fn open_external(url: &str) -> Result<(), ApiError> {
    outside::open(url)
}

/// Shows a mail in a window of its own.
#[tauri::command]
pub(crate) async fn open_mail(app: AppHandle, mail: MailId) -> Result<(), ApiError> {
    window::open_mail(&app, mail).map_err(|error| {
        tracing::warn!(%error, "a window was not opened");
        ApiError::new(ErrorCode::Internal).with("detail", error.to_string())
    })
}

/// Asks where a file shall be written. Nothing when the person changed their mind.
#[tauri::command]
pub(crate) async fn save_dialog(window: WebviewWindow, name: String) -> Option<String> {
    let dialog = rfd::AsyncFileDialog::new()
        .set_file_name(outside::file_name(&name))
        .set_parent(&window);
    let file = dialog.save_file().await?;
    file.path().to_str().map(str::to_owned)
}

/// Asks for a folder to write files into. Nothing when the person changed their mind.
#[tauri::command]
pub(crate) async fn folder_dialog(window: WebviewWindow) -> Option<String> {
    let folder = rfd::AsyncFileDialog::new().set_parent(&window).pick_folder().await?;
    folder.path().to_str().map(str::to_owned)
}

/// The system's print dialog for what the window shows.
#[tauri::command]
pub(crate) fn print(window: WebviewWindow) -> Result<(), ApiError> {
    window.print().map_err(|error| {
        tracing::warn!(%error, "nothing was printed");
        ApiError::new(ErrorCode::Internal).with("detail", error.to_string())
    })
}

/// The title of the window, in the person's language.
#[tauri::command]
pub(crate) fn window_title(window: WebviewWindow, title: &str) {
    let title: String = title.chars().filter(|c| !c.is_control()).take(200).collect();
    if let Err(error) = window.set_title(&title) {
        tracing::debug!(%error, "the title was not set");
    }
}

/// The number on the program's icon, where the desktop shows one.
#[tauri::command]
pub(crate) fn window_badge(window: WebviewWindow, count: Option<u32>) {
    if let Err(error) = window.set_badge_count(count.filter(|count| *count > 0).map(i64::from)) {
        tracing::debug!(%error, "the badge was not set");
    }
}

/// The size of the page, in percent.
#[tauri::command]
pub(crate) fn window_zoom(window: WebviewWindow, percent: u16) {
    let factor = f64::from(percent.clamp(50, 300)) / 100.0;
    if let Err(error) = window.set_zoom(factor) {
        tracing::debug!(%error, "the zoom was not set");
    }
}

/// Closes the window that asks.
#[tauri::command]
pub(crate) fn window_close(window: WebviewWindow) {
    if let Err(error) = window.close() {
        tracing::debug!(%error, "the window was not closed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_cannot_have_a_file_sent_away() {
        for method in ["outbox.send", "draft.attach", "contacts.import"] {
            assert!(refused(method).is_some(), "{method}");
        }
        for method in ["mail.list", "outbox.list", "outbox.act", "draft.paste", "draft.send"] {
            assert!(refused(method).is_none(), "{method}");
        }
    }
}

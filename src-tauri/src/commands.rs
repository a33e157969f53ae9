//! What the page may ask of its host. `ui/src/host/` is the other side.
#![expect(
    clippy::needless_pass_by_value,
    reason = "Tauri hands over states, windows and channels by value"
)]

use std::sync::{Mutex, PoisonError};

use qiyou_api::{ApiError, Event, MailId};
use serde::Serialize;
use serde_json::value::RawValue;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;
use tauri::{State, WebviewWindow};
use tokio::sync::broadcast::error::RecvError;

use crate::agent::Agent;
use crate::outside;

/// What the page knows and does not know yet.
pub(crate) struct Page(Mutex<PageState>);

struct PageState {
    /// The mail that the window was asked for before the page listened.
    mail: Option<MailId>,
    listening: Option<JoinHandle<()>>,
}

impl Page {
    pub(crate) fn new(mail: Option<MailId>) -> Self {
        Self(Mutex::new(PageState { mail, listening: None }))
    }

    fn with<T>(&self, change: impl FnOnce(&mut PageState) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Brings the page to a mail: by an event when it listens, else as soon as it starts.
    pub(crate) fn show(&self, agent: &Agent, mail: MailId) {
        if !self.keep(mail) {
            agent.tell(Event::Open { mail: Some(mail) });
        }
    }

    /// Keeps a mail for a page that does not listen yet. False when it listens and got the event itself.
    pub(crate) fn keep(&self, mail: MailId) -> bool {
        self.with(|state| {
            let early = state.listening.is_none();
            if early {
                state.mail = Some(mail);
            }
            early
        })
    }

    /// The page is gone (closed, crashed, loaded again); nobody listens until the next one asks.
    pub(crate) fn gone(&self) {
        if let Some(task) = self.with(|state| state.listening.take()) {
            task.abort();
        }
    }
}

/// Answer to `start`.
#[derive(Serialize)]
pub(crate) struct Start {
    /// The mail that the window was opened for.
    mail: Option<MailId>,
    /// `linux`, `windows`, `macos`.
    platform: &'static str,
}

/// An event on its way to the page.
#[derive(Clone, Serialize)]
pub(crate) struct Told {
    /// The agent's monotonic clock in nanoseconds; 0 when the host itself speaks.
    at: u64,
    event: Event,
}

/// First words of the page.
#[tauri::command]
pub(crate) fn start(page: State<'_, Page>) -> Start {
    Start {
        mail: page.with(|state| state.mail.take()),
        platform: std::env::consts::OS,
    }
}

/// One request of the api, passed on as it is.
#[tauri::command]
pub(crate) async fn call(
    agent: State<'_, Agent>,
    method: String,
    params: Box<RawValue>,
) -> Result<Box<RawValue>, ApiError> {
    agent.call(&method, params).await
}

/// From now on events go to `channel`; an earlier channel falls silent.
#[tauri::command]
pub(crate) fn subscribe(agent: State<'_, Agent>, page: State<'_, Page>, channel: Channel<Told>) {
    let mut events = agent.events();
    if let Some(mail) = page.with(|state| state.mail.take()) {
        let _ = channel.send(Told {
            at: 0,
            event: Event::Open { mail: Some(mail) },
        });
    }
    let task = tauri::async_runtime::spawn(async move {
        loop {
            let told = match events.recv().await {
                Ok((at, event)) => Told { at, event },
                Err(RecvError::Lagged(_)) => Told {
                    at: 0,
                    event: Event::Overflow,
                },
                Err(RecvError::Closed) => return,
            };
            if channel.send(told).is_err() {
                return;
            }
        }
    });
    if let Some(earlier) = page.with(|state| state.listening.replace(task)) {
        earlier.abort();
    }
}

/// Opens a web page or a mail address with the system's program for it.
#[tauri::command]
pub(crate) fn open_external(url: &str) -> Result<(), ApiError> {
    outside::open(url)
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

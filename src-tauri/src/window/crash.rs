//! WebKit's web process can die (out of memory, a bug, a driver). The person sees the page again, not a white sheet.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tauri::{Manager, WebviewWindow};
use webkit2gtk::{WebProcessTerminationReason, WebViewExt};

/// So many crashes within [`SPAN`] are no accident: loading the page again would crash it again.
const TOO_MANY: usize = 4;
const SPAN: Duration = Duration::from_mins(1);
/// Between the end of one process and the start of the next.
const PAUSE: Duration = Duration::from_millis(150);

/// Crashes of the last minute.
#[derive(Default)]
pub(super) struct Crashes(VecDeque<Instant>);

impl Crashes {
    /// Counts a crash. False when it is better to give up.
    pub(super) fn again(&mut self, now: Instant) -> bool {
        self.0.retain(|then| now.saturating_duration_since(*then) < SPAN);
        self.0.push_back(now);
        self.0.len() < TOO_MANY
    }
}

/// Loads the page again whenever its process died.
pub(super) fn guard(window: &WebviewWindow) -> tauri::Result<()> {
    let page = window.clone();
    window.with_webview(move |webview| {
        let crashes = RefCell::new(Crashes::default());
        webview.inner().connect_web_process_terminated(move |_, reason| {
            if reason == WebProcessTerminationReason::TerminatedByApi {
                return;
            }
            let again = crashes.borrow_mut().again(Instant::now());
            tracing::error!(?reason, again, "the page's process died");
            let page = page.clone();
            tauri::async_runtime::spawn(async move {
                if !again {
                    // The agent goes on; the next click on the tray starts a fresh window.
                    page.app_handle().exit(1);
                    return;
                }
                // Inside this signal WebKit has not finished with the dead process yet.
                tokio::time::sleep(PAUSE).await;
                if let Err(error) = page.reload() {
                    tracing::error!(%error, "the page was not loaded again");
                }
            });
        });
    })
}

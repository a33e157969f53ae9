//! WebKit's web process can die (out of memory, a bug, a driver). The person sees the page again, not a white sheet.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tauri::WebviewWindow;
use webkit2gtk::{WebProcessTerminationReason, WebViewExt};

/// So many crashes within [`SPAN`] are no accident: loading the page again would crash it again.
const TOO_MANY: usize = 4;
const SPAN: Duration = Duration::from_secs(60);

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
    let app = tauri::Manager::app_handle(window).clone();
    window.with_webview(move |webview| {
        let crashes = RefCell::new(Crashes::default());
        webview.inner().connect_web_process_terminated(move |view, reason| {
            if reason == WebProcessTerminationReason::TerminatedByApi {
                return;
            }
            let again = crashes.borrow_mut().again(Instant::now());
            tracing::error!(?reason, again, "the page's process died");
            if again {
                view.reload();
            } else {
                // The agent goes on; the next click on the tray starts a fresh window.
                app.exit(1);
            }
        });
    })
}

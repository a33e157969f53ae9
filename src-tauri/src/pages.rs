//! What the page of each window knows and does not know yet.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use qiyou_api::MailId;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;

use crate::commands::Told;

/// The pages, by the label of their window.
#[derive(Default)]
pub(crate) struct Pages(Mutex<HashMap<String, Page>>);

/// One page.
#[derive(Default)]
struct Page {
    /// The mail that the window was asked for before the page listened.
    mail: Option<MailId>,
    /// A `mailto:` address, likewise.
    mailto: Option<String>,
    listening: Option<Listening>,
}

struct Listening {
    channel: Channel<Told>,
    task: JoinHandle<()>,
}

impl Pages {
    fn with<T>(&self, label: &str, change: impl FnOnce(&mut Page) -> T) -> T {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(pages.entry(label.to_owned()).or_default())
    }

    /// Keeps a mail for a page that does not listen yet. False when it listens: then an event reaches it.
    pub(crate) fn keep_mail(&self, label: &str, mail: MailId) -> bool {
        self.with(label, |page| {
            let early = page.listening.is_none();
            if early {
                page.mail = Some(mail);
            }
            early
        })
    }

    /// Hands a `mailto:` address to the page, now or as soon as it starts.
    pub(crate) fn mailto(&self, label: &str, address: String) {
        self.with(label, |page| match &page.listening {
            Some(listening) => {
                let _ = listening.channel.send(Told::Mailto { mailto: address });
            }
            None => page.mailto = Some(address),
        });
    }

    pub(crate) fn take_mail(&self, label: &str) -> Option<MailId> {
        self.with(label, |page| page.mail.take())
    }

    pub(crate) fn take_mailto(&self, label: &str) -> Option<String> {
        self.with(label, |page| page.mailto.take())
    }

    /// The page listens from now on; an earlier listener falls silent.
    pub(crate) fn listens(&self, label: &str, channel: Channel<Told>, task: JoinHandle<()>) {
        let earlier = self.with(label, |page| page.listening.replace(Listening { channel, task }));
        if let Some(earlier) = earlier {
            earlier.task.abort();
        }
    }

    /// The page is gone (closed, crashed, loaded again); nobody listens until the next one asks.
    pub(crate) fn gone(&self, label: &str) {
        if let Some(listening) = self.with(label, |page| page.listening.take()) {
            listening.task.abort();
        }
    }

    /// The window is gone.
    pub(crate) fn forget(&self, label: &str) {
        self.gone(label);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(label);
    }
}

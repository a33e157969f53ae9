//! Toasts by `ToastNotificationManager`, under our AUMID, with protocol activation.

use futures::{FutureExt, future::BoxFuture};
use tokio::sync::mpsc;
use windows::{
    Data::Xml::Dom::XmlDocument,
    UI::Notifications::{ToastNotification, ToastNotificationManager},
    Win32::{
        Foundation::{REGDB_E_CLASSNOTREG, RPC_E_CHANGED_MODE},
        System::WinRT::{RO_INIT_MULTITHREADED, RoInitialize},
        UI::Shell::SetCurrentProcessExplicitAppUserModelID,
    },
    core::{self, HSTRING},
};
use windows_registry::CURRENT_USER;

use crate::{App, Bubble, BubbleEvent, BubbleId, Bubbles, Capabilities, Error, link::SCHEME, toast};

const WHAT: &str = "bubbles";

/// All our toasts are of one group; the tag tells them apart.
const GROUP: &str = "mail";

pub(super) struct Toasts {
    aumid: HSTRING,
    /// Keeps the receiver open: it never says anything here.
    _events: mpsc::Sender<BubbleEvent>,
}

impl Toasts {
    pub(super) fn start(app: &App, events: mpsc::Sender<BubbleEvent>) -> Result<Self, Error> {
        register(app).map_err(|e| Error::refused(WHAT, e))?;
        let aumid = HSTRING::from(app.id.as_str());
        // SAFETY: the string is valid and ends with a zero for the time of the call.
        unsafe { SetCurrentProcessExplicitAppUserModelID(&aumid) }.map_err(|e| Error::refused(WHAT, e))?;
        Ok(Self { aumid, _events: events })
    }

    /// Calls Windows on a thread where it may take its time.
    async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&HSTRING) -> core::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        let aumid = self.aumid.clone();
        let called = tokio::task::spawn_blocking(move || {
            // SAFETY: no argument points anywhere. The thread stays in the multithreaded apartment until it ends.
            match unsafe { RoInitialize(RO_INIT_MULTITHREADED) } {
                Err(e) if e.code() != RPC_E_CHANGED_MODE => Err(e),
                _ => call(&aumid),
            }
        });
        match called.await {
            Ok(Ok(done)) => Ok(done),
            // Editions without toasts, and wine.
            Ok(Err(e)) if e.code() == REGDB_E_CLASSNOTREG => Err(Error::absent(WHAT, e)),
            Ok(Err(e)) => Err(Error::refused(WHAT, e)),
            Err(e) => Err(Error::absent(WHAT, e)),
        }
    }
}

impl Bubbles for Toasts {
    fn show<'a>(&'a self, bubble: &'a Bubble) -> BoxFuture<'a, Result<BubbleId, Error>> {
        let xml = HSTRING::from(toast::xml(bubble));
        let tag = toast::tag(bubble);
        let replaced = bubble.replaces.clone().filter(|id| id.0 != tag);
        async move {
            let new = HSTRING::from(tag.as_str());
            self.call(move |aumid| {
                let document = XmlDocument::new()?;
                document.LoadXml(&xml)?;
                let toast = ToastNotification::CreateToastNotification(&document)?;
                toast.SetTag(&new)?;
                toast.SetGroup(&HSTRING::from(GROUP))?;
                ToastNotificationManager::CreateToastNotifierWithId(aumid)?.Show(&toast)
            })
            .await?;
            if let Some(replaced) = replaced {
                self.withdraw(&replaced).await?;
            }
            Ok(BubbleId(tag))
        }
        .boxed()
    }

    fn withdraw<'a>(&'a self, id: &'a BubbleId) -> BoxFuture<'a, Result<(), Error>> {
        let tag = HSTRING::from(id.0.as_str());
        async move {
            self.call(move |aumid| {
                let history = ToastNotificationManager::History()?;
                history.RemoveGroupedTagWithId(&tag, &HSTRING::from(GROUP), aumid)
            })
            .await
        }
        .boxed()
    }

    fn capabilities(&self) -> BoxFuture<'_, Result<Capabilities, Error>> {
        async {
            Ok(Capabilities {
                actions: true,
                body: true,
                markup: true,
                persistence: true,
                reply: false,
            })
        }
        .boxed()
    }
}

/// Tells Windows, for this user alone, the name and picture of our toasts and who opens our links.
fn register(app: &App) -> windows_registry::Result<()> {
    let aumid = CURRENT_USER.create(format!(r"Software\Classes\AppUserModelId\{}", app.id))?;
    aumid.set_string("DisplayName", &app.name)?;
    if let Some(icon) = &app.icon {
        aumid.set_string("IconUri", icon)?;
    }
    let scheme = CURRENT_USER.create(format!(r"Software\Classes\{SCHEME}"))?;
    scheme.set_string("", format!("URL:{SCHEME}"))?;
    scheme.set_string("URL Protocol", "")?;
    let command = scheme.create(r"shell\open\command")?;
    command.set_string("", format!("\"{}\" link \"%1\"", app.executable.display()))
}

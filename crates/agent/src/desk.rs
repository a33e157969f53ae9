//! Joins what is known to the desktop: what is told becomes bubbles, what changes becomes the tray, clicks become
//! actions.
//!
//! One desk for each session of a person. That of the agent that owns the store asks the engine; in a further session it
//! asks that agent over the api (see [`Mind`]).

mod clicks;
mod company;
mod mind;
mod oauth;
mod telling;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use qiyou_api::{ApiError, ErrorCode, Event, MailId, MailProgramChosen, Settings, Tell};
use qiyou_desktop::{App, Attention, BubbleEvent, Bubbles, Chosen, Tray, system};
use qiyou_words::{Language, say};
use tokio::sync::{broadcast, mpsc};

pub(crate) use company::{company_set_reminders, company_sign_in, company_webmail, link};
pub(crate) use mind::{Guest, Mind, view};
pub(crate) use oauth::oauth;

use crate::run::Core;

/// What clients ask of the desk.
#[derive(Debug)]
pub(crate) enum Order {
    Open(Option<MailId>),
    Link(String),
    TestBubble,
}

struct Desk {
    core: Arc<Core>,
    app: App,
    bubbles: Option<Box<dyn Bubbles>>,
    tray: Option<Box<dyn Tray>>,
    attention: Box<dyn Attention>,
    mind: Option<Mind>,
    /// Codes by mail; never written to disk.
    codes: HashMap<MailId, secrecy::SecretString>,
}

/// What a desk has to go by once there is a store.
pub(crate) struct Up {
    pub(crate) mind: Mind,
    /// What the engine tells; in a further session it comes with the events.
    pub(crate) tells: Option<mpsc::Receiver<Tell>>,
    pub(crate) events: Events,
}

/// What happens, from the engine or over the api.
pub(crate) enum Events {
    Here(broadcast::Receiver<qiyou_engine::Timed>),
    There(mpsc::Receiver<(u64, Event)>),
}

enum Heard {
    Event(Box<Event>),
    /// Whatever was missed, the tray is made from the present.
    Missed,
    /// Nothing more will come. True after a goodbye.
    End(bool),
}

/// The next value of a stream that may not be there.
async fn next<T>(receiver: &mut Option<mpsc::Receiver<T>>) -> T {
    loop {
        match receiver {
            Some(open) => match open.recv().await {
                Some(value) => return value,
                None => *receiver = None,
            },
            None => std::future::pending().await,
        }
    }
}

async fn next_event(events: &mut Option<Events>) -> Heard {
    match events {
        Some(Events::Here(open)) => match open.recv().await {
            Ok(event) => Heard::Event(Box::new(event.1.clone())),
            Err(broadcast::error::RecvError::Lagged(_)) => Heard::Missed,
            Err(broadcast::error::RecvError::Closed) => {
                *events = None;
                Heard::Missed
            }
        },
        Some(Events::There(open)) => match open.recv().await {
            Some((_, Event::Goodbye)) => Heard::End(true),
            None => Heard::End(false),
            Some((_, Event::Overflow)) => Heard::Missed,
            Some((_, event)) => Heard::Event(Box::new(event)),
        },
        None => std::future::pending().await,
    }
}

/// Makes this the person's mail program, or has the system ask.
///
/// # Errors
/// [`ErrorCode::MailProgramNotKept`] when the desktop has no place for that.
pub(crate) async fn choose_mail_program() -> Result<MailProgramChosen, ApiError> {
    match system::mail_program(&app()).choose().await {
        Ok(Chosen::Done) => Ok(MailProgramChosen::Done),
        Ok(Chosen::Asked) => Ok(MailProgramChosen::Asked),
        Err(error) => Err(ApiError::new(ErrorCode::MailProgramNotKept).with("detail", error.to_string())),
    }
}

pub(crate) fn app() -> App {
    let program = std::env::current_exe().unwrap_or_default();
    App {
        icon: crate::home::icon(),
        ..App::new("qiyou", "企邮", program)
    }
}

/// Opens a page in the system's browser, behind whoever asks.
fn open_page(url: &str) {
    let (app, url) = (app(), url.to_owned());
    tokio::spawn(async move {
        if let Err(error) = qiyou_desktop::open_url(&app, &url).await {
            tracing::warn!(%error, "the browser was not opened");
        }
    });
}

/// Runs until the task is aborted or, in a further session, until the agent that owns the store is gone. `bring_up`
/// ends when the store is open. Returns whether that agent said goodbye.
pub(crate) async fn run(
    core: Arc<Core>,
    mut orders: mpsc::Receiver<Order>,
    bring_up: impl Future<Output = Up>,
) -> bool {
    let app = app();
    let mut desk = Desk {
        attention: system::attention(&app),
        app: app.clone(),
        bubbles: None,
        tray: None,
        mind: None,
        codes: HashMap::new(),
        core: Arc::clone(&core),
    };
    let mut tray_events = None;
    match system::tray(&app, desk.tray_state().await).await {
        Ok((tray, events)) => {
            desk.tray = Some(tray);
            core.tray.store(true, Ordering::Relaxed);
            tray_events = Some(events);
        }
        Err(error) => tracing::warn!(%error, "no tray"),
    }
    let mut system_events = Some(system::events(&app).await);
    let mut clicks: Option<mpsc::Receiver<BubbleEvent>> = None;
    let mut tells: Option<mpsc::Receiver<Tell>> = None;
    let mut events = None;
    let mut stale = false;
    let mut settled = core.settled();
    let mut bring_up = std::pin::pin!(bring_up);
    let mut up = false;
    loop {
        let repaint = async {
            if stale {
                // Several changes come together; one picture is enough.
                tokio::time::sleep(Duration::from_millis(60)).await;
            } else {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            tell = next(&mut tells) => {
                desk.pass_on(&tell);
                desk.tell(tell).await;
            }
            known = &mut bring_up, if !up => {
                up = true;
                events = Some(known.events);
                tells = known.tells;
                desk.mind = Some(known.mind);
                clicks = desk.begin().await;
                stale = true;
            }
            click = next(&mut clicks) => desk.clicked(click).await,
            event = next(&mut tray_events) => desk.tray_event(event).await,
            order = orders.recv() => match order {
                Some(order) => desk.order(order).await,
                None => return false,
            },
            event = next(&mut system_events) => desk.system_event(event),
            heard = next_event(&mut events) => match heard {
                Heard::Event(event) => match *event {
                    // The owner's own desk was told before; see `pass_on`.
                    Event::Told { tell } => if matches!(desk.mind, Some(Mind::There(_))) {
                        desk.tell(tell).await;
                    },
                    event => stale |= desk.noted(&event),
                },
                Heard::Missed => stale = true,
                Heard::End(goodbye) => return goodbye,
            },
            // A reason why the store cannot be used is shown where the person looks first.
            Ok(()) = settled.changed() => stale = true,
            () = repaint => {
                stale = false;
                let state = desk.tray_state().await;
                if let Some(tray) = &desk.tray
                    && let Err(error) = tray.set(state).await {
                        tracing::debug!(%error, "the tray was not repainted");
                    }
            }
        }
    }
}

impl Desk {
    fn words(&self) -> Language {
        match (self.core.language, &self.mind) {
            (None, Some(mind)) => crate::words::language(mind.settings().language),
            _ => self.core.words(),
        }
    }

    fn say(&self, key: &str, args: &[(&str, &str)]) -> String {
        say(self.words(), key, args)
    }

    fn settings(&self) -> Arc<Settings> {
        self.mind.as_ref().map_or_else(Arc::default, Mind::settings)
    }

    /// Further sessions of the person tell the same.
    fn pass_on(&self, tell: &Tell) {
        if let Some(mind) = &self.mind {
            mind.emit(Event::Told { tell: tell.clone() });
        }
    }

    /// Whether the tray has to be painted anew. Settings take effect here too.
    fn noted(&self, event: &Event) -> bool {
        if let Event::SettingsChanged { settings } = event {
            self.autostart(settings.autostart);
        }
        matches!(
            event,
            Event::AccountChanged { .. }
                | Event::AccountRemoved { .. }
                | Event::FoldersChanged { .. }
                | Event::MailArrived { .. }
                | Event::SettingsChanged { .. }
                | Event::MailChanged { .. }
                | Event::MailRemoved { .. }
                | Event::TroubleChanged { .. }
        )
    }

    fn autostart(&self, on: bool) {
        // A home elsewhere is a test or a trial; it must not start with the person's session.
        if crate::home::is_elsewhere() {
            return;
        }
        if let Err(error) = system::autostart(&self.app).set(on) {
            tracing::warn!(%error, "the autostart entry was not written");
        }
        if let Err(error) = system::mail_program(&self.app).offer() {
            tracing::warn!(%error, "the system does not know that there is a mail program");
        }
    }

    async fn tray_state(&self) -> qiyou_desktop::TrayState {
        let now = self.core.clock.now();
        let Some(mind) = &self.mind else {
            let language = self.words();
            let trouble = self
                .core
                .trouble()
                .map(|error| crate::cli::error_words(language, &error));
            return crate::tray::state(language, &[], &[], &Settings::default(), now, trouble.as_deref(), false);
        };
        let view = mind.view().await;
        let language = self.words();
        let trouble = view.trouble.map(|error| crate::cli::error_words(language, &error));
        crate::tray::state(
            language,
            &view.accounts,
            &view.newest,
            &view.settings,
            now,
            trouble.as_deref(),
            view.webmail,
        )
    }
}

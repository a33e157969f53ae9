//! Joins the engine to the desktop: what is told becomes bubbles, what changes becomes the tray, clicks become actions.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use qiyou_api::{ActParams, Action, ApiError, ErrorCode, Event, MailId, OauthGrant, OauthParams, Settings};
use qiyou_desktop::{
    App, Attention, Bubble, BubbleEvent, BubbleId, BubbleLink, Bubbles, Button, Happening, SystemEvent, Tray,
    TrayEvent, system,
};
use qiyou_engine::{Engine, OauthPage, Tell, TellMail};
use qiyou_store::bubbles::{self, ShownBubble};
use qiyou_store::{Durability, settings as notes};
use qiyou_words::{say, say_count};
use tokio::sync::{broadcast, mpsc};

use crate::run::Core;

/// What clients ask of the desk.
#[derive(Debug)]
pub(crate) enum Order {
    Open(Option<MailId>),
    Link(String),
    TestBubble,
}

/// Bubbles of the last days can still be clicked in an action center.
const REMEMBERED: i64 = 7 * 86_400;
/// A copied code leaves the clipboard after so long.
const CODE_STAYS: Duration = Duration::from_mins(1);
/// Codes that are remembered for the copy button.
const MOST_CODES: usize = 50;

struct Desk {
    core: Arc<Core>,
    app: App,
    bubbles: Option<Box<dyn Bubbles>>,
    tray: Option<Box<dyn Tray>>,
    attention: Box<dyn Attention>,
    engine: Option<Engine>,
    /// Codes by mail; never written to disk.
    codes: HashMap<MailId, secrecy::SecretString>,
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

async fn next_event(receiver: &mut Option<broadcast::Receiver<qiyou_engine::Timed>>) -> Option<qiyou_engine::Timed> {
    match receiver {
        Some(open) => match open.recv().await {
            Ok(event) => Some(event),
            // Whatever was missed, the tray is made from the present.
            Err(broadcast::error::RecvError::Lagged(_)) => None,
            Err(broadcast::error::RecvError::Closed) => {
                *receiver = None;
                None
            }
        },
        None => std::future::pending().await,
    }
}

fn app() -> App {
    let program = std::env::current_exe().unwrap_or_default();
    App {
        icon: crate::home::icon(),
        ..App::new("qiyou", "企邮", program)
    }
}

/// Runs until the task is aborted. `bring_up` ends when the store is open.
pub(crate) async fn run(
    core: Arc<Core>,
    mut orders: mpsc::Receiver<Order>,
    bring_up: impl Future<Output = (Engine, mpsc::Receiver<Tell>)>,
) {
    let app = app();
    let mut desk = Desk {
        attention: system::attention(&app),
        app: app.clone(),
        bubbles: None,
        tray: None,
        engine: None,
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
            tell = next(&mut tells) => desk.tell(tell).await,
            (engine, told) = &mut bring_up, if !up => {
                up = true;
                events = Some(engine.subscribe());
                tells = Some(told);
                desk.engine = Some(engine);
                clicks = desk.begin().await;
                stale = true;
            }
            click = next(&mut clicks) => desk.clicked(click).await,
            event = next(&mut tray_events) => desk.tray_event(event).await,
            order = orders.recv() => match order {
                Some(order) => desk.order(order).await,
                None => return,
            },
            event = next(&mut system_events) => desk.system_event(event),
            event = next_event(&mut events) => {
                stale |= event.is_none_or(|event| matches!(
                    event.1,
                    Event::AccountChanged { .. } | Event::AccountRemoved { .. } | Event::FoldersChanged { .. }
                        | Event::MailArrived { .. } | Event::SettingsChanged { .. } | Event::MailChanged { .. }
                        | Event::MailRemoved { .. } | Event::TroubleChanged { .. }
                ) && desk.noted(&event.1));
            }
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
    fn say(&self, key: &str, args: &[(&str, &str)]) -> String {
        say(self.core.words(), key, args)
    }

    fn settings(&self) -> Arc<Settings> {
        self.engine.as_ref().map_or_else(Arc::default, Engine::settings)
    }

    /// Settings take effect here too. Always true: see the caller.
    fn noted(&self, event: &Event) -> bool {
        if let Event::SettingsChanged { settings } = event {
            self.autostart(settings.autostart);
        }
        true
    }

    fn autostart(&self, on: bool) {
        // A home elsewhere is a test or a trial; it must not start with the person's session.
        if crate::home::is_elsewhere() {
            return;
        }
        if let Err(error) = system::autostart(&self.app).set(on) {
            tracing::warn!(%error, "the autostart entry was not written");
        }
    }

    /// The store is open: bubbles of an earlier run are known again.
    async fn begin(&mut self) -> Option<mpsc::Receiver<BubbleEvent>> {
        let engine = self.engine.clone()?;
        self.autostart(engine.settings().autostart);
        let since = self.core.clock.now().saturating_sub(REMEMBERED);
        let known = engine
            .store()
            .write(Durability::Normal, move |tx| bubbles::all(tx, since))
            .await
            .unwrap_or_default()
            .into_iter()
            .map(|bubble| BubbleId(bubble.system))
            .collect();
        match system::bubbles(&self.app, known).await {
            Ok((bubbles, clicks)) => {
                // Asked once now, so that the first mail does not wait for it.
                if let Err(error) = bubbles.capabilities().await {
                    tracing::info!(%error, "nobody shows bubbles yet");
                }
                self.bubbles = Some(bubbles);
                Some(clicks)
            }
            Err(error) => {
                tracing::warn!(%error, "no bubbles");
                None
            }
        }
    }

    async fn tray_state(&self) -> qiyou_desktop::TrayState {
        let language = self.core.words();
        let now = self.core.clock.now();
        let trouble = self
            .core
            .trouble()
            .map(|error| crate::cli::error_words(language, &error));
        let Some(engine) = &self.engine else {
            return crate::tray::state(language, &[], &[], &Settings::default(), now, trouble.as_deref());
        };
        let accounts = engine.accounts().await.unwrap_or_default();
        let newest = engine.newest_unread(crate::tray::NEWEST).await.unwrap_or_default();
        crate::tray::state(
            language,
            &accounts,
            &newest,
            &engine.settings(),
            now,
            trouble.as_deref(),
        )
    }

    async fn tell(&mut self, tell: Tell) {
        match tell {
            Tell::Mails { mails, .. } => {
                for mail in mails {
                    self.bubble(mail).await;
                }
            }
            Tell::Summary { count, newest, .. } => {
                let language = self.core.words();
                let title = say_count(language, "bubble.summary.title", u64::from(count), &[]);
                let body = if self.settings().privacy {
                    String::new()
                } else {
                    let who = if newest.from.name.is_empty() {
                        &newest.from.address
                    } else {
                        &newest.from.name
                    };
                    self.say("bubble.summary.body", &[("from", who), ("subject", &newest.subject)])
                };
                self.show(
                    Bubble::new(format!("folder-{}", newest.folder), title, body),
                    newest.id,
                    &[],
                )
                .await;
            }
            Tell::Withdraw { mails } => self.withdraw(mails).await,
        }
    }

    async fn bubble(&mut self, mail: TellMail) {
        let id = mail.row.id;
        let settings = self.settings();
        // Words of a mail are for the person alone: not on a shared screen, not over a film.
        let private = settings.privacy || !self.attention.now().await.is_private();
        let who = if mail.row.from.name.is_empty() {
            mail.row.from.address
        } else {
            mail.row.from.name
        };
        let (title, body) = if private {
            (self.say("bubble.private.title", &[]), String::new())
        } else {
            let subject = if mail.row.subject.is_empty() {
                self.say("mail.no_subject", &[])
            } else {
                mail.row.subject
            };
            (
                who,
                [subject, mail.row.preview]
                    .into_iter()
                    .filter(|l| !l.is_empty())
                    .collect::<Vec<_>>()
                    .join("\n"),
            )
        };
        let mut buttons = Vec::new();
        if let Some(code) = mail.code {
            if self.codes.len() >= MOST_CODES {
                self.codes.clear();
            }
            let label = if private {
                self.say("bubble.copy_code", &[])
            } else {
                self.say("bubble.copy_this_code", &[("code", &code)])
            };
            buttons.push(Button::new("copy-code", label));
            self.codes.insert(id, code.into());
        }
        for (key, words) in [
            ("read", "bubble.read"),
            ("archive", "bubble.archive"),
            ("delete", "bubble.delete"),
        ] {
            buttons.push(Button::new(key, self.say(words, &[])));
        }
        self.show(Bubble::new(format!("mail-{id}"), title, body), id, &buttons)
            .await;
    }

    async fn show(&mut self, bubble: Bubble, mail: MailId, buttons: &[Button]) {
        let Some(engine) = self.engine.clone() else { return };
        let token = format!("{:032x}", rand::random::<u128>());
        let bubble = Bubble {
            buttons: buttons.to_vec(),
            open_label: self.say("bubble.open", &[]),
            token: token.clone(),
            ..bubble
        };
        let Some(bubbles) = &self.bubbles else { return };
        match bubbles.show(&bubble).await {
            Ok(id) => {
                engine.emit(Event::BubbleShown { mail });
                let shown = ShownBubble {
                    mail,
                    system: id.0,
                    token,
                    shown: self.core.clock.now(),
                };
                let kept = engine
                    .store()
                    .write(Durability::Normal, move |tx| bubbles::put(tx, &shown))
                    .await;
                if let Err(error) = kept {
                    tracing::warn!(%error, "a bubble was not remembered");
                }
            }
            Err(error) => tracing::warn!(%error, "a bubble was not shown"),
        }
    }

    async fn withdraw(&mut self, mails: Vec<MailId>) {
        for mail in &mails {
            self.codes.remove(mail);
        }
        let Some(engine) = &self.engine else { return };
        let taken = engine
            .store()
            .write(Durability::Normal, move |tx| bubbles::take(tx, &mails))
            .await;
        for bubble in taken.unwrap_or_default() {
            if let Some(bubbles) = &self.bubbles
                && let Err(error) = bubbles.withdraw(&BubbleId(bubble.system)).await
            {
                tracing::debug!(%error, "a bubble was not withdrawn");
            }
        }
    }

    async fn shown(&self, wanted: impl Fn(&ShownBubble) -> bool) -> Option<ShownBubble> {
        let engine = self.engine.as_ref()?;
        let since = self.core.clock.now().saturating_sub(REMEMBERED);
        let all = engine
            .store()
            .write(Durability::Normal, move |tx| bubbles::all(tx, since))
            .await
            .ok()?;
        all.into_iter().find(wanted)
    }

    async fn clicked(&mut self, event: BubbleEvent) {
        let Some(bubble) = self.shown(|b| b.system == event.id.0).await else {
            return;
        };
        match event.happening {
            Happening::Activated => {
                self.open(Some(bubble.mail), event.activation_token.as_deref());
                self.withdraw(vec![bubble.mail]).await;
            }
            Happening::Button(key) => self.button(&bubble, &key).await,
            // It may still lie in an action center, where it can be clicked hours later.
            Happening::Closed(qiyou_desktop::CloseReason::Expired) => {}
            Happening::Closed(_) => {
                let Some(engine) = &self.engine else { return };
                let mail = bubble.mail;
                let _ = engine
                    .store()
                    .write(Durability::Normal, move |tx| bubbles::take(tx, &[mail]))
                    .await;
            }
        }
    }

    async fn button(&mut self, bubble: &ShownBubble, key: &str) {
        let action = match key {
            "read" => Action::MarkRead,
            "archive" => Action::Archive,
            "delete" => Action::Delete { confirmed: false },
            "copy-code" => {
                if let Some(code) = self.codes.remove(&bubble.mail)
                    && let Err(error) = system::clipboard().copy_secret(code, CODE_STAYS).await
                {
                    tracing::warn!(%error, "the code was not copied");
                }
                return;
            }
            _ => return,
        };
        let Some(engine) = self.engine.clone() else { return };
        if let Err(error) = engine
            .act(ActParams {
                mails: vec![bubble.mail],
                action,
            })
            .await
        {
            tracing::info!(code = ?error.code, "a bubble's button could not be followed");
            let words = crate::cli::error_words(self.core.words(), &error);
            let title = self.say("bubble.failed", &[]);
            self.show(Bubble::new("failed", title, words), bubble.mail, &[]).await;
            return;
        }
        self.withdraw(vec![bubble.mail]).await;
    }

    fn open(&self, mail: Option<MailId>, token: Option<&str>) {
        let connected = self.core.windows.load(Ordering::Relaxed) > 0;
        if connected && let Some(engine) = &self.engine {
            engine.emit(Event::Open { mail });
        }
        // Also when a window is connected: its second instance hands the activation token over, so that it may come to
        // the front. It names no mail then: it starts a moment later, when the person may have gone on to another one.
        let named = if connected { None } else { mail };
        if let Err(error) = crate::open::window(named, token) {
            tracing::warn!(%error, "the window could not be started");
        }
    }

    async fn tray_event(&mut self, event: TrayEvent) {
        match event {
            TrayEvent::Activate { activation_token } => self.open(None, activation_token.as_deref()),
            TrayEvent::Menu { id, activation_token } => self.menu(&id, activation_token.as_deref()).await,
            TrayEvent::NoHost => {
                self.core.tray.store(false, Ordering::Relaxed);
                self.say_once_that_there_is_no_tray().await;
            }
            TrayEvent::HostAppeared => self.core.tray.store(true, Ordering::Relaxed),
        }
    }

    async fn say_once_that_there_is_no_tray(&mut self) {
        let Some(engine) = self.engine.clone() else { return };
        let said = engine
            .store()
            .write(Durability::Normal, |tx| {
                let said = notes::note(tx, "no_tray_said")?.is_some();
                notes::set_note(tx, "no_tray_said", "1")?;
                Ok(said)
            })
            .await
            .unwrap_or(true);
        if !said {
            let bubble = Bubble::new(
                "no-tray",
                self.say("bubble.no_tray.title", &[]),
                self.say("bubble.no_tray.body", &[]),
            );
            self.show(bubble, 0, &[]).await;
        }
    }

    async fn pause(&self, until: Option<i64>) {
        let Some(engine) = &self.engine else { return };
        let mut settings = engine.settings().as_ref().clone();
        settings.paused_until = until;
        if let Err(error) = engine.set_settings(settings).await {
            tracing::warn!(code = ?error.code, "the pause was not kept");
        }
    }

    async fn menu(&mut self, id: &str, token: Option<&str>) {
        let now = self.core.clock.now();
        match id {
            "open" => self.open(None, token),
            "sync" => {
                if let Some(engine) = &self.engine {
                    let _ = engine.sync(None, false).await;
                } else {
                    self.core.again.notify_one();
                }
            }
            "pause:hour" => self.pause(Some(now.saturating_add(3600))).await,
            "pause:tomorrow" => {
                // Until seven in the morning: whoever pauses "until tomorrow" means the next working morning.
                let (minutes, _) = self.core.clock.local(now);
                let to_midnight = 24_i64.saturating_mul(60).saturating_sub(i64::from(minutes));
                let seven = to_midnight.saturating_add(7 * 60).saturating_mul(60);
                self.pause(Some(now.saturating_add(seven))).await;
            }
            "resume" => self.pause(None).await,
            "bubbles" => {
                if let Some(engine) = &self.engine {
                    let mut settings = engine.settings().as_ref().clone();
                    settings.bubbles = !settings.bubbles;
                    let _ = engine.set_settings(settings).await;
                }
            }
            "quit" => self.core.quit.notify_one(),
            other => match other.split_once(':') {
                Some(("mail", mail)) => self.open(mail.parse().ok(), token),
                _ => self.open(None, token),
            },
        }
    }

    fn system_event(&self, event: SystemEvent) {
        let Some(engine) = &self.engine else { return };
        match event {
            SystemEvent::Resume | SystemEvent::ClockJump | SystemEvent::NetworkChanged { .. } => {
                tracing::info!(?event, "lines are looked after");
                engine.network_changed();
            }
            SystemEvent::Suspend | SystemEvent::SessionLocked(_) => {}
        }
    }

    async fn order(&mut self, order: Order) {
        match order {
            Order::Open(mail) => self.open(mail, None),
            Order::TestBubble => {
                let bubble = Bubble::new(
                    "test",
                    self.say("bubble.test.title", &[]),
                    self.say("bubble.test.body", &[]),
                );
                self.show(bubble, 0, &[]).await;
            }
            Order::Link(url) => {
                let Some(link) = BubbleLink::parse(&url) else { return };
                // A link without the bubble's own token changes nothing: anything may call the program with one.
                let Some(bubble) = self
                    .shown(|b| constant_time_eq(b.token.as_bytes(), link.token.as_bytes()))
                    .await
                else {
                    tracing::warn!("a link with a wrong token was refused");
                    return;
                };
                if let Some(key) = link.button {
                    self.button(&bubble, &key).await;
                } else {
                    self.open(Some(bubble.mail), None);
                    self.withdraw(vec![bubble.mail]).await;
                }
            }
        }
    }
}

/// Compares without telling by its time how much was right.
fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && !a.is_empty() && a.iter().zip(b).fold(0_u8, |acc, (x, y)| acc | (x ^ y)) == 0
}

/// Signs in by the provider's page, opened in the system's browser.
pub(crate) async fn oauth(core: &Core, engine: &Engine, params: OauthParams) -> Result<OauthGrant, ApiError> {
    let language = core.words();
    let words = |key: &str| say(language, key, &[]);
    let page = OauthPage {
        language: language.tag().to_owned(),
        done_title: words("oauth.page.done.title"),
        done_text: words("oauth.page.done.text"),
        failed_title: words("oauth.page.failed.title"),
        failed_text: words("oauth.page.failed.text"),
    };
    let app = app();
    let failed = |detail: String| ApiError::new(ErrorCode::OauthFailed).with("detail", detail);
    engine
        .oauth(params, page, move |url| {
            let url = url.to_owned();
            tokio::spawn(async move {
                if let Err(error) = qiyou_desktop::open_url(&app, &url).await {
                    tracing::warn!(%error, "the browser was not opened");
                }
            });
            Ok(())
        })
        .await
        .map_err(|e| {
            if e.code == ErrorCode::Internal {
                failed(format!("{:?}", e.args))
            } else {
                e
            }
        })
}

//! What a person does with bubbles and tray, and what clients and the system ask.

use std::sync::atomic::Ordering;
use std::time::Duration;

use qiyou_api::{ActParams, Action, ErrorCode, Event, MailId, QuickReplyParams, Settings, Tell};
use qiyou_desktop::{Bubble, BubbleEvent, BubbleLink, Happening, SystemEvent, TrayEvent, system};
use qiyou_store::bubbles::ShownBubble;

use super::{Desk, Order};

/// A copied code leaves the clipboard after so long.
const CODE_STAYS: Duration = Duration::from_mins(1);

impl Desk {
    pub(super) async fn clicked(&mut self, event: BubbleEvent) {
        let Some(bubble) = self.shown(|b| b.system == event.id.0).await else {
            return;
        };
        match event.happening {
            Happening::Activated => {
                self.open(Some(bubble.mail), event.activation_token.as_deref());
                self.withdraw(vec![bubble.mail]).await;
            }
            Happening::Button(key) => self.button(&bubble, &key).await,
            Happening::Replied(text) => self.replied(&bubble, text).await,
            // It may still lie in an action center, where it can be clicked hours later.
            Happening::Closed(qiyou_desktop::CloseReason::Expired) => {}
            Happening::Closed(_) => {
                if let Some(mind) = &self.mind {
                    mind.take(vec![bubble.mail]).await;
                }
            }
        }
    }

    /// An answer was written in the bubble itself: it goes, and the mail counts as read.
    async fn replied(&mut self, bubble: &ShownBubble, text: String) {
        let Some(mind) = self.mind.clone() else { return };
        let params = QuickReplyParams {
            mail: bubble.mail,
            text,
            prefix: self.say("compose.prefix.reply", &[]),
        };
        if let Err(error) = mind.reply(params).await {
            tracing::info!(code = ?error.code, "an answer in a bubble did not go");
            let words = crate::cli::error_words(self.words(), &error);
            let title = self.say("bubble.reply.failed", &[]);
            self.show(Bubble::new("failed", title, words), bubble.mail, &[]).await;
            return;
        }
        let read = ActParams {
            mails: vec![bubble.mail],
            action: Action::MarkRead,
        };
        if let Err(error) = mind.act(read).await {
            tracing::info!(code = ?error.code, "a mail that was answered stays unread");
        }
        self.withdraw(vec![bubble.mail]).await;
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
        let Some(mind) = self.mind.clone() else { return };
        if let Err(error) = mind
            .act(ActParams {
                mails: vec![bubble.mail],
                action,
            })
            .await
        {
            tracing::info!(code = ?error.code, "a bubble's button could not be followed");
            let words = crate::cli::error_words(self.words(), &error);
            let title = self.say("bubble.failed", &[]);
            self.show(Bubble::new("failed", title, words), bubble.mail, &[]).await;
            return;
        }
        self.withdraw(vec![bubble.mail]).await;
    }

    fn open(&self, mail: Option<MailId>, token: Option<&str>) {
        let connected = self.core.windows.load(Ordering::Relaxed) > 0;
        if connected && let Some(mind) = &self.mind {
            mind.emit(Event::Open { mail });
        }
        // Also when a window is connected: its second instance hands the activation token over, so that it may come to
        // the front. It names no mail then: it starts a moment later, when the person may have gone on to another one.
        let named = if connected { None } else { mail };
        if let Err(error) = crate::open::window(named, token) {
            tracing::warn!(%error, "the window could not be started");
        }
    }

    pub(super) async fn tray_event(&mut self, event: TrayEvent) {
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
        let Some(mind) = self.mind.clone() else { return };
        if mind.first_time("no_tray_said").await {
            let bubble = Bubble::new(
                "no-tray",
                self.say("bubble.no_tray.title", &[]),
                self.say("bubble.no_tray.body", &[]),
            );
            self.show(bubble, 0, &[]).await;
        }
    }

    async fn webmail(&mut self) {
        let Some(mind) = self.mind.clone() else { return };
        if let Err(error) = mind.webmail(super::company::lang(&self.core)).await {
            tracing::info!(code = ?error.code, "the webmail was not opened");
            let words = crate::cli::error_words(self.words(), &error);
            let title = self.say("bubble.webmail.failed", &[]);
            self.show(Bubble::new("webmail", title, words), 0, &[]).await;
        }
    }

    async fn change(&mut self, change: impl FnOnce(&mut Settings)) {
        let Some(mind) = self.mind.clone() else { return };
        let mut settings = mind.settings().as_ref().clone();
        change(&mut settings);
        if let Err(error) = mind.set_settings(settings).await {
            tracing::warn!(code = ?error.code, "a setting was not kept");
            if error.code == ErrorCode::Managed {
                let words = crate::cli::error_words(self.words(), &error);
                let title = self.say("bubble.failed", &[]);
                self.show(Bubble::new("managed", title, words), 0, &[]).await;
            }
        }
    }

    async fn pause(&mut self, until: Option<i64>) {
        self.change(|settings| settings.paused_until = until).await;
    }

    async fn menu(&mut self, id: &str, token: Option<&str>) {
        let now = self.core.clock.now();
        match id {
            "open" => self.open(None, token),
            "write" => {
                if let Err(error) = crate::open::to_write("mailto:", token) {
                    tracing::warn!(%error, "the window could not be started");
                }
            }
            "sync" => {
                if let Some(mind) = &self.mind {
                    mind.sync().await;
                } else {
                    self.core.again.notify_one();
                }
            }
            "webmail" => self.webmail().await,
            "pause:hour" => self.pause(Some(now.saturating_add(3600))).await,
            "pause:tomorrow" => {
                // Until seven in the morning: whoever pauses "until tomorrow" means the next working morning.
                let (minutes, _) = self.core.clock.local(now);
                let to_midnight = 24_i64.saturating_mul(60).saturating_sub(i64::from(minutes));
                let seven = to_midnight.saturating_add(7 * 60).saturating_mul(60);
                self.pause(Some(now.saturating_add(seven))).await;
            }
            "resume" => self.pause(None).await,
            "bubbles" => self.change(|settings| settings.bubbles = !settings.bubbles).await,
            "quit" => self.core.quit.notify_one(),
            other => match other.split_once(':') {
                Some(("mail", mail)) => self.open(mail.parse().ok(), token),
                _ => self.open(None, token),
            },
        }
    }

    pub(super) fn system_event(&self, event: SystemEvent) {
        let Some(mind) = &self.mind else { return };
        match event {
            SystemEvent::Resume | SystemEvent::ClockJump | SystemEvent::NetworkChanged { .. } => {
                tracing::info!(?event, "lines are looked after");
                mind.network_changed();
            }
            SystemEvent::Suspend | SystemEvent::SessionLocked(_) => {}
        }
    }

    pub(super) async fn order(&mut self, order: Order) {
        match order {
            Order::Open(mail) => self.open(mail, None),
            Order::TestBubble => {
                self.pass_on(&Tell::Test);
                self.tell(Tell::Test).await;
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

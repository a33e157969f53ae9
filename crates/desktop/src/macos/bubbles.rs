//! Bubbles by `UNUserNotificationCenter`. `notify-rust` describes and checks; its handle waits for a click on a thread
//! of its own, so the library below it sends, and its answer is awaited by a task.

use std::sync::{Arc, Mutex, PoisonError};

use futures::{FutureExt, future::BoxFuture};
use notify_rust::{Notification, Urgency as Level};
use tokio::sync::mpsc;

use crate::{
    Bubble, BubbleEvent, BubbleId, Bubbles, Capabilities, CloseReason, Error, Happening, Urgency,
    bubbles::{BODY_MAX, TITLE_MAX, tame},
};

const WHAT: &str = "bubbles";

/// Bubbles that are remembered at once.
const KNOWN_MAX: usize = 512;

pub(super) struct UserNotifications {
    known: Arc<Mutex<Vec<String>>>,
    events: mpsc::Sender<BubbleEvent>,
}

impl UserNotifications {
    pub(super) async fn start(known: Vec<BubbleId>, events: mpsc::Sender<BubbleEvent>) -> Result<Self, Error> {
        notify_rust::check_bundle().map_err(|e| Error::absent(WHAT, e))?;
        match notify_rust::request_auth().await {
            Ok(true) => {}
            Ok(false) => tracing::info!("the person does not want bubbles"),
            Err(e) => return Err(Error::absent(WHAT, e)),
        }
        let known = known.into_iter().map(|id| id.0).collect();
        Ok(Self {
            known: Arc::new(Mutex::new(known)),
            events,
        })
    }

    async fn send(&self, bubble: &Bubble) -> Result<BubbleId, Error> {
        let mut notification = Notification::new();
        notification
            .summary(&tame(&bubble.title, TITLE_MAX, false))
            .body(&tame(&bubble.body, BODY_MAX, true))
            .id(bubble.tag.as_str())
            .urgency(match bubble.urgency {
                Urgency::Low => Level::Low,
                Urgency::Normal => Level::Normal,
                Urgency::Critical => Level::Critical,
            });
        for button in &bubble.buttons {
            notification.action(&button.key, &button.label);
        }
        if bubble.buttons.is_empty() {
            // Without any button the library asks twice a second whether the bubble is gone.
            notification.action("default", &bubble.open_label);
        }
        let sent = mac_usernotifications::Notification::from(&notification).send().await;
        let handle = sent.map_err(|e| Error::refused(WHAT, e))?;
        let tag = handle.notification_id().to_owned();
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.retain(|k| *k != tag);
            if known.len() >= KNOWN_MAX {
                known.remove(0);
            }
            known.push(tag.clone());
        }
        let id = BubbleId(tag);
        let (events, told, known) = (self.events.clone(), id.clone(), Arc::clone(&self.known));
        tokio::spawn(async move {
            // An error here means that a newer bubble took the tag.
            let Ok(answer) = handle.response().await else { return };
            let happening = if answer.is_dismiss_action() {
                Happening::Closed(CloseReason::Dismissed)
            } else if answer.is_timed_out() {
                Happening::Closed(CloseReason::Expired)
            } else if answer.is_default_action() || answer.action_identifier == "default" {
                Happening::Activated
            } else {
                Happening::Button(answer.action_identifier)
            };
            known
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .retain(|k| *k != told.0);
            let _ = events.try_send(BubbleEvent {
                id: told,
                happening,
                activation_token: None,
            });
        });
        Ok(id)
    }
}

impl Bubbles for UserNotifications {
    fn show<'a>(&'a self, bubble: &'a Bubble) -> BoxFuture<'a, Result<BubbleId, Error>> {
        async move {
            let id = self.send(bubble).await?;
            if let Some(replaced) = bubble.replaces.as_ref().filter(|r| **r != id) {
                self.withdraw(replaced).await?;
            }
            Ok(id)
        }
        .boxed()
    }

    fn withdraw<'a>(&'a self, id: &'a BubbleId) -> BoxFuture<'a, Result<(), Error>> {
        async move {
            let was_known = {
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                let before = known.len();
                known.retain(|k| *k != id.0);
                before != known.len()
            };
            if was_known {
                mac_usernotifications::close_delivered(&id.0).await;
                let happening = Happening::Closed(CloseReason::Withdrawn);
                let _ = self.events.try_send(BubbleEvent {
                    id: id.clone(),
                    happening,
                    activation_token: None,
                });
            }
            Ok(())
        }
        .boxed()
    }

    fn capabilities(&self) -> BoxFuture<'_, Result<Capabilities, Error>> {
        async {
            Ok(Capabilities {
                actions: true,
                body: true,
                markup: false,
                persistence: true,
                reply: false,
            })
        }
        .boxed()
    }
}

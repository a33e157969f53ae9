//! What is told becomes bubbles, and bubbles go when there is nothing to be told any more.

use qiyou_api::{Event, MailId, Tell, TellMail};
use qiyou_desktop::{Bubble, BubbleEvent, BubbleId, Button, Reply, system};
use qiyou_store::bubbles::ShownBubble;
use qiyou_words::say_count;
use tokio::sync::mpsc;

use super::Desk;

/// Bubbles of the last days can still be clicked in an action center.
const REMEMBERED: i64 = 7 * 86_400;
/// Codes that are remembered for the copy button.
const MOST_CODES: usize = 50;

impl Desk {
    /// The store is open: bubbles of an earlier run are known again.
    pub(super) async fn begin(&mut self) -> Option<mpsc::Receiver<BubbleEvent>> {
        let mind = self.mind.clone()?;
        self.autostart(mind.settings().autostart);
        let since = self.core.clock.now().saturating_sub(REMEMBERED);
        let known = mind
            .shown(since)
            .await
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

    pub(super) async fn tell(&mut self, tell: Tell) {
        match tell {
            Tell::Mails { mails, .. } => {
                for mail in mails {
                    self.bubble(mail).await;
                }
            }
            Tell::Summary { count, newest, .. } => {
                let language = self.words();
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
            Tell::Test => {
                let bubble = Bubble::new(
                    "test",
                    self.say("bubble.test.title", &[]),
                    self.say("bubble.test.body", &[]),
                );
                self.show(bubble, 0, &[]).await;
            }
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
        let bubble = Bubble {
            reply: Some(Reply {
                label: self.say("action.reply", &[]),
                hint: self.say("bubble.reply.hint", &[]),
                send: self.say("compose.send", &[]),
            }),
            ..Bubble::new(format!("mail-{id}"), title, body)
        };
        self.show(bubble, id, &buttons).await;
    }

    pub(super) async fn show(&mut self, bubble: Bubble, mail: MailId, buttons: &[Button]) {
        let Some(mind) = self.mind.clone() else { return };
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
                mind.emit(Event::BubbleShown { mail });
                let shown = ShownBubble {
                    mail,
                    system: id.0,
                    token,
                    shown: self.core.clock.now(),
                };
                mind.remember(shown).await;
            }
            Err(error) => tracing::warn!(%error, "a bubble was not shown"),
        }
    }

    pub(super) async fn withdraw(&mut self, mails: Vec<MailId>) {
        for mail in &mails {
            self.codes.remove(mail);
        }
        let Some(mind) = &self.mind else { return };
        for bubble in mind.take(mails).await {
            if let Some(bubbles) = &self.bubbles
                && let Err(error) = bubbles.withdraw(&BubbleId(bubble.system)).await
            {
                tracing::debug!(%error, "a bubble was not withdrawn");
            }
        }
    }

    pub(super) async fn shown(&self, wanted: impl Fn(&ShownBubble) -> bool) -> Option<ShownBubble> {
        let mind = self.mind.as_ref()?;
        let since = self.core.clock.now().saturating_sub(REMEMBERED);
        mind.shown(since).await.into_iter().find(wanted)
    }
}

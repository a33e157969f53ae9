//! Reminders in WeCom: a card for each new mail, and the number of unread mails on the workbench, for members who asked
//! for it.
//!
//! A card is sent from what the member's own app says, or from what the mail platform lists; a push is only a reason to
//! ask the platform. Words are on their way and nowhere else: what is kept of a mail is a hash, and for seven days.

pub mod api;

use std::sync::Arc;
use std::time::Duration;

use qiyou_bridge_api::{Card, CardWords, Reminders, card_hash};
use qiyou_netease::{Folder, Push};
use qiyou_wecom::{Content, Error, KeyData, Line, Message, TextCard, Tone};
use qiyou_words::{Language, say};

use crate::db::reminders::Heap;
use crate::limits::Buckets;
use crate::serve::{Bridge, Problem};

/// So many cards a member gets in a minute; what comes beyond is told of together, after the minute. WeCom shows nobody
/// more than 30 of an application, and drops the rest without a word.
const FEW: i64 = 10;
const MINUTE: i64 = 60;
/// Between two looks at what is to be told of together.
const TICK: Duration = Duration::from_secs(5);
/// How long one replica does so alone, in seconds.
const LEASE: i64 = 60;
/// What could not be sent for so long is not sent any more, in seconds.
const STALE: i64 = 3600;
/// The member's own app knows more of a mail than the platform's list: it goes first.
const APP_FIRST: Duration = Duration::from_secs(8);
/// How often the workbench's number may change in a minute, by WeCom's rate for one member.
const NUMBERS: u32 = 6;
/// Mails that an app may tell of in a minute.
const ARRIVALS: u32 = 240;
/// Under which it is noted that the workbench shows a number.
const TEMPLATE: &str = "workbench";
/// After WeCom refused the workbench's card.
const REFUSED: Duration = Duration::from_mins(10);

/// How much one member may cause.
pub struct Limits {
    arrivals: Buckets<String>,
    numbers: Buckets<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            arrivals: Buckets::new(ARRIVALS),
            numbers: Buckets::new(NUMBERS),
        }
    }
}

/// What a card may tell.
struct News<'a> {
    card: Card,
    sender: &'a str,
    subject: &'a str,
    words: &'a str,
}

fn language(reminders: &Reminders) -> Language {
    match reminders.lang.as_str() {
        "en" => Language::En,
        "zh-TW" => Language::ZhTw,
        _ => Language::ZhCn,
    }
}

fn face(bridge: &Bridge, wants: &Reminders, news: &News<'_>, id: &str) -> TextCard {
    let language = language(wants);
    let say = |key: &str, args: &[(&str, &str)]| say(language, &format!("bridge.card.{key}"), args);
    let line = |tone, text: &str| Line {
        tone,
        text: text.to_owned(),
    };
    let sender = news.sender.trim();
    let (title, mut lines) = match wants.words {
        CardWords::All if news.subject.trim().is_empty() => (say("no_subject", &[]), vec![line(Tone::Normal, sender)]),
        CardWords::All => (news.subject.trim().to_owned(), vec![line(Tone::Normal, sender)]),
        CardWords::Sender => (say("sender", &[("sender", sender)]), Vec::new()),
        CardWords::Nothing => (say("nothing", &[]), Vec::new()),
    };
    if wants.words == CardWords::All && !news.words.trim().is_empty() {
        lines.push(line(Tone::Gray, news.words.trim()));
    }
    if lines.is_empty() {
        lines.push(line(Tone::Gray, &news.card.mailbox));
    }
    TextCard {
        title,
        lines,
        url: bridge.address(&format!("/open/mail/{id}")),
        button: say("open", &[]),
    }
}

/// Tells a member of a mail, once.
async fn remind(bridge: &Bridge, userid: &str, wants: &Reminders, news: &News<'_>) -> Result<(), Problem> {
    let now = bridge.clock.now();
    let by_itself = bridge.db.cards_since(userid, now.saturating_sub(MINUTE)).await? < FEW;
    let Some(id) = bridge.db.add_card(userid, &news.card, by_itself, now).await? else {
        return Ok(());
    };
    if !by_itself {
        bridge.metrics.card("gathered");
        return Ok(());
    }
    if !send(bridge, userid, face(bridge, wants, news, &id)).await {
        // With the next heap, without its words.
        bridge.db.card_waits(&id).await?;
    }
    Ok(())
}

/// Whether there is nothing more to be done about it.
async fn send(bridge: &Bridge, userid: &str, card: TextCard) -> bool {
    let message = Message {
        to: vec![userid.to_owned()],
        content: Content::TextCard(card),
        once_within: None,
    };
    match bridge.wecom.send(&message).await {
        Ok(sent) => {
            let outcome = if sent.invalid.is_empty() { "sent" } else { "invalid" };
            bridge.metrics.card(outcome);
            true
        }
        // Nobody whom the application may write to.
        Err(Error::Code { code: 81013, .. }) => {
            bridge.metrics.card("invalid");
            true
        }
        Err(error) => {
            tracing::warn!(target: "bridge", %error, "a card was not sent");
            bridge.metrics.card("failed");
            false
        }
    }
}

/// The platform says that a mail came to a member's mailbox: the platform's own list has to show it.
pub async fn pushed(bridge: Arc<Bridge>, userid: String, mailbox: String, push: Push) {
    if let Err(problem) = look(&bridge, &userid, mailbox, &push).await {
        tracing::warn!(target: "bridge", ?problem, userid, "no reminder of a mail that was pushed");
    }
}

async fn look(bridge: &Bridge, userid: &str, mailbox: String, push: &Push) -> Result<(), Problem> {
    let wants = bridge.db.reminders(userid).await?;
    let (Some(netease), Some(sent_at), true) = (&bridge.netease, push.sent_at, wants.cards) else {
        return Ok(());
    };
    if bridge.hub.listens(userid) {
        tokio::time::sleep(APP_FIRST).await;
    }
    let card = Card {
        hash: card_hash(&mailbox, address(&push.from), &push.subject),
        sent_at: sent_at / 1000,
        mailbox,
    };
    let page = match netease.messages(&card.mailbox, Folder::Inbox, 1).await {
        Ok(page) => page,
        Err(error) => {
            tracing::warn!(target: "netease", %error, "the inbox was not listed");
            return Ok(());
        }
    };
    let found = page.messages.iter().find(|message| {
        message.unread != Some(false)
            && message.sent_at.is_some_and(|at| at / 1000 == card.sent_at)
            && card_hash(&card.mailbox, address(&message.from), &message.subject) == card.hash
    });
    let Some(message) = found else {
        bridge.metrics.card("unconfirmed");
        return Ok(());
    };
    let news = News {
        card,
        sender: &message.from,
        subject: &message.subject,
        words: "",
    };
    remind(bridge, userid, &wants, &news).await
}

/// The address in "name <address>".
fn address(text: &str) -> &str {
    let inside = text.rsplit_once('<').map_or(text, |(_, inside)| inside);
    inside.split('>').next().unwrap_or_default().trim()
}

/// Tells of what waits, until it is dropped. Of several replicas one does.
pub async fn run(bridge: Arc<Bridge>) {
    tokio::join!(gather(&bridge), template(&bridge));
}

async fn gather(bridge: &Bridge) {
    loop {
        tokio::time::sleep(TICK).await;
        if let Err(error) = heaps(bridge).await {
            tracing::warn!(target: "bridge", %error, "the database does not answer");
        }
    }
}

async fn heaps(bridge: &Bridge) -> Result<(), sqlx::Error> {
    let (db, now) = (&bridge.db, bridge.clock.now());
    let heaps = db.heaps(now.saturating_sub(MINUTE)).await?;
    if heaps.is_empty() || !db.lease("remind", &bridge.replica, now, LEASE).await? {
        return Ok(());
    }
    for Heap { userid, oldest } in heaps {
        let wants = db.reminders(&userid).await?;
        let count = db.tell_heap(&userid, now, false).await?;
        if count == 0 || !wants.cards || now.saturating_sub(oldest) > STALE {
            continue;
        }
        let count_text = count.to_string();
        let language = language(&wants);
        let words = |key: &str| say(language, &format!("bridge.card.{key}"), &[("count", &count_text)]);
        let card = TextCard {
            title: words("many"),
            lines: vec![Line {
                tone: Tone::Gray,
                text: words("many.why"),
            }],
            url: bridge.address("/open/inbox"),
            button: words("open"),
        };
        if !send(bridge, &userid, card).await {
            db.tell_heap(&userid, now, true).await?;
        }
    }
    db.release("remind", &bridge.replica).await
}

/// What stands on the workbench: how many, and where it leads.
fn number(bridge: &Bridge, language: Language, data: &str) -> KeyData {
    KeyData {
        key: say(language, "bridge.card.unread", &[]),
        data: data.to_owned(),
        jump_url: Some(bridge.address("/open/inbox")),
    }
}

/// Makes the application's place on the workbench a number, once.
async fn template(bridge: &Bridge) {
    if !bridge.config.wecom.workbench {
        return;
    }
    let mark = bridge.address("/").to_string();
    loop {
        match bridge.db.note(TEMPLATE).await {
            Ok(Some(done)) if done == mark => return,
            Ok(_) => {}
            Err(error) => tracing::warn!(target: "bridge", %error, "the database does not answer"),
        }
        let items = [number(bridge, Language::ZhCn, "-")];
        match bridge.wecom.set_workbench_template(&items).await {
            Ok(()) => {
                if bridge.db.set_note(TEMPLATE, &mark).await.is_ok() {
                    return;
                }
            }
            Err(error) => tracing::warn!(target: "bridge", %error, "the workbench shows no number"),
        }
        tokio::time::sleep(REFUSED).await;
    }
}

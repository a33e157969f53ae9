//! Messages of the application to members (reference A7).

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use crate::client::{Ask, Wecom};
use crate::cut::cut;
use crate::error::Error;
use crate::json::{split, string};

const API: &str = "message/send";
const MOST_RECIPIENTS: usize = 1000;
const LONGEST_TEXT: usize = 2048;
const LONGEST_TITLE: usize = 128;
const LONGEST_DESCRIPTION: usize = 512;
const LONGEST_TASK: usize = 128;
const MOST_ROWS: usize = 6;
const MOST_JUMPS: usize = 3;
/// Of a card's button, in characters.
const LONGEST_BUTTON: usize = 4;
/// WeCom's most for the duplicate check.
const LONGEST_MEMORY: Duration = Duration::from_hours(4);

/// A message to members.
#[derive(Clone, Debug)]
pub struct Message {
    /// Userids, at most 1000.
    pub to: Vec<String>,
    pub content: Content,
    /// The same content to the same member within this time is shown once; at most four hours.
    pub once_within: Option<Duration>,
}

/// What a message says. Texts beyond WeCom's limits are cut.
#[derive(Clone, Debug)]
pub enum Content {
    /// At most 2048 bytes. WeCom makes links of `<a href>`: whoever puts foreign words in here sees to that.
    Text(String),
    TextCard(TextCard),
    TextNotice(TextNotice),
}

/// A card: all of it is one link.
#[derive(Clone, Debug)]
pub struct TextCard {
    /// At most 128 bytes.
    pub title: String,
    /// At most 512 bytes together; a line that has no room is left out.
    pub lines: Vec<Line>,
    /// Opens in WeCom's own browser. At most 2048 bytes, or WeCom refuses (45002).
    pub url: Url,
    /// At most four characters; empty for WeCom's own word.
    pub button: String,
}

/// A line of a card. Plain words: what looks like markup is shown and does nothing.
#[derive(Clone, Debug)]
pub struct Line {
    pub tone: Tone,
    pub text: String,
}

/// How a line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Normal,
    Gray,
    Highlight,
}

/// A template card of the kind `text_notice`.
#[derive(Clone, Debug)]
pub struct TextNotice {
    /// Above the title, in grey; empty for none.
    pub source: String,
    pub title: String,
    pub description: String,
    /// A few large characters and what they mean, such as a number.
    pub emphasis: Option<(String, String)>,
    pub sub_title: String,
    /// Names and values, at most six.
    pub rows: Vec<(String, String)>,
    /// Links at the foot, at most three.
    pub jumps: Vec<(String, Url)>,
    /// Where the card itself leads.
    pub url: Url,
    /// Unique within the application, at most 128 bytes of letters, digits and `_-@`; empty for none.
    pub task_id: String,
}

/// What became of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Names the message, for taking it back.
    pub id: String,
    /// Userids that are unknown or outside the application's scope. The others have the message, unless they had 30
    /// within the minute: WeCom drops those without a word.
    pub invalid: Vec<String>,
    /// Userids without a licence for this.
    pub unlicensed: Vec<String>,
}

impl Wecom {
    /// Sends a message (`message/send`, document 90236). Userids that would name somebody else (`@all`, a list in
    /// one) are refused here (40031), as are none (82001) and too many (40032).
    pub async fn send(&self, message: &Message) -> Result<Sent, Error> {
        let refuse = |code| Err(Error::Code { code, api: API });
        if message.to.is_empty() {
            return refuse(82001);
        }
        if message.to.len() > MOST_RECIPIENTS {
            return refuse(40032);
        }
        if message
            .to
            .iter()
            .any(|to| to.is_empty() || to == "@all" || to.contains('|'))
        {
            return refuse(40031);
        }
        let body = message.body(self.app().agent_id);
        let answer = self.call(API, Ask::Post(&body)).await?;
        Ok(Sent {
            id: string(answer.get("msgid")),
            invalid: split(answer.get("invaliduser")),
            unlicensed: split(answer.get("unlicenseduser")),
        })
    }
}

impl Message {
    fn body(&self, agent_id: i64) -> Value {
        let (kind, content) = match &self.content {
            Content::Text(text) => ("text", json!({ "content": cut(text, LONGEST_TEXT) })),
            Content::TextCard(card) => ("textcard", card.body()),
            Content::TextNotice(notice) => ("template_card", notice.body()),
        };
        let mut body = json!({
            "touser": self.to.join("|"),
            "msgtype": kind,
            "agentid": agent_id,
            kind: content,
        });
        if let (Some(within), Some(body)) = (self.once_within, body.as_object_mut()) {
            let seconds = within.min(LONGEST_MEMORY).as_secs();
            body.insert("enable_duplicate_check".to_owned(), 1.into());
            body.insert("duplicate_check_interval".to_owned(), seconds.into());
        }
        body
    }
}

impl TextCard {
    fn body(&self) -> Value {
        let mut description = String::new();
        for line in &self.lines {
            let (before, after) = match line.tone {
                Tone::Normal => ("<div class=\"normal\">", "</div>"),
                Tone::Gray => ("<div class=\"gray\">", "</div>"),
                Tone::Highlight => ("<div class=\"highlight\">", "</div>"),
            };
            let used = description
                .len()
                .saturating_add(before.len())
                .saturating_add(after.len());
            let text = cut(&harmless(&line.text), LONGEST_DESCRIPTION.saturating_sub(used));
            if text.is_empty() {
                continue;
            }
            description.push_str(before);
            description.push_str(&text);
            description.push_str(after);
        }
        let mut body = json!({
            "title": cut(&harmless(&self.title), LONGEST_TITLE),
            "description": description,
            "url": self.url.as_str(),
        });
        if let (false, Some(body)) = (self.button.is_empty(), body.as_object_mut()) {
            let button: String = self.button.chars().take(LONGEST_BUTTON).collect();
            body.insert("btntxt".to_owned(), button.into());
        }
        body
    }
}

/// Without markup: whether WeCom reads entities is not documented, so the brackets become their wide kin.
fn harmless(text: &str) -> String {
    text.replace('<', "＜").replace('>', "＞")
}

impl TextNotice {
    fn body(&self) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .take(MOST_ROWS)
            .map(|(name, value)| json!({ "keyname": cut(name, LONGEST_TITLE), "value": cut(value, LONGEST_TITLE) }))
            .collect();
        let jumps: Vec<Value> = self
            .jumps
            .iter()
            .take(MOST_JUMPS)
            .map(|(title, url)| json!({ "type": 1, "title": cut(title, LONGEST_TITLE), "url": url.as_str() }))
            .collect();
        let mut body = json!({
            "card_type": "text_notice",
            "main_title": {
                "title": cut(&self.title, LONGEST_TITLE),
                "desc": cut(&self.description, LONGEST_DESCRIPTION),
            },
            "card_action": { "type": 1, "url": self.url.as_str() },
        });
        if let Some(body) = body.as_object_mut() {
            let mut add = |name: &str, value: Value| body.insert(name.to_owned(), value);
            if !self.source.is_empty() {
                add(
                    "source",
                    json!({ "desc": cut(&self.source, LONGEST_TITLE), "desc_color": 0 }),
                );
            }
            if let Some((title, meaning)) = &self.emphasis {
                let (title, meaning) = (cut(title, LONGEST_TITLE), cut(meaning, LONGEST_TITLE));
                add("emphasis_content", json!({ "title": title, "desc": meaning }));
            }
            if !self.sub_title.is_empty() {
                add("sub_title_text", cut(&self.sub_title, LONGEST_DESCRIPTION).into());
            }
            if !rows.is_empty() {
                add("horizontal_content_list", rows.into());
            }
            if !jumps.is_empty() {
                add("jump_list", jumps.into());
            }
            if !self.task_id.is_empty() && self.task_id.len() <= LONGEST_TASK {
                add("task_id", self.task_id.as_str().into());
            }
        }
        body
    }
}

#[cfg(test)]
mod tests;

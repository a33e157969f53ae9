//! New mails as NetEase tells them: a POST of JSON to a url of ours.
//!
//! Nothing on it is signed, so that it proves nothing: it is a reason to look, and its words are shown as words. The
//! url has to be unguessable, and the answer is [`Push::ANSWER`].

use serde_json::{Value, json};
use url::Url;

use crate::Netease;
use crate::error::Error;
use crate::fields::{clean, integer, list, text};

mod preview;

/// The most addresses that are kept of one push.
const RECIPIENTS: usize = 100;
/// The most files that are kept of one push.
const FILES: usize = 100;
/// The longest preview, in characters.
const PREVIEW: usize = 200;

/// A mail that arrived, in the words of whoever posted this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Push {
    /// As it was sent: an address, or a name with an address in angle brackets.
    pub from: String,
    /// As it was sent.
    pub to: String,
    /// The addresses in `to`, lower case. One of them should be the mailbox that the mail arrived in.
    pub recipients: Vec<String>,
    pub subject: String,
    /// The first words of the mail as plain text, at most 200 characters. May hold `<` like any text.
    pub preview: String,
    /// Milliseconds since 1970.
    pub sent_at: Option<i64>,
    /// Of the whole mail, in bytes.
    pub size: Option<u64>,
    pub files: Vec<PushedFile>,
}

/// A file attached to a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushedFile {
    pub name: String,
    pub media_type: String,
    /// Bytes, as they are stored in the mail.
    pub size: Option<u64>,
}

/// Why something is no push of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    #[error("longer than {limit} bytes")]
    TooLong { limit: usize },
    #[error("not an object of JSON")]
    Malformed,
    #[error("no recipient")]
    NoRecipient,
}

impl Push {
    /// What NetEase wants to hear.
    pub const ANSWER: &str = "success";

    /// Reads the body of a push that may be no longer than `limit` bytes.
    pub fn parse(body: &[u8], limit: usize) -> Result<Self, PushError> {
        if body.len() > limit {
            return Err(PushError::TooLong { limit });
        }
        // Another charset than UTF-8 spoils words, and leaves addresses and braces alone.
        let body = String::from_utf8_lossy(body);
        let value: Value = serde_json::from_str(&body).map_err(|_| PushError::Malformed)?;
        if !value.is_object() {
            return Err(PushError::Malformed);
        }
        let to = text(&value, &["To", "to"]);
        let whole = value.get("To").or_else(|| value.get("to")).and_then(Value::as_str);
        let recipients = addresses(whole.unwrap_or_default());
        if recipients.is_empty() {
            return Err(PushError::NoRecipient);
        }
        let content = match value.get("Content").or_else(|| value.get("content")) {
            Some(Value::String(content)) => content.as_str(),
            _ => "",
        };
        let html = text(&value, &["Content-Type", "contentType"])
            .to_ascii_lowercase()
            .contains("html");
        let words = if html {
            preview::plain(content, PREVIEW)
        } else {
            preview::words(content, PREVIEW)
        };
        Ok(Self {
            from: text(&value, &["From", "from"]),
            to,
            recipients,
            subject: text(&value, &["Subject", "subject"]),
            preview: clean(&words, PREVIEW),
            sent_at: integer(&value, &["SentDate", "sentDate"]).filter(|at| *at > 0),
            size: size(&value, &["mailsizebyte"]),
            files: files(&value),
        })
    }
}

fn size(value: &Value, names: &[&str]) -> Option<u64> {
    integer(value, names).and_then(|size| u64::try_from(size).ok())
}

fn files(value: &Value) -> Vec<PushedFile> {
    // The list may come as text with JSON in it: all values of this object are text.
    let inside = match value.get("AttachmentEx") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(list) => list.clone(),
        None => Value::Null,
    };
    let files = list(&inside, &[]).iter().take(FILES).map(|file| PushedFile {
        name: text(file, &["fileName", "filename"]),
        media_type: text(file, &["mimeType"]),
        size: size(file, &["storedSize"]),
    });
    files.filter(|file| !file.name.is_empty()).collect()
}

/// The addresses in a list of addresses with or without names, lower case.
fn addresses(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in text.split([',', ';']) {
        let part = match part.rsplit_once('<') {
            Some((_, inside)) => inside.split('>').next().unwrap_or_default(),
            None => part,
        };
        let address = part.trim().to_lowercase();
        let sound = address.split_once('@').is_some_and(|(name, domain)| {
            let odd = |c: char| c.is_whitespace() || c.is_control();
            !name.is_empty() && !domain.is_empty() && !domain.contains('@') && !address.contains(odd)
        });
        if sound && !found.contains(&address) {
            found.push(address);
        }
        if found.len() >= RECIPIENTS {
            break;
        }
    }
    found
}

impl Netease {
    /// Has new mails posted to `url`, which has to be reachable by NetEase and unguessable. Per account, also
    /// [`Netease::push_for`]. A url that is subscribed already stays so.
    pub async fn subscribe_push(&self, url: &Url) -> Result<(), Error> {
        let body = json!({ "orgOpenId": self.org().org_open_id, "url": url.as_str(), "source": "pushmail" });
        once(self.call("push/addDynamicSubscribe", body).await)
    }

    /// Has the new mails of an account posted.
    pub async fn push_for(&self, name: &str) -> Result<(), Error> {
        let body = json!({ "domain": self.org().domain, "accountName": self.local(name)? });
        once(self.call("push/addPushMailSubscribe", body).await)
    }
}

/// -421, a repetition: what was asked for is so.
fn once(answer: Result<Value, Error>) -> Result<(), Error> {
    match answer {
        Err(error) if error.code() == Some(-421) => Ok(()),
        answer => answer.map(|_| ()),
    }
}

#[cfg(test)]
mod tests;

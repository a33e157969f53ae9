//! What is in a mailbox, and which programs may open it.

use serde_json::{Value, json};

use crate::Netease;
use crate::call::counted;
use crate::error::Error;
use crate::fields::{flag, integer, list, some_text, text};

/// The mails of one page.
const PAGE: usize = 50;

/// A folder that every mailbox has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    Inbox,
    Drafts,
    Sent,
    Trash,
    Junk,
}

impl Folder {
    const fn number(self) -> &'static str {
        match self {
            Self::Inbox => "1",
            Self::Drafts => "2",
            Self::Sent => "3",
            Self::Trash => "4",
            Self::Junk => "5",
        }
    }
}

/// A mail as it is listed. NetEase's names for these are not documented: what could not be read is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// NetEase's own id, no UID of IMAP.
    pub id: Option<String>,
    pub from: String,
    pub to: String,
    pub subject: String,
    /// Milliseconds since 1970.
    pub sent_at: Option<i64>,
    pub unread: Option<bool>,
    /// Bytes.
    pub size: Option<i64>,
}

/// A page of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// In the whole folder, where NetEase says so.
    pub total: Option<u64>,
    pub messages: Vec<Message>,
}

impl Message {
    fn read(value: &Value) -> Self {
        let sent_at = integer(
            value,
            &["sentDate", "SentDate", "sentTime", "receivedDate", "date", "time"],
        );
        Self {
            id: some_text(value, &["mid", "id", "messageId", "msid"]),
            from: text(value, &["from", "From", "sender", "mailfrom"]),
            to: text(value, &["to", "To", "recipient", "mailto"]),
            subject: text(value, &["subject", "Subject"]),
            // What is too small for milliseconds of this century is seconds.
            sent_at: sent_at.map(|at| {
                if at < 100_000_000_000 {
                    at.saturating_mul(1000)
                } else {
                    at
                }
            }),
            unread: flag(value, &["unread"]).or_else(|| flag(value, &["read", "isRead"]).map(|read| !read)),
            size: integer(value, &["size", "mailsize", "mailSize", "mailsizebyte"]),
        }
    }
}

impl Netease {
    /// Lets mail programs open an account's mailbox by IMAP and send by SMTP, or forbids it.
    pub async fn allow_clients(&self, name: &str, imap: bool, smtp: bool) -> Result<(), Error> {
        let name = self.local(name)?;
        for (kind, allowed) in [("imap", imap), ("smtp", smtp)] {
            let body = json!({
                "domain": self.org().domain,
                "accountName": name,
                "loginType": kind,
                "loginPerm": i32::from(allowed),
            });
            self.call("account/updateAccountLoginPerm", body).await?;
        }
        Ok(())
    }

    /// How many mails of the inbox are unread.
    pub async fn unread(&self, name: &str) -> Result<u64, Error> {
        let call = "mailbox/getUnreadMsg";
        let body = json!({
            "domain": self.org().domain,
            "accountName": self.local(name)?,
            "fid": Folder::Inbox.number(),
        });
        counted(call, &self.call(call, body).await?, &["count", "unread", "unreadCount"])
    }

    /// A page of a folder, from 1.
    pub async fn messages(&self, name: &str, folder: Folder, page: u32) -> Result<Messages, Error> {
        let body = json!({
            "domain": self.org().domain,
            "accountName": self.local(name)?,
            "fid": folder.number(),
            "pageNum": page.max(1),
            "pageSize": PAGE,
            "returnTotal": true,
        });
        let data = self.call("mailbox/listMessages", body).await?;
        let rows = list(&data, &["list", "messages", "messageList", "mails", "var"]);
        let total = integer(&data, &["total", "count", "totalCount"]);
        Ok(Messages {
            total: total.and_then(|total| u64::try_from(total).ok()),
            // A server may give more than a page; nobody asked for it.
            messages: rows.iter().take(PAGE).map(Message::read).collect(),
        })
    }
}

//! Folders as a server lists them, and what each is for.

use serde::{Deserialize, Serialize};

use crate::name::MailboxName;

/// What a folder is for (RFC 6154).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpecialUse {
    Inbox,
    Drafts,
    Sent,
    Junk,
    Trash,
    Archive,
    /// All mails of the account in one folder (Gmail's "All Mail").
    All,
    Flagged,
    Important,
}

/// Whose folder it is (RFC 2342).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NamespaceKind {
    #[default]
    Personal,
    /// Folders of other users.
    Other,
    Shared,
}

/// One prefix of a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// As on the wire, with a trailing delimiter as a rule.
    pub prefix: Vec<u8>,
    pub delimiter: Option<char>,
}

/// The server's namespaces; empty where it does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespaces {
    pub personal: Vec<Namespace>,
    pub other: Vec<Namespace>,
    pub shared: Vec<Namespace>,
}

impl Namespaces {
    /// Whose folder `wire` is: the longest prefix decides, personal where none fits.
    pub fn kind_of(&self, wire: &[u8]) -> NamespaceKind {
        let mut best = (0, NamespaceKind::Personal);
        for (list, kind) in [
            (&self.other, NamespaceKind::Other),
            (&self.shared, NamespaceKind::Shared),
        ] {
            for namespace in list {
                let prefix = namespace.prefix.as_slice();
                // The prefix "#shared/" holds the folder "#shared" too.
                let bare = prefix
                    .strip_suffix(delimiter_bytes(namespace.delimiter).as_slice())
                    .unwrap_or(prefix);
                let holds = !prefix.is_empty() && (wire.starts_with(prefix) || wire == bare);
                let personal_is_longer = self
                    .personal
                    .iter()
                    .any(|p| p.prefix.len() > prefix.len() && wire.starts_with(p.prefix.as_slice()));
                if holds && prefix.len() > best.0 && !personal_is_longer {
                    best = (prefix.len(), kind);
                }
            }
        }
        best.1
    }
}

fn delimiter_bytes(delimiter: Option<char>) -> Vec<u8> {
    delimiter.map(|d| d.to_string().into_bytes()).unwrap_or_default()
}

/// What STATUS tells; every number may be missing (Coremail drops UIDNEXT without a word).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    pub messages: Option<u32>,
    pub recent: Option<u32>,
    pub uidnext: Option<u32>,
    pub uidvalidity: Option<u32>,
    pub unseen: Option<u32>,
    /// RFC 7162; 0 (= the mailbox keeps no modification sequences) reads as none.
    pub highestmodseq: Option<u64>,
    /// Bytes of all messages (RFC 8438).
    pub size: Option<u64>,
    /// Messages marked as deleted (RFC 9051).
    pub deleted: Option<u32>,
    /// RFC 8474.
    pub mailbox_id: Option<String>,
}

/// One folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    pub name: MailboxName,
    pub delimiter: Option<char>,
    /// Can be selected (not `\Noselect`, not `\NonExistent`).
    pub selectable: bool,
    /// Can have no children (`\Noinferiors`).
    pub no_inferiors: bool,
    /// None where nobody told.
    pub subscribed: Option<bool>,
    pub special_use: Option<SpecialUse>,
    /// Where the server answers LIST with STATUS (RFC 5819).
    pub status: Option<Status>,
    pub namespace: NamespaceKind,
}

/// One row of LIST, LSUB or XLIST, before it is put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListRow {
    pub(crate) name: MailboxName,
    pub(crate) delimiter: Option<char>,
    pub(crate) attributes: Vec<String>,
    /// The name before a rename (RFC 9051 OLDNAME, RFC 5465).
    pub(crate) old_name: Option<MailboxName>,
}

impl ListRow {
    pub(crate) fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|a| a.eq_ignore_ascii_case(attribute))
    }

    pub(crate) fn into_mailbox(self, namespaces: &Namespaces) -> Mailbox {
        let namespace = namespaces.kind_of(self.name.wire());
        Mailbox {
            selectable: !self.has("\\Noselect") && !self.has("\\NonExistent"),
            no_inferiors: self.has("\\Noinferiors"),
            subscribed: self.has("\\Subscribed").then_some(true),
            special_use: self.special_use(),
            status: None,
            namespace,
            delimiter: self.delimiter,
            name: self.name,
        }
    }

    /// By flag: RFC 6154's, and those of Gmail's old XLIST.
    fn special_use(&self) -> Option<SpecialUse> {
        if self.name.is_inbox() {
            return Some(SpecialUse::Inbox);
        }
        [
            ("\\Drafts", SpecialUse::Drafts),
            ("\\Sent", SpecialUse::Sent),
            ("\\Junk", SpecialUse::Junk),
            ("\\Spam", SpecialUse::Junk),
            ("\\Trash", SpecialUse::Trash),
            ("\\Archive", SpecialUse::Archive),
            ("\\All", SpecialUse::All),
            ("\\AllMail", SpecialUse::All),
            ("\\Flagged", SpecialUse::Flagged),
            ("\\Starred", SpecialUse::Flagged),
            ("\\Important", SpecialUse::Important),
            ("\\Inbox", SpecialUse::Inbox),
        ]
        .into_iter()
        .find_map(|(flag, special)| self.has(flag).then_some(special))
    }
}

/// Names that folders of a purpose bear where no flag tells, the likeliest first; compared without case.
const NAMES: &[(SpecialUse, &[&str])] = &[
    (
        SpecialUse::Drafts,
        &[
            "草稿箱",
            "草稿夹",
            "草稿",
            "草稿匣",
            "寄件草稿",
            "Drafts",
            "Draft",
            "Entwürfe",
            "Brouillons",
            "下書き",
            "임시 보관함",
        ],
    ),
    (
        SpecialUse::Sent,
        &[
            "已发送",
            "已发送邮件",
            "已发邮件",
            "已发送消息",
            "发件箱",
            "寄件備份",
            "寄件匣備份",
            "已傳送",
            "已傳送郵件",
            "寄件備份匣",
            "Sent Messages",
            "Sent Items",
            "Sent Mail",
            "Sent",
            "Gesendet",
            "Gesendete Elemente",
            "送信済み",
            "送信済みアイテム",
        ],
    ),
    (
        SpecialUse::Junk,
        &[
            "垃圾邮件",
            "垃圾箱",
            "垃圾邮件箱",
            "垃圾郵件",
            "垃圾郵件匣",
            "Junk",
            "Junk E-mail",
            "Junk Email",
            "Junk Mail",
            "Spam",
            "Bulk Mail",
            "迷惑メール",
        ],
    ),
    (
        SpecialUse::Trash,
        &[
            "已删除",
            "已删除邮件",
            "已刪除",
            "已刪除的郵件",
            "刪除的郵件",
            "废件箱",
            "回收站",
            "垃圾桶",
            "Deleted Messages",
            "Deleted Items",
            "Trash",
            "Deleted",
            "Papierkorb",
            "ゴミ箱",
        ],
    ),
    (
        SpecialUse::Archive,
        &[
            "归档",
            "存档",
            "归档邮件",
            "封存",
            "歸檔",
            "Archive",
            "Archives",
            "Archiv",
            "アーカイブ",
        ],
    ),
    (SpecialUse::Flagged, &["星标邮件", "红旗邮件", "Starred", "Flagged"]),
];

/// Gives purposes by name to what bears no flag: a purpose that some flag gave stays where it is, each purpose is
/// given once, personal folders at the top of the hierarchy (or right below INBOX or the personal prefix) first.
pub(crate) fn name_special_uses(mailboxes: &mut [Mailbox]) {
    for &(special, names) in NAMES {
        if mailboxes.iter().any(|m| m.special_use == Some(special)) {
            continue;
        }
        let best = mailboxes
            .iter()
            .enumerate()
            .filter(|(_, m)| m.special_use.is_none() && m.selectable && m.namespace == NamespaceKind::Personal)
            .filter_map(|(at, m)| {
                let leaf = m.name.leaf(m.delimiter).to_lowercase();
                let rank = names.iter().position(|n| n.to_lowercase() == leaf)?;
                let depth = m.delimiter.map_or(0, |d| m.name.display().matches(d).count());
                // Courier and Cyrus keep everything below INBOX; deeper ones are somebody's own folders.
                let root = m
                    .name
                    .display()
                    .split(m.delimiter.unwrap_or('/'))
                    .next()
                    .unwrap_or_default();
                let allowed = depth == 0
                    || depth == 1
                        && (root.eq_ignore_ascii_case("INBOX") || root == "[Gmail]" || root == "[Google Mail]");
                allowed.then_some((depth, rank, at))
            })
            .min();
        if let Some((_, _, at)) = best
            && let Some(mailbox) = mailboxes.get_mut(at)
        {
            mailbox.special_use = Some(special);
        }
    }
}

#[cfg(test)]
mod tests;

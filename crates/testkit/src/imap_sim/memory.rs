//! The account in memory: folders, mails, and what happened to them.
use jiff::Timestamp;

use super::quirks::{Place, Quirks};

/// One mail in one folder.
#[derive(Debug, Clone)]
pub(super) struct Mail {
    pub(super) uid: u32,
    pub(super) flags: Vec<String>,
    pub(super) arrived: Timestamp,
    pub(super) raw: Vec<u8>,
    /// The same for all copies of a mail.
    pub(super) identity: u64,
    pub(super) labels: Vec<String>,
    /// Counts up with every change of anything (RFC 7162).
    pub(super) modseq: u64,
}

impl Mail {
    pub(super) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|one| one.eq_ignore_ascii_case(flag))
    }

    pub(super) fn size(&self) -> u32 {
        u32::try_from(self.raw.len()).unwrap_or(u32::MAX)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Folder {
    /// In plain Unicode.
    pub(super) name: String,
    /// Such as `\Sent`.
    pub(super) place: Option<Place>,
    pub(super) subscribed: bool,
    pub(super) selectable: bool,
    pub(super) validity: u32,
    pub(super) next: u32,
    /// By rising UID.
    pub(super) mails: Vec<Mail>,
}

impl Folder {
    pub(super) fn unseen(&self) -> usize {
        self.mails.iter().filter(|mail| !mail.has("\\Seen")).count()
    }

    pub(super) fn highest_modseq(&self) -> u64 {
        self.mails.iter().map(|mail| mail.modseq).max().unwrap_or(1)
    }
}

/// Which way flags or labels change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Set,
    Add,
    Take,
}

impl Change {
    pub(super) fn apply(self, list: &mut Vec<String>, words: &[String]) {
        let among = |one: &String, words: &[String]| words.iter().any(|word| word.eq_ignore_ascii_case(one));
        match self {
            Self::Set => *list = words.to_vec(),
            Self::Take => list.retain(|one| !among(one, words)),
            Self::Add => {
                let new: Vec<String> = words.iter().filter(|word| !among(word, list)).cloned().collect();
                list.extend(new);
            }
        }
    }
}

/// The whole account.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) folders: Vec<Folder>,
    first_uid: u32,
    uid_step: u32,
    validity: u32,
    identities: u64,
    modseq: u64,
}

impl Account {
    pub(super) fn new(quirks: &Quirks) -> Self {
        let mut account = Self {
            folders: Vec::new(),
            first_uid: quirks.first_uid,
            uid_step: quirks.uid_step,
            validity: quirks.uid_validity,
            identities: 0,
            modseq: 1,
        };
        account.create("INBOX", None);
        for (name, place) in &quirks.folders {
            account.create(name, *place);
        }
        account
    }

    pub(super) fn create(&mut self, name: &str, place: Option<Place>) -> bool {
        if self.folder(name).is_some() {
            return false;
        }
        self.folders.push(Folder {
            name: name.to_owned(),
            place,
            subscribed: true,
            selectable: place != Some(Place::NoSelect),
            validity: self.validity,
            next: self.first_uid,
            mails: Vec::new(),
        });
        true
    }

    pub(super) fn folder(&self, name: &str) -> Option<&Folder> {
        self.folders.iter().find(|folder| same_name(&folder.name, name))
    }

    pub(super) fn folder_mut(&mut self, name: &str) -> Option<&mut Folder> {
        self.folders.iter_mut().find(|folder| same_name(&folder.name, name))
    }

    pub(super) fn place(&self, place: Place) -> Option<&str> {
        self.folders
            .iter()
            .find(|folder| folder.place == Some(place))
            .map(|folder| folder.name.as_str())
    }

    pub(super) fn identity(&mut self) -> u64 {
        self.identities = self.identities.saturating_add(1);
        self.identities
    }

    pub(super) fn stamp(&mut self) -> u64 {
        self.modseq = self.modseq.saturating_add(1);
        self.modseq
    }

    /// Puts a mail at the end of a folder; its UID, or nothing if there is no such folder.
    pub(super) fn add(&mut self, folder: &str, mut mail: Mail) -> Option<u32> {
        mail.modseq = self.stamp();
        let step = self.uid_step;
        let folder = self.folder_mut(folder)?;
        mail.uid = folder.next;
        folder.next = folder.next.saturating_add(step);
        let uid = mail.uid;
        folder.mails.push(mail);
        Some(uid)
    }

    /// Changes the flags of a mail and of its copies where `copies` says that these share them.
    pub(super) fn change_flags(
        &mut self,
        folder: &str,
        uid: u32,
        change: Change,
        words: &[String],
        copies: bool,
    ) -> bool {
        let modseq = self.stamp();
        let find = |folder: &Folder| {
            folder
                .mails
                .iter()
                .find(|mail| mail.uid == uid)
                .map(|mail| mail.identity)
        };
        let Some(identity) = self.folder(folder).and_then(find) else {
            return false;
        };
        for one in &mut self.folders {
            let here = same_name(&one.name, folder);
            for mail in &mut one.mails {
                if (here && mail.uid == uid) || (copies && mail.identity == identity) {
                    change.apply(&mut mail.flags, words);
                    mail.modseq = modseq;
                }
            }
        }
        true
    }

    pub(super) fn remove(&mut self, folder: &str, uids: &[u32]) -> usize {
        let Some(folder) = self.folder_mut(folder) else {
            return 0;
        };
        let before = folder.mails.len();
        folder.mails.retain(|mail| !uids.contains(&mail.uid));
        before.saturating_sub(folder.mails.len())
    }

    /// Gives all mails of a folder other UIDs and keeps UIDVALIDITY, as QQ does. The old numbers are dealt out anew in
    /// another order, so that a number that was one mail now is another.
    pub(super) fn renumber(&mut self, folder: &str) {
        let step = self.uid_step;
        let Some(folder) = self.folder_mut(folder) else { return };
        let count = folder.mails.len();
        let half = count.checked_div(2).unwrap_or_default();
        folder.mails.rotate_left(half.max(1).min(count));
        let mut uid = folder.mails.iter().map(|mail| mail.uid).min().unwrap_or(folder.next);
        for mail in &mut folder.mails {
            mail.uid = uid;
            uid = uid.saturating_add(step);
        }
        folder.next = uid;
    }
}

/// INBOX is INBOX in any case; other names are as they are.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one == other || (one.eq_ignore_ascii_case("INBOX") && other.eq_ignore_ascii_case("INBOX"))
}

//! Commands about folders: LIST and its kin, SELECT, STATUS, making and naming.
use super::State;
use super::memory::{Folder, same_name};
use super::parse::{Args, Token};
use super::quirks::{Lie, Place, Quirks};
use super::session::{Selected, Session, Step, has, say};
use crate::utf7;

impl Session {
    pub(super) fn select(&mut self, state: &mut State, name: &str, mut args: Args) -> Option<Step> {
        self.selected = None;
        let folder = self.named(&args.string()?)?;
        if state.quirks.unsafe_login && !self.introduced {
            return Some(say(format!(
                "NO {name} Unsafe Login. Please contact kefu@188.com for help"
            )));
        }
        let Some(folder) = state.account.folder(&folder).filter(|folder| folder.selectable) else {
            return Some(say(format!("NO {name} Unknown mailbox")));
        };
        let exists = if state.quirks.lies.contains(&Lie::HugeExists) {
            u32::MAX as usize
        } else {
            folder.mails.len()
        };
        self.line(&format!("* {exists} EXISTS"));
        self.line("* 0 RECENT");
        self.line(&format!("* OK [UIDVALIDITY {}] UIDs valid", folder.validity));
        if !state.quirks.hide_uidnext {
            self.line(&format!("* OK [UIDNEXT {}] Predicted next UID", folder.next));
        }
        if has(&state.quirks, "CONDSTORE") {
            self.line(&format!("* OK [HIGHESTMODSEQ {}] Highest", folder.highest_modseq()));
        }
        self.line("* FLAGS (\\Answered \\Seen \\Deleted \\Draft \\Flagged)");
        self.line("* OK [PERMANENTFLAGS (\\Answered \\Seen \\Deleted \\Draft \\Flagged \\*)] Limited");
        let read_only = name == "EXAMINE";
        self.selected = Some(Selected {
            folder: folder.name.clone(),
            read_only,
            view: folder.mails.iter().map(|mail| (mail.uid, mail.modseq)).collect(),
        });
        Some(say(format!(
            "OK [READ-{}] {name} completed",
            if read_only { "ONLY" } else { "WRITE" }
        )))
    }

    pub(super) fn status(&mut self, state: &State, mut args: Args) -> Option<Step> {
        let folder = self.named(&args.string()?)?;
        let items = args.list()?.words();
        let Some(folder) = state.account.folder(&folder).filter(|folder| folder.selectable) else {
            return Some(say("NO STATUS Unknown mailbox"));
        };
        let line = self.status_line(&state.quirks, folder, &items)?;
        self.line(&line);
        Some(say("OK STATUS completed"))
    }

    pub(super) fn list(&mut self, state: &State, name: &str, mut args: Args) -> Option<Step> {
        let extended = has(&state.quirks, "LIST-EXTENDED");
        let mut only = Vec::new();
        if args.peek() == Some(&Token::Open) {
            only = extended.then(|| args.list()).flatten()?.words();
        }
        let reference = self.named(&args.string()?)?;
        let patterns: Vec<String> = if args.peek() == Some(&Token::Open) {
            extended.then(|| args.list()).flatten()?
        } else {
            Args([args.token()?].into())
        }
        .0
        .into_iter()
        .map(|token| match token {
            Token::Atom(word) => Some(word),
            Token::Text(text) => String::from_utf8(text).ok(),
            Token::Open | Token::Close => None,
        })
        .collect::<Option<_>>()?;
        let mut counted = None;
        if args.take_word("RETURN") {
            let mut options = extended.then(|| args.list()).flatten()?;
            while let Some(option) = options.word() {
                if option == "STATUS" {
                    counted = has(&state.quirks, "LIST-STATUS")
                        .then(|| options.list())
                        .flatten()?
                        .words()
                        .into();
                }
            }
        }
        for pattern in patterns {
            if pattern.is_empty() {
                self.line(&format!("* {name} (\\Noselect) \"/\" \"\""));
                continue;
            }
            let pattern = format!("{reference}{}", self.named(&pattern)?);
            for folder in &state.account.folders {
                let wanted = matches(&pattern, &folder.name)
                    && (name != "LSUB" || folder.subscribed)
                    && (!only.iter().any(|word| word == "SUBSCRIBED") || folder.subscribed)
                    && (!only.iter().any(|word| word == "SPECIAL-USE") || folder.place.is_some());
                if !wanted {
                    continue;
                }
                let attributes = attributes(state, folder, name);
                self.line(&format!(
                    "* {name} ({}) \"/\" \"{}\"",
                    attributes.join(" "),
                    self.name_of(&folder.name)
                ));
                if let Some(items) = counted.as_ref().filter(|_| folder.selectable) {
                    let line = self.status_line(&state.quirks, folder, items)?;
                    self.line(&line);
                }
            }
        }
        Some(say(format!("OK {name} completed")))
    }

    pub(super) fn change_folder(&self, state: &mut State, name: &str, mut args: Args) -> Option<Step> {
        let folder = self.named(&args.string()?)?;
        let folder = folder.trim_end_matches('/').to_owned();
        let done = match name {
            "CREATE" => state.account.create(&folder, None),
            "DELETE" => {
                let before = state.account.folders.len();
                state
                    .account
                    .folders
                    .retain(|one| same_name(&one.name, "INBOX") || !same_name(&one.name, &folder));
                state.account.folders.len() < before
            }
            "RENAME" => {
                let target = self.named(&args.string()?)?;
                rename(state, &folder, &target)
            }
            _ => match state.account.folder_mut(&folder) {
                Some(found) => {
                    found.subscribed = name == "SUBSCRIBE";
                    true
                }
                None => false,
            },
        };
        Some(say(if done {
            format!("OK {name} completed")
        } else {
            format!("NO {name} failed")
        }))
    }

    /// A folder's name as the client wrote it: UTF-8 once it was enabled (RFC 9755), modified UTF-7 before.
    pub(super) fn named(&self, wire: &str) -> Option<String> {
        if self.utf8 {
            Some(wire.to_owned())
        } else {
            utf7::decode(wire)
        }
    }

    /// A folder's name as this session is told it.
    pub(super) fn name_of(&self, name: &str) -> String {
        if self.utf8 { name.to_owned() } else { utf7::encode(name) }
    }

    fn status_line(&self, quirks: &Quirks, folder: &Folder, items: &[String]) -> Option<String> {
        let mut words = Vec::new();
        for item in items {
            let value = match item.as_str() {
                "MESSAGES" => folder.mails.len() as u64,
                "RECENT" => 0,
                "UIDNEXT" if quirks.hide_uidnext => continue,
                "UIDNEXT" => folder.next.into(),
                "UIDVALIDITY" => folder.validity.into(),
                "UNSEEN" => folder.unseen() as u64,
                "HIGHESTMODSEQ" if has(quirks, "CONDSTORE") => folder.highest_modseq(),
                _ => return None,
            };
            words.push(format!("{item} {value}"));
        }
        Some(format!(
            "* STATUS \"{}\" ({})",
            self.name_of(&folder.name),
            words.join(" ")
        ))
    }
}

fn rename(state: &mut State, from: &str, to: &str) -> bool {
    if state.account.folder(to).is_some() || state.account.folder(from).is_none() || same_name(from, "INBOX") {
        return false;
    }
    let below = format!("{from}/");
    for folder in &mut state.account.folders {
        if folder.name == from {
            to.clone_into(&mut folder.name);
        } else if let Some(rest) = folder.name.strip_prefix(&below) {
            folder.name = format!("{to}/{rest}");
        }
    }
    true
}

fn attributes(state: &State, folder: &Folder, command: &str) -> Vec<&'static str> {
    let below = format!("{}/", folder.name);
    let parent = state.account.folders.iter().any(|other| other.name.starts_with(&below));
    let mut list = vec![if parent { "\\HasChildren" } else { "\\HasNoChildren" }];
    if !folder.selectable {
        list.push("\\Noselect");
    }
    let old = command == "XLIST";
    let told = old || (command == "LIST" && (has(&state.quirks, "SPECIAL-USE") || state.quirks.flags_in_list));
    if old && same_name(&folder.name, "INBOX") {
        list.push("\\Inbox");
    }
    if let Some(place) = folder.place.filter(|_| told) {
        match place {
            Place::Sent => list.push("\\Sent"),
            Place::Drafts => list.push("\\Drafts"),
            Place::Trash => list.push("\\Trash"),
            Place::Junk => list.push(if old { "\\Spam" } else { "\\Junk" }),
            Place::Archive => list.push("\\Archive"),
            Place::All => list.push(if old { "\\AllMail" } else { "\\All" }),
            Place::Flagged => list.push(if old { "\\Starred" } else { "\\Flagged" }),
            Place::NoSelect => {}
        }
    }
    list
}

/// `*` stands for anything, `%` for anything on one level.
fn matches(pattern: &str, name: &str) -> bool {
    let Some(first) = pattern.chars().next() else {
        return name.is_empty();
    };
    let rest = pattern.strip_prefix(first).unwrap_or_default();
    if first == '*' || first == '%' {
        let mut tail = name;
        loop {
            if matches(rest, tail) {
                return true;
            }
            let Some(next) = tail.chars().next() else { return false };
            if first == '%' && next == '/' {
                return false;
            }
            tail = tail.strip_prefix(next).unwrap_or_default();
        }
    }
    if pattern.eq_ignore_ascii_case("INBOX") && name.eq_ignore_ascii_case("INBOX") {
        return true;
    }
    name.strip_prefix(first).is_some_and(|tail| matches(rest, tail))
}

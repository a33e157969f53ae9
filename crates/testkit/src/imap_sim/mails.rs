//! Commands about mails: FETCH, STORE, COPY, MOVE, EXPUNGE, SEARCH, APPEND, and news for the client.
use std::fmt::Write as _;

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use super::State;
use super::memory::{Change, Mail};
use super::parse::{Args, Set, Token};
use super::quirks::Lie;
use super::session::{Session, Step, has, say};
use super::structure::{Part, string};
use super::{search, with_crlf};
use crate::utf7;

const DATE: &str = "%d-%b-%Y %H:%M:%S %z";
const DEEP: usize = 100_000;

impl Session {
    /// Writes what changed in the selected folder since the client was last told.
    pub(super) fn tell_changes(&mut self, state: &State) {
        let Some(selected) = &mut self.selected else { return };
        let Some(folder) = state.account.folder(&selected.folder) else {
            return;
        };
        let mut news = String::new();
        let find = |uid: u32| folder.mails.binary_search_by_key(&uid, |mail| mail.uid).ok();
        for at in (0..selected.view.len()).rev() {
            if selected.view.get(at).is_some_and(|(uid, _)| find(*uid).is_none()) {
                selected.view.remove(at);
                let _ = write!(news, "* {} EXPUNGE\r\n", at.saturating_add(1));
            }
        }
        for (at, (uid, told)) in selected.view.iter_mut().enumerate() {
            let Some(mail) = find(*uid).and_then(|at| folder.mails.get(at)) else {
                continue;
            };
            if mail.modseq > *told {
                *told = mail.modseq;
                let _ = write!(
                    news,
                    "* {} FETCH (UID {uid} FLAGS ({}))\r\n",
                    at.saturating_add(1),
                    mail.flags.join(" ")
                );
            }
        }
        let known = selected.view.last().map_or(0, |(uid, _)| *uid);
        let new: Vec<(u32, u64)> = folder
            .mails
            .iter()
            .filter(|mail| mail.uid > known)
            .map(|mail| (mail.uid, mail.modseq))
            .collect();
        if !new.is_empty() {
            selected.view.extend(new);
            let _ = write!(news, "* {} EXISTS\r\n", selected.view.len());
        }
        self.out.extend_from_slice(news.as_bytes());
    }

    /// Numbers and UIDs of the mails that a command means; the inner error is the answer to a set that is refused.
    fn chosen(&self, state: &State, by_uid: bool, args: &mut Args) -> Option<Result<Vec<(u32, u32)>, Step>> {
        let set = args.string().and_then(|text| Set::parse(&text));
        if state.quirks.odd_sets_are_bad && set.as_ref().is_none_or(Set::is_odd) {
            return Some(Err(say("BAD UID parameters!")));
        }
        let set = set?;
        let view = &self.selected.as_ref()?.view;
        let highest = if by_uid {
            view.last().map_or(0, |(uid, _)| *uid)
        } else {
            u32::try_from(view.len()).ok()?
        };
        let chosen = (1_u32..)
            .zip(view)
            .filter(|(number, (uid, _))| set.contains(if by_uid { *uid } else { *number }, highest))
            .map(|(number, (uid, _))| (number, *uid))
            .collect();
        Some(Ok(chosen))
    }

    pub(super) fn search(&mut self, state: &State, by_uid: bool, args: Args) -> Option<Step> {
        let key = match search::parse(args, &state.quirks) {
            Ok(key) => key,
            Err(refusal) => return Some(say(refusal)),
        };
        let selected = self.selected.as_ref()?;
        let folder = state.account.folder(&selected.folder)?;
        let highest = (
            u32::try_from(selected.view.len()).ok()?,
            selected.view.last().map_or(0, |(uid, _)| *uid),
        );
        let mut line = "* SEARCH".to_owned();
        for (number, (uid, _)) in (1_u32..).zip(&selected.view) {
            let Ok(at) = folder.mails.binary_search_by_key(uid, |mail| mail.uid) else {
                continue;
            };
            if folder
                .mails
                .get(at)
                .is_some_and(|mail| key.finds(mail, number, highest))
            {
                let _ = write!(line, " {}", if by_uid { *uid } else { number });
            }
        }
        self.line(&line);
        Some(say("OK SEARCH completed"))
    }

    pub(super) fn store(&mut self, state: &mut State, by_uid: bool, mut args: Args) -> Option<Step> {
        let chosen = match self.chosen(state, by_uid, &mut args)? {
            Ok(chosen) => chosen,
            Err(step) => return Some(step),
        };
        let selected = self.selected.as_mut()?;
        if selected.read_only {
            return Some(say("NO STORE The mailbox is read-only"));
        }
        let item = args.word()?;
        let (change, item) = match item.chars().next()? {
            '+' => (Change::Add, item.get(1..)?),
            '-' => (Change::Take, item.get(1..)?),
            _ => (Change::Set, item.as_str()),
        };
        let (item, silent) = item.strip_suffix(".SILENT").map_or((item, false), |item| (item, true));
        let mut list = args.list()?;
        let words: Vec<String> = std::iter::from_fn(|| list.string()).collect();
        if state.quirks.refuse_keywords && words.iter().any(|word| !word.starts_with('\\')) {
            return Some(say("NO STORE Keywords are not supported"));
        }
        for (number, uid) in chosen {
            match item {
                "FLAGS" => {
                    state
                        .account
                        .change_flags(&selected.folder, uid, change, &words, state.quirks.labels);
                }
                "X-GM-LABELS" if state.quirks.labels => {
                    let modseq = state.account.stamp();
                    let folder = state.account.folder_mut(&selected.folder)?;
                    if let Some(mail) = folder.mails.iter_mut().find(|mail| mail.uid == uid) {
                        change.apply(&mut mail.labels, &words);
                        mail.modseq = modseq;
                    }
                }
                _ => return None,
            }
            let folder = state.account.folder(&selected.folder)?;
            let Some(mail) = folder.mails.iter().find(|mail| mail.uid == uid) else {
                continue;
            };
            if let Some(entry) = selected.view.iter_mut().find(|(known, _)| *known == uid) {
                entry.1 = mail.modseq;
            }
            if !silent {
                let line = format!("* {number} FETCH (UID {uid} FLAGS ({}))\r\n", mail.flags.join(" "));
                self.out.extend_from_slice(line.as_bytes());
            }
        }
        self.shared.tell();
        Some(say("OK STORE completed"))
    }

    pub(super) fn copy(&mut self, state: &mut State, name: &str, mut args: Args, away: bool) -> Option<Step> {
        let chosen = match self.chosen(state, name.starts_with("UID"), &mut args)? {
            Ok(chosen) => chosen,
            Err(step) => return Some(step),
        };
        let target = self.named(&args.string()?)?;
        let selected = self.selected.as_ref()?;
        if away && selected.read_only {
            return Some(say("NO MOVE The mailbox is read-only"));
        }
        let Some(validity) = state
            .account
            .folder(&target)
            .filter(|one| one.selectable)
            .map(|one| one.validity)
        else {
            return Some(say(format!("NO [TRYCREATE] {name} Unknown mailbox")));
        };
        let from = selected.folder.clone();
        let (mut sources, mut copies) = (Vec::new(), Vec::new());
        for (_, uid) in chosen {
            let folder = state.account.folder(&from)?;
            let Some(mail) = folder.mails.iter().find(|mail| mail.uid == uid).cloned() else {
                continue;
            };
            sources.push(uid);
            copies.push(state.account.add(&target, mail)?);
        }
        let short = name.trim_start_matches("UID ");
        let code = if has(&state.quirks, "UIDPLUS") && !sources.is_empty() {
            format!("[COPYUID {validity} {} {}] ", join(&sources), join(&copies))
        } else {
            String::new()
        };
        if away {
            if !code.is_empty() {
                self.line(&format!("* OK {code}Moved"));
            }
            state.account.remove(&from, &sources);
        }
        self.shared.tell();
        Some(say(if away {
            "OK MOVE completed".to_owned()
        } else {
            format!("OK {code}{short} completed")
        }))
    }

    /// Removes mails marked \Deleted, all of them or those among `uids`.
    pub(super) fn expunge(&mut self, state: &mut State, uids: Option<&[u32]>) {
        let Some(selected) = self.selected.as_ref().filter(|selected| !selected.read_only) else {
            return;
        };
        let Some(folder) = state.account.folder(&selected.folder) else {
            return;
        };
        let gone: Vec<u32> = folder
            .mails
            .iter()
            .filter(|mail| mail.has("\\Deleted") && uids.is_none_or(|uids| uids.contains(&mail.uid)))
            .map(|mail| mail.uid)
            .collect();
        state.account.remove(&selected.folder, &gone);
        self.shared.tell();
    }

    pub(super) fn uid_expunge(&mut self, state: &mut State, mut args: Args) -> Option<Step> {
        match self.chosen(state, true, &mut args)? {
            Ok(chosen) => {
                let uids: Vec<u32> = chosen.into_iter().map(|(_, uid)| uid).collect();
                self.expunge(state, Some(&uids));
                Some(say("OK EXPUNGE completed"))
            }
            Err(step) => Some(step),
        }
    }

    pub(super) fn append(&mut self, state: &mut State, mut args: Args) -> Option<Step> {
        let folder = self.named(&args.string()?)?;
        let mut flags = Vec::new();
        if args.peek() == Some(&Token::Open) {
            let mut list = args.list()?;
            flags = std::iter::from_fn(|| list.string()).collect();
        }
        let first = args.bytes()?;
        let (date, raw) = match args.bytes() {
            Some(raw) => (Some(String::from_utf8(first).ok()?), raw),
            None => (None, first),
        };
        let limit = state
            .quirks
            .capabilities_after
            .iter()
            .find_map(|word| word.strip_prefix("APPENDLIMIT="));
        if limit
            .and_then(|limit| limit.parse().ok())
            .is_some_and(|limit: usize| raw.len() > limit)
        {
            return Some(say("NO [TOOBIG] APPEND The mail is too large"));
        }
        let arrived = match date {
            Some(date) => Zoned::strptime(DATE, date.trim()).ok()?.timestamp(),
            None => state.now(),
        };
        let Some(validity) = state
            .account
            .folder(&folder)
            .filter(|one| one.selectable)
            .map(|one| one.validity)
        else {
            return Some(say("NO [TRYCREATE] APPEND Unknown mailbox"));
        };
        let identity = state.account.identity();
        let mail = Mail {
            uid: 0,
            flags,
            arrived,
            raw: with_crlf(&raw),
            identity,
            labels: vec![folder.clone()],
            modseq: 0,
        };
        let uid = state.account.add(&folder, mail)?;
        self.shared.tell();
        let code = if has(&state.quirks, "UIDPLUS") {
            format!("[APPENDUID {validity} {uid}] ")
        } else {
            String::new()
        };
        Some(say(format!("OK {code}APPEND completed")))
    }

    pub(super) fn fetch(&mut self, state: &mut State, by_uid: bool, mut args: Args) -> Option<Step> {
        let chosen = match self.chosen(state, by_uid, &mut args)? {
            Ok(chosen) => chosen,
            Err(step) => return Some(step),
        };
        if state.quirks.need_parentheses && args.peek() != Some(&Token::Open) {
            return None;
        }
        let mut list = args.list()?;
        let mut items = Vec::new();
        while !list.is_empty() {
            match list.word()?.as_str() {
                "ALL" => items.extend(["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"].map(str::to_owned)),
                "FAST" => items.extend(["FLAGS", "INTERNALDATE", "RFC822.SIZE"].map(str::to_owned)),
                "FULL" => items.extend(["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"].map(str::to_owned)),
                item => items.push(item.to_owned()),
            }
        }
        if by_uid && !items.iter().any(|item| item == "UID") {
            items.insert(0, "UID".to_owned());
        }
        let mut since = 0;
        if args.peek() == Some(&Token::Open) {
            let mut modifiers = args.list().filter(|_| has(&state.quirks, "CONDSTORE"))?;
            since = modifiers
                .take_word("CHANGEDSINCE")
                .then(|| modifiers.string())
                .flatten()?
                .parse()
                .ok()?;
            if !items.iter().any(|item| item == "MODSEQ") {
                items.push("MODSEQ".to_owned());
            }
        }
        let lies = state.quirks.lies.clone();
        for (number, uid) in chosen {
            let selected = self.selected.as_mut()?;
            let reads = items
                .iter()
                .any(|item| item.starts_with("BODY[") || item == "RFC822" || item == "RFC822.TEXT");
            let folder = state.account.folder(&selected.folder)?;
            let find = |mails: &[Mail]| mails.binary_search_by_key(&uid, |mail| mail.uid).ok();
            let Some(at) = find(&folder.mails) else { continue };
            if reads && !selected.read_only && folder.mails.get(at).is_some_and(|mail| !mail.has("\\Seen")) {
                let seen = ["\\Seen".to_owned()];
                state
                    .account
                    .change_flags(&selected.folder, uid, Change::Add, &seen, state.quirks.labels);
            }
            let mail = state.account.folder(&selected.folder)?.mails.get(at)?;
            if mail.modseq <= since {
                continue;
            }
            if lies.contains(&Lie::EndlessLine) {
                self.out
                    .extend_from_slice(format!("* {number} FETCH (ENVELOPE (\"").as_bytes());
                return Some(Step::Endless(&[b'a'; 4096]));
            }
            let from = self.out.len();
            self.out.extend_from_slice(format!("* {number} FETCH (").as_bytes());
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    self.out.push(b' ');
                }
                let huge = lies.contains(&Lie::HugeLiteral) && item.starts_with("BODY") && item.contains('[');
                if huge {
                    let start = mail.raw.get(..64).unwrap_or(&mail.raw);
                    self.out.extend_from_slice(b"BODY[] {4294967295}\r\n");
                    self.out.extend_from_slice(start);
                    return Some(Step::Silence);
                }
                if fetch_item(&mut self.out, mail, item, state.quirks.broken_structure, &lies).is_none() {
                    self.out.truncate(from);
                    return None;
                }
            }
            self.out.extend_from_slice(b")\r\n");
            let written = self.out.len().saturating_sub(from);
            let half = from.saturating_add(written.checked_div(2).unwrap_or_default());
            if lies.contains(&Lie::ByeMidFetch) {
                self.out.truncate(half);
                return Some(Step::Bye);
            }
            if lies.contains(&Lie::CutMidFetch) {
                self.out.truncate(half);
                return Some(Step::Cut);
            }
        }
        Some(say("OK FETCH completed"))
    }
}

/// `None`: there is no such item.
fn fetch_item(out: &mut Vec<u8>, mail: &Mail, item: &str, broken: bool, lies: &[Lie]) -> Option<()> {
    let part = || Part::parse(&mail.raw);
    match item {
        "UID" => {
            let uid = if lies.contains(&Lie::UidZero) { 0 } else { mail.uid };
            out.extend_from_slice(format!("UID {uid}").as_bytes());
        }
        "FLAGS" => out.extend_from_slice(format!("FLAGS ({})", mail.flags.join(" ")).as_bytes()),
        "INTERNALDATE" => out.extend_from_slice(format!("INTERNALDATE \"{}\"", written(mail.arrived)).as_bytes()),
        "RFC822.SIZE" => {
            let size = if lies.contains(&Lie::WrongSizes) {
                7
            } else {
                mail.size()
            };
            out.extend_from_slice(format!("RFC822.SIZE {size}").as_bytes());
        }
        "MODSEQ" => out.extend_from_slice(format!("MODSEQ ({})", mail.modseq).as_bytes()),
        "X-GM-MSGID" | "X-GM-THRID" => {
            // Of the size that Gmail's have.
            let number = 1_700_000_000_000_000_000_u64.saturating_add(mail.identity);
            out.extend_from_slice(format!("{item} {number}").as_bytes());
        }
        "X-GM-LABELS" => {
            let labels: Vec<String> = mail
                .labels
                .iter()
                .map(|label| {
                    if label.starts_with('\\') {
                        format!("\"\\{label}\"")
                    } else {
                        format!("\"{}\"", utf7::encode(label))
                    }
                })
                .collect();
            out.extend_from_slice(format!("X-GM-LABELS ({})", labels.join(" ")).as_bytes());
        }
        "ENVELOPE" => {
            out.extend_from_slice(b"ENVELOPE ");
            out.append(&mut part().envelope());
        }
        "BODYSTRUCTURE" if lies.contains(&Lie::DeepStructure) => {
            out.extend_from_slice(b"BODYSTRUCTURE ");
            out.extend(std::iter::repeat_n(b'(', DEEP));
            out.extend(std::iter::repeat_n(b')', DEEP));
        }
        "BODYSTRUCTURE" | "BODY" => {
            out.extend_from_slice(item.as_bytes());
            out.push(b' ');
            out.append(&mut part().structure(item == "BODY", broken));
        }
        "RFC822" => bytes(out, "RFC822", &mail.raw),
        "RFC822.HEADER" => bytes(out, item, &part().section(&mail.raw, "HEADER")?),
        "RFC822.TEXT" => bytes(out, item, &part().section(&mail.raw, "TEXT")?),
        _ => {
            let (name, partial) = item.split_once(']')?;
            let name = name.strip_prefix("BODY.PEEK[").or_else(|| name.strip_prefix("BODY["))?;
            let Some(content) = part().section(&mail.raw, name) else {
                out.extend_from_slice(format!("BODY[{name}] NIL").as_bytes());
                return Some(());
            };
            if partial.is_empty() {
                bytes(out, &format!("BODY[{name}]"), &content);
                return Some(());
            }
            let (start, count) = partial.strip_prefix('<')?.strip_suffix('>')?.split_once('.')?;
            let (start, count): (usize, usize) = (start.parse().ok()?, count.parse().ok()?);
            let rest = content.get(start..).unwrap_or_default();
            bytes(
                out,
                &format!("BODY[{name}]<{start}>"),
                rest.get(..count).unwrap_or(rest),
            );
        }
    }
    Some(())
}

fn bytes(out: &mut Vec<u8>, name: &str, content: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.push(b' ');
    if content.is_empty() {
        string(out, Some(""));
        return;
    }
    out.extend_from_slice(format!("{{{}}}\r\n", content.len()).as_bytes());
    out.extend_from_slice(content);
}

fn written(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(Offset::constant(8)))
        .strftime(DATE)
        .to_string()
}

fn join(uids: &[u32]) -> String {
    uids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

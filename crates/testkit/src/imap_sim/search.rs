//! SEARCH (RFC 3501 section 6.4.4), on raw bytes and with the failings of known servers.
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use super::memory::Mail;
use super::parse::{Args, Set, Token};
use super::quirks::{Quirks, Search};
use super::structure::{Part, field};

/// Why a search was refused: the words after the tag.
pub(super) type Refusal = String;

pub(super) enum Key {
    All,
    Numbers(Set),
    Uids(Set),
    Flag(String, bool),
    Since(Date),
    Before(Date),
    Larger(u32),
    Smaller(u32),
    Field(String, String),
    Anywhere(String),
    Modseq(u64),
    Not(Box<Key>),
    Or(Box<Key>, Box<Key>),
    Every(Vec<Key>),
}

pub(super) fn parse(mut args: Args, quirks: &Quirks) -> Result<Key, Refusal> {
    let charset = args
        .take_word("CHARSET")
        .then(|| args.string().unwrap_or_default().to_ascii_uppercase());
    let beyond_ascii = args.0.iter().any(|token| match token {
        Token::Atom(word) => !word.is_ascii(),
        Token::Text(text) => !text.is_ascii(),
        Token::Open | Token::Close => false,
    });
    match quirks.search {
        Search::Qq if charset.is_some() || beyond_ascii => return Err("BAD UID SEARCH invalid argument".to_owned()),
        Search::BadCharset if charset.as_deref().is_some_and(|name| name != "US-ASCII") => {
            return Err("NO [BADCHARSET (US-ASCII)] The specified charset is not supported.".to_owned());
        }
        Search::CommandError11 if beyond_ascii || charset.is_some() => return Err("BAD Command Error. 11".to_owned()),
        _ => {}
    }
    if args.is_empty() {
        return Err(quirks.bad_command.clone());
    }
    let mut keys = Vec::new();
    while !args.is_empty() {
        keys.push(key(&mut args, quirks)?);
    }
    Ok(Key::Every(keys))
}

fn key(args: &mut Args, quirks: &Quirks) -> Result<Key, Refusal> {
    let bad = || quirks.bad_command.clone();
    let qq = quirks.search == Search::Qq;
    if args.peek() == Some(&Token::Open) {
        let mut inner = args.list().ok_or_else(bad)?;
        if qq {
            return Ok(Key::All);
        }
        let mut keys = Vec::new();
        while !inner.is_empty() {
            keys.push(key(&mut inner, quirks)?);
        }
        return Ok(Key::Every(keys));
    }
    let word = args.word().ok_or_else(bad)?;
    let flag = |name: &str, set| Ok(Key::Flag(name.to_owned(), set));
    let text = |args: &mut Args| args.string().ok_or_else(bad);
    let date = |args: &mut Args| Date::strptime("%d-%b-%Y", text(args)?).map_err(|_| bad());
    let number = |args: &mut Args| text(args)?.parse::<u32>().map_err(|_| bad());
    match word.as_str() {
        "ALL" | "OLD" | "NEW" => Ok(Key::All),
        "SEEN" => flag("\\Seen", true),
        "UNSEEN" => flag("\\Seen", false),
        "FLAGGED" => flag("\\Flagged", true),
        "UNFLAGGED" => flag("\\Flagged", false),
        "DELETED" => flag("\\Deleted", true),
        "UNDELETED" => flag("\\Deleted", false),
        "ANSWERED" => flag("\\Answered", true),
        "UNANSWERED" => flag("\\Answered", false),
        "DRAFT" => flag("\\Draft", true),
        "UNDRAFT" => flag("\\Draft", false),
        "RECENT" => flag("\\Recent", true),
        "KEYWORD" => Ok(Key::Flag(text(args)?, true)),
        "UNKEYWORD" => Ok(Key::Flag(text(args)?, false)),
        "SINCE" | "SENTSINCE" => Ok(Key::Since(date(args)?)),
        "BEFORE" | "SENTBEFORE" => Ok(Key::Before(date(args)?)),
        "ON" | "SENTON" => {
            let day = date(args)?;
            let next = day.tomorrow().map_err(|_| bad())?;
            Ok(Key::Every(vec![Key::Since(day), Key::Before(next)]))
        }
        "LARGER" => Ok(Key::Larger(number(args)?)),
        "SMALLER" => Ok(Key::Smaller(number(args)?)),
        "TEXT" | "BODY" if qq => Err("BAD UID SEARCH invalid argument".to_owned()),
        "TEXT" | "BODY" => Ok(Key::Anywhere(text(args)?)),
        "FROM" | "TO" | "CC" | "BCC" | "SUBJECT" => {
            let wanted = text(args)?;
            Ok(if qq { Key::All } else { Key::Field(word, wanted) })
        }
        "HEADER" => {
            let name = text(args)?;
            Ok(Key::Field(name, text(args)?))
        }
        "UID" => Set::parse(&text(args)?).map(Key::Uids).ok_or_else(bad),
        "MODSEQ" => Ok(Key::Modseq(text(args)?.parse().map_err(|_| bad())?)),
        "NOT" => Ok(Key::Not(Box::new(key(args, quirks)?))),
        "OR" => {
            let one = key(args, quirks)?;
            Ok(Key::Or(Box::new(one), Box::new(key(args, quirks)?)))
        }
        set => Set::parse(set).map(Key::Numbers).ok_or_else(bad),
    }
}

impl Key {
    /// Whether the mail at place `number` of the view is meant. `highest` is what `*` means: number and UID.
    pub(super) fn finds(&self, mail: &Mail, number: u32, highest: (u32, u32)) -> bool {
        let day = || TimeZone::fixed(Offset::constant(8)).to_datetime(mail.arrived).date();
        let within = |text: &str, wanted: &str| text.to_lowercase().contains(&wanted.to_lowercase());
        match self {
            Self::All => true,
            Self::Numbers(set) => set.contains(number, highest.0),
            Self::Uids(set) => set.contains(mail.uid, highest.1),
            Self::Flag(name, set) => mail.has(name) == *set,
            Self::Since(date) => day() >= *date,
            Self::Before(date) => day() < *date,
            Self::Larger(size) => mail.size() > *size,
            Self::Smaller(size) => mail.size() < *size,
            Self::Field(name, wanted) => {
                field(Part::parse(&mail.raw).head, name).is_some_and(|value| within(&value, wanted))
            }
            Self::Anywhere(wanted) => within(&String::from_utf8_lossy(&mail.raw), wanted),
            Self::Modseq(least) => mail.modseq >= *least,
            Self::Not(key) => !key.finds(mail, number, highest),
            Self::Or(one, other) => one.finds(mail, number, highest) || other.finds(mail, number, highest),
            Self::Every(keys) => keys.iter().all(|key| key.finds(mail, number, highest)),
        }
    }
}

//! Response codes (RFC 9051 7.1, RFC 5530, 4315, 7162, 5465, 8474).

use bytes::Bytes;

use super::cursor::Cursor;
use crate::capability::Capabilities;
use crate::flags::Flags;
use crate::uid_set::UidSet;

/// The bracketed code of a status answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    Alert,
    UidNext(u32),
    UidValidity(u32),
    HighestModSeq(u64),
    NoModSeq,
    /// The flags that can be stored for good, and whether new keywords can be made (`\*`).
    PermanentFlags(Flags, bool),
    Unseen(u32),
    ReadOnly,
    ReadWrite,
    TryCreate,
    /// UIDVALIDITY, UIDs of the appended messages.
    AppendUid(u32, UidSet),
    /// UIDVALIDITY of the target; source and target UIDs in the order in which they belong together.
    CopyUid(u32, Vec<(u32, u32)>),
    UidNotSticky,
    Capability(Capabilities),
    BadCharset,
    Unavailable,
    AuthenticationFailed,
    AuthorizationFailed,
    Expired,
    PrivacyRequired,
    ContactAdmin,
    NoPerm,
    InUse,
    ExpungeIssued,
    Corruption,
    ServerBug,
    ClientBug,
    Cannot,
    Limit,
    OverQuota,
    AlreadyExists,
    Nonexistent,
    Closed,
    NotificationOverflow,
    /// STORE with UNCHANGEDSINCE refused for these (RFC 7162).
    Modified(UidSet),
    TooBig,
    /// Any other, upper-cased name.
    Other(String),
}

/// Most pairs of a COPYUID that are kept.
const MAX_PAIRS: u64 = 1_000_000;

/// Reads a code at `[`; steps over its `]`.
pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Option<Code> {
    if !cursor.eat(b'[') {
        return None;
    }
    let name = cursor.word().to_ascii_uppercase();
    cursor.spaces();
    let code = match name.as_slice() {
        b"ALERT" => Code::Alert,
        b"UIDNEXT" => cursor.number32().map_or_else(|| other(&name), Code::UidNext),
        b"UIDVALIDITY" => cursor.number32().map_or_else(|| other(&name), Code::UidValidity),
        b"HIGHESTMODSEQ" => cursor.number().map_or_else(|| other(&name), Code::HighestModSeq),
        b"NOMODSEQ" => Code::NoModSeq,
        b"PERMANENTFLAGS" => {
            let mut flags = Flags::default();
            let mut any = false;
            cursor.eat(b'(');
            loop {
                cursor.spaces();
                let word = cursor.word();
                if word.is_empty() {
                    break;
                }
                if word == b"\\*" {
                    any = true;
                } else {
                    flags.add_wire(word);
                }
            }
            Code::PermanentFlags(flags, any)
        }
        b"UNSEEN" => cursor.number32().map_or_else(|| other(&name), Code::Unseen),
        b"READ-ONLY" => Code::ReadOnly,
        b"READ-WRITE" => Code::ReadWrite,
        b"TRYCREATE" => Code::TryCreate,
        b"APPENDUID" => append_uid(cursor).unwrap_or_else(|| other(&name)),
        b"COPYUID" => copy_uid(cursor).unwrap_or_else(|| other(&name)),
        b"UIDNOTSTICKY" => Code::UidNotSticky,
        b"CAPABILITY" => {
            let line = cursor.line();
            let end = memchr::memchr(b']', line).unwrap_or(line.len());
            let words = line.get(..end).unwrap_or_default().split(|&b| b == b' ');
            Code::Capability(Capabilities::from_words(words))
        }
        b"BADCHARSET" => Code::BadCharset,
        b"UNAVAILABLE" => Code::Unavailable,
        b"AUTHENTICATIONFAILED" => Code::AuthenticationFailed,
        b"AUTHORIZATIONFAILED" => Code::AuthorizationFailed,
        b"EXPIRED" => Code::Expired,
        b"PRIVACYREQUIRED" => Code::PrivacyRequired,
        b"CONTACTADMIN" | b"WEBALERT" => Code::ContactAdmin,
        b"NOPERM" => Code::NoPerm,
        b"INUSE" => Code::InUse,
        b"EXPUNGEISSUED" => Code::ExpungeIssued,
        b"CORRUPTION" => Code::Corruption,
        b"SERVERBUG" => Code::ServerBug,
        b"CLIENTBUG" => Code::ClientBug,
        b"CANNOT" => Code::Cannot,
        b"LIMIT" => Code::Limit,
        b"OVERQUOTA" => Code::OverQuota,
        b"ALREADYEXISTS" => Code::AlreadyExists,
        b"NONEXISTENT" => Code::Nonexistent,
        b"CLOSED" => Code::Closed,
        b"NOTIFICATIONOVERFLOW" => Code::NotificationOverflow,
        b"MODIFIED" => UidSet::parse(cursor.word()).map_or_else(|| other(&name), Code::Modified),
        b"TOOBIG" => Code::TooBig,
        _ => other(&name),
    };
    // Step over whatever is left; a `]` inside a quoted string is rarer than a code that was never closed.
    let line = cursor.line();
    cursor.advance(memchr::memchr(b']', line).map_or(line.len(), |end| end.saturating_add(1)));
    Some(code)
}

fn other(name: &[u8]) -> Code {
    Code::Other(String::from_utf8_lossy(name.get(..64).unwrap_or(name)).into_owned())
}

fn append_uid(cursor: &mut Cursor<'_>) -> Option<Code> {
    let validity = cursor.number32()?;
    cursor.spaces();
    Some(Code::AppendUid(validity, UidSet::parse(cursor.word())?))
}

fn copy_uid(cursor: &mut Cursor<'_>) -> Option<Code> {
    let validity = cursor.number32()?;
    cursor.spaces();
    let from = in_order(cursor.word())?;
    cursor.spaces();
    let to = in_order(cursor.word())?;
    (from.len() == to.len()).then(|| Code::CopyUid(validity, from.into_iter().zip(to).collect()))
}

/// A sequence-set in the order in which it is written (COPYUID pairs by position, RFC 4315).
fn in_order(text: &[u8]) -> Option<Vec<u32>> {
    let mut uids = Vec::new();
    let mut left = MAX_PAIRS;
    for part in text.split(|&b| b == b',') {
        let set = UidSet::parse(part)?;
        left = left.checked_sub(set.len())?;
        let reversed = part.iter().position(|&b| b == b':').is_some_and(|colon| {
            let number = |raw: Option<&[u8]>| std::str::from_utf8(raw?).ok()?.parse::<u32>().ok();
            number(part.get(..colon)) > number(part.get(colon.saturating_add(1)..))
        });
        if reversed {
            uids.extend(set.iter().rev());
        } else {
            uids.extend(set.iter());
        }
    }
    Some(uids)
}

/// The code and text of a status answer whose status word was read.
pub(crate) fn code_and_text(cursor: &mut Cursor<'_>) -> (Option<Code>, Bytes) {
    cursor.spaces();
    let code = parse(cursor);
    cursor.spaces();
    (code, Bytes::copy_from_slice(cursor.line()))
}

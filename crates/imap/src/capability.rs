//! What a server says that it can do.

use std::collections::BTreeSet;

/// Most capabilities kept of one server.
const MAX: usize = 500;

/// A server's capabilities, upper-cased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    names: BTreeSet<String>,
}

impl Capabilities {
    /// From the words of a CAPABILITY answer.
    pub(crate) fn from_words<'a>(words: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let names = words
            .into_iter()
            .filter(|w| !w.is_empty() && w.len() < 200)
            .take(MAX)
            .map(|w| String::from_utf8_lossy(w).to_ascii_uppercase())
            .collect();
        Self { names }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// All names, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether `name` (any case) is offered.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name) || self.names.contains(&name.to_ascii_uppercase())
    }

    fn value(&self, prefix: &str) -> Option<u64> {
        self.names.iter().find_map(|n| n.strip_prefix(prefix)?.parse().ok())
    }

    /// RFC 2177.
    pub fn idle(&self) -> bool {
        self.has("IDLE")
    }
    /// RFC 5465.
    pub fn notify(&self) -> bool {
        self.has("NOTIFY")
    }
    /// RFC 7162; a server with QRESYNC has it too.
    pub fn condstore(&self) -> bool {
        self.has("CONDSTORE") || self.qresync()
    }
    /// RFC 7162.
    pub fn qresync(&self) -> bool {
        self.has("QRESYNC")
    }
    /// RFC 6851.
    pub fn move_(&self) -> bool {
        self.has("MOVE") || self.rev2()
    }
    /// RFC 4315.
    pub fn uidplus(&self) -> bool {
        self.has("UIDPLUS") || self.rev2()
    }
    /// RFC 5258.
    pub fn list_extended(&self) -> bool {
        self.has("LIST-EXTENDED") || self.rev2()
    }
    /// RFC 5819.
    pub fn list_status(&self) -> bool {
        self.has("LIST-STATUS") || self.rev2()
    }
    /// RFC 6154.
    pub fn special_use(&self) -> bool {
        self.has("SPECIAL-USE") || self.rev2()
    }
    /// Gmail's forerunner of SPECIAL-USE, also at Aliyun and Coremail.
    pub fn xlist(&self) -> bool {
        self.has("XLIST")
    }
    /// RFC 2342.
    pub fn namespace(&self) -> bool {
        self.has("NAMESPACE") || self.rev2()
    }
    /// RFC 2971.
    pub fn id(&self) -> bool {
        self.has("ID")
    }
    /// RFC 5161.
    pub fn enable(&self) -> bool {
        self.has("ENABLE") || self.rev2()
    }
    /// RFC 4731.
    pub fn esearch(&self) -> bool {
        self.has("ESEARCH") || self.rev2()
    }
    /// RFC 4978.
    pub fn compress(&self) -> bool {
        self.has("COMPRESS=DEFLATE")
    }
    /// RFC 4959.
    pub fn sasl_ir(&self) -> bool {
        self.has("SASL-IR") || self.rev2()
    }
    /// RFC 6855.
    pub fn utf8_accept(&self) -> bool {
        self.has("UTF8=ACCEPT") || self.has("UTF8=ONLY")
    }
    /// RFC 3691.
    pub fn unselect(&self) -> bool {
        self.has("UNSELECT") || self.rev2()
    }
    /// Gmail's thread ids and labels.
    pub fn gmail(&self) -> bool {
        self.has("X-GM-EXT-1")
    }
    /// Coremail (NetEase and others).
    pub fn coremail(&self) -> bool {
        self.has("X-CM-EXT-1")
    }
    /// RFC 8474.
    pub fn object_id(&self) -> bool {
        self.has("OBJECTID")
    }
    /// Whether a password may be sent by LOGIN (RFC 9051 6.2.3).
    pub fn login_disabled(&self) -> bool {
        self.has("LOGINDISABLED")
    }
    /// Largest literal that may be sent without waiting (RFC 7888): all with LITERAL+, 4096 bytes with LITERAL-.
    pub fn non_sync_literal(&self) -> usize {
        if self.has("LITERAL+") {
            usize::MAX
        } else if self.has("LITERAL-") || self.rev2() {
            4096
        } else {
            0
        }
    }
    /// Largest message that APPEND takes, in bytes (RFC 7889).
    pub fn append_limit(&self) -> Option<u64> {
        self.value("APPENDLIMIT=")
    }
    /// Whether the SASL mechanism is offered.
    pub fn auth(&self, mechanism: &str) -> bool {
        self.has(&format!("AUTH={mechanism}"))
    }

    /// `IMAP4rev2` carries a dozen extensions in it; only where the server does not also speak rev1 without ENABLE do
    /// we rely on that, and only if nothing else is listed.
    fn rev2(&self) -> bool {
        self.has("IMAP4REV2") && !self.has("IMAP4REV1")
    }
}

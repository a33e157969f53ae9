//! What a server does otherwise than the RFCs say, and the servers known for it.
use std::time::Duration;

/// What a folder is for (RFC 6154), written by each server in its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `\Sent`
    Sent,
    /// `\Drafts`
    Drafts,
    /// `\Trash`
    Trash,
    /// `\Junk`; `\Spam` in XLIST
    Junk,
    /// `\Archive`
    Archive,
    /// `\All`; `\AllMail` in XLIST
    All,
    /// `\Flagged`; `\Starred` in XLIST
    Flagged,
    /// `\Noselect`: only there for what is below it
    NoSelect,
}

/// How SEARCH behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// As RFC 3501 says, on raw bytes.
    Correct,
    /// QQ: TEXT, BODY and any CHARSET are `BAD UID SEARCH invalid argument`, FROM, TO and SUBJECT and what stands in
    /// parentheses are ignored (everything is found).
    Qq,
    /// Exchange Online: a CHARSET other than US-ASCII is `NO [BADCHARSET (US-ASCII)]`.
    BadCharset,
    /// Exchange on premises: bytes beyond ASCII are `BAD Command Error. 11`.
    CommandError11,
}

/// A lie of a hostile or broken server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// RFC822.SIZE is 7 for every mail.
    WrongSizes,
    /// The body's literal is announced with 4,294,967,295 bytes; a few come, then silence.
    HugeLiteral,
    /// An answer to FETCH never ends its line.
    EndlessLine,
    /// Bytes that are no IMAP follow each tagged OK after login.
    GarbageAfterOk,
    /// FETCH breaks off in the middle of a mail, then BYE.
    ByeMidFetch,
    /// Every mail has UID 0.
    UidZero,
    /// The connection ends in the middle of FETCH, without a word and without TLS's closing alert.
    CutMidFetch,
    /// SELECT announces 4,294,967,295 mails.
    HugeExists,
    /// BODYSTRUCTURE is nested 100,000 deep.
    DeepStructure,
    /// NOOP is answered with untagged lines without end.
    EndlessLines,
    /// After login nothing is ever answered.
    Mute,
}

/// The oddities of one server. Build one from a profile and change its fields.
#[derive(Debug, Clone)]
pub struct Quirks {
    /// First line, without `* `.
    pub greeting: String,
    /// Capabilities before login. Commands of extensions that are not named are BAD.
    pub capabilities: Vec<String>,
    /// Capabilities after login.
    pub capabilities_after: Vec<String>,
    /// The answer to ID, without `* ID `; none: ID is not known.
    pub id: Option<String>,
    /// SELECT and EXAMINE are refused until ID with a list came after login.
    pub unsafe_login: bool,
    /// The inline form of AUTHENTICATE is refused, whatever is announced.
    pub refuse_sasl_ir: bool,
    /// STATUS, SELECT and EXAMINE say nothing of UIDNEXT.
    pub hide_uidnext: bool,
    /// FETCH items must stand in parentheses.
    pub need_parentheses: bool,
    /// Odd sets are `BAD UID parameters!`: empty ones, 0, a lone `*`, ranges from high to low.
    pub odd_sets_are_bad: bool,
    /// A session without a command for so long is ended with BYE. IDLE counts as silence only if the server has none.
    pub autologout: Option<Duration>,
    /// One session more than this is reset.
    pub max_sessions: Option<usize>,
    /// A wrong password is answered with this after the tag.
    pub wrong_password: String,
    /// A command in the wrong state is answered with this after the tag; `{command}` is replaced.
    pub wrong_state: String,
    /// What cannot be parsed or is not known is answered with this after the tag.
    pub bad_command: String,
    /// How SEARCH behaves.
    pub search: Search,
    /// BODYSTRUCTURE of a multipart with a part that is not text, image, audio, video or application loses its parts.
    pub broken_structure: bool,
    /// Flags that are no system flags are refused.
    pub refuse_keywords: bool,
    /// Flags are shared by all copies of a mail, each delivery also lies in the folder of all mails (Gmail).
    pub labels: bool,
    /// LIST carries special uses although SPECIAL-USE is not announced.
    pub flags_in_list: bool,
    /// What AUTHENTICATE takes, announced or not.
    pub mechanisms: Vec<String>,
    /// Folders besides INBOX.
    pub folders: Vec<(String, Option<Place>)>,
    /// UIDVALIDITY of all folders.
    pub uid_validity: u32,
    /// UID of the first mail of a folder.
    pub first_uid: u32,
    /// Distance between two UIDs.
    pub uid_step: u32,
    /// Lies told.
    pub lies: Vec<Lie>,
}

fn words(text: &str) -> Vec<String> {
    text.split_ascii_whitespace().map(str::to_owned).collect()
}

fn folders(list: &[(&str, Option<Place>)]) -> Vec<(String, Option<Place>)> {
    list.iter().map(|(name, place)| ((*name).to_owned(), *place)).collect()
}

impl Quirks {
    /// A plain server of RFC 3501 that does what it says.
    pub fn plain() -> Self {
        let capabilities = words(
            "IMAP4rev1 ID IDLE LITERAL+ NAMESPACE UIDPLUS MOVE UNSELECT CHILDREN SPECIAL-USE ENABLE SASL-IR AUTH=PLAIN \
             AUTH=LOGIN AUTH=XOAUTH2",
        );
        Self {
            greeting: "OK ready".to_owned(),
            capabilities_after: capabilities.clone(),
            capabilities,
            id: Some("(\"name\" \"sim\")".to_owned()),
            unsafe_login: false,
            refuse_sasl_ir: false,
            hide_uidnext: false,
            need_parentheses: false,
            odd_sets_are_bad: false,
            autologout: None,
            max_sessions: None,
            wrong_password: "NO [AUTHENTICATIONFAILED] Invalid credentials".to_owned(),
            wrong_state: "BAD {command} is not valid in this state".to_owned(),
            bad_command: "BAD Unknown or malformed command".to_owned(),
            search: Search::Correct,
            broken_structure: false,
            refuse_keywords: false,
            labels: false,
            flags_in_list: false,
            mechanisms: words("PLAIN LOGIN XOAUTH2"),
            folders: folders(&[
                ("Sent", Some(Place::Sent)),
                ("Drafts", Some(Place::Drafts)),
                ("Trash", Some(Place::Trash)),
                ("Junk", Some(Place::Junk)),
                ("Archive", Some(Place::Archive)),
            ]),
            uid_validity: 1_700_000_000,
            first_uid: 1,
            uid_step: 1,
            lies: Vec::new(),
        }
    }

    /// Coremail as NetEase runs it, 2026.
    pub fn coremail() -> Self {
        let capabilities = words(
            "IMAP4rev1 XLIST SPECIAL-USE ID LITERAL+ STARTTLS APPENDLIMIT=71680000 XAPPLEPUSHSERVICE UIDPLUS \
             X-CM-EXT-1 SASL-IR AUTH=XOAUTH2",
        );
        Self {
            greeting: "OK IMAP4 ready".to_owned(),
            capabilities_after: capabilities.clone(),
            capabilities,
            id: Some("(\"name\" \"Coremail Imap\" \"vendor\" \"Mailtech\" \"TransID\" \"AMAAfwAA\")".to_owned()),
            unsafe_login: true,
            refuse_sasl_ir: true,
            hide_uidnext: true,
            need_parentheses: true,
            autologout: Some(Duration::from_secs(150)),
            max_sessions: Some(2),
            wrong_password: "NO LOGIN Login error or password error".to_owned(),
            wrong_state: "NO {command} State error".to_owned(),
            bad_command: "BAD Parse command error".to_owned(),
            folders: folders(&[
                ("草稿箱", Some(Place::Drafts)),
                ("已发送", Some(Place::Sent)),
                ("已删除", Some(Place::Trash)),
                ("垃圾邮件", Some(Place::Junk)),
                ("病毒文件夹", None),
                ("广告邮件", None),
                ("订阅邮件", None),
            ]),
            uid_validity: 1,
            first_uid: 1_700_000_001,
            uid_step: 7,
            ..Self::plain()
        }
    }

    /// QQ and Tencent's enterprise mail.
    pub fn qq() -> Self {
        let capabilities = words("IMAP4 IMAP4rev1 IDLE XAPPLEPUSHSERVICE ID UIDPLUS AUTH=LOGIN NAMESPACE");
        Self {
            greeting: "OK [CAPABILITY IMAP4 IMAP4rev1 IDLE XAPPLEPUSHSERVICE ID UIDPLUS AUTH=LOGIN NAMESPACE] \
                       QQMail IMAP4Server ready"
                .to_owned(),
            capabilities_after: capabilities.clone(),
            capabilities,
            id: Some("NIL".to_owned()),
            odd_sets_are_bad: true,
            mechanisms: words("LOGIN"),
            wrong_password: "NO Login fail. Account is abnormal, service is not open, password is incorrect, login \
                             frequency limited, or system is busy."
                .to_owned(),
            search: Search::Qq,
            folders: folders(&[
                ("Sent Messages", None),
                ("Drafts", None),
                ("Deleted Messages", None),
                ("Junk", None),
                ("其他文件夹", Some(Place::NoSelect)),
                ("其他文件夹/客户", None),
            ]),
            ..Self::plain()
        }
    }

    /// Exchange Online.
    pub fn exchange() -> Self {
        Self {
            greeting: "OK The Microsoft Exchange IMAP4 service is ready.".to_owned(),
            capabilities: words(
                "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+",
            ),
            capabilities_after: words(
                "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+",
            ),
            id: Some("(\"name\" \"Microsoft.Exchange.Imap4.Imap4Server\" \"version\" \"15.20\")".to_owned()),
            wrong_password: "NO LOGIN failed.".to_owned(),
            wrong_state: "BAD Command received in Invalid state.".to_owned(),
            bad_command: "BAD Command Error. 12".to_owned(),
            search: Search::BadCharset,
            broken_structure: true,
            flags_in_list: true,
            folders: folders(&[
                ("已发送邮件", Some(Place::Sent)),
                ("草稿", None),
                ("已删除邮件", Some(Place::Trash)),
                ("垃圾邮件", Some(Place::Junk)),
                ("存档", None),
                ("日历", None),
                ("联系人", None),
                ("日记", None),
                ("任务", None),
                ("Calendar", None),
            ]),
            uid_validity: 14,
            ..Self::plain()
        }
    }

    /// Exchange on premises: no ID, LOGIN only, Chinese SEARCH is an error of its own.
    pub fn exchange_on_premises() -> Self {
        let capabilities =
            words("IMAP4 IMAP4rev1 AUTH=NTLM AUTH=GSSAPI AUTH=PLAIN UIDPLUS CHILDREN IDLE NAMESPACE LITERAL+");
        Self {
            capabilities_after: capabilities.clone(),
            capabilities,
            id: None,
            search: Search::CommandError11,
            ..Self::exchange()
        }
    }

    /// Aliyun's enterprise mail: special uses in XLIST alone.
    pub fn aliyun() -> Self {
        let capabilities = words("IMAP4rev1 IDLE XLIST UIDPLUS ID SASL-IR AUTH=XOAUTH AUTH=XOAUTH2 AUTH=EXTERNAL");
        Self {
            greeting: "OK AliYun IMAP Server Ready".to_owned(),
            capabilities_after: capabilities.clone(),
            capabilities,
            id: Some("NIL".to_owned()),
            mechanisms: words("XOAUTH2"),
            wrong_password: "NO LOGIN failed".to_owned(),
            folders: folders(&[
                ("草稿", Some(Place::Drafts)),
                ("已发送", Some(Place::Sent)),
                ("已删除邮件", Some(Place::Trash)),
                ("垃圾邮件", Some(Place::Junk)),
            ]),
            ..Self::plain()
        }
    }

    /// Gmail in its essentials: labels, all mail, CONDSTORE, LIST-STATUS.
    pub fn gmail() -> Self {
        Self {
            greeting: "OK Gimap ready for requests from 127.0.0.1".to_owned(),
            capabilities: words(
                "IMAP4rev1 UNSELECT IDLE NAMESPACE ID XLIST CHILDREN X-GM-EXT-1 SASL-IR AUTH=XOAUTH2 AUTH=PLAIN",
            ),
            capabilities_after: words(
                "IMAP4rev1 UNSELECT IDLE NAMESPACE ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS ENABLE MOVE CONDSTORE \
                 LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584",
            ),
            id: Some("(\"name\" \"GImap\" \"vendor\" \"Google, Inc.\")".to_owned()),
            labels: true,
            folders: folders(&[
                ("[Gmail]", Some(Place::NoSelect)),
                ("[Gmail]/所有邮件", Some(Place::All)),
                ("[Gmail]/已发邮件", Some(Place::Sent)),
                ("[Gmail]/草稿", Some(Place::Drafts)),
                ("[Gmail]/已删除邮件", Some(Place::Trash)),
                ("[Gmail]/垃圾邮件", Some(Place::Junk)),
                ("[Gmail]/已加星标", Some(Place::Flagged)),
                ("客户", None),
            ]),
            ..Self::plain()
        }
    }

    /// A plain server that tells these lies.
    pub fn liar(lies: &[Lie]) -> Self {
        Self {
            lies: lies.to_vec(),
            ..Self::plain()
        }
    }
}

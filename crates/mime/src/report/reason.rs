//! Why a mail was not delivered: by the code of RFC 3463, and by what servers say, in Chinese and English.

/// Why a mail did not come to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    MailboxFull,
    /// There is no such mailbox, or it is not used any more.
    NoSuchUser,
    /// There is no such domain, or it takes no mail.
    NoSuchDomain,
    TooLarge,
    /// It was taken for junk, or a rule forbids it.
    Refused,
    /// The server could not be reached, or has no time now.
    Unreachable,
    Unknown,
}

/// A code of RFC 3463.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) class: u16,
    subject: u16,
    detail: u16,
}

/// The first code in a text.
pub(super) fn status(text: &str) -> Option<Status> {
    text.split(|c: char| c.is_whitespace() || "-;#,()<>:\"".contains(c))
        .find_map(|word| {
            let mut numbers = word.split('.');
            let mut next = || numbers.next()?.parse::<u16>().ok();
            let found = Status {
                class: next()?,
                subject: next()?,
                detail: next()?,
            };
            let end = numbers.next().is_none_or(str::is_empty);
            (end && matches!(found.class, 2 | 4 | 5) && found.subject < 10).then_some(found)
        })
}

const FULL: &[&str] = &[
    "mailbox full",
    "mailbox is full",
    "inbox is full",
    "over quota",
    "overquota",
    "quota exceeded",
    "exceeded quota",
    "exceeds quota",
    "exceeded storage",
    "out of storage",
    "storage allocation",
    "insufficient storage",
    "not enough space",
    "space not enough",
    "mailfolder is full",
    "邮箱已满",
    "邮箱满",
    "信箱已满",
    "郵箱已滿",
    "信箱已滿",
    "容量已满",
    "容量不足",
    "空间不足",
    "空間不足",
    "空间已满",
    "超出配额",
    "超过配额",
];
const DOMAIN: &[&str] = &[
    "domain not found",
    "domain name not found",
    "no such domain",
    "domain does not exist",
    "host not found",
    "unknown host",
    "host unknown",
    "name service error",
    "name or service not known",
    "no mx",
    "null mx",
    "nullmx",
    "dns error",
    "unrouteable mail domain",
    "bad destination system",
    "域名不存在",
    "域名错误",
    "域名有误",
    "找不到域名",
    "无法解析",
    "域名解析",
    "找不到收件人的域",
    "網域不存在",
];
const LARGE: &[&str] = &[
    "message too large",
    "message too big",
    "message is too large",
    "message size",
    "size exceeds",
    "exceeds size",
    "exceeded mailsize",
    "maximum size",
    "size limit",
    "too large",
    "邮件过大",
    "邮件太大",
    "郵件過大",
    "超过大小",
    "超出大小",
    "大小超过",
    "大小超出",
];
const USER: &[&str] = &[
    "user unknown",
    "unknown user",
    "no such user",
    "user not found",
    "mailbox not found",
    "mailbox unavailable",
    "no mailbox",
    "no such recipient",
    "recipient not found",
    "invalid recipient",
    "invalid user",
    "unknown recipient",
    "not a valid recipient",
    "unknown e-mail",
    "unknown or illegal",
    "unrouteable address",
    "address unknown",
    "unknown address",
    "nosuchuser",
    "does not exist",
    "doesn't exist",
    "not exist",
    "wasn't found",
    "couldn't be found",
    "account disabled",
    "account is disabled",
    "account has been disabled",
    "user suspended",
    "inactive user",
    "is inactive",
    "不存在",
    "无此用户",
    "查无此",
    "無此",
    "帐号异常",
    "账号异常",
    "已停用",
    "已被停用",
    "已禁用",
    "被禁用",
    "已注销",
    "未开通",
];
const REFUSED: &[&str] = &[
    "spam",
    "junk",
    "blocked",
    "blocklist",
    "blacklist",
    "black list",
    "policy",
    "reputation",
    "dmarc",
    "dkim",
    "spf ",
    "spf:",
    "denied",
    "prohibited",
    "not permitted",
    "not authorized",
    "virus",
    "unsolicited",
    "verify failed",
    "垃圾邮件",
    "垃圾郵件",
    "拒收",
    "黑名单",
    "黑名單",
    "拒绝",
    "拒絕",
    "屏蔽",
    "病毒",
    "频率",
    "策略",
];
const UNREACHABLE: &[&str] = &[
    "timed out",
    "timeout",
    "connection refused",
    "connection lost",
    "unreachable",
    "unable to connect",
    "could not connect",
    "no route",
    "temporar",
    "try again",
    "greylist",
    "retry",
    "超时",
    "逾時",
    "无法连接",
    "连接失败",
    "暂时",
    "繁忙",
];

/// The reason that a code and a text give.
pub(super) fn of(code: Option<Status>, text: &str) -> Reason {
    // `5.0.0` says nothing; the server's own words may hold a better one.
    let status = match code {
        Some(Status { subject: 0, .. }) => status(text).or(code),
        code => code,
    };
    let text = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    // What a full mailbox is called is plain, and the codes that come with it are many.
    if says(FULL) {
        return Reason::MailboxFull;
    }
    let by_code = status.and_then(|status| match (status.subject, status.detail) {
        (2, 2) => Some(Reason::MailboxFull),
        (1, 1 | 3 | 6) | (2, 1) => Some(Reason::NoSuchUser),
        (1, 2) => Some(Reason::NoSuchDomain),
        // RFC 7505 means a domain that takes no mail, Exchange a recipient that it does not find.
        (1, 10) if !says(DOMAIN) => Some(Reason::NoSuchUser),
        (3, 4) | (2, 3) => Some(Reason::TooLarge),
        _ => None,
    });
    if let Some(reason) = by_code {
        return reason;
    }
    let order = [
        (DOMAIN, Reason::NoSuchDomain),
        (LARGE, Reason::TooLarge),
        (USER, Reason::NoSuchUser),
        (REFUSED, Reason::Refused),
        (UNREACHABLE, Reason::Unreachable),
    ];
    if let Some((_, reason)) = order.iter().find(|(words, _)| says(words)) {
        return *reason;
    }
    match status {
        Some(Status { subject: 7, .. }) => Reason::Refused,
        Some(Status { subject: 4, .. }) => Reason::Unreachable,
        _ => Reason::Unknown,
    }
}

//! The table of presets: who is reached where, by what secret, and by which names in the DNS they are known.

use qiyou_net::Security;

use crate::address::Address;
use crate::settings::{CredentialKind, ServerSettings, Settings};

/// Whose sign-in page an account goes to; see [`crate::oauth::Issuer::preset`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssuerId {
    Microsoft,
    /// Microsoft 365 operated by 21Vianet (世纪互联).
    Vianet,
    Google,
}

/// A server of a preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub host: &'static str,
    pub port: u16,
    pub security: Security,
}

const fn tls(host: &'static str, port: u16) -> Place {
    Place {
        host,
        port,
        security: Security::Tls,
    }
}

const fn starttls(host: &'static str, port: u16) -> Place {
    Place {
        host,
        port,
        security: Security::StartTls,
    }
}

/// A mail provider that we know.
#[derive(Clone, Copy, Debug)]
pub struct Provider {
    /// Stands in settings and in the store: never renamed.
    pub id: &'static str,
    pub imap: Place,
    pub smtp: Place,
    pub credential: CredentialKind,
    pub issuer: Option<IssuerId>,
    /// Mail domains of the provider itself.
    pub domains: &'static [&'static str],
    /// Ends of the names of its mail exchangers, with the leading dot where a whole label must precede.
    pub exchangers: &'static [&'static str],
    /// Names below which its servers are, as targets of aliases and in other people's settings.
    pub servers: &'static [&'static str],
    /// Which explanation of its authorisation code or client password fits, below `provider.help.` in the catalogue.
    pub help: Option<&'static str>,
    /// The page on which that code or password is made.
    pub help_url: Option<&'static str>,
    /// Connections that it bears at once.
    pub connections: usize,
}

/// What most rows have.
const BASE: Provider = Provider {
    id: "",
    imap: tls("", 993),
    smtp: tls("", 465),
    credential: CredentialKind::Password,
    issuer: None,
    domains: &[],
    exchangers: &[],
    servers: &[],
    help: None,
    help_url: None,
    connections: 5,
};

/// NetEase's consumer mail: a code is always wanted, and sessions are reset beyond two.
const NETEASE: Provider = Provider {
    credential: CredentialKind::AuthorizationCode,
    help: Some("netease"),
    connections: 2,
    ..BASE
};

const NETEASE_QIYE: Provider = Provider {
    help: Some("netease_qiye"),
    help_url: Some("https://qiye.163.com/login/"),
    connections: 2,
    ..BASE
};

const EXMAIL: Provider = Provider {
    credential: CredentialKind::ClientPassword,
    help: Some("exmail"),
    help_url: Some("https://exmail.qq.com/login"),
    ..BASE
};

const MICROSOFT: Provider = Provider {
    imap: tls("outlook.office365.com", 993),
    credential: CredentialKind::Oauth2,
    issuer: Some(IssuerId::Microsoft),
    ..BASE
};

/// In the order in which they are tried where several fit.
static TABLE: &[Provider] = &[
    // Both clusters share their exchangers; the eastern one is the larger, so it is tried first.
    Provider {
        id: "netease_qiye_hz",
        imap: tls("imaphz.qiye.163.com", 993),
        smtp: tls("smtphz.qiye.163.com", 465),
        exchangers: &[
            "hzmx01.mxmail.netease.com",
            "hzmx02.mxmail.netease.com",
            ".mxmail.netease.com",
        ],
        servers: &[
            "imaphz.qiye.163.com",
            "smtphz.qiye.163.com",
            "mailhz.qiye.163.com",
            "qiye.163.com",
        ],
        ..NETEASE_QIYE
    },
    Provider {
        id: "netease_qiye_bj",
        imap: tls("imap.qiye.163.com", 993),
        smtp: tls("smtp.qiye.163.com", 465),
        exchangers: &[".mxmail.netease.com"],
        servers: &["qiye.163.com"],
        ..NETEASE_QIYE
    },
    Provider {
        id: "netease_163",
        imap: tls("imap.163.com", 993),
        smtp: tls("smtp.163.com", 465),
        domains: &["163.com"],
        servers: &["imap.163.com", "smtp.163.com"],
        help_url: Some("https://mail.163.com/"),
        ..NETEASE
    },
    Provider {
        id: "netease_126",
        imap: tls("imap.126.com", 993),
        smtp: tls("smtp.126.com", 465),
        domains: &["126.com"],
        servers: &["imap.126.com", "smtp.126.com"],
        help_url: Some("https://mail.126.com/"),
        ..NETEASE
    },
    Provider {
        id: "netease_yeah",
        imap: tls("imap.yeah.net", 993),
        smtp: tls("smtp.yeah.net", 465),
        domains: &["yeah.net"],
        servers: &["imap.yeah.net", "smtp.yeah.net"],
        help_url: Some("https://mail.yeah.net/"),
        ..NETEASE
    },
    Provider {
        id: "netease_vip163",
        imap: tls("imap.vip.163.com", 993),
        smtp: tls("smtp.vip.163.com", 465),
        domains: &["vip.163.com"],
        servers: &["imap.vip.163.com", "smtp.vip.163.com"],
        help_url: Some("https://vip.163.com/"),
        ..NETEASE
    },
    Provider {
        id: "tencent_exmail_overseas",
        imap: tls("hwimap.exmail.qq.com", 993),
        smtp: tls("hwsmtp.exmail.qq.com", 465),
        exchangers: &[".exmail.qq.com"],
        servers: &["hwimap.exmail.qq.com", "hwsmtp.exmail.qq.com"],
        ..EXMAIL
    },
    Provider {
        id: "tencent_exmail",
        imap: tls("imap.exmail.qq.com", 993),
        smtp: tls("smtp.exmail.qq.com", 465),
        exchangers: &["mxbiz1.qq.com", "mxbiz2.qq.com"],
        servers: &["exmail.qq.com"],
        ..EXMAIL
    },
    Provider {
        id: "qq",
        imap: tls("imap.qq.com", 993),
        smtp: tls("smtp.qq.com", 465),
        credential: CredentialKind::AuthorizationCode,
        domains: &["qq.com", "vip.qq.com", "foxmail.com"],
        servers: &["imap.qq.com", "smtp.qq.com"],
        help: Some("qq"),
        help_url: Some("https://mail.qq.com/"),
        ..BASE
    },
    Provider {
        id: "aliyun_qiye",
        imap: tls("imap.qiye.aliyun.com", 993),
        smtp: tls("smtp.qiye.aliyun.com", 465),
        exchangers: &[".qiye.aliyun.com", ".mxhichina.com"],
        servers: &["qiye.aliyun.com", "mxhichina.com"],
        help: Some("aliyun"),
        help_url: Some("https://qiye.aliyun.com/"),
        ..BASE
    },
    Provider {
        id: "aliyun",
        imap: tls("imap.aliyun.com", 993),
        smtp: tls("smtp.aliyun.com", 465),
        domains: &["aliyun.com"],
        servers: &["imap.aliyun.com", "smtp.aliyun.com"],
        help: Some("aliyun"),
        help_url: Some("https://mail.aliyun.com/"),
        ..BASE
    },
    Provider {
        id: "net263",
        imap: tls("imap.263.net", 993),
        smtp: tls("smtp.263.net", 465),
        domains: &["263.net"],
        exchangers: &[".263.net", ".263xmail.com"],
        servers: &["263.net"],
        ..BASE
    },
    Provider {
        id: "china_mobile_139",
        imap: tls("imap.139.com", 993),
        smtp: tls("smtp.139.com", 465),
        credential: CredentialKind::AuthorizationCode,
        domains: &["139.com"],
        servers: &["imap.139.com", "smtp.139.com"],
        help: Some("general"),
        help_url: Some("https://mail.10086.cn/"),
        connections: 2,
        ..BASE
    },
    Provider {
        id: "china_telecom_189",
        imap: tls("imap.189.cn", 993),
        smtp: tls("smtp.189.cn", 465),
        credential: CredentialKind::AuthorizationCode,
        domains: &["189.cn"],
        servers: &["imap.189.cn", "smtp.189.cn"],
        help: Some("general"),
        help_url: Some("https://mail.189.cn/"),
        connections: 2,
        ..BASE
    },
    Provider {
        id: "sina",
        imap: tls("imap.sina.com", 993),
        smtp: tls("smtp.sina.com", 465),
        credential: CredentialKind::AuthorizationCode,
        domains: &["sina.com"],
        servers: &["imap.sina.com", "smtp.sina.com"],
        help: Some("general"),
        help_url: Some("https://mail.sina.com.cn/"),
        connections: 2,
        ..BASE
    },
    Provider {
        id: "office365_vianet",
        imap: tls("partner.outlook.cn", 993),
        smtp: starttls("smtp.partner.outlook.cn", 587),
        exchangers: &[".mail.protection.partner.outlook.cn"],
        servers: &["partner.outlook.cn"],
        issuer: Some(IssuerId::Vianet),
        ..MICROSOFT
    },
    Provider {
        id: "office365",
        smtp: starttls("smtp.office365.com", 587),
        exchangers: &[".mail.protection.outlook.com", ".mx.microsoft"],
        servers: &["outlook.office365.com", "smtp.office365.com"],
        ..MICROSOFT
    },
    Provider {
        id: "outlook",
        smtp: starttls("smtp-mail.outlook.com", 587),
        domains: &["outlook.com", "hotmail.com", "live.com", "live.cn", "msn.com"],
        servers: &["smtp-mail.outlook.com"],
        ..MICROSOFT
    },
    Provider {
        id: "gmail",
        imap: tls("imap.gmail.com", 993),
        smtp: tls("smtp.gmail.com", 465),
        credential: CredentialKind::Oauth2,
        issuer: Some(IssuerId::Google),
        domains: &["gmail.com", "googlemail.com"],
        exchangers: &[
            "aspmx.l.google.com",
            ".aspmx.l.google.com",
            "smtp.google.com",
            ".googlemail.com",
        ],
        servers: &["imap.gmail.com", "smtp.gmail.com"],
        help: Some("google"),
        help_url: Some("https://myaccount.google.com/apppasswords"),
        ..BASE
    },
    Provider {
        id: "icloud",
        imap: tls("imap.mail.me.com", 993),
        smtp: starttls("smtp.mail.me.com", 587),
        credential: CredentialKind::ClientPassword,
        domains: &["icloud.com", "me.com", "mac.com"],
        exchangers: &[".mail.icloud.com"],
        servers: &["mail.me.com"],
        help: Some("general"),
        help_url: Some("https://account.apple.com/"),
        ..BASE
    },
    Provider {
        id: "fastmail",
        imap: tls("imap.fastmail.com", 993),
        smtp: tls("smtp.fastmail.com", 465),
        credential: CredentialKind::ClientPassword,
        domains: &["fastmail.com"],
        exchangers: &[".messagingengine.com"],
        servers: &["fastmail.com", "messagingengine.com"],
        help: Some("general"),
        help_url: Some("https://app.fastmail.com/settings/security"),
        ..BASE
    },
    Provider {
        id: "zoho",
        imap: tls("imappro.zoho.com", 993),
        smtp: tls("smtppro.zoho.com", 465),
        exchangers: &[".zoho.com"],
        servers: &["imappro.zoho.com", "smtppro.zoho.com"],
        ..BASE
    },
    Provider {
        id: "feishu",
        imap: tls("imap.feishu.cn", 993),
        smtp: tls("smtp.feishu.cn", 465),
        credential: CredentialKind::ClientPassword,
        exchangers: &[".feishu.cn"],
        servers: &["imap.feishu.cn", "smtp.feishu.cn"],
        help: Some("general"),
        connections: 2,
        ..BASE
    },
    // A company's own Coremail has no servers of the provider's; a greeting tells it (see `guess`).
    Provider {
        id: "coremail",
        connections: 2,
        ..BASE
    },
];

impl Provider {
    /// The whole table.
    pub fn all() -> &'static [Self] {
        TABLE
    }

    /// The row `id`.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        TABLE.iter().find(|provider| provider.id == id)
    }

    /// The provider of addresses at exactly `domain` (lower case).
    pub(crate) fn by_domain(domain: &str) -> Option<&'static Self> {
        TABLE.iter().find(|provider| provider.domains.contains(&domain))
    }

    /// Those to whom a mail exchanger (lower case, no trailing dot) belongs, best first.
    pub(crate) fn by_exchanger(host: &str) -> Vec<&'static Self> {
        let fits = |pattern: &&str| {
            if pattern.starts_with('.') {
                host.ends_with(*pattern)
            } else {
                host == *pattern
            }
        };
        TABLE
            .iter()
            .filter(|provider| provider.exchangers.iter().any(fits))
            .collect()
    }

    /// Those to whom a server's name (lower case) belongs, best first: who has exactly this name before who has all
    /// below it.
    pub(crate) fn by_server(host: &str) -> Vec<&'static Self> {
        if host.is_empty() {
            return Vec::new();
        }
        let own = |provider: &&Self| provider.imap.host == host || provider.smtp.host == host;
        let exact: Vec<&Self> = TABLE.iter().filter(own).collect();
        if !exact.is_empty() {
            return exact;
        }
        let below = |name: &str| host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
        let longest = |provider: &Self| {
            provider
                .servers
                .iter()
                .filter(|name| below(name))
                .map(|name| name.len())
                .max()
        };
        let Some(best) = TABLE.iter().filter_map(longest).max() else {
            return Vec::new();
        };
        TABLE
            .iter()
            .filter(|provider| longest(provider) == Some(best))
            .collect()
    }

    /// The key of its name in the catalogue.
    pub fn name_key(&self) -> String {
        format!("provider.{}", self.id)
    }

    /// The key of the explanation of its code or client password, where it wants or may want one.
    pub fn help_key(&self) -> Option<String> {
        self.help.map(|help| format!("provider.help.{help}"))
    }

    /// The settings of `address` at this provider.
    pub fn settings(&self, address: &Address) -> Settings {
        let server = |place: Place| ServerSettings {
            host: place.host.to_owned(),
            port: place.port,
            security: place.security,
            user: address.to_string(),
        };
        Settings {
            provider: self.id.to_owned(),
            imap: server(self.imap),
            smtp: server(self.smtp),
            credential: self.credential,
        }
    }
}

#[cfg(test)]
mod tests;

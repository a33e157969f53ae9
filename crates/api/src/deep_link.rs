//! Addresses of our scheme, `qiyou://VERB?…`: the one place that reads them.
//!
//! Any page and any program can call one, so none changes anything by itself: they show something, or carry a code
//! that is worthless without the key of this device.

use url::Url;

/// The longest address, in bytes.
const LONGEST: usize = 2048;

/// What an address of our scheme wants.
#[derive(Clone, PartialEq, Eq)]
pub enum DeepLink {
    /// The window.
    Open,
    /// A mail of this computer.
    Mail(crate::MailId),
    /// The mail that a card in WeCom is about, by the card's name at the bridge.
    Card(String),
    /// A new mail: fields of RFC 6068 as `mailto:?…`. It attaches nothing and sends nothing.
    Compose(String),
    /// The way to a new account.
    Account,
    /// The settings.
    Settings,
    /// The code of a sign-in by WeCom that was confirmed in the browser.
    SignIn(String),
}

// A code that was not redeemed yet is half of a session.
impl std::fmt::Debug for DeepLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Mail(_) => "Mail",
            Self::Card(_) => "Card",
            Self::Compose(_) => "Compose",
            Self::Account => "Account",
            Self::Settings => "Settings",
            Self::SignIn(_) => "SignIn",
        })
    }
}

impl DeepLink {
    /// Reads an address. `None` for whatever is not exactly one of ours.
    pub fn parse(url: &Url) -> Option<Self> {
        if url.scheme() != "qiyou" || url.as_str().len() > LONGEST || url.fragment().is_some() {
            return None;
        }
        if !url.username().is_empty() || url.password().is_some() || url.port().is_some() {
            return None;
        }
        // Browsers write `qiyou://open`, some programs `qiyou://open/` or `qiyou:open`.
        let (verb, rest) = match url.host_str() {
            Some(host) => (host, url.path().trim_matches('/')),
            None => (url.path(), ""),
        };
        if !rest.is_empty() {
            return None;
        }
        let value = |name: &str| {
            let mut values = url.query_pairs().filter(|(key, _)| key == name);
            let first = values.next().map(|(_, value)| value.into_owned());
            first.filter(|_| values.next().is_none())
        };
        let name =
            |text: &String| !text.is_empty() && text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric());
        match verb {
            "open" => Some(Self::Open),
            "mail" => match (value("id"), value("card")) {
                (Some(id), None) => id.parse().ok().map(Self::Mail),
                (None, Some(card)) => Some(card).filter(name).map(Self::Card),
                _ => None,
            },
            "compose" => Some(Self::Compose(format!("mailto:?{}", url.query().unwrap_or_default()))),
            "account" => Some(Self::Account),
            "settings" => Some(Self::Settings),
            "signin" => value("c").filter(name).map(Self::SignIn),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<DeepLink> {
        DeepLink::parse(&Url::parse(text).unwrap())
    }

    #[test]
    fn each_verb_is_read_however_a_program_writes_it() {
        assert_eq!(parse("qiyou://open"), Some(DeepLink::Open));
        assert_eq!(parse("qiyou://open/"), Some(DeepLink::Open));
        assert_eq!(parse("qiyou:open"), Some(DeepLink::Open));
        assert_eq!(parse("qiyou://mail?id=12"), Some(DeepLink::Mail(12)));
        assert_eq!(parse("qiyou://mail?card=aB3"), Some(DeepLink::Card("aB3".into())));
        assert_eq!(parse("qiyou://account"), Some(DeepLink::Account));
        assert_eq!(parse("qiyou://settings"), Some(DeepLink::Settings));
        assert_eq!(parse("qiyou://signin?c=aB3"), Some(DeepLink::SignIn("aB3".into())));
        assert_eq!(
            parse("qiyou://compose?to=lisi@example.cn"),
            Some(DeepLink::Compose("mailto:?to=lisi@example.cn".into()))
        );
    }

    #[test]
    fn whatever_else_is_nothing() {
        for text in [
            "qiyou://delete?id=1",
            "qiyou://mail",
            "qiyou://mail?id=x",
            "qiyou://mail?id=1&id=2",
            "qiyou://mail?id=1&card=a",
            "qiyou://mail?card=",
            "qiyou://mail?card=../a",
            "qiyou://signin",
            "qiyou://signin?c=",
            "qiyou://signin?c=a%26b",
            "qiyou://signin?c=a&c=b",
            "qiyou://open/../x",
            "qiyou://open/x",
            "qiyou://open#x",
            "qiyou://a:b@open",
            "qiyou://open:8080",
            "https://open",
            "qiyou-agent:bubble?tag=1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&format!("qiyou://signin?c={}", "a".repeat(65))), None);
        assert_eq!(parse(&format!("qiyou://compose?body={}", "a".repeat(3000))), None);
    }

    #[test]
    fn a_code_is_not_printed() {
        assert!(!format!("{:?}", parse("qiyou://signin?c=geheim")).contains("geheim"));
    }
}

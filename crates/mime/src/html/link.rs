//! What a link says and where it leads.

use super::token::unescaped;
use crate::display::clip;

/// Bytes of a link's text that are looked at; no host is longer.
const LONGEST: usize = 300;

/// A link whose text is being read.
pub(super) struct OpenLink {
    target: String,
    text: String,
}

impl OpenLink {
    pub(super) fn new(target: String) -> Self {
        Self {
            target,
            text: String::new(),
        }
    }

    /// Takes in a piece of text with its character references.
    pub(super) fn read(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.len());
        self.text.push_str(clip(&unescaped(clip(text, LONGEST)), room));
    }

    /// The host that the text names and the one that the link leads to, where these belong to different owners. A text
    /// that is not an address says nothing.
    pub(super) fn leads_elsewhere(&self) -> Option<(String, String)> {
        let shown = host(self.text.trim())?;
        let true_host = host(self.target.strip_prefix("mailto:").map_or(self.target.as_str(), |_| ""))?;
        (owner(&shown) != owner(&true_host)).then_some((shown, true_host))
    }
}

/// The host of something that is, as a whole, the address of a page, with its scheme or without.
fn host(text: &str) -> Option<String> {
    let rest = ["https://", "http://"]
        .iter()
        .find_map(|scheme| {
            text.get(..scheme.len())
                .filter(|head| head.eq_ignore_ascii_case(scheme))
                .and_then(|_| text.get(scheme.len()..))
        })
        .unwrap_or(text);
    if text.contains(char::is_whitespace) {
        return None;
    }
    let host = rest.split(['/', '?', '#']).next()?;
    // What stands before an `@` is a trick of its own: the host comes after it.
    let host = host
        .rsplit('@')
        .next()
        .filter(|_| rest.len() < text.len() || !host.contains('@'))?;
    let host = host.split(':').next()?.trim_end_matches('.').to_ascii_lowercase();
    let last = host.rsplit('.').next()?;
    let labels = host.split('.').count();
    let fit = (2..=10).contains(&labels)
        && host
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'))
        && last.len() >= 2
        && (!last.bytes().any(|b| b.is_ascii_digit()) || last.starts_with("xn--"));
    // `报告.pdf` is a file, not a host.
    let file = [
        "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "txt", "jpg", "png", "html", "htm", "js", "md",
    ];
    (fit && !file.contains(&last)).then_some(host)
}

/// What one owner holds: the last two labels, three below the usual second levels (`com.cn`, `co.uk`).
fn owner(host: &str) -> String {
    let labels: Vec<&str> = host.rsplit('.').collect();
    let second = labels.get(1).copied().unwrap_or_default();
    let country = labels.first().is_some_and(|last| last.len() == 2);
    let shared = country && ["com", "net", "org", "gov", "edu", "co", "ac", "or", "ne", "go"].contains(&second);
    let count = if shared { 3 } else { 2 };
    labels.into_iter().take(count).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elsewhere(text: &str, target: &str) -> Option<(String, String)> {
        let mut link = OpenLink::new(target.to_owned());
        link.read(text);
        link.leads_elsewhere()
    }

    #[test]
    fn an_address_that_leads_to_another_owner_is_noticed() {
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(
            elsewhere("https://www.icbc.com.cn/login", "http://icbc.evil.example/login"),
            pair("www.icbc.com.cn", "icbc.evil.example")
        );
        assert_eq!(
            elsewhere("www.bank.com", "https://bank.com.evil.net/"),
            pair("www.bank.com", "bank.com.evil.net")
        );
        assert_eq!(
            elsewhere("https://bank.com@evil.net/x", "https://bank.com/"),
            pair("evil.net", "bank.com")
        );
    }

    #[test]
    fn words_files_and_the_same_owner_are_no_news() {
        for (text, target) in [
            ("点击这里", "https://evil.example/"),
            ("www.example.com", "https://click.example.com/?u=1"),
            ("https://a.company.com.cn", "https://mail.company.com.cn/x"),
            ("报告.pdf", "https://files.example/1"),
            ("lisi@example.com", "mailto:lisi@example.com"),
            ("lisi@example.com", "https://other.example/"),
            ("see www.a.com now", "https://b.com"),
            ("1.5", "https://b.com"),
            ("", "https://b.com"),
        ] {
            assert_eq!(elsewhere(text, target), None, "{text} {target}");
        }
    }
}

//! `GET /get`: where people get the app from.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use http::header::USER_AGENT;

use crate::pages;
use crate::serve::Bridge;

/// A system that the app runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    Windows,
    Macos,
    Linux,
}

impl System {
    /// Its name in configuration and words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::Macos => "macos",
            Self::Linux => "linux",
        }
    }
}

/// What somebody looks at the page with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visitor {
    Computer(System),
    /// A phone or tablet: the app is not for it.
    Phone,
    Unknown,
}

impl Visitor {
    /// By `User-Agent`. Phones come first: theirs name the systems that they are kin to.
    pub fn of(agent: &str) -> Self {
        let names = |words: &[&str]| words.iter().any(|word| agent.contains(word));
        if names(&["Android", "iPhone", "iPad", "Mobile", "HarmonyOS"]) {
            Self::Phone
        } else if names(&["Windows"]) {
            Self::Computer(System::Windows)
        } else if names(&["Macintosh"]) {
            Self::Computer(System::Macos)
        } else if names(&["Linux", "X11"]) {
            Self::Computer(System::Linux)
        } else {
            Self::Unknown
        }
    }
}

/// `GET /get`.
pub async fn get(State(bridge): State<Arc<Bridge>>, headers: HeaderMap) -> Response {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    pages::installers(
        pages::Words::choose(None, &headers),
        &pages::Installers {
            company: &bridge.config.company,
            visitor: Visitor::of(agent.unwrap_or_default()),
            installer: &bridge.config.installer,
            address: bridge.address("/get").as_str(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_told_by_what_browsers_say() {
        let windows = Visitor::Computer(System::Windows);
        for (agent, visitor) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36 \
                 Language/zh ColorScheme/Light wxwork/4.1.36 (MicroMessenger/6.2) WindowsWechat  MailPlugin_Electron",
                windows,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
                windows,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15",
                Visitor::Computer(System::Macos),
            ),
            (
                "Mozilla/5.0 (X11; Linux aarch64) AppleWebKit/537.36 UOS Professional Chrome/110.0.0.0 Safari/537.36",
                Visitor::Computer(System::Linux),
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; 23127PN0CC) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/7.0.1 \
                 wxwork/4.1.38",
                Visitor::Phone,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 wxwork/4.1.38",
                Visitor::Phone,
            ),
            (
                "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 ArkWeb/4.1.6.1 Mobile wxwork/4.1.38",
                Visitor::Phone,
            ),
            ("curl/8.5.0", Visitor::Unknown),
            ("", Visitor::Unknown),
        ] {
            assert_eq!(Visitor::of(agent), visitor, "{agent}");
        }
    }
}

//! Where WeCom is, and the addresses at which people sign in.

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::Wecom;

/// The hosts of WeCom. The default is the real ones; a company behind a gateway, or a test, names others.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Hosts {
    /// `qyapi.weixin.qq.com`.
    pub api: Url,
    /// `login.work.weixin.qq.com`.
    pub login: Url,
    /// `open.work.weixin.qq.com`.
    pub old_login: Url,
    /// `open.weixin.qq.com`.
    pub oauth: Url,
    /// `res.wx.qq.com`: the JS-SDK.
    pub sdk: Url,
}

impl Default for Hosts {
    fn default() -> Self {
        Self {
            api: constant("https://qyapi.weixin.qq.com/"),
            login: constant("https://login.work.weixin.qq.com/"),
            old_login: constant("https://open.work.weixin.qq.com/"),
            oauth: constant("https://open.weixin.qq.com/"),
            sdk: constant("https://res.wx.qq.com/"),
        }
    }
}

#[allow(clippy::expect_used, reason = "only constants come here, and a test has read each")]
fn constant(address: &'static str) -> Url {
    Url::parse(address).expect("an address")
}

/// `path` at `host`, which may have a path of its own.
pub(crate) fn at(host: &Url, path: &str) -> Url {
    let mut url = host.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.set_path(&format!("{}/{path}", host.path().trim_end_matches('/')));
    url
}

/// An application of a company, as the admin console names it.
#[derive(Clone, Debug)]
pub struct App {
    pub corp_id: String,
    pub agent_id: i64,
    pub secret: SecretString,
}

/// The language of the log-in page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    #[default]
    Chinese,
    English,
}

impl Lang {
    fn word(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }
}

/// What OAuth2 inside WeCom asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The userid, without a question.
    Base,
    /// A ticket for [`Wecom::detail`] besides, after the member's consent.
    PrivateInfo,
}

impl Wecom {
    /// The log-in page of a browser outside WeCom (document 98152). The host of `redirect` must be the application's
    /// trusted callback domain, and no other address may stand inside it; `state` is at most 128 letters and digits.
    pub fn login_url(&self, redirect: &Url, state: &str, lang: Lang) -> Url {
        let mut url = at(&self.hosts().login, "wwlogin/sso/login");
        url.query_pairs_mut().append_pair("login_type", "CorpApp");
        self.finish(&mut url, redirect, state, lang);
        url
    }

    /// The log-in page before that, which still answers; the same rules.
    pub fn old_login_url(&self, redirect: &Url, state: &str, lang: Lang) -> Url {
        let mut url = at(&self.hosts().old_login, "wwopen/sso/qrConnect");
        self.finish(&mut url, redirect, state, lang);
        url
    }

    fn finish(&self, url: &mut Url, redirect: &Url, state: &str, lang: Lang) {
        url.query_pairs_mut()
            .append_pair("appid", &self.app().corp_id)
            .append_pair("agentid", &self.app().agent_id.to_string())
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("state", state)
            .append_pair("lang", lang.word());
    }

    /// OAuth2's page inside WeCom's own browser (document 91022). The host of `redirect` must be the application's
    /// trusted domain of OAuth2; `state` as with [`Self::login_url`].
    pub fn oauth_url(&self, redirect: &Url, state: &str, scope: Scope) -> Url {
        let mut url = at(&self.hosts().oauth, "connect/oauth2/authorize");
        url.query_pairs_mut()
            .append_pair("appid", &self.app().corp_id)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("response_type", "code")
            .append_pair(
                "scope",
                match scope {
                    Scope::Base => "snsapi_base",
                    Scope::PrivateInfo => "snsapi_privateinfo",
                },
            )
            .append_pair("state", state)
            .append_pair("agentid", &self.app().agent_id.to_string());
        url.set_fragment(Some("wechat_redirect"));
        url
    }
}

#[cfg(test)]
mod tests;

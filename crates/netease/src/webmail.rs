//! Single sign-on to the webmail: a sign of the open platform, good for one person, once, and not for long.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use crate::Netease;
use crate::error::Error;
use crate::fields::{secret, text};
use crate::renew::Renewal;

/// Where signs are shown when the answer does not say.
const ENDPOINT: &str = "https://entryhz.qiye.163.com/login/ssoLogin";

/// The language of the webmail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    #[default]
    Chinese,
    English,
}

impl Lang {
    pub(crate) const fn number(self) -> &'static str {
        match self {
            Self::Chinese => "0",
            Self::English => "1",
        }
    }
}

/// The address of a webmail that lets whoever opens it in. It does not print, and is for one redirect to one person.
pub struct SignOn(SecretString);

impl SignOn {
    pub(crate) fn new(url: Url) -> Self {
        Self(SecretString::from(String::from(url)))
    }

    /// The address, for the redirect.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for SignOn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignOn(..)")
    }
}

impl Netease {
    /// The address at which `name` is signed in to the webmail. Make it when it is needed: a sign waits for a minute or
    /// so, and is good once.
    pub async fn webmail(&self, name: &str, lang: Lang) -> Result<SignOn, Error> {
        let name = self.local(name)?;
        let token = self.sso().await?;
        let signed = match self.inner.sso_sign(&token, name).await {
            Err(error) if matches!(error.code(), Some(-322..=-320)) => {
                let token = self.renewed(Some(token), Renewal::SignOn).await?;
                self.inner.sso_sign(&token, name).await?
            }
            signed => signed?,
        };
        self.address(&signed, lang).ok_or(Error::Answer {
            call: "sso/ssoSign",
            what: "an answer without a sign or with an unsafe endpoint",
        })
    }

    fn address(&self, signed: &Value, lang: Lang) -> Option<SignOn> {
        let sign = secret(signed, &["sign"])?;
        let endpoint = text(signed, &["endpoint"]);
        let mut url = Url::parse(if endpoint.is_empty() { ENDPOINT } else { &endpoint }).ok()?;
        // A simulator on this computer has no certificate; whoever else is shown a sign has to have one.
        let simulated = self.inner.base.scheme() == "http" && url.host() == self.inner.base.host();
        let safe = url.scheme() == "https" || (url.scheme() == "http" && simulated);
        if !safe || !url.username().is_empty() {
            return None;
        }
        url.query_pairs_mut()
            .append_pair("sso_token", sign.expose_secret())
            .append_pair("lang", lang.number());
        Some(SignOn::new(url))
    }
}

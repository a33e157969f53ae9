//! Everything needed to reach an account's servers, without its secrets. Serialised as the api and the store have it.

use qiyou_net::{Endpoint, Security};
use serde::{Deserialize, Serialize};

use crate::provider::Provider;

/// What kind of secret a provider wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// The password of the web mail.
    Password,
    /// A code made for mail programs (授权码), not the web password.
    AuthorizationCode,
    /// A password made for mail programs (客户端专用密码), where the company demands one.
    ClientPassword,
    /// The provider's own sign-in page in the browser.
    Oauth2,
}

/// One server of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerSettings {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// Sign-in name, most often the whole address.
    pub user: String,
}

impl ServerSettings {
    /// Where the server is.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::new(self.host.clone(), self.port)
    }
}

/// Both servers of an account, and what kind of secret they want.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Id of the row in the table of presets ([`Provider::id`]), or `custom`.
    pub provider: String,
    pub imap: ServerSettings,
    pub smtp: ServerSettings,
    pub credential: CredentialKind,
}

/// The id of settings that no preset stands behind.
pub const CUSTOM: &str = "custom";

/// Connections to an account whose provider is unknown: as few as the strictest known one grants.
const CAUTIOUS_CONNECTIONS: usize = 2;

impl Settings {
    /// The preset behind these settings.
    pub fn preset(&self) -> Option<&'static Provider> {
        Provider::by_id(&self.provider)
    }

    /// The other place where the same account may live: NetEase's two clusters share everything that can be looked up,
    /// and refuse each other's accounts as if the password were wrong. Only for untouched presets.
    pub(crate) fn sibling(&self) -> Option<Self> {
        let sibling = match self.provider.as_str() {
            "netease_qiye_hz" => "netease_qiye_bj",
            "netease_qiye_bj" => "netease_qiye_hz",
            _ => return None,
        };
        let (ours, theirs) = (self.preset()?, Provider::by_id(sibling)?);
        if self.imap.host != ours.imap.host || self.smtp.host != ours.smtp.host {
            return None;
        }
        let mut other = self.clone();
        sibling.clone_into(&mut other.provider);
        theirs.imap.host.clone_into(&mut other.imap.host);
        theirs.smtp.host.clone_into(&mut other.smtp.host);
        Some(other)
    }

    /// How many connections the provider bears at once.
    pub fn connection_limit(&self) -> usize {
        self.preset()
            .map_or(CAUTIOUS_CONNECTIONS, |provider| provider.connections)
    }

    /// Mends host names that circulate in instructions but do not exist; says what was renamed into what.
    pub fn mend(&mut self) -> Vec<(String, String)> {
        let mut renamed = Vec::new();
        for server in [&mut self.imap, &mut self.smtp] {
            if let Some(right) = mended(&server.host) {
                renamed.push((std::mem::replace(&mut server.host, right.clone()), right));
            }
        }
        renamed
    }
}

/// NetEase's eastern cluster is "hz" (杭州); "zh" is a slip that is copied from page to page.
fn mended(host: &str) -> Option<String> {
    let name = host.to_ascii_lowercase();
    let service = name.strip_suffix("zh.qiye.163.com")?;
    matches!(service, "imap" | "smtp" | "pop").then(|| format!("{service}hz.qiye.163.com"))
}

#[cfg(test)]
mod tests;

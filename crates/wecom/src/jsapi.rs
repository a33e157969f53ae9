//! Tickets and signatures for pages inside WeCom's own browser (reference A8).

use secrecy::{ExposeSecret as _, SecretString};
use sha1::{Digest as _, Sha1};
use url::Url;

use crate::address::at;
use crate::callback::hex;
use crate::client::{Ask, Wecom, handed_out};
use crate::error::Error;
use crate::kept::{Fetched, Kept};

/// What a ticket signs for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketKind {
    /// `wx.config`.
    Corp,
    /// `wx.agentConfig`.
    Agent,
}

#[derive(Default)]
pub(crate) struct Tickets {
    corp: Kept,
    agent: Kept,
}

impl Wecom {
    /// The ticket that signs pages (documents 90506, 94313): fetched once for its life.
    pub async fn jsapi_ticket(&self, kind: TicketKind) -> Result<SecretString, Error> {
        let kept = match kind {
            TicketKind::Corp => &self.tickets().corp,
            TicketKind::Agent => &self.tickets().agent,
        };
        kept.get(self.clock(), self.fetch_ticket(kind)).await
    }

    async fn fetch_ticket(&self, kind: TicketKind) -> Result<Fetched, Error> {
        let (api, query): (_, &[(&str, &str)]) = match kind {
            TicketKind::Corp => ("get_jsapi_ticket", &[]),
            TicketKind::Agent => ("ticket/get", &[("type", "agent_config")]),
        };
        let answer = self.call(api, Ask::Get(query)).await?;
        handed_out(api, &answer, "ticket")
    }

    /// The scripts of the JS-SDK that a page loads: `wx.config` and all that follows it, then `wx.agentConfig`.
    pub fn sdk_scripts(&self) -> [Url; 2] {
        let hosts = self.hosts();
        [
            at(&hosts.sdk, "open/js/jweixin-1.2.0.js"),
            at(&hosts.old_login, "wwopen/js/jwxwork-1.0.0.js"),
        ]
    }

    /// The signature of the page at `url` (its fragment does not count) at `timestamp` (unix seconds).
    pub fn jsapi_signature(ticket: &SecretString, nonce: &str, timestamp: i64, url: &str) -> String {
        let url = url.split('#').next().unwrap_or_default();
        let ticket = ticket.expose_secret();
        let text = format!("jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}");
        hex(&Sha1::digest(text))
    }
}

#[cfg(test)]
mod tests;

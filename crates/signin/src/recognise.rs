//! From an address to settings: table, aliases, exchangers, services, autoconfig, and at last a guess.

use std::time::Duration;

use futures::future::{join, join_all};
use qiyou_net::{Mx, Security, Srv};
use url::Url;

use crate::address::{Address, NotAnAddress};
use crate::lookups::Lookups;
use crate::provider::Provider;
use crate::settings::{CUSTOM, ServerSettings, Settings};
use crate::{autoconfig, guess};

/// The limit of all questions to the DNS together, and then of all files and probes together: a person waits six
/// seconds at most.
const ROUND: Duration = Duration::from_secs(3);
/// An alias of an alias is followed so far.
const MAX_ALIASES: usize = 4;

/// By what the provider was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Table,
    Cname,
    Mx,
    Srv,
    Autoconfig,
    Guess,
    Nothing,
}

/// A host name that somebody named and that does not exist, and the one that was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    pub from: String,
    pub to: String,
}

/// What was found out about an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    pub how: How,
    /// [`Provider::id`] of the first candidate, or `custom`.
    pub provider: String,
    /// Best first; where several stand here, only the account test can tell which is right. Empty when nothing was
    /// found.
    pub candidates: Vec<Settings>,
    pub renamed: Vec<Renamed>,
}

impl Recognised {
    fn new(how: How, mut candidates: Vec<Settings>) -> Self {
        let mut renamed = Vec::new();
        for settings in &mut candidates {
            renamed.extend(settings.mend().into_iter().map(|(from, to)| Renamed { from, to }));
        }
        let how = if candidates.is_empty() { How::Nothing } else { how };
        let provider = candidates.first().map_or(CUSTOM, |first| &first.provider).to_owned();
        Self {
            how,
            provider,
            candidates,
            renamed,
        }
    }

    /// The preset of the first candidate: its name, help and page for the authorisation code.
    pub fn preset(&self) -> Option<&'static Provider> {
        Provider::by_id(&self.provider)
    }
}

/// Recognises the provider of `address`, in at most six seconds. Nothing but the domain leaves this computer.
pub async fn recognise(address: &str, lookups: &impl Lookups) -> Result<Recognised, NotAnAddress> {
    recognise_within(ROUND, address, lookups).await
}

async fn recognise_within(round: Duration, address: &str, lookups: &impl Lookups) -> Result<Recognised, NotAnAddress> {
    let address = Address::parse(address)?;
    if let Some(provider) = Provider::by_domain(address.domain()) {
        return Ok(Recognised::new(How::Table, vec![provider.settings(&address)]));
    }
    match by_dns(round, &address, lookups).await {
        Ok(found) => Ok(found),
        Err(exchangers) => Ok(by_servers(round, &address, &exchangers, lookups).await),
    }
}

/// What came within `limit`, else nothing: one slow question must not cost the answers to the others.
async fn within<T: Default>(limit: Duration, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(limit, work).await.unwrap_or_default()
}

/// Asks the DNS alone; gives back the exchangers when they tell nothing.
async fn by_dns(round: Duration, address: &Address, lookups: &impl Lookups) -> Result<Recognised, Vec<Mx>> {
    let domain = address.domain();
    let aliases =
        join_all(["imap", "mail"].map(|service| within(round, by_alias(format!("{service}.{domain}"), lookups))));
    let exchangers = within(round, lookups.mx(domain));
    let (aliases, (exchangers, services)) = join(aliases, join(exchangers, services(round, domain, lookups))).await;

    let settings =
        |providers: Vec<&'static Provider>| providers.into_iter().map(|p| p.settings(address)).collect::<Vec<_>>();
    if let Some(providers) = aliases.into_iter().find(|providers| !providers.is_empty()) {
        return Ok(Recognised::new(How::Cname, settings(providers)));
    }
    if let Some(providers) = exchangers
        .iter()
        .map(|mx| Provider::by_exchanger(&mx.host))
        .find(|p| !p.is_empty())
    {
        return Ok(Recognised::new(How::Mx, settings(providers)));
    }
    let [imap, smtp] = services.map(|found| found.map(|(host, port, security)| server(host, port, security, address)));
    match (imap, smtp) {
        (Some(imap), Some(smtp)) => Ok(Recognised::new(How::Srv, vec![autoconfig::settings(imap, smtp, false)])),
        _ => Err(exchangers),
    }
}

fn server(host: String, port: u16, security: Security, address: &Address) -> ServerSettings {
    ServerSettings {
        host,
        port,
        security,
        user: address.to_string(),
    }
}

/// Whose servers `name` is another name for.
async fn by_alias(name: String, lookups: &impl Lookups) -> Vec<&'static Provider> {
    let mut name = name;
    for _ in 0..MAX_ALIASES {
        let Some(target) = lookups.cname(&name).await else {
            return Vec::new();
        };
        let providers = Provider::by_server(&target);
        if !providers.is_empty() {
            return providers;
        }
        name = target;
    }
    Vec::new()
}

/// The places of IMAP and of submission (RFC 6186, RFC 8314 5.1), those with TLS from the first byte before the others.
async fn services(round: Duration, domain: &str, lookups: &impl Lookups) -> [Option<(String, u16, Security)>; 2] {
    let ask = |service: &str| {
        let name = format!("_{service}._tcp.{domain}");
        async move { within(round, lookups.srv(&name)).await }
    };
    // "." says that there is no such service.
    let first = |found: Vec<Srv>, security| {
        found
            .into_iter()
            .find(|srv| !srv.host.is_empty() && srv.port > 0)
            .map(|srv| (srv.host, srv.port, security))
    };
    let ((imaps, imap), (submissions, submission)) = join(
        join(ask("imaps"), ask("imap")),
        join(ask("submissions"), ask("submission")),
    )
    .await;
    [
        first(imaps, Security::Tls).or_else(|| first(imap, Security::StartTls)),
        first(submissions, Security::Tls).or_else(|| first(submission, Security::StartTls)),
    ]
}

async fn by_servers(round: Duration, address: &Address, exchangers: &[Mx], lookups: &impl Lookups) -> Recognised {
    let (files, guessed) = join(
        within(round, by_files(address, lookups)),
        within(round, guess::guess(address, exchangers, lookups)),
    )
    .await;
    if files.is_empty() {
        Recognised::new(How::Guess, guessed)
    } else {
        Recognised::new(How::Autoconfig, files)
    }
}

/// What the domain's own autoconfig file says; only by HTTPS, since it names where the password goes.
async fn by_files(address: &Address, lookups: &impl Lookups) -> Vec<Settings> {
    let domain = address.domain();
    let urls = [
        format!("https://autoconfig.{domain}/mail/config-v1.1.xml"),
        format!("https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml"),
    ];
    let files = join_all(
        urls.iter()
            .filter_map(|url| Url::parse(url).ok())
            .map(|url| async move {
                let file = lookups.file(&url).await?;
                Some(autoconfig::parse(&file, address))
            }),
    )
    .await;
    files
        .into_iter()
        .flatten()
        .find(|candidates| !candidates.is_empty())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;

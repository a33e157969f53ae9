//! Questions to the DNS beyond addresses: MX, SRV, CNAME. For recognising a provider; dialling asks the system.

use std::cmp::Reverse;
use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

use crate::error::reason;

/// The limit of one question, retries included.
const LIMIT: Duration = Duration::from_secs(3);
/// The limit of one attempt at one name server.
const ATTEMPT: Duration = Duration::from_millis(1200);
/// More answers than this to one question are not read.
const MAX_ANSWERS: usize = 32;

/// A mail exchanger (RFC 5321 5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mx {
    /// Lower is asked first.
    pub preference: u16,
    /// Lower case, without the trailing dot.
    pub host: String,
}

/// A service's place (RFC 2782, RFC 6186).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srv {
    pub priority: u16,
    pub weight: u16,
    pub port: u16,
    /// Lower case, without the trailing dot; empty where the domain says that it has no such service.
    pub host: String,
}

/// Why a question got no answer. That a name has no such record is an answer.
#[derive(Debug, thiserror::Error)]
pub enum DnsError {
    #[error("{name} is not a domain name")]
    BadName { name: String },
    #[error("no name server answered about {name} in time")]
    Timeout { name: String },
    #[error("the name server's answer about {name} cannot be used: {reason}")]
    Failed { name: String, reason: String },
    #[error("the system names no name server: {reason}")]
    NoServer { reason: String },
}

/// Asks name servers.
#[derive(Clone, Debug)]
pub struct Dns {
    resolver: TokioResolver,
}

impl Dns {
    /// Asks the name servers that the system has now; make a new one after a change of network.
    pub fn system() -> Result<Self, DnsError> {
        let builder = TokioResolver::builder_tokio().map_err(|e| DnsError::NoServer { reason: reason(e) })?;
        Self::build(builder)
    }

    /// Asks one name server, over UDP, and TCP where an answer is cut.
    pub fn at(server: SocketAddr) -> Result<Self, DnsError> {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
            connection.port = server.port();
            connection
        });
        let config =
            ResolverConfig::from_name_servers(vec![NameServerConfig::new(server.ip(), true, connections.to_vec())]);
        Self::build(TokioResolver::builder_with_config(
            config,
            TokioRuntimeProvider::default(),
        ))
    }

    fn build(mut builder: hickory_resolver::ResolverBuilder<TokioRuntimeProvider>) -> Result<Self, DnsError> {
        let options = builder.options_mut();
        options.timeout = ATTEMPT;
        options.attempts = 2;
        // Questions are asked while an account is added, once; a cache would only hold memory.
        options.cache_size = 0;
        let resolver = builder.build().map_err(|e| DnsError::NoServer { reason: reason(e) })?;
        Ok(Self { resolver })
    }

    /// The domain's mail exchangers, the most preferred first; empty when it has none.
    pub async fn mx(&self, domain: &str) -> Result<Vec<Mx>, DnsError> {
        let mut found: Vec<Mx> = self
            .ask(domain, RecordType::MX)
            .await?
            .into_iter()
            .filter_map(|data| match data {
                RData::MX(mx) => Some(Mx {
                    preference: mx.preference,
                    host: plain(&mx.exchange),
                }),
                _ => None,
            })
            .collect();
        found.sort_by_key(|mx| mx.preference);
        Ok(found)
    }

    /// The places of a service such as `_imaps._tcp.example.com`, the first to try first; empty when none is given.
    pub async fn srv(&self, name: &str) -> Result<Vec<Srv>, DnsError> {
        let mut found: Vec<Srv> = self
            .ask(name, RecordType::SRV)
            .await?
            .into_iter()
            .filter_map(|data| match data {
                RData::SRV(srv) => Some(Srv {
                    priority: srv.priority,
                    weight: srv.weight,
                    port: srv.port,
                    host: plain(&srv.target),
                }),
                _ => None,
            })
            .collect();
        found.sort_by_key(|srv| (srv.priority, Reverse(srv.weight)));
        Ok(found)
    }

    /// The name for which `name` is an alias, lower case and without the trailing dot.
    pub async fn cname(&self, name: &str) -> Result<Option<String>, DnsError> {
        let found = self.ask(name, RecordType::CNAME).await?;
        Ok(found.into_iter().find_map(|data| match data {
            RData::CNAME(target) => Some(plain(&target.0)),
            _ => None,
        }))
    }

    async fn ask(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, DnsError> {
        // The final dot keeps the system's search list out: example.com is not example.com.office.lan.
        let absolute = format!("{}.", name.trim_end_matches('.'));
        let query = hickory_resolver::proto::rr::Name::from_utf8(&absolute)
            .map_err(|_| DnsError::BadName { name: name.to_owned() })?;
        match tokio::time::timeout(LIMIT, self.resolver.lookup(query, kind)).await {
            Err(_) | Ok(Err(hickory_resolver::net::NetError::Timeout)) => {
                Err(DnsError::Timeout { name: name.to_owned() })
            }
            Ok(Ok(found)) => Ok(found
                .answers()
                .iter()
                .take(MAX_ANSWERS)
                .map(|record| record.data.clone())
                .collect()),
            Ok(Err(error)) if error.is_no_records_found() || error.is_nx_domain() => Ok(Vec::new()),
            Ok(Err(error)) => Err(DnsError::Failed {
                name: name.to_owned(),
                reason: reason(error),
            }),
        }
    }
}

fn plain(name: &hickory_resolver::proto::rr::Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests;

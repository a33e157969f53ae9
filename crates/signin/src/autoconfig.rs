//! Thunderbird's autoconfig file, format 1.1: what a domain says about its own servers.

use qiyou_net::Security;

use crate::address::Address;
use crate::provider::Provider;
use crate::settings::{CUSTOM, CredentialKind, ServerSettings, Settings};

/// More elements than this are no configuration.
const MAX_NODES: u32 = 2000;
/// More candidates than this are not offered.
const MAX_CANDIDATES: usize = 4;

/// The settings that the file offers to `address`, in its order. Unprotected servers, POP and what cannot be read are
/// left out.
pub(crate) fn parse(file: &[u8], address: &Address) -> Vec<Settings> {
    let Ok(text) = std::str::from_utf8(file) else {
        return Vec::new();
    };
    let options = roxmltree::ParsingOptions {
        nodes_limit: MAX_NODES,
        ..roxmltree::ParsingOptions::default()
    };
    let Ok(document) = roxmltree::Document::parse_with_options(text.trim_start_matches('\u{feff}'), options) else {
        return Vec::new();
    };
    let Some(provider) = document.descendants().find(|node| node.has_tag_name("emailProvider")) else {
        return Vec::new();
    };
    let servers = |tag: &str, kind: &str| -> Vec<(ServerSettings, bool)> {
        provider
            .children()
            .filter(|node| node.has_tag_name(tag) && node.attribute("type") == Some(kind))
            .filter_map(|node| server(node, address))
            .collect()
    };
    let outgoing = servers("outgoingServer", "smtp");
    let Some((smtp, _)) = outgoing.first() else {
        return Vec::new();
    };
    servers("incomingServer", "imap")
        .into_iter()
        .take(MAX_CANDIDATES)
        .map(|(imap, oauth)| settings(imap, smtp.clone(), oauth))
        .collect()
}

/// A provider that we know tells more about its secret than a file does.
pub(crate) fn settings(imap: ServerSettings, smtp: ServerSettings, oauth: bool) -> Settings {
    let known = Provider::by_server(&imap.host).first().copied();
    let credential = match known {
        Some(provider) => provider.credential,
        None if oauth => CredentialKind::Oauth2,
        None => CredentialKind::Password,
    };
    let provider = known.map_or(CUSTOM, |provider| provider.id).to_owned();
    Settings {
        provider,
        imap,
        smtp,
        credential,
    }
}

/// One server, and whether it takes nothing but OAuth2.
fn server(node: roxmltree::Node<'_, '_>, address: &Address) -> Option<(ServerSettings, bool)> {
    let text = |tag: &str| {
        let child = node.children().find(|child| child.has_tag_name(tag))?;
        child.text().map(str::trim).filter(|text| !text.is_empty())
    };
    let host = fill(text("hostname")?, address).to_ascii_lowercase();
    let url::Host::Domain(host) = url::Host::parse(&host).ok()? else {
        return None;
    };
    let security = match text("socketType")? {
        "SSL" => Security::Tls,
        "STARTTLS" => Security::StartTls,
        _ => return None,
    };
    let user = text("username").map_or_else(|| address.to_string(), |user| fill(user, address));
    let mut methods = node
        .children()
        .filter(|child| child.has_tag_name("authentication"))
        .filter_map(|n| n.text());
    let oauth = {
        let first = methods.next().map(str::trim);
        first == Some("OAuth2") && methods.all(|method| method.trim() == "OAuth2")
    };
    Some((
        ServerSettings {
            host,
            port: text("port")?.parse().ok()?,
            security,
            user,
        },
        oauth,
    ))
}

fn fill(text: &str, address: &Address) -> String {
    text.replace("%EMAILADDRESS%", &address.to_string())
        .replace("%EMAILLOCALPART%", address.local())
        .replace("%EMAILDOMAIN%", address.domain())
}

#[cfg(test)]
mod tests;

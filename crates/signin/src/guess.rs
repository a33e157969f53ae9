//! The last resort: usual names below the domain, each really asked.

use futures::future::{join, join_all};
use qiyou_net::{Endpoint, Mx, Security};

use crate::address::Address;
use crate::lookups::{Lookups, Probe};
use crate::settings::{CUSTOM, CredentialKind, ServerSettings, Settings};

/// What answered, in the order of preference.
type Found = Vec<(Endpoint, Security, Probe)>;

/// Settings made of the servers that answered; empty when no IMAP server did.
pub(crate) async fn guess(address: &Address, exchangers: &[Mx], lookups: &impl Lookups) -> Vec<Settings> {
    let domain = address.domain();
    // A company that receives its mail itself often serves it under the same name.
    let own = exchangers
        .iter()
        .map(|mx| mx.host.clone())
        .find(|host| host.ends_with(&format!(".{domain}")));
    let names = |service: &str| {
        let mut names = vec![format!("{service}.{domain}"), format!("mail.{domain}")];
        names.extend(own.clone().filter(|host| !names.contains(host)));
        names
    };
    let (imap_names, smtp_names) = (names("imap"), names("smtp"));
    let imap = ask(lookups, &imap_names, &[(993, Security::Tls), (143, Security::StartTls)]);
    let smtp = ask(lookups, &smtp_names, &[(465, Security::Tls), (587, Security::StartTls)]);
    let (imap, smtp) = join(imap, smtp).await;

    let Some((place, security, probe)) = best(&imap, "* ") else {
        return Vec::new();
    };
    let provider = match probe {
        Probe::Speaks(greeting) if greeting.contains("Coremail") => "coremail",
        _ => CUSTOM,
    };
    let server = |place: &Endpoint, security: Security| ServerSettings {
        host: place.host.clone(),
        port: place.port,
        security,
        user: address.to_string(),
    };
    let smtp = match best(&smtp, "220") {
        Some((place, security, _)) => server(place, *security),
        // Nothing answered: shown to be corrected, and named by the account test.
        None => server(&Endpoint::new(place.host.clone(), 465), Security::Tls),
    };
    vec![Settings {
        provider: provider.to_owned(),
        imap: server(place, *security),
        smtp,
        credential: CredentialKind::Password,
    }]
}

async fn ask(lookups: &impl Lookups, names: &[String], ports: &[(u16, Security)]) -> Found {
    let places = ports.iter().flat_map(|&(port, security)| {
        names
            .iter()
            .map(move |name| (Endpoint::new(name.clone(), port), security))
    });
    join_all(places.map(|(place, security)| async move {
        let probe = lookups.probe(&place, security).await;
        (place, security, probe)
    }))
    .await
}

/// The first that greets as its protocol does, else the first that has at least TLS.
fn best<'a>(found: &'a Found, greeting: &str) -> Option<&'a (Endpoint, Security, Probe)> {
    let speaks = |probe: &Probe| matches!(probe, Probe::Speaks(line) if line.starts_with(greeting));
    found
        .iter()
        .find(|(_, _, probe)| speaks(probe))
        .or_else(|| found.iter().find(|(_, _, probe)| *probe == Probe::Untrusted))
}

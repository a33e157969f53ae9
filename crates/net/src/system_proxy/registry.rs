//! Windows' own form of proxy settings, where it says more than the matcher reads: one proxy for each protocol
//! (`http=a:1;https=b:2;socks=c:3`), and `<local>` for names without a dot.

use hyper_util::client::proxy::matcher::Matcher;

/// The settings of the signed-in person; `None` where no proxy is switched on.
#[cfg(windows)]
pub(super) fn ask() -> Option<Rules> {
    let path = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings";
    let settings = windows_registry::CURRENT_USER.open(path).ok()?;
    if settings.get_u32("ProxyEnable").unwrap_or(0) == 0 {
        return None;
    }
    let server = settings.get_string("ProxyServer").ok()?;
    read(&server, &settings.get_string("ProxyOverride").unwrap_or_default())
}

/// What the settings say.
pub(super) struct Rules {
    pub(super) matcher: Matcher,
    /// Names without a dot are reached directly.
    pub(super) local_direct: bool,
}

/// Reads the values `ProxyServer` and `ProxyOverride`.
fn read(server: &str, exceptions: &str) -> Option<Rules> {
    let of = |protocol: &str| {
        server.split(';').find_map(|entry| {
            let (name, place) = entry.trim().split_once('=')?;
            (name.trim().eq_ignore_ascii_case(protocol) && !place.trim().is_empty()).then(|| place.trim())
        })
    };
    let proxy = if server.contains('=') {
        match (of("https").or_else(|| of("http")), of("socks")) {
            (Some(web), _) => web.to_owned(),
            // Windows means SOCKS 4 by it; every proxy in use today speaks 5 on the same port.
            (None, Some(socks)) => format!("socks5h://{socks}"),
            (None, None) => return None,
        }
    } else {
        server.trim().to_owned()
    };
    let entries = || exceptions.split(';').map(str::trim).filter(|entry| !entry.is_empty());
    let local_direct = entries().any(|entry| entry.eq_ignore_ascii_case("<local>"));
    let names = entries()
        .filter(|entry| !entry.starts_with('<'))
        .map(network)
        .collect::<Vec<_>>();
    Some(Rules {
        matcher: Matcher::builder().all(proxy).no(names.join(",")).build(),
        local_direct,
    })
}

/// `10.*` and `192.168.*.*` as networks, `*.example.com` as a suffix; anything else as it is.
fn network(entry: &str) -> String {
    let parts: Vec<&str> = entry.split('.').collect();
    let known: Vec<&str> = parts
        .iter()
        .copied()
        .take_while(|part| part.parse::<u8>().is_ok())
        .collect();
    let rest_is_wild = parts.iter().skip(known.len()).all(|part| *part == "*");
    if (1..4).contains(&known.len()) && parts.len() > known.len() && rest_is_wild {
        let mut octets = known.clone();
        octets.resize(4, "0");
        return format!("{}/{}", octets.join("."), known.len().saturating_mul(8));
    }
    entry
        .strip_prefix('*')
        .filter(|rest| !rest.is_empty())
        .unwrap_or(entry)
        .to_owned()
}

#[cfg(test)]
mod tests;

//! The proxy of GNOME's settings, which Cinnamon, Budgie, UKUI and others share. Programs started with the session get
//! no environment variables from them.
//!
//! Asked by the `gsettings` command: it maps dconf's file and is done in milliseconds, without any of its libraries in our process.

use std::collections::HashMap;
use std::process::{Command, Stdio};

use hyper_util::client::proxy::matcher::Matcher;

/// Everything below `org.gnome.system.proxy` in one call.
const ARGUMENTS: [&str; 2] = ["list-recursively", "org.gnome.system.proxy"];

/// The rules of the settings; `None` where there are none, or no such desktop.
pub(super) fn ask() -> Option<Matcher> {
    // Without a session there are no settings, and gsettings would only say so.
    std::env::var_os("DBUS_SESSION_BUS_ADDRESS").or_else(|| std::env::var_os("XDG_RUNTIME_DIR"))?;
    let answer = Command::new("gsettings")
        .args(ARGUMENTS)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    if !answer.status.success() {
        return None;
    }
    read(&String::from_utf8_lossy(&answer.stdout))
}

/// Reads lines such as `org.gnome.system.proxy.https host 'proxy.example'`.
fn read(answer: &str) -> Option<Matcher> {
    let settings: HashMap<(&str, &str), &str> = answer
        .lines()
        .filter_map(|line| {
            let (schema, rest) = line.strip_prefix("org.gnome.system.proxy")?.split_once(' ')?;
            let (key, value) = rest.split_once(' ')?;
            Some(((schema.trim_start_matches('.'), key), value.trim()))
        })
        .collect();
    let text = |schema, key| {
        settings
            .get(&(schema, key))
            .map_or("", |value| value.trim_matches('\''))
    };
    match text("", "mode") {
        "manual" => {}
        "auto" => {
            tracing::warn!(target: "net", "proxy scripts (PAC) are not supported; going directly");
            return None;
        }
        _ => return None,
    }
    let place = |schema| {
        let (host, port) = (text(schema, "host"), text(schema, "port"));
        let usable = !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0);
        usable.then(|| {
            let host = if host.contains(':') {
                format!("[{host}]")
            } else {
                host.to_owned()
            };
            format!("{host}:{port}")
        })
    };
    let web = place("https").or_else(|| place("http"));
    let proxy = match (web, place("socks")) {
        (Some(web), _) if text("http", "use-authentication") == "true" => {
            let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            // A blank is "+" in a form and "%20" in an address.
            let user = encode(text("http", "authentication-user")).replace('+', "%20");
            let password = encode(text("http", "authentication-password")).replace('+', "%20");
            format!("http://{user}:{password}@{web}")
        }
        (Some(web), _) => format!("http://{web}"),
        (None, Some(socks)) => format!("socks5h://{socks}"),
        (None, None) => return None,
    };
    Some(
        Matcher::builder()
            .all(proxy)
            .no(exceptions(text("", "ignore-hosts")))
            .build(),
    )
}

/// `['localhost', '*.example.com', '10.0.0.0/8']` as the environment has it.
fn exceptions(list: &str) -> String {
    let inner = list
        .trim_start_matches("@as ")
        .trim_start_matches('[')
        .trim_end_matches(']');
    let names = inner.split(',').map(|name| name.trim().trim_matches('\''));
    names
        .map(|name| name.strip_prefix('*').filter(|rest| !rest.is_empty()).unwrap_or(name))
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests;

//! Which addresses may leave for the browser.

use url::Url;

use crate::Error;

#[cfg(test)]
mod tests;

/// Longest address that is passed on, in bytes: `ShellExecuteW` and command lines have limits of their own.
const ADDRESS_MAX: usize = 8192;

pub(crate) fn allowed(address: &str) -> Result<Url, Error> {
    let forbidden = Error::Forbidden { what: "open" };
    if address.len() > ADDRESS_MAX || address.chars().any(char::is_control) {
        return Err(forbidden);
    }
    let Ok(url) = Url::parse(address) else {
        return Err(forbidden);
    };
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        "mailto" => Ok(url),
        _ => Err(forbidden),
    }
}

//! What leaves this program: addresses for the system's browser or mail writer, names of files.

use qiyou_api::{ApiError, ErrorCode};
use url::Url;

/// An address that may be handed to the system: a web page or a mail address. Anything else (files, scripts, other
/// programs' schemes) could act on the computer.
pub(crate) fn allowed(address: &str) -> Option<Url> {
    let url = Url::parse(address.trim()).ok()?;
    let known = match url.scheme() {
        "http" | "https" => url.has_host(),
        "mailto" => true,
        _ => false,
    };
    known.then_some(url)
}

/// Opens an address outside. [`ErrorCode::LinkRefused`] when it is of a kind that is not opened, or when the system
/// has nothing to open it with.
pub(crate) fn open(address: &str) -> Result<(), ApiError> {
    let refused = |why: &str| ApiError::new(ErrorCode::LinkRefused).with("detail", why);
    let url = allowed(address).ok_or_else(|| refused(""))?;
    open::that_detached(url.as_str()).map_err(|error| refused(&error.to_string()))
}

/// A name that a save dialog may suggest: the last part of a path, without anything that a dialog reads otherwise.
pub(crate) fn file_name(suggested: &str) -> String {
    let last = suggested.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last
        .chars()
        .filter(|c| !c.is_control() && !r#":*?"<>|"#.contains(*c))
        .take(120)
        .collect();
    name.trim_matches([' ', '.']).to_owned()
}

#[cfg(test)]
mod tests;

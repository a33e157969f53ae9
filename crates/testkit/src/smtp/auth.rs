//! AUTH PLAIN, LOGIN and XOAUTH2.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Builder, session::say};
use crate::wire::Wire;

const LIMIT: usize = 64 * 1024;

/// Outer `None`: the client is gone. Inner: who signed in, if anybody.
pub(super) async fn sign_in(wire: &mut Wire, setup: &Builder, rest: &str) -> Option<Option<String>> {
    let (mechanism, initial) = rest
        .split_once(' ')
        .map_or((rest, None), |(name, first)| (name, Some(first)));
    let mechanism = mechanism.to_ascii_uppercase();
    if !setup.mechanisms.contains(&mechanism) {
        say(wire, b"504 5.5.4 Unrecognized authentication type").await?;
        return Some(None);
    }
    let initial = initial.map(|word| if word == "=" { String::new() } else { word.to_owned() });
    let claimed = match mechanism.as_str() {
        "PLAIN" => plain(&first(wire, initial).await?),
        "XOAUTH2" => xoauth2(&first(wire, initial).await?),
        "LOGIN" => {
            let user = match initial {
                Some(word) => word,
                None => ask(wire, b"334 VXNlcm5hbWU6").await?,
            };
            let password = ask(wire, b"334 UGFzc3dvcmQ6").await?;
            decoded(&user).zip(decoded(&password))
        }
        _ => None,
    };
    let good = claimed.filter(|claim| setup.users.contains(claim));
    if let Some((user, _)) = good {
        say(wire, b"235 2.7.0 Authentication successful").await?;
        return Some(Some(user));
    }
    if mechanism == "XOAUTH2" {
        let why = STANDARD.encode(r#"{"status":"401","schemes":"bearer","scope":"https://mail.example.test/"}"#);
        ask(wire, format!("334 {why}").as_bytes()).await?;
    }
    say(wire, &setup.wrong_password).await?;
    Some(None)
}

async fn first(wire: &mut Wire, initial: Option<String>) -> Option<String> {
    match initial {
        Some(word) => Some(word),
        None => ask(wire, b"334 ").await,
    }
}

async fn ask(wire: &mut Wire, challenge: &[u8]) -> Option<String> {
    say(wire, challenge).await?;
    String::from_utf8(wire.line(LIMIT).await?).ok()
}

/// User and password of `[authzid] NUL authcid NUL passwd` (RFC 4616), in base64.
pub(crate) fn plain(word: &str) -> Option<(String, String)> {
    let text = decoded(word)?;
    let mut fields = text.split('\0').skip(1);
    Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
}

/// User and token of an XOAUTH2 answer, in base64.
pub(crate) fn xoauth2(word: &str) -> Option<(String, String)> {
    let text = decoded(word)?;
    let user = text.strip_prefix("user=")?.split('\x01').next()?;
    let token = text.split("\x01auth=Bearer ").nth(1)?.strip_suffix("\x01\x01")?;
    Some((user.to_owned(), token.to_owned()))
}

/// Text in base64.
pub(crate) fn decoded(word: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(word).ok()?).ok()
}

//! AUTHENTICATE: PLAIN, LOGIN and XOAUTH2, with the challenge that tells why a token was refused.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Shared;
use crate::smtp::auth::{decoded, plain, xoauth2};
use crate::wire::Wire;

const LIMIT: usize = 64 * 1024;

/// Outer `None`: the client is gone. Inner: whether it was let in.
pub(super) async fn authenticate(
    wire: &mut Wire,
    shared: &Shared,
    mechanism: &str,
    initial: Option<String>,
) -> Option<bool> {
    let claim = match (mechanism, initial) {
        ("LOGIN", initial) => {
            let user = match initial {
                Some(word) => word,
                None => ask(wire, "VXNlcm5hbWU6").await?,
            };
            let password = ask(wire, "UGFzc3dvcmQ6").await?;
            decoded(&user).zip(decoded(&password))
        }
        ("PLAIN", Some(word)) => plain(&word),
        ("PLAIN", None) => plain(&ask(wire, "").await?),
        (_, Some(word)) => xoauth2(&word),
        (_, None) => xoauth2(&ask(wire, "").await?),
    };
    let bearer = mechanism == "XOAUTH2";
    let good = claim.is_some_and(|(user, secret)| {
        let state = shared.state();
        user == state.user && secret == if bearer { &state.token } else { &state.password }.as_str()
    });
    if bearer && !good {
        ask(
            wire,
            &STANDARD.encode(r#"{"status":"400","schemes":"Bearer","scope":"https://mail.example.test/"}"#),
        )
        .await?;
    }
    Some(good)
}

async fn ask(wire: &mut Wire, challenge: &str) -> Option<String> {
    wire.write(format!("+ {challenge}\r\n").as_bytes()).await.ok()?;
    String::from_utf8(wire.line(LIMIT).await?).ok()
}

//! AUTHENTICATE: PLAIN, LOGIN, XOAUTH2 and OAUTHBEARER, with the challenge that tells why a token was refused.
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
        ("OAUTHBEARER", Some(word)) => bearer_claim(&word),
        ("OAUTHBEARER", None) => bearer_claim(&ask(wire, "").await?),
        (_, Some(word)) => xoauth2(&word),
        (_, None) => xoauth2(&ask(wire, "").await?),
    };
    let bearer = mechanism == "XOAUTH2" || mechanism == "OAUTHBEARER";
    let good = claim.is_some_and(|(user, secret)| {
        let state = shared.state();
        user == state.user && secret == if bearer { &state.token } else { &state.password }.as_str()
    });
    if bearer && !good {
        let why = STANDARD.encode(r#"{"status":"400","schemes":"Bearer","scope":"https://mail.example.test/"}"#);
        let goodbye = ask(wire, &why).await?;
        // RFC 7628 section 3.2.3: a lone ^A ends it; anything else is no answer, and nothing follows.
        if mechanism == "OAUTHBEARER" && goodbye != "AQ==" {
            return None;
        }
    }
    Some(good)
}

async fn ask(wire: &mut Wire, challenge: &str) -> Option<String> {
    wire.write(format!("+ {challenge}\r\n").as_bytes()).await.ok()?;
    String::from_utf8(wire.line(LIMIT).await?).ok()
}

/// User and token of `n,a=USER,^Aauth=Bearer TOKEN^A^A` (RFC 7628 section 3.1), in base64.
fn bearer_claim(word: &str) -> Option<(String, String)> {
    let text = decoded(word)?;
    let (head, fields) = text.split_once('\u{1}')?;
    let user = head.strip_prefix("n,a=")?.strip_suffix(',')?;
    let user = user.replace("=2C", ",").replace("=3D", "=");
    let fields = fields.strip_suffix("\u{1}\u{1}")?;
    let token = fields
        .split('\u{1}')
        .find_map(|field| field.strip_prefix("auth=Bearer "))?;
    Some((user, token.to_owned()))
}

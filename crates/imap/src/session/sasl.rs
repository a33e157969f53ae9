//! Ways to sign in, the best first, with secrets that only the wire sees.

use base64::Engine as _;
use secrecy::{ExposeSecret, SecretString};

use super::done_line;
use super::open::{Client, absorb_inbox, from_async_imap, timed, with_bye};
use crate::capability::Capabilities;
use crate::error::{Error, auth_error};
use crate::parse::{Code, StatusKind, StatusLine};
use crate::quirks::Quirks;
use crate::server::{Credentials, Limits};
use crate::wire::outgoing::{Staged, is_sendable};
use crate::wire::{SharedInbox, Wire, lock};

/// One way to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The LOGIN command.
    Login,
    /// AUTHENTICATE, with the first answer in the command (RFC 4959) or not.
    Sasl(&'static str, bool),
}

/// The ways to try, the best first. A later one is tried only when the server did not *understand* the former.
fn ways(credentials: &Credentials, capabilities: &Capabilities, quirks: &Quirks) -> Vec<Way> {
    let inline = capabilities.sasl_ir() && !quirks.login_instead_of_sasl_ir;
    let mut ways = Vec::new();
    match credentials {
        Credentials::Password { .. } => {
            if quirks.login_instead_of_sasl_ir && !capabilities.login_disabled() {
                return vec![Way::Login];
            }
            if capabilities.auth("PLAIN") {
                ways.push(Way::Sasl("PLAIN", inline));
            }
            if !capabilities.login_disabled() {
                ways.push(Way::Login);
            } else if capabilities.auth("LOGIN") {
                ways.push(Way::Sasl("LOGIN", false));
            }
        }
        Credentials::Bearer { .. } => {
            for mechanism in ["XOAUTH2", "OAUTHBEARER"] {
                if capabilities.auth(mechanism) {
                    ways.push(Way::Sasl(mechanism, inline));
                }
            }
        }
    }
    ways
}

pub(super) type SignedIn = (async_imap::Session<Wire>, SharedInbox, Capabilities);

pub(super) async fn authenticate(
    mut client: Client,
    preauth: bool,
    credentials: &Credentials,
    capabilities: &Capabilities,
    quirks: &mut Quirks,
    limits: &Limits,
) -> Result<SignedIn, Error> {
    let inbox = client.get_ref().inbox();
    let (user, secret) = match credentials {
        Credentials::Password { user, password } => (user, password),
        Credentials::Bearer { user, token } => (user, token),
    };
    if !is_sendable(user.as_bytes()) || !is_sendable(secret.expose_secret().as_bytes()) {
        return Err(Error::Unsendable);
    }
    let ways = if preauth {
        client.get_mut().answer_next();
        vec![Way::Login]
    } else {
        ways(credentials, capabilities, quirks)
    };
    let mut refused = Error::NoMechanism;
    for way in ways {
        client.get_mut().clear_staged();
        client.get_mut().withhold(secret.clone());
        let attempt = timed(limits, attempt(client, way, user, secret)).await?;
        let done = lock(&inbox).done.pop_front();
        let news = absorb_inbox(&inbox);
        match attempt {
            Ok(session) => {
                let line = done.as_ref().and_then(done_line);
                let after = match line.and_then(|l| l.code) {
                    Some(Code::Capability(capabilities)) => Some(capabilities),
                    _ => news.capabilities,
                };
                return Ok((session, inbox, after.unwrap_or_default()));
            }
            Err((e, given_back)) => {
                client = given_back;
                let line = done.as_ref().and_then(done_line);
                match line {
                    Some(StatusLine {
                        kind: StatusKind::No,
                        code,
                        text,
                    }) => return Err(auth_error(code.as_ref(), text)),
                    Some(StatusLine { text, .. }) => {
                        // BAD: this way is not understood (or the server counts a wrong password as BAD).
                        if matches!(way, Way::Sasl(_, true)) {
                            quirks.login_instead_of_sasl_ir = true;
                        }
                        refused = auth_error(None, text);
                    }
                    None => return Err(with_bye(from_async_imap(e, None), news.bye)),
                }
            }
        }
    }
    Err(refused)
}

async fn attempt(
    mut client: Client,
    way: Way,
    user: &str,
    secret: &SecretString,
) -> Result<async_imap::Session<Wire>, (async_imap::error::Error, Client)> {
    match way {
        Way::Login => {
            client.get_mut().stage(Staged::Text(user.as_bytes().to_vec()));
            client.get_mut().stage(Staged::Secret(secret.clone()));
            // The wire puts the staged values where these placeholders stand.
            client.login("\0", "\0").await
        }
        Way::Sasl(mechanism, inline) => {
            for response in responses(mechanism, user, secret) {
                client.get_mut().withhold(response.clone());
                client.get_mut().stage(Staged::RawSecret(response));
            }
            let command = if inline {
                format!("{mechanism} \0")
            } else {
                mechanism.to_owned()
            };
            let steps = if mechanism == "LOGIN" { 2 } else { 1 };
            let left = if inline { 0 } else { steps };
            client
                .authenticate(
                    command,
                    Placeholders {
                        left,
                        cancel: mechanism == "OAUTHBEARER",
                    },
                )
                .await
        }
    }
}

/// The SASL answers in base64, in order.
fn responses(mechanism: &str, user: &str, secret: &SecretString) -> Vec<SecretString> {
    let encode = |raw: &str| SecretString::from(base64::engine::general_purpose::STANDARD.encode(raw));
    let secret = secret.expose_secret();
    match mechanism {
        "PLAIN" => vec![encode(&format!("\0{user}\0{secret}"))],
        "LOGIN" => vec![encode(user), encode(secret)],
        "XOAUTH2" => vec![encode(&format!("user={user}\x01auth=Bearer {secret}\x01\x01"))],
        // RFC 7628 3.1; `=` and `,` of a name are escaped (RFC 5801).
        _ => {
            let name = user.replace('=', "=3D").replace(',', "=2C");
            vec![encode(&format!("n,a={name},\x01auth=Bearer {secret}\x01\x01"))]
        }
    }
}

/// Answers challenges with placeholders, for which the wire puts the staged values; then with what ends a refused
/// sign-in.
struct Placeholders {
    left: usize,
    cancel: bool,
}

impl async_imap::Authenticator for Placeholders {
    type Response = &'static [u8];

    fn process(&mut self, _challenge: &[u8]) -> &'static [u8] {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                b"\0"
            }
            // The error is in the challenge; XOAUTH2 wants an empty line, OAUTHBEARER a ^A (RFC 7628 3.2.3), and
            // the tagged NO follows.
            None if self.cancel => b"\x01",
            None => b"",
        }
    }
}

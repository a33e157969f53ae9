//! Signing in: AUTH (RFC 4954) by PLAIN (RFC 4616), LOGIN and XOAUTH2.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lettre::transport::smtp::response::Response;
use secrecy::{ExposeSecret, SecretString};

use crate::error::Error;
use crate::session::{Capabilities, Credentials, Session};

/// A way to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mechanism {
    Plain,
    Login,
    XOAuth2,
}

impl Mechanism {
    /// Those that fit `credentials` and are offered, the preferred first.
    fn fitting(credentials: &Credentials, capabilities: &Capabilities) -> Vec<Self> {
        let candidates: &[Self] = match credentials {
            Credentials::Password { .. } => &[Self::Plain, Self::Login],
            Credentials::Bearer { .. } => &[Self::XOAuth2],
        };
        candidates
            .iter()
            .copied()
            .filter(|m| capabilities.offers(m.name()))
            .collect()
    }

    fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::XOAuth2 => "XOAUTH2",
        }
    }
}

/// A line that holds a secret: it can be sent, and not be seen in a log.
struct Line(SecretString);

impl Line {
    fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    fn encoded(secret: &str) -> Self {
        Self::new(BASE64.encode(secret))
    }
}

/// For lettre's `command`, which takes what can be displayed.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\r\n", self.0.expose_secret())
    }
}

/// Signs in by the first fitting mechanism that the server really accepts.
pub(crate) async fn authenticate(session: &mut Session, credentials: &Credentials) -> Result<(), Error> {
    let mechanisms = Mechanism::fitting(credentials, session.capabilities());
    let mut outcome = Err(Error::AuthUnavailable {
        offered: session.capabilities().auth().join(" "),
    });
    for mechanism in mechanisms {
        outcome = attempt(session, mechanism, credentials).await;
        match &outcome {
            // The mechanism is refused and not the secret (RFC 4954 4, 6): try another.
            Err(Error::Refused {
                code: 500..=504 | 534, ..
            }) => {}
            _ => break,
        }
    }
    match outcome {
        // "Authentication required", "credentials invalid", "too weak", and what servers invent: a permanent refusal
        // during AUTH is one of the credentials.
        Err(Error::Refused { code, text }) if code >= 500 => Err(Error::Auth { code, text }),
        other => other,
    }
}

async fn attempt(session: &mut Session, mechanism: Mechanism, credentials: &Credentials) -> Result<(), Error> {
    let (user, secret) = match credentials {
        Credentials::Password { user, password } => (user, password),
        Credentials::Bearer { user, token } => (user, token),
    };
    let secret = secret.expose_secret();
    match mechanism {
        Mechanism::Plain => {
            let initial = BASE64.encode(format!("\0{user}\0{secret}"));
            let response = session.command(Line::new(format!("AUTH PLAIN {initial}"))).await?;
            finish(session, response, Some(Line::new(initial))).await
        }
        Mechanism::Login => {
            // The two questions always come in this order, whatever their words (and their language) are.
            let response = session.command(Line::new("AUTH LOGIN".to_owned())).await?;
            expect_question(&response)?;
            let response = session.command(Line::encoded(user)).await?;
            expect_question(&response)?;
            let response = session.command(Line::encoded(secret)).await?;
            finish(session, response, None).await
        }
        Mechanism::XOAuth2 => {
            let initial = BASE64.encode(format!("user={user}\x01auth=Bearer {secret}\x01\x01"));
            let response = session.command(Line::new(format!("AUTH XOAUTH2 {initial}"))).await?;
            // A question here holds the error as JSON; an empty line fetches the refusal in words.
            finish(session, response, Some(Line::new(String::new()))).await
        }
    }
}

fn expect_question(response: &Response) -> Result<(), Error> {
    if response.has_code(334) {
        Ok(())
    } else {
        Err(Error::Protocol("AUTH LOGIN asks nothing".to_owned()))
    }
}

/// Takes the last reply; one more question is answered by `answer`, any further one is not.
async fn finish(session: &mut Session, response: Response, answer: Option<Line>) -> Result<(), Error> {
    let response = match answer {
        Some(answer) if response.has_code(334) => session.command(answer).await?,
        _ => response,
    };
    if response.has_code(235) {
        Ok(())
    } else {
        Err(Error::Protocol("AUTH does not end".to_owned()))
    }
}

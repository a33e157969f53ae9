//! The account test: really signs in, opens the inbox, signs in to SMTP, and names what failed.

mod cause;

use std::time::Duration;

use qiyou_imap::{ClientId, Credentials, MailboxName, SelectOptions};
use qiyou_net::{Dialer, Security};

use crate::settings::{ServerSettings, Settings};

pub use cause::Cause;

/// The limit of one answer. A person is watching; a server that takes longer is as good as down.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// The steps, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Name, TCP, proxy, TLS.
    ImapConnect,
    ImapSignIn,
    /// Opens INBOX, which some servers refuse after a sign-in that they took.
    ImapInbox,
    SmtpConnect,
    SmtpSignIn,
    Done,
}

/// What failed, where, and in whose words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub step: Step,
    pub cause: Cause,
    pub host: String,
    pub port: u16,
    /// The server's or the system's own words, at most 500 characters; may be empty.
    pub detail: String,
}

/// The outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Nothing when everything went well.
    pub failure: Option<Failure>,
    /// Mails in the inbox, where the test came so far.
    pub inbox_messages: Option<u32>,
    /// The largest mail that the server takes, in bytes, where it says so.
    pub largest_mail: Option<u64>,
    /// The settings that were tried last: those that worked, or those of `failure`. They differ from the given ones
    /// where the account turned out to live in the provider's other cluster.
    pub settings: Settings,
}

/// Tests `settings` with the secret in `credentials`, which is used for both servers, each with the user name that the
/// settings give it. `progress` is called before each step.
pub async fn check(
    dialer: &Dialer,
    settings: &Settings,
    credentials: &Credentials,
    id: &ClientId,
    mut progress: impl FnMut(Step),
) -> Report {
    let first = attempt(dialer, settings, credentials, id, &mut progress).await;
    let elsewhere = match &first.failure {
        // A wrong cluster looks like a wrong password.
        Some(failure) if failure.step == Step::ImapSignIn && failure.cause.is_about_the_secret() => settings.sibling(),
        _ => None,
    };
    let Some(sibling) = elsewhere else { return first };
    let second = attempt(dialer, &sibling, credentials, id, &mut progress).await;
    match &second.failure {
        Some(failure) if failure.step <= Step::ImapSignIn => first,
        _ => second,
    }
}

async fn attempt(
    dialer: &Dialer,
    settings: &Settings,
    credentials: &Credentials,
    id: &ClientId,
    progress: &mut impl FnMut(Step),
) -> Report {
    let mut report = Report {
        failure: None,
        inbox_messages: None,
        largest_mail: None,
        settings: settings.clone(),
    };
    match imap(dialer, settings, credentials, id, progress).await {
        Ok(messages) => report.inbox_messages = Some(messages),
        Err((step, error)) => {
            report.failure = Some(failure(
                step,
                cause::of_imap(&error, settings, credentials),
                &settings.imap,
            ));
            return report;
        }
    }
    match smtp(dialer, settings, credentials, progress).await {
        Ok(largest) => {
            report.largest_mail = largest;
            progress(Step::Done);
        }
        Err((step, error)) => report.failure = Some(failure(step, cause::of_smtp(&error), &settings.smtp)),
    }
    report
}

fn failure(step: Step, (cause, detail): (Cause, String), server: &ServerSettings) -> Failure {
    Failure {
        step,
        cause,
        host: server.host.clone(),
        port: server.port,
        detail,
    }
}

/// The number of mails in INBOX.
async fn imap(
    dialer: &Dialer,
    settings: &Settings,
    credentials: &Credentials,
    id: &ClientId,
    progress: &mut impl FnMut(Step),
) -> Result<u32, (Step, qiyou_imap::Error)> {
    let limits = qiyou_imap::Limits {
        command_timeout: ANSWER_LIMIT,
        ..qiyou_imap::Limits::default()
    };
    let (endpoint, security) = (settings.imap.endpoint(), settings.imap.security);
    let credentials = as_user(credentials, &settings.imap.user);
    let sign_in = |error: qiyou_imap::Error| {
        let step = if matches!(error, qiyou_imap::Error::Dial(_)) {
            Step::ImapConnect
        } else {
            Step::ImapSignIn
        };
        (step, error)
    };

    progress(Step::ImapConnect);
    let mut session = if security == Security::StartTls {
        // The connection is protected in the middle of the conversation: one step to whoever watches.
        let server = qiyou_imap::Server { endpoint, security };
        qiyou_imap::Session::open(dialer, &server, &credentials, id, &limits)
            .await
            .map_err(sign_in)?
    } else {
        let stream = dialer
            .dial(&endpoint, security)
            .await
            .map_err(|error| sign_in(error.into()))?;
        progress(Step::ImapSignIn);
        qiyou_imap::Session::over(stream, &credentials, id, &limits)
            .await
            .map_err(sign_in)?
    };
    progress(Step::ImapInbox);
    let options = SelectOptions {
        read_only: true,
        ..SelectOptions::default()
    };
    let selected = session.select(&MailboxName::inbox(), options).await;
    session.logout().await;
    selected
        .map(|inbox| inbox.exists)
        .map_err(|error| (Step::ImapInbox, error))
}

/// The largest mail that the server takes.
async fn smtp(
    dialer: &Dialer,
    settings: &Settings,
    credentials: &Credentials,
    progress: &mut impl FnMut(Step),
) -> Result<Option<u64>, (Step, qiyou_smtp::Error)> {
    let server = qiyou_smtp::Server {
        endpoint: settings.smtp.endpoint(),
        security: settings.smtp.security,
    };
    let limits = qiyou_smtp::Limits {
        command_timeout: ANSWER_LIMIT,
        ..qiyou_smtp::Limits::default()
    };
    let user = settings.smtp.user.clone();
    let credentials = match credentials {
        Credentials::Password { password, .. } => qiyou_smtp::Credentials::Password {
            user,
            password: password.clone(),
        },
        Credentials::Bearer { token, .. } => qiyou_smtp::Credentials::Bearer {
            user,
            token: token.clone(),
        },
    };
    progress(Step::SmtpConnect);
    let connected = qiyou_smtp::Session::connect(dialer, &server, &limits).await;
    let mut session = connected.map_err(|error| (Step::SmtpConnect, error))?;
    progress(Step::SmtpSignIn);
    let outcome = session
        .authenticate(&credentials)
        .await
        .map_err(|error| (Step::SmtpSignIn, error));
    let largest = session.capabilities().size();
    session.quit().await;
    outcome.map(|()| largest)
}

fn as_user(credentials: &Credentials, user: &str) -> Credentials {
    let user = user.to_owned();
    match credentials {
        Credentials::Password { password, .. } => Credentials::Password {
            user,
            password: password.clone(),
        },
        Credentials::Bearer { token, .. } => Credentials::Bearer {
            user,
            token: token.clone(),
        },
    }
}

#[cfg(test)]
mod tests;

//! The account test: really signs in, selects the inbox, signs in to SMTP, and names what failed at which step.

use qiyou_api::{AccountSettings, Cause, CauseCode, CheckReport, CheckStep};
use qiyou_imap::{Credentials, Limits, MailboxName, SelectOptions, Session};
use qiyou_net::Dialer;

use crate::account::{client_id, dial_cause, imap_failure, imap_server, net_security};

pub(crate) async fn check(
    dialer: &Dialer,
    settings: AccountSettings,
    credentials: &Credentials,
    progress: impl Fn(CheckStep),
) -> CheckReport {
    let mut messages = None;
    let failure = walk(dialer, &settings, credentials, &progress, &mut messages).await.err();
    CheckReport { failure, inbox_messages: messages, settings }
}

async fn walk(
    dialer: &Dialer,
    settings: &AccountSettings,
    credentials: &Credentials,
    progress: &impl Fn(CheckStep),
    messages: &mut Option<u32>,
) -> Result<(), Cause> {
    let imap = &settings.imap;
    let failed = |error: &qiyou_imap::Error| imap_failure(error, imap, settings.credential).cause;
    progress(CheckStep::ImapConnect);
    let opened = Session::open(dialer, &imap_server(imap), credentials, &client_id(), &Limits::default()).await;
    let mut session = opened.map_err(|e| failed(&e))?;
    progress(CheckStep::ImapInbox);
    let options = SelectOptions { read_only: true, ..SelectOptions::default() };
    let selected = session.select(&MailboxName::inbox(), options).await.map_err(|e| failed(&e))?;
    *messages = Some(selected.exists);
    session.logout().await;

    progress(CheckStep::SmtpConnect);
    let smtp = &settings.smtp;
    let server = qiyou_smtp::Server {
        endpoint: qiyou_net::Endpoint::new(smtp.host.clone(), smtp.port),
        security: net_security(smtp.security),
    };
    let credentials = match credentials {
        Credentials::Password { password, .. } => {
            qiyou_smtp::Credentials::Password { user: smtp.user.clone(), password: password.clone() }
        }
        Credentials::Bearer { token, .. } => {
            qiyou_smtp::Credentials::Bearer { user: smtp.user.clone(), token: token.clone() }
        }
    };
    progress(CheckStep::SmtpSignIn);
    qiyou_smtp::sign_in(dialer, &server, &credentials).await.map_err(|error| {
        use qiyou_smtp::Error as E;
        let (code, step) = match &error {
            E::Dial(dial) => (dial_cause(dial), CheckStep::SmtpConnect),
            E::Auth { .. } if settings.credential == qiyou_api::CredentialKind::Password => {
                (CauseCode::Password, CheckStep::SmtpSignIn)
            }
            E::Auth { .. } => (CauseCode::AuthorizationCode, CheckStep::SmtpSignIn),
            E::Timeout => (CauseCode::Timeout, CheckStep::SmtpSignIn),
            E::Closed => (CauseCode::Disconnected, CheckStep::SmtpSignIn),
            _ => (CauseCode::SmtpRefused, CheckStep::SmtpSignIn),
        };
        Cause { code, step, host: smtp.host.clone(), port: smtp.port, detail: error.to_string() }
    })?;
    progress(CheckStep::Done);
    Ok(())
}

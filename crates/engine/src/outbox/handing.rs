//! Handing a mail to the submission server.

use std::time::Duration;

use qiyou_api::{Cause, CauseCode, CheckStep, CredentialKind, RefusedRecipient};
use qiyou_net::Endpoint;
use qiyou_smtp::{Credentials, Error, Limits, Path, Refusal, Server, Session, Submission, SubmitError};
use qiyou_store::accounts::{self, StoredAccount};
use qiyou_store::outbox::{Change, Entry, Stage};

use super::carry::{Carrier, Onward};
use crate::account::{credentials, dial_cause, net_security};

/// A sign-in that was refused is not tried again by itself for so long: servers lock people out for less.
const LOCKED_OUT: i64 = 3600;
/// Refusals for now (4xx) are taken for good after so long (RFC 5321 4.5.4.1 names four to five days).
const PATIENCE: i64 = 4 * 86_400;

/// Hands over a mail that is due.
pub(super) async fn hand_over(carrier: &Carrier, entry: &Entry) -> qiyou_store::Result<()> {
    let mut begin = Onward::to(Stage::Sending);
    begin.change.attempt = true;
    if !carrier.advance(entry.id, Stage::Waiting, begin).await? {
        return Ok(());
    }
    let mut stage = Stage::Sending;
    let onward = match attempt(carrier, entry, &mut stage).await {
        Ok(accepted) => accepted,
        Err(Failure::Store(error)) => {
            // The mail was not ended: it is as if nothing had been done.
            let due = carrier.inner.clock.now().saturating_add(5);
            let _ = carrier
                .advance(entry.id, stage, Onward::later(Stage::Waiting, due, None))
                .await;
            return Err(error);
        }
        Err(Failure::Onward(onward)) => onward,
    };
    carrier.advance(entry.id, stage, onward).await.map(drop)
}

enum Failure {
    Store(qiyou_store::Error),
    Onward(Onward),
}

impl From<qiyou_store::Error> for Failure {
    fn from(error: qiyou_store::Error) -> Self {
        Self::Store(error)
    }
}

async fn attempt(carrier: &Carrier, entry: &Entry, stage: &mut Stage) -> Result<Onward, Failure> {
    let id = carrier.account;
    let account = carrier.inner.store.read(move |conn| accounts::get(conn, id)).await?;
    let judge = Judge {
        carrier,
        entry,
        account: &account,
    };
    let Some(submission) = submission(entry) else {
        // Addresses are looked at before a mail comes into the outbox.
        return Err(Failure::Onward(given_up(Vec::new(), None)));
    };
    let secret = match credentials(&carrier.inner, &account).await {
        Ok(secret) => secret,
        Err(failure) => {
            let wait = if failure.transient { judge.backoff() } else { LOCKED_OUT };
            return Err(Failure::Onward(judge.later(wait, failure.cause)));
        }
    };
    let user = account.settings.smtp.user.clone();
    let secret = match secret {
        qiyou_imap::Credentials::Password { password, .. } => Credentials::Password { user, password },
        qiyou_imap::Credentials::Bearer { token, .. } => Credentials::Bearer { user, token },
    };
    let server = Server {
        endpoint: Endpoint::new(&account.settings.smtp.host, account.settings.smtp.port),
        security: net_security(account.settings.smtp.security),
    };
    let opened = Session::open(&carrier.inner.dialer(), &server, &secret, &Limits::default()).await;
    let mut session = opened.map_err(|error| Failure::Onward(judge.error(&error)))?;
    let limit = session.capabilities().size();
    let known = carrier
        .inner
        .store
        .read(move |conn| qiyou_store::drafts::size_limit(conn, id))
        .await?;
    if limit != known {
        // Who writes the next mail learns of it while they write.
        carrier
            .write(move |conn| qiyou_store::drafts::set_size_limit(conn, id, limit))
            .await?;
    }
    let transferred = session
        .transfer(&submission, carrier.told_text(entry.id, true))
        .await
        .map_err(|error| Failure::Onward(judge.not_taken(error)))?;
    // From here on a crash leaves a question, and this must be on the disk before the dot is on the line.
    if !carrier
        .advance(entry.id, Stage::Sending, Onward::to(Stage::Ending))
        .await?
    {
        return Err(Failure::Store(qiyou_store::Error::NotFound));
    }
    *stage = Stage::Ending;
    match session.finish(transferred).await {
        Ok(accepted) => {
            let mut onward = Onward::later(Stage::Filing, carrier.inner.clock.now(), None);
            onward.change.refused = Some(told(accepted.refused));
            tokio::spawn(session.quit());
            Ok(onward)
        }
        Err(error) => Err(Failure::Onward(judge.not_taken(error))),
    }
}

fn submission(entry: &Entry) -> Option<Submission> {
    Some(Submission {
        from: Path::new(&entry.mail.sender).ok()?,
        to: entry
            .mail
            .recipients
            .iter()
            .map(|each| Path::new(each).ok())
            .collect::<Option<_>>()?,
        size: entry.size,
        eight_bit: entry.mail.eight_bit,
        utf8: entry.mail.utf8,
    })
}

fn told(refused: Vec<Refusal>) -> Vec<RefusedRecipient> {
    refused
        .into_iter()
        .map(|Refusal { address, code, text }| RefusedRecipient { address, code, text })
        .collect()
}

fn given_up(refused: Vec<Refusal>, cause: Option<Cause>) -> Onward {
    Onward {
        to: Stage::Refused,
        change: Change {
            refused: Some(told(refused)),
            cause,
            ..Change::default()
        },
    }
}

/// Says where a mail goes that was not taken.
struct Judge<'a> {
    carrier: &'a Carrier,
    entry: &'a Entry,
    account: &'a StoredAccount,
}

impl Judge<'_> {
    /// Seconds until the next try: doubled with each, as those for the line.
    fn backoff(&self) -> i64 {
        let pace = self.carrier.inner.pace;
        let doubled = pace
            .retry
            .saturating_mul(2_u32.saturating_pow(self.entry.attempts.min(16)));
        let wait = doubled.min(pace.retry_most).max(Duration::from_secs(1));
        i64::try_from(wait.as_secs()).unwrap_or(i64::MAX)
    }

    fn later(&self, wait: i64, cause: Cause) -> Onward {
        Onward::later(
            Stage::Waiting,
            self.carrier.inner.clock.now().saturating_add(wait),
            Some(cause),
        )
    }

    /// A refusal for now is waited out, but not for ever.
    fn for_now(&self, refused: Vec<Refusal>, cause: Cause) -> Onward {
        let age = self.carrier.inner.clock.now().saturating_sub(self.entry.created);
        if age > PATIENCE {
            return given_up(refused, Some(cause));
        }
        let mut onward = self.later(self.backoff(), cause);
        onward.change.refused = Some(told(refused));
        onward
    }

    fn cause(&self, code: CauseCode, step: CheckStep, detail: String) -> Cause {
        Cause {
            code,
            step,
            host: self.account.settings.smtp.host.clone(),
            port: self.account.settings.smtp.port,
            detail,
        }
    }

    /// The conversation did not come so far that a mail could be handed over, or broke off.
    fn error(&self, error: &Error) -> Onward {
        let kind = self.account.settings.credential;
        let (code, step, wait) = match error {
            Error::Dial(dial) => (dial_cause(dial), CheckStep::SmtpConnect, self.backoff()),
            Error::Auth { code: 400..=499, .. } => (CauseCode::ServerSaid, CheckStep::SmtpSignIn, self.backoff()),
            Error::Auth { .. } | Error::AuthUnavailable { .. } => {
                let code = match kind {
                    CredentialKind::Oauth2 => CauseCode::OauthExpired,
                    CredentialKind::Password => CauseCode::Password,
                    _ => CauseCode::AuthorizationCode,
                };
                (code, CheckStep::SmtpSignIn, LOCKED_OUT)
            }
            Error::NoStartTls => (CauseCode::PlaintextForbidden, CheckStep::SmtpConnect, LOCKED_OUT),
            Error::Timeout => (CauseCode::Timeout, CheckStep::Done, self.backoff()),
            Error::Closed => (CauseCode::Disconnected, CheckStep::Done, self.backoff()),
            Error::Refused { .. } | Error::Protocol(_) => (CauseCode::ServerSaid, CheckStep::Done, self.backoff()),
        };
        let detail = match error {
            Error::Auth { text, .. } | Error::Refused { text, .. } => text.clone(),
            other => other.to_string(),
        };
        self.later(wait, self.cause(code, step, detail))
    }

    fn not_taken(&self, error: SubmitError) -> Onward {
        let said = |detail: String| self.cause(CauseCode::ServerSaid, CheckStep::Done, detail);
        match error {
            SubmitError::NotSent(Error::Refused { code, text }) => {
                let cause = said(format!("{code} {text}"));
                if code < 500 {
                    self.for_now(Vec::new(), cause)
                } else {
                    given_up(Vec::new(), Some(cause))
                }
            }
            SubmitError::NotSent(error) => self.error(&error),
            SubmitError::NoRecipient(refused) => {
                let words = refused.first().map(|each| format!("{} {}", each.code, each.text));
                let cause = said(words.unwrap_or_default());
                if refused.iter().any(|each| each.code < 500) {
                    self.for_now(refused, cause)
                } else {
                    given_up(refused, Some(cause))
                }
            }
            error @ (SubmitError::TooLarge { .. } | SubmitError::Letters(_)) => {
                given_up(Vec::new(), Some(said(error.to_string())))
            }
            SubmitError::Source(error) => self.later(self.backoff(), said(error.to_string())),
            SubmitError::Unknown(error) => {
                let judged = self.error(&error);
                Onward::later(Stage::Checking, self.carrier.inner.clock.now(), judged.change.cause)
            }
        }
    }
}

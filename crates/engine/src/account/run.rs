//! The life of an account: connect, work, lose the line, wait, connect again.

use std::time::Duration;

use qiyou_api::{AccountState, CauseCode};

use super::work::{Ended, Work};
use super::{Context, Pending, open_session};

/// Waits between tries: doubled from `first` to `most`, each with a jitter of a quarter.
struct Backoff {
    first: Duration,
    most: Duration,
    next: Duration,
}

impl Backoff {
    fn take(&mut self) -> Duration {
        let now = self.next;
        self.next = self.next.saturating_mul(2).min(self.most);
        now.mul_f64(rand::random_range(0.75..1.25))
    }

    fn reset(&mut self) {
        self.next = self.first;
    }
}

/// A session that lived so many first waits long is followed by the next one without a wait.
const PROVEN: u32 = 30;

/// Runs until the account is stopped.
pub(crate) async fn run(context: Context) {
    let pace = context.inner.pace;
    let mut backoff = Backoff {
        first: pace.retry,
        most: pace.retry_most,
        next: pace.retry,
    };
    // The wishes that came while there was no session are handed to the next one.
    let mut carried = Pending::default();
    loop {
        context.set_state(AccountState::Connecting).await;
        let opened = tokio::select! {
            opened = open_session(&context.inner, context.account) => opened,
            // A line that is being made over a network that is gone: the next one begins now.
            () = context.signals.probed() => continue,
        };
        let failure = match opened {
            Ok((account, session)) => {
                let started = tokio::time::Instant::now();
                let work = Work::new(context.clone(), &account, session);
                let (ended, served) = work.run(std::mem::take(&mut carried)).await;
                match ended {
                    Ended::Stopped => return,
                    Ended::Reconnect => {
                        backoff.reset();
                        continue;
                    }
                    Ended::Failed(failure) => {
                        // Only a session that got all its work done shows that the server is well again.
                        if served && started.elapsed() >= pace.retry.saturating_mul(PROVEN) {
                            backoff.reset();
                            if matches!(failure.cause.code, CauseCode::Disconnected | CauseCode::Timeout) {
                                // The end of a long session (an autologout, a restart) is met by another one at once.
                                tracing::info!(account = context.account, cause = ?failure.cause.code,
                                    detail = %failure.cause.detail, "the session ended");
                                continue;
                            }
                        }
                        failure
                    }
                }
            }
            Err(failure) => failure,
        };
        tracing::info!(account = context.account, cause = ?failure.cause.code, step = ?failure.cause.step,
            detail = %failure.cause.detail, "no session");
        // Who waits for a look learns that there is none to be had now.
        carried.looked.clear();
        let wait = if failure.transient {
            let wait = backoff.take();
            let secs = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
            let retry_at = context.inner.clock.now().saturating_add(secs);
            context
                .set_state(AccountState::Offline {
                    cause: failure.cause,
                    retry_at,
                })
                .await;
            Some(wait)
        } else {
            // A wrong password is not tried again by itself: servers lock people out for less.
            context
                .set_state(AccountState::SignInNeeded { cause: failure.cause })
                .await;
            None
        };
        if !rest(&context, wait, &mut carried).await {
            return;
        }
    }
}

/// Waits for the time, or for a wish that makes another try worth while. False when the account was stopped.
async fn rest(context: &Context, wait: Option<Duration>, carried: &mut Pending) -> bool {
    let until = wait.map(|wait| super::work::after(tokio::time::Instant::now(), wait));
    loop {
        let timer = async {
            match until {
                Some(until) => tokio::time::sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = timer => return true,
            () = context.signals.rung() => {}
        }
        let mut pending = context.signals.take();
        if pending.stop {
            return false;
        }
        for (_, answer) in pending.folder_jobs.drain(..) {
            let _ = answer.send(Err(qiyou_api::ApiError::new(qiyou_api::ErrorCode::Offline)));
        }
        carried.operations |= pending.operations;
        carried.looked.append(&mut pending.looked);
        // A network that changed says nothing about a refused password.
        if pending.reconnect || pending.look || (pending.probe && wait.is_some()) {
            return true;
        }
    }
}

//! The session is kept fresh: what the bridge says of the member is asked for every few hours, and at once when
//! somebody needs it.

use std::sync::Arc;
use std::time::Duration;

use qiyou_api::{ApiError, Company, CompanyState, ErrorCode, Event};
use qiyou_bridge_api::{Member, Refusal, Session};
use qiyou_signin::bridge::{self, Bridge};
use qiyou_store::Durability;
use qiyou_store::company::{self, StoredCompany};
use secrecy::SecretString;

use super::{directory, events, failed, member_of, policy, remind, stored};
use crate::engine::{Engine, Inner, locked, store_error};

/// Between two looks at what the bridge says.
const LOOK: Duration = Duration::from_hours(4);
/// The first wait for a bridge that does not answer, or has no directory; doubled up to [`LOOK`].
const AWAY: Duration = Duration::from_secs(30);
/// How long the first look waits for the line on which the bridge tells of what is new.
const OPENING: Duration = Duration::from_secs(10);
/// An access token with less than this left is taken for over, in seconds.
const LEFT: i64 = 60;

/// The session's access, held in memory alone.
pub(crate) struct Access {
    bridge: Bridge,
    token: SecretString,
    /// Unix seconds.
    until: i64,
    /// Whether the bridge answered last.
    away: bool,
}

fn access_of(inner: &Inner, bridge: Bridge, session: &Session) -> Access {
    Access {
        bridge,
        token: session.access_token.clone(),
        until: inner.clock.now().saturating_add(i64::from(session.expires_in)),
        away: false,
    }
}

/// A session begins with a sign-in.
pub(super) async fn begin(inner: &Arc<Inner>, bridge: Bridge, session: &Session) {
    let access = access_of(inner, bridge, session);
    *inner.companies.access.lock().await = Some(access);
    start(inner, false);
}

/// A session goes on after a start of the program.
pub(crate) fn resume(inner: &Arc<Inner>) {
    start(inner, true);
}

fn start(inner: &Arc<Inner>, resumed: bool) {
    let inner_too = Arc::clone(inner);
    let task = tokio::spawn(async move {
        // Either ends with the session.
        tokio::select! {
            () = look(&inner_too, resumed) => {}
            () = events::listen(&inner_too, resumed) => {}
            () = remind::count(&inner_too) => {}
        }
    });
    if let Some(old) = locked(&inner.companies.keeping).replace(task) {
        old.abort();
    }
}

/// The session ends here.
pub(super) async fn end(inner: &Inner) {
    if let Some(task) = locked(&inner.companies.keeping).take() {
        task.abort();
    }
    *inner.companies.access.lock().await = None;
    *locked(&inner.companies.reminders) = None;
}

/// A company as clients see it: whether its bridge answers is known here alone.
pub(super) async fn shown(inner: &Inner, mut company: Company) -> Company {
    let away = inner
        .companies
        .access
        .lock()
        .await
        .as_ref()
        .is_some_and(|access| access.away);
    if away && company.state == CompanyState::SignedIn {
        company.state = CompanyState::Away;
    }
    company
}

/// The session is refreshed, and what changed in policy and directory fetched. False while the bridge has no directory.
pub(super) async fn look_now(inner: &Arc<Inner>) -> Result<bool, ApiError> {
    refreshed(inner, true).await?;
    followed(inner).await
}

/// What changed in policy, reminders and directory; the bridge hears how the app stands. None of it keeps the directory
/// from coming: a bridge of before knows nothing of it.
async fn followed(inner: &Arc<Inner>) -> Result<bool, ApiError> {
    for done in [
        policy::follow(inner).await,
        policy::report(inner).await,
        remind::fetch(inner).await,
    ] {
        match done {
            Err(error) if error.code == ErrorCode::NotSignedIn => return Err(error),
            Err(error) => tracing::info!(code = ?error.code, "something of the company was not followed"),
            Ok(()) => {}
        }
    }
    let there = directory::follow(inner).await?;
    policy::settle(inner).await?;
    Ok(there)
}

/// `resumed`: the session is to be refreshed first; else it is fresh.
async fn look(inner: &Arc<Inner>, resumed: bool) {
    let mut refresh = resumed;
    let mut away = AWAY;
    if resumed {
        // The line is opened first: what is told from then on is heard, and what was told before is found by the look.
        let _ = tokio::time::timeout(OPENING, inner.companies.wake.notified()).await;
    }
    loop {
        let looked = if refresh {
            look_now(inner).await
        } else {
            followed(inner).await
        };
        let wait = match &looked {
            Ok(true) => {
                away = AWAY;
                LOOK
            }
            Err(error) if error.code == ErrorCode::NotSignedIn => return,
            // It is away, or has just been set up and is still reading.
            Ok(false) | Err(_) => {
                let wait = away;
                away = away.saturating_mul(2).min(LOOK);
                wait
            }
        };
        if let Err(error) = looked {
            tracing::info!(code = ?error.code, "the company's bridge was not followed");
        }
        refresh = true;
        tokio::select! {
            () = pause(wait, wait.as_secs_f64() / 5.0) => {}
            () = inner.companies.wake.notified() => {}
        }
    }
}

/// With up to so many seconds more, so that 3,000 computers that start at nine do not ask in the same second.
pub(super) async fn pause(wait: Duration, jitter: f64) {
    tokio::time::sleep(wait.saturating_add(Duration::from_secs_f64(rand::random::<f64>() * jitter))).await;
}

/// The bridge and an access token that holds.
pub(super) async fn access(inner: &Arc<Inner>) -> Result<(Bridge, SecretString), ApiError> {
    refreshed(inner, false).await
}

/// Asks the bridge at once what it says of the member.
pub(super) async fn refresh(inner: &Arc<Inner>) -> Result<(), ApiError> {
    refreshed(inner, true).await.map(drop)
}

/// One call with the access token. When the bridge takes it no longer, the session is refreshed, which tells what became
/// of it, and the call made once more.
pub(super) async fn call<T, F>(
    inner: &Arc<Inner>,
    ask: impl Fn(Bridge, SecretString) -> F + Send,
) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, bridge::Error>> + Send,
{
    let (bridge, token) = access(inner).await?;
    let first = ask(bridge, token).await;
    let over = [Refusal::TokenExpired, Refusal::SessionGone, Refusal::Member];
    let answer = match first {
        Err(error) if over.into_iter().any(|refusal| error.is(refusal)) => {
            let (bridge, token) = refreshed(inner, true).await?;
            ask(bridge, token).await
        }
        first => first,
    };
    answer.map_err(failed)
}

fn signed_out() -> ApiError {
    ApiError::new(ErrorCode::NotSignedIn)
}

/// The session as it is kept.
pub(super) async fn kept(inner: &Inner) -> Result<StoredCompany, ApiError> {
    let kept = inner.store.read(company::get).await.map_err(store_error)?;
    kept.ok_or_else(signed_out)
}

/// One at a time: two that refresh with the same token would look like a thief.
async fn refreshed(inner: &Arc<Inner>, always: bool) -> Result<(Bridge, SecretString), ApiError> {
    let mut access = inner.companies.access.lock().await;
    let now = inner.clock.now();
    if !always && let Some(access) = access.as_ref().filter(|access| access.until.saturating_sub(now) > LEFT) {
        return Ok((access.bridge.clone(), access.token.clone()));
    }
    let kept = kept(inner).await?;
    let token = kept.refresh_token.clone().ok_or_else(signed_out)?;
    let bridge = match access.as_ref() {
        Some(access) => access.bridge.clone(),
        None => inner.bridge(&kept.company.bridge).await?,
    };
    match bridge.refresh(&token).await {
        Ok(session) => {
            let (people, policy) = (kept.company.people, kept.company.policy.clone());
            let next = stored(&bridge, session.clone(), people, policy);
            // Kept before it is used: the one before works until then.
            keep(inner, next.clone()).await?;
            let was_away = access.as_ref().is_none_or(|access| access.away);
            *access = Some(access_of(inner, bridge.clone(), &session));
            if was_away || next.company != kept.company {
                inner.events.emit(Event::CompanyChanged {
                    company: Some(next.company),
                });
            }
            Ok((bridge, session.access_token))
        }
        Err(error) => {
            if error.is(Refusal::SessionGone) || error.is(Refusal::Member) {
                let state = if error.is(Refusal::Member) {
                    CompanyState::Left
                } else {
                    CompanyState::Ended
                };
                ended(inner, kept, state).await?;
                *access = None;
            } else if let bridge::Error::Away(_) = &error {
                away(inner, &mut access, bridge, kept.company);
            }
            Err(failed(error))
        }
    }
}

async fn keep(inner: &Inner, next: StoredCompany) -> Result<(), ApiError> {
    let write = move |tx: &qiyou_store::Transaction<'_>| company::set(tx, &next);
    inner.store.write(Durability::Full, write).await.map_err(store_error)
}

/// What the bridge just said of the member, without a new session.
pub(super) async fn learnt(inner: &Inner, member: &Member) -> Result<Company, ApiError> {
    // Nobody writes a newer refresh token meanwhile, which this would undo.
    let _access = inner.companies.access.lock().await;
    let mut next = kept(inner).await?;
    let member = member_of(member);
    if next.company.member != member {
        next.company.member = member;
        keep(inner, next.clone()).await?;
        inner.events.emit(Event::CompanyChanged {
            company: Some(next.company.clone()),
        });
    }
    Ok(next.company)
}

/// The company ended the session. What is here of mail stays; the person signs in again when they like. Directory and
/// policy of a company that one left go.
async fn ended(inner: &Arc<Inner>, mut kept: StoredCompany, state: CompanyState) -> Result<(), ApiError> {
    tracing::info!(?state, "the company ended the session");
    kept.refresh_token = None;
    kept.company.state = state;
    if state == CompanyState::Left {
        let engine = Engine {
            inner: Arc::clone(inner),
        };
        engine.directory_clear().await?;
        kept.company.people = 0;
        let clear = |tx: &qiyou_store::Transaction<'_>| qiyou_store::policy::clear(tx);
        inner.store.write(Durability::Full, clear).await.map_err(store_error)?;
        kept.company.policy = None;
    }
    let company = kept.company.clone();
    keep(inner, kept).await?;
    policy::settle(inner).await?;
    inner.events.emit(Event::CompanyChanged { company: Some(company) });
    Ok(())
}

/// The bridge was not reached by whoever wanted no more than to hear.
pub(super) async fn lost(inner: &Arc<Inner>) -> Result<(), ApiError> {
    let mut access = inner.companies.access.lock().await;
    let Some(bridge) = access.as_ref().map(|access| access.bridge.clone()) else {
        return Ok(());
    };
    let kept = kept(inner).await?;
    away(inner, &mut access, bridge, kept.company);
    Ok(())
}

fn away(inner: &Inner, access: &mut Option<Access>, bridge: Bridge, mut company: Company) {
    let first = access.as_ref().is_none_or(|access| !access.away);
    let access = access.get_or_insert_with(|| Access {
        bridge,
        token: SecretString::default(),
        until: 0,
        away: true,
    });
    access.away = true;
    if first {
        company.state = CompanyState::Away;
        inner.events.emit(Event::CompanyChanged { company: Some(company) });
    }
}

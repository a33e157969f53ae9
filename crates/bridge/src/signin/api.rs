//! The app's side: start, wait, redeem.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use http::StatusCode;
use qiyou_bridge_api::{
    self as api, POLL, Redeem, Refusal, SIGNIN_LIFE, Session, SigninProgress, SigninStarted, SigninState, StartSignin,
};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::db::sessions;
use crate::db::signins::{self, NewSignin, SigninRow, Step};
use crate::keys::{hash, random_name};
use crate::limits::network;
use crate::serve::{Bridge, Device, Problem};
use crate::session;

/// How long other replicas' work may stay unseen.
const LOOK: Duration = Duration::from_secs(2);

/// A name without what could disguise it on the page where people confirm.
pub fn plain(text: &str, most: usize) -> String {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{061c}')
    };
    text.chars()
        .filter(|c| !hides(*c))
        .take(most)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// `POST /api/signin`: a device wants to sign in.
#[utoipa::path(
    post,
    path = "/api/signin",
    operation_id = "start_signin",
    request_body = StartSignin,
    responses((status = 200, description = "It was started: the browser opens `url`.", body = SigninStarted))
)]
pub async fn start(
    State(bridge): State<Arc<Bridge>>,
    Device(jkt): Device,
    Extension(crate::serve::Client(client)): Extension<crate::serve::Client>,
    start: Result<Json<StartSignin>, JsonRejection>,
) -> Result<Json<SigninStarted>, Problem> {
    let Json(start) = start?;
    let now = bridge.clock.now();
    bridge.signins.take(network(client), now).map_err(Problem::busy)?;
    if BASE64.decode(&start.challenge).map_or(0, |bytes| bytes.len()) != 32 {
        return Err(Problem::with(Refusal::Malformed, "challenge"));
    }
    let device = api::Device {
        name: plain(&start.device.name, 64),
        system: plain(&start.device.system, 64),
        version: plain(&start.device.version, 32),
    };
    if device.name.is_empty() {
        return Err(Problem::with(Refusal::Malformed, "device.name"));
    }
    let (id, page) = (random_name(), random_name());
    bridge
        .db
        .begin_signin(
            &NewSignin {
                id: &id,
                page: &page,
                // Made anew when a browser opens the page.
                state: &random_name(),
                jkt: &jkt,
                challenge: &start.challenge,
                device: &device,
                lang: if start.lang == "en" { "en" } else { "zh" },
            },
            now,
        )
        .await?;
    bridge.metrics.signin("started");
    Ok(Json(SigninStarted {
        url: bridge.address(&format!("/signin/{page}")).to_string(),
        id,
        expires_in: SIGNIN_LIFE,
    }))
}

async fn own(bridge: &Bridge, id: &str, jkt: &str) -> Result<SigninRow, Problem> {
    let row = bridge.db.signin(id).await?;
    row.filter(|row| row.jkt == jkt)
        .ok_or_else(|| Problem::new(Refusal::SigninGone))
}

/// What the app knows already.
#[derive(Deserialize)]
pub struct Seen {
    #[serde(default)]
    seen: Option<SigninState>,
}

/// `GET /api/signin/{id}?seen=STATE`: waits for another state.
#[utoipa::path(
    get,
    path = "/api/signin/{id}",
    operation_id = "poll_signin",
    params(
        ("id" = String, Path, description = "The sign-in."),
        ("seen" = Option<SigninState>, Query, description = "What the app knows already: the answer waits for another.")
    ),
    responses((status = 200, description = "How far it is.", body = SigninProgress))
)]
pub async fn poll(
    State(bridge): State<Arc<Bridge>>,
    Device(jkt): Device,
    Path(id): Path<String>,
    seen: Result<Query<Seen>, QueryRejection>,
) -> Result<Json<SigninProgress>, Problem> {
    let Query(Seen { seen }) = seen?;
    let mut stopping = bridge.stopping.clone();
    let until = tokio::time::Instant::now()
        .checked_add(Duration::from_secs(u64::from(POLL)))
        .unwrap_or_else(tokio::time::Instant::now);
    loop {
        let mut bell = std::pin::pin!(bridge.bells.of(&id).notified());
        // It listens from here on: what happens while the row is read is not missed.
        bell.as_mut().enable();
        let state = own(&bridge, &id, &jkt).await?.state(bridge.clock.now());
        let ends = matches!(state, SigninState::Refused | SigninState::Over);
        if Some(state) != seen || ends || *stopping.borrow() {
            return Ok(Json(SigninProgress { state }));
        }
        tokio::select! {
            () = &mut bell => {}
            () = tokio::time::sleep(LOOK) => {}
            _ = stopping.changed() => {}
            () = tokio::time::sleep_until(until) => return Ok(Json(SigninProgress { state })),
        }
    }
}

/// `DELETE /api/signin/{id}`: the person closed the app's page.
#[utoipa::path(
    delete,
    path = "/api/signin/{id}",
    operation_id = "cancel_signin",
    params(("id" = String, Path, description = "The sign-in.")),
    responses((status = 204, description = "It leads nowhere any more."))
)]
pub async fn cancel(
    State(bridge): State<Arc<Bridge>>,
    Device(jkt): Device,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    own(&bridge, &id, &jkt).await?;
    bridge.db.refused(&id).await?;
    bridge.bells.ring(&id);
    Ok(StatusCode::NO_CONTENT)
}

/// Whether it is the code of the deep link, or the six digits.
fn fits(row: &SigninRow, code: &str) -> bool {
    let digits: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let by = |kept: &str, given: String| !kept.is_empty() && bool::from(kept.as_bytes().ct_eq(given.as_bytes()));
    by(&row.code, hash(code)) || by(&row.digits, hash(&format!("{} {digits}", row.id)))
}

/// The session that a code stands for, made by who is first. The sign-in is held meanwhile: of guesses that come at
/// once each is counted before the next is looked at.
async fn session_of(bridge: &Bridge, id: &str, jkt: &str, redeem: &Redeem) -> Result<String, Problem> {
    let gone = || Problem::new(Refusal::SigninGone);
    let now = bridge.clock.now();
    let is_open = |row: &SigninRow| !row.is_late(now) && matches!(row.step, Step::Confirmed | Step::Redeemed);
    // Who brings nothing holds nobody up.
    if !is_open(&own(bridge, id, jkt).await?) {
        return Err(gone());
    }
    let mut transaction = bridge.db.begin().await?;
    let row = signins::held(&mut transaction, id).await?;
    let row = row.filter(is_open).ok_or_else(gone)?;
    let verifier = BASE64.encode(Sha256::digest(redeem.verifier.expose_secret().as_bytes()));
    let verified: bool = verifier.as_bytes().ct_eq(row.challenge.as_bytes()).into();
    if !verified || !fits(&row, redeem.code.expose_secret()) {
        signins::missed(&mut transaction, id).await?;
        transaction.commit().await?;
        bridge.metrics.signin("wrong_code");
        return Err(Problem::new(Refusal::Code));
    }
    if row.step == Step::Redeemed {
        return Ok(row.session);
    }
    let session = random_name();
    if !signins::redeemed(&mut transaction, id, &session).await? {
        return Err(gone());
    }
    sessions::create(&mut transaction, &session, &row.userid, jkt, &row.device, now).await?;
    transaction.commit().await?;
    bridge.metrics.signin("done");
    Ok(session)
}

/// `POST /api/signin/{id}/redeem`. The same again within the code's time gives the same session: an answer that was
/// lost on the line costs no second scan.
#[utoipa::path(
    post,
    path = "/api/signin/{id}/redeem",
    operation_id = "redeem_signin",
    params(("id" = String, Path, description = "The sign-in.")),
    request_body = Redeem,
    responses((status = 200, description = "Signed in.", body = Session))
)]
pub async fn redeem(
    State(bridge): State<Arc<Bridge>>,
    Device(jkt): Device,
    Path(id): Path<String>,
    redeem: Result<Json<Redeem>, JsonRejection>,
) -> Result<Json<Session>, Problem> {
    let Json(redeem) = redeem?;
    let made = session_of(&bridge, &id, &jkt, &redeem).await?;
    let session = bridge.db.session(&made).await?;
    // Once its first token was used the session needs no second answer.
    let session = session
        .filter(|session| session.ended == 0 && session.used == 0)
        .ok_or_else(|| Problem::new(Refusal::SigninGone))?;
    bridge.bells.ring(&id);
    Ok(Json(session::answer(&bridge, &session, 1).await?))
}

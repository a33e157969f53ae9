//! Sessions: refreshed, shown, listed, ended.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use qiyou_bridge_api::{ACCESS_LIFE, MailAddress, Member, Proof, Refresh, Refusal, Session, SessionLine};
use secrecy::{ExposeSecret as _, SecretString};

use crate::address;
use crate::db::members::MemberRow;
use crate::db::sessions::{Ended, SessionRow};
use crate::serve::{Bridge, Caller, Device, Problem, is_ours};
use crate::{clients, netease};

/// What a device gets: a new access token, and the refresh token of that number.
pub async fn answer(bridge: &Bridge, session: &SessionRow, number: i64) -> Result<Session, Problem> {
    let until = bridge.clock.now().saturating_add(i64::from(ACCESS_LIFE));
    Ok(Session {
        access_token: SecretString::from(bridge.keys.access_token(&session.id, until)),
        expires_in: ACCESS_LIFE,
        refresh_token: SecretString::from(bridge.keys.refresh_token(&session.id, number)),
        member: member(bridge, &session.userid).await?,
        signing_key: bridge.keys.signing_key(),
    })
}

/// The member's address with its proof: what came with a sign-in or from an admin, else what the directory found.
pub async fn proven(bridge: &Bridge, member: &MemberRow) -> Result<Option<(String, Proof)>, Problem> {
    if member.address.is_some() {
        return Ok(member.address.clone());
    }
    Ok(bridge
        .db
        .person(&member.userid)
        .await?
        .and_then(|person| person.address))
}

/// [`proven`] of somebody who may never have signed in.
pub async fn known(bridge: &Bridge, userid: &str) -> Result<Option<(String, Proof)>, Problem> {
    match bridge.db.member(userid).await? {
        Some(member) => proven(bridge, &member).await,
        None => Ok(bridge.db.person(userid).await?.and_then(|person| person.address)),
    }
}

/// The mailbox for which the bridge does something for a member: by a proof, and one of the company's.
pub async fn mailbox(bridge: &Bridge, userid: &str) -> Result<Option<String>, Problem> {
    let member = row(bridge, userid).await?;
    let proven = proven(bridge, &member).await?;
    Ok(proven
        .map(|(address, _)| address)
        .filter(|address| is_ours(&bridge.config, address)))
}

/// The row of a member who has a session.
pub async fn row(bridge: &Bridge, userid: &str) -> Result<MemberRow, Problem> {
    let row = bridge.db.member(userid).await?;
    row.ok_or_else(|| Problem::new(Refusal::SessionGone))
}

/// What the bridge tells a member of themselves.
pub async fn member(bridge: &Bridge, userid: &str) -> Result<Member, Problem> {
    let row = row(bridge, userid).await?;
    let (proven, proof) = proven(bridge, &row).await?.unzip();
    let (ways, request) = if proof.is_none() {
        (address::ways(bridge).await?, bridge.db.request(userid).await?)
    } else {
        (Vec::new(), None)
    };
    Ok(Member {
        id: row.userid,
        name: row.name,
        company: bridge.config.company.clone(),
        mail: MailAddress {
            address: proven,
            proof,
            domains: bridge.config.domains.clone(),
            ways,
            request,
            servers: bridge.config.mail.clone(),
            webmail: netease::opens_webmail(bridge),
            clients: clients::opens(bridge),
        },
    })
}

/// Refuses a session that ended: differently where the member left.
pub fn living(session: &SessionRow) -> Result<(), Problem> {
    match session.ended {
        0 => Ok(()),
        _ if session.left => Err(Problem::new(Refusal::Member)),
        _ => Err(Problem::new(Refusal::SessionGone)),
    }
}

/// `POST /api/session/refresh`. The token before the newest works until the newest was used: an answer that was lost
/// on the line costs nobody their session. Any older one was stolen, or this one is: the session ends.
#[utoipa::path(
    post,
    path = "/api/session/refresh",
    operation_id = "refresh_session",
    request_body = Refresh,
    responses((status = 200, description = "A new access token, and the next refresh token.", body = Session))
)]
pub async fn refresh(
    State(bridge): State<Arc<Bridge>>,
    Device(jkt): Device,
    refresh: Result<Json<Refresh>, JsonRejection>,
) -> Result<Json<Session>, Problem> {
    let Json(refresh) = refresh?;
    let gone = || Problem::new(Refusal::SessionGone);
    let token = refresh.refresh_token.expose_secret();
    let opened = bridge.keys.open_refresh(token).ok_or_else(gone)?;
    let now = bridge.clock.now();
    for _ in 0..3 {
        let session = bridge.db.session(opened.session).await?.ok_or_else(gone)?;
        living(&session)?;
        if session.jkt != jkt {
            return Err(stolen(&bridge, &session, "another key").await?);
        }
        // Newer than the row: sealed by us, so a power cut or a restored backup took the row back.
        let newest = session.issued.max(opened.number);
        let next = if opened.number == newest {
            newest.saturating_add(1)
        } else if opened.number == session.used && newest == session.used.saturating_add(1) {
            return Ok(Json(answer(&bridge, &session, newest).await?));
        } else {
            return Err(stolen(&bridge, &session, "a token from before").await?);
        };
        if bridge.db.rotate(&session, opened.number, next, now).await? {
            return Ok(Json(answer(&bridge, &session, next).await?));
        }
        // Somebody else with this session was faster: look again.
    }
    Err(Problem::busy(1))
}

async fn stolen(bridge: &Bridge, session: &SessionRow, why: &'static str) -> Result<Problem, Problem> {
    tracing::warn!(target: "bridge", session = session.id, userid = session.userid, why, "a session was ended as stolen");
    bridge.metrics.signin("stolen");
    bridge
        .db
        .end(&session.id, None, Ended::Stolen, bridge.clock.now())
        .await?;
    Ok(Problem::new(Refusal::SessionGone))
}

/// `GET /api/session`: who one is.
#[utoipa::path(
    get,
    path = "/api/session",
    operation_id = "show_session",
    responses((status = 200, description = "The member.", body = Member)),
    security(("session" = []))
)]
pub async fn show(State(bridge): State<Arc<Bridge>>, Caller(session): Caller) -> Result<Json<Member>, Problem> {
    Ok(Json(member(&bridge, &session.userid).await?))
}

/// `DELETE /api/session`: signs this device out.
#[utoipa::path(
    delete,
    path = "/api/session",
    operation_id = "end_session",
    responses((status = 204, description = "Signed out.")),
    security(("session" = []))
)]
pub async fn sign_out(State(bridge): State<Arc<Bridge>>, Caller(session): Caller) -> Result<StatusCode, Problem> {
    bridge
        .db
        .end(&session.id, None, Ended::SignedOut, bridge.clock.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/sessions`: the member's devices.
#[utoipa::path(
    get,
    path = "/api/sessions",
    operation_id = "list_sessions",
    responses((status = 200, description = "The devices, the latest seen first.", body = [SessionLine])),
    security(("session" = []))
)]
pub async fn list(State(bridge): State<Arc<Bridge>>, Caller(own): Caller) -> Result<Json<Vec<SessionLine>>, Problem> {
    let sessions = bridge.db.sessions(Some(&own.userid)).await?;
    let lines = sessions.into_iter().map(|session| SessionLine {
        own: session.id == own.id,
        id: session.id,
        device: session.device,
        created: session.created,
        seen: session.seen,
    });
    Ok(Json(lines.collect()))
}

/// `DELETE /api/sessions/{id}`: signs another of the member's devices out.
#[utoipa::path(
    delete,
    path = "/api/sessions/{id}",
    operation_id = "revoke_session",
    params(("id" = String, Path, description = "The session.")),
    responses(
        (status = 204, description = "That device is signed out."),
        (status = 404, description = "No living session of this member; without a body.")
    ),
    security(("session" = []))
)]
pub async fn revoke(
    State(bridge): State<Arc<Bridge>>,
    Caller(own): Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let ended = bridge
        .db
        .end(&id, Some(&own.userid), Ended::Revoked, bridge.clock.now())
        .await?;
    Ok(if ended {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    })
}

//! The admin is asked: by the member here, and answers by `qiyou-bridge requests`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use http::StatusCode;
use qiyou_bridge_api::{ClaimAddress, Member};

use super::claimed;
use crate::serve::{Bridge, Caller, Problem};
use crate::session;

/// `POST /api/address/request`: the newest of a member counts.
#[utoipa::path(
    post,
    path = "/api/address/request",
    operation_id = "ask_admin",
    request_body = ClaimAddress,
    responses((status = 200, description = "The admin is asked: the member, with the request.", body = Member)),
    security(("session" = []))
)]
pub async fn ask(
    State(bridge): State<Arc<Bridge>>,
    Caller(caller): Caller,
    claim: Result<Json<ClaimAddress>, JsonRejection>,
) -> Result<Json<Member>, Problem> {
    let Json(claim) = claim?;
    let (member, address) = claimed(&bridge, &caller, &claim).await?;
    let userid = member.userid.as_str();
    bridge.db.ask_admin(userid, &address, bridge.clock.now()).await?;
    tracing::info!(target: "directory", userid, "a member asks you to confirm an address (qiyou-bridge requests)");
    bridge.metrics.proof("admin", "asked");
    Ok(Json(session::member(&bridge, userid).await?))
}

/// `DELETE /api/address/request`: the member asks no more, or has read the admin's no.
#[utoipa::path(
    delete,
    path = "/api/address/request",
    operation_id = "ask_admin_no_more",
    responses((status = 204, description = "Nothing is asked.")),
    security(("session" = []))
)]
pub async fn withdraw(State(bridge): State<Arc<Bridge>>, Caller(caller): Caller) -> Result<StatusCode, Problem> {
    bridge.db.withdraw(&caller.userid).await?;
    Ok(StatusCode::NO_CONTENT)
}

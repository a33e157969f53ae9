//! `POST /api/clients`: the member's own account at the mail platform is opened for mail programs.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use qiyou_bridge_api::Refusal;
use qiyou_netease::Kind;

use crate::netease::own_address;
use crate::serve::{Bridge, Caller, Client, Problem};

/// Whether the admin wants accounts opened.
pub fn opens(bridge: &Bridge) -> bool {
    bridge.netease.is_some() && bridge.config.netease.as_ref().is_some_and(|app| app.allow_clients)
}

/// Switches IMAP and SMTP on for the member's own account: for a proven address alone, and once. Whoever switches them
/// off later is not overruled.
#[utoipa::path(
    post,
    path = "/api/clients",
    operation_id = "allow_clients",
    responses((status = 204, description = "Mail programs are let in, or were once.")),
    security(("session" = []))
)]
pub async fn allow(
    State(bridge): State<Arc<Bridge>>,
    Caller(caller): Caller,
    Extension(Client(client)): Extension<Client>,
) -> Result<StatusCode, Problem> {
    let netease = bridge
        .netease
        .as_ref()
        .filter(|_| opens(&bridge))
        .ok_or_else(|| Problem::with(Refusal::NotOffered, "the bridge opens no accounts"))?;
    let address = own_address(&bridge, &caller).await?;
    if bridge.db.clients_allowed(&address).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let now = bridge.clock.now();
    bridge.signins.take(client, now).map_err(Problem::busy)?;
    netease.allow_clients(&address, true, true).await.map_err(|error| {
        tracing::warn!(target: "bridge", %error, userid = caller.userid, "an account was not opened for mail programs");
        match error.kind() {
            Kind::NotFound => Problem::with(Refusal::NotOffered, "the mail platform knows no such mailbox"),
            _ => Problem::with(Refusal::MailPlatform, error.to_string()),
        }
    })?;
    bridge.db.note_clients_allowed(&address, now).await?;
    tracing::info!(target: "bridge", userid = caller.userid, "an account was opened for mail programs");
    Ok(StatusCode::NO_CONTENT)
}

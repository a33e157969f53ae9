//! `GET /open/…`: what WeCom's workbench and its cards open. Nothing here signs anybody in to the app: a page wakes it, and
//! it does what it would do for its own icon.
//!
//! ```text
//! inside WeCom on a computer: JS-SDK, openDefaultBrowser -> the same page in the computer's browser
//! in a browser:               qiyou://… -> the app, or the installer and the webmail are offered
//! on a phone:                 the webmail
//! ```

pub mod webmail;

use std::sync::Arc;

use axum::extract::{OriginalUri, Path, State};
use axum::response::Response;
use http::HeaderMap;
use http::header::USER_AGENT;
use qiyou_wecom::{Error, TicketKind, Wecom};

use crate::cookie::is_wecom;
use crate::installer::Visitor;
use crate::keys::random_name;
use crate::netease::opens_webmail;
use crate::pages;
use crate::pages::launch::{Launch, Sdk};
use crate::serve::Bridge;

/// The longest name of a card.
const LONGEST: usize = 64;

/// `GET /open/{what}`.
pub async fn open(
    State(bridge): State<Arc<Bridge>>,
    Path(what): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    let link = match what.as_str() {
        "app" | "inbox" => "qiyou://open",
        "compose" => "qiyou://compose",
        "settings" => "qiyou://settings",
        _ => return crate::serve::nothing().await,
    };
    launch(&bridge, &headers, &uri, link).await
}

/// `GET /open/mail/{id}`: a card's mail. The name says nothing to anybody but the member's own app.
pub async fn mail(
    State(bridge): State<Arc<Bridge>>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response {
    if id.is_empty() || id.len() > LONGEST || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
        return crate::serve::nothing().await;
    }
    launch(&bridge, &headers, &uri, &format!("qiyou://mail?card={id}")).await
}

async fn launch(bridge: &Bridge, headers: &HeaderMap, uri: &http::Uri, link: &str) -> Response {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let visitor = Visitor::of(agent.unwrap_or_default());
    let inside = is_wecom(headers);
    let mut here = bridge.address(uri.path());
    here.set_query(uri.query());
    let sdk = if inside && visitor != Visitor::Phone {
        match sdk(bridge, here.as_str()).await {
            Ok(sdk) => Some(sdk),
            Err(error) => {
                // The page says what to do by hand.
                tracing::warn!(target: "bridge", %error, "a page inside WeCom is not signed");
                None
            }
        }
    } else {
        None
    };
    here.set_query(None);
    pages::launch::page(
        pages::Words::choose(None, headers),
        &Launch {
            company: &bridge.config.company,
            link,
            here: here.as_str(),
            visitor,
            inside,
            sdk,
            webmail: opens_webmail(bridge),
            installer: bridge.config.installer.named().next().is_some(),
        },
    )
}

/// The page's signatures for WeCom's JS-SDK (reference A8).
async fn sdk(bridge: &Bridge, url: &str) -> Result<Sdk, Error> {
    let (nonce, timestamp) = (random_name(), bridge.clock.now());
    let corp = bridge.wecom.jsapi_ticket(TicketKind::Corp).await?;
    let agent = bridge.wecom.jsapi_ticket(TicketKind::Agent).await?;
    Ok(Sdk {
        scripts: bridge.wecom.sdk_scripts(),
        corp_id: bridge.config.wecom.corp_id.clone(),
        agent_id: bridge.config.wecom.agent_id,
        corp: Wecom::jsapi_signature(&corp, &nonce, timestamp, url),
        agent: Wecom::jsapi_signature(&agent, &nonce, timestamp, url),
        timestamp,
        nonce,
    })
}

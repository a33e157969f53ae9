//! NetEase tells of new mails: which mailboxes it tells of, and what becomes of it.
//!
//! Nothing on a push is signed and it has no id: it comes to an address that nobody guesses, is limited for each
//! mailbox, and only says where to look. Nothing of it is kept.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use qiyou_netease::Push;
use tokio::sync::Semaphore;

use crate::db::notices::Notice;
use crate::limits::Buckets;
use crate::serve::{Bridge, Problem, is_ours};
use crate::{remind, session};

/// The route.
pub const PATTERN: &str = "/netease/push/{name}";
/// The longest push, in bytes.
pub const LONGEST: usize = 512 * 1024;
/// What the unguessable part of the address is derived for.
const PATH: &str = "netease push";
/// Under which it is noted where NetEase was told to push to.
const SUBSCRIBED: &str = "netease.push";
/// Looks that pushes may cause at one mailbox in a minute.
const PER_MINUTE: u32 = 60;
/// Subscriptions that are made at the same time.
const AT_ONCE: usize = 4;

/// What is known of mailboxes that pushes speak of.
pub struct Mailboxes {
    limits: Buckets<String>,
    subscribing: Semaphore,
}

impl Default for Mailboxes {
    fn default() -> Self {
        Self {
            limits: Buckets::new(PER_MINUTE),
            subscribing: Semaphore::new(AT_ONCE),
        }
    }
}

/// Where NetEase pushes to.
pub fn address(bridge: &Bridge) -> url::Url {
    bridge.address(&format!("/netease/push/{}", bridge.keys.path(PATH)))
}

fn is_on(bridge: &Bridge) -> bool {
    bridge.config.netease.as_ref().is_some_and(|netease| netease.push)
}

/// `POST /netease/push/NAME`: a mail came, somebody says.
pub async fn receive(State(bridge): State<Arc<Bridge>>, Path(name): Path<String>, body: Bytes) -> Response {
    if !is_on(&bridge) || !bridge.keys.is_path(PATH, &name) {
        return crate::serve::nothing().await;
    }
    let push = match Push::parse(&body, LONGEST) {
        Ok(push) => push,
        Err(error) => {
            tracing::info!(target: "bridge", %error, "a push was refused");
            bridge.metrics.push("refused");
            return (StatusCode::BAD_REQUEST, "no\n").into_response();
        }
    };
    for address in push
        .recipients
        .iter()
        .filter(|address| is_ours(&bridge.config, address))
    {
        if bridge
            .mailboxes
            .limits
            .take(address.clone(), bridge.clock.now())
            .is_err()
        {
            bridge.metrics.push("limited");
            continue;
        }
        match tell(&bridge, address, &push).await {
            Ok(true) => bridge.metrics.push("told"),
            Ok(false) => bridge.metrics.push("nobody"),
            Err(problem) => {
                // NetEase would come again only for another mail: apps look by themselves, if later.
                tracing::warn!(target: "bridge", ?problem, "a push came to nothing");
                bridge.metrics.push("failed");
            }
        }
    }
    Push::ANSWER.into_response()
}

/// Tells whoever has this mailbox. Unproven addresses are nobody's.
async fn tell(bridge: &Arc<Bridge>, address: &str, push: &Push) -> Result<bool, Problem> {
    let mut found = false;
    for userid in bridge.db.candidates(address).await? {
        if session::mailbox(bridge, &userid).await?.as_deref() != Some(address) {
            continue;
        }
        let reminder = remind::pushed(Arc::clone(bridge), userid.clone(), address.to_owned(), push.clone());
        tokio::spawn(reminder);
        let notice = Notice::Mail {
            userid,
            address: address.to_owned(),
        };
        bridge.hub.tell(&notice);
        if bridge.db.is_shared() {
            bridge.db.tell(&notice, &bridge.replica, bridge.clock.now()).await?;
        }
        found = true;
    }
    Ok(found)
}

/// A member listens: NetEase is asked to tell of their mailbox, if it does not yet. Nobody waits for that.
pub async fn follow(bridge: &Arc<Bridge>, userid: &str) -> Result<(), Problem> {
    if !is_on(bridge) {
        return Ok(());
    }
    let Some(mailbox) = session::mailbox(bridge, userid).await? else {
        return Ok(());
    };
    if bridge.db.is_pushed(&mailbox).await? {
        return Ok(());
    }
    let bridge = Arc::clone(bridge);
    tokio::spawn(async move {
        if let Err(error) = subscribe(&bridge, &mailbox).await {
            tracing::warn!(target: "netease", "no push for a mailbox: {error:#}");
        }
    });
    Ok(())
}

async fn subscribe(bridge: &Bridge, mailbox: &str) -> anyhow::Result<()> {
    let Some(netease) = &bridge.netease else {
        return Ok(());
    };
    let _turn = bridge.mailboxes.subscribing.acquire().await?;
    // Whoever waited for their turn may find it done.
    if bridge.db.is_pushed(mailbox).await? {
        return Ok(());
    }
    let url = address(bridge);
    if bridge.db.note(SUBSCRIBED).await?.as_deref() != Some(&crate::keys::hash(url.as_str())) {
        netease.subscribe_push(&url).await?;
        // Its hash: who reads the database does not learn the address.
        bridge.db.set_note(SUBSCRIBED, &crate::keys::hash(url.as_str())).await?;
    }
    netease.push_for(mailbox).await?;
    bridge.db.set_pushed(mailbox, bridge.clock.now()).await?;
    Ok(())
}

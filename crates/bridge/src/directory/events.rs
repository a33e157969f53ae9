//! WeCom calls: the check of the address, and what changed (reference: document 90930, 90970).
//!
//! An event only says whom to read again: what it claims of them is not believed, and of a flood of events about one
//! member one entry stands.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use qiyou_wecom::callback::{self, Change, Event, Received};

use crate::db::events::{self, REMEMBERED, What};
use crate::serve::Bridge;

/// The longest callback, in bytes.
pub const LONGEST: usize = 128 * 1024;
/// What WeCom takes for "have it".
const TAKEN: &str = "success";

fn refused(bridge: &Bridge, error: callback::Error) -> Response {
    tracing::warn!(target: "bridge", %error, "a callback was refused");
    bridge.metrics.callback("refused");
    (StatusCode::FORBIDDEN, "no\n").into_response()
}

/// `GET /wecom/callback`: the console checks the address.
pub async fn verify(State(bridge): State<Arc<Bridge>>, Query(query): Query<callback::Query>) -> Response {
    let Some(keys) = &bridge.callback else {
        return crate::serve::nothing().await;
    };
    match keys.verify_url(&query) {
        Ok(echo) => echo.into_response(),
        Err(error) => refused(&bridge, error),
    }
}

/// `POST /wecom/callback`: something happened.
pub async fn receive(State(bridge): State<Arc<Bridge>>, Query(query): Query<callback::Query>, body: Bytes) -> Response {
    let Some(keys) = &bridge.callback else {
        return crate::serve::nothing().await;
    };
    let received = match keys.open(&query, &body) {
        Ok(received) => received,
        Err(error) => return refused(&bridge, error),
    };
    let now = bridge.clock.now();
    if now.saturating_sub(received.created) > REMEMBERED {
        // Somebody kept it: whether it came before is known no more.
        bridge.metrics.callback("late");
        return TAKEN.into_response();
    }
    match take(&bridge, &received, now).await {
        Ok(true) => {
            bridge.metrics.callback("taken");
            bridge.wake.notify_one();
            TAKEN.into_response()
        }
        Ok(false) => {
            bridge.metrics.callback("again");
            TAKEN.into_response()
        }
        Err(error) => {
            // WeCom tries again.
            tracing::error!(target: "bridge", %error, "a callback could not be kept");
            (StatusCode::SERVICE_UNAVAILABLE, "later\n").into_response()
        }
    }
}

async fn take(bridge: &Bridge, received: &Received, now: i64) -> Result<bool, sqlx::Error> {
    let mut transaction = bridge.db.begin().await?;
    let first = events::came(&mut transaction, received.key(), now).await?;
    if first {
        for (what, deleted) in concerned(received) {
            events::reread(&mut transaction, &what, deleted, now).await?;
        }
    }
    transaction.commit().await?;
    Ok(first)
}

/// What an event wants read again, and whether it says that somebody was deleted.
fn concerned(received: &Received) -> Vec<(What, bool)> {
    let user = |userid: &str| (What::User(userid.to_owned()), false);
    match &received.event {
        Event::ChangeContact(change) => match change {
            Change::CreateUser { userid, .. } => vec![user(userid)],
            Change::UpdateUser { userid, new_userid, .. } => {
                let mut both = vec![user(userid)];
                both.extend(new_userid.as_deref().map(user));
                both
            }
            Change::DeleteUser { userid } => vec![(What::User(userid.clone()), true)],
            Change::CreateParty { .. } | Change::UpdateParty { .. } | Change::DeleteParty { .. } => {
                vec![(What::Departments, false)]
            }
            Change::UpdateTag { .. } | Change::Other { .. } => Vec::new(),
        },
        // Somebody came into the application's scope, or went out of it.
        Event::Other { name, .. } if matches!(name.as_str(), "subscribe" | "unsubscribe") => {
            vec![user(&received.from)]
        }
        Event::Other { .. } => Vec::new(),
    }
}

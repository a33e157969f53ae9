//! WeCom is asked whose an address is. Who asks in vain too often is blocked by WeCom for a day, the whole company with
//! them: so there are few questions, and a breaker.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use qiyou_bridge_api::{ClaimAddress, Member, Proof, Refusal};
use qiyou_wecom::{EmailKind, Error, Kind};

use super::{claimed, told};
use crate::db::proofs::Lookup;
use crate::directory::{READ, WITHHELD};
use crate::serve::{Bridge, Caller, Problem};
use crate::session;

/// So many may miss in a day where one of twenty people is less.
const FEW: i64 = 20;
/// How long WeCom is left alone after it said that it was asked too often, in seconds.
const LEFT_ALONE: i64 = 3600;

/// How many questions may miss in a day: one for twenty people, at least twenty; in a small company fewer, as WeCom blocks
/// them above one of five. Where nobody knows how many people there are: twenty.
pub fn most(people: i64) -> i64 {
    if people == 0 {
        return FEW;
    }
    let nearly_blocked = people.saturating_mul(3).saturating_div(20).max(1);
    people.saturating_div(20).max(FEW).min(nearly_blocked)
}

/// Whether there is anything to be asked: not while the breaker is open, and not of a WeCom that tells mailboxes by itself
/// and has none for who asks.
pub async fn is_open(bridge: &Bridge) -> Result<bool, Problem> {
    let db = &bridge.db;
    let tells = db.number(READ).await? > 0 && db.note(WITHHELD).await?.as_deref() == Some("0");
    Ok(!tells && db.lookups_closed(bridge.clock.now()).await? == 0)
}

/// What an error of WeCom comes to. A question that it did not look into is not counted.
async fn unanswered(bridge: &Bridge, id: &str, most: i64, error: &Error) -> Result<Problem, Problem> {
    tracing::warn!(target: "bridge", %error, kind = ?error.kind(), "WeCom was asked whose an address is, and did not say");
    bridge.metrics.proof("reverse", "unanswered");
    let now = bridge.clock.now();
    match error {
        Error::Http(_) | Error::Answer { .. } => {
            bridge.db.end_lookup(id, true, most, now).await?;
        }
        Error::Code { .. } | Error::BackingOff { .. } => bridge.db.forget_lookup(id).await?,
    }
    if error.kind() == Kind::Quota {
        bridge.db.close_lookups(now.saturating_add(LEFT_ALONE)).await?;
        return Ok(Problem::new(Refusal::WayClosed));
    }
    Ok(Problem::with(Refusal::Wecom, error.to_string()))
}

/// `POST /api/address/lookup`: it counts when WeCom names this very member. Whether it names nobody or another is not told.
#[utoipa::path(
    post,
    path = "/api/address/lookup",
    operation_id = "look_address_up",
    request_body = ClaimAddress,
    responses((status = 200, description = "WeCom says so, too: the member, with the address.", body = Member)),
    security(("session" = []))
)]
pub async fn lookup(
    State(bridge): State<Arc<Bridge>>,
    Caller(caller): Caller,
    claim: Result<Json<ClaimAddress>, JsonRejection>,
) -> Result<Json<Member>, Problem> {
    let Json(claim) = claim?;
    let (member, address) = claimed(&bridge, &caller, &claim).await?;
    if !is_open(&bridge).await? {
        return Err(Problem::new(Refusal::WayClosed));
    }
    let userid = member.userid.as_str();
    let most = most(bridge.db.headcount().await?);
    let id = match bridge.db.begin_lookup(userid, most, bridge.clock.now()).await? {
        Lookup::Begun(id) => id,
        Lookup::TooMany(seconds) => return Err(Problem::too_many(seconds)),
        Lookup::Closed(_) => return Err(Problem::new(Refusal::WayClosed)),
        Lookup::Crowd => return Err(Problem::busy(30)),
    };
    let found = match bridge.wecom.userid_by_email(&address, EmailKind::Enterprise).await {
        Ok(found) => found,
        Err(error) => return Err(unanswered(&bridge, &id, most, &error).await?),
    };
    let now = bridge.clock.now();
    if bridge.db.end_lookup(&id, found.is_none(), most, now).await? {
        tracing::warn!(
            target: "directory", most,
            "WeCom knew nobody for so many addresses today that it is asked no more for a day, before it blocks this by itself; \
             members can still have a code mailed, or ask you (qiyou-bridge requests)"
        );
    }
    // Upper and lower case are the same member.
    if !found.is_some_and(|found| found.eq_ignore_ascii_case(userid)) {
        bridge.metrics.proof("reverse", "not_confirmed");
        return Err(Problem::new(Refusal::NotConfirmed));
    }
    let proven = bridge.db.prove_free(userid, &address, Proof::Reverse, now).await?;
    told(&bridge, userid, "reverse", &proven)?;
    Ok(Json(session::member(&bridge, userid).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_twenty_may_miss_and_never_as_many_as_wecom_blocks() {
        for (people, may) in [
            (0, 20),
            (1, 1),
            (4, 1),
            (100, 15),
            (133, 19),
            (200, 20),
            (400, 20),
            (2000, 100),
        ] {
            assert_eq!(most(people), may, "{people}");
        }
        // WeCom blocks above a fifth.
        assert!((5..3000).all(|people| most(people) * 5 <= people));
    }
}

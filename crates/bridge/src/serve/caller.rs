//! Who asks: a device by its proof, a session by its token and proof.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OriginalUri};
use http::header::AUTHORIZATION;
use http::request::Parts;
use qiyou_bridge_api::{PROOF, Refusal, SCHEME};

use super::{Bridge, Problem};
use crate::db::sessions::SessionRow;
use crate::proof::{self, About, Rejected};

/// A device that proved its key: the key's thumbprint.
pub struct Device(pub String);

/// A living session, whose device asks.
pub struct Caller(pub SessionRow);

fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name).and_then(|value| value.to_str().ok())
}

fn prove(bridge: &Bridge, parts: &Parts, token: Option<&str>) -> Result<String, Problem> {
    let path = parts
        .extensions
        .get::<OriginalUri>()
        .map_or_else(|| parts.uri.path(), |uri| uri.0.path());
    let about = About {
        method: parts.method.as_str(),
        url: &bridge.address(path),
        token,
    };
    let now = bridge.clock.now();
    proof::check(&bridge.keys, &bridge.used, header(parts, PROOF), about, now).map_err(|rejected| match rejected {
        Rejected::Nonce => Problem::new(Refusal::UseNonce),
        Rejected::Wrong(why) => Problem::with(Refusal::Proof, why),
    })
}

impl FromRequestParts<Arc<Bridge>> for Device {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, bridge: &Arc<Bridge>) -> Result<Self, Problem> {
        prove(bridge, parts, None).map(Self)
    }
}

impl FromRequestParts<Arc<Bridge>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, bridge: &Arc<Bridge>) -> Result<Self, Problem> {
        let token = header(parts, AUTHORIZATION.as_str())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME))
            .map(|(_, token)| token)
            .ok_or_else(|| Problem::with(Refusal::SessionGone, "no access token"))?;
        let jkt = prove(bridge, parts, Some(token))?;
        let opened = bridge
            .keys
            .open_access(token)
            .ok_or_else(|| Problem::with(Refusal::SessionGone, "no access token of ours"))?;
        if opened.number < bridge.clock.now() {
            return Err(Problem::new(Refusal::TokenExpired));
        }
        let session = bridge.db.session(opened.session).await?;
        let session = session
            .filter(|session| session.jkt == jkt)
            .ok_or_else(|| Problem::new(Refusal::SessionGone))?;
        crate::session::living(&session)?;
        Ok(Self(session))
    }
}

//! `/api/pub/token`: an access token dies the moment its pair is refreshed, and refresh tokens rotate.

use axum::body::Bytes;
use axum::extract::{Path, Query, State as Axum};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::state::{Answer, Pair, Refusal, State, faulty, object, said, unguessable, wanted};
use super::{NeteaseSim, Shared, lock};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(rename = "refreshToken")]
    refresh_token: Option<String>,
}

pub(super) async fn call(
    Axum(shared): Axum<Shared>,
    Path(call): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut state = lock(&shared);
    if let Some(fault) = state.begin(&format!("token/{call}")) {
        return faulty(fault);
    }
    // Single sign-on needs no IP list.
    let list = call != "ssoAuthToken";
    said(state.gate(&headers, list).and_then(|()| match call.as_str() {
        "acquireToken" => state.acquire(&body),
        "refresh" => state.refresh(asked.refresh_token.as_deref()),
        "ssoAuthToken" => state.sso_auth(&body),
        _ => Err(Refusal::new(-400, "request error: no such call")),
    }))
}

impl State {
    fn authorised(&self, body: &[u8]) -> Result<(), Refusal> {
        let body = object(body)?;
        let (app, code, org) = (
            wanted(&body, "appId")?,
            wanted(&body, "authCode")?,
            wanted(&body, "orgOpenId")?,
        );
        if app != NeteaseSim::APP_ID || org != NeteaseSim::ORG_OPEN_ID {
            return Err(Refusal::new(-101, "authorization data not found"));
        }
        if code != self.auth_code {
            return Err(Refusal::new(-100, "authorization failed"));
        }
        Ok(())
    }

    /// Whether an older pair lives on is not known; here it does not.
    pub(super) fn acquire(&mut self, body: &[u8]) -> Answer {
        self.authorised(body)?;
        Ok(self.give_pair())
    }

    pub(super) fn refresh(&mut self, token: Option<&str>) -> Answer {
        let token = token.filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| Refusal::new(-401, "parameter error: refreshToken"))?;
        match &self.pair {
            Some(pair) if pair.refresh == token => {
                if self.now_ms() >= pair.refresh_until {
                    return Err(Refusal::new(-302, "refresh token expired"));
                }
                Ok(self.give_pair())
            }
            _ => Err(Refusal::new(-300, "token unusable")),
        }
    }

    fn give_pair(&mut self) -> Value {
        let now = self.now_ms();
        let pair = Pair {
            access: unguessable("at"),
            access_until: now.saturating_add(self.lives.access),
            refresh: unguessable("rt"),
            refresh_until: now.saturating_add(self.lives.refresh),
        };
        let data = json!({
            "accessToken": pair.access,
            "accessTokenExpiredTime": self.written(pair.access_until),
            "refreshToken": pair.refresh,
            "refreshTokenExpiredTime": self.written(pair.refresh_until),
        });
        self.pair = Some(pair);
        data
    }

    fn sso_auth(&mut self, body: &[u8]) -> Answer {
        self.authorised(body)?;
        let (token, until) = (unguessable("sso"), self.now_ms().saturating_add(self.lives.sso));
        self.sso = Some((token.clone(), until));
        Ok(json!({ "ssoAuthToken": token, "ssoAuthTokenExpiredTime": self.written(until) }))
    }

    /// Whether a business call may be made with this access token.
    pub(super) fn admits(&self, token: &str) -> Result<(), Refusal> {
        match &self.pair {
            _ if token.is_empty() => Err(Refusal::new(-424, "header error")),
            Some(pair) if pair.access == token && self.now_ms() < pair.access_until => Ok(()),
            Some(pair) if pair.access == token => Err(Refusal::new(-301, "access token expired")),
            _ => Err(Refusal::new(-300, "token unusable")),
        }
    }
}

//! `GET /open/webmail`: into the webmail without the app, for a phone, or a computer that is not one's own. Who it is,
//! WeCom says anew each time; nothing of it is kept.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::HeaderMap;
use qiyou_netease::Lang as MailLang;
use qiyou_wecom::{Lang, Scope};
use serde::Deserialize;

use crate::cookie::{self, is_wecom};
use crate::keys::random_name;
use crate::netease::opens_webmail;
use crate::pages::{self, Failure};
use crate::serve::{Bridge, is_ours};
use crate::session;
use crate::signin::browser::{wecom, who};

/// The cookie by which the browser is known again.
const COOKIE: &str = "qiyou-webmail";
/// How long the way through WeCom may take, in seconds.
const LIFE: i64 = 300;

fn fail(bridge: &Bridge, headers: &HeaderMap, failure: Failure) -> Response {
    pages::failed_webmail(pages::Words::choose(None, headers), failure, &bridge.config.company)
}

/// `GET /open/webmail`: asks WeCom who it is.
pub async fn begin(State(bridge): State<Arc<Bridge>>, headers: HeaderMap) -> Response {
    if !opens_webmail(&bridge) {
        return crate::serve::nothing().await;
    }
    let browser = random_name();
    let state = bridge.keys.state(&browser, bridge.clock.now());
    let back = bridge.address("/open/webmail/back");
    let inside = is_wecom(&headers).then_some(Scope::Base);
    let to = wecom(&bridge, inside, &back, &state, Lang::Chinese);
    let mut response = Redirect::to(to.as_str()).into_response();
    cookie::set(&bridge, COOKIE, &browser, &mut response);
    response
}

/// What WeCom sends back.
#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// `GET /open/webmail/back?code&state`: on to the mail platform.
pub async fn back(State(bridge): State<Arc<Bridge>>, Query(back): Query<Back>, headers: HeaderMap) -> Response {
    let Some(netease) = bridge.netease.as_ref().filter(|_| opens_webmail(&bridge)) else {
        return crate::serve::nothing().await;
    };
    let browser = cookie::get(&bridge, COOKIE, &headers);
    let given = bridge.keys.state_given(&browser, &back.state);
    let fresh = given.is_some_and(|given| (0..=LIFE).contains(&bridge.clock.now().saturating_sub(given)));
    if browser.is_empty() || !fresh || back.code.len() > 512 {
        return fail(&bridge, &headers, Failure::OtherBrowser);
    }
    if back.code.is_empty() {
        return fail(&bridge, &headers, Failure::Cancelled);
    }
    let (user, told) = match who(&bridge, &back.code).await {
        Ok(found) => found,
        Err(failure) => return fail(&bridge, &headers, failure),
    };
    // What WeCom says now is newer than what is kept.
    let address = match told {
        Some((address, _)) => Some(address),
        None => match session::known(&bridge, &user.userid).await {
            Ok(known) => known.map(|(address, _)| address),
            Err(_) => return fail(&bridge, &headers, Failure::Internal),
        },
    };
    let Some(address) = address.filter(|address| is_ours(&bridge.config, address)) else {
        return fail(&bridge, &headers, Failure::NoAddress);
    };
    match netease.webmail(&address, MailLang::Chinese).await {
        Ok(sign_on) => {
            let mut response = Redirect::to(sign_on.expose()).into_response();
            // Used up.
            cookie::set(&bridge, COOKIE, "", &mut response);
            response
        }
        Err(error) => {
            tracing::warn!(target: "bridge", %error, userid = user.userid, "no way into the webmail");
            fail(&bridge, &headers, Failure::MailAway)
        }
    }
}

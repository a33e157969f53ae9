//! The pages of the web login, new and old, the poll behind them, and OAuth2's page (reference A2, A3).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State as Extract};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use serde_json::json;
use url::Url;

use super::browser::FRAGMENT;
use super::redirect::{Refused, check, sound_state};
use super::state::{Login, Scan, State, key};
use super::{Shared, pages};

/// How long a poll is held open.
const HOLD: Duration = Duration::from_secs(15);

type Parameters = HashMap<String, String>;

fn text<'p>(parameters: &'p Parameters, name: &str) -> &'p str {
    parameters.get(name).map_or("", String::as_str)
}

/// `/wwlogin/sso/login`.
pub(super) async fn new_page(Extract(shared): Extract<Arc<Shared>>, Query(asked): Query<Parameters>) -> Response {
    if text(&asked, "login_type") != "CorpApp" {
        return refused(Refused::Parameter);
    }
    page(&shared, &asked)
}

/// `/wwopen/sso/qrConnect`.
pub(super) async fn old_page(Extract(shared): Extract<Arc<Shared>>, Query(asked): Query<Parameters>) -> Response {
    page(&shared, &asked)
}

fn page(shared: &Shared, asked: &Parameters) -> Response {
    let mut state = shared.lock();
    if state.down {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let company = &state.company;
    let app = text(asked, "appid") == company.corp_id && text(asked, "agentid") == company.agent_id.to_string();
    let language = matches!(text(asked, "lang"), "" | "zh" | "en");
    if !app || !language || !sound_state(text(asked, "state")) {
        return refused(Refused::Parameter);
    }
    let back = match check(text(asked, "redirect_uri"), &company.callback_domain) {
        Ok(back) => back,
        Err(why) => return refused(why),
    };
    let mut back = back;
    if let Some(who) = state.quick.clone() {
        let agent = state.company.agent_id;
        let code = state.new_code(&who, agent, false);
        back.query_pairs_mut().append_pair("code", &code);
        finish(&mut back, asked, &state);
        return found(&back);
    }
    let key = key();
    let login = Login {
        began: state.now(),
        scan: Scan::Never,
        who: String::new(),
        code: String::new(),
    };
    state.logins.insert(key.clone(), login);
    state.newest = Some(key.clone());
    // The page adds the code; the rest of the way back is known now.
    finish(&mut back, asked, &state);
    Html(pages::login(&shared.url, &state.company.name, &key, &back)).into_response()
}

/// `state` and `appid`, which follow the code.
fn finish(back: &mut Url, asked: &Parameters, state: &State) {
    let mut query = back.query_pairs_mut();
    if let Some(carried) = asked.get("state") {
        query.append_pair("state", carried);
    }
    query.append_pair("appid", &state.company.corp_id);
}

fn found(to: &Url) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, to.to_string())]).into_response()
}

fn refused(why: Refused) -> Response {
    let (status, words) = match why {
        Refused::Parameter => (StatusCode::BAD_REQUEST, "参数错误 (bad parameter)"),
        Refused::Domain => (
            StatusCode::BAD_REQUEST,
            "redirect_uri 与配置的授权回调域名不一致 (redirect_uri does not match the trusted domain)",
        ),
        Refused::Nested => (StatusCode::NOT_IMPLEMENTED, "501"),
    };
    (status, Html(pages::notice(words))).into_response()
}

/// `/wwopen/sso/l/qrConnect`: how far the page of `key` is. With `last` (what the page knows) the answer waits for
/// another.
pub(super) async fn poll(Extract(shared): Extract<Arc<Shared>>, Query(asked): Query<Parameters>) -> Response {
    let mut changed = shared.changed.subscribe();
    let hold = tokio::time::sleep(HOLD);
    tokio::pin!(hold);
    let key = text(&asked, "key");
    loop {
        let (scan, code) = {
            let state = shared.lock();
            let code = state.logins.get(key).map(|login| login.code.clone());
            (state.scan_of(key), code.unwrap_or_default())
        };
        let known = text(&asked, "last");
        let news = known.is_empty() || known != scan.word() || scan == Scan::Error;
        let over = news
            || tokio::select! {
                () = &mut hold => true,
                ended = changed.changed() => ended.is_err(),
            };
        if over {
            let code = if scan == Scan::Success { code } else { String::new() };
            let answer = json!({ "status": scan.word(), "auth_code": code });
            let callback: String = text(&asked, "callback")
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .collect();
            let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
            return (kind, format!("{callback}({answer})")).into_response();
        }
    }
}

/// `/connect/oauth2/authorize`: silent inside WeCom, a page of words elsewhere.
pub(super) async fn authorize(
    Extract(shared): Extract<Arc<Shared>>,
    headers: HeaderMap,
    Query(asked): Query<Parameters>,
) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let mut state = shared.lock();
    if state.down {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    if !header("user-agent").unwrap_or_default().contains("wxwork/") {
        return Html(pages::notice("请在企业微信客户端打开链接 (open this in WeCom)")).into_response();
    }
    let company = &state.company;
    let private = match text(&asked, "scope") {
        "snsapi_base" => false,
        // Consent is asked for an application, so that it must be named.
        "snsapi_privateinfo" if text(&asked, "agentid") == company.agent_id.to_string() => true,
        _ => return refused(Refused::Parameter),
    };
    let sound = text(&asked, "appid") == company.corp_id
        && text(&asked, "response_type") == "code"
        && sound_state(text(&asked, "state"))
        && header(FRAGMENT).is_none_or(|fragment| fragment == "wechat_redirect");
    if !sound {
        return refused(Refused::Parameter);
    }
    let mut back = match check(text(&asked, "redirect_uri"), &company.oauth_domain) {
        Ok(back) => back,
        Err(Refused::Domain) => {
            return (StatusCode::BAD_REQUEST, Html(pages::notice("redirect_uri: 50001"))).into_response();
        }
        Err(why) => return refused(why),
    };
    let Some(who) = state.inside.clone() else {
        return Html(pages::notice("企业微信未登录 (nobody is signed in to WeCom here)")).into_response();
    };
    let consents = state.company.member(&who).is_some_and(|member| member.consents);
    let agent = state.company.agent_id;
    let code = state.new_code(&who, agent, private && consents);
    back.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", text(&asked, "state"));
    found(&back)
}

//! The browser's side: to WeCom, back from there, and the question whether this device is meant.

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use http::header::ORIGIN;
use qiyou_bridge_api::Proof;
use qiyou_wecom::{Error, Identity, Kind, Lang, Scope, Status, User};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use url::Url;

use crate::config::LoginPage;
use crate::cookie::{self, is_wecom};
use crate::db::members;
use crate::db::signins::{self, SigninRow, Step};
use crate::directory::facts::number;
use crate::directory::write;
use crate::keys::{hash, random_digits, random_name};
use crate::pages::{self, Failure};
use crate::serve::{Bridge, is_ours};

/// The cookie by which the browser is known again.
const COOKIE: &str = "qiyou-bridge";

fn is_same_browser(bridge: &Bridge, headers: &HeaderMap, row: &SigninRow) -> bool {
    let given = hash(&cookie::get(bridge, COOKIE, headers));
    !row.browser.is_empty() && bool::from(given.as_bytes().ct_eq(row.browser.as_bytes()))
}

/// Why a sign-in at this step cannot go on, if so.
fn over(row: &SigninRow, now: i64, wants: Step) -> Option<Failure> {
    if row.step == Step::Refused {
        Some(Failure::Refused)
    } else if row.is_late(now) {
        Some(Failure::Late)
    } else {
        (row.step != wants).then_some(Failure::Used)
    }
}

fn fail(bridge: &Bridge, headers: &HeaderMap, row: Option<&SigninRow>, failure: Failure) -> Response {
    bridge.metrics.signin(failure.word());
    let words = pages::Words::choose(row.map(|row| row.lang.as_str()), headers);
    pages::failed(words, failure, &bridge.config.company)
}

/// Where WeCom says who somebody is: inside of it without a question but for what `inside` asks for, else on a page.
pub fn wecom(bridge: &Bridge, inside: Option<Scope>, back: &Url, state: &str, lang: Lang) -> Url {
    match (inside, bridge.config.wecom.login) {
        (Some(scope), _) => bridge.wecom.oauth_url(back, state, scope),
        (None, LoginPage::New) => bridge.wecom.login_url(back, state, lang),
        (None, LoginPage::Old) => bridge.wecom.old_login_url(back, state, lang),
    }
}

/// `GET /signin/{page}`: sends the browser to WeCom.
pub async fn open(State(bridge): State<Arc<Bridge>>, Path(page): Path<String>, headers: HeaderMap) -> Response {
    let row = match bridge.db.signin_of_page(&page).await {
        Ok(Some(row)) => row,
        Ok(None) => return fail(&bridge, &headers, None, Failure::Unknown),
        Err(error) => return trouble(&bridge, &headers, None, &error),
    };
    if let Some(failure) = over(&row, bridge.clock.now(), Step::Waiting) {
        return fail(&bridge, &headers, Some(&row), failure);
    }
    let (value, state, inside) = (random_name(), random_name(), is_wecom(&headers));
    match bridge.db.opened(&row.id, &value, &state, inside).await {
        Ok(true) => {}
        Ok(false) => return fail(&bridge, &headers, Some(&row), Failure::Used),
        Err(error) => return trouble(&bridge, &headers, Some(&row), &error),
    }
    let back = bridge.address("/callback");
    let lang = if row.lang == "en" { Lang::English } else { Lang::Chinese };
    let scope = if bridge.config.wecom.private_fields {
        Scope::PrivateInfo
    } else {
        Scope::Base
    };
    let to = wecom(&bridge, inside.then_some(scope), &back, &state, lang);
    let mut response = Redirect::to(to.as_str()).into_response();
    cookie::set(&bridge, COOKIE, &value, &mut response);
    response
}

/// What WeCom sends back.
#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    appid: Option<String>,
}

fn trouble(bridge: &Bridge, headers: &HeaderMap, row: Option<&SigninRow>, error: &sqlx::Error) -> Response {
    tracing::error!(target: "bridge", %error, "the database failed");
    fail(bridge, headers, row, Failure::Internal)
}

/// What an error of WeCom means to the one before the browser.
fn failure_of(bridge: &Bridge, error: &Error) -> Failure {
    tracing::warn!(target: "bridge", %error, kind = ?error.kind(), "WeCom refused a sign-in");
    let code = error.code().map_or_else(|| "none".to_owned(), |code| code.to_string());
    bridge.metrics.wecom(&code);
    match error.kind() {
        Kind::Restart => Failure::CodeUsed,
        Kind::Member => Failure::OutOfScope,
        Kind::Configuration => Failure::Configuration,
        Kind::Quota | Kind::Busy | Kind::Down | Kind::Other => Failure::WecomAway,
    }
}

/// Who came, and what WeCom says of them.
pub async fn who(bridge: &Bridge, code: &str) -> Result<(User, Option<(String, Proof)>), Failure> {
    let identity = bridge
        .wecom
        .identity(code)
        .await
        .map_err(|error| failure_of(bridge, &error))?;
    let Identity::Member { userid, ticket } = identity else {
        return Err(Failure::Outsider);
    };
    let user = bridge
        .wecom
        .user(&userid)
        .await
        .map_err(|error| failure_of(bridge, &error))?;
    match user.status {
        Status::Disabled => return Err(Failure::Disabled),
        Status::Left => return Err(Failure::Left),
        Status::Active | Status::NotActivated | Status::Unknown(_) => {}
    }
    let mut told = vec![user.biz_mail.clone(), user.email.clone()];
    if let Some(ticket) = ticket {
        match bridge.wecom.detail(&ticket).await {
            Ok(detail) if detail.userid == userid => told.splice(0..0, [detail.biz_mail, detail.email]).for_each(drop),
            Ok(_) => tracing::warn!(target: "bridge", userid, "WeCom told details of somebody else"),
            // They are a gift: the sign-in goes on without.
            Err(error) => tracing::warn!(target: "bridge", %error, userid, "WeCom told no details"),
        }
    }
    let address = told
        .into_iter()
        .map(|address| address.trim().to_lowercase())
        .find(|address| is_ours(&bridge.config, address))
        .map(|address| (address, Proof::Wecom));
    Ok((user, address))
}

/// `GET /callback?code&state&appid`: somebody comes from WeCom.
pub async fn callback(State(bridge): State<Arc<Bridge>>, Query(back): Query<Back>, headers: HeaderMap) -> Response {
    let well_formed = back.state.len() <= 128 && back.state.chars().all(|c| c.is_ascii_alphanumeric());
    if !well_formed || back.state.is_empty() || back.code.len() > 512 {
        return fail(&bridge, &headers, None, Failure::Unknown);
    }
    let row = match bridge.db.signin_of_state(&back.state).await {
        Ok(Some(row)) => row,
        Ok(None) => return fail(&bridge, &headers, None, Failure::Unknown),
        Err(error) => return trouble(&bridge, &headers, None, &error),
    };
    let fail = |failure| fail(&bridge, &headers, Some(&row), failure);
    let now = bridge.clock.now();
    if let Some(failure) = over(&row, now, Step::Waiting) {
        return fail(failure);
    }
    // WeCom opens the computer's browser, if the page was opened inside of it: that one has no cookie of ours yet.
    let same = is_same_browser(&bridge, &headers, &row);
    if !same && !row.inside {
        return fail(Failure::OtherBrowser);
    }
    if back
        .appid
        .as_deref()
        .is_some_and(|appid| appid != bridge.config.wecom.corp_id)
    {
        return fail(Failure::OtherCompany);
    }
    if back.code.is_empty() {
        return fail(Failure::Cancelled);
    }
    let (user, address) = match who(&bridge, &back.code).await {
        Ok(found) => found,
        Err(failure) => {
            if failure.is_final() {
                if let Err(error) = bridge.db.refused(&row.id).await {
                    return trouble(&bridge, &headers, Some(&row), &error);
                }
                bridge.bells.ring(&row.id);
            }
            return fail(failure);
        }
    };
    let (ticket, value) = (random_name(), random_name());
    let written = async {
        write::seen(&bridge, &user).await?;
        let mut transaction = bridge.db.begin().await?;
        let address = address.as_ref().map(|(address, proof)| (address.as_str(), *proof));
        members::note(
            &mut transaction,
            &user.userid,
            &user.name,
            number(user.status),
            address,
            now,
        )
        .await?;
        let first = signins::scanned(&mut transaction, &row.id, &user.userid, &ticket, &value).await?;
        transaction.commit().await?;
        Ok::<_, sqlx::Error>(first)
    };
    match written.await {
        Ok(true) => {}
        Ok(false) => return fail(Failure::Used),
        Err(error) => return trouble(&bridge, &headers, Some(&row), &error),
    }
    bridge.bells.ring(&row.id);
    bridge.metrics.signin("scanned");
    let words = pages::Words::choose(Some(&row.lang), &headers);
    let mut response = pages::ask(
        words,
        &pages::Question {
            company: &bridge.config.company,
            member: if user.name.is_empty() { &user.userid } else { &user.name },
            device: &row.device,
            ticket: &ticket,
        },
    );
    cookie::set(&bridge, COOKIE, &value, &mut response);
    response
}

/// What the page was answered with.
#[derive(Deserialize)]
pub struct Answer {
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    answer: String,
}

/// `POST /confirm`: they said yes or no.
pub async fn confirm(State(bridge): State<Arc<Bridge>>, headers: HeaderMap, Form(answer): Form<Answer>) -> Response {
    let ours = bridge.config.url.origin().ascii_serialization();
    let elsewhere = headers
        .get(ORIGIN)
        .is_some_and(|origin| origin.as_bytes() != ours.as_bytes());
    if elsewhere || answer.ticket.is_empty() {
        return fail(&bridge, &headers, None, Failure::Unknown);
    }
    let row = match bridge.db.signin_of_ticket(&answer.ticket).await {
        Ok(Some(row)) => row,
        Ok(None) => return fail(&bridge, &headers, None, Failure::Used),
        Err(error) => return trouble(&bridge, &headers, None, &error),
    };
    if let Some(failure) = over(&row, bridge.clock.now(), Step::Scanned) {
        return fail(&bridge, &headers, Some(&row), failure);
    }
    if !is_same_browser(&bridge, &headers, &row) {
        return fail(&bridge, &headers, Some(&row), Failure::OtherBrowser);
    }
    if answer.answer != "yes" {
        if let Err(error) = bridge.db.refused(&row.id).await {
            return trouble(&bridge, &headers, Some(&row), &error);
        }
        bridge.bells.ring(&row.id);
        return fail(&bridge, &headers, Some(&row), Failure::Refused);
    }
    let (code, digits) = (random_name(), random_digits());
    match bridge.db.confirmed(&row.id, &code, &digits, bridge.clock.now()).await {
        Ok(true) => {}
        Ok(false) => return fail(&bridge, &headers, Some(&row), Failure::Used),
        Err(error) => return trouble(&bridge, &headers, Some(&row), &error),
    }
    bridge.bells.ring(&row.id);
    bridge.metrics.signin("confirmed");
    let words = pages::Words::choose(Some(&row.lang), &headers);
    pages::done(words, &row.device, &code, &digits, &bridge.config.company)
}

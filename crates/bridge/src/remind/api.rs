//! What apps ask and say of reminders.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use qiyou_bridge_api::{Arrived, Card, CardWords, MOST_ARRIVED, Refusal, Reminders, RemindersState, Unread};
use qiyou_words::Language;

use super::{News, language, number, remind};
use crate::db::is_text;
use crate::netease::own_address;
use crate::serve::{Bridge, Caller, Problem};
use crate::session;

/// How far a mail's date may be from now for a card, in seconds: a clock that is wrong, a mail that was held up.
const NEAR: i64 = 2 * 24 * 3600;

async fn state(bridge: &Bridge, userid: &str) -> Result<Json<RemindersState>, Problem> {
    Ok(Json(RemindersState {
        reminders: bridge.db.reminders(userid).await?,
        mailbox: session::mailbox(bridge, userid).await?,
        workbench: bridge.config.wecom.workbench,
    }))
}

/// `GET /api/reminders`.
#[utoipa::path(
    get,
    path = "/api/reminders",
    operation_id = "show_reminders",
    responses((status = 200, description = "What the member wants WeCom to tell of.", body = RemindersState)),
    security(("session" = []))
)]
pub async fn show(State(bridge): State<Arc<Bridge>>, Caller(caller): Caller) -> Result<Json<RemindersState>, Problem> {
    state(&bridge, &caller.userid).await
}

/// `PUT /api/reminders`.
#[utoipa::path(
    put,
    path = "/api/reminders",
    operation_id = "set_reminders",
    request_body = Reminders,
    responses((status = 200, description = "Kept.", body = RemindersState)),
    security(("session" = []))
)]
pub async fn set(
    State(bridge): State<Arc<Bridge>>,
    Caller(caller): Caller,
    reminders: Result<Json<Reminders>, JsonRejection>,
) -> Result<Json<RemindersState>, Problem> {
    let Json(reminders) = reminders?;
    let lang = match language(&reminders) {
        Language::En => "en",
        Language::ZhTw => "zh-TW",
        Language::ZhCn => "zh",
    };
    let reminders = Reminders {
        lang: lang.to_owned(),
        ..reminders
    };
    let before = bridge.db.reminders(&caller.userid).await?;
    bridge.db.set_reminders(&caller.userid, &reminders).await?;
    if before.unread && !reminders.unread && bridge.config.wecom.workbench {
        // What stood there last would stand there for ever.
        let items = [number(&bridge, language(&reminders), "-")];
        if let Err(error) = bridge.wecom.set_workbench(&caller.userid, &items).await {
            tracing::warn!(target: "bridge", %error, "the number on a workbench was not taken away");
        }
    }
    state(&bridge, &caller.userid).await
}

/// `POST /api/reminders/arrived`: the member's app says what came.
#[utoipa::path(
    post,
    path = "/api/reminders/arrived",
    operation_id = "remind_of",
    request_body = Arrived,
    responses((status = 204, description = "Told of, now or together with others.")),
    security(("session" = []))
)]
pub async fn arrived(
    State(bridge): State<Arc<Bridge>>,
    Caller(caller): Caller,
    arrived: Result<Json<Arrived>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(arrived) = arrived?;
    let wants = bridge.db.reminders(&caller.userid).await?;
    if !wants.cards {
        return Ok(StatusCode::NO_CONTENT);
    }
    let mailbox = own_address(&bridge, &caller).await?;
    let now = bridge.clock.now();
    for mail in arrived.mails.iter().take(MOST_ARRIVED) {
        let near = now.saturating_sub(mail.sent_at).saturating_abs() <= NEAR;
        let whole = mail.hash.len() == 43 && is_text(&mail.hash);
        if !near || !whole {
            continue;
        }
        bridge
            .reminding
            .arrivals
            .take(caller.userid.clone(), now)
            .map_err(Problem::busy)?;
        let news = News {
            card: Card {
                mailbox: mailbox.clone(),
                sent_at: mail.sent_at,
                hash: mail.hash.clone(),
            },
            sender: if wants.words == CardWords::Nothing {
                ""
            } else {
                &mail.sender
            },
            subject: &mail.subject,
            words: &mail.words,
        };
        remind(&bridge, &caller.userid, &wants, &news).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/reminders/unread`: how many mails wait in the inbox.
#[utoipa::path(
    post,
    path = "/api/reminders/unread",
    operation_id = "count_unread",
    request_body = Unread,
    responses((status = 204, description = "Shown, if the member wants it.")),
    security(("session" = []))
)]
pub async fn unread(
    State(bridge): State<Arc<Bridge>>,
    Caller(caller): Caller,
    unread: Result<Json<Unread>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(Unread { count }) = unread?;
    let wants = bridge.db.reminders(&caller.userid).await?;
    if !bridge.config.wecom.workbench || !wants.unread {
        return Ok(StatusCode::NO_CONTENT);
    }
    own_address(&bridge, &caller).await?;
    bridge
        .reminding
        .numbers
        .take(caller.userid.clone(), bridge.clock.now())
        .map_err(Problem::busy)?;
    let data = if count > 999 {
        "999+".to_owned()
    } else {
        count.to_string()
    };
    let items = [number(&bridge, language(&wants), &data)];
    bridge
        .wecom
        .set_workbench(&caller.userid, &items)
        .await
        .map_err(|error| Problem::with(Refusal::Wecom, error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/cards/{id}`: which mail a card of the member is about.
#[utoipa::path(
    get,
    path = "/api/cards/{id}",
    operation_id = "show_card",
    params(("id" = String, Path, description = "As it stands in the card's address.")),
    responses(
        (status = 200, description = "By what the mail is found.", body = Card),
        (status = 404, description = "No card of this member, or one of more than seven days ago; without a body.")
    ),
    security(("session" = []))
)]
pub async fn card(
    State(bridge): State<Arc<Bridge>>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<Result<Json<Card>, StatusCode>, Problem> {
    if !is_text(&id) {
        return Ok(Err(StatusCode::NOT_FOUND));
    }
    let card = bridge.db.card(&id, &caller.userid, bridge.clock.now()).await?;
    Ok(card.map(Json).ok_or(StatusCode::NOT_FOUND))
}

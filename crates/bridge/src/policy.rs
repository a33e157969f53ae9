//! `GET /api/policy`: what the company fixes in the app, signed. `POST /api/session/report`: how the app stands.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use qiyou_bridge_api::{MOST_FINDINGS, POLICY, Policy, Refusal, Report, Signed};
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::db::Db;
use crate::keys::hash;
use crate::serve::{Bridge, Caller, Problem};
use crate::signin::plain;

/// Under which it is noted what holds, and since when.
const PUBLISHED: &str = "policy.published";
/// The longest revision, and the longest code of a finding, in bytes.
const LONGEST: usize = 64;

/// What holds.
#[derive(Debug, Serialize, Deserialize)]
struct Published {
    revision: String,
    issued: i64,
}

/// The policy of the configuration, without its time.
fn of(config: &Config) -> Policy {
    let policy = &config.policy;
    let mut whole = Policy {
        follow: policy.follow.iter().map(|folder| folder.trim().to_owned()).collect(),
        signature: policy
            .signature
            .clone()
            .filter(|signature| !signature.trim().is_empty()),
        signature_replies: policy.signature_replies,
        settings: policy.settings.clone(),
        features: policy.features(),
        ..Policy::default()
    };
    whole.revision = hash(&serde_json::to_string(&whole).unwrap_or_default());
    whole
}

/// Puts the configuration's policy into force, if another was: later than any before, also where this one held once and
/// where a replica's clock is behind. So a policy that was replaced is taken by no app.
pub async fn publish(config: &Config, db: &Db, now: i64) -> Result<Policy, sqlx::Error> {
    let mut policy = of(config);
    let mut transaction = db.begin().await?;
    let noted: Option<(String,)> = sqlx::query_as("SELECT value FROM note WHERE name = $1")
        .bind(PUBLISHED)
        .fetch_optional(&mut *transaction)
        .await?;
    let last: Option<Published> = noted.and_then(|(noted,)| serde_json::from_str(&noted).ok());
    if let Some(last) = &last
        && last.revision == policy.revision
    {
        policy.issued = last.issued;
        return Ok(policy);
    }
    policy.issued = now.max(last.map_or(0, |last| last.issued).saturating_add(1));
    let published = Published {
        revision: policy.revision.clone(),
        issued: policy.issued,
    };
    sqlx::query(
        "INSERT INTO note (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(PUBLISHED)
    .bind(serde_json::to_string(&published).unwrap_or_default())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    tracing::info!(target: "bridge", revision = policy.revision, issued = policy.issued, "another policy holds");
    Ok(policy)
}

/// What is there already.
#[derive(Deserialize)]
pub struct Ask {
    #[serde(default)]
    have: String,
}

/// What the company fixes in the app.
#[utoipa::path(
    get,
    path = "/api/policy",
    operation_id = "policy",
    params(("have" = Option<String>, Query, description = "The revision that is there.")),
    responses(
        (status = 200, description = "A signed `Policy`.", body = Signed),
        (status = 204, description = "The one that is there holds.")
    ),
    security(("session" = []))
)]
pub async fn policy(
    State(bridge): State<Arc<Bridge>>,
    Caller(_): Caller,
    ask: Result<Query<Ask>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(ask) = ask?;
    let policy = bridge.policy().await?;
    if ask.have == policy.revision {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let payload = serde_json::to_string(policy).map_err(|_| Problem::with(Refusal::Internal, "the policy"))?;
    let signature = bridge.keys.sign(POLICY, &payload);
    Ok(Json(Signed { payload, signature }).into_response())
}

fn is_name(text: &str) -> bool {
    text.len() <= LONGEST
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// How the app on this device stands: its version, its policy, what its doctor found.
#[utoipa::path(
    post,
    path = "/api/session/report",
    operation_id = "report",
    request_body = Report,
    responses((status = 204, description = "Noted.")),
    security(("session" = []))
)]
pub async fn report(
    State(bridge): State<Arc<Bridge>>,
    Caller(session): Caller,
    report: Result<Json<Report>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(mut report) = report?;
    if !is_name(&report.policy) {
        return Err(Problem::with(Refusal::Malformed, "policy"));
    }
    if report.doctor.len() > MOST_FINDINGS || report.doctor.iter().any(|finding| !is_name(&finding.code)) {
        return Err(Problem::with(Refusal::Malformed, "doctor"));
    }
    report.version = plain(&report.version, 32);
    report.system = plain(&report.system, 64);
    bridge.db.reported(&session, &report).await?;
    Ok(StatusCode::NO_CONTENT)
}

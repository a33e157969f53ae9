//! What goes wrong, as the app gets it.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use qiyou_bridge_api::{BridgeError, Refusal};

/// A refusal on its way out.
#[derive(Debug)]
pub struct Problem {
    refusal: Refusal,
    detail: String,
    retry_after: Option<u32>,
}

impl Problem {
    pub fn new(refusal: Refusal) -> Self {
        Self {
            refusal,
            detail: String::new(),
            retry_after: None,
        }
    }

    pub fn with(refusal: Refusal, detail: impl Into<String>) -> Self {
        Self {
            detail: detail.into(),
            ..Self::new(refusal)
        }
    }

    /// Too many: wait for so many seconds.
    pub fn busy(seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(Refusal::Busy)
        }
    }

    /// As many tries as there are: wait for so many seconds.
    pub fn too_many(seconds: i64) -> Self {
        Self {
            retry_after: Some(u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)),
            ..Self::new(Refusal::TooMany)
        }
    }

    fn status(&self) -> StatusCode {
        match self.refusal {
            Refusal::Malformed => StatusCode::BAD_REQUEST,
            Refusal::UseNonce | Refusal::Proof | Refusal::SessionGone | Refusal::TokenExpired => {
                StatusCode::UNAUTHORIZED
            }
            Refusal::Code | Refusal::Member | Refusal::NoAddress | Refusal::Domain | Refusal::NotConfirmed => {
                StatusCode::FORBIDDEN
            }
            Refusal::NoWebmail | Refusal::NotOffered => StatusCode::NOT_FOUND,
            Refusal::Taken | Refusal::WayClosed => StatusCode::CONFLICT,
            Refusal::SigninGone | Refusal::CodeGone => StatusCode::GONE,
            Refusal::Busy | Refusal::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Refusal::Wecom | Refusal::MailPlatform | Refusal::Mailer => StatusCode::BAD_GATEWAY,
            Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(target: "bridge", %error, "the database failed");
        Self::new(Refusal::Internal)
    }
}

/// The longest words on what was not understood, in characters.
const WORDS: usize = 200;

fn malformed(words: &str) -> Problem {
    Problem::with(Refusal::Malformed, words.chars().take(WORDS).collect::<String>())
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        malformed(&rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        malformed(&rejection.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let refusal = self.refusal;
        let retry = self.retry_after;
        let body = BridgeError {
            error: refusal,
            detail: self.detail,
            request: super::request::current(),
            retry_after: retry,
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static(match refusal {
                    Refusal::UseNonce => "DPoP error=\"use_dpop_nonce\"",
                    Refusal::Proof => "DPoP error=\"invalid_dpop_proof\"",
                    _ => "DPoP error=\"invalid_token\"",
                }),
            );
        }
        response
    }
}

//! Before the company's mailbox is tried out, the bridge is asked to open it for mail programs, where it does so.

use std::sync::Arc;
use std::time::Duration;

use qiyou_api::{ApiError, ErrorCode};
use qiyou_signin::bridge::Bridge;
use secrecy::SecretString;

use super::keep;
use crate::engine::Inner;

/// How long a sign-in to the mailbox waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Has the bridge open this mailbox, if it is the one that the member proved and the company wants it so. Why it could
/// not, if it could not: the mailbox may be open all the same.
pub(crate) async fn open(inner: &Arc<Inner>, address: &str) -> Option<ApiError> {
    let company = keep::kept(inner).await.ok()?.company;
    let own = company.member.address.as_deref();
    let asks = company.member.clients && own.is_some_and(|own| own.eq_ignore_ascii_case(address));
    if !asks {
        return None;
    }
    let ask = |bridge: Bridge, token: SecretString| async move { bridge.allow_clients(&token).await };
    let asked = tokio::time::timeout(PATIENCE, keep::call(inner, ask)).await;
    let error = match asked {
        Ok(Ok(())) => return None,
        Ok(Err(error)) => error,
        Err(_) => ApiError::new(ErrorCode::BridgeAway),
    };
    tracing::warn!(code = ?error.code, "the company could not open the mailbox for mail programs");
    Some(error)
}

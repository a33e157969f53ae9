//! The directory follows the bridge: what changed is fetched with every look at the session.

use std::sync::Arc;

use qiyou_api::{ApiError, Event};
use qiyou_signin::bridge::Bridge;
use qiyou_store::company;
use secrecy::SecretString;

use super::keep;
use crate::engine::{Engine, Inner, store_error};

/// Parts of one answer: at 4,000 people a part, more than any company has.
const PARTS: usize = 500;

/// Fetches what changed since the revision that is here. Whatever goes wrong leaves what is here. False while the bridge
/// has no directory.
pub(super) async fn follow(inner: &Arc<Inner>) -> Result<bool, ApiError> {
    let engine = Engine {
        inner: Arc::clone(inner),
    };
    let kept = keep::kept(inner).await?;
    let since = engine.directory_revision().await?;
    let mut after = String::new();
    let mut there = false;
    for at in 0..PARTS {
        let ask = |bridge: Bridge, token: SecretString| {
            let (key, after) = (kept.signing_key.clone(), after.clone());
            async move { bridge.directory(&token, &key, since, &after).await }
        };
        let part = keep::call(inner, ask).await?;
        let more = part.more.clone();
        there = part.revision > 0;
        if !part.is_empty() || part.whole || part.revision != since {
            engine.directory_apply(part, at == 0).await?;
        }
        match more {
            // A bridge that goes in a circle is no bridge.
            Some(more) if more != after => after = more,
            _ => break,
        }
    }
    engine.directory_own(&kept.company.member.id).await?;
    let now = inner.store.read(company::get).await.map_err(store_error)?;
    if let Some(now) = now.filter(|now| now.company.people != kept.company.people) {
        let company = keep::shown(inner, now.company).await;
        inner.events.emit(Event::CompanyChanged { company: Some(company) });
    }
    Ok(there)
}

impl Engine {
    /// Who signs in to another company than last gets nothing of the directory and the policy of that one.
    pub(super) async fn forget_another_company(&self, company: &str) -> Result<(), ApiError> {
        let kept = self.inner.store.read(company::get).await.map_err(store_error)?;
        if kept.is_some_and(|kept| kept.company.name == company) {
            return Ok(());
        }
        let clear = |tx: &qiyou_store::Transaction<'_>| qiyou_store::policy::clear(tx);
        let cleared = self.inner.store.write(qiyou_store::Durability::Full, clear).await;
        cleared.map_err(store_error)?;
        super::policy::settle(&self.inner).await?;
        self.directory_clear().await
    }
}

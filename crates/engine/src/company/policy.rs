//! What the company fixes: fetched with every look at the bridge, kept, and laid over what the person chose.

use std::collections::BTreeMap;
use std::sync::Arc;

use qiyou_api::{ApiError, Event, Level};
use qiyou_bridge_api::{Finding, MOST_FINDINGS, MOST_FOLLOWED, Report};
use qiyou_signin::bridge::Bridge;
use qiyou_store::{Durability, policy};
use secrecy::SecretString;

use super::keep;
use crate::engine::{Engine, Inner, locked, store_error};
use crate::managed::{self, Managed};

/// Fetches the policy, if another holds than the one that is here, and has it hold. One that was issued before is an old
/// one that somebody kept, and is not taken. Whatever goes wrong leaves what is here.
pub(super) async fn follow(inner: &Arc<Inner>) -> Result<(), ApiError> {
    let kept = keep::kept(inner).await?;
    let here = inner.store.read(policy::get).await.map_err(store_error)?;
    let here = here.unwrap_or_default();
    let ask = |bridge: Bridge, token: SecretString| {
        let (key, have) = (kept.signing_key.clone(), here.revision.clone());
        async move { bridge.policy(&token, &key, &have).await }
    };
    let Some(mut new) = keep::call(inner, ask).await? else {
        return Ok(());
    };
    if new.issued <= here.issued {
        tracing::warn!(
            issued = new.issued,
            here = here.issued,
            "the bridge gave an old policy, which is not taken"
        );
        return Ok(());
    }
    new.follow.truncate(MOST_FOLLOWED);
    managed::tell(&new);
    tracing::info!(
        revision = new.revision,
        issued = new.issued,
        "the company has another policy"
    );
    let write = move |tx: &qiyou_store::Transaction<'_>| policy::set(tx, &new);
    inner.store.write(Durability::Full, write).await.map_err(store_error)?;
    settle(inner).await?;
    let company = keep::kept(inner).await?.company;
    let company = keep::shown(inner, company).await;
    inner.events.emit(Event::CompanyChanged { company: Some(company) });
    Ok(())
}

/// Has hold what is kept: after another policy, another member or account, or a directory that says something else of
/// the member; and after the policy went.
pub(crate) async fn settle(inner: &Arc<Inner>) -> Result<(), ApiError> {
    let (folders, managed) = inner
        .store
        .write(Durability::Full, |tx| {
            Ok((policy::follow(tx, None)?, Managed::read(tx)?))
        })
        .await
        .map_err(store_error)?;
    let changed = locked(&inner.settings).manage(managed);
    if let Some(settings) = changed {
        inner.events.emit(Event::SettingsChanged {
            settings: settings.as_ref().clone(),
        });
    }
    if !folders.is_empty() {
        let engine = Engine {
            inner: Arc::clone(inner),
        };
        for (account, _) in &folders {
            if let Some(signals) = engine.signals(*account) {
                signals.with(|pending| pending.follow = true);
            }
        }
        let ids: Vec<_> = folders.into_iter().map(|(_, folder)| folder).collect();
        inner.folders_changed(&ids).await;
    }
    Ok(())
}

/// Tells the bridge how the app stands: what the doctor finds, without names, addresses and servers.
pub(super) async fn report(inner: &Arc<Inner>) -> Result<(), ApiError> {
    let engine = Engine {
        inner: Arc::clone(inner),
    };
    let here = inner.store.read(policy::get).await.map_err(store_error)?;
    let mut counts: BTreeMap<(bool, String), u32> = BTreeMap::new();
    for finding in engine.condition().await? {
        // Right after a start every account is only just connecting, and soon is no more.
        if finding.code == "account_connecting" {
            continue;
        }
        let bad = match finding.level {
            Level::Good => continue,
            Level::Note => false,
            Level::Bad => true,
        };
        let count = counts.entry((!bad, finding.code)).or_default();
        *count = count.saturating_add(1);
    }
    let findings = counts.into_iter().take(MOST_FINDINGS);
    let report = Report {
        version: qiyou_api::VERSION.to_owned(),
        system: inner.companies.config.system.clone(),
        policy: here.unwrap_or_default().revision,
        doctor: findings
            .map(|((note, code), count)| Finding {
                code,
                bad: !note,
                count,
            })
            .collect(),
    };
    let tell = |bridge: Bridge, token: SecretString| {
        let report = report.clone();
        async move { bridge.report(&token, &report).await }
    };
    keep::call(inner, tell).await
}

//! How the engine stands: what the doctor finds, what lies on the disk.

use qiyou_api::{AccountStorage, ApiError, Doctor, Finding, Level, Storage};
use qiyou_store::{Durability, accounts, bodies, mails};

use crate::engine::{Engine, store_error};

fn finding(code: &str, level: Level, args: &[(&str, String)]) -> Finding {
    Finding {
        code: code.to_owned(),
        level,
        args: args.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect(),
    }
}

impl Engine {
    /// What the engine knows of its own health.
    pub async fn doctor(&self) -> Result<Doctor, ApiError> {
        let mut findings = vec![match self.inner.store.check().await {
            Ok(()) => finding("store_whole", Level::Good, &[]),
            Err(error) => finding("store_damaged", Level::Bad, &[("detail", error.to_string())]),
        }];
        findings.extend(self.condition().await?);
        Ok(Doctor { findings })
    }

    /// The part of it that costs nothing to know: without a look through the whole store.
    pub(crate) async fn condition(&self) -> Result<Vec<Finding>, ApiError> {
        let mut findings = Vec::new();
        let mut find = |code: &str, level: Level, args: &[(&str, String)]| {
            findings.push(finding(code, level, args));
        };
        if self.inner.store.files().on_network() {
            find("store_on_network", Level::Note, &[]);
        }
        let size = self
            .inner
            .store
            .bodies(|tx| bodies::total(tx))
            .await
            .map_err(store_error)?;
        find(
            "bodies_size",
            Level::Good,
            &[("mib", (size / (1024 * 1024)).to_string())],
        );
        let waiting = self.pending_operations().await?;
        if waiting > 0 {
            find("operations_wait", Level::Note, &[("count", waiting.to_string())]);
        }
        for account in self.accounts().await? {
            use qiyou_api::AccountState as State;
            let address = ("address", account.address.clone());
            let requests = self.inner.requests.of_last_hour(account.id, self.inner.clock.now());
            find(
                "account_requests",
                Level::Good,
                &[address.clone(), ("count", requests.to_string())],
            );
            match account.state {
                State::Connected { watch } => {
                    find(
                        "account_connected",
                        Level::Good,
                        &[address, ("watch", format!("{watch:?}").to_lowercase())],
                    );
                }
                State::Connecting | State::Paused => find("account_connecting", Level::Note, &[address]),
                State::Offline { cause, .. } | State::SignInNeeded { cause } => {
                    find(
                        "account_failed",
                        Level::Bad,
                        &[address, ("detail", format!("{:?}: {}", cause.code, cause.detail))],
                    );
                }
            }
        }
        Ok(findings)
    }

    /// What lies on the disk.
    pub async fn storage(&self) -> Result<Storage, ApiError> {
        let files = self.inner.store.files().clone();
        let stored = self.inner.store.read(accounts::list).await.map_err(store_error)?;
        let owners = self.inner.store.read(mails::owners).await.map_err(store_error)?;
        let blobs = self
            .inner
            .store
            .bodies(|tx| bodies::by_mail(tx))
            .await
            .map_err(store_error)?;
        let mut list: Vec<AccountStorage> = stored
            .iter()
            .map(|account| AccountStorage {
                account: account.id,
                mails: 0,
                bodies: 0,
            })
            .collect();
        for (_, owner) in &owners {
            if let Some(account) = list.iter_mut().find(|account| account.account == *owner) {
                account.mails = account.mails.saturating_add(1);
            }
        }
        for (mail, size) in blobs {
            let owner = owners
                .binary_search_by_key(&mail, |(id, _)| *id)
                .ok()
                .and_then(|at| owners.get(at));
            if let Some((_, owner)) = owner
                && let Some(account) = list.iter_mut().find(|account| account.account == *owner)
            {
                account.bodies = account.bodies.saturating_add(size);
            }
        }
        Ok(Storage {
            home: files.main.parent().unwrap_or(&files.main).display().to_string(),
            index: on_disk(&files.main),
            bodies: on_disk(&files.bodies),
            accounts: list,
        })
    }

    /// Deletes the texts and attachments on the disk; each is fetched again when it is asked for.
    pub async fn clear_storage(&self) -> Result<Storage, ApiError> {
        loop {
            let gone = self
                .inner
                .store
                .bodies(|tx| bodies::evict(tx, 0))
                .await
                .map_err(store_error)?;
            if gone.is_empty() {
                return self.storage().await;
            }
            self.inner
                .store
                .write(Durability::Normal, move |tx| mails::forget_bodies(tx, &gone))
                .await
                .map_err(store_error)?;
        }
    }
}

/// Bytes of a database with what it has not taken in yet.
fn on_disk(file: &std::path::Path) -> u64 {
    ["", "-wal", "-shm"]
        .iter()
        .map(|suffix| {
            let mut name = file.as_os_str().to_owned();
            name.push(suffix);
            std::fs::metadata(name).map_or(0, |meta| meta.len())
        })
        .fold(0, u64::saturating_add)
}

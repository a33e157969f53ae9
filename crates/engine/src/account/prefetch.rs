//! Texts of the last months are fetched before anybody asks for them.

use std::sync::Arc;

use qiyou_api::Event;
use qiyou_store::{Durability, bodies, folders, mails};

use super::work::{Step, Work};
use crate::texts::{Trouble, fetch, fetch_many};

impl Work {
    /// Texts of the last months, a few at a time, newest first. Sets `texts_done` when there is nothing to do.
    pub(super) async fn fetch_some_texts(&mut self) -> Step<()> {
        let settings = self.context.inner.settings();
        let months = i64::from(settings.prefetch_months);
        let limit = u64::from(settings.cache_mib).saturating_mul(1024 * 1024);
        let since = self
            .context
            .inner
            .clock
            .now()
            .saturating_sub(months.saturating_mul(31 * 86_400));
        if months == 0 {
            self.texts_done = true;
            return Ok(());
        }
        let account = self.context.account;
        let inner = Arc::clone(&self.context.inner);
        let evicted = inner.store.bodies(move |tx| bodies::evict(tx, limit)).await?;
        if !evicted.is_empty() {
            // Room is short: what was evicted would only be fetched and evicted again.
            inner
                .store
                .write(Durability::Normal, move |tx| mails::forget_bodies(tx, &evicted))
                .await?;
            self.texts_done = true;
            return Ok(());
        }
        let found = inner
            .store
            .read(move |conn| {
                for folder in folders::list(conn, Some(account))? {
                    use qiyou_api::Role;
                    if matches!(folder.folder.role, Role::Junk | Role::Trash | Role::All) || !folder.folder.selectable {
                        continue;
                    }
                    let ids = mails::without_body(conn, folder.folder.id, since, 20)?;
                    if !ids.is_empty() {
                        return Ok(Some((folder.folder.id, ids)));
                    }
                }
                Ok(None)
            })
            .await?;
        let Some((folder, ids)) = found else {
            self.texts_done = true;
            return Ok(());
        };
        self.open_folder(folder).await?;
        let left = match fetch_many(&inner, &mut self.session, &ids).await {
            Ok(left) => left,
            Err(Trouble::Imap(error)) => return Err(error.into()),
            Err(Trouble::Store(qiyou_store::Error::NotFound)) => ids.clone(),
            Err(Trouble::Store(error)) => return Err(error.into()),
            Err(_) => ids.clone(),
        };
        for mail in &left {
            match fetch(&inner, &mut self.session, *mail).await {
                // A mail may have gone meanwhile.
                Ok(_) | Err(Trouble::Store(qiyou_store::Error::NotFound)) => {}
                Err(Trouble::Imap(error)) if error.is_fatal() => return Err(error.into()),
                Err(Trouble::Store(error)) => return Err(error.into()),
                Err(trouble) => {
                    tracing::debug!(mail, ?trouble, "a text could not be fetched in the background");
                    let mail = *mail;
                    inner
                        .store
                        .write(Durability::Normal, move |tx| mails::set_body_failed(tx, mail))
                        .await?;
                }
            }
        }
        let rows = inner.store.read(move |conn| mails::rows(conn, &ids)).await?;
        if !rows.is_empty() {
            inner.events.emit(Event::MailChanged { rows });
        }
        Ok(())
    }
}

//! Mails that may be reports are read as soon as they came.

use bytes::Bytes;
use qiyou_api::Event;
use qiyou_store::{Durability, mails, reports};

use super::work::{Step, Trouble, Work};

/// Bytes of a report that are read: what it says stands before the mail that it gives back.
const BEGINNING: u64 = 256 * 1024;
/// Reports that are read before something else may be done.
const AT_ONCE: u32 = 10;

impl Work {
    /// Reads some of the mails that may be reports.
    pub(super) async fn read_reports(&mut self) -> Step<()> {
        let account = self.context.account;
        let store = self.context.inner.store.clone();
        let waiting = store.read(move |conn| reports::waiting(conn, account, AT_ONCE)).await?;
        if waiting.is_empty() {
            self.reports = false;
            return Ok(());
        }
        let mut told = Vec::new();
        for id in waiting {
            let mail = match store.read(move |conn| mails::get(conn, id)).await {
                Ok(mail) if mail.uid > 0 => mail,
                Ok(_) | Err(qiyou_store::Error::NotFound) => {
                    store
                        .write(Durability::Normal, move |tx| reports::forget(tx, id))
                        .await?;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let raw = match self.beginning(&mail).await {
                Ok(raw) => raw,
                Err(Trouble::Imap(error)) if !error.is_fatal() => {
                    tracing::info!(mail = id, %error, "a report could not be read");
                    Vec::new()
                }
                Err(other) => return Err(other),
            };
            let read = tokio::task::spawn_blocking(move || qiyou_mime::report(&raw));
            let report = read.await.unwrap_or_default();
            let changed = store
                .write(Durability::Normal, move |tx| crate::reports::keep(tx, &mail, report))
                .await?;
            told.extend(changed);
        }
        if !told.is_empty() {
            let ids = told.clone();
            let rows = store.read(move |conn| mails::rows(conn, &ids)).await?;
            self.context.inner.events.emit(Event::MailChanged { rows });
            self.context.inner.events.emit(Event::Reported { mails: told });
        }
        Ok(())
    }

    async fn beginning(&mut self, mail: &mails::StoredMail) -> Step<Vec<u8>> {
        self.open_folder(mail.row.folder).await?;
        let mut raw: Vec<u8> = Vec::new();
        self.session
            .fetch_beginning(mail.uid, "", BEGINNING, &mut |piece: Bytes| {
                raw.extend_from_slice(&piece);
                Ok(())
            })
            .await?;
        Ok(raw)
    }
}

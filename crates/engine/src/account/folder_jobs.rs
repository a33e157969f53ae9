//! Folders are made, renamed and deleted on the server first; our tree follows.

use qiyou_api::{ApiError, ErrorCode, Folder, FolderId};
use qiyou_imap::{Error, MailboxName};
use qiyou_store::{Durability, folders};

use super::FolderJob;
use super::work::{Step, Work};

impl Work {
    /// Does one job. The folder that came of it, where one did.
    pub(super) async fn folder_job(&mut self, job: FolderJob) -> Step<Option<Folder>> {
        self.settle().await?;
        match job {
            FolderJob::Create { parent, name } => {
                let mailbox = self.name_below(parent, &name).await?;
                self.session.create(&mailbox).await?;
                self.tree_with(&mailbox).await
            }
            FolderJob::Rename { folder, parent, name } => {
                let old = self.folder(folder).await?;
                let mailbox = self.name_below(parent, &name).await?;
                self.session
                    .rename(&MailboxName::from_wire_text(&old.wire), &mailbox)
                    .await?;
                if self.open == Some(folder) {
                    self.open = None;
                }
                let wire = mailbox.wire_text();
                let store = self.context.inner.store.clone();
                store
                    .write(Durability::Full, move |tx| folders::rename(tx, folder, &wire))
                    .await?;
                self.tree_with(&mailbox).await
            }
            FolderJob::Delete { folder } => {
                let old = self.folder(folder).await?;
                self.session.delete(&MailboxName::from_wire_text(&old.wire)).await?;
                if self.open == Some(folder) {
                    self.open = None;
                }
                self.take_in_tree().await?;
                Ok(None)
            }
            FolderJob::Subscribe { folder, on } => {
                let name = MailboxName::from_wire_text(&self.folder(folder).await?.wire);
                if on {
                    self.session.subscribe(&name).await?;
                } else {
                    self.session.unsubscribe(&name).await?;
                }
                Ok(None)
            }
        }
    }

    async fn name_below(&mut self, parent: Option<FolderId>, name: &str) -> Step<MailboxName> {
        let account = self.context.account;
        let all = self
            .context
            .inner
            .store
            .read(move |conn| folders::list(conn, Some(account)))
            .await?;
        let delimiter = all.iter().find_map(|f| f.delimiter.chars().next());
        if name.trim().is_empty() || delimiter.is_some_and(|d| name.contains(d)) || name.chars().any(char::is_control) {
            return Err(Error::Unsendable.into());
        }
        let Some(parent) = parent else {
            // Where all personal folders lie below the inbox (Courier, Cyrus), new ones do, too.
            let prefix = self
                .session
                .namespaces()
                .personal
                .first()
                .map(|n| n.prefix.clone())
                .unwrap_or_default();
            let below = MailboxName::from_wire(&prefix).display().to_owned();
            return Ok(MailboxName::from_display(&format!("{below}{}", name.trim())));
        };
        let parent = self.folder(parent).await?;
        let delimiter = parent.delimiter.chars().next().unwrap_or('/');
        Ok(MailboxName::from_wire_text(&parent.wire).child(delimiter, name.trim()))
    }

    async fn tree_with(&mut self, mailbox: &MailboxName) -> Step<Option<Folder>> {
        let (_, all) = self.take_in_tree().await?;
        let wire = mailbox.wire_text();
        let made = all.into_iter().find(|f| f.wire == wire).map(|f| f.folder);
        if let Some(folder) = &made {
            self.dirty.insert(folder.id);
        }
        Ok(made)
    }
}

/// How a folder job is refused before the server is asked.
pub(crate) fn bad_name() -> ApiError {
    ApiError::new(ErrorCode::BadFolderName)
}

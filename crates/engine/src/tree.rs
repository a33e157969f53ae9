//! What a person does with folders.

use qiyou_api::{
    AccountId, ApiError, ErrorCode, Folder, FolderCreateParams, FolderId, FolderRenameParams, FolderUpdateParams,
};
use qiyou_store::{Durability, folders};

use crate::account::FolderJob;
use crate::engine::{Engine, locked, store_error};

impl Engine {
    /// What a person chose for a folder.
    pub async fn update_folder(&self, params: FolderUpdateParams) -> Result<Folder, ApiError> {
        let id = params.folder;
        let before = self
            .inner
            .store
            .read(move |conn| folders::get(conn, id))
            .await
            .map_err(store_error)?
            .folder;
        let chosen = Folder {
            subscribed: params.subscribed.unwrap_or(before.subscribed),
            followed: params.followed.unwrap_or(before.followed),
            telling: params.telling.unwrap_or(before.telling),
            favourite: params.favourite.unwrap_or(before.favourite),
            ..before.clone()
        };
        if chosen.subscribed != before.subscribed {
            let job = FolderJob::Subscribe {
                folder: id,
                on: chosen.subscribed,
            };
            self.folder_job(before.account, job).await?;
        }
        if before.managed && !chosen.followed {
            return Err(locked(&self.inner.settings).refusal("follow"));
        }
        let refollow = chosen.followed != before.followed;
        let after = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                folders::set_choices(tx, &chosen)?;
                folders::get(tx, id)
            })
            .await
            .map_err(store_error)?;
        if refollow && let Some(signals) = self.signals(before.account) {
            signals.with(|pending| pending.follow = true);
        }
        self.inner.folders_changed(&[id]).await;
        Ok(after.folder)
    }

    async fn folder_job(&self, account: AccountId, job: FolderJob) -> Result<Option<Folder>, ApiError> {
        let signals = self
            .signals(account)
            .ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
        let (sender, answer) = tokio::sync::oneshot::channel();
        signals.with(|pending| pending.folder_jobs.push((job, sender)));
        tokio::time::timeout(std::time::Duration::from_mins(1), answer)
            .await
            .map_err(|_| ApiError::new(ErrorCode::Offline))?
            .map_err(|_| ApiError::new(ErrorCode::Offline))?
    }

    /// Makes a folder on the server.
    pub async fn create_folder(&self, params: FolderCreateParams) -> Result<Folder, ApiError> {
        if params.name.trim().is_empty() || params.name.len() > 200 {
            return Err(crate::account::bad_name());
        }
        let job = FolderJob::Create {
            parent: params.parent,
            name: params.name,
        };
        self.folder_job(params.account, job)
            .await?
            .ok_or_else(|| ApiError::new(ErrorCode::NotFound))
    }

    /// Renames or moves a folder on the server.
    pub async fn rename_folder(&self, params: FolderRenameParams) -> Result<Folder, ApiError> {
        if params.name.trim().is_empty() || params.name.len() > 200 {
            return Err(crate::account::bad_name());
        }
        let id = params.folder;
        let folder = self
            .inner
            .store
            .read(move |conn| folders::get(conn, id))
            .await
            .map_err(store_error)?;
        let job = FolderJob::Rename {
            folder: id,
            parent: params.parent,
            name: params.name,
        };
        self.folder_job(folder.folder.account, job)
            .await?
            .ok_or_else(|| ApiError::new(ErrorCode::NotFound))
    }

    /// Deletes a folder with its mails on the server.
    pub async fn delete_folder(&self, id: FolderId) -> Result<(), ApiError> {
        let folder = self
            .inner
            .store
            .read(move |conn| folders::get(conn, id))
            .await
            .map_err(store_error)?;
        self.folder_job(folder.folder.account, FolderJob::Delete { folder: id })
            .await
            .map(drop)
    }
}

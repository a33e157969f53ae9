//! What clients ask to show: windows of lists, and the folders that they are lists of.

use std::sync::Arc;

use qiyou_api::{
    AccountId, ApiError, Filter, Folder, FolderId, ListParams, LocateParams, Located, MailId, MailRow, Page, Scope,
    Sort,
};
use qiyou_store::mails::By;
use qiyou_store::{Connection, folders, mails, operations};

use crate::engine::{Engine, store_error};
use crate::sorted::{self, Ids, Key};

/// Rows of one window.
const MOST_ROWS: u32 = 500;

fn folders_of(conn: &Connection, scope: &Scope) -> qiyou_store::Result<Vec<FolderId>> {
    match scope {
        Scope::Folder { folder } => Ok(vec![folders::get(conn, *folder)?.folder.id]),
        Scope::Unified => folders::inboxes(conn),
        Scope::Person { .. } => folders::searched(conn),
    }
}

fn by(sort: Sort) -> By {
    if sort == Sort::Oldest { By::Oldest } else { By::Newest }
}

impl Engine {
    /// A window of a list.
    pub async fn list(&self, params: ListParams) -> Result<Page, ApiError> {
        let limit = params.limit.min(MOST_ROWS);
        let offset = params.offset;
        let key = Key {
            scope: params.scope,
            filter: params.filter,
            sort: params.sort,
        };
        if key.is_plain() {
            let page = move |conn: &Connection| {
                let folders = folders_of(conn, &key.scope)?;
                let (total, unread) = mails::totals(conn, &folders, key.filter)?;
                let rows = mails::page(conn, &folders, key.filter, by(key.sort), offset, limit)?;
                Ok(Page {
                    total,
                    unread,
                    offset,
                    rows,
                })
            };
            return self.inner.store.read(page).await.map_err(store_error);
        }
        let ids = self.sorted(key).await?;
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let window: Vec<MailId> = ids
            .mails
            .iter()
            .skip(from)
            .take(usize::try_from(limit).unwrap_or(0))
            .copied()
            .collect();
        Ok(Page {
            total: u32::try_from(ids.mails.len()).unwrap_or(u32::MAX),
            unread: ids.unread,
            offset,
            rows: self.rows(window).await?,
        })
    }

    /// The ids of a list that no index serves.
    async fn sorted(&self, key: Key) -> Result<Arc<Ids>, ApiError> {
        let now = self.inner.events.changes();
        if let Some(kept) = self.inner.sorted.kept(&key, now) {
            return Ok(kept);
        }
        let sorting = move |conn: &Connection| sorted::sort(conn, key, now);
        let ids = Arc::new(self.inner.store.read(sorting).await.map_err(store_error)?);
        self.inner.sorted.keep(&ids);
        Ok(ids)
    }

    /// Where in a list a mail stands.
    pub async fn locate(&self, params: LocateParams) -> Result<Located, ApiError> {
        let mail = params.mail;
        let key = Key {
            scope: params.scope,
            filter: params.filter,
            sort: params.sort,
        };
        let offset = if key.is_plain() {
            let locate = move |conn: &Connection| {
                let folders = folders_of(conn, &key.scope)?;
                mails::locate(conn, &folders, key.filter, by(key.sort), mail)
            };
            self.inner.store.read(locate).await.map_err(store_error)?
        } else {
            let ids = self.sorted(key).await?;
            let at = ids.mails.iter().position(|id| *id == mail);
            at.and_then(|at| u32::try_from(at).ok())
        };
        Ok(Located { offset })
    }

    /// Folders, parents before children.
    pub async fn folders(&self, account: Option<AccountId>) -> Result<Vec<Folder>, ApiError> {
        let list = self
            .inner
            .store
            .read(move |conn| folders::list(conn, account))
            .await
            .map_err(store_error)?;
        Ok(list.into_iter().map(|f| f.folder).collect())
    }

    /// The newest unread mails of folders that are told of.
    pub async fn newest_unread(&self, limit: u32) -> Result<Vec<MailRow>, ApiError> {
        self.inner
            .store
            .read(move |conn| mails::newest_unread(conn, limit))
            .await
            .map_err(store_error)
    }

    /// Rows by id; those that are gone are left out.
    pub async fn rows(&self, ids: Vec<MailId>) -> Result<Vec<MailRow>, ApiError> {
        self.inner
            .store
            .read(move |conn| mails::rows(conn, &ids))
            .await
            .map_err(store_error)
    }

    /// Operations that the servers do not know of yet.
    pub async fn pending_operations(&self) -> Result<u32, ApiError> {
        self.inner.store.read(operations::count).await.map_err(store_error)
    }

    /// Unread mails of the list with this filter; for tests and the command line.
    pub async fn unread_in(&self, folder: FolderId) -> Result<u32, ApiError> {
        let read = move |conn: &Connection| mails::totals(conn, &[folder], Filter::Unread);
        Ok(self.inner.store.read(read).await.map_err(store_error)?.0)
    }
}

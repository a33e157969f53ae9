//! What clients ask to show: lists, mails, bodies, folders.

use std::io::Write as _;

use qiyou_api::{
    AccountId, Attachment, Body, BodyParams, Doctor, Filter, Folder, FolderCreateParams, FolderId, FolderRenameParams,
    FolderUpdateParams, ListParams, LocateParams, Located, Mail, MailId, MailRow, Page, SaveAttachmentParams, Scope,
    Source,
};
use qiyou_api::{ApiError, ErrorCode, Finding, Level};
use qiyou_mime::Sanitise;
use qiyou_store::{Durability, bodies, folders, mails, operations};

use crate::account::FolderJob;
use crate::engine::{Engine, store_error};
use crate::texts::{HTML, SOURCE, TEXT, Wish, blob_of};

/// Rows of one window.
const MOST_ROWS: u32 = 500;
/// Bytes of a source that are shown.
const MOST_SOURCE: usize = 2 * 1024 * 1024;
/// Bytes of pictures that are put into one text by their content ids.
const MOST_INLINE: u64 = 8 * 1024 * 1024;

fn scope(conn: &qiyou_store::Connection, scope: Scope) -> qiyou_store::Result<Vec<FolderId>> {
    match scope {
        Scope::Folder { folder } => Ok(vec![folders::get(conn, folder)?.folder.id]),
        Scope::Unified => folders::inboxes(conn),
    }
}

impl Engine {
    /// A window of a list.
    pub async fn list(&self, params: ListParams) -> Result<Page, ApiError> {
        self.inner
            .store
            .read(move |conn| {
                let folders = scope(conn, params.scope)?;
                let (total, unread) = mails::totals(conn, &folders, params.filter)?;
                let rows = mails::page(
                    conn,
                    &folders,
                    params.filter,
                    params.offset,
                    params.limit.min(MOST_ROWS),
                )?;
                Ok(Page {
                    total,
                    unread,
                    offset: params.offset,
                    rows,
                })
            })
            .await
            .map_err(store_error)
    }

    /// Where in a list a mail stands.
    pub async fn locate(&self, params: LocateParams) -> Result<Located, ApiError> {
        self.inner
            .store
            .read(move |conn| {
                let folders = scope(conn, params.scope)?;
                Ok(Located {
                    offset: mails::locate(conn, &folders, params.filter, params.mail)?,
                })
            })
            .await
            .map_err(store_error)
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

    /// The opened mail without its body.
    pub async fn mail(&self, id: MailId) -> Result<Mail, ApiError> {
        let (stored, folder) = self
            .inner
            .store
            .read(move |conn| {
                let stored = mails::get(conn, id)?;
                let folder = folders::get(conn, stored.row.folder)?;
                Ok((stored, folder.folder))
            })
            .await
            .map_err(store_error)?;
        let attachments = stored
            .parts
            .attachments
            .iter()
            .enumerate()
            .map(|(index, part)| Attachment {
                index: u32::try_from(index).unwrap_or(u32::MAX),
                name: qiyou_mime::safe_file_name(if part.name.is_empty() {
                    &part.mime_type
                } else {
                    &part.name
                }),
                mime_type: part.mime_type.clone(),
                // Base64 takes four bytes for three.
                size: if part.encoding == "base64" {
                    part.size.saturating_mul(3) / 4
                } else {
                    part.size
                },
                inline: part.inline && stored.parts.html.is_some(),
            })
            .collect();
        let from = if stored.envelope.from.is_empty() {
            vec![stored.row.from.clone()]
        } else {
            stored.envelope.from
        };
        Ok(Mail {
            from,
            reply_to: stored.envelope.reply_to,
            to: stored.envelope.to,
            cc: stored.envelope.cc,
            sent_at: stored.envelope.sent_at,
            message_id: stored.message_id,
            attachments,
            folder_path: folder.path,
            row: stored.row,
        })
    }

    /// The text, made safe. What is not here is fetched; a `body_arrived` event follows.
    pub async fn body(&self, params: BodyParams) -> Result<Body, ApiError> {
        let id = params.mail;
        let now = self.inner.clock.now();
        let stored = self
            .inner
            .store
            .read(move |conn| mails::get(conn, id))
            .await
            .map_err(store_error)?;
        let texts = self
            .texts(stored.row.account)
            .ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
        let limit = usize::MAX;
        let (html, text) = self
            .inner
            .store
            .bodies(move |tx| {
                Ok((
                    bodies::get(tx, id, HTML, limit, now)?,
                    bodies::get(tx, id, TEXT, limit, now)?,
                ))
            })
            .await
            .map_err(store_error)?;
        if html.is_none() && text.is_none() {
            if let Some(error) = texts.take_failure(id) {
                return Ok(Body::Failed { error });
            }
            drop(texts.wish(Wish::Text(id)));
            return Ok(Body::Fetching);
        }
        let inline = match &html {
            Some(html) if html.windows(4).any(|w| w.eq_ignore_ascii_case(b"cid:")) => self.inline(&stored).await,
            _ => Vec::new(),
        };
        tokio::task::spawn_blocking(move || {
            let plain = html.is_none();
            let source = match (&html, &text) {
                (Some(html), _) => String::from_utf8_lossy(html).into_owned(),
                (None, text) => qiyou_mime::text_to_html(&String::from_utf8_lossy(text.as_deref().unwrap_or_default())),
            };
            let safe = qiyou_mime::sanitise(
                &source,
                &Sanitise {
                    allow_remote: params.remote,
                    link: &|n| format!("link:{n}"),
                    cid: &|wanted| {
                        inline
                            .iter()
                            .find(|(cid, _)| cid == wanted)
                            .map(|(_, data)| data.clone())
                    },
                },
            );
            Body::Ready {
                html: safe.html,
                plain,
                blocked_remote: u32::try_from(safe.blocked_remote).unwrap_or(u32::MAX),
                links: safe.links,
                language: safe.language.map(str::to_owned),
            }
        })
        .await
        .map_err(|e| ApiError::new(ErrorCode::Internal).with("detail", e.to_string()))
    }

    /// Pictures that a text shows by content id, as `data:` addresses: those that are here. The others are fetched,
    /// and a `body_arrived` event tells when they are.
    async fn inline(&self, stored: &mails::StoredMail) -> Vec<(String, String)> {
        use base64::Engine as _;
        let mut room = MOST_INLINE;
        let mut out = Vec::new();
        let mail = stored.row.id;
        let now = self.inner.clock.now();
        let mut missing = Vec::new();
        for part in &stored.parts.attachments {
            let Some(cid) = &part.content_id else { continue };
            if !part.mime_type.starts_with("image/") || part.mime_type == "image/svg+xml" {
                continue;
            }
            if u64::from(part.size) > room {
                continue;
            }
            room = room.saturating_sub(u64::from(part.size));
            match self.attachment_bytes(mail, part, now).await {
                Ok(Some(bytes)) => {
                    let data = base64::engine::general_purpose::STANDARD.encode(bytes);
                    out.push((cid.clone(), format!("data:{};base64,{data}", part.mime_type)));
                }
                Ok(None) => missing.push(part.section.clone()),
                Err(error) => tracing::debug!(mail, ?error, "an inline picture cannot be read"),
            }
        }
        if let (false, Some(texts)) = (missing.is_empty(), self.texts(stored.row.account)) {
            let events = self.inner.events.clone();
            let waits: Vec<_> = missing
                .into_iter()
                .map(|section| texts.wish(Wish::Part(mail, section)))
                .collect();
            tokio::spawn(async move {
                let mut any = false;
                for waiting in waits {
                    any |= matches!(waiting.await, Ok(Ok(())));
                }
                if any {
                    events.emit(qiyou_api::Event::BodyArrived { mail });
                }
            });
        }
        out
    }

    /// Decoded bytes of an attachment that is here.
    async fn attachment_bytes(
        &self,
        mail: MailId,
        part: &mails::Part,
        now: i64,
    ) -> Result<Option<Vec<u8>>, qiyou_store::Error> {
        if let Some(index) = part.section.strip_prefix("raw:") {
            let index: usize = index.parse().unwrap_or(usize::MAX);
            let raw = self
                .inner
                .store
                .bodies(move |tx| bodies::get(tx, mail, SOURCE, usize::MAX, now))
                .await?;
            return Ok(raw.and_then(|raw| qiyou_mime::attachment(&raw, index)));
        }
        let blob = blob_of(&part.section);
        let raw = self
            .inner
            .store
            .bodies(move |tx| bodies::get(tx, mail, &blob, usize::MAX, now))
            .await?;
        Ok(raw.map(|raw| qiyou_mime::decode_transfer(&raw, &part.encoding)))
    }

    /// The mail as the server has it.
    pub async fn source(&self, id: MailId) -> Result<Source, ApiError> {
        let now = self.inner.clock.now();
        let stored = self
            .inner
            .store
            .read(move |conn| mails::get(conn, id))
            .await
            .map_err(store_error)?;
        let read = move |tx: &qiyou_store::Transaction<'_>| {
            Ok(match bodies::size(tx, id, SOURCE)? {
                Some(size) => bodies::get(tx, id, SOURCE, MOST_SOURCE, now)?.map(|raw| (size, raw)),
                None => None,
            })
        };
        let mut found = self.inner.store.bodies(read).await.map_err(store_error)?;
        if found.is_none() {
            self.wish(stored.row.account, Wish::Source(id)).await?;
            found = self.inner.store.bodies(read).await.map_err(store_error)?;
        }
        let (size, raw) = found.ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
        Ok(Source {
            text: qiyou_mime::decode_text(&raw, "8bit", None),
            truncated: size > u64::try_from(MOST_SOURCE).unwrap_or(u64::MAX),
        })
    }

    async fn wish(&self, account: AccountId, wish: Wish) -> Result<(), ApiError> {
        let texts = self.texts(account).ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
        texts.wish(wish).await.map_err(|_| ApiError::new(ErrorCode::Offline))?
    }

    /// Writes an attachment to a new file.
    pub async fn save_attachment(&self, params: SaveAttachmentParams) -> Result<(), ApiError> {
        let SaveAttachmentParams { mail, index, path } = params;
        let now = self.inner.clock.now();
        let stored = self
            .inner
            .store
            .read(move |conn| mails::get(conn, mail))
            .await
            .map_err(store_error)?;
        let part = usize::try_from(index)
            .ok()
            .and_then(|index| stored.parts.attachments.get(index))
            .ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
        let target = std::path::PathBuf::from(&path);
        if !target.is_absolute() {
            return Err(ApiError::new(ErrorCode::FileNotWritable).with("path", path));
        }
        let whole = part.section.starts_with("raw:");
        let blob = if whole {
            SOURCE.to_owned()
        } else {
            blob_of(&part.section)
        };
        let name = blob.clone();
        let here = self
            .inner
            .store
            .bodies(move |tx| bodies::size(tx, mail, &name))
            .await
            .map_err(store_error)?;
        if here.is_none() {
            let wish = if whole {
                Wish::Source(mail)
            } else {
                Wish::Part(mail, part.section.clone())
            };
            self.wish(stored.row.account, wish).await?;
        }
        let written = if whole {
            let bytes = self.attachment_bytes(mail, part, now).await.map_err(store_error)?;
            let bytes = bytes.ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
            tokio::task::spawn_blocking(move || write_new(&target, |file| file.write_all(&bytes).map(|()| true)))
                .await
                .map_err(|e| ApiError::new(ErrorCode::Internal).with("detail", e.to_string()))?
        } else {
            // Piece by piece from one file to the other: an attachment may be larger than memory should be.
            let encoding = part.encoding.clone();
            let copy = move |tx: &qiyou_store::Transaction<'_>| {
                let mut store_failed = None;
                let written = write_new(&target, |file| {
                    let mut decoder = qiyou_mime::TransferDecoder::new(&encoding);
                    let mut failed = None;
                    let found = bodies::each_piece(tx, mail, &blob, now, |piece| {
                        failed = file.write_all(&decoder.push(piece)).err();
                        Ok(failed.is_none())
                    });
                    match (failed, found) {
                        (Some(error), _) => Err(error),
                        (None, Ok(found)) => file.write_all(&decoder.finish()).map(|()| found),
                        (None, Err(error)) => {
                            store_failed = Some(error);
                            Ok(false)
                        }
                    }
                });
                store_failed.map_or(Ok(written), Err)
            };
            self.inner.store.bodies(copy).await.map_err(store_error)?
        };
        match written {
            Ok(true) => Ok(()),
            Ok(false) => Err(ApiError::new(ErrorCode::NotFound)),
            Err(e) => {
                let code = match e.kind() {
                    std::io::ErrorKind::AlreadyExists => ErrorCode::FileExists,
                    std::io::ErrorKind::StorageFull => ErrorCode::DiskFull,
                    _ => ErrorCode::FileNotWritable,
                };
                Err(ApiError::new(code).with("path", path).with("detail", e.to_string()))
            }
        }
    }

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
        let subscribed = params.subscribed.unwrap_or(before.subscribed);
        let followed = params.followed.unwrap_or(before.followed);
        let telling = params.telling.unwrap_or(before.telling);
        if subscribed != before.subscribed {
            self.folder_job(
                before.account,
                FolderJob::Subscribe {
                    folder: id,
                    on: subscribed,
                },
            )
            .await?;
        }
        let after = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                folders::set_choices(tx, id, subscribed, followed, telling)?;
                folders::get(tx, id)
            })
            .await
            .map_err(store_error)?;
        if let Some(signals) = self.signals(before.account) {
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

    /// What the engine knows of its own health.
    pub async fn doctor(&self) -> Result<Doctor, ApiError> {
        let mut findings = Vec::new();
        let mut find = |code: &str, level: Level, args: &[(&str, String)]| {
            findings.push(Finding {
                code: code.to_owned(),
                level,
                args: args.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect(),
            });
        };
        match self.inner.store.check().await {
            Ok(()) => find("store_whole", Level::Good, &[]),
            Err(error) => find("store_damaged", Level::Bad, &[("detail", error.to_string())]),
        }
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
        Ok(Doctor { findings })
    }

    /// Unread mails of the list with this filter; for tests and the command line.
    pub async fn unread_in(&self, folder: FolderId) -> Result<u32, ApiError> {
        let read = move |conn: &qiyou_store::Connection| mails::totals(conn, &[folder], Filter::Unread);
        Ok(self.inner.store.read(read).await.map_err(store_error)?.0)
    }
}

/// Makes a file and fills it; it is gone again when `fill` fails or says that there was nothing to write. Never over a
/// file that is there: the person was asked for a new name, or the name was made up here.
fn write_new(
    target: &std::path::Path,
    fill: impl FnOnce(&mut std::fs::File) -> std::io::Result<bool>,
) -> std::io::Result<bool> {
    let mut file = std::fs::File::create_new(target)?;
    let filled = fill(&mut file).and_then(|found| file.sync_all().map(|()| found));
    if !matches!(filled, Ok(true)) {
        let _ = std::fs::remove_file(target);
    }
    filled
}

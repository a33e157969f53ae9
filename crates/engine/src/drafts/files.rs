//! Files of a draft: private copies, taken piece by piece, so that what becomes of the original harms nothing.

use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use qiyou_api::{
    AccountId, ApiError, Draft, DraftAttachParams, DraftFile, DraftFileId, DraftFileParams, DraftId, DraftKind,
    DraftPasteParams, ErrorCode, MailId, Picture,
};
use qiyou_mime::{AsIs, Transfer};
use qiyou_store::drafts::{self, NewFile, PIECE};
use qiyou_store::mails::{Part, StoredMail};
use qiyou_store::{Durability, bodies};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::whole;
use crate::engine::{Engine, store_error};
use crate::texts::Wish;

/// No server takes a mail with a file above this.
const LARGEST: u64 = 200 << 20;
/// Files of one draft.
const MOST: usize = 200;
/// Bytes that are read at once.
const STEP: usize = PIECE * 4;
const MAIL: &str = "message/rfc822";

/// What nobody may see of a mail that goes on as it is, and what the last server wrote for itself.
const NOT_PASSED_ON: &[&str] = &["bcc", "resent-bcc", "return-path"];

/// What a file is copied from, where it is a mail's.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// The whole mail.
    Mail(&'a StoredMail),
    /// An attachment, and whether the text shows it.
    Part(&'a Part, bool),
}

impl Source<'_> {
    pub(super) fn wish(self, mail: MailId) -> Wish {
        match self {
            Self::Mail(_) => Wish::Source(mail),
            Self::Part(part, _) => Wish::of_part(mail, part),
        }
    }

    fn file(self, draft: DraftId) -> NewFile {
        match self {
            Self::Mail(mail) => NewFile {
                draft,
                name: qiyou_mime::safe_file_name(&format!("{}.eml", mail.row.subject)),
                mime_type: MAIL.into(),
                content_id: None,
                size: u64::from(mail.row.size),
            },
            Self::Part(part, shown) => NewFile {
                draft,
                name: qiyou_mime::safe_file_name(if part.name.is_empty() {
                    &part.mime_type
                } else {
                    &part.name
                }),
                mime_type: part.mime_type.clone(),
                content_id: part.content_id.clone().filter(|_| shown),
                size: u64::from(part.size).saturating_mul(3) / 4,
            },
        }
    }
}

/// What becomes of a file's bytes in the mail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    Encoded,
    /// A mail within the mail: as it is, where that can be.
    Within,
    /// It is the mail.
    Redirected,
}

/// The type of a file by its name.
fn type_of(name: &str) -> &'static str {
    mime_guess::from_path(name)
        .first_raw()
        .unwrap_or("application/octet-stream")
}

impl Engine {
    pub(super) async fn begin_copy(&self, draft: DraftId, source: Source<'_>) -> Result<DraftFileId, ApiError> {
        self.begin_file(source.file(draft)).await
    }

    async fn begin_file(&self, new: NewFile) -> Result<DraftFileId, ApiError> {
        let made = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                let stored = drafts::get(tx, new.draft)?;
                let room = drafts::files(tx, new.draft)?.len() < MOST;
                if stored.entry.is_some() || stored.discarded || !room {
                    return Ok(None);
                }
                drafts::begin_file(tx, &new).map(Some)
            })
            .await
            .map_err(store_error)?;
        made.ok_or_else(|| ApiError::new(ErrorCode::TooLate))
    }

    /// Fetches and copies a mail or a part of one.
    pub(super) fn copy_later(
        &self,
        draft: DraftId,
        file: DraftFileId,
        account: AccountId,
        wish: Wish,
        part: Option<Part>,
    ) {
        let engine = self.clone();
        tokio::spawn(async move {
            let copied = engine.copy_of_mail(file, account, wish, part).await;
            if let Err(error) = &copied {
                tracing::warn!(draft, file, code = ?error.code, "a file of a mail could not be copied");
                engine.end_file(file, None).await;
            }
            engine.inner.draft_changed(draft).await;
        });
    }

    async fn copy_of_mail(
        &self,
        file: DraftFileId,
        account: AccountId,
        wish: Wish,
        part: Option<Part>,
    ) -> Result<(), ApiError> {
        let (Wish::Text(mail) | Wish::Source(mail) | Wish::Part(mail, _)) = wish;
        let blob = self.bring(account, wish).await?;
        if let Some(part) = part.as_ref().filter(|part| part.section.starts_with("raw:")) {
            let bytes = self
                .attachment_bytes(mail, part, self.inner.clock.now())
                .await
                .map_err(store_error)?
                .ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
            return self.copy_in(file, Whole::Encoded, std::io::Cursor::new(bytes)).await;
        }
        let as_mail = if part.is_none() {
            self.how_whole(file).await?
        } else {
            Whole::Encoded
        };
        let encoding = part.map(|part| part.encoding).unwrap_or_default();
        let now = self.inner.clock.now();
        let (sender, pieces) = mpsc::channel(2);
        let store = self.inner.store.clone();
        let reading = tokio::spawn(async move {
            let found = store
                .bodies(move |tx| {
                    let mut decoder = qiyou_mime::TransferDecoder::new(&encoding);
                    let hidden: &[&str] = if as_mail == Whole::Redirected {
                        NOT_PASSED_ON
                    } else {
                        &[]
                    };
                    let mut filter = qiyou_mime::WithoutFields::new(hidden);
                    let found = bodies::each_piece(tx, mail, &blob, now, |piece| {
                        Ok(sender.blocking_send(filter.push(decoder.push(piece))).is_ok())
                    })?;
                    let mut last = filter.push(decoder.finish());
                    last.extend(filter.finish());
                    let _ = sender.blocking_send(last);
                    Ok(found)
                })
                .await
                .map_err(store_error)?;
            if found {
                Ok(())
            } else {
                Err(ApiError::new(ErrorCode::NotFound))
            }
        });
        self.take_in(file, as_mail, pieces, reading).await
    }

    /// What a whole mail is copied for.
    async fn how_whole(&self, file: DraftFileId) -> Result<Whole, ApiError> {
        let kind = self.inner.store.read(move |conn| drafts::kind_of(conn, file)).await;
        Ok(match kind.map_err(store_error)? {
            DraftKind::Redirect => Whole::Redirected,
            _ => Whole::Within,
        })
    }

    /// Copies what a reader gives, on a thread of its own.
    async fn copy_in(
        &self,
        file: DraftFileId,
        as_mail: Whole,
        mut reader: impl Read + Send + 'static,
    ) -> Result<(), ApiError> {
        let (sender, pieces) = mpsc::channel(2);
        let reading = tokio::task::spawn_blocking(move || {
            let unreadable = |error: std::io::Error| match error.kind() {
                std::io::ErrorKind::FileTooLarge => ApiError::new(ErrorCode::TooLarge),
                _ => ApiError::new(ErrorCode::FileNotReadable).with("detail", error.to_string()),
            };
            let mut total = 0_u64;
            loop {
                let mut piece = Vec::new();
                (&mut reader)
                    .take(STEP as u64)
                    .read_to_end(&mut piece)
                    .map_err(unreadable)?;
                total = total.saturating_add(piece.len() as u64);
                if total > LARGEST {
                    return Err(ApiError::new(ErrorCode::TooLarge));
                }
                if piece.is_empty() || sender.blocking_send(piece).is_err() {
                    return Ok(());
                }
            }
        });
        self.take_in(file, as_mail, pieces, reading).await
    }

    /// Keeps what a reader gives. One that fails ends early: what came of it must not pass for the file.
    async fn take_in(
        &self,
        file: DraftFileId,
        as_mail: Whole,
        mut pieces: mpsc::Receiver<Vec<u8>>,
        reading: JoinHandle<Result<(), ApiError>>,
    ) -> Result<(), ApiError> {
        let check = self.store_pieces(file, &mut pieces).await?;
        // Whoever reads may wait for room that nobody makes any more.
        drop(pieces);
        reading
            .await
            .map_err(|error| ApiError::new(ErrorCode::Internal).with("detail", error.to_string()))??;
        if as_mail == Whole::Redirected && check.redirect().is_none() {
            return Err(ApiError::new(ErrorCode::NotAMail));
        }
        self.end_file(file, Some(transfer(as_mail, &check))).await;
        Ok(())
    }

    /// Keeps what comes, in pieces of one length.
    async fn store_pieces(&self, file: DraftFileId, pieces: &mut mpsc::Receiver<Vec<u8>>) -> Result<AsIs, ApiError> {
        let mut check = AsIs::default();
        let mut held = Vec::new();
        let mut next = 0_u32;
        let mut open = true;
        while open {
            match pieces.recv().await {
                Some(piece) => {
                    check.push(&piece);
                    held.extend_from_slice(&piece);
                }
                None => open = false,
            }
            let ready = if open {
                (held.len() / PIECE).saturating_mul(PIECE)
            } else {
                held.len()
            };
            if ready == 0 || (open && ready < STEP) {
                continue;
            }
            let rest = held.split_off(ready);
            let data = std::mem::replace(&mut held, rest);
            let count = u32::try_from(data.len().div_ceil(PIECE)).unwrap_or(u32::MAX);
            self.inner
                .store
                .write(Durability::Full, move |tx| drafts::push_pieces(tx, file, next, &data))
                .await
                .map_err(store_error)?;
            next = next.saturating_add(count);
        }
        Ok(check)
    }

    async fn end_file(&self, file: DraftFileId, whole: Option<&'static str>) {
        let ended = self
            .inner
            .store
            .write(Durability::Full, move |tx| drafts::end_file(tx, file, whole))
            .await;
        if let Err(error) = ended {
            tracing::error!(file, %error, "a file of a draft is stuck");
        }
    }

    /// Takes a private copy of a file, or of a folder as a zip. Returns when all of it is copied.
    ///
    /// # Errors
    /// [`ErrorCode::FileNotReadable`], [`ErrorCode::TooLarge`]; then the draft does not have it.
    pub async fn draft_attach(&self, params: DraftAttachParams) -> Result<DraftFile, ApiError> {
        let path = PathBuf::from(&params.path);
        let unreadable = |detail: String| {
            ApiError::new(ErrorCode::FileNotReadable)
                .with("path", params.path.clone())
                .with("detail", detail)
        };
        if !path.is_absolute() {
            return Err(unreadable(String::new()));
        }
        let known = tokio::fs::metadata(&path)
            .await
            .map_err(|error| unreadable(error.to_string()))?;
        let folder = known.is_dir();
        if !folder && !known.is_file() {
            return Err(unreadable(String::new()));
        }
        if known.len() > LARGEST {
            return Err(ApiError::new(ErrorCode::TooLarge));
        }
        let base = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let name = qiyou_mime::safe_file_name(&if folder { format!("{base}.zip") } else { base });
        let as_mail = if !folder && type_of(&name) == MAIL {
            Whole::Within
        } else {
            Whole::Encoded
        };
        let new = NewFile {
            draft: params.id,
            mime_type: type_of(&name).to_owned(),
            name,
            content_id: None,
            size: if folder { 0 } else { known.len() },
        };
        let file = self.begin_file(new).await?;
        self.inner.draft_changed(params.id).await;
        let copied = if folder {
            match super::zip::zipped(path) {
                Ok(reader) => self.copy_in(file, Whole::Encoded, reader).await,
                Err(error) => Err(unreadable(error.to_string())),
            }
        } else {
            match open(&path).await {
                Ok(reader) => self.copy_in(file, as_mail, reader).await,
                Err(error) => Err(unreadable(error.to_string())),
            }
        };
        self.attached(params.id, file, copied).await
    }

    /// Attaches what was pasted or dropped without a place on the disk.
    pub async fn draft_paste(&self, params: DraftPasteParams) -> Result<DraftFile, ApiError> {
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(&params.data)
            .map_err(|error| ApiError::new(ErrorCode::BadRequest).with("detail", error.to_string()))?;
        let name = qiyou_mime::safe_file_name(&params.name);
        let known = params.mime_type.contains('/');
        let new = NewFile {
            draft: params.id,
            mime_type: if known {
                params.mime_type
            } else {
                type_of(&name).to_owned()
            },
            name,
            content_id: params
                .inline
                .then(|| format!("{:024x}@qiyou", rand::random::<u128>() >> 32)),
            size: bytes.len() as u64,
        };
        let file = self.begin_file(new).await?;
        let copied = self.copy_in(file, Whole::Encoded, std::io::Cursor::new(bytes)).await;
        self.attached(params.id, file, copied).await
    }

    /// A file that was copied; one that was not is taken off again.
    async fn attached(
        &self,
        draft: DraftId,
        file: DraftFileId,
        copied: Result<(), ApiError>,
    ) -> Result<DraftFile, ApiError> {
        let failed = copied.is_err();
        let found = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                if failed {
                    drafts::detach(tx, draft, file)?;
                }
                Ok(drafts::files(tx, draft)?.into_iter().find(|each| each.id == file))
            })
            .await
            .map_err(store_error)?;
        self.inner.draft_changed(draft).await;
        copied?;
        found.ok_or_else(|| ApiError::new(ErrorCode::NotFound))
    }

    /// Takes a file off.
    pub async fn draft_detach(&self, params: DraftFileParams) -> Result<Draft, ApiError> {
        let DraftFileParams { id, file } = params;
        let draft = self
            .inner
            .store
            .write(Durability::Full, move |tx| {
                drafts::detach(tx, id, file)?;
                whole(tx, drafts::get(tx, id)?)
            })
            .await
            .map_err(store_error)?;
        self.inner.draft_changed(id).await;
        Ok(draft)
    }

    /// The bytes of a picture of a draft.
    pub async fn draft_file(&self, params: DraftFileParams) -> Result<Picture, ApiError> {
        /// Bytes of a picture that an editor shows.
        const MOST: usize = 30 << 20;
        let DraftFileParams { id, file } = params;
        let (known, bytes) = self
            .inner
            .store
            .read(move |conn| {
                let known = drafts::files(conn, id)?.into_iter().find(|each| each.id == file);
                Ok((known, drafts::bytes(conn, file, MOST)?))
            })
            .await
            .map_err(store_error)?;
        let known = known
            .filter(|file| file.mime_type.starts_with("image/") && file.mime_type != "image/svg+xml")
            .ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
        Ok(Picture {
            mime_type: known.mime_type,
            data: base64::engine::general_purpose::STANDARD.encode(bytes),
        })
    }
}

async fn open(path: &Path) -> std::io::Result<std::fs::File> {
    Ok(tokio::fs::File::open(path).await?.into_std().await)
}

/// How a file stands in a mail.
fn transfer(as_mail: Whole, check: &AsIs) -> &'static str {
    let how = match as_mail {
        Whole::Encoded => None,
        Whole::Within => check.transfer(),
        Whole::Redirected => check.redirect(),
    };
    match how {
        Some(Transfer::AsIs(true)) => "8bit",
        Some(Transfer::AsIs(false)) => "7bit",
        _ => "base64",
    }
}

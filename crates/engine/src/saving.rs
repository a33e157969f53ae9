//! Attachments become files.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use qiyou_api::{ApiError, ErrorCode, SaveAttachmentParams, SaveAttachmentsParams, SavedAttachments};
use qiyou_store::{bodies, mails};

use crate::engine::{Engine, store_error};
use crate::texts::Wish;

/// Files of one name in a folder.
const MOST_NAMES: u32 = 1000;

impl Engine {
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
        let target = PathBuf::from(&path);
        if !target.is_absolute() {
            return Err(ApiError::new(ErrorCode::FileNotWritable).with("path", path));
        }
        let whole = part.section.starts_with("raw:");
        let blob = self.bring(stored.row.account, Wish::of_part(mail, part)).await?;
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

    /// Writes all attachments that are not shown inside the text into a folder. What was written stays when a later one
    /// fails.
    pub async fn save_attachments(&self, params: SaveAttachmentsParams) -> Result<SavedAttachments, ApiError> {
        let SaveAttachmentsParams { mail, folder } = params;
        let mut paths = Vec::new();
        for attachment in self.mail(mail).await?.attachments.iter().filter(|a| !a.inline) {
            for number in 1..=MOST_NAMES {
                let path = Path::new(&folder).join(numbered(&attachment.name, number));
                let path = path.to_string_lossy().into_owned();
                let one = SaveAttachmentParams {
                    mail,
                    index: attachment.index,
                    path: path.clone(),
                };
                match self.save_attachment(one).await {
                    Err(taken) if taken.code == ErrorCode::FileExists && number < MOST_NAMES => {}
                    Err(error) => return Err(error),
                    Ok(()) => {
                        paths.push(path);
                        break;
                    }
                }
            }
        }
        Ok(SavedAttachments { paths })
    }
}

/// Makes a file and fills it; it is gone again when `fill` fails or says that there was nothing to write. Never over a
/// file that is there: the person was asked for a new name, or the name was made up here.
fn write_new(target: &Path, fill: impl FnOnce(&mut std::fs::File) -> std::io::Result<bool>) -> std::io::Result<bool> {
    let mut file = std::fs::File::create_new(target)?;
    let filled = fill(&mut file).and_then(|found| file.sync_all().map(|()| found));
    if !matches!(filled, Ok(true)) {
        let _ = std::fs::remove_file(target);
    }
    filled
}

/// `a.txt`, `a (2).txt`, `a (3).txt`.
fn numbered(name: &str, number: u32) -> String {
    if number <= 1 {
        return name.to_owned();
    }
    match name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) {
        Some((stem, ending)) => format!("{stem} ({number}).{ending}"),
        None => format!("{name} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn a_name_that_is_taken_gets_a_number_before_its_ending() {
        assert_eq!(numbered("表.xlsx", 1), "表.xlsx");
        assert_eq!(numbered("表.xlsx", 2), "表 (2).xlsx");
        assert_eq!(numbered("readme", 3), "readme (3)");
        assert_eq!(numbered(".rc", 2), ".rc (2)");
    }
}

//! Attachments that are looked at with other programs: written to a private folder, read-only, and gone when the agent
//! ends or after a day, also when it crashed in between.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use qiyou_api::{ApiError, ErrorCode, OpenAttachmentParams, SaveAttachmentParams};
use qiyou_engine::{Engine, store_error};

use crate::home;

/// How long a file stays.
const LIFE: Duration = Duration::from_hours(24);
/// How often it is looked for older ones, while there are any.
const SWEEP: Duration = Duration::from_hours(1);

/// The folder of opened attachments. Each lies in a folder of its own, so that it keeps its name.
pub(crate) struct Opened {
    folder: PathBuf,
    more: tokio::sync::Notify,
}

impl Opened {
    pub(crate) fn of_home(home: &Path) -> Arc<Self> {
        Arc::new(Self {
            folder: home.join("opened"),
            more: tokio::sync::Notify::new(),
        })
    }

    /// Writes an attachment and shows it with the system's program for it.
    pub(crate) async fn open(&self, engine: &Engine, params: OpenAttachmentParams) -> Result<(), ApiError> {
        let path = self.write(engine, params).await?;
        let shown = path.display().to_string();
        qiyou_desktop::open_file(&crate::desk::app(), &path)
            .await
            .map_err(|error| {
                tracing::warn!(%error, "no program opened an attachment");
                ApiError::new(ErrorCode::NoProgram).with("path", shown)
            })
    }

    async fn write(&self, engine: &Engine, params: OpenAttachmentParams) -> Result<PathBuf, ApiError> {
        let OpenAttachmentParams { mail, index } = params;
        let attachments = engine.mail(mail).await?.attachments;
        let attachment = attachments
            .into_iter()
            .find(|attachment| attachment.index == index)
            .ok_or_else(|| ApiError::new(ErrorCode::NotFound))?;
        if attachment.program {
            return Err(ApiError::new(ErrorCode::AttachmentDangerous).with("name", attachment.name));
        }
        let folder = self.folder.join(format!("{:016x}", rand::random::<u64>()));
        home::make_private(&folder).map_err(|e| store_error(e.into()))?;
        let path = folder.join(&attachment.name);
        let save = SaveAttachmentParams {
            mail,
            index,
            path: path.to_string_lossy().into_owned(),
        };
        if let Err(error) = engine.save_attachment(save).await {
            let _ = std::fs::remove_dir(&folder);
            return Err(error);
        }
        set_read_only(&path, true);
        self.more.notify_one();
        Ok(path)
    }

    /// Deletes what is older than a day, as long as the program runs.
    pub(crate) async fn sweep(self: Arc<Self>) {
        loop {
            let folder = self.folder.clone();
            let left = tokio::task::spawn_blocking(move || clear(&folder, LIFE)).await;
            if matches!(left, Ok(0)) {
                // Nothing lies there: nothing has to be looked after until something does.
                self.more.notified().await;
            } else {
                tokio::time::sleep(SWEEP).await;
            }
        }
    }

    /// Deletes everything; for the end.
    pub(crate) fn clear(&self) {
        if clear(&self.folder, Duration::ZERO) == 0 {
            let _ = std::fs::remove_dir(&self.folder);
        }
    }
}

/// Deletes the folders that are older than `life`; returns how many are left, with those that another program holds.
fn clear(folder: &Path, life: Duration) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let now = SystemTime::now();
    let mut left = 0_usize;
    for entry in entries.flatten() {
        let age = entry
            .metadata()
            .and_then(|meta| meta.modified())
            .map(|made| now.duration_since(made));
        // A file from the future was written before the clock was set back.
        let old = !matches!(&age, Ok(Ok(age)) if *age < life);
        if !(old && remove(&entry.path())) {
            left = left.saturating_add(1);
        }
    }
    left
}

fn remove(folder: &Path) -> bool {
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        set_read_only(&file.path(), false);
    }
    std::fs::remove_dir_all(folder).is_ok()
}

/// What is looked at is a copy: changes to it would be lost, so programs are to say so at once.
fn set_read_only(path: &Path, on: bool) {
    let Ok(meta) = std::fs::metadata(path) else { return };
    let mut permissions = meta.permissions();
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, if on { 0o400 } else { 0o600 });
    #[cfg(not(unix))]
    permissions.set_readonly(on);
    let _ = std::fs::set_permissions(path, permissions);
}

#[cfg(test)]
mod tests;

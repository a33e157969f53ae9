//! What can be wrong with a store, told apart by what helps.

/// The result of a store call.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is no store of ours, or the key is not the one it was made with.
    #[error("the store cannot be opened with this key")]
    Foreign,
    /// Made by a newer Qiyou; `found` is its schema.
    #[error("the store has schema {found}, this program knows up to {known}")]
    Newer { found: i64, known: i64 },
    #[error("the store is damaged: {0}")]
    Damaged(String),
    #[error("the store cannot be written to")]
    ReadOnly,
    #[error("the disk is full")]
    Full,
    #[error("{0}")]
    Io(String),
    /// What was asked for is not there.
    #[error("not found")]
    NotFound,
    #[error("the store is closed")]
    Closed,
    #[error(transparent)]
    Sql(rusqlite::Error),
    #[error("a stored value cannot be read: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        if matches!(error, rusqlite::Error::QueryReturnedNoRows) {
            return Self::NotFound;
        }
        match error.sqlite_error_code() {
            Some(Code::NotADatabase) => Self::Foreign,
            Some(Code::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            Some(Code::ReadOnly) => Self::ReadOnly,
            Some(Code::DiskFull) => Self::Full,
            Some(Code::CannotOpen | Code::SystemIoFailure | Code::PermissionDenied) => Self::Io(error.to_string()),
            _ => Self::Sql(error),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => Self::ReadOnly,
            _ => Self::Io(error.to_string()),
        }
    }
}

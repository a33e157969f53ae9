//! Where short secrets live. The real one is the operating system's; it is asked from a thread that may wait.

use std::collections::HashMap;
use std::sync::Mutex;

use secrecy::SecretString;

/// Why the keychain gave or took nothing.
#[derive(Debug, thiserror::Error)]
pub enum KeychainError {
    /// It is there but locked, and the person did not unlock it.
    #[error("the keychain is locked")]
    Locked,
    /// This session has none.
    #[error("there is no keychain: {0}")]
    Absent(String),
    #[error("the keychain failed: {0}")]
    Failed(String),
}

/// A keychain. Entries are named by the caller; names carry the home's id, so that two homes never meet.
pub trait Keychain: Send + Sync + 'static {
    /// The secret of an entry, if there is one.
    fn get(&self, entry: &str) -> Result<Option<SecretString>, KeychainError>;
    /// Writes an entry, in place of an older one.
    fn set(&self, entry: &str, secret: &SecretString) -> Result<(), KeychainError>;
    /// Deletes an entry; one that is not there is no error.
    fn delete(&self, entry: &str) -> Result<(), KeychainError>;
}

/// A keychain that forgets everything with the process: for tests.
#[derive(Debug, Default)]
pub struct MemoryKeychain {
    entries: Mutex<HashMap<String, SecretString>>,
}

impl Keychain for MemoryKeychain {
    fn get(&self, entry: &str) -> Result<Option<SecretString>, KeychainError> {
        let entries = self.entries.lock().map_err(|e| KeychainError::Failed(e.to_string()))?;
        Ok(entries.get(entry).cloned())
    }

    fn set(&self, entry: &str, secret: &SecretString) -> Result<(), KeychainError> {
        let mut entries = self.entries.lock().map_err(|e| KeychainError::Failed(e.to_string()))?;
        entries.insert(entry.to_owned(), secret.clone());
        Ok(())
    }

    fn delete(&self, entry: &str) -> Result<(), KeychainError> {
        let mut entries = self.entries.lock().map_err(|e| KeychainError::Failed(e.to_string()))?;
        entries.remove(entry);
        Ok(())
    }
}

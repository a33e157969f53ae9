//! The operating system's keychain, by `keyring`.

use qiyou_engine::{Keychain, KeychainError};
use secrecy::{ExposeSecret, SecretString};

/// Service name of all our entries.
const SERVICE: &str = "Qiyou";

/// Secret Service, Credential Manager or Keychain.
#[derive(Debug, Default)]
pub(crate) struct SystemKeychain;

fn entry(name: &str) -> Result<keyring::v1::Entry, KeychainError> {
    keyring::v1::Entry::new(SERVICE, name).map_err(|e| translate(&e))
}

fn translate(error: &keyring::Error) -> KeychainError {
    match error {
        keyring::Error::NoStorageAccess(cause) => {
            let words = cause.to_string();
            let low = words.to_lowercase();
            if low.contains("locked") || low.contains("dismissed") || low.contains("prompt") {
                KeychainError::Locked
            } else {
                KeychainError::Absent(words)
            }
        }
        keyring::Error::PlatformFailure(cause) => {
            let words = cause.to_string();
            let low = words.to_lowercase();
            if low.contains("locked") || low.contains("dismissed") || low.contains("prompt") {
                KeychainError::Locked
            } else if low.contains("serviceunknown") || low.contains("no such file") || low.contains("not provided") {
                KeychainError::Absent(words)
            } else {
                KeychainError::Failed(words)
            }
        }
        keyring::Error::NoDefaultStore => KeychainError::Absent(error.to_string()),
        other => KeychainError::Failed(other.to_string()),
    }
}

impl Keychain for SystemKeychain {
    fn get(&self, name: &str) -> Result<Option<SecretString>, KeychainError> {
        match entry(name)?.get_password() {
            Ok(secret) => Ok(Some(secret.into())),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(translate(&error)),
        }
    }

    fn set(&self, name: &str, secret: &SecretString) -> Result<(), KeychainError> {
        entry(name)?
            .set_password(secret.expose_secret())
            .map_err(|e| translate(&e))
    }

    fn delete(&self, name: &str) -> Result<(), KeychainError> {
        match entry(name)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(translate(&error)),
        }
    }
}

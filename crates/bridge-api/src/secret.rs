//! Secrets cross the wire on purpose, and by no other way: `SecretString` does not serialise by itself.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Serializer;

pub(crate) fn exposed<S: Serializer>(secret: &SecretString, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(secret.expose_secret())
}

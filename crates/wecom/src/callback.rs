//! WeCom's callbacks: the check of the address, directory events, encrypted replies (reference A6; document 90930).
//!
//! Nothing is read before its signature holds. The XML is bounded, and a document type is refused with it: no entity
//! is ever expanded.

mod crypto;
mod event;
mod xml;

use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use serde::Deserialize;
use sha1::{Digest as _, Sha1};
use subtle::ConstantTimeEq as _;

pub use event::{Change, Event, Fields, Received};

/// The longest body that is read, in bytes.
pub const MAX_BODY: usize = 1024 * 1024;

/// Why a callback is not believed, or not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The configuration is wrong.
    #[error("the EncodingAESKey is not 43 characters of base64")]
    Key,
    /// Not from WeCom, or not with this token.
    #[error("the signature does not hold")]
    Signature,
    /// Signed, but not encrypted with this key.
    #[error("the encrypted text {0}")]
    Encrypted(&'static str),
    /// Meant for another company.
    #[error("the message is for another receiver")]
    Receiver,
    #[error("the message {0}")]
    Malformed(&'static str),
    #[error("the body is longer than {MAX_BODY} bytes")]
    TooLong,
}

/// What a callback's address carries.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Query {
    pub msg_signature: String,
    /// Unix seconds, as sent.
    pub timestamp: String,
    pub nonce: String,
    /// Of the check of an address.
    pub echostr: Option<String>,
}

/// What the admin console holds for one callback address. Cannot be printed.
pub struct Keys {
    token: SecretString,
    key: SecretBox<[u8; 32]>,
    receive_id: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys")
            .field("receive_id", &self.receive_id)
            .finish_non_exhaustive()
    }
}

impl Keys {
    /// Token and `EncodingAESKey` (43 characters) as the console shows them. `receive_id` is the corp id for the
    /// company's own applications and the directory.
    pub fn new(token: SecretString, encoding_aes_key: &SecretString, receive_id: &str) -> Result<Self, Error> {
        Ok(Self {
            token,
            key: SecretBox::new(Box::new(crypto::key(encoding_aes_key.expose_secret())?)),
            receive_id: receive_id.to_owned(),
        })
    }

    /// The answer to the check of the address, to be sent as it is: no quotes, no line end.
    pub fn verify_url(&self, query: &Query) -> Result<String, Error> {
        // Base64 has no blanks: one is a plus that was taken for an escape.
        let echo = query.echostr.as_deref().unwrap_or_default().replace(' ', "+");
        if echo.is_empty() {
            return Err(Error::Malformed("has no echostr"));
        }
        if echo.len() > MAX_BODY {
            return Err(Error::TooLong);
        }
        self.check(query, &echo)?;
        self.decrypt(&echo)
    }

    /// The event of a callback. It may come again, and late: [`Received::key`] tells.
    pub fn open(&self, query: &Query, body: &[u8]) -> Result<Received, Error> {
        if body.len() > MAX_BODY {
            return Err(Error::TooLong);
        }
        let encrypted = xml::encrypted(body)?;
        self.check(query, &encrypted)?;
        event::read(&self.decrypt(&encrypted)?)
    }

    /// A reply, encrypted and signed: the body of the answer to a callback. `timestamp` is in unix seconds.
    pub fn seal(&self, reply: &str, timestamp: i64, nonce: &str) -> Result<String, Error> {
        self.seal_with(rand::random(), reply, timestamp, nonce)
    }

    fn seal_with(&self, random: [u8; 16], reply: &str, timestamp: i64, nonce: &str) -> Result<String, Error> {
        let timestamp = timestamp.to_string();
        let encrypted = crypto::encrypt(self.key.expose_secret(), random, reply.as_bytes(), &self.receive_id)?;
        let signature = self.sign(&timestamp, nonce, &encrypted);
        let nonce = xml::cdata(nonce);
        Ok(format!(
            "<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>\
             <TimeStamp>{timestamp}</TimeStamp><Nonce>{nonce}</Nonce></xml>"
        ))
    }

    fn sign(&self, timestamp: &str, nonce: &str, encrypted: &str) -> String {
        let mut parts = [self.token.expose_secret(), timestamp, nonce, encrypted];
        parts.sort_unstable();
        let mut sum = Sha1::new();
        for part in parts {
            sum.update(part);
        }
        hex(&sum.finalize())
    }

    fn check(&self, query: &Query, encrypted: &str) -> Result<(), Error> {
        let ours = self.sign(&query.timestamp, &query.nonce, encrypted);
        let theirs = query.msg_signature.to_ascii_lowercase();
        if bool::from(ours.as_bytes().ct_eq(theirs.as_bytes())) {
            Ok(())
        } else {
            Err(Error::Signature)
        }
    }

    fn decrypt(&self, encrypted: &str) -> Result<String, Error> {
        let (message, receiver) = crypto::decrypt(self.key.expose_secret(), encrypted)?;
        if receiver != self.receive_id.as_bytes() {
            return Err(Error::Receiver);
        }
        String::from_utf8(message).map_err(|_| Error::Malformed("is not UTF-8"))
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests;

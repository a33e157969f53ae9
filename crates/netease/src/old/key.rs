//! The company's private key, and `SHA1withRSA` (RFC 8017 8.2) by it.
//!
//! SHA-1 and keys of 1024 bits are what this API asks for. `ring` signs with neither.

use std::fmt::Write as _;
use std::sync::Arc;

use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{Pkcs1v15Sign, PrivateKey};
use secrecy::{ExposeSecret as _, SecretString};
use sha1::{Digest as _, Sha1};

/// The DER before a SHA-1 digest (RFC 8017 9.2, note 1).
const DIGEST_INFO: [u8; 15] = [
    0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
];
/// The shortest key, in bytes.
const SHORTEST: usize = 128;
/// The longest text of a key, in bytes.
const LONGEST: usize = 64 * 1024;

/// Why there is no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Neither PEM nor hex of PKCS#8 or PKCS#1, or no key that holds together, or one of fewer than 1024 bits.
    #[error("the private key cannot be read")]
    Unreadable,
    #[error("the private key did not sign")]
    Unsigned,
}

/// A private RSA key that does not print.
#[derive(Clone)]
pub struct Key(Arc<PrivateKey>);

impl Key {
    /// Reads a key without a password: PEM (`PRIVATE KEY` or `RSA PRIVATE KEY`), or hex of the DER in PKCS#8 or PKCS#1.
    pub fn read(text: &SecretString) -> Result<Self, KeyError> {
        let text = text.expose_secret().trim();
        if text.len() > LONGEST {
            return Err(KeyError::Unreadable);
        }
        let key = if text.contains("-----BEGIN RSA PRIVATE KEY-----") {
            PrivateKey::from_pkcs1_pem(text).ok()
        } else if text.starts_with("-----BEGIN") {
            PrivateKey::from_pkcs8_pem(text).ok()
        } else {
            let der = unhex(text).ok_or(KeyError::Unreadable)?;
            PrivateKey::from_pkcs8_der(&der)
                .ok()
                .or_else(|| PrivateKey::from_pkcs1_der(&der).ok())
        };
        key.filter(|key| key.size() >= SHORTEST)
            .map(|key| Self(Arc::new(key)))
            .ok_or(KeyError::Unreadable)
    }

    /// The signature over `text` in lower-case hex.
    pub fn sign(&self, text: &str) -> Result<String, KeyError> {
        let scheme = Pkcs1v15Sign {
            hash_len: Some(20),
            prefix: Box::new(DIGEST_INFO),
        };
        let digest = Sha1::digest(text.as_bytes());
        let signature = self.0.sign(scheme, &digest).map_err(|_| KeyError::Unsigned)?;
        Ok(signature.iter().fold(String::new(), |mut hex, byte| {
            // A String takes everything.
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let (pairs, rest) = digits.as_chunks::<2>();
    let byte = |pair: &[u8; 2]| {
        let digits = std::str::from_utf8(pair).ok().filter(|pair| !pair.starts_with('+'))?;
        u8::from_str_radix(digits, 16).ok()
    };
    if rest.is_empty() {
        pairs.iter().map(byte).collect()
    } else {
        None
    }
}

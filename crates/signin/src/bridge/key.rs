//! The key of this device: Ed25519 (RFC 8032), made once, kept in the keychain.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use rand::RngCore as _;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::Url;

/// A device's key. Cannot be printed.
pub struct DeviceKey {
    pair: Ed25519KeyPair,
    seed: SecretString,
}

impl DeviceKey {
    /// A new one.
    pub fn random() -> Option<Self> {
        let mut seed = [0; 32];
        rand::rng().fill_bytes(&mut seed);
        Self::of(&SecretString::from(BASE64.encode(seed)))
    }

    /// From what [`Self::secret`] gave. `None` if it is none of those.
    pub fn of(secret: &SecretString) -> Option<Self> {
        let seed = BASE64.decode(secret.expose_secret()).ok()?;
        Some(Self {
            pair: Ed25519KeyPair::from_seed_unchecked(&seed).ok()?,
            seed: secret.clone(),
        })
    }

    /// What the keychain keeps.
    pub fn secret(&self) -> &SecretString {
        &self.seed
    }

    /// A proof of possession for one request (RFC 9449 4.2).
    pub fn proof(&self, method: &str, url: &Url, nonce: &str, access: Option<&str>) -> String {
        let mut htu = url.clone();
        htu.set_query(None);
        htu.set_fragment(None);
        let mut jti = [0; 16];
        rand::rng().fill_bytes(&mut jti);
        let header = json!({
            "typ": "dpop+jwt",
            "alg": "EdDSA",
            "jwk": { "kty": "OKP", "crv": "Ed25519", "x": BASE64.encode(self.pair.public_key().as_ref()) },
        });
        let ath = access.map(|access| BASE64.encode(Sha256::digest(access.as_bytes())));
        let claims = json!({
            "jti": BASE64.encode(jti),
            "htm": method,
            "htu": htu.as_str(),
            // The bridge looks at the nonce; a clock that is wrong by days must not look like an attack.
            "iat": 0,
            "nonce": nonce,
            "ath": ath,
        });
        let text = format!(
            "{}.{}",
            BASE64.encode(header.to_string()),
            BASE64.encode(claims.to_string())
        );
        let signature = self.pair.sign(text.as_bytes());
        format!("{text}.{}", BASE64.encode(signature.as_ref()))
    }
}

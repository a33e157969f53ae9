//! Proofs of possession (RFC 9449): a request is believed to come from a device when it is signed by its key.
//!
//! Freshness comes from a nonce of ours, not from `iat`: the clock of a desktop may be wrong by days.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use url::Url;

use crate::keys::Keys;

/// The longest proof, in bytes.
const LONGEST: usize = 2048;
/// Proofs that are remembered as used. The oldest nonce goes first; more than this within its life is a flood, which
/// the limits stop long before.
const REMEMBERED: usize = 200_000;

/// Why a proof was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// None, or over an old nonce: the client tries again with a new one.
    Nonce,
    /// Anything else.
    Wrong(&'static str),
}

/// What a proof has to be about.
#[derive(Clone, Copy)]
pub struct About<'a> {
    pub method: &'a str,
    /// Without query and fragment (RFC 9449 4.3).
    pub url: &'a Url,
    /// The access token that comes with it.
    pub token: Option<&'a str>,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    ath: Option<String>,
}

/// Proofs that were used, as far back as a nonce holds.
#[derive(Default)]
pub struct Used(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    known: HashSet<[u8; 32]>,
    /// The oldest first, each with when it came.
    order: VecDeque<([u8; 32], i64)>,
}

impl Used {
    /// Notes a proof; says whether it is the first time.
    fn first(&self, proof: [u8; 32], now: i64) -> bool {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Remembered { known, order } = &mut *guard;
        while let Some((old, at)) = order.front() {
            // A nonce lives five minutes: later nobody can come with this proof.
            if now.saturating_sub(*at) > 400 || order.len() >= REMEMBERED {
                known.remove(old);
                order.pop_front();
            } else {
                break;
            }
        }
        if !known.insert(proof) {
            return false;
        }
        order.push_back((proof, now));
        true
    }
}

/// Checks a proof; the answer is the thumbprint of its key (RFC 7638), which names the device.
pub fn check(keys: &Keys, used: &Used, proof: Option<&str>, about: About<'_>, now: i64) -> Result<String, Rejected> {
    let proof = proof.ok_or(Rejected::Nonce)?;
    if proof.len() > LONGEST {
        return Err(Rejected::Wrong("a proof this long is none"));
    }
    let header = jsonwebtoken::decode_header(proof).map_err(|_| Rejected::Wrong("no JWS"))?;
    if !header.typ.is_some_and(|typ| typ.eq_ignore_ascii_case("dpop+jwt")) {
        return Err(Rejected::Wrong("typ is not dpop+jwt"));
    }
    let jwk = header.jwk.ok_or(Rejected::Wrong("no jwk in the header"))?;
    let (thumbprint, algorithm) = thumbprint(&jwk).ok_or(Rejected::Wrong("a key of this kind is not taken"))?;
    if header.alg != algorithm {
        return Err(Rejected::Wrong("alg does not fit the key"));
    }
    let key = DecodingKey::from_jwk(&jwk).map_err(|_| Rejected::Wrong("no usable key"))?;
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let claims = jsonwebtoken::decode::<Claims>(proof, &key, &validation)
        .map_err(|_| Rejected::Wrong("the signature does not hold"))?
        .claims;
    if !claims.nonce.is_some_and(|nonce| keys.nonce_holds(&nonce, now)) {
        return Err(Rejected::Nonce);
    }
    if claims.htm != about.method {
        return Err(Rejected::Wrong("htm is another method"));
    }
    if !same_address(&claims.htu, about.url) {
        return Err(Rejected::Wrong("htu is another address"));
    }
    match (about.token, &claims.ath) {
        (None, _) => {}
        (Some(token), Some(ath)) if ath.as_bytes().ct_eq(digest(token).as_bytes()).into() => {}
        (Some(_), _) => return Err(Rejected::Wrong("ath is of another token")),
    }
    if claims.jti.is_empty() || claims.jti.len() > 128 {
        return Err(Rejected::Wrong("jti"));
    }
    let id = Sha256::digest([thumbprint.as_bytes(), b"\0", claims.jti.as_bytes()].concat());
    if !used.first(id.into(), now) {
        return Err(Rejected::Wrong("this proof was used"));
    }
    Ok(thumbprint)
}

fn digest(token: &str) -> String {
    BASE64.encode(Sha256::digest(token.as_bytes()))
}

fn same_address(claimed: &str, url: &Url) -> bool {
    Url::parse(claimed).is_ok_and(|mut claimed| {
        claimed.set_query(None);
        claimed.set_fragment(None);
        let mut url = url.clone();
        url.set_query(None);
        claimed == url
    })
}

/// RFC 7638 3: SHA-256 over the required members in the order of their names. Ed25519 (RFC 8037) and P-256 alone.
fn thumbprint(jwk: &Jwk) -> Option<(String, Algorithm)> {
    let (text, algorithm) = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => (
            serde_json::json!({ "crv": "Ed25519", "kty": "OKP", "x": key.x }),
            Algorithm::EdDSA,
        ),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => (
            serde_json::json!({ "crv": "P-256", "kty": "EC", "x": key.x, "y": key.y }),
            Algorithm::ES256,
        ),
        _ => return None,
    };
    Some((digest(&text.to_string()), algorithm))
}

#[cfg(test)]
mod tests;

//! What the bridge signs and seals with: all of it derived from one master key (RFC 5869), so that replicas agree.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use rand::RngCore as _;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// How long a nonce is taken, in seconds.
const NONCE_LIFE: i64 = 300;

/// The keys of the bridge. Cannot be printed.
pub struct Keys {
    nonce: [u8; 32],
    refresh: [u8; 32],
    access: [u8; 32],
    path: [u8; 32],
    state: [u8; 32],
    code: [u8; 32],
    signing: Ed25519KeyPair,
    store: LessSafeKey,
}

fn derive(master: &[u8; 32], name: &str) -> anyhow::Result<[u8; 32]> {
    let mut out = [0; 32];
    Hkdf::<Sha256>::new(None, master)
        .expand(name.as_bytes(), &mut out)
        .map_err(|_| anyhow::anyhow!("derive the key {name}"))?;
    Ok(out)
}

/// 16 bytes of HMAC-SHA-256 over the parts, each with its length before it.
fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(key).unwrap_or_else(|_| unreachable!());
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    let whole: [u8; 32] = mac.finalize().into_bytes().into();
    let mut out = [0; 16];
    out.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
    out
}

/// What a token says, once it was found to be one of ours.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened<'a> {
    /// Of the session.
    pub session: &'a str,
    /// Of a refresh token: its number in the session. Of an access token: when it ends, in Unix seconds.
    pub number: i64,
}

impl Keys {
    /// All keys from the one.
    pub fn new(master: &[u8; 32]) -> anyhow::Result<Self> {
        Ok(Self {
            nonce: derive(master, "qiyou-bridge nonce")?,
            refresh: derive(master, "qiyou-bridge refresh")?,
            access: derive(master, "qiyou-bridge access")?,
            path: derive(master, "qiyou-bridge path")?,
            state: derive(master, "qiyou-bridge state")?,
            code: derive(master, "qiyou-bridge code")?,
            signing: Ed25519KeyPair::from_seed_unchecked(&derive(master, "qiyou-bridge signing")?)
                .map_err(|_| anyhow::anyhow!("make the signing key"))?,
            store: UnboundKey::new(&AES_256_GCM, &derive(master, "qiyou-bridge store")?)
                .map(LessSafeKey::new)
                .map_err(|_| anyhow::anyhow!("make the key of what is stored"))?,
        })
    }

    /// Signs what apps are handed, for one purpose.
    pub fn sign(&self, context: &str, payload: &str) -> String {
        let message = qiyou_bridge_api::signed_bytes(context, payload);
        BASE64.encode(self.signing.sign(&message).as_ref())
    }

    /// Encrypts a secret for the database. `name` is what it is kept under: it opens under no other.
    pub fn seal(&self, name: &str, secret: &SecretString) -> anyhow::Result<String> {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut bytes = secret.expose_secret().as_bytes().to_vec();
        self.store
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(name), &mut bytes)
            .map_err(|_| anyhow::anyhow!("encrypt {name}"))?;
        Ok(BASE64.encode([nonce.as_slice(), &bytes].concat()))
    }

    /// Decrypts what [`Self::seal`] made under this name; nothing when it is something else.
    pub fn unseal(&self, name: &str, sealed: &str) -> Option<SecretString> {
        let bytes = BASE64.decode(sealed).ok()?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let mut rest = rest.to_vec();
        let plain = self
            .store
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(name), &mut rest)
            .ok()?;
        Some(SecretString::from(std::str::from_utf8(plain).ok()?))
    }

    /// The part of an address of ours that nobody guesses, for those who sign nothing.
    pub fn path(&self, what: &str) -> String {
        BASE64.encode(mac(&self.path, &[what.as_bytes()]))
    }

    /// Whether somebody knows it.
    pub fn is_path(&self, what: &str, path: &str) -> bool {
        self.path(what).as_bytes().ct_eq(path.as_bytes()).into()
    }

    /// A state of WeCom's that belongs to a browser and tells when it was given: letters and digits.
    pub fn state(&self, browser: &str, now: i64) -> String {
        let seal = mac(&self.state, &[browser.as_bytes(), &now.to_be_bytes()]);
        format!("{now:016x}{:032x}", u128::from_be_bytes(seal))
    }

    /// When that browser was given this state; nothing when it was not.
    pub fn state_given(&self, browser: &str, state: &str) -> Option<i64> {
        let given = i64::from_str_radix(state.get(..16)?, 16).ok()?;
        let ours: bool = self.state(browser, given).as_bytes().ct_eq(state.as_bytes()).into();
        ours.then_some(given)
    }

    /// What stands in the database in the place of a mailed code: for this member, address and moment alone.
    pub fn code_seal(&self, userid: &str, address: &str, mailed: i64, digits: &str) -> String {
        let parts = [
            userid.as_bytes(),
            address.as_bytes(),
            &mailed.to_be_bytes(),
            digits.as_bytes(),
        ];
        BASE64.encode(mac(&self.code, &parts))
    }

    /// The public key that apps hold on to, base64url.
    pub fn signing_key(&self) -> String {
        BASE64.encode(self.signing.public_key().as_ref())
    }

    /// A nonce for the next proof (RFC 9449 8): the time, sealed.
    pub fn nonce(&self, now: i64) -> String {
        let seal = mac(&self.nonce, &[&now.to_be_bytes()]);
        BASE64.encode([now.to_be_bytes().as_slice(), &seal].concat())
    }

    /// When the nonce was given, if it is ours and not too old.
    pub fn nonce_holds(&self, nonce: &str, now: i64) -> bool {
        let Ok(bytes) = BASE64.decode(nonce) else {
            return false;
        };
        let Some((time, seal)) = bytes.split_first_chunk::<8>() else {
            return false;
        };
        let given = i64::from_be_bytes(*time);
        let ours: bool = mac(&self.nonce, &[time]).ct_eq(seal).into();
        // A replica's clock may be a little ahead.
        ours && now.saturating_sub(given) <= NONCE_LIFE && given.saturating_sub(now) <= 60
    }

    /// The refresh token number `number` of a session: the same whenever it is asked for.
    pub fn refresh_token(&self, session: &str, number: i64) -> String {
        token(&self.refresh, "r", session, number)
    }

    /// What a refresh token says.
    pub fn open_refresh<'a>(&self, token: &'a str) -> Option<Opened<'a>> {
        open(&self.refresh, "r", token)
    }

    /// An access token of a session that holds until `until`.
    pub fn access_token(&self, session: &str, until: i64) -> String {
        token(&self.access, "a", session, until)
    }

    /// What an access token says. Whether its time is over is for the caller to see.
    pub fn open_access<'a>(&self, token: &'a str) -> Option<Opened<'a>> {
        open(&self.access, "a", token)
    }
}

fn token(key: &[u8; 32], kind: &str, session: &str, number: i64) -> String {
    let seal = mac(key, &[kind.as_bytes(), session.as_bytes(), &number.to_be_bytes()]);
    format!("{kind}.{session}.{number}.{}", BASE64.encode(seal))
}

fn open<'a>(key: &[u8; 32], kind: &str, token: &'a str) -> Option<Opened<'a>> {
    let mut parts = token.split('.');
    let (found, session, number, seal) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if found != kind || parts.next().is_some() {
        return None;
    }
    let number: i64 = number.parse().ok()?;
    let ours = mac(key, &[kind.as_bytes(), session.as_bytes(), &number.to_be_bytes()]);
    let holds: bool = ours.ct_eq(BASE64.decode(seal).ok()?.as_slice()).into();
    holds.then_some(Opened { session, number })
}

/// A random name of 32 letters and digits (190 bits).
pub fn random_name() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut out = String::with_capacity(32);
    let mut bytes = [0_u8; 64];
    while out.len() < 32 {
        rand::rng().fill_bytes(&mut bytes);
        // 248 is the last multiple of 62: what lies above would make some letters likelier.
        out.extend(
            bytes
                .iter()
                .filter(|byte| **byte < 248)
                .filter_map(|byte| LETTERS.get(usize::from(*byte) % 62))
                .map(|byte| char::from(*byte))
                .take(32_usize.saturating_sub(out.len())),
        );
    }
    out
}

/// Six random digits.
pub fn random_digits() -> String {
    format!("{:06}", rand::Rng::random_range(&mut rand::rng(), 0..1_000_000_u32))
}

/// What stands in the database in a secret's place: SHA-256, base64url.
pub fn hash(secret: &str) -> String {
    BASE64.encode(Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests;

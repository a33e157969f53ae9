//! The cryptography of callbacks from WeCom's side (reference A6), apart from the product's on purpose.

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use sha1::{Digest as _, Sha1};

/// The last of the 43 characters of a key may carry stray bits.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
const BLOCK: usize = 32;

/// What the admin console holds for one callback address.
#[derive(Clone, Debug)]
pub struct CallbackKeys {
    pub token: String,
    /// `EncodingAESKey`, 43 characters.
    pub aes_key: String,
    /// The corp id.
    pub receive_id: String,
}

impl CallbackKeys {
    /// Keys for tests, which fit `corp_id`.
    pub fn example(corp_id: &str) -> Self {
        Self {
            token: "QiyouCallbackToken".to_owned(),
            aes_key: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG".to_owned(),
            receive_id: corp_id.to_owned(),
        }
    }

    fn key(&self) -> Result<Vec<u8>> {
        let key = BASE64.decode(&self.aes_key).context("EncodingAESKey is not base64")?;
        ensure!(key.len() == 32, "EncodingAESKey has not 43 characters");
        Ok(key)
    }

    /// Encrypts `message` for the receiver of these keys.
    pub fn encrypt(&self, random: [u8; 16], message: &[u8]) -> Result<String> {
        let key = self.key()?;
        let iv = key.get(..16).context("a short key")?;
        let mut plain = random.to_vec();
        plain.extend_from_slice(&u32::try_from(message.len())?.to_be_bytes());
        plain.extend_from_slice(message);
        plain.extend_from_slice(self.receive_id.as_bytes());
        let pad = BLOCK.saturating_sub(plain.len() % BLOCK);
        plain.resize(plain.len().saturating_add(pad), u8::try_from(pad)?);
        let cipher = cbc::Encryptor::<aes::Aes256>::new_from_slices(&key, iv)?;
        Ok(BASE64.encode(cipher.encrypt_padded_vec::<NoPadding>(&plain)))
    }

    /// Message and receiver of an encrypted text (of a reply, say).
    pub fn decrypt(&self, encrypted: &str) -> Result<(String, String)> {
        let key = self.key()?;
        let iv = key.get(..16).context("a short key")?;
        let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(&key, iv)?;
        let plain = cipher
            .decrypt_padded_vec::<NoPadding>(&BASE64.decode(encrypted)?)
            .map_err(|_| anyhow::anyhow!("not whole blocks"))?;
        let pad = usize::from(*plain.last().context("nothing")?);
        ensure!((1..=BLOCK).contains(&pad), "bad padding");
        let plain = plain.get(16..plain.len().saturating_sub(pad)).context("too short")?;
        let (length, rest) = plain.split_first_chunk::<4>().context("too short")?;
        let (message, receiver) = rest
            .split_at_checked(usize::try_from(u32::from_be_bytes(*length))?)
            .context("the length is not that of the message")?;
        Ok((
            String::from_utf8(message.to_vec())?,
            String::from_utf8(receiver.to_vec())?,
        ))
    }

    /// `msg_signature`.
    pub fn sign(&self, timestamp: &str, nonce: &str, encrypted: &str) -> String {
        let mut parts = [self.token.as_str(), timestamp, nonce, encrypted];
        parts.sort_unstable();
        hex(&Sha1::digest(parts.concat()))
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests;

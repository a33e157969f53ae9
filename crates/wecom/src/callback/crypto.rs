//! AES-256-CBC with the first half of the key as IV, padded by PKCS#7 to blocks of 32, around
//! `random(16) length(4) message receiver`.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};

use super::Error;

/// Of the padding; AES itself has 16.
const BLOCK: usize = 32;
const RANDOM: usize = 16;
const IV: usize = 16;

/// The last character of a key may carry stray bits, and its `=` is never shown.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The key behind an `EncodingAESKey`.
pub(super) fn key(encoded: &str) -> Result<[u8; 32], Error> {
    let key = BASE64.decode(encoded).map_err(|_| Error::Key)?;
    key.try_into().map_err(|_| Error::Key)
}

fn iv(key: &[u8; 32]) -> Result<&[u8], Error> {
    key.get(..IV).ok_or(Error::Key)
}

/// Base64 of `message`, encrypted for `receiver`.
pub(super) fn encrypt(key: &[u8; 32], random: [u8; RANDOM], message: &[u8], receiver: &str) -> Result<String, Error> {
    let length = u32::try_from(message.len()).map_err(|_| Error::TooLong)?;
    let mut plain = random.to_vec();
    plain.extend_from_slice(&length.to_be_bytes());
    plain.extend_from_slice(message);
    plain.extend_from_slice(receiver.as_bytes());
    pad(&mut plain);
    let cipher = cbc::Encryptor::<aes::Aes256>::new_from_slices(key, iv(key)?).map_err(|_| Error::Key)?;
    Ok(BASE64.encode(cipher.encrypt_padded_vec::<NoPadding>(&plain)))
}

/// Message and receiver behind the base64 of a callback.
pub(super) fn decrypt(key: &[u8; 32], encrypted: &str) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let bytes = BASE64.decode(encrypted).map_err(|_| Error::Encrypted("is no base64"))?;
    let cipher = cbc::Decryptor::<aes::Aes256>::new_from_slices(key, iv(key)?).map_err(|_| Error::Key)?;
    let plain = cipher
        .decrypt_padded_vec::<NoPadding>(&bytes)
        .map_err(|_| Error::Encrypted("has no whole blocks"))?;
    let plain = unpadded(&plain).ok_or(Error::Encrypted("is padded wrongly"))?;
    let short = || Error::Encrypted("is shorter than it says");
    let rest = plain.get(RANDOM..).ok_or_else(short)?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(short)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| short())?;
    let (message, receiver) = rest.split_at_checked(length).ok_or_else(short)?;
    Ok((message.to_vec(), receiver.to_vec()))
}

/// PKCS#7 (RFC 5652 6.3): a whole block where nothing is missing.
fn pad(plain: &mut Vec<u8>) {
    let missing = plain
        .len()
        .checked_rem(BLOCK)
        .map_or(0, |over| BLOCK.saturating_sub(over));
    let byte = u8::try_from(missing).unwrap_or_default();
    plain.resize(plain.len().saturating_add(missing), byte);
}

fn unpadded(plain: &[u8]) -> Option<&[u8]> {
    let last = *plain.last()?;
    let count = usize::from(last);
    let (rest, padding) = plain.split_at_checked(plain.len().checked_sub(count)?)?;
    let sound = (1..=BLOCK).contains(&count) && padding.iter().all(|byte| *byte == last);
    sound.then_some(rest)
}

#[cfg(test)]
mod tests;

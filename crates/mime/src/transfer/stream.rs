//! The same piece by piece, for attachments that are larger than memory should be.

use super::{Encoding, base64, decode, sextet};

/// Undoes the transfer encoding of a body that comes in pieces, cut anywhere. What it gives, joined, is what
/// [`crate::decode_transfer`] gives of the whole.
///
/// Base64 and unencoded bodies, which are the large ones, pass through; the rare others are held until the end, as is
/// what follows padding within base64.
#[derive(Debug)]
pub struct TransferDecoder {
    encoding: String,
    held: Vec<u8>,
    padded: bool,
}

impl TransferDecoder {
    /// For a body of this `Content-Transfer-Encoding`.
    pub fn new(encoding: &str) -> Self {
        Self {
            encoding: encoding.to_owned(),
            held: Vec::new(),
            padded: false,
        }
    }

    /// Takes the next piece; what can be told of the body by now.
    pub fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        match Encoding::named(&self.encoding) {
            Encoding::Identity => piece.to_vec(),
            Encoding::QuotedPrintable | Encoding::Uuencode => {
                self.held.extend_from_slice(piece);
                Vec::new()
            }
            Encoding::Base64 => {
                self.held.extend_from_slice(piece);
                if self.padded {
                    return Vec::new();
                }
                // Up to the last whole group of four: decoding begins anew after it, whatever follows.
                let (mut whole, mut digits) = (0_usize, 0_u8);
                for (at, &byte) in self.held.iter().enumerate() {
                    if byte == b'=' {
                        self.padded = true;
                        break;
                    }
                    if sextet(byte).is_some() {
                        digits = digits.wrapping_add(1) & 3;
                        if digits == 0 {
                            whole = at.saturating_add(1);
                        }
                    }
                }
                let rest = self.held.split_off(whole);
                base64(&std::mem::replace(&mut self.held, rest))
            }
        }
    }

    /// The rest of the body.
    pub fn finish(self) -> Vec<u8> {
        decode(&self.held, &self.encoding).into_owned()
    }
}

//! Commands on their way out: values that async-imap must not see are put in here, as quoted strings or literals.

use std::collections::VecDeque;

use bytes::{BufMut, Bytes, BytesMut};
use secrecy::{ExposeSecret, SecretString};

/// Stands in a command for the next staged value.
pub(crate) const PLACEHOLDER: char = '\0';

/// A value of a command.
#[derive(Debug)]
pub(crate) enum Staged {
    /// Sent as a quoted string where that can hold it, else as a literal.
    Text(Vec<u8>),
    /// As `Text`, never traced.
    Secret(SecretString),
    /// Sent as it is (a SASL response in base64), never traced.
    RawSecret(SecretString),
}

/// What is written next.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) bytes: Bytes,
    /// Only after the server said "+".
    pub(crate) after_continue: bool,
}

/// Longest quoted string sent; longer values go as literals.
const MAX_QUOTED: usize = 1000;

/// Puts the staged values into a command line (without its line end); `non_sync` is the largest literal that may be
/// sent without waiting. `None` when placeholders and values do not match.
pub(crate) fn fill(
    line: &[u8],
    staged: &mut VecDeque<Staged>,
    non_sync: usize,
    utf8: bool,
    out: &mut VecDeque<Outgoing>,
) -> Option<()> {
    let mut current = BytesMut::with_capacity(line.len().saturating_add(64));
    let mut after_continue = false;
    for (i, piece) in line.split(|&b| b == 0).enumerate() {
        if i > 0 {
            let value = staged.pop_front()?;
            let (raw, as_is) = match &value {
                Staged::Text(raw) => (raw.as_slice(), false),
                Staged::Secret(secret) => (secret.expose_secret().as_bytes(), false),
                Staged::RawSecret(secret) => (secret.expose_secret().as_bytes(), true),
            };
            if as_is {
                current.put_slice(raw);
            } else if can_be_quoted(raw, utf8) {
                current.put_u8(b'"');
                for &byte in raw {
                    if byte == b'"' || byte == b'\\' {
                        current.put_u8(b'\\');
                    }
                    current.put_u8(byte);
                }
                current.put_u8(b'"');
            } else if raw.len() <= non_sync {
                current.put_slice(format!("{{{}+}}\r\n", raw.len()).as_bytes());
                current.put_slice(raw);
            } else {
                current.put_slice(format!("{{{}}}\r\n", raw.len()).as_bytes());
                out.push_back(Outgoing {
                    bytes: current.split().freeze(),
                    after_continue,
                });
                after_continue = true;
                current.put_slice(raw);
            }
        }
        current.put_slice(piece);
    }
    current.put_slice(b"\r\n");
    out.push_back(Outgoing {
        bytes: current.freeze(),
        after_continue,
    });
    Some(())
}

fn can_be_quoted(raw: &[u8], utf8: bool) -> bool {
    raw.len() <= MAX_QUOTED
        && raw
            .iter()
            .all(|&b| b != 0 && b != b'\r' && b != b'\n' && (b < 0x80 || utf8))
        && (!utf8 || std::str::from_utf8(raw).is_ok())
}

/// Whether a value can be sent at all: a literal must not hold NUL (RFC 9051 4.3).
pub(crate) fn is_sendable(raw: &[u8]) -> bool {
    !raw.contains(&0)
}

//! Where to sign in, as whom, under which name, and how much patience to have.

use std::time::Duration;

use qiyou_net::{Endpoint, Security};
use secrecy::SecretString;

/// A server's address and the protection of its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    pub endpoint: Endpoint,
    pub security: Security,
}

/// What a person (or an issuer of tokens) gave for signing in.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// AUTHENTICATE PLAIN or LOGIN, or the LOGIN command.
    Password { user: String, password: SecretString },
    /// AUTHENTICATE XOAUTH2 or OAUTHBEARER (RFC 7628) with an access token.
    Bearer { user: String, token: SecretString },
}

/// Who we say that we are (RFC 2971). Coremail lets nobody select a folder who did not say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId {
    pub name: String,
    pub version: String,
    pub vendor: String,
}

/// Bounds on everything that a server may make us wait for or hold in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A command fails when not a single byte came for so long.
    pub command_timeout: Duration,
    /// A command fails when no whole answer came for so long, although bytes drip in.
    pub answer_timeout: Duration,
    /// Longest line, in bytes, literals not counted. Longer answers are skipped (the session goes on).
    pub max_line: usize,
    /// Longest line of the answers that list numbers (SEARCH, ESEARCH, VANISHED), in bytes.
    pub max_number_line: usize,
    /// Largest literal that is held in memory, in bytes; larger ones are skipped, or streamed by `fetch_section`.
    pub max_literal: usize,
    /// Largest whole answer that is held in memory, in bytes.
    pub max_unit: usize,
    /// How many bytes of an answer that is too large are read and dropped before the session is given up.
    pub max_skip: u64,
    /// Largest body that `fetch_section` takes, in bytes.
    pub max_section: u64,
    /// Bytes asked for in one piece of a body.
    pub piece: u32,
    /// Messages per FETCH command.
    pub batch: usize,
    /// Most folders taken from a LIST.
    pub max_mailboxes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            command_timeout: Duration::from_mins(2),
            answer_timeout: Duration::from_mins(5),
            max_line: 64 << 10,
            max_number_line: 16 << 20,
            max_literal: 1 << 20,
            max_unit: 4 << 20,
            max_skip: 64 << 20,
            max_section: 256 << 20,
            piece: 256 << 10,
            batch: 5_000,
            max_mailboxes: 20_000,
        }
    }
}

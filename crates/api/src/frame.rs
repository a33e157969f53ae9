//! The lines that go over the local endpoint: one JSON value a line, UTF-8, at most [`MAX_FRAME`] bytes.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use ts_rs::TS;

use crate::{ApiError, Event};

/// Upper bound of a line, in bytes. A mail of 20 MB of HTML fits.
pub const MAX_FRAME: usize = 64 * 1024 * 1024;

/// First line of either side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Hello {
    /// Always `qiyou`.
    pub hello: String,
    pub protocol: u32,
    pub version: String,
    pub pid: u32,
    /// `agent`, `window`, `cli`, `browser`, `session`.
    pub role: String,
}

impl Hello {
    /// This program's own first line.
    pub fn new(role: &str) -> Self {
        Self {
            hello: "qiyou".to_owned(),
            protocol: crate::PROTOCOL,
            version: crate::VERSION.to_owned(),
            pid: std::process::id(),
            role: role.to_owned(),
        }
    }

    /// Whether the program that sent `self` is older than the one that sent `other`; such an agent hands over.
    pub fn is_older_than(&self, other: &Hello) -> bool {
        fn numbers(version: &str) -> Vec<u32> {
            version
                .split(['.', '-', '+'])
                .map_while(|part| part.parse().ok())
                .collect()
        }
        (self.protocol, numbers(&self.version)) < (other.protocol, numbers(&other.version))
    }
}

/// A request line.
#[derive(Debug, Serialize, Deserialize)]
pub struct RequestFrame {
    /// Chosen by the client, comes back with the answer.
    pub id: u64,
    pub method: String,
    pub params: Box<RawValue>,
}

/// A line from the agent: an answer (`id` with `ok` or `err`) or an event (`at` with `event`).
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerFrame {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ok: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub err: Option<ApiError>,
    /// `CLOCK_MONOTONIC` at the moment the agent emitted the event, nanoseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
}

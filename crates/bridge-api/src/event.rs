//! What the bridge tells an app by itself, over a line that stays open.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long the line is silent at most, in seconds: then a comment comes. Less than what proxies commonly allow.
pub const BEAT: u32 = 45;

/// The longest event, in bytes.
pub const LONGEST_EVENT: usize = 16 * 1024;

/// `GET /api/events`: server-sent events (`text/event-stream`, WHATWG HTML 9.2), each with one of these as its data.
///
/// None says more than where to look: what is believed is what the look finds. An event that was lost with its line does
/// no harm, as an app looks by itself when a line begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum BridgeEvent {
    /// The first of each line.
    Hello {
        /// Who is cut off comes back within so many seconds, each at a moment of their own.
        #[serde(default)]
        back_within: u32,
    },
    /// There may be new mail in this mailbox.
    Mail {
        /// Lower case.
        address: String,
    },
    /// The directory has another revision.
    Directory {
        /// Who has no hurry asks within so many seconds, each at a moment of their own.
        #[serde(default)]
        within: u32,
    },
    /// Something about the session or the member changed: a refresh tells what.
    Session,
    /// Of a bridge that knows more.
    #[serde(other)]
    Unknown,
}

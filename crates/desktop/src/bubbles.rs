//! Bubbles: what pops up beside the tray and stays in the action center.

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::Error;

#[cfg(test)]
mod tests;

/// Longest title and body, in characters, that are handed to the system: both may come from a stranger's mail.
pub(crate) const TITLE_MAX: usize = 200;
pub(crate) const BODY_MAX: usize = 1000;
/// Longest answer that is taken from a bubble, in characters.
pub const REPLY_MAX: usize = 10_000;

/// One bubble to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bubble {
    /// Names the same thing for ever (one mail): a bubble with the tag of an older one takes its place on Windows and
    /// macOS. On Linux [`replaces`](Self::replaces) does that.
    pub tag: String,
    /// First line, plain text.
    pub title: String,
    /// Further lines, plain text.
    pub body: String,
    /// Buttons, in order. Systems show at most three to five; a system without buttons shows none.
    pub buttons: Vec<Button>,
    /// A field to answer in, where the system has one.
    pub reply: Option<Reply>,
    /// Words for the click on the bubble itself, which some systems read out or show.
    pub open_label: String,
    /// How loud.
    pub urgency: Urgency,
    /// A bubble of ours that this one takes the place of.
    pub replaces: Option<BubbleId>,
    /// One-time secret that a click must bring back where clicks come as links ([`crate::BubbleLink`]).
    pub token: String,
}

impl Bubble {
    /// A bubble without buttons.
    pub fn new(tag: impl Into<String>, title: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            tag: tag.into(),
            title: title.into(),
            body: body.into(),
            ..Self::default()
        }
    }
}

/// A button of a bubble. Neither part may hold a secret: a button that copies a code is `("copy-code", "复制验证码")`,
/// and who shows the bubble remembers the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// Comes back in [`Happening::Button`]: letters, digits, `-`.
    pub key: String,
    /// What people read.
    pub label: String,
}

impl Button {
    /// A button.
    pub fn new(key: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
        }
    }
}

/// A field to answer in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What the button that opens it says.
    pub label: String,
    /// What stands in it while it is empty.
    pub hint: String,
    /// What the button that sends it says.
    pub send: String,
}

/// How loud a bubble is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Urgency {
    /// Shown, but may be held back.
    Low,
    /// As mail should be.
    #[default]
    Normal,
    /// Stays until it is dealt with.
    Critical,
}

/// Names a bubble that was shown. Keep it (as its string) to recognise a click after the agent was started anew; it
/// says itself which server of which session it belongs to, so that an old one can never name a stranger's bubble.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BubbleId(pub String);

/// What a person did with a bubble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BubbleEvent {
    /// Which bubble.
    pub id: BubbleId,
    /// What.
    pub happening: Happening,
    /// Lets a window that is opened because of this click come to the front (`XDG_ACTIVATION_TOKEN`).
    pub activation_token: Option<String>,
}

/// See [`BubbleEvent`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// The bubble itself was clicked.
    Activated,
    /// A button was clicked, by its key.
    Button(String),
    /// An answer was written, at most [`REPLY_MAX`] characters of it.
    Replied(String),
    /// It is gone, and its id means nothing any more. Comes after a click too.
    Closed(CloseReason),
}

/// Why a bubble is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// Its time was over. (Some servers keep such a bubble in their list, and say so later or never.)
    Expired,
    /// The person waved it away.
    Dismissed,
    /// We withdrew it.
    Withdrawn,
    /// The server that showed it has ended.
    ServerGone,
    /// The server did not say why.
    Unknown,
}

/// What the system can do with bubbles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Buttons and clicks are reported.
    pub actions: bool,
    /// The body is shown at all.
    pub body: bool,
    /// The body is markup, and plain text must be escaped.
    pub markup: bool,
    /// Bubbles stay to be found later.
    pub persistence: bool,
    /// Bubbles have a field to answer in.
    pub reply: bool,
}

/// The system's bubbles.
pub trait Bubbles: Send + Sync {
    /// Shows a bubble. Returns when the system has taken it.
    fn show<'a>(&'a self, bubble: &'a Bubble) -> BoxFuture<'a, Result<BubbleId, Error>>;
    /// Takes a bubble away. One that is gone already is no error.
    fn withdraw<'a>(&'a self, id: &'a BubbleId) -> BoxFuture<'a, Result<(), Error>>;
    /// What the system can do. Asks the system the first time.
    fn capabilities(&self) -> BoxFuture<'_, Result<Capabilities, Error>>;
}

/// Plain text as it may be handed to the system: bounded, and without control characters (line feeds stay where
/// `lines` says so; other white space becomes a space).
pub(crate) fn tame(text: &str, max: usize, lines: bool) -> String {
    let mut out = String::with_capacity(text.len().min(max.saturating_mul(4)));
    for (count, c) in text.chars().enumerate() {
        if count >= max {
            out.push('…');
            break;
        }
        match c {
            '\n' if lines => out.push('\n'),
            '\t' | '\n' | '\r' => out.push(' '),
            // Overrides turn what follows around, beyond the bubble's own words on some servers.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Text as the little markup of the Desktop Notifications Specification, and as XML text or attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

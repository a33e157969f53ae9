//! HTML of mails: cut into tokens, read as text, made safe to show.

mod language;
mod link;
pub(crate) mod sanitise;
mod style;
pub(crate) mod text;
mod tidy;
mod token;

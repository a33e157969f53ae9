//! HTML of mails: cut into tokens, read as text, made safe to show.

pub(crate) mod sanitise;
mod style;
pub(crate) mod text;
mod token;

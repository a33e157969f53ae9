//! One conversation with one submission server (RFC 5321, RFC 6409). Knows no storage.
//!
//! lettre drives the conversation; a layer of ours lies under it, because lettre takes replies for UTF-8, reads a line
//! however long it is, and unwraps on an empty keyword.

mod auth;
mod error;
mod path;
mod session;
mod submit;
mod wire;

pub use error::Error;
pub use path::{BadPath, Path};
pub use session::{Capabilities, Credentials, Limits, Server, Session, sign_in};
pub use submit::{Accepted, Refusal, Submission, SubmitError, Transferred};

//! The only dialer of the house: direct, HTTP CONNECT, SOCKS5, system proxy, TLS with the platform's trust store.
//!
//! **Invariant:** no other crate opens a socket to the network or builds an HTTP client of its own.

mod dial;
mod stream;

pub use dial::{DialConfig, DialError, Dialer, Endpoint, Proxy, ProxyChoice, ProxyKind, Security, Stage};
pub use stream::{ByteCount, Stream};

//! The only dialer of the house: direct, HTTP CONNECT, SOCKS5, system proxy, TLS with the platform's trust store.
//!
//! **Invariant:** no other crate opens a socket to the network or builds an HTTP client of its own.

mod dial;
mod dns;
mod error;
mod http;
mod picture;
mod proxy;
mod stream;
mod system_proxy;
mod tcp;
#[cfg(test)]
mod testing;
mod tls;

pub use dial::{DialConfig, Dialer, Endpoint, Proxy, ProxyChoice, ProxyKind, Security};
pub use dns::{Dns, DnsError, Mx, Srv};
pub use error::{CertificateProblem, DialError, Stage};
pub use http::{Answer, HttpError, HttpLimits, Pieces, Streamed, get, post_form, post_json, send_json, stream};
pub use picture::picture;
/// What [`Dialer::http`] makes, under a name for those who must not build one.
pub use reqwest::Client as HttpClient;
pub use reqwest::Method;
pub use reqwest::header::HeaderMap;
pub use stream::{ByteCount, Stream};

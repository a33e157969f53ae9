//! For tests and the demo: Dovecot and scripted servers in a temp dir, people 张三 and 李四. Never linked into the product.
mod background;
pub mod clock;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod devserver;
#[cfg(unix)]
pub mod dovecot;
mod lmtp;
pub mod oauth;
pub mod mailbox;
pub mod proxy;
pub mod raw_imap;
pub mod smtp;
pub mod tls;
pub mod utf7;
mod wire;

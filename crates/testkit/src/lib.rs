//! For tests and the demo: Dovecot and scripted servers in a temp dir, people 张三 and 李四. Never linked into the product.
#[cfg(unix)]
mod account;
mod background;
pub mod clock;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod devserver;
#[cfg(unix)]
pub mod dovecot;
pub mod fault;
pub mod imap_sim;
mod lmtp;
pub mod mailbox;
pub mod netease;
pub mod oauth;
#[cfg(unix)]
pub mod postgres;
pub mod power;
#[cfg(unix)]
mod process;
pub mod proxy;
pub mod raw_imap;
pub mod smtp;
pub mod tls;
pub mod utf7;
pub mod wecom;
mod wire;

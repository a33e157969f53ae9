//! The one server that IT runs: it brokers the sign-in by WeCom and serves what belongs to it.
//!
//! It holds the corp secret, so that no client does. It keeps no mail and no mail password.

mod address;
pub mod cli;
mod clients;
pub mod clock;
pub mod config;
mod cookie;
mod db;
mod directory;
mod installer;
mod keys;
mod limits;
mod mailer;
mod metrics;
mod netease;
mod open;
mod openapi;
mod pages;
mod policy;
mod proof;
mod push;
mod remind;
pub mod serve;
mod session;
mod signin;
mod tree;

pub use config::Config;

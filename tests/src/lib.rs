//! The whole program, to be tried: a house with an agent in it, a window that a test can touch, and the demo.
//!
//! The last two are for Linux: they need a mail server and a desktop that only Linux lends to a test.

#[cfg(target_os = "linux")]
pub mod bench;
#[cfg(target_os = "linux")]
pub mod company;
#[cfg(target_os = "linux")]
pub mod demo;
#[cfg(target_os = "linux")]
pub mod desk;
pub mod house;
#[cfg(target_os = "linux")]
pub mod screen;
#[cfg(target_os = "linux")]
pub mod stage;
#[cfg(target_os = "linux")]
pub mod touch;
#[cfg(target_os = "linux")]
pub mod wine;

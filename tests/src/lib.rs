//! The whole program, to be tried: a house with an agent in it, and a window that a test can touch.

pub mod house;
#[cfg(target_os = "linux")]
pub mod touch;

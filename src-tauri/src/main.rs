//! The window of Qiyou.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    qiyou_window::run()
}

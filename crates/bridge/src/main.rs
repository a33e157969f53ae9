//! `qiyou-bridge`: see [`qiyou_bridge::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    qiyou_bridge::cli::main()
}

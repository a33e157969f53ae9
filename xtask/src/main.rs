//! `cargo xtask`: everything that is done with the project, by one word each.

mod api;
#[cfg(test)]
mod arrows;
mod bench;
mod build;
mod command;
mod corpus;
mod counts;
mod demo;
mod devserver;
mod progress;
mod run;
mod screens;
mod sends;
mod setup;
mod test;
#[cfg(unix)]
mod windows;

use std::process::ExitCode;

use anyhow::bail;

const HELP: &str = "\
cargo xtask setup           installs what building and testing need (Debian, Ubuntu)
cargo xtask demo            builds, then sandbox mail server + agent + window; Ctrl-C ends it
cargo xtask demo --headless the same in a virtual display: leaves pictures and a transcript, and ends by itself
cargo xtask run             builds, then agent + window on your own home
cargo xtask test            all tests; the last line counts them (--fast: without clippy and fmt)
cargo xtask bench           the measurements: [arrivals|sync|idle|start|writing|directory|bridge|all] [--messages N] [--arrivals N] [--rest S] [--watch S]
cargo xtask devserver       the ui in a plain browser against the agent
cargo xtask screens         a picture of every state of the ui, into target/screens
cargo xtask windows         cross-builds for Windows and runs the tests under wine
cargo xtask corpus DIR      parses every mail of a folder and counts what happened
cargo xtask sends [N]       N mails (250) to each kind of server through cuts and deaths: each goes once
cargo xtask api             writes ui/src/host/api.ts from crates/api
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let Some((name, rest)) = arguments.split_first() else {
        eprint!("{HELP}");
        return Ok(ExitCode::FAILURE);
    };
    match name.as_str() {
        "setup" => setup::command(),
        "demo" => demo::command(rest),
        "run" => run::command(rest),
        "test" => test::command(rest),
        "bench" => bench::command(rest),
        "devserver" => devserver::command(rest),
        "screens" => screens::command(rest),
        #[cfg(unix)]
        "windows" => windows::command(rest),
        "corpus" => corpus::command(rest),
        "sends" => sends::command(rest),
        "api" => api::command(),
        "help" | "--help" | "-h" => {
            eprint!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("no command {other}\n{HELP}"),
    }
}

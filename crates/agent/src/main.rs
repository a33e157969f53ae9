//! `qiyou-agent`: alone it runs in the foreground; with a subcommand it is a client of the running agent.

mod cli;
mod cores;
mod desk;
mod home;
mod keychain;
mod log;
mod open;
mod opened;
mod policy;
mod rest;
mod run;
mod serve;
mod start;
mod tray;
mod words;

use clap::Parser;

fn main() -> std::process::ExitCode {
    cores::none();
    rest::few_heaps();
    let cli = cli::Cli::parse();
    // Two workers are enough for any number of accounts; each costs memory that an idle program should not need.
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(8)
        .thread_stack_size(1024 * 1024)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("qiyou-agent: {error}");
            return std::process::ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(async {
        match cli.command {
            None => run::run(cli.language()).await,
            Some(_) => cli::run(cli).await,
        }
    });
    // Threads that wait for a keychain's prompt must not hold the end up.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    match ended {
        Ok(code) => code,
        Err(error) => {
            eprintln!("qiyou-agent: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

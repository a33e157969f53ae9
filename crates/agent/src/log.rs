//! The log: a file a day, five kept, in the home; on the terminal too when one is there.

use std::io::IsTerminal;
use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::prelude::*;

/// What is logged unless `QIYOU_LOG` says otherwise. async-imap and lettre would log what they write: never here.
const USUAL: &str = "warn,qiyou_agent=info,qiyou_engine=info,qiyou_store=info,qiyou_net=info,imap=info,signin=info";

/// Starts logging. What is still in memory is written when the guard goes.
pub(crate) fn start(home: &Path) -> anyhow::Result<WorkerGuard> {
    // The appender would complain on stderr about a folder that it is about to make.
    std::fs::create_dir_all(home.join("log"))?;
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("agent")
        .filename_suffix("log")
        .max_log_files(5)
        .build(home.join("log"))?;
    let (writer, guard) = tracing_appender::non_blocking(appender);
    let filter = || {
        let wished = std::env::var("QIYOU_LOG").unwrap_or_default();
        let wished = if wished.is_empty() { USUAL } else { wished.as_str() };
        // Whatever is wished: libraries that print what they send stay silent.
        let all = format!("{wished},async_imap=off,lettre=off,imap_proto=off,rustls=warn,h2=off,hyper=off,reqwest=off");
        EnvFilter::new(all)
    };
    let file = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(writer)
        .with_filter(filter());
    let terminal = std::io::stderr().is_terminal().then(|| {
        tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .compact()
            .with_filter(filter())
    });
    tracing_subscriber::registry().with(file).with(terminal).init();
    Ok(guard)
}

//! The log: a file a day, five kept, in the home; on the terminal too when one is there.

use std::io::IsTerminal;
use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::prelude::*;

/// What is logged unless `QIYOU_LOG` says otherwise. async-imap and lettre would log what they write: never here.
const USUAL: &str = "warn,qiyou_agent=info,qiyou_engine=info,qiyou_store=info,qiyou_net=info,imap=info,signin=info";

/// Starts logging. What is still in memory is written when the guard goes. Where no file can be written, what happens
/// is said on the terminal alone.
pub(crate) fn start(home: &Path) -> Option<WorkerGuard> {
    let appender = std::fs::create_dir_all(home.join("log")).ok().and_then(|()| {
        // The appender would complain on stderr about a folder that it is about to make.
        RollingFileAppender::builder()
            .rotation(Rotation::DAILY)
            .filename_prefix("agent")
            .filename_suffix("log")
            .max_log_files(5)
            .build(home.join("log"))
            .ok()
    });
    let (writer, guard) = appender.map(tracing_appender::non_blocking).unzip();
    let filter = || {
        let wished = std::env::var("QIYOU_LOG").unwrap_or_default();
        let wished = if wished.is_empty() { USUAL } else { wished.as_str() };
        // Whatever is wished: libraries that print what they send stay silent.
        let all = format!("{wished},async_imap=off,lettre=off,imap_proto=off,rustls=warn,h2=off,hyper=off,reqwest=off");
        EnvFilter::new(all)
    };
    let terminal = (std::io::stderr().is_terminal() || writer.is_none()).then(|| {
        tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .compact()
            .with_filter(filter())
    });
    let file = writer.map(|writer| {
        tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(writer)
            .with_filter(filter())
    });
    tracing_subscriber::registry().with(file).with(terminal).init();
    guard
}

//! The log: JSON on standard output.

use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

/// Targets of ours: what they say was written with a log in mind.
const OURS: [&str; 6] = ["bridge", "request", "directory", "wecom", "netease", "net"];

/// Whether this may be said at all, whatever the filter asks for. Libraries are heard from a warning on: below, they
/// tell addresses, headers and statements, and with these codes and tokens.
fn may_be_said(metadata: &Metadata<'_>) -> bool {
    OURS.contains(&metadata.target()) || *metadata.level() <= Level::WARN
}

/// Starts it. `QIYOU_BRIDGE_LOG` says how much of it, as in `debug` or `wecom=debug,info`.
pub fn start() {
    let filter = EnvFilter::try_from_env("QIYOU_BRIDGE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(std::io::stdout);
    tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(may_be_said))
        .with(lines)
        .init();
}

//! The runtime that all simulated servers live on.
//!
//! It is not the test's own: a test may pause its clock, block its only thread or drop its runtime, and the servers
//! must go on as a real server would.
use std::future::Future;
use std::io;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

static RUNTIME: OnceLock<io::Result<Runtime>> = OnceLock::new();

fn runtime() -> io::Result<&'static Runtime> {
    RUNTIME
        .get_or_init(|| {
            Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("testkit")
                .enable_all()
                .build()
        })
        .as_ref()
        .map_err(|error| io::Error::new(error.kind(), error.to_string()))
}

/// Starts `future` on the servers' runtime.
pub(crate) fn spawn<F>(future: F) -> io::Result<JoinHandle<F::Output>>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    Ok(runtime()?.spawn(future))
}

/// A listener on a free loopback port, registered with the servers' runtime.
pub(crate) fn listen() -> io::Result<(tokio::net::TcpListener, u16)> {
    listen_on(0)
}

/// A listener on that loopback port, registered with the servers' runtime.
pub(crate) fn listen_on(port: u16) -> io::Result<(tokio::net::TcpListener, u16)> {
    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    let _inside = runtime()?.enter();
    Ok((tokio::net::TcpListener::from_std(listener)?, port))
}

/// A task that ends with its owner.
#[derive(Debug)]
pub(crate) struct Task(pub(crate) JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

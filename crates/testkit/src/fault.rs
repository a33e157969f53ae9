//! A proxy between client and server that does to the line what networks do: cuts, holes, delays, flipped bits.
//!
//! It also stamps the lines that announce mail, so that the time from there to the bubble can be measured. It sees
//! into connections without TLS alone.
mod pump;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::background::{self, Task};

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// A line of the server that announces mail: `* 3 EXISTS`, `* STATUS ...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// `CLOCK_MONOTONIC` in nanoseconds, taken before the line was passed on.
    pub ns: u64,
    /// The connection, counted from 1.
    pub connection: usize,
    /// The line without its end.
    pub line: String,
}

#[derive(Debug, Clone, Default)]
struct Way {
    /// Bytes until all is cut.
    left: Option<u64>,
    /// Each so-manieth byte is changed.
    garble: Option<u64>,
    bytes: u64,
}

#[derive(Debug, Clone, Default)]
struct Controls {
    hole: bool,
    refuse: bool,
    delay: Duration,
    bytes_per_second: Option<u64>,
    up: Way,
    down: Way,
    connections: usize,
    open: usize,
    stamps: Vec<Stamp>,
}

impl Controls {
    fn way(&mut self, direction: Direction) -> &mut Way {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}

struct Shared {
    upstream: u16,
    controls: Mutex<Controls>,
    /// Rises with each change of the controls and each stamp.
    changed: watch::Sender<u64>,
    /// Rises when all connections are to be cut.
    cut: watch::Sender<u64>,
}

impl Shared {
    fn controls(&self) -> MutexGuard<'_, Controls> {
        self.controls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Controls) -> T) -> T {
        let result = change(&mut self.controls());
        self.changed.send_modify(|count| *count = count.saturating_add(1));
        result
    }

    fn cut(&self) {
        self.cut.send_modify(|count| *count = count.saturating_add(1));
    }
}

/// The running proxy; ends, with all its connections, when dropped.
pub struct FaultProxy {
    port: u16,
    shared: Arc<Shared>,
    _task: Task,
}

impl FaultProxy {
    /// Stands on a free port before that port of this machine, and at first passes everything on.
    pub fn start(upstream: u16) -> Result<Self> {
        let (listener, port) = background::listen().context("listen as a proxy")?;
        let shared = Arc::new(Shared {
            upstream,
            controls: Mutex::new(Controls::default()),
            changed: watch::Sender::new(0),
            cut: watch::Sender::new(0),
        });
        let inside = Arc::clone(&shared);
        let task = background::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let number = inside.change(|controls| {
                    controls.connections = controls.connections.saturating_add(1);
                    (!controls.refuse).then_some(controls.connections)
                });
                match number {
                    Some(number) => drop(connections.spawn(pump::join(client, Arc::clone(&inside), number))),
                    None => reset(&client),
                }
                while connections.try_join_next().is_some() {}
            }
        })?;
        Ok(Self {
            port,
            shared,
            _task: Task(task),
        })
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Resets all connections now; new ones are welcome.
    pub fn cut_now(&self) {
        self.shared.cut();
    }

    /// Resets all connections when that many more bytes went this way; the last of them still arrive.
    pub fn cut_after(&self, direction: Direction, bytes: u64) {
        self.shared
            .change(|controls| controls.way(direction).left = Some(bytes));
    }

    /// While on, nothing passes and nobody is told: open connections hang half-open, new ones are taken and hang too.
    pub fn black_hole(&self, on: bool) {
        self.shared.change(|controls| controls.hole = on);
    }

    /// Holds each piece for so long, both ways.
    pub fn delay(&self, delay: Duration) {
        self.shared.change(|controls| controls.delay = delay);
    }

    /// Lets at most so many bytes per second through, for each connection and way.
    pub fn throttle(&self, bytes_per_second: Option<u64>) {
        self.shared
            .change(|controls| controls.bytes_per_second = bytes_per_second);
    }

    /// Flips bits in each so-manieth byte of this way.
    pub fn garble(&self, direction: Direction, every: Option<u64>) {
        self.shared.change(|controls| controls.way(direction).garble = every);
    }

    /// While on, new connections are reset at once.
    pub fn refuse(&self, on: bool) {
        self.shared.change(|controls| controls.refuse = on);
    }

    /// Ends all faults; connections that live go on.
    pub fn heal(&self) {
        self.shared.change(|controls| {
            (
                controls.hole,
                controls.refuse,
                controls.delay,
                controls.bytes_per_second,
            ) = (false, false, Duration::ZERO, None);
            for direction in [Direction::Up, Direction::Down] {
                let way = controls.way(direction);
                (way.left, way.garble) = (None, None);
            }
        });
    }

    /// Connections so far, those refused counted too.
    pub fn connections(&self) -> usize {
        self.shared.controls().connections
    }

    /// Connections open now.
    pub fn open(&self) -> usize {
        self.shared.controls().open
    }

    /// Bytes passed on this way.
    pub fn bytes(&self, direction: Direction) -> u64 {
        self.shared.controls().way(direction).bytes
    }

    /// All stamps so far.
    pub fn stamps(&self) -> Vec<Stamp> {
        self.shared.controls().stamps.clone()
    }

    /// Waits until `test` holds; it is asked again after each change.
    pub async fn wait_until(&self, limit: Duration, test: impl Fn(&Self) -> bool) -> Result<()> {
        let mut changed = self.shared.changed.subscribe();
        let wait = async {
            while !test(self) {
                changed.changed().await?;
            }
            Ok(())
        };
        tokio::time::timeout(limit, wait)
            .await
            .context("it did not happen in time")?
    }

    /// Waits for the stamp at this place (counted from 0).
    pub async fn stamp(&self, at: usize, limit: Duration) -> Result<Stamp> {
        self.wait_until(limit, |proxy| proxy.shared.controls().stamps.len() > at)
            .await?;
        self.stamps().into_iter().nth(at).context("the stamp is gone")
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.shared.cut();
    }
}

/// With no time to linger, closing is a reset.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

//! The line to the agent: found, started where none runs, taken up again when it breaks.

use std::io;
use std::path::Path;
use std::time::Duration;

use qiyou_api::{ApiError, Client, ClientError, Endpoint, ErrorCode, Event, Hello, Nothing, call};
use serde_json::value::RawValue;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::Instant;

mod start;

pub(crate) use start::start;

/// How long a started agent may take to answer.
const START: Duration = Duration::from_secs(5);
/// Between two looks for an agent that is starting.
const LOOK: Duration = Duration::from_millis(40);
/// After a failed start: an agent that cannot start is not to be started in a loop.
const REST: Duration = Duration::from_secs(5);
/// Events kept for a page that is slow in taking them.
const EVENTS: usize = 4096;

/// An event with the agent's monotonic clock in nanoseconds.
pub(crate) type Stamped = (u64, Event);

/// The line to the agent of one home. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Agent {
    client: watch::Receiver<Option<Client>>,
    events: broadcast::Sender<Stamped>,
}

impl Agent {
    /// Keeps a line to the agent of `home`, as long as the process lives. Must be called inside a tokio runtime.
    ///
    /// `start` starts an agent for this home and returns at once.
    pub(crate) fn keep(home: &Path, start: impl Fn() -> io::Result<()> + Send + Sync + 'static) -> Self {
        let (events, _) = broadcast::channel(EVENTS);
        let (state, client) = watch::channel(None);
        let line = Line {
            endpoint: Endpoint::of_home(home),
            start: Box::new(start),
            state,
            events: events.clone(),
        };
        tokio::spawn(line.keep());
        Self { client, events }
    }

    /// Tells the page of something that did not come from the agent (a second start of the window).
    pub(crate) fn tell(&self, event: Event) {
        let _ = self.events.send((0, event));
    }

    /// The events from now on. After a broken line was mended an [`Event::Overflow`] tells to ask for everything again;
    /// an [`Event::Goodbye`] tells that the line broke.
    pub(crate) fn events(&self) -> broadcast::Receiver<Stamped> {
        self.events.subscribe()
    }

    /// A client of a line that stands; waits for one as long as an agent may take to start.
    pub(crate) async fn client(&self) -> Result<Client, ApiError> {
        let mut state = self.client.clone();
        let found = tokio::time::timeout(START.saturating_add(REST), state.wait_for(Option::is_some)).await;
        match found {
            Ok(Ok(client)) => client.clone().ok_or_else(no_agent),
            _ => Err(no_agent()),
        }
    }

    /// One request, passed on as it is.
    pub(crate) async fn call(&self, method: &str, params: Box<RawValue>) -> Result<Box<RawValue>, ApiError> {
        self.client().await?.call_raw(method, params).await
    }
}

fn no_agent() -> ApiError {
    ApiError::new(ErrorCode::Internal).with("detail", "qiyou-agent")
}

/// What the task behind an [`Agent`] works with.
struct Line {
    endpoint: Endpoint,
    start: Box<dyn Fn() -> io::Result<()> + Send + Sync>,
    state: watch::Sender<Option<Client>>,
    events: broadcast::Sender<Stamped>,
}

impl Line {
    async fn keep(self) {
        let mut before = false;
        while !self.state.is_closed() {
            match self.connect().await {
                Ok((client, received)) => {
                    // Who asks before the subscription stands may miss the event that answers: first this, then others.
                    if let Err(error) = client.call(call::Subscribe, Nothing {}).await {
                        tracing::warn!(?error, "the agent refused to send events");
                    }
                    let _ = self.state.send(Some(client));
                    if before {
                        let _ = self.events.send((0, Event::Overflow));
                    }
                    before = true;
                    self.pass_on(received).await;
                    let _ = self.state.send(None);
                    let _ = self.events.send((0, Event::Goodbye));
                }
                Err(error) => {
                    tracing::error!(%error, "no line to the agent");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    /// Passes events on until the line ends, or nobody is there any more to take them.
    async fn pass_on(&self, mut received: mpsc::Receiver<Stamped>) {
        loop {
            tokio::select! {
                event = received.recv() => match event {
                    // Nobody listens until the page has asked for events.
                    Some(event) => { let _ = self.events.send(event); }
                    None => return,
                },
                () = self.state.closed() => return,
            }
        }
    }

    /// Connects to the agent; starts it where none runs, replaces it where it is older than this program.
    async fn connect(&self) -> Result<(Client, mpsc::Receiver<Stamped>), ClientError> {
        let until = Instant::now().checked_add(START).unwrap_or_else(Instant::now);
        let mut started = false;
        loop {
            match Client::connect(&self.endpoint, "window").await {
                Ok((client, events)) => {
                    let older = client.agent().is_older_than(&Hello::new("window"));
                    if !older || Instant::now() >= until {
                        client.same_protocol()?;
                        return Ok((client, events));
                    }
                    tracing::info!(version = client.agent().version, "an older agent is asked to hand over");
                    let _ = tokio::time::timeout_at(until, client.call(call::Quit, Nothing {})).await;
                    ended(events, until).await;
                }
                Err(error) => {
                    if Instant::now() >= until {
                        return Err(error);
                    }
                    if !started {
                        (self.start)().map_err(|cause| ClientError::Unreachable("qiyou-agent".to_owned(), cause))?;
                        started = true;
                    }
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }
}

/// Waits until the agent closed its end.
async fn ended(mut events: mpsc::Receiver<Stamped>, until: Instant) {
    let _ = tokio::time::timeout_at(until, async { while events.recv().await.is_some() {} }).await;
}

#[cfg(test)]
mod tests;

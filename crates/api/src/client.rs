//! A client of the agent: calls by type, and the stream of events.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::{SinkExt, StreamExt};
use serde_json::value::RawValue;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::codec::{Framed, LinesCodec};

use crate::{
    ApiError, Call, Endpoint, ErrorCode, Event, Hello, MAX_FRAME, PROTOCOL, PeerStream, RequestFrame, ServerFrame,
};

/// Why a client and an agent do not talk.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("no agent answers at {0}")]
    Unreachable(String, #[source] std::io::Error),
    #[error("the agent speaks protocol {theirs}, this program {ours}")]
    Protocol { theirs: u32, ours: u32 },
    #[error("what answers there is no Qiyou agent")]
    Foreign,
    #[error("the connection to the agent ended")]
    Closed,
}

type Raw = std::result::Result<Box<RawValue>, ApiError>;
type Waiting = Arc<Mutex<Option<HashMap<u64, oneshot::Sender<Raw>>>>>;

/// A connection to the agent. Cheap to clone; the connection ends with the last clone.
#[derive(Clone, Debug)]
pub struct Client {
    outgoing: mpsc::Sender<String>,
    waiting: Waiting,
    next: Arc<AtomicU64>,
    agent: Hello,
}

impl Client {
    /// Connects, exchanges [`Hello`], and returns the client with its events (silent until `subscribe` is called).
    /// Each event comes with the agent's monotonic clock in nanoseconds.
    pub async fn connect(endpoint: &Endpoint, role: &str) -> Result<(Self, mpsc::Receiver<(u64, Event)>), ClientError> {
        let stream = endpoint
            .connect()
            .await
            .map_err(|e| ClientError::Unreachable(endpoint.path().display().to_string(), e))?;
        Self::over(stream, role).await
    }

    /// The same over a connection that stands already.
    pub async fn over(
        stream: Box<dyn PeerStream>,
        role: &str,
    ) -> Result<(Self, mpsc::Receiver<(u64, Event)>), ClientError> {
        let mut lines = Framed::new(stream, LinesCodec::new_with_max_length(MAX_FRAME));
        let hello = serde_json::to_string(&Hello::new(role)).map_err(|_| ClientError::Foreign)?;
        lines.send(hello).await.map_err(|_| ClientError::Closed)?;
        let first = lines
            .next()
            .await
            .ok_or(ClientError::Closed)?
            .map_err(|_| ClientError::Closed)?;
        let agent: Hello = serde_json::from_str(&first).map_err(|_| ClientError::Foreign)?;
        if agent.hello != "qiyou" {
            return Err(ClientError::Foreign);
        }
        let (outgoing, mut queue) = mpsc::channel::<String>(64);
        let (events, received) = mpsc::channel(4096);
        let waiting: Waiting = Arc::new(Mutex::new(Some(HashMap::new())));
        let pending = Arc::clone(&waiting);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    line = queue.recv() => match line {
                        Some(line) => if lines.send(line).await.is_err() { break },
                        None => break,
                    },
                    line = lines.next() => match line {
                        Some(Ok(line)) => Self::dispatch(&line, &pending, &events).await,
                        _ => break,
                    },
                }
            }
            // Whoever still waits learns that no answer will come.
            pending.lock().await.take();
        });
        let client = Self {
            outgoing,
            waiting,
            next: Arc::default(),
            agent,
        };
        Ok((client, received))
    }

    async fn dispatch(line: &str, waiting: &Waiting, events: &mpsc::Sender<(u64, Event)>) {
        let Ok(frame) = serde_json::from_str::<ServerFrame>(line) else {
            tracing::warn!(bytes = line.len(), "a line of the agent was not understood");
            return;
        };
        if let (Some(at), Some(event)) = (frame.at, frame.event) {
            // A client that does not read its events must not stop its own answers.
            let _ = events.try_send((at, event));
            return;
        }
        let Some(id) = frame.id else { return };
        let answer = match (frame.ok, frame.err) {
            (_, Some(error)) => Err(error),
            (Some(ok), None) => Ok(ok),
            (None, None) => return,
        };
        if let Some(sender) = waiting.lock().await.as_mut().and_then(|map| map.remove(&id)) {
            let _ = sender.send(answer);
        }
    }

    /// What the agent said of itself.
    pub fn agent(&self) -> &Hello {
        &self.agent
    }

    /// Fails when the agent speaks another protocol than this program.
    pub fn same_protocol(&self) -> Result<(), ClientError> {
        if self.agent.protocol == PROTOCOL {
            Ok(())
        } else {
            Err(ClientError::Protocol {
                theirs: self.agent.protocol,
                ours: PROTOCOL,
            })
        }
    }

    /// One request; waits for its answer as long as it takes.
    pub async fn call<C: Call>(&self, _marker: C, params: C::Params) -> crate::Result<C::Answer> {
        let internal = |e: serde_json::Error| ApiError::new(ErrorCode::BadRequest).with("detail", e.to_string());
        let params = serde_json::value::to_raw_value(&params).map_err(internal)?;
        let answer = self.call_raw(C::METHOD, params).await?;
        serde_json::from_str(answer.get()).map_err(internal)
    }

    /// The same with JSON passed through as it is (the window and the browser relay).
    pub async fn call_raw(&self, method: &str, params: Box<RawValue>) -> Raw {
        let closed = || ApiError::new(ErrorCode::Internal).with("detail", ClientError::Closed.to_string());
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        self.waiting
            .lock()
            .await
            .as_mut()
            .ok_or_else(closed)?
            .insert(id, sender);
        let frame = RequestFrame {
            id,
            method: method.to_owned(),
            params,
        };
        let line = serde_json::to_string(&frame)
            .map_err(|e| ApiError::new(ErrorCode::BadRequest).with("detail", e.to_string()))?;
        self.outgoing.send(line).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

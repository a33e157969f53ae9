//! `GET /api/events`: the line on which an app is told.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::{Stream, StreamExt as _, stream};
use qiyou_bridge_api::{BEAT, BridgeEvent};
use tokio::sync::watch;

use super::{Place, Waiting, netease};
use crate::serve::{Bridge, Caller, Problem};

/// Whom a restart cut off comes back at a moment of their own: about so many a second, within so many seconds.
const BACK: Spread = Spread {
    each_second: 250,
    least: 5,
    most: 40,
};
/// The same for those who ask for a changed directory.
const DIRECTORY: Spread = Spread {
    each_second: 50,
    least: 1,
    most: 240,
};
/// Between two words about mail on one line: a flood of pushes is one look a second.
const BREATH: Duration = Duration::from_secs(1);

/// `GET /api/events`. Of one session one line: a new one ends the one before.
#[utoipa::path(
    get,
    path = "/api/events",
    operation_id = "listen",
    responses((
        status = 200,
        description = "Server-sent events, each with a `BridgeEvent` as its data; a comment when there is nothing to tell.",
        content_type = "text/event-stream",
        body = String
    )),
    security(("session" = []))
)]
pub async fn events(
    State(bridge): State<Arc<Bridge>>,
    Caller(session): Caller,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    netease::follow(&bridge, &session.userid).await?;
    let place = Place {
        ear: bridge.hub.enter(&session.userid, &session.id),
        userid: session.userid,
        bridge: Arc::clone(&bridge),
    };
    let line = Line {
        stopping: bridge.stopping.clone(),
        place,
        ready: vec![BridgeEvent::Hello {
            back_within: BACK.over(bridge.hub.count()),
        }],
        over: false,
        breath: false,
    };
    let events = stream::unfold(line, next).map(|event| Ok(Event::default().json_data(event).unwrap_or_default()));
    let beat = KeepAlive::new()
        .interval(Duration::from_secs(u64::from(BEAT)))
        .text("beat");
    Ok(Sse::new(events).keep_alive(beat))
}

/// Many who would do something in the same moment do it over a span.
struct Spread {
    each_second: usize,
    /// Seconds.
    least: u32,
    most: u32,
}

impl Spread {
    /// Within how many seconds so many do it.
    fn over(&self, count: usize) -> u32 {
        let seconds = u32::try_from(count.div_ceil(self.each_second)).unwrap_or(u32::MAX);
        seconds.clamp(self.least, self.most)
    }
}

struct Line {
    place: Place,
    stopping: watch::Receiver<bool>,
    /// What is to be told next, the last first.
    ready: Vec<BridgeEvent>,
    over: bool,
    /// Mail was told of just now.
    breath: bool,
}

/// The next event, or `None` when the bridge stops, the session is over, or it listens elsewhere.
async fn next(mut line: Line) -> Option<(BridgeEvent, Line)> {
    loop {
        if let Some(event) = line.ready.pop() {
            return Some((event, line));
        }
        if line.over {
            return None;
        }
        if std::mem::take(&mut line.breath) {
            tokio::select! {
                () = tokio::time::sleep(BREATH) => {}
                _ = line.stopping.wait_for(|stopping| *stopping) => return None,
            }
        }
        tokio::select! {
            () = line.place.ear.bell.notified() => {}
            _ = line.stopping.wait_for(|stopping| *stopping) => return None,
        }
        let waiting = line.place.ear.take();
        if waiting.replaced {
            return None;
        }
        line.over = waiting.session && !lives(&line.place).await;
        line.breath = !waiting.mail.is_empty();
        line.ready = if line.over {
            vec![BridgeEvent::Session]
        } else {
            told(waiting, line.place.bridge.hub.count())
        };
    }
}

/// Whether the session still lives. What the database does not tell is not believed to be over.
async fn lives(place: &Place) -> bool {
    let session = place.bridge.db.session(&place.ear.session).await;
    session.is_ok_and(|session| session.is_some_and(|session| session.ended == 0))
}

fn told(waiting: Waiting, listeners: usize) -> Vec<BridgeEvent> {
    let mut all = Vec::new();
    if waiting.directory {
        all.push(BridgeEvent::Directory {
            within: DIRECTORY.over(listeners),
        });
    }
    if waiting.session {
        all.push(BridgeEvent::Session);
    }
    all.extend(waiting.mail.into_iter().map(|address| BridgeEvent::Mail { address }));
    all
}

//! What the bridge tells by itself: server-sent events (WHATWG HTML 9.2) over a line that stays open.

use std::collections::VecDeque;
use std::time::Duration;

use qiyou_bridge_api::{BEAT, BridgeEvent, LONGEST_EVENT};
use qiyou_net::{HttpClient, Method, Pieces, stream};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Bridge, Error, LONGEST};

/// How long the bridge may take to answer at all.
const BEGIN: Duration = Duration::from_secs(20);

/// The events of one line.
pub struct Events {
    body: Pieces,
    text: Lines,
}

impl Events {
    /// A line that is silent for longer is lost: twice the time between two beats, and some more.
    pub const SILENCE: Duration = Duration::from_secs(BEAT as u64 * 2 + 10);

    /// The next event, or `None` when the bridge ended the line. Safe to be dropped between two.
    pub async fn next(&mut self) -> Result<Option<BridgeEvent>, Error> {
        loop {
            if let Some(event) = self.text.events.pop_front() {
                return Ok(Some(event));
            }
            match self.body.next().await? {
                Some(piece) => self.text.take(&piece),
                None => return Ok(None),
            }
        }
    }
}

/// From bytes to events. What is no event of ours is passed over; so is one that is longer than any.
#[derive(Default)]
struct Lines {
    line: Vec<u8>,
    data: Vec<u8>,
    events: VecDeque<BridgeEvent>,
}

impl Lines {
    fn take(&mut self, piece: &[u8]) {
        for byte in piece {
            if *byte == b'\n' {
                self.end_of_line();
            } else if self.line.len() <= LONGEST_EVENT {
                self.line.push(*byte);
            }
        }
    }

    fn end_of_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            self.events.extend(serde_json::from_slice::<BridgeEvent>(&data).ok());
        } else if let Some(data) = line.strip_prefix(b"data:")
            && self.data.len().saturating_add(data.len()) <= LONGEST_EVENT
        {
            if !self.data.is_empty() {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(data.strip_prefix(b" ").unwrap_or(data));
        }
    }
}

impl Bridge {
    /// Opens the line on which the bridge tells of what is new. `http` was made with [`Events::SILENCE`].
    pub async fn events(&self, http: &HttpClient, access: &SecretString) -> Result<Events, Error> {
        let url = self.url("events")?;
        let mut again = true;
        loop {
            let headers = self.headers(&Method::GET, &url, Some(access.expose_secret()));
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = stream(http, &url, &headers, BEGIN).await?;
            self.remember(&answer.headers);
            if answer.status == 200 {
                return Ok(Events {
                    body: answer.body,
                    text: Lines::default(),
                });
            }
            let status = answer.status;
            let body = tokio::time::timeout(BEGIN, answer.body.whole(LONGEST)).await;
            let body = body.map_err(|_| self.strange(status))??;
            self.refused(status, &body, &mut again)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&str]) -> Vec<BridgeEvent> {
        let mut lines = Lines::default();
        for piece in pieces {
            lines.take(piece.as_bytes());
        }
        lines.events.into()
    }

    #[test]
    fn events_are_read_however_they_are_cut() {
        let text = ": beat\n\nevent: x\ndata: {\"event\":\"session\"}\n\ndata:{\"event\":\ndata:\"mail\",\"address\":\"张@a.cn\"}\r\n\r\n";
        let wanted = [
            BridgeEvent::Session,
            BridgeEvent::Mail {
                address: "张@a.cn".into(),
            },
        ];
        assert_eq!(read(&[text]), wanted);
        let mut lines = Lines::default();
        text.as_bytes().chunks(1).for_each(|piece| lines.take(piece));
        assert_eq!(Vec::from(lines.events), wanted);
    }

    #[test]
    fn what_is_no_event_is_passed_over() {
        let new = read(&["data: {\"event\":\"policy\",\"more\":1}\n\n"]);
        assert_eq!(new, [BridgeEvent::Unknown]);
        assert_eq!(read(&["data: nonsense\n\n", "data\n\n\n\n"]), []);
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let mut lines = Lines::default();
        for _ in 0..1000 {
            lines.take(&[b'a'; 1000]);
        }
        assert!(lines.line.capacity() <= 4 * LONGEST_EVENT);
        for _ in 0..1000 {
            lines.take(b"\ndata: 0123456789012345678901234567890123456789");
        }
        assert!(lines.data.len() <= LONGEST_EVENT);
        lines.take(b"\n\ndata: {\"event\":\"session\"}\n\n");
        assert_eq!(Vec::from(lines.events), [BridgeEvent::Session]);
    }
}

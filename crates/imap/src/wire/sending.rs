//! What async-imap writes: completed by secrets and literals, and sent when the server wants it.

use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};

use super::Wire;
use super::inbox::lock;
use super::incoming::Sorted;
use super::outgoing::{self, Outgoing, Staged};

impl Wire {
    /// Turns what async-imap wrote into what is sent.
    pub(super) fn process_written(&mut self) -> std::io::Result<()> {
        while let Some(end) = memchr::memchr(b'\n', &self.written) {
            let rest = self.written.split_off(end.saturating_add(1));
            let mut line = std::mem::replace(&mut self.written, rest);
            line.truncate(end);
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            self.process_line(&line)?;
        }
        Ok(())
    }

    fn process_line(&mut self, line: &[u8]) -> std::io::Result<()> {
        // A SASL answer: async-imap encoded the placeholder, the true value is staged in base64.
        let sasl = line == b"AA==" && matches!(self.staged.front(), Some(Staged::RawSecret(_)));
        // async-imap's own LOGIN puts quotes around the placeholders; what stands there is quoted here.
        let line = if sasl { b"\0".to_vec() } else { bare_placeholders(line) };
        let line = line.as_slice();
        tracing::trace!(
            target: "imap",
            session = self.id,
            "C: {}",
            String::from_utf8_lossy(line).replace('\0', "***")
        );
        let tag = line.split(|&b| b == b' ').next().unwrap_or_default();
        let is_command = tag.len() == 5
            && tag.first() == Some(&b'A')
            && tag.iter().skip(1).all(u8::is_ascii_digit)
            && line.len() > tag.len();
        if is_command {
            let tag = String::from_utf8_lossy(tag).into_owned();
            if std::mem::take(&mut self.answer_next) {
                self.staged.clear();
                let unit = Bytes::from(format!("{tag} OK already signed in\r\n"));
                self.pass_tagged(&tag, b"OK", unit);
                return Ok(());
            }
            lock(&self.inbox).outstanding.push_back(tag);
        }
        if !line.contains(&0) {
            let bytes = Bytes::from([line, b"\r\n"].concat());
            self.out.push_back(Outgoing {
                bytes,
                after_continue: false,
            });
            return Ok(());
        }
        outgoing::fill(line, &mut self.staged, self.non_sync, self.utf8, &mut self.out)
            .ok_or_else(|| self.fail(std::io::ErrorKind::InvalidInput))
    }

    /// Writes what is queued; waits for "+" where a literal needs one.
    pub(super) fn poll_out(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        while let Some(next) = self.out.front() {
            if next.after_continue && !self.continued {
                ready!(self.carrier().poll_flush(cx))?;
                match ready!(self.poll_frame(cx))? {
                    None => return Poll::Ready(Err(self.fail(std::io::ErrorKind::UnexpectedEof))),
                    Some(frame) => match self.sort(frame)? {
                        Sorted::Continue(_) => self.continued = true,
                        Sorted::Tagged { tag, status, unit } => {
                            // The literal is not wanted; the rest of the command is dropped.
                            self.pass_tagged(&tag, status, unit);
                            self.out.clear();
                        }
                        Sorted::Diverted | Sorted::Passed => {}
                    },
                }
                continue;
            }
            let bytes = next.bytes.clone();
            let written = ready!(self.carrier().poll_write(cx, &bytes))?;
            if written == 0 {
                return Poll::Ready(Err(self.fail(std::io::ErrorKind::WriteZero)));
            }
            if let Some(front) = self.out.front_mut() {
                front.bytes.advance(written.min(front.bytes.len()));
                if front.bytes.is_empty() {
                    self.out.pop_front();
                    self.continued = false;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// `"NUL"` becomes NUL.
fn bare_placeholders(line: &[u8]) -> Vec<u8> {
    let mut bare = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((&byte, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(b"\"\0\"") {
            bare.push(0);
            rest = after;
        } else {
            bare.push(byte);
            rest = after;
        }
    }
    bare
}

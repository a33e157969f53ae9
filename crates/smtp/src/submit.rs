//! Handing over one mail: MAIL, RCPT by RCPT, DATA, the text in pieces, the dot (RFC 5321 3.3).

use std::fmt::Write as _;

use lettre::transport::smtp::Error as LettreError;
use lettre::transport::smtp::response::Response;
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::error::{Error, bounded};
use crate::path::Path;
use crate::session::{Session, within};

/// Bytes of a mail that are read and sent at once.
const PIECE: usize = 64 << 10;
/// Recipients that are named before their replies are read (RFC 2920): so few that neither side's buffers fill.
const AT_ONCE: usize = 50;

/// A mail's envelope.
#[derive(Clone, Debug)]
pub struct Submission {
    pub from: Path,
    pub to: Vec<Path>,
    /// Bytes of the mail, before dots are doubled.
    pub size: u64,
    /// The mail has bytes above 127 in its text.
    pub eight_bit: bool,
    /// The mail has letters beyond ASCII in its headers (RFC 6532).
    pub utf8: bool,
}

/// A recipient that the server does not take, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub address: String,
    pub code: u16,
    pub text: String,
}

/// The server took the mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// For whom it did not.
    pub refused: Vec<Refusal>,
    /// What it said to the dot.
    pub text: String,
}

/// Why a mail was not handed over, or may not have been.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The server has not taken it, for certain.
    #[error("not sent: {0}")]
    NotSent(#[source] Error),
    /// The server takes it for nobody.
    #[error("no recipient is taken")]
    NoRecipient(Vec<Refusal>),
    /// The mail is larger than the server takes (RFC 1870); nothing was sent.
    #[error("{size} bytes, and the server takes {limit}")]
    TooLarge { size: u64, limit: u64 },
    /// An address has letters that the server cannot take (no SMTPUTF8); nothing was sent.
    #[error("the server cannot write to {0}")]
    Letters(String),
    /// The mail itself could not be read to its end; the server has not taken it.
    #[error("the mail could not be read: {0}")]
    Source(#[source] std::io::Error),
    /// All was sent, and the server's word on it never came: it may have taken the mail.
    #[error("nobody knows whether it was sent: {0}")]
    Unknown(#[source] Error),
}

/// A mail that the server has all of but the dot: it takes it only when [`Session::finish`] says so.
#[derive(Debug)]
#[must_use = "without the dot the server forgets the mail"]
pub struct Transferred {
    refused: Vec<Refusal>,
    dot: &'static [u8],
}

/// Doubles the dots at the beginning of lines (RFC 5321 4.5.2), piece by piece.
#[derive(Default)]
struct Dots {
    /// What the last piece ended with.
    last: [u8; 2],
    begun: bool,
}

impl Dots {
    fn double(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(piece.len().saturating_add(16));
        for &byte in piece {
            if byte == b'.' && (!self.begun || self.last == *b"\r\n") {
                out.push(b'.');
            }
            self.begun = true;
            self.last = [self.last[1], byte];
            out.push(byte);
        }
        out
    }

    /// What ends the mail: its last line may lack its end.
    fn end(&self) -> &'static [u8] {
        if !self.begun || self.last == *b"\r\n" {
            b".\r\n"
        } else {
            b"\r\n.\r\n"
        }
    }
}

/// What RCPT is told of an address: as it is where the server can bear that.
fn written(path: &Path, utf8: bool) -> Result<String, SubmitError> {
    match path.ascii() {
        Some(plain) => Ok(plain),
        None if utf8 => Ok(path.to_string()),
        None => Err(SubmitError::Letters(path.to_string())),
    }
}

impl Session {
    /// Hands over one mail but for the dot that ends it, so that the caller can write down that it is about to be sent:
    /// who dies before [`Self::finish`] has sent nothing. `mail` has exactly [`Submission::size`] bytes and lines that end
    /// in CRLF.
    ///
    /// Each recipient is answered for alone: the mail goes to those that the server takes. After
    /// [`SubmitError::NotSent`] and [`SubmitError::Source`] the session is of no more use.
    ///
    /// # Errors
    /// [`SubmitError`], but never [`SubmitError::Unknown`].
    pub async fn transfer(
        &mut self,
        submission: &Submission,
        mail: impl AsyncRead + Unpin + Send,
    ) -> Result<Transferred, SubmitError> {
        let limit = self.capabilities.size().unwrap_or(u64::MAX);
        if submission.size > limit {
            let size = submission.size;
            return Err(SubmitError::TooLarge { size, limit });
        }
        let utf8 = self.capabilities.has("SMTPUTF8");
        let to = submission
            .to
            .iter()
            .map(|path| written(path, utf8))
            .collect::<Result<Vec<_>, _>>()?;
        let opening = self.opening(submission, &written(&submission.from, utf8)?, &to);
        self.command(opening).await.map_err(SubmitError::NotSent)?;
        let refused = self.recipients(submission, &to).await?;
        if refused.len() == submission.to.len() {
            // The session stays of use; a server that has no RSET is left anyway.
            let _ = self.command("RSET\r\n").await;
            return Err(SubmitError::NoRecipient(refused));
        }
        self.command("DATA\r\n").await.map_err(SubmitError::NotSent)?;
        let dots = self.text(submission.size, mail).await?;
        tracing::debug!(target: "smtp", size = submission.size, refused = refused.len(), "a mail was transferred");
        Ok(Transferred {
            refused,
            dot: dots.end(),
        })
    }

    /// Sends the dot and waits for the server's word on the mail. The session can hand over another one after that.
    ///
    /// # Errors
    /// [`SubmitError::NotSent`] when the server refuses it, [`SubmitError::Unknown`] when its word does not come; after
    /// that the session is of no more use.
    pub async fn finish(&mut self, mail: Transferred) -> Result<Accepted, SubmitError> {
        let text = self.end(mail.dot).await?;
        Ok(Accepted {
            refused: mail.refused,
            text,
        })
    }

    fn opening(&self, submission: &Submission, from: &str, to: &[String]) -> String {
        let mut command = format!("MAIL FROM:<{from}>");
        if self.capabilities.has("SIZE") {
            let _ = write!(command, " SIZE={}", submission.size);
        }
        if submission.eight_bit && self.capabilities.has("8BITMIME") {
            command.push_str(" BODY=8BITMIME");
        }
        let letters = submission.utf8 || !from.is_ascii() || to.iter().any(|each| !each.is_ascii());
        if letters && self.capabilities.has("SMTPUTF8") {
            command.push_str(" SMTPUTF8");
        }
        command.push_str("\r\n");
        command
    }

    /// Names all recipients; those that are refused.
    async fn recipients(&mut self, submission: &Submission, to: &[String]) -> Result<Vec<Refusal>, SubmitError> {
        let together = if self.capabilities.has("PIPELINING") {
            AT_ONCE
        } else {
            1
        };
        let mut refused = Vec::new();
        for (paths, names) in submission.to.chunks(together).zip(to.chunks(together)) {
            let mut commands = String::new();
            for name in names {
                let _ = write!(commands, "RCPT TO:<{name}>\r\n");
            }
            let mut reply = self.command(commands).await;
            for (at, path) in paths.iter().enumerate() {
                if at > 0 {
                    reply = self.next().await;
                }
                match reply {
                    Ok(_) => {}
                    // 421 is no word on the recipient: the server is about to close.
                    Err(Error::Refused { code, text }) if code != 421 => refused.push(Refusal {
                        address: path.to_string(),
                        code,
                        text,
                    }),
                    Err(error) => return Err(SubmitError::NotSent(error)),
                }
                reply = Err(Error::Closed);
            }
        }
        Ok(refused)
    }

    async fn next(&mut self) -> Result<Response, Error> {
        within(self.limits.command_timeout, self.connection.read_response()).await
    }

    async fn text(&mut self, size: u64, mut mail: impl AsyncRead + Unpin + Send) -> Result<Dots, SubmitError> {
        let mut dots = Dots::default();
        let mut piece = vec![0_u8; PIECE];
        let mut sent = 0_u64;
        loop {
            let read = mail.read(&mut piece).await.map_err(SubmitError::Source)?;
            sent = sent.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            // A mail that is not what was announced must not be ended by a dot.
            if sent > size || (read == 0 && sent < size) {
                return Err(SubmitError::Source(std::io::ErrorKind::UnexpectedEof.into()));
            }
            if read == 0 {
                return Ok(dots);
            }
            let doubled = dots.double(piece.get(..read).unwrap_or_default());
            self.push(&doubled).await.map_err(SubmitError::NotSent)?;
        }
    }

    async fn push(&self, bytes: &[u8]) -> Result<(), Error> {
        let pushed = async {
            self.hold.write_all(bytes).await?;
            self.hold.flush().await
        };
        match tokio::time::timeout(self.limits.command_timeout, pushed).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Error::Closed),
            Err(_) => Err(Error::Timeout),
        }
    }

    /// The dot, and the server's word on it. From the first byte of the dot on, silence means that nobody knows.
    async fn end(&mut self, dot: &[u8]) -> Result<String, SubmitError> {
        self.push(dot).await.map_err(SubmitError::Unknown)?;
        let ended: Result<Response, LettreError> =
            match tokio::time::timeout(self.limits.end_timeout, self.connection.read_response()).await {
                Ok(ended) => ended,
                Err(_) => return Err(SubmitError::Unknown(Error::Timeout)),
            };
        match ended.map_err(|error| Error::from_lettre(&error)) {
            Ok(_) => Ok(bounded(&self.hold.reply().join(" "))),
            Err(refused @ Error::Refused { .. }) => Err(SubmitError::NotSent(refused)),
            Err(error) => Err(SubmitError::Unknown(error)),
        }
    }
}

#[cfg(test)]
mod tests;

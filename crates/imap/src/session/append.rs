//! Putting a mail into a folder (RFC 9051 6.3.12), streamed.

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use super::{Command, Session, Step, open};
use crate::date;
use crate::error::Error;
use crate::flags::Flags;
use crate::name::MailboxName;
use crate::parse::Code;

/// Up to this size a literal is sent without asking, where the server allows it; larger ones ask first, so that a
/// refusal (quota, no such folder) costs no upload.
const SEND_UNASKED: u64 = 4096;
const BLOCK: usize = 32 << 10;

impl Session {
    /// Appends `length` bytes of `reader` as a mail. Returns its UID where the server tells it (UIDPLUS).
    ///
    /// `date` is the arrival time in Unix seconds. The bytes must have CRLF line ends and exactly `length` of them.
    ///
    /// # Errors
    /// [`Error::OverQuota`], [`Error::NoSuchMailbox`]; [`Error::Io`] when `reader` fails or ends early, which makes
    /// the session unusable (the server still waits for the rest).
    pub async fn append(
        &mut self,
        name: &MailboxName,
        flags: &Flags,
        date: Option<i64>,
        length: u64,
        mut reader: impl AsyncRead + Unpin + Send,
    ) -> Result<Option<u32>, Error> {
        if self.capabilities.append_limit().is_some_and(|limit| length > limit) {
            return Err(Error::OverQuota { text: String::new() });
        }
        self.settle().await?;
        let unasked =
            length <= SEND_UNASKED && usize::try_from(length).is_ok_and(|n| n <= self.capabilities.non_sync_literal());
        let mut command = Command::new("APPEND ").value(self.wire_name(name)).raw(" ");
        if !flags.is_empty() {
            command = command.raw(&format!("({flags}) "));
        }
        if let Some(date) = date {
            command = command.raw(&format!("{} ", date::date_time(date)));
        }
        command = command.raw(&format!("{{{length}{}}}", if unasked { "+" } else { "" }));
        let tag = self.begin_more(command).await?;
        if !unasked {
            loop {
                match self.step().await? {
                    Step::Continue => break,
                    Step::Data(response) => self.note(response),
                    Step::Done(done, line) if done == tag => {
                        self.check(line)?;
                        return Err(Error::Protocol("APPEND was answered before the mail was sent"));
                    }
                    _ => {}
                }
            }
        }
        if let Err(e) = self.send_literal(length, &mut reader).await {
            self.dead = true;
            return Err(e);
        }
        loop {
            match self.step().await? {
                Step::Data(response) => self.note(response),
                Step::Done(done, line) if done == tag => {
                    let line = self.check(line)?;
                    return Ok(match line.code {
                        Some(Code::AppendUid(_, uids)) => uids.first(),
                        _ => None,
                    });
                }
                _ => {}
            }
        }
    }

    async fn send_literal(&mut self, length: u64, reader: &mut (impl AsyncRead + Unpin + Send)) -> Result<(), Error> {
        let limit = self.limits.command_timeout;
        let conn = self.conn()?;
        conn.as_mut().expect_raw(length);
        let mut left = length;
        let mut block = vec![0_u8; BLOCK];
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
            let read = reader.read(block.get_mut(..most).unwrap_or_default()).await?;
            if read == 0 {
                return Err(Error::Io(std::io::ErrorKind::UnexpectedEof));
            }
            let sent = conn.as_mut().write_all(block.get(..read).unwrap_or_default());
            tokio::time::timeout(limit, sent).await.map_err(|_| Error::Timeout)??;
            left = left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
        }
        // The command's own line end.
        tokio::time::timeout(limit, conn.run_command_untagged(""))
            .await
            .map_err(|_| Error::Timeout)?
            .map_err(|e| open::from_async_imap(e, None))
    }

    /// Appends a mail that is in memory.
    pub async fn append_bytes(
        &mut self,
        name: &MailboxName,
        flags: &Flags,
        date: Option<i64>,
        mail: &Bytes,
    ) -> Result<Option<u32>, Error> {
        let length = u64::try_from(mail.len()).map_err(|_| Error::TooLarge)?;
        self.append(name, flags, date, length, mail.as_ref()).await
    }
}

//! Waiting for news: IDLE (RFC 2177) for the selected mailbox, NOTIFY (RFC 5465) for all.

use std::pin::pin;
use std::time::Duration;

use super::{Command, Session, Step, Unsolicited, open};
use crate::error::Error;

/// How to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// IDLE in the selected mailbox.
    Idle,
    /// NOTIFY is set, the server tells by itself. Where it can, IDLE runs beside it: Dovecot begins to watch the
    /// selected mailbox only a second after the last command and misses what comes before; with IDLE it does not.
    Listen,
}

/// Why the waiting ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waited {
    /// Something happened.
    Events(Vec<Unsolicited>),
    /// Nothing happened for the time given; wait again (a NOOP before finds dead lines).
    Renew,
    /// The interrupt fired.
    Interrupted,
}

impl Session {
    /// Asks to be told of every change in every personal folder (new mails, removed mails, flags, folders), and
    /// of the selected mailbox at once. After this use [`Wait::Listen`]; each SELECT keeps it.
    ///
    /// # Errors
    /// [`Error::NotOffered`]; [`Error::No`] when the server cannot watch that much.
    pub async fn notify_all(&mut self) -> Result<(), Error> {
        if !self.capabilities.notify() {
            return Err(Error::NotOffered("NOTIFY"));
        }
        let items = if self.condstore {
            "(UID FLAGS MODSEQ)"
        } else {
            "(UID FLAGS)"
        };
        let own = |personal: &str, more: &str| {
            format!(
                "NOTIFY SET STATUS (selected (MessageNew {items} MessageExpunge FlagChange)) \
                 ({personal} (MessageNew MessageExpunge FlagChange{more}))"
            )
        };
        // What a server does not know of this it refuses as a whole: ask for less then.
        let attempts = [
            own("personal", " MailboxName SubscriptionChange"),
            own("personal", " MailboxName"),
            own("personal", ""),
            own("subtree (\"\")", ""),
        ];
        let mut refused = Error::NotOffered("NOTIFY");
        for attempt in attempts {
            match self.run_simple(Command::new(attempt)).await {
                Ok(_) => {
                    self.notify = true;
                    return Ok(());
                }
                Err(e) if e.is_fatal() => return Err(e),
                Err(e) => refused = e,
            }
        }
        Err(refused)
    }

    /// Whether NOTIFY is on (an overflow turns it off at the server; set it again then).
    pub fn is_notifying(&self) -> bool {
        self.notify
    }

    /// Waits for news and returns at the first, with all that came along with it. Dropping the future leaves the
    /// session usable (the next command ends the IDLE).
    ///
    /// `renew` bounds the wait: IDLE must be renewed within 29 minutes, and a dead line is only found by speaking.
    ///
    /// # Errors
    /// [`Error::NotOffered`] when the server refuses IDLE after all; those of a broken line.
    pub async fn wait(
        &mut self,
        how: Wait,
        renew: Duration,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Waited, Error> {
        self.settle().await?;
        if !self.unsolicited.is_empty() {
            return Ok(Waited::Events(self.take_unsolicited()));
        }
        self.conn()?.as_mut().rest();
        let tag = match how {
            Wait::Idle => Some(self.start_idle().await?),
            Wait::Listen if self.selected.is_some() && self.capabilities.idle() && !self.quirks.no_idle => {
                match self.start_idle().await {
                    Ok(tag) => Some(tag),
                    Err(Error::NotOffered(_)) => None,
                    Err(e) => return Err(e),
                }
            }
            Wait::Listen => None,
        };
        let mut interrupt = pin!(interrupt);
        let mut pause = pin!(tokio::time::sleep(renew));
        let ended = loop {
            self.note_ready();
            if !self.unsolicited.is_empty() {
                break None;
            }
            tokio::select! {
                biased;
                step = self.step_unhurried() => match step? {
                    Step::Data(response) => self.note(response),
                    Step::Done(done, line) if Some(&done) == tag.as_ref() => {
                        // The server ended the IDLE by itself.
                        self.idling = false;
                        self.check(line)?;
                        return Ok(match self.take_unsolicited() {
                            events if events.is_empty() => Waited::Renew,
                            events => Waited::Events(events),
                        });
                    }
                    _ => {}
                },
                () = &mut pause => break Some(Waited::Renew),
                () = &mut interrupt => break Some(Waited::Interrupted),
            }
        };
        if let Some(tag) = tag {
            self.end_idle(&tag).await?;
        }
        // What came while IDLE ended counts too: nothing waits for the next round.
        self.note_ready();
        match ended {
            Some(ended) if self.unsolicited.is_empty() => Ok(ended),
            _ => Ok(Waited::Events(self.take_unsolicited())),
        }
    }

    /// Takes what has been received already, without waiting.
    fn note_ready(&mut self) {
        while let Some(step) = self.ready_step() {
            if let Step::Data(response) = step {
                self.note(response);
            }
        }
    }

    async fn start_idle(&mut self) -> Result<String, Error> {
        if !self.capabilities.idle() {
            return Err(Error::NotOffered("IDLE"));
        }
        // Before it is sent: dropped in the middle of the sending, it must be ended all the same.
        self.idling = true;
        let tag = match self.begin_more(Command::new("IDLE")).await {
            Ok(tag) => tag,
            Err(e) => {
                self.idling = false;
                return Err(e);
            }
        };
        loop {
            match self.step().await? {
                Step::Continue => return Ok(tag),
                Step::Data(response) => self.note(response),
                Step::Done(done, _) if done == tag => {
                    self.idling = false;
                    self.quirks.no_idle = true;
                    return Err(Error::NotOffered("IDLE"));
                }
                _ => {}
            }
        }
    }

    async fn end_idle(&mut self, tag: &str) -> Result<(), Error> {
        let limit = self.limits.command_timeout;
        self.idling = false;
        let sent = tokio::time::timeout(limit, self.conn()?.run_command_untagged("DONE")).await;
        match sent {
            Err(_) => return Err(self.fatal(Error::Timeout)),
            Ok(Err(e)) => {
                let e = open::from_async_imap(e, None);
                return Err(self.fatal(e));
            }
            Ok(Ok(())) => {}
        }
        loop {
            match self.step().await? {
                Step::Data(response) => self.note(response),
                Step::Done(done, _) if done == tag => return Ok(()),
                _ => {}
            }
        }
    }
}

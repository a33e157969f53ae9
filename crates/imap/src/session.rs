//! A signed-in session: one command after the other, unsolicited answers kept for the caller.

mod append;
mod fetch;
mod folders;
mod mail;
mod open;
mod sasl;
mod search;
mod section;
mod select;
mod watch;

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use qiyou_net::ByteCount;

use crate::capability::Capabilities;
use crate::error::Error;
use crate::flags::FlagRow;
use crate::mailbox::{Namespaces, Status};
use crate::name::MailboxName;
use crate::parse::{self, Code, Cursor, Response, StatusKind, StatusLine};
use crate::quirks::Quirks;
use crate::server::{ClientId, Limits};
use crate::uid_set::UidSet;
use crate::wire::outgoing::{PLACEHOLDER, Staged, is_sendable};
use crate::wire::{Item, SharedInbox, Wire, lock};

pub use fetch::{Identity, PartRequest, ROW_HEADERS, Row};
pub use search::Search;
pub use select::{Qresync, SelectOptions, Selected};
pub use watch::{Wait, Waited};

/// Most unsolicited answers kept for the caller; beyond that they become one [`Unsolicited::Overflow`].
const MAX_UNSOLICITED: usize = 10_000;

/// What a server says without being asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsolicited {
    /// So many messages are in the selected mailbox now.
    Exists(u32),
    /// The message with this sequence number is gone; later ones move up.
    Expunge(u32),
    /// These UIDs of the selected mailbox are gone (QRESYNC).
    Vanished(UidSet),
    /// Flags changed in the selected mailbox. `uid` is 0 where the server did not say it.
    Fetch(FlagRow),
    /// Another mailbox changed (NOTIFY), or STATUS was answered late.
    Status(MailboxName, Status),
    /// A folder came, went (`\NonExistent`) or was renamed: look at the folders again.
    Folder {
        name: MailboxName,
        old_name: Option<MailboxName>,
        gone: bool,
    },
    /// Words for the person (RFC 9051 requires to show them).
    Alert(String),
    /// The server is about to close.
    Bye(String),
    /// Something was lost (RFC 5465 NOTIFICATIONOVERFLOW, or more came than is kept): look at everything again.
    Overflow,
}

/// The mailbox that is open.
#[derive(Clone, Debug)]
struct Current {
    name: MailboxName,
    read_only: bool,
}

/// A signed-in session. All methods need `&mut`: one command at a time.
///
/// A method's future may be dropped half-way: what is left of its answers is read and dropped before the next
/// command. Only a cut APPEND makes the session unusable.
pub struct Session {
    /// Empty only while COMPRESS changes the layers.
    conn: Option<async_imap::Session<Wire>>,
    inbox: SharedInbox,
    ready: VecDeque<Item>,
    limits: Limits,
    client_id: ClientId,
    capabilities: Capabilities,
    quirks: Quirks,
    namespaces: Namespaces,
    server_id: Vec<(String, String)>,
    count: Arc<ByteCount>,
    utf8: bool,
    condstore: bool,
    qresync: bool,
    notify: bool,
    idling: bool,
    streaming: bool,
    selected: Option<Current>,
    unsolicited: Vec<Unsolicited>,
    bye: Option<String>,
    dead: bool,
    commands: Tally,
}

/// Counts the commands of a session, for those who must not send too many.
#[derive(Default)]
struct Tally {
    /// Sent before anybody wanted to know.
    early: u32,
    each: Option<Arc<dyn Fn(u32) + Send + Sync>>,
}

impl Tally {
    fn one_more(&mut self) {
        match &self.each {
            Some(each) => each(1),
            None => self.early = self.early.saturating_add(1),
        }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("selected", &self.selected)
            .field("dead", &self.dead)
            .finish_non_exhaustive()
    }
}

/// One thing that came from the server.
enum Step {
    Data(Response),
    /// An answer that was too large; its start.
    Skipped(Bytes),
    Head(Bytes),
    Piece(Bytes),
    Tail(Bytes),
    Continue,
    Done(String, StatusLine),
}

/// A command with the values that are quoted, sent as literals, or hidden.
pub(super) struct Command {
    text: String,
    staged: Vec<Staged>,
}

impl Command {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            staged: Vec::new(),
        }
    }

    pub(super) fn raw(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    pub(super) fn value(mut self, value: impl Into<Vec<u8>>) -> Self {
        self.text.push(PLACEHOLDER);
        self.staged.push(Staged::Text(value.into()));
        self
    }
}

impl Session {
    /// What the server can do.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// What is odd about the server.
    pub fn quirks(&self) -> &Quirks {
        &self.quirks
    }

    /// Where personal, other users' and shared folders are.
    pub fn namespaces(&self) -> &Namespaces {
        &self.namespaces
    }

    /// What the server said of itself (RFC 2971), at most 60 fields.
    pub fn server_id(&self) -> &[(String, String)] {
        &self.server_id
    }

    /// Live counters of the bytes of this connection.
    pub fn count(&self) -> Arc<ByteCount> {
        Arc::clone(&self.count)
    }

    /// From now on `each` is called with the number of commands that were sent, those of the sign-in at once.
    pub fn count_commands(&mut self, each: impl Fn(u32) + Send + Sync + 'static) {
        each(std::mem::take(&mut self.commands.early));
        self.commands.each = Some(Arc::new(each));
    }

    /// The mailbox that is selected.
    pub fn selected(&self) -> Option<&MailboxName> {
        self.selected.as_ref().map(|c| &c.name)
    }

    /// Whether CONDSTORE, QRESYNC are in use: flags carry MODSEQ, expunges come as UIDs.
    pub fn has_qresync(&self) -> bool {
        self.qresync
    }

    /// Whether the session is beyond use; open a new one.
    pub fn is_dead(&self) -> bool {
        self.dead
    }

    /// What came unasked since the last look.
    pub fn take_unsolicited(&mut self) -> Vec<Unsolicited> {
        std::mem::take(&mut self.unsolicited)
    }

    /// Asks for news of the selected mailbox and says that we are alive.
    pub async fn noop(&mut self) -> Result<Vec<Unsolicited>, Error> {
        self.run_simple(Command::new("NOOP")).await?;
        Ok(self.take_unsolicited())
    }

    /// Says goodbye. Never fails: the connection is closed anyway.
    pub async fn logout(mut self) {
        let goodbye = self.run_simple(Command::new("LOGOUT"));
        if tokio::time::timeout(Duration::from_secs(5), goodbye).await.is_err() {
            tracing::debug!(target: "imap", "no goodbye from the server");
        }
    }

    /// Compresses the line from here on (RFC 4978). About 300 KB of memory per connection.
    pub async fn compress(&mut self) -> Result<(), Error> {
        if !self.capabilities.compress() {
            return Err(Error::NotOffered("COMPRESS=DEFLATE"));
        }
        self.settle().await?;
        let mut conn = self.conn.take().ok_or(Error::Closed)?;
        // Only a whole new session heals what breaks off in here.
        self.dead = true;
        conn.as_mut().handshake();
        let state = conn.as_mut().state();
        let limits = self.limits.clone();
        let compressing = conn.compress(move |mut deflate| {
            deflate.get_mut().transparent();
            Wire::deflated(deflate, &limits, state)
        });
        let compressed = tokio::time::timeout(self.limits.command_timeout, compressing)
            .await
            .map_err(|_| Error::Timeout)?;
        let done = lock(&self.inbox).done.pop_front();
        match compressed {
            Ok(conn) => {
                self.conn = Some(conn);
                self.dead = false;
                Ok(())
            }
            Err(e) => Err(open::from_async_imap(e, done.as_ref())),
        }
    }

    fn conn(&mut self) -> Result<&mut async_imap::Session<Wire>, Error> {
        self.conn.as_mut().ok_or(Error::Closed)
    }

    /// Reads and drops what an earlier command, whose future was dropped, left unread.
    async fn settle(&mut self) -> Result<(), Error> {
        if self.dead {
            return Err(Error::Closed);
        }
        if self.conn()?.as_mut().raw_left() > 0 {
            self.dead = true;
            return Err(Error::Closed);
        }
        if lock(&self.inbox).outstanding.is_empty() && !self.idling {
            return Ok(());
        }
        if self.idling {
            self.idling = false;
            let limit = self.limits.command_timeout;
            tokio::time::timeout(limit, self.conn()?.run_command_untagged("DONE"))
                .await
                .map_err(|_| self.fatal(Error::Timeout))?
                .map_err(|e| self.fatal(open::from_async_imap(e, None)))?;
        }
        while !lock(&self.inbox).outstanding.is_empty() {
            if let Step::Data(response) = self.step().await? {
                self.note(response);
            }
        }
        if self.streaming {
            self.streaming = false;
            self.conn()?.as_mut().set_streaming(false);
        }
        Ok(())
    }

    /// Sends a command; its tag.
    async fn begin(&mut self, command: Command) -> Result<String, Error> {
        self.settle().await?;
        self.begin_more(command).await
    }

    /// Sends a command behind others whose answers are not read yet.
    async fn begin_more(&mut self, command: Command) -> Result<String, Error> {
        let sendable = command.staged.iter().all(|s| match s {
            Staged::Text(raw) => is_sendable(raw),
            Staged::Secret(_) | Staged::RawSecret(_) => true,
        });
        let placeholders = command.text.bytes().filter(|&b| b == 0).count();
        if !sendable || placeholders != command.staged.len() || command.text.contains(['\r', '\n']) {
            return Err(Error::Unsendable);
        }
        let limit = self.limits.command_timeout;
        let conn = self.conn()?;
        conn.as_mut().clear_staged();
        for staged in command.staged {
            conn.as_mut().stage(staged);
        }
        match tokio::time::timeout(limit, conn.run_command(&command.text)).await {
            Ok(Ok(tag)) => {
                self.commands.one_more();
                Ok(tag.0)
            }
            Ok(Err(e)) => {
                let e = open::from_async_imap(e, None);
                Err(self.fatal(e))
            }
            Err(_) => Err(self.fatal(Error::Timeout)),
        }
    }

    /// Marks the session as dead; a broken line after a BYE is that BYE.
    fn fatal(&mut self, e: Error) -> Error {
        if e.is_fatal() {
            self.dead = true;
        }
        match (&e, self.bye.take()) {
            (Error::Closed | Error::Io(_), Some(text)) => {
                self.bye = Some(text.clone());
                open::bye_error(text)
            }
            (_, bye) => {
                self.bye = bye;
                e
            }
        }
    }

    /// The next thing from the server, within the limits of time.
    async fn step(&mut self) -> Result<Step, Error> {
        if let Some(step) = self.ready_step() {
            return Ok(step);
        }
        let (silence, whole) = (self.limits.command_timeout, self.limits.answer_timeout);
        let started = tokio::time::Instant::now();
        loop {
            let before = lock(&self.inbox).received;
            if let Ok(step) = tokio::time::timeout(silence, self.step_unhurried()).await {
                return step;
            }
            let silent = lock(&self.inbox).received == before;
            if silent || started.elapsed() >= whole {
                return Err(self.fatal(Error::Timeout));
            }
        }
    }

    /// What has been received and cut already.
    fn ready_step(&mut self) -> Option<Step> {
        if self.ready.is_empty() {
            let mut inbox = lock(&self.inbox);
            if inbox.items.is_empty() {
                return None;
            }
            self.ready = inbox.take();
        }
        let utf8 = self.utf8;
        self.ready.pop_front().map(|item| match item {
            Item::Unit(unit) => Step::Data(parse::parse(&unit, utf8)),
            Item::Skipped(head) => Step::Skipped(head),
            Item::Head(bytes) => Step::Head(bytes),
            Item::Piece(bytes) => Step::Piece(bytes),
            Item::Tail(bytes) => Step::Tail(bytes),
        })
    }

    /// The next thing from the server, however long it takes. May be dropped and called again.
    async fn step_unhurried(&mut self) -> Result<Step, Error> {
        loop {
            if let Some(step) = self.ready_step() {
                return Ok(step);
            }
            let inbox = Arc::clone(&self.inbox);
            let conn = self.conn.as_mut().ok_or(Error::Closed)?;
            let answer = {
                let mut reading = pin!(conn.read_response());
                std::future::poll_fn(|cx| match reading.as_mut().poll(cx) {
                    Poll::Ready(answer) => Poll::Ready(Some(answer)),
                    // The wire stops for us to take what it has; it wakes nobody for that.
                    Poll::Pending if !lock(&inbox).items.is_empty() => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                })
                .await
            };
            match answer {
                None => {}
                Some(Ok(Some(answer))) => match answer.parsed() {
                    async_imap::imap_proto::Response::Continue(_) => return Ok(Step::Continue),
                    async_imap::imap_proto::Response::Done { tag, .. } => {
                        let tag = tag.0.clone();
                        let raw = lock(&self.inbox).done.pop_front();
                        let line = raw.as_ref().and_then(done_line);
                        let line = line.ok_or_else(|| self.fatal(Error::Protocol("an answer without status")))?;
                        self.note_code(line.code.as_ref(), &line.text);
                        return Ok(Step::Done(tag, line));
                    }
                    _ => {}
                },
                Some(Ok(None)) => return Err(self.fatal(Error::Closed)),
                Some(Err(e)) => return Err(self.fatal(e.into())),
            }
        }
    }

    /// Runs a command; `each` gets every untagged answer and gives back what it does not want.
    async fn run(
        &mut self,
        command: Command,
        mut each: impl FnMut(Response) -> Result<Option<Response>, Error> + Send,
    ) -> Result<StatusLine, Error> {
        let tag = self.begin(command).await?;
        let mut failure = None;
        loop {
            match self.step().await? {
                Step::Data(response) => {
                    let left = if failure.is_none() {
                        each(response)
                    } else {
                        Ok(Some(response))
                    };
                    match left {
                        Ok(Some(response)) => self.note(response),
                        Ok(None) => {}
                        Err(e) => failure = Some(e),
                    }
                }
                Step::Done(done, line) if done == tag => {
                    return match failure {
                        Some(e) => Err(e),
                        None => self.check(line),
                    };
                }
                Step::Done(..) | Step::Continue | Step::Skipped(_) | Step::Head(_) | Step::Piece(_) | Step::Tail(_) => {
                }
            }
        }
    }

    async fn run_simple(&mut self, command: Command) -> Result<StatusLine, Error> {
        self.run(command, |response| Ok(Some(response))).await
    }

    /// NO and BAD as errors.
    #[allow(clippy::unused_self, reason = "reads as a step of the conversation")]
    fn check(&self, line: StatusLine) -> Result<StatusLine, Error> {
        let StatusLine { kind, code, text } = line;
        match kind {
            StatusKind::Ok | StatusKind::PreAuth => Ok(StatusLine { kind, code, text }),
            StatusKind::Bye => Err(open::bye_error(text)),
            StatusKind::Bad => Err(Error::Bad { text }),
            StatusKind::No => Err(match code {
                _ if text.to_ascii_lowercase().contains("unsafe login") => Error::UnsafeLogin { text },
                Some(Code::BadCharset) => Error::BadCharset,
                Some(Code::Nonexistent | Code::TryCreate) => Error::NoSuchMailbox { text },
                Some(Code::OverQuota | Code::TooBig) => Error::OverQuota { text },
                code => Error::No { code, text },
            }),
        }
    }

    /// Keeps what nobody asked for.
    fn note(&mut self, response: Response) {
        match response {
            Response::Exists(count) => {
                // Only the newest number counts.
                self.unsolicited.retain(|u| !matches!(u, Unsolicited::Exists(_)));
                self.push(Unsolicited::Exists(count));
            }
            Response::Expunge(seq) => self.push(Unsolicited::Expunge(seq)),
            Response::Vanished(_, set) => self.push(Unsolicited::Vanished(set)),
            Response::Fetch(items) => {
                if let Some(flags) = items.flags {
                    self.push(Unsolicited::Fetch(FlagRow {
                        uid: items.uid.unwrap_or_default(),
                        seq: items.seq,
                        flags,
                        modseq: items.modseq,
                    }));
                }
            }
            Response::MailboxStatus(name, status) => self.push(Unsolicited::Status(name, status)),
            Response::List(row) => self.push(Unsolicited::Folder {
                gone: row.has("\\NonExistent"),
                name: row.name,
                old_name: row.old_name,
            }),
            Response::Status(line) => {
                if line.kind == StatusKind::Bye {
                    self.bye = Some(line.text.clone());
                    self.push(Unsolicited::Bye(line.text));
                } else {
                    self.note_code(line.code.as_ref(), &line.text);
                }
            }
            Response::Capability(capabilities) => self.capabilities = capabilities,
            Response::Enabled(_)
            | Response::Flags(_)
            | Response::Lsub(_)
            | Response::Search(_)
            | Response::Esearch(_)
            | Response::Recent(_)
            | Response::Namespace(_)
            | Response::Id(_)
            | Response::Unknown => {}
        }
    }

    fn note_code(&mut self, code: Option<&Code>, text: &str) {
        match code {
            Some(Code::Alert) => self.push(Unsolicited::Alert(text.to_owned())),
            Some(Code::NotificationOverflow) => {
                self.notify = false;
                self.push(Unsolicited::Overflow);
            }
            Some(Code::Capability(capabilities)) if !capabilities.is_empty() => {
                self.capabilities = capabilities.clone();
            }
            _ => {}
        }
    }

    fn push(&mut self, news: Unsolicited) {
        if self.unsolicited.len() >= MAX_UNSOLICITED {
            self.unsolicited.clear();
            self.unsolicited.push(Unsolicited::Overflow);
        }
        self.unsolicited.push(news);
    }

    /// The name as this session sends it.
    fn wire_name(&self, name: &MailboxName) -> Vec<u8> {
        name.for_session(self.utf8).to_vec()
    }
}

/// The status of a tagged answer as the server wrote it.
fn done_line(raw: &Bytes) -> Option<StatusLine> {
    let mut cursor = Cursor::new(raw);
    cursor.atom();
    parse::status_line(&mut cursor)
}

#[cfg(test)]
mod tests;

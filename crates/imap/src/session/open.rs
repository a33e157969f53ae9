//! From a dialled connection to a signed-in session.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use qiyou_net::{Dialer, Security, Stream};

use super::sasl::authenticate;
use super::{Command, Session, done_line};
use crate::capability::Capabilities;
use crate::error::{Error, auth_error};
use crate::mailbox::Namespaces;
use crate::parse::{self, Code, Response, StatusKind, StatusLine};
use crate::quirks::Quirks;
use crate::server::{ClientId, Credentials, Limits, Server};
use crate::wire::{Item, SharedInbox, Wire, lock};

pub(super) type Client = async_imap::Client<Wire>;

/// Numbers sessions in the trace.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// What is known before the sign-in.
struct Before {
    client: Client,
    greeting: String,
    capabilities: Capabilities,
    preauth: bool,
}

impl Session {
    /// Dials, protects the line, signs in by the best way both sides know, says who we are, and asks what the server
    /// can do.
    ///
    /// # Errors
    /// [`Error::Dial`], [`Error::Auth`], [`Error::Disabled`], [`Error::ClientPasswordNeeded`],
    /// [`Error::TooManyConnections`], [`Error::NoMechanism`], and those of a broken conversation.
    pub async fn open(
        dialer: &Dialer,
        server: &Server,
        credentials: &Credentials,
        id: &ClientId,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let stream = dialer.dial(&server.endpoint, server.security).await?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(target: "imap", session = number, host = %server.endpoint.host, "connected");
        let count = stream.count();
        let mut before = greet(Wire::new(stream, limits, true, number), limits).await?;
        let mut count = count;
        if server.security == Security::StartTls {
            if before.preauth {
                // Somebody in the middle could make us skip TLS by it (RFC 9051 11.1).
                return Err(Error::Protocol("signed in before STARTTLS"));
            }
            let started = timed(limits, before.client.run_command_and_check_ok("STARTTLS", None)).await?;
            let done = take_done(&before.client);
            started.map_err(|e| from_async_imap(e, done.as_ref()))?;
            let stream = before
                .client
                .into_inner()
                .into_stream()
                .ok_or(Error::Protocol("bytes between STARTTLS and TLS"))?;
            let stream = dialer.upgrade(stream, &server.endpoint.host).await?;
            count = stream.count();
            // What was said before TLS does not count.
            before = Before {
                client: Client::new(Wire::new(stream, limits, false, number)),
                greeting: before.greeting,
                capabilities: Capabilities::default(),
                preauth: false,
            };
        }
        sign_in(before, count, credentials, id, limits).await
    }

    /// Signs in on a connection that is open already (and protected, if it is to be).
    pub async fn over(
        stream: Stream,
        credentials: &Credentials,
        id: &ClientId,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let count = stream.count();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let before = greet(Wire::new(stream, limits, true, number), limits).await?;
        sign_in(before, count, credentials, id, limits).await
    }

    /// Says who we are (RFC 2971) and notes what the server answers.
    pub(super) async fn say_id(&mut self) -> Result<(), Error> {
        let id = self.client_id.clone();
        let command = Command::new("ID (\"name\" ")
            .value(id.name)
            .raw(" \"version\" ")
            .value(id.version)
            .raw(" \"vendor\" ")
            .value(id.vendor)
            .raw(")");
        let mut fields = Vec::new();
        self.run(command, |response| match response {
            Response::Id(answer) => {
                fields = answer;
                Ok(None)
            }
            other => Ok(Some(other)),
        })
        .await?;
        self.server_id = fields;
        Ok(())
    }

    async fn after_sign_in(&mut self, greeting: &str) -> Result<(), Error> {
        if self.capabilities.is_empty() {
            let mut found = None;
            self.run(Command::new("CAPABILITY"), |response| match response {
                Response::Capability(capabilities) => {
                    found = Some(capabilities);
                    Ok(None)
                }
                other => Ok(Some(other)),
            })
            .await?;
            self.capabilities = found.unwrap_or_default();
        }
        self.set_non_sync()?;
        let refused = |e: Error| if e.is_fatal() { Err(e) } else { Ok(()) };
        if self.capabilities.id() {
            self.say_id().await.or_else(refused)?;
        }
        let learnt = self.quirks.login_instead_of_sasl_ir;
        self.quirks = Quirks::detect(greeting, &self.capabilities, &self.server_id);
        self.quirks.login_instead_of_sasl_ir |= learnt;
        if self.capabilities.enable() {
            self.enable().await.or_else(refused)?;
        }
        if self.capabilities.namespace() {
            let mut namespaces = Namespaces::default();
            self.run(Command::new("NAMESPACE"), |response| match response {
                Response::Namespace(answer) => {
                    namespaces = answer;
                    Ok(None)
                }
                other => Ok(Some(other)),
            })
            .await
            .map(drop)
            .or_else(refused)?;
            self.namespaces = namespaces;
        }
        Ok(())
    }

    fn set_non_sync(&mut self) -> Result<(), Error> {
        let largest = self.capabilities.non_sync_literal();
        self.conn()?.as_mut().set_non_sync(largest);
        Ok(())
    }

    async fn enable(&mut self) -> Result<(), Error> {
        let mut wanted = Vec::new();
        if self.capabilities.qresync() {
            wanted.push("QRESYNC");
        } else if self.capabilities.condstore() {
            wanted.push("CONDSTORE");
        }
        if self.capabilities.utf8_accept() {
            wanted.push("UTF8=ACCEPT");
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let mut enabled = Capabilities::default();
        self.run(
            Command::new(format!("ENABLE {}", wanted.join(" "))),
            |response| match response {
                Response::Enabled(answer) => {
                    enabled = answer;
                    Ok(None)
                }
                other => Ok(Some(other)),
            },
        )
        .await?;
        self.qresync = enabled.has("QRESYNC");
        self.condstore = self.qresync || enabled.has("CONDSTORE");
        self.utf8 = enabled.has("UTF8=ACCEPT");
        let utf8 = self.utf8;
        self.conn()?.as_mut().set_utf8(utf8);
        Ok(())
    }
}

pub(super) async fn timed<T>(limits: &Limits, what: impl Future<Output = T>) -> Result<T, Error> {
    // Sign-in is a few short answers: half the patience of a command, and never without end.
    let limit = limits.command_timeout.min(Duration::from_mins(1));
    tokio::time::timeout(limit, what).await.map_err(|_| Error::Timeout)
}

async fn greet(wire: Wire, limits: &Limits) -> Result<Before, Error> {
    let mut client = Client::new(wire);
    let answer = timed(limits, client.read_response()).await?;
    let first = take_items(&client).pop_front();
    match answer {
        Ok(Some(_)) => {}
        Ok(None) => return Err(Error::Closed),
        Err(e) if e.kind() == std::io::ErrorKind::InvalidData => {
            return Err(Error::Protocol("this is no IMAP server"));
        }
        Err(e) => return Err(e.into()),
    }
    let Some(Item::Unit(unit)) = first else {
        return Err(Error::Protocol("this is no IMAP server"));
    };
    let Response::Status(line) = parse::parse(&unit, false) else {
        return Err(Error::Protocol("this is no IMAP server"));
    };
    if line.kind == StatusKind::Bye {
        return Err(bye_error(line.text));
    }
    let capabilities = match line.code {
        Some(Code::Capability(capabilities)) => capabilities,
        _ => Capabilities::default(),
    };
    Ok(Before {
        client,
        greeting: line.text,
        capabilities,
        preauth: line.kind == StatusKind::PreAuth,
    })
}

async fn sign_in(
    before: Before,
    count: Arc<qiyou_net::ByteCount>,
    credentials: &Credentials,
    id: &ClientId,
    limits: &Limits,
) -> Result<Session, Error> {
    let Before {
        mut client,
        greeting,
        mut capabilities,
        preauth,
    } = before;
    if capabilities.is_empty() {
        let asked = timed(limits, client.run_command_and_check_ok("CAPABILITY", None)).await?;
        let done = take_done(&client);
        let news = absorb(&client);
        if let Err(e) = asked {
            // A server that does not even know CAPABILITY may still take a LOGIN.
            let e = with_bye(from_async_imap(e, done.as_ref()), news.bye);
            if e.is_fatal() {
                return Err(e);
            }
        }
        capabilities = news.capabilities.unwrap_or_default();
    }
    client.get_mut().set_non_sync(capabilities.non_sync_literal());
    let mut quirks = Quirks::detect(&greeting, &capabilities, &[]);
    let (conn, inbox, after) = authenticate(client, preauth, credentials, &capabilities, &mut quirks, limits).await?;
    let mut session = Session {
        conn: Some(conn),
        inbox,
        ready: VecDeque::new(),
        limits: limits.clone(),
        client_id: id.clone(),
        capabilities: after,
        quirks,
        namespaces: Namespaces::default(),
        server_id: Vec::new(),
        count,
        utf8: false,
        condstore: false,
        qresync: false,
        notify: false,
        idling: false,
        streaming: false,
        selected: None,
        unsolicited: Vec::new(),
        bye: None,
        dead: false,
        commands: super::Tally::default(),
    };
    session.conn()?.as_mut().signed_in();
    session.after_sign_in(&greeting).await?;
    tracing::debug!(target: "imap", quirks = ?session.quirks.names(), "signed in");
    Ok(session)
}

/// What came untagged while async-imap read.
#[derive(Default)]
pub(super) struct News {
    pub(super) capabilities: Option<Capabilities>,
    pub(super) bye: Option<String>,
}

fn take_items(client: &Client) -> VecDeque<Item> {
    lock(&client.get_ref().inbox()).take()
}

fn take_done(client: &Client) -> Option<Bytes> {
    lock(&client.get_ref().inbox()).done.pop_front()
}

fn absorb(client: &Client) -> News {
    absorb_inbox(&client.get_ref().inbox())
}

pub(super) fn absorb_inbox(inbox: &SharedInbox) -> News {
    let mut news = News::default();
    for item in lock(inbox).take() {
        let Item::Unit(unit) = item else { continue };
        match parse::parse(&unit, false) {
            Response::Capability(capabilities) => news.capabilities = Some(capabilities),
            Response::Status(StatusLine {
                kind: StatusKind::Bye,
                text,
                ..
            }) => news.bye = Some(text),
            Response::Status(StatusLine {
                code: Some(Code::Capability(capabilities)),
                ..
            }) => {
                news.capabilities = Some(capabilities);
            }
            _ => {}
        }
    }
    news
}

pub(super) fn with_bye(e: Error, bye: Option<String>) -> Error {
    match (e, bye) {
        (Error::Closed | Error::Io(_), Some(text)) => bye_error(text),
        (e, _) => e,
    }
}

/// What a BYE means: too much at once, or simply goodbye.
pub(super) fn bye_error(text: String) -> Error {
    match auth_error(None, text) {
        too_many @ Error::TooManyConnections { .. } => too_many,
        Error::Auth { text }
        | Error::Disabled { text }
        | Error::ClientPasswordNeeded { text }
        | Error::UnsafeLogin { text } => Error::Bye { text },
        other => other,
    }
}

/// async-imap's error as ours; its texts are dropped, the server's words come from the tagged answer `done`.
pub(super) fn from_async_imap(e: async_imap::error::Error, done: Option<&Bytes>) -> Error {
    use async_imap::error::Error as Theirs;
    let line = done.and_then(done_line);
    let text = line.as_ref().map(|l| l.text.clone()).unwrap_or_default();
    match e {
        Theirs::Io(e) => e.into(),
        Theirs::Bad(_) => Error::Bad { text },
        Theirs::No(_) => Error::No {
            code: line.and_then(|l| l.code),
            text,
        },
        Theirs::ConnectionLost => Error::Closed,
        Theirs::Validate(_) => Error::Unsendable,
        _ => Error::Protocol("the sign-in went wrong"),
    }
}

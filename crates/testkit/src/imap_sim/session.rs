//! One IMAP connection: reading commands, holding its state, deciding who answers.
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;

use super::parse::{Args, Piece, Token};
use super::quirks::{Lie, Quirks};
use super::{Shared, State, sign_in};
use crate::tls::Security;
use crate::wire::Wire;

const LINE_LIMIT: usize = 128 * 1024;
const LITERAL_LIMIT: usize = 200 * 1024 * 1024;

/// What follows a command, after what was written to `out`.
pub(super) enum Step {
    /// The tagged answer.
    Say(String),
    Idle,
    StartTls,
    Authenticate(String, Option<String>),
    LogOut,
    /// BYE and the end.
    Bye,
    /// The end without a word.
    Cut,
    /// Nothing more, ever.
    Silence,
    /// These bytes again and again.
    Endless(&'static [u8]),
}

pub(super) fn say(text: impl Into<String>) -> Step {
    Step::Say(text.into())
}

/// The selected mailbox as the client knows it.
pub(super) struct Selected {
    pub(super) folder: String,
    pub(super) read_only: bool,
    /// UID and last told modification of each mail, by message number.
    pub(super) view: Vec<(u32, u64)>,
}

pub(super) struct Session {
    pub(super) shared: Arc<Shared>,
    pub(super) out: Vec<u8>,
    pub(super) selected: Option<Selected>,
    pub(super) signed_in: bool,
    pub(super) introduced: bool,
    /// UTF8=ACCEPT is enabled.
    pub(super) utf8: bool,
    tls: bool,
    number: usize,
}

pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>, number: usize) {
    let mut epoch = shared.epoch.subscribe();
    let session = Session {
        shared: Arc::clone(&shared),
        out: Vec::new(),
        selected: None,
        signed_in: false,
        introduced: false,
        utf8: false,
        tls: false,
        number,
    };
    tokio::select! {
        _ = session.talk(Wire::new(stream)) => {}
        _ = epoch.changed() => {}
    }
    shared.left();
}

impl Session {
    async fn talk(mut self, mut wire: Wire) -> Option<()> {
        if self.shared.security == Security::Implicit {
            wire = wire.upgrade(self.shared.identity.clone()?).await.ok()?;
            self.tls = true;
        }
        let greeting = format!("* {}\r\n", self.shared.state().quirks.greeting);
        wire.write(greeting.as_bytes()).await.ok()?;
        loop {
            let patience = self.shared.state().quirks.autologout;
            let Ok(pieces) = within(patience, read_command(&mut wire)).await else {
                wire.write(b"* BYE Autologout; idle for too long\r\n").await.ok()?;
                wire.close().await;
                return None;
            };
            let pieces = pieces?;
            let (tag, step) = self.command(&pieces);
            wire.write(&std::mem::take(&mut self.out)).await.ok()?;
            let answer = match step {
                Step::Say(answer) => answer,
                Step::Idle => self.idle(&mut wire).await?,
                Step::StartTls => {
                    wire.write(format!("{tag} OK Begin TLS negotiation now\r\n").as_bytes())
                        .await
                        .ok()?;
                    wire = wire.upgrade(self.shared.identity.clone()?).await.ok()?;
                    self.tls = true;
                    continue;
                }
                Step::Authenticate(mechanism, initial) => {
                    let good = sign_in::authenticate(&mut wire, &self.shared, &mechanism, initial).await?;
                    self.signed_in = good;
                    if good {
                        "OK AUTHENTICATE completed".to_owned()
                    } else {
                        self.shared.state().quirks.wrong_password.clone()
                    }
                }
                Step::LogOut => {
                    wire.write(format!("* BYE LOGOUT received\r\n{tag} OK LOGOUT completed\r\n").as_bytes())
                        .await
                        .ok()?;
                    wire.close().await;
                    return Some(());
                }
                Step::Bye => {
                    wire.write(b"\r\n* BYE the server is going down\r\n").await.ok()?;
                    wire.close().await;
                    return Some(());
                }
                Step::Cut => return Some(()),
                Step::Silence => {
                    // Until the client goes.
                    while wire.line(LINE_LIMIT).await.is_some() {}
                    return None;
                }
                Step::Endless(bytes) => loop {
                    wire.write(bytes).await.ok()?;
                },
            };
            let garbage = self.signed_in && answer.starts_with("OK") && self.lies(Lie::GarbageAfterOk);
            let mut bytes = format!("{tag} {answer}\r\n").into_bytes();
            if garbage {
                bytes.extend_from_slice(b"\xff\xfe\x00 {99} \"((( garbage\r\n* 1 FETCH (((((\r\n)\r\n");
            }
            wire.write(&bytes).await.ok()?;
            self.shared.tell();
        }
    }

    fn lies(&self, lie: Lie) -> bool {
        self.shared.state().quirks.lies.contains(&lie)
    }

    async fn idle(&mut self, wire: &mut Wire) -> Option<String> {
        let shared = Arc::clone(&self.shared);
        let mut changed = shared.changed.subscribe();
        wire.write(b"+ idling\r\n").await.ok()?;
        loop {
            self.tell_changes(&shared.state());
            let news = std::mem::take(&mut self.out);
            if !news.is_empty() {
                wire.write(&news).await.ok()?;
            }
            tokio::select! {
                line = wire.line(LINE_LIMIT) => {
                    let done = line?.eq_ignore_ascii_case(b"DONE");
                    return Some(if done { "OK IDLE completed" } else { "BAD Expected DONE" }.to_owned());
                }
                changed = changed.changed() => changed.ok()?,
            }
        }
    }

    /// The tag, and what to do about the command.
    fn command(&mut self, pieces: &[Piece]) -> (String, Step) {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.state();
        let Some(mut args) = Args::lex(pieces) else {
            return ("*".to_owned(), say(state.quirks.bad_command.clone()));
        };
        let tag = args.string().unwrap_or_else(|| "*".to_owned());
        let Some(mut name) = args.word() else {
            return (tag, say(state.quirks.bad_command.clone()));
        };
        if name == "UID" {
            name = format!("UID {}", args.word().unwrap_or_default());
        }
        let count = state.counts.entry(name.clone()).or_default();
        *count = count.saturating_add(1);
        let line = match pieces.first() {
            Some(Piece::Line(line)) if !matches!(name.as_str(), "LOGIN" | "AUTHENTICATE") => {
                String::from_utf8_lossy(line).into_owned()
            }
            _ => format!("{tag} {name} ..."),
        };
        let line = format!("{} {line}", self.number);
        state.log.push(line);
        let step = self.answer(&mut state, &name, args);
        drop(state);
        (tag, step)
    }

    fn answer(&mut self, state: &mut State, name: &str, args: Args) -> Step {
        if !self.knows(&state.quirks, name) {
            return say(state.quirks.bad_command.clone());
        }
        let in_place = match name {
            "CAPABILITY" | "NOOP" | "LOGOUT" | "ID" => true,
            "LOGIN" | "AUTHENTICATE" | "STARTTLS" => !self.signed_in,
            "FETCH" | "UID FETCH" | "STORE" | "UID STORE" | "COPY" | "UID COPY" | "MOVE" | "UID MOVE" | "SEARCH"
            | "UID SEARCH" | "EXPUNGE" | "UID EXPUNGE" | "CHECK" | "CLOSE" | "UNSELECT" => self.selected.is_some(),
            _ => self.signed_in,
        };
        if !in_place {
            let short = name.trim_start_matches("UID ");
            return say(state.quirks.wrong_state.replace("{command}", short));
        }
        if self.signed_in && state.quirks.lies.contains(&Lie::Mute) {
            return Step::Silence;
        }
        let step = self
            .dispatch(state, name, args)
            .unwrap_or_else(|| say(state.quirks.bad_command.clone()));
        // RFC 3501 section 7.4.1: message numbers must not shift under these.
        if !matches!(name, "FETCH" | "STORE" | "SEARCH" | "SELECT" | "EXAMINE") && matches!(step, Step::Say(_)) {
            self.tell_changes(state);
        }
        step
    }

    fn knows(&self, quirks: &Quirks, name: &str) -> bool {
        let needed = match name {
            "IDLE" | "NAMESPACE" | "UNSELECT" | "ENABLE" | "XLIST" => name,
            "MOVE" | "UID MOVE" => "MOVE",
            "UID EXPUNGE" => "UIDPLUS",
            "ID" => return quirks.id.is_some(),
            "STARTTLS" => return self.shared.security == Security::StartTls && !self.tls,
            _ => return true,
        };
        has(quirks, needed)
    }

    /// `None`: the arguments make no sense.
    fn dispatch(&mut self, state: &mut State, name: &str, mut args: Args) -> Option<Step> {
        Some(match name {
            "CAPABILITY" => {
                let list = if self.signed_in {
                    &state.quirks.capabilities_after
                } else {
                    &state.quirks.capabilities
                };
                let mut line = format!("* CAPABILITY {}", list.join(" "));
                if self.must_encrypt() {
                    line.push_str(" STARTTLS LOGINDISABLED");
                }
                self.line(&line);
                say("OK CAPABILITY completed")
            }
            "NOOP" if state.quirks.lies.contains(&Lie::EndlessLines) => Step::Endless(b"* OK still here\r\n"),
            "NOOP" | "CHECK" => say(format!("OK {name} completed")),
            "LOGOUT" => Step::LogOut,
            "ID" => {
                // NIL is answered but introduces nobody; nor does an ID before login.
                let named = args.peek() == Some(&Token::Open) && args.list().is_some_and(|list| !list.is_empty());
                self.introduced |= named && self.signed_in;
                let line = format!("* ID {}", state.quirks.id.as_deref().unwrap_or("NIL"));
                self.line(&line);
                say("OK ID completed")
            }
            "STARTTLS" => Step::StartTls,
            "LOGIN" | "AUTHENTICATE" if self.must_encrypt() => say("NO [PRIVACYREQUIRED] STARTTLS first"),
            "LOGIN" => {
                let (user, password) = (args.string()?, args.string()?);
                self.signed_in = user == state.user && password == state.password;
                say(if self.signed_in {
                    "OK LOGIN completed"
                } else {
                    &state.quirks.wrong_password
                })
            }
            "AUTHENTICATE" => {
                let mechanism = args.word()?;
                let initial = args.string();
                if !state.quirks.mechanisms.contains(&mechanism) {
                    return Some(say("NO AUTHENTICATE mechanism is not supported"));
                }
                if initial.is_some() && (state.quirks.refuse_sasl_ir || !has(&state.quirks, "SASL-IR")) {
                    return None;
                }
                let initial = initial.map(|word| if word == "=" { String::new() } else { word });
                Step::Authenticate(mechanism, initial)
            }
            "ENABLE" => {
                let known = args
                    .words()
                    .into_iter()
                    .filter(|word| has(&state.quirks, word))
                    .collect::<Vec<_>>();
                self.utf8 |= known.iter().any(|word| word == "UTF8=ACCEPT");
                self.line(&format!("* ENABLED {}", known.join(" ")));
                say("OK ENABLE completed")
            }
            "NAMESPACE" => {
                self.line("* NAMESPACE ((\"\" \"/\")) NIL NIL");
                say("OK NAMESPACE completed")
            }
            "IDLE" => Step::Idle,
            "SELECT" | "EXAMINE" => return self.select(state, name, args),
            "STATUS" => return self.status(state, args),
            "LIST" | "LSUB" | "XLIST" => return self.list(state, name, args),
            "CREATE" | "DELETE" | "RENAME" | "SUBSCRIBE" | "UNSUBSCRIBE" => {
                return self.change_folder(state, name, args);
            }
            "APPEND" => return self.append(state, args),
            "CLOSE" | "UNSELECT" => {
                if name == "CLOSE" {
                    self.expunge(state, None);
                }
                self.selected = None;
                say(format!("OK {name} completed"))
            }
            "EXPUNGE" => {
                self.expunge(state, None);
                say("OK EXPUNGE completed")
            }
            "UID EXPUNGE" => return self.uid_expunge(state, args),
            "SEARCH" | "UID SEARCH" => return self.search(state, name.starts_with("UID"), args),
            "FETCH" | "UID FETCH" => return self.fetch(state, name.starts_with("UID"), args),
            "STORE" | "UID STORE" => return self.store(state, name.starts_with("UID"), args),
            "COPY" | "UID COPY" => return self.copy(state, name, args, false),
            "MOVE" | "UID MOVE" => return self.copy(state, name, args, true),
            _ => return None,
        })
    }

    fn must_encrypt(&self) -> bool {
        self.shared.security == Security::StartTls && !self.tls
    }

    pub(super) fn line(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }
}

/// Whether a capability is announced, before or after login.
pub(super) fn has(quirks: &Quirks, name: &str) -> bool {
    quirks
        .capabilities
        .iter()
        .chain(&quirks.capabilities_after)
        .any(|one| one.eq_ignore_ascii_case(name))
}

async fn within<T>(limit: Option<Duration>, future: impl Future<Output = T>) -> Result<T, tokio::time::error::Elapsed> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, future).await,
        None => Ok(future.await),
    }
}

/// A line with its literals; `None` when the client is gone or sends too much.
async fn read_command(wire: &mut Wire) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    loop {
        let mut line = wire.line(LINE_LIMIT).await?;
        let Some((at, length, waits)) = literal(&line) else {
            pieces.push(Piece::Line(line));
            return Some(pieces);
        };
        if length > LITERAL_LIMIT {
            return None;
        }
        line.truncate(at);
        pieces.push(Piece::Line(line));
        if waits {
            wire.write(b"+ Ready for literal data\r\n").await.ok()?;
        }
        pieces.push(Piece::Literal(wire.bytes(length).await?));
    }
}

/// Place and length of the literal that a line ends with, and whether the client waits for `+`.
fn literal(line: &[u8]) -> Option<(usize, usize, bool)> {
    let body = line.strip_suffix(b"}")?;
    let at = body.iter().rposition(|byte| *byte == b'{')?;
    let number = std::str::from_utf8(body.get(at.saturating_add(1)..)?).ok()?;
    let (number, waits) = match number.strip_suffix('+') {
        Some(number) => (number, false),
        None => (number, true),
    };
    Some((at, number.parse().ok()?, waits))
}

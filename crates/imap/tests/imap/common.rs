//! A scripted server at the other end of a pipe in memory.

use qiyou_imap::{ClientId, Credentials, Error, Limits, Session};
use qiyou_net::Stream;
use secrecy::SecretString;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream};
use tokio::task::JoinHandle;

pub const PASSWORD: &str = "Geheim-\u{5bc6}\u{7801}-12345";
pub const TAG: &str = "A########";

/// What the server does when a command comes.
#[derive(Clone)]
pub struct Answer {
    /// The command must start with this, behind its tag.
    pub expects: String,
    /// Raw bytes; [`TAG`] stands for the command's tag. An empty answer is none.
    pub says: Vec<u8>,
    /// Close the line afterwards.
    pub then_cut: bool,
}

pub struct Script {
    pub greeting: Vec<u8>,
    pub answers: Vec<Answer>,
}

impl Script {
    pub fn new(greeting: &str) -> Self {
        Self {
            greeting: greeting.as_bytes().to_vec(),
            answers: Vec::new(),
        }
    }

    /// A server with these capabilities that has let 张三 in; ID, ENABLE and NAMESPACE are not among them.
    pub fn signed_in(capabilities: &str) -> Self {
        Self::new(&format!("* OK [CAPABILITY IMAP4rev1 {capabilities}] ready\r\n")).on(
            "LOGIN",
            &format!("{TAG} OK [CAPABILITY IMAP4rev1 {capabilities}] in\r\n"),
        )
    }

    pub fn on(self, expects: &str, says: &str) -> Self {
        self.on_bytes(expects, says.as_bytes().to_vec())
    }

    pub fn on_bytes(mut self, expects: &str, says: Vec<u8>) -> Self {
        self.answers.push(Answer {
            expects: expects.to_owned(),
            says,
            then_cut: false,
        });
        self
    }

    pub fn on_cut(mut self, expects: &str, says: &str) -> Self {
        self.answers.push(Answer {
            expects: expects.to_owned(),
            says: says.as_bytes().to_vec(),
            then_cut: true,
        });
        self
    }

    /// Starts the server; the handle gives all lines that the client sent.
    pub fn start(self) -> (Stream, JoinHandle<Vec<String>>) {
        let (client, server) = tokio::io::duplex(64 << 10);
        (Stream::from_io(client, true), tokio::spawn(serve(self, server)))
    }

    pub async fn open(self) -> (Result<Session, Error>, JoinHandle<Vec<String>>) {
        self.open_with(Limits::default()).await
    }

    pub async fn open_with(self, limits: Limits) -> (Result<Session, Error>, JoinHandle<Vec<String>>) {
        let (stream, lines) = self.start();
        (Session::over(stream, &zhangsan(), &client_id(), &limits).await, lines)
    }
}

pub fn zhangsan() -> Credentials {
    Credentials::Password {
        user: "zhangsan@example.test".into(),
        password: SecretString::from(PASSWORD),
    }
}

pub fn client_id() -> ClientId {
    ClientId {
        name: "Qiyou".into(),
        version: "0.1".into(),
        vendor: "Qiyou".into(),
    }
}

async fn serve(script: Script, pipe: DuplexStream) -> Vec<String> {
    let (read, mut write) = tokio::io::split(pipe);
    let mut read = BufReader::new(read);
    let mut lines = Vec::new();
    if write.write_all(&script.greeting).await.is_err() {
        return lines;
    }
    let mut last = String::new();
    for answer in script.answers {
        let Some(command) = command(&mut read, &mut write).await else {
            break;
        };
        let (tag, text) = match command.split_once(' ') {
            Some((tag, text)) if tag.len() == 5 && tag.starts_with('A') => (tag.to_owned(), text.to_owned()),
            // A line that continues a command (DONE, a SASL answer).
            _ => (last.clone(), command.clone()),
        };
        last.clone_from(&tag);
        lines.push(text.clone());
        assert!(
            text.starts_with(&answer.expects),
            "expected {:?}, got {text:?}",
            answer.expects
        );
        let says = replace(&answer.says, TAG.as_bytes(), tag.as_bytes());
        // A client that has given up in the middle is what some tests are about.
        if write.write_all(&says).await.is_err() || answer.then_cut {
            return lines;
        }
    }
    // Whatever else comes is noted and not answered, until the client leaves.
    while let Some(command) = command(&mut read, &mut write).await {
        lines.push(command);
    }
    lines
}

/// A whole command with its literals in place.
async fn command(
    read: &mut BufReader<tokio::io::ReadHalf<DuplexStream>>,
    write: &mut tokio::io::WriteHalf<DuplexStream>,
) -> Option<String> {
    let mut whole = Vec::new();
    loop {
        let from = whole.len();
        if read.read_until(b'\n', &mut whole).await.ok()? == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&whole[from..]).trim_end().to_owned();
        let literal = line
            .strip_suffix('}')
            .and_then(|l| l.rsplit_once('{'))
            .map(|(_, n)| n.to_owned());
        match literal
            .as_deref()
            .map(|n| (n.trim_end_matches('+').parse::<usize>(), n.ends_with('+')))
        {
            Some((Ok(length), unasked)) => {
                if !unasked {
                    write.write_all(b"+ go ahead\r\n").await.ok()?;
                }
                let at = whole.len();
                whole.resize(at + length, 0);
                read.read_exact(&mut whole[at..]).await.ok()?;
            }
            _ => return Some(String::from_utf8_lossy(&whole).trim_end().to_owned()),
        }
    }
}

pub fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}

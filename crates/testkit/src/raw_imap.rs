//! A client that hides nothing: tests write IMAP lines and read what comes back, byte for byte.
//!
//! It plays the person's other device (flags and deletions made elsewhere) and looks over the shoulder of the engine.
//! It decides nothing, retries nothing, and waits at most [`PATIENCE`] for any line.
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::tls::TestCa;
use crate::utf7;
use crate::wire::Stream;

/// How long a line may take to come before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// One connection.
pub struct RawImap {
    stream: Box<dyn Stream>,
    pending: Vec<u8>,
    tags: u32,
    greeting: String,
}

/// All that answered one command.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Lines before the tagged one, each with its literals, without the closing CRLF.
    pub untagged: Vec<Vec<u8>>,
    /// `OK`, `NO` or `BAD`.
    pub status: String,
    /// The rest of the tagged line.
    pub text: String,
}

impl Reply {
    /// Whether the tagged line said OK.
    pub fn is_ok(&self) -> bool {
        self.status == "OK"
    }

    /// The untagged lines as text, bad bytes replaced.
    pub fn lines(&self) -> Vec<String> {
        self.untagged
            .iter()
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect()
    }

    /// The whole answer as text: for assertions that look for a word anywhere.
    pub fn all(&self) -> String {
        let mut all = self.lines().join("\n");
        all.push('\n');
        all.push_str(&self.status);
        all.push(' ');
        all.push_str(&self.text);
        all
    }

    /// Numbers of the `* SEARCH` lines.
    pub fn search(&self) -> Vec<u32> {
        self.lines()
            .iter()
            .filter_map(|line| line.strip_prefix("* SEARCH"))
            .flat_map(|rest| {
                rest.split_ascii_whitespace()
                    .map_while(|word| word.parse().ok())
                    .collect::<Vec<u32>>()
            })
            .collect()
    }
}

/// A quoted string (RFC 3501 `quoted`); for words without CR and LF.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A mailbox name given in plain Unicode, as it stands on the wire.
pub fn mailbox(name: &str) -> String {
    quoted(&utf7::encode(name))
}

impl RawImap {
    /// Without TLS to a port of this machine; reads the greeting.
    pub async fn connect(port: u16) -> Result<Self> {
        let stream = dial(port).await?;
        Self::greeted(Box::new(stream)).await
    }

    /// With TLS from the first byte.
    pub async fn connect_tls(port: u16, ca: &TestCa) -> Result<Self> {
        let stream = TlsConnector::from(ca.client_config()?)
            .connect(ServerName::try_from("localhost")?, dial(port).await?)
            .await
            .context("TLS handshake")?;
        Self::greeted(Box::new(stream)).await
    }

    /// Without TLS first, then STARTTLS.
    pub async fn connect_starttls(port: u16, ca: &TestCa) -> Result<Self> {
        let mut plain = Self::greeted(Box::new(dial(port).await?)).await?;
        plain.ok("STARTTLS").await?;
        ensure!(
            plain.pending.is_empty(),
            "the server sent plain bytes after its STARTTLS answer"
        );
        let config = Arc::clone(&ca.client_config()?);
        let stream = TlsConnector::from(config)
            .connect(ServerName::try_from("localhost")?, plain.stream)
            .await
            .context("TLS")?;
        Ok(Self {
            stream: Box::new(stream),
            pending: Vec::new(),
            tags: plain.tags,
            greeting: plain.greeting,
        })
    }

    async fn greeted(stream: Box<dyn Stream>) -> Result<Self> {
        let mut this = Self {
            stream,
            pending: Vec::new(),
            tags: 0,
            greeting: String::new(),
        };
        this.greeting = String::from_utf8_lossy(&this.line().await.context("read the greeting")?).into_owned();
        Ok(this)
    }

    /// The server's first line.
    pub fn greeting(&self) -> &str {
        &self.greeting
    }

    /// Writes these bytes and nothing more.
    pub async fn raw(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await?;
        Ok(())
    }

    /// Writes a line and its CRLF, without a tag (continuations, `DONE`).
    pub async fn send(&mut self, line: &str) -> Result<()> {
        self.raw(format!("{line}\r\n").as_bytes()).await
    }

    /// Writes a tagged command without waiting; returns its tag.
    pub async fn start(&mut self, command: &str) -> Result<String> {
        self.tags = self.tags.saturating_add(1);
        let tag = format!("t{}", self.tags);
        self.send(&format!("{tag} {command}")).await?;
        Ok(tag)
    }

    /// The next line with the literals inside it, without its CRLF; an error at the end of the stream.
    pub async fn line(&mut self) -> Result<Vec<u8>> {
        tokio::time::timeout(PATIENCE, self.read_line())
            .await
            .context("no line came in time")?
    }

    async fn read_line(&mut self) -> Result<Vec<u8>> {
        let mut line = Vec::new();
        loop {
            let end = loop {
                if let Some(at) = self.pending.windows(2).position(|pair| pair == b"\r\n") {
                    break at;
                }
                self.fill().await?;
            };
            let rest = self.pending.split_off(end.saturating_add(2));
            line.append(&mut std::mem::replace(&mut self.pending, rest));
            let Some(mut missing) = literal_at_end(&line) else {
                line.truncate(line.len().saturating_sub(2));
                return Ok(line);
            };
            while missing > 0 {
                if self.pending.is_empty() {
                    self.fill().await?;
                }
                let rest = self.pending.split_off(missing.min(self.pending.len()));
                missing = missing.saturating_sub(self.pending.len());
                line.append(&mut std::mem::replace(&mut self.pending, rest));
            }
        }
    }

    async fn fill(&mut self) -> Result<()> {
        let mut chunk = vec![0; 16 * 1024];
        let count = self.stream.read(&mut chunk).await?;
        ensure!(count > 0, "the server closed the connection");
        self.pending.extend_from_slice(chunk.get(..count).unwrap_or_default());
        Ok(())
    }

    /// Reads until the tagged answer.
    pub async fn finish(&mut self, tag: &str) -> Result<Reply> {
        let mut untagged = Vec::new();
        let prefix = format!("{tag} ");
        loop {
            let line = self
                .line()
                .await
                .with_context(|| format!("wait for the answer to {tag}"))?;
            if let Some(rest) = line.strip_prefix(prefix.as_bytes()) {
                let rest = String::from_utf8_lossy(rest).into_owned();
                let (status, text) = rest.split_once(' ').unwrap_or((rest.as_str(), ""));
                return Ok(Reply {
                    untagged,
                    status: status.to_owned(),
                    text: text.to_owned(),
                });
            }
            untagged.push(line);
        }
    }

    /// Sends a command and reads until its tagged answer, whatever that says.
    pub async fn command(&mut self, command: &str) -> Result<Reply> {
        let tag = self.start(command).await?;
        self.finish(&tag).await
    }

    /// The same, but anything other than OK is an error.
    pub async fn ok(&mut self, command: &str) -> Result<Reply> {
        let reply = self.command(command).await?;
        let word = command.split(' ').next().unwrap_or_default();
        ensure!(
            reply.is_ok(),
            "{word} was answered with {} {}",
            reply.status,
            reply.text
        );
        Ok(reply)
    }

    /// LOGIN.
    pub async fn login(&mut self, user: &str, password: &str) -> Result<Reply> {
        self.ok(&format!("LOGIN {} {}", quoted(user), quoted(password))).await
    }

    /// SELECT of a mailbox named in plain Unicode.
    pub async fn select(&mut self, name: &str) -> Result<Reply> {
        self.ok(&format!("SELECT {}", mailbox(name))).await
    }

    /// APPEND with a synchronising literal; `flags` as they stand between the parentheses, such as `\Seen`.
    pub async fn append(&mut self, name: &str, flags: &str, mail: &[u8]) -> Result<Reply> {
        let tag = self
            .start(&format!("APPEND {} ({flags}) {{{}}}", mailbox(name), mail.len()))
            .await?;
        let mut untagged = Vec::new();
        loop {
            let line = self.line().await?;
            if line.starts_with(b"+") {
                break;
            }
            if line.starts_with(tag.as_bytes()) {
                bail!("APPEND was refused: {}", String::from_utf8_lossy(&line));
            }
            untagged.push(line);
        }
        self.raw(mail).await?;
        self.raw(b"\r\n").await?;
        let mut reply = self.finish(&tag).await?;
        ensure!(
            reply.is_ok(),
            "APPEND was answered with {} {}",
            reply.status,
            reply.text
        );
        untagged.append(&mut reply.untagged);
        reply.untagged = untagged;
        Ok(reply)
    }

    /// Starts IDLE and returns its tag once the server said `+`.
    pub async fn idle(&mut self) -> Result<String> {
        let tag = self.start("IDLE").await?;
        self.until("+").await?;
        Ok(tag)
    }

    /// Reads lines until one contains `needle`, and returns that one.
    pub async fn until(&mut self, needle: &str) -> Result<String> {
        loop {
            let line = String::from_utf8_lossy(&self.line().await.with_context(|| format!("wait for {needle:?}"))?)
                .into_owned();
            if line.contains(needle) {
                return Ok(line);
            }
        }
    }

    /// Reads what still comes until the server closes the connection.
    pub async fn until_closed(&mut self) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        let closed = async {
            while let Ok(line) = self.read_line().await {
                lines.push(String::from_utf8_lossy(&line).into_owned());
            }
        };
        tokio::time::timeout(PATIENCE, closed)
            .await
            .context("the connection stayed open")?;
        Ok(lines)
    }
}

async fn dial(port: u16) -> Result<TcpStream> {
    let stream = TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, port))
        .await
        .context("connect")?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Length of the literal that the line announces in its last word.
fn literal_at_end(line: &[u8]) -> Option<usize> {
    let body = line.strip_suffix(b"}\r\n")?;
    let open = body.iter().rposition(|byte| *byte == b'{')?;
    std::str::from_utf8(body.get(open.saturating_add(1)..)?)
        .ok()?
        .parse()
        .ok()
}

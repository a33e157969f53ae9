//! The limit that a first sync is held against: a reader over TLS that asks for the same and throws it away.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use qiyou_testkit::dovecot::Dovecot;
use qiyou_testkit::raw_imap::RawImap;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// What the agent asks for of each mail on a server with CONDSTORE.
const ITEMS: &str = "UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE MODSEQ BODY.PEEK[HEADER.FIELDS (From To Cc \
                     Reply-To Sender Subject Date Message-ID In-Reply-To References List-Id Content-Type X-Priority \
                     Importance Auto-Submitted)]";

/// No mail of the bench holds it.
const TAG: &str = "zq7K4w";

/// What the reader took.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) took: Duration,
    pub(super) bytes: u64,
}

/// Reads the index of all folders of a user. The clock runs from after the sign-in.
pub(super) async fn read_all(dovecot: &Dovecot, user: &str, password: &str) -> Result<Read> {
    let mut other = dovecot.session(user).await?;
    let folders: Vec<String> = other
        .ok("LIST \"\" *")
        .await?
        .lines()
        .iter()
        .filter(|line| line.starts_with("* LIST") && !line.contains("\\Noselect"))
        .filter_map(|line| line.split_once("\"/\" ").map(|(_, name)| name.to_owned()))
        .collect();
    ensure!(!folders.is_empty(), "the server has no folder");
    drop::<RawImap>(other);
    let tcp = TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, dovecot.imaps_port())).await?;
    tcp.set_nodelay(true)?;
    let connector = TlsConnector::from(dovecot.ca().client_config()?);
    let mut stream = connector
        .connect(ServerName::try_from("localhost")?, tcp)
        .await
        .context("TLS")?;
    let mut buffer = vec![0; 64 * 1024];
    let _ = stream.read(&mut buffer).await?;
    command(&mut stream, &mut buffer, &format!("LOGIN \"{user}\" \"{password}\"")).await?;
    command(&mut stream, &mut buffer, "ENABLE CONDSTORE").await?;
    let began = Instant::now();
    let mut bytes = 0;
    for folder in &folders {
        bytes += command(&mut stream, &mut buffer, &format!("SELECT {folder}")).await?;
        bytes += command(&mut stream, &mut buffer, &format!("UID FETCH 1:* ({ITEMS})")).await?;
    }
    Ok(Read {
        took: began.elapsed(),
        bytes,
    })
}

/// Sends one command and reads up to its tagged answer; how many bytes came.
async fn command(stream: &mut TlsStream<TcpStream>, buffer: &mut [u8], line: &str) -> Result<u64> {
    stream.write_all(format!("{TAG} {line}\r\n").as_bytes()).await?;
    stream.flush().await?;
    let mut total = 0_u64;
    // The end of what came, long enough for the tagged line.
    let mut tail: Vec<u8> = Vec::new();
    loop {
        let count = stream.read(buffer).await?;
        ensure!(count > 0, "the server closed the connection");
        total += count as u64;
        tail.extend_from_slice(buffer.get(count.saturating_sub(2048)..count).unwrap_or_default());
        let surplus = tail.len().saturating_sub(2048);
        tail.drain(..surplus);
        if !tail.ends_with(b"\r\n") {
            continue;
        }
        let body = tail.get(..tail.len() - 2).unwrap_or_default();
        let start = body.windows(2).rposition(|pair| pair == b"\r\n").map_or(0, |at| at + 2);
        let last = String::from_utf8_lossy(body.get(start..).unwrap_or_default());
        if let Some(answer) = last.strip_prefix(TAG) {
            let word = line.split(' ').next().unwrap_or_default();
            ensure!(
                answer.starts_with(" OK") || word == "ENABLE",
                "{word} was answered with{answer}"
            );
            return Ok(total);
        }
    }
}

//! Delivery by LMTP (RFC 2033), for one recipient.
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// Hands `mail` over and returns when the server has taken it. Lone LF become CRLF.
pub(crate) async fn deliver(port: u16, from: &str, to: &str, mail: &[u8]) -> Result<()> {
    tokio::time::timeout(Duration::from_secs(30), talk(port, from, to, mail))
        .await
        .context("LMTP took too long")?
}

async fn talk(port: u16, from: &str, to: &str, mail: &[u8]) -> Result<()> {
    let mut stream = BufReader::new(TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, port)).await?);
    stream.get_ref().set_nodelay(true)?;
    expect(&mut stream, "220").await?;
    for (line, code) in [
        ("LHLO localhost".to_owned(), "250"),
        (format!("MAIL FROM:<{from}>"), "250"),
        (format!("RCPT TO:<{to}>"), "250"),
        ("DATA".to_owned(), "354"),
    ] {
        stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        expect(&mut stream, code).await?;
    }
    stream.write_all(&dotted(mail)).await?;
    expect(&mut stream, "250").await.context("the mail was refused")?;
    stream.write_all(b"QUIT\r\n").await?;
    Ok(())
}

async fn expect(stream: &mut BufReader<TcpStream>, code: &str) -> Result<()> {
    loop {
        let mut line = String::new();
        ensure!(stream.read_line(&mut line).await? > 0, "the LMTP server hung up");
        if !line.starts_with(code) {
            bail!("LMTP server said {}", line.trim_end());
        }
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(());
        }
    }
}

/// Lines with CRLF, leading dots doubled, closed by the lone dot (RFC 5321 section 4.5.2).
fn dotted(mail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mail.len().saturating_add(16));
    let body = mail.strip_suffix(b"\n").unwrap_or(mail);
    for line in body.split(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

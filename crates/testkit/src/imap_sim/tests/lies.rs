//! Each lie is really told.
use std::time::Duration;

use super::{MAIL, signed_in};
use crate::imap_sim::{ImapSim, Lie, PASSWORD, Quirks, USER};
use crate::raw_imap::RawImap;
use crate::tls::{Security, TestCa};

async fn telling(lie: Lie) -> (ImapSim, RawImap) {
    let (server, mut client) = signed_in(Quirks::plain()).await;
    server.deliver("INBOX", MAIL);
    client.select("INBOX").await.unwrap();
    server.change_quirks(|quirks| quirks.lies.push(lie));
    (server, client)
}

#[tokio::test]
async fn sizes_and_uids_are_wrong() {
    let (server, mut client) = telling(Lie::WrongSizes).await;
    server.change_quirks(|quirks| quirks.lies.push(Lie::UidZero));
    let all = client.ok("UID FETCH 1 (RFC822.SIZE)").await.unwrap().all();
    assert!(all.contains("(UID 0 RFC822.SIZE 7)"), "{all}");
}

#[tokio::test]
async fn a_literal_of_four_gigabytes_is_begun_and_never_ended() {
    let (_server, mut client) = telling(Lie::HugeLiteral).await;
    client.start("UID FETCH 1 (BODY.PEEK[])").await.unwrap();
    let silent = tokio::time::timeout(Duration::from_millis(300), client.line()).await;
    assert!(silent.is_err(), "the line waits for its literal: {silent:?}");
}

#[tokio::test]
async fn a_line_has_no_end() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let server = ImapSim::start(Quirks::liar(&[Lie::EndlessLine])).unwrap();
    server.deliver("INBOX", MAIL);
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", server.port()))
        .await
        .unwrap();
    let script = format!("a LOGIN {USER} {PASSWORD}\r\nb SELECT INBOX\r\nc UID FETCH 1 (ENVELOPE)\r\n");
    stream.write_all(script.as_bytes()).await.unwrap();
    let mut run = 0_usize;
    let mut chunk = vec![0; 65536];
    while run < 4 * 1024 * 1024 {
        let count = stream.read(&mut chunk).await.unwrap();
        assert!(count > 0);
        run = match chunk[..count].iter().rposition(|byte| *byte == b'\n') {
            Some(at) => count - at,
            None => run + count,
        };
    }
}

#[tokio::test]
async fn garbage_follows_an_ok() {
    let (_server, mut client) = telling(Lie::GarbageAfterOk).await;
    client.ok("NOOP").await.unwrap();
    assert!(client.line().await.unwrap().starts_with(b"\xff\xfe\x00"));
}

#[tokio::test]
async fn fetch_breaks_off_with_bye_or_without_a_word() {
    let (_server, mut client) = telling(Lie::ByeMidFetch).await;
    client.start("UID FETCH 1 (FLAGS UID)").await.unwrap();
    let last = client.until_closed().await.unwrap();
    assert!(
        last.iter().any(|line| line.starts_with("* BYE")) && !last.iter().any(|line| line.contains("OK")),
        "{last:?}"
    );
    let (_server, mut client) = telling(Lie::CutMidFetch).await;
    client.start("UID FETCH 1 (FLAGS UID)").await.unwrap();
    assert_eq!(client.until_closed().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_cut_under_tls_comes_without_the_closing_alert() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let ca = TestCa::new().unwrap();
    let builder = ImapSim::builder(Quirks::liar(&[Lie::CutMidFetch]));
    let server = builder
        .tls(Security::Implicit, &ca.localhost().unwrap())
        .unwrap()
        .start()
        .unwrap();
    server.deliver("INBOX", MAIL);
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", server.port()))
        .await
        .unwrap();
    let name = rustls_pki_types::ServerName::try_from("localhost").unwrap();
    let connector = tokio_rustls::TlsConnector::from(ca.client_config().unwrap());
    let mut stream = connector.connect(name, stream).await.unwrap();
    let script = format!("a LOGIN {USER} {PASSWORD}\r\nb SELECT INBOX\r\nc UID FETCH 1 (FLAGS)\r\n");
    stream.write_all(script.as_bytes()).await.unwrap();
    let error = stream.read_to_end(&mut Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn select_tells_of_four_thousand_million_mails() {
    let (_server, mut client) = signed_in(Quirks::liar(&[Lie::HugeExists])).await;
    assert!(
        client
            .select("INBOX")
            .await
            .unwrap()
            .all()
            .contains("* 4294967295 EXISTS")
    );
}

#[tokio::test]
async fn a_structure_is_a_hundred_thousand_deep() {
    let (_server, mut client) = telling(Lie::DeepStructure).await;
    let reply = client.ok("UID FETCH 1 (BODYSTRUCTURE)").await.unwrap();
    assert!(
        reply.untagged[0]
            .windows(100_000)
            .any(|run| run.iter().all(|byte| *byte == b'('))
    );
}

#[tokio::test]
async fn noop_is_answered_without_end_and_the_mute_say_nothing() {
    let (_server, mut client) = telling(Lie::EndlessLines).await;
    let tag = client.start("NOOP").await.unwrap();
    for _ in 0..10_000 {
        assert!(!client.line().await.unwrap().starts_with(tag.as_bytes()));
    }
    let (_server, mut client) = telling(Lie::Mute).await;
    client.start("NOOP").await.unwrap();
    assert!(
        tokio::time::timeout(Duration::from_millis(300), client.line())
            .await
            .is_err()
    );
}

//! A bridge that speaks TLS itself.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by itself"
)]

mod house;

use std::sync::Arc;
use std::time::Duration;

use house::{House, house_with_tls};
use qiyou_bridge_api::SigninState;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

async fn connect(house: &House) -> TcpStream {
    TcpStream::connect(("127.0.0.1", house.url.port().unwrap()))
        .await
        .unwrap()
}

/// What `/healthz` answers over TLS, with this version alone.
async fn healthz(house: &House, version: &'static SupportedProtocolVersion) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(house.authority.as_ref().unwrap().der()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let stream = connect(house).await;
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        .await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// All that comes back for these first bytes, until the bridge closes.
async fn answer_to(house: &House, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(house).await;
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset is a refusal as well.
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "it does not close");
    answer
}

#[tokio::test]
async fn a_sign_in_goes_over_tls_and_its_cookie_over_nothing_else() {
    let house = house_with_tls().await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let answer = healthz(&house, version).await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"),
            "{answer}"
        );
    }
    house.sim.quick("zhangsan");
    let desk = house.device();
    let started = desk.start().await;
    assert!(started.url.starts_with("https://127.0.0.1"), "{}", started.url);
    let asked = house.browser().through(&started.url).await;
    let cookie = asked.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-qiyou-bridge=") && cookie.contains("; Secure"),
        "{cookie}"
    );
    assert!(cookie.contains("; HttpOnly") && cookie.contains("Path=/;"), "{cookie}");
    assert!(asked.headers.contains_key("strict-transport-security"));
    let done = asked.confirm("yes").await;
    let session = desk.redeem(&started, &done.code()).await.unwrap();
    assert_eq!(session.member.id, "zhangsan");
    assert_eq!(
        desk.bridge.poll(&started.id, SigninState::Waiting).await.unwrap(),
        SigninState::Over
    );
}

#[tokio::test]
async fn plain_words_are_refused_and_disturb_nobody() {
    let house = house_with_tls().await;
    for bytes in [
        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".as_slice(),
        b"\x00",
        b"\x16\x03\x01\x40\x01",
        &vec![0x16; 70_000],
    ] {
        let mut stream = connect(&house).await;
        // It may close before all of it is read.
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let text = String::from_utf8_lossy(&answer);
        assert!(!text.contains("HTTP") && !text.contains("ok\n"), "{text}");
    }
    assert!(
        healthz(&house, &rustls::version::TLS13)
            .await
            .unwrap()
            .ends_with("ok\n")
    );
}

/// A `ClientHello` (RFC 5246 7.4.1.2) that offers `version` as its highest: suites and extensions are those that a
/// client of its time sends.
fn hello(version: [u8; 2]) -> Vec<u8> {
    let mut body = version.to_vec();
    body.extend([7; 32]);
    body.push(0);
    let suites: [u8; 8] = [0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x09, 0x00, 0x2f];
    body.extend([0, 8]);
    body.extend(suites);
    body.extend([1, 0]);
    // supported_groups (x25519, P-256), ec_point_formats, signature_algorithms.
    let extensions: &[u8] = &[
        0x00, 0x0a, 0x00, 0x06, 0x00, 0x04, 0x00, 0x1d, 0x00, 0x17, 0x00, 0x0b, 0x00, 0x02, 0x01, 0x00, 0x00, 0x0d,
        0x00, 0x06, 0x00, 0x04, 0x04, 0x03, 0x08, 0x04,
    ];
    body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    body.extend(extensions);
    let mut handshake = vec![1, 0];
    handshake.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    handshake.extend(body);
    let mut record = vec![0x16, 3, 1];
    record.extend(u16::try_from(handshake.len()).unwrap().to_be_bytes());
    record.extend(handshake);
    record
}

#[tokio::test]
async fn what_is_older_than_tls_1_2_is_refused() {
    let house = house_with_tls().await;
    for version in [[3, 0], [3, 1], [3, 2]] {
        let answer = answer_to(&house, &hello(version)).await;
        // An alert: fatal, protocol_version (RFC 5246 7.2).
        assert_eq!(
            (answer[0], &answer[5..]),
            (21, [2, 70].as_slice()),
            "{version:?}: {answer:?}"
        );
    }
    // The same with 1.2 is answered: it is the version that was refused.
    let mut stream = connect(&house).await;
    stream.write_all(&hello([3, 3])).await.unwrap();
    let mut first = [0; 6];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!((first[0], first[5]), (22, 2), "a ServerHello: {first:?}");
}

#[tokio::test]
async fn who_says_nothing_in_the_handshake_holds_up_nobody() {
    let house = house_with_tls().await;
    // More than the bridge has patience for at once.
    let mut silent = Vec::new();
    for number in 0..300 {
        let mut stream = connect(&house).await;
        if number % 2 == 0 {
            stream.write_all(&hello([3, 3])[..9]).await.unwrap();
        }
        silent.push(stream);
    }
    // Far less than what a handshake may take.
    let others = async {
        for _ in 0..5 {
            let answer = healthz(&house, &rustls::version::TLS13).await.unwrap();
            assert!(answer.ends_with("ok\n"), "{answer}");
        }
    };
    tokio::time::timeout(Duration::from_secs(8), others).await.unwrap();
    // And in the end they are let go of, the first and the last.
    for number in [0, 299] {
        let mut rest = Vec::new();
        let read = silent[number].read_to_end(&mut rest);
        assert!(
            tokio::time::timeout(Duration::from_secs(20), read).await.is_ok(),
            "{number}"
        );
    }
}

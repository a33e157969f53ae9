use super::*;
use crate::testing::{Authority, Validity, echo, quick, round_trip, server, tls_echo};

fn at(address: std::net::SocketAddr) -> Endpoint {
    Endpoint::new(address.ip().to_string(), address.port())
}

#[test]
fn only_names_of_this_computer_are_loopback() {
    for host in [
        "localhost",
        "LocalHost.",
        "mail.localhost",
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "[::1]",
        "::ffff:127.0.0.1",
    ] {
        assert!(Endpoint::new(host, 1).is_loopback(), "{host}");
    }
    for host in [
        "",
        "localhost.example.com",
        "notlocalhost",
        "127.0.0.1.example.com",
        "10.0.0.1",
        "::",
        "0.0.0.0",
    ] {
        assert!(!Endpoint::new(host, 1).is_loopback(), "{host}");
    }
}

#[tokio::test]
async fn tls_is_finished_and_bytes_are_counted() {
    let authority = Authority::new();
    let address = tls_echo(authority.acceptor("localhost", Validity::Now)).await;
    let dialer = authority.dialer(ProxyChoice::Direct);
    let mut stream = dialer
        .dial(&Endpoint::new("localhost", address.port()), Security::Tls)
        .await
        .unwrap();
    assert!(stream.is_encrypted());
    round_trip(&mut stream, "你好").await;
    assert_eq!((stream.count().sent(), stream.count().received()), (6, 6));
}

#[tokio::test]
async fn starttls_begins_in_the_clear_and_is_then_protected() {
    let authority = Authority::new();
    let acceptor = authority.acceptor("127.0.0.1", Validity::Now);
    let address = server(move |mut client| {
        let acceptor = acceptor.clone();
        async move {
            let mut go = [0; 3];
            tokio::io::AsyncReadExt::read_exact(&mut client, &mut go).await.unwrap();
            echo(acceptor.accept(client).await.unwrap()).await;
        }
    })
    .await;
    let dialer = authority.dialer(ProxyChoice::Direct);
    let mut stream = dialer.dial(&at(address), Security::StartTls).await.unwrap();
    assert!(!stream.is_encrypted());
    tokio::io::AsyncWriteExt::write_all(&mut stream, b"go\n").await.unwrap();
    let mut stream = dialer.upgrade(stream, "127.0.0.1").await.unwrap();
    assert!(stream.is_encrypted());
    round_trip(&mut stream, "secret").await;
}

#[tokio::test]
async fn an_unprotected_connection_stays_on_this_computer() {
    let address = server(echo).await;
    let dialer = Dialer::new(quick()).unwrap();
    let mut stream = dialer.dial(&at(address), Security::None).await.unwrap();
    round_trip(&mut stream, "plain").await;

    // 192.0.2.0/24 is for documentation (RFC 5737); the refusal comes before anything is sent.
    let refused = dialer
        .dial(&Endpoint::new("192.0.2.1", 143), Security::None)
        .await
        .unwrap_err();
    assert!(matches!(refused, DialError::PlaintextForbidden { host } if host == "192.0.2.1"));
}

#[tokio::test]
async fn each_flaw_of_a_certificate_has_its_name() {
    use crate::CertificateProblem::{Expired, NotYetValid, UnknownIssuer, WrongName};
    let (authority, stranger) = (Authority::new(), Authority::new());
    let dialer = authority.dialer(ProxyChoice::Direct);
    for (acceptor, expected) in [
        (authority.acceptor("127.0.0.1", Validity::Past), Expired),
        (authority.acceptor("127.0.0.1", Validity::Future), NotYetValid),
        (stranger.acceptor("127.0.0.1", Validity::Now), UnknownIssuer),
        (authority.acceptor("imap.example.com", Validity::Now), WrongName),
    ] {
        let address = tls_echo(acceptor).await;
        match dialer.dial(&at(address), Security::Tls).await {
            Err(DialError::Certificate { host, problem, .. }) => {
                assert_eq!((host.as_str(), problem), ("127.0.0.1", expected));
            }
            other => panic!("expected {expected:?}, got {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_server_without_tls_is_no_certificate_trouble() {
    let address = server(|mut client| async move {
        let _ = tokio::io::AsyncWriteExt::write_all(&mut client, b"* OK IMAP4 ready\r\n").await;
        echo(client).await;
    })
    .await;
    let error = Dialer::new(quick())
        .unwrap()
        .dial(&at(address), Security::Tls)
        .await
        .unwrap_err();
    assert!(matches!(error, DialError::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn a_closed_port_and_a_silent_server_are_told_apart() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let config = DialConfig {
        handshake_timeout: Duration::from_millis(50),
        ..quick()
    };
    let dialer = Dialer::new(config).unwrap();
    let error = dialer.dial(&at(closed), Security::Tls).await.unwrap_err();
    assert!(
        matches!(error, DialError::Tcp { port, .. } if port == closed.port()),
        "{error:?}"
    );

    let silent = server(|client| async move {
        std::future::pending::<()>().await;
        drop(client);
    })
    .await;
    let error = dialer.dial(&at(silent), Security::Tls).await.unwrap_err();
    assert!(
        matches!(error, DialError::Timeout { stage: Stage::Tls, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_host_that_is_no_name_is_a_dns_failure() {
    let dialer = Dialer::new(quick()).unwrap();
    for host in ["", "mail example", "mail\r\nexample"] {
        let error = dialer.dial(&Endpoint::new(host, 993), Security::Tls).await.unwrap_err();
        assert!(matches!(error, DialError::Dns { .. }), "{host:?}: {error:?}");
    }
}

#[test]
fn an_extra_root_that_is_no_certificate_is_refused() {
    let config = DialConfig {
        extra_roots: vec![CertificateDer::from(vec![1, 2, 3])],
        ..quick()
    };
    assert!(matches!(Dialer::new(config), Err(DialError::Tls { .. })));
}

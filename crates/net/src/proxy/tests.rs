use qiyou_testkit::proxy::{Kind, Proxy as TestProxy};
use tokio::io::AsyncWriteExt as _;

use super::*;
use crate::testing::{Authority, Validity, echo, quick, round_trip, server, tls_echo};
use crate::{DialConfig, ProxyChoice, Security};

const NAME: &str = "imap.example.com";

fn choice(kind: ProxyKind, address: std::net::SocketAddr, password: Option<&str>) -> ProxyChoice {
    ProxyChoice::Manual(Proxy {
        kind,
        endpoint: Endpoint::new(address.ip().to_string(), address.port()),
        credentials: password.map(|password| ("张三".to_owned(), SecretString::from(password))),
    })
}

async fn dial(choice: ProxyChoice) -> DialError {
    let dialer = Dialer::new(DialConfig {
        proxy: choice,
        ..quick()
    })
    .unwrap();
    dialer
        .dial(&Endpoint::new(NAME, 993), Security::StartTls)
        .await
        .unwrap_err()
}

#[tokio::test]
async fn tls_passes_through_either_proxy_which_resolves_the_name() {
    let authority = Authority::new();
    let mail = tls_echo(authority.acceptor(NAME, Validity::Now)).await;
    for (kind, speaks) in [(ProxyKind::Http, Kind::Http), (ProxyKind::Socks5, Kind::Socks5)] {
        for password in [None, Some("口令:x")] {
            let proxy = TestProxy::start(speaks, password.map(|p| ("张三", p))).await.unwrap();
            proxy.route("imap.example.com:993", mail);
            let dialer = authority.dialer(choice(kind, proxy.address(), password));
            let mut stream = dialer.dial(&Endpoint::new(NAME, 993), Security::Tls).await.unwrap();
            assert!(stream.is_encrypted());
            round_trip(&mut stream, "through").await;
            assert_eq!(
                (proxy.targets(), proxy.refused()),
                (vec!["imap.example.com:993".to_owned()], 0)
            );
        }
    }
}

#[tokio::test]
async fn a_proxy_that_wants_another_password_says_so() {
    for (kind, speaks) in [(ProxyKind::Http, Kind::Http), (ProxyKind::Socks5, Kind::Socks5)] {
        let proxy = TestProxy::start(speaks, Some(("张三", "right"))).await.unwrap();
        for password in [None, Some("wrong")] {
            let error = dial(choice(kind, proxy.address(), password)).await;
            assert!(
                matches!(
                    error,
                    DialError::Proxy {
                        auth_required: true,
                        ..
                    }
                ),
                "{kind:?} {password:?}: {error:?}"
            );
            assert!(!error.to_string().contains("wrong"));
        }
        assert_eq!((proxy.targets().len(), proxy.refused()), (0, 2));
    }
}

#[tokio::test]
async fn a_target_that_the_proxy_cannot_reach_is_the_proxys_failure() {
    for (kind, speaks) in [(ProxyKind::Http, Kind::Http), (ProxyKind::Socks5, Kind::Socks5)] {
        let proxy = TestProxy::start(speaks, None).await.unwrap();
        let error = dial(choice(kind, proxy.address(), None)).await;
        assert!(
            matches!(
                error,
                DialError::Proxy {
                    auth_required: false,
                    ..
                }
            ),
            "{kind:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named_as_the_proxy() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = dial(choice(ProxyKind::Socks5, closed, None)).await;
    assert!(
        matches!(&error, DialError::Proxy { proxy, .. } if *proxy == closed.to_string()),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_proxy_that_talks_without_end_or_sense_costs_little() {
    let endless = server(|mut client| async move {
        let mut line = b"HTTP/1.1 200 OK\r\nX: ".to_vec();
        line.resize(4096, b'x');
        while client.write_all(&line).await.is_ok() {
            line.fill(b'x');
        }
    })
    .await;
    let error = dial(choice(ProxyKind::Http, endless, None)).await;
    assert!(
        matches!(&error, DialError::Proxy { reason, .. } if reason.contains("too long")),
        "{error:?}"
    );

    let mail = server(|mut client| async move {
        let _ = client.write_all(b"* OK not a proxy\r\n\r\n").await;
        echo(client).await;
    })
    .await;
    for kind in [ProxyKind::Http, ProxyKind::Socks5] {
        let error = dial(choice(kind, mail, None)).await;
        assert!(
            matches!(
                error,
                DialError::Proxy {
                    auth_required: false,
                    ..
                }
            ),
            "{error:?}"
        );
    }

    let silent = server(|client| async move {
        std::future::pending::<()>().await;
        drop(client);
    })
    .await;
    let config = DialConfig {
        proxy: choice(ProxyKind::Http, silent, None),
        handshake_timeout: Duration::from_millis(50),
        ..quick()
    };
    let dialer = Dialer::new(config).unwrap();
    let error = dialer.dial(&Endpoint::new(NAME, 993), Security::Tls).await.unwrap_err();
    assert!(
        matches!(
            error,
            DialError::Timeout {
                stage: Stage::Proxy,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_the_server_says_first_is_not_eaten_with_the_proxys_answer() {
    let proxy = server(|mut client| async move {
        let _ = client.write_all(b"HTTP/1.1 200 OK\r\n\r\n* OK ready\r\n").await;
        echo(client).await;
    })
    .await;
    let config = DialConfig {
        proxy: choice(ProxyKind::Http, proxy, None),
        ..quick()
    };
    let mut stream = Dialer::new(config)
        .unwrap()
        .dial(&Endpoint::new(NAME, 143), Security::StartTls)
        .await
        .unwrap();
    let mut greeting = [0; 12];
    stream.read_exact(&mut greeting).await.unwrap();
    assert_eq!(&greeting, b"* OK ready\r\n");
}

#[tokio::test]
async fn a_proxy_inside_tls_still_leaves_the_tunnel_unprotected_for_the_mail_server() {
    let authority = Authority::new();
    let acceptor = authority.acceptor("127.0.0.1", Validity::Now);
    let address = server(move |client| {
        let acceptor = acceptor.clone();
        async move {
            let mut tls = acceptor.accept(client).await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(tls.read_u8().await.unwrap());
            }
            assert!(head.starts_with(b"CONNECT imap.example.com:143 HTTP/1.1\r\n"));
            tls.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            echo(tls).await;
        }
    })
    .await;
    let dialer = authority.dialer(choice(ProxyKind::Https, address, None));
    let mut stream = dialer
        .dial(&Endpoint::new(NAME, 143), Security::StartTls)
        .await
        .unwrap();
    assert!(!stream.is_encrypted());
    round_trip(&mut stream, "hello").await;
}

#[tokio::test]
async fn neither_this_computer_nor_plaintext_goes_through_a_proxy() {
    let proxy = TestProxy::start(Kind::Http, None).await.unwrap();
    let local = server(echo).await;
    proxy.route("192.0.2.1:143", local);
    let config = DialConfig {
        proxy: choice(ProxyKind::Http, proxy.address(), None),
        ..quick()
    };
    let dialer = Dialer::new(config).unwrap();
    let here = Endpoint::new("127.0.0.1", local.port());
    round_trip(&mut dialer.dial(&here, Security::StartTls).await.unwrap(), "direct").await;
    let error = dialer
        .dial(&Endpoint::new("192.0.2.1", 143), Security::None)
        .await
        .unwrap_err();
    assert!(matches!(error, DialError::PlaintextForbidden { .. }), "{error:?}");
    assert_eq!(proxy.targets(), Vec::<String>::new());
}

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use qiyou_testkit::proxy::{Kind, Proxy as TestProxy};
use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::*;
use crate::testing::{Authority, Validity, quick, server};
use crate::{CertificateProblem, DialConfig, ProxyChoice};

/// Answers each request by what `answer` makes of its head and body.
async fn serve(mut io: impl AsyncRead + AsyncWrite + Unpin, answer: impl Fn(&str) -> String) {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length:")?
                        .trim()
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if body.len() >= length {
                let _ = io.write_all(answer(&text).as_bytes()).await;
                let _ = io.shutdown().await;
                return;
            }
        }
        match io.read(&mut buffer).await {
            Ok(read @ 1..) => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
}

async fn http_server(answer: fn(&str) -> String) -> (Url, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let address = server(move |client| {
        let log = Arc::clone(&log);
        serve(client, move |request| {
            log.lock().unwrap().push(request.to_owned());
            answer(request)
        })
    })
    .await;
    (url("http", "127.0.0.1", address), seen)
}

fn url(scheme: &str, host: &str, address: SocketAddr) -> Url {
    Url::parse(&format!("{scheme}://{host}:{}/", address.port())).unwrap()
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn small() -> HttpLimits {
    HttpLimits {
        body: 1000,
        time: Duration::from_secs(5),
    }
}

fn direct() -> reqwest::Client {
    Dialer::new(quick()).unwrap().http().unwrap()
}

#[tokio::test]
async fn a_form_is_posted_and_its_answer_read_whatever_the_status() {
    let (url, seen) = http_server(|_| {
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}".to_owned()
    })
    .await;
    let answer = post_form(&direct(), &url, &[("code", "a b"), ("姓名", "张三")], small())
        .await
        .unwrap();
    assert_eq!(
        (answer.status, answer.content_type.as_deref(), &answer.body[..]),
        (400, Some("application/json"), &b"{}"[..])
    );
    let request = seen.lock().unwrap().concat();
    assert!(request.starts_with("POST / HTTP/1.1\r\n"), "{request}");
    assert!(
        request.ends_with("code=a+b&%E5%A7%93%E5%90%8D=%E5%BC%A0%E4%B8%89"),
        "{request}"
    );
}

#[tokio::test]
async fn json_is_posted_with_headers_and_nothing_where_there_is_no_body() {
    let (url, seen) = http_server(|_| ok("{}")).await;
    let (client, headers) = (direct(), [("x-token", "t-1")]);
    post_json(&client, &url, &headers, Some(&["张三"]), small())
        .await
        .unwrap();
    post_json::<str>(&client, &url, &[], None, small()).await.unwrap();
    let requests = seen.lock().unwrap().clone();
    assert!(
        requests[0].contains("content-type: application/json; charset=UTF-8\r\n"),
        "{requests:?}"
    );
    assert!(requests[0].contains("x-token: t-1\r\n"), "{requests:?}");
    assert!(requests[0].ends_with("\r\n\r\n[\"张三\"]"), "{requests:?}");
    assert!(requests[1].ends_with("\r\n\r\n"), "{requests:?}");
}

#[tokio::test]
async fn an_error_does_not_tell_the_address() {
    let (url, _) = http_server(|_| "no HTTP at all\r\n\r\n".to_owned()).await;
    let url = url.join("/refresh?token=secret-1").unwrap();
    let error = get(&direct(), &url, small()).await.unwrap_err();
    assert!(matches!(error, HttpError::Protocol { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("secret-1"), "{error:?}");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_announced_or_not() {
    let (announced, _) = http_server(|_| ok(&"x".repeat(1001))).await;
    let (silent, _) = http_server(|_| format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(100_000))).await;
    for url in [announced, silent] {
        let error = get(&direct(), &url, small()).await.unwrap_err();
        assert!(matches!(error, HttpError::TooLarge { limit: 1000, .. }), "{error:?}");
    }
    let (fits, _) = http_server(|_| ok(&"x".repeat(1000))).await;
    assert_eq!(get(&direct(), &fits, small()).await.unwrap().body.len(), 1000);
}

#[tokio::test]
async fn redirects_stay_on_their_host() {
    let (url, _) = http_server(|request| {
        if request.starts_with("GET /here") {
            ok("arrived")
        } else if request.starts_with("GET /loop") {
            "HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n".to_owned()
        } else if request.starts_with("GET /away") {
            "HTTP/1.1 302 Found\r\nLocation: http://localhost:9/\r\nContent-Length: 0\r\n\r\n".to_owned()
        } else {
            "HTTP/1.1 302 Found\r\nLocation: /here\r\nContent-Length: 0\r\n\r\n".to_owned()
        }
    })
    .await;
    let followed = get(&direct(), &url, small()).await.unwrap();
    assert_eq!(
        (followed.status, followed.url.path(), &followed.body[..]),
        (200, "/here", &b"arrived"[..])
    );
    for path in ["away", "loop"] {
        assert_eq!(
            get(&direct(), &url.join(path).unwrap(), small()).await.unwrap().status,
            302,
            "{path}"
        );
    }
}

#[tokio::test]
async fn plaintext_http_stays_on_this_computer() {
    let url = Url::parse("http://192.0.2.1/token").unwrap();
    let error = get(&direct(), &url, small()).await.unwrap_err();
    assert!(
        matches!(error, HttpError::Dial(DialError::PlaintextForbidden { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn silence_and_a_closed_port_are_told_apart() {
    let silent = server(|client| async move {
        std::future::pending::<()>().await;
        drop(client);
    })
    .await;
    let limits = HttpLimits {
        body: 10,
        time: Duration::from_millis(50),
    };
    let error = get(&direct(), &url("http", "127.0.0.1", silent), limits)
        .await
        .unwrap_err();
    assert!(matches!(error, HttpError::Timeout { .. }), "{error:?}");
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = get(&direct(), &url("http", "127.0.0.1", closed), small())
        .await
        .unwrap_err();
    assert!(matches!(error, HttpError::Dial(DialError::Tcp { .. })), "{error:?}");
}

#[tokio::test]
async fn the_same_trust_and_the_same_proxies_as_for_mail() {
    let authority = Authority::new();
    let acceptor = authority.acceptor("login.example.com", Validity::Now);
    let address = server(move |client| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(tls) = acceptor.accept(client).await {
                serve(tls, |_| ok("token")).await;
            }
        }
    })
    .await;
    let target = Url::parse("https://login.example.com/").unwrap();
    for (kind, speaks) in [(ProxyKind::Http, Kind::Http), (ProxyKind::Socks5, Kind::Socks5)] {
        let proxy = TestProxy::start(speaks, Some(("张三", "p@ss:/"))).await.unwrap();
        proxy.route("login.example.com:443", address);
        let choice = ProxyChoice::Manual(Proxy {
            kind,
            endpoint: Endpoint::new("127.0.0.1", proxy.address().port()),
            credentials: Some(("张三".to_owned(), SecretString::from("p@ss:/"))),
        });
        let answer = get(&authority.dialer(choice.clone()).http().unwrap(), &target, small())
            .await
            .unwrap();
        assert_eq!(&answer.body[..], b"token");
        assert_eq!(proxy.targets(), ["login.example.com:443"]);

        let stranger = Dialer::new(DialConfig {
            proxy: choice,
            ..quick()
        })
        .unwrap();
        let error = get(&stranger.http().unwrap(), &target, small()).await.unwrap_err();
        assert!(
            matches!(
                error,
                HttpError::Dial(DialError::Certificate {
                    problem,
                    ..
                })
                // wine tells every chain without a list of revocations by the same number.
                if problem == CertificateProblem::UnknownIssuer || cfg!(windows)
            ),
            "{error:?}"
        );
    }
}

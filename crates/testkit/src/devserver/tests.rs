//! 王五's browser has other pages open, and some of them are curious.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use qiyou_api::{Body, Endpoint, Hello, RequestFrame, ServerFrame};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{DevServer, Options};

/// An agent that knows one mail with one link, for as many clients as come.
fn agent(home: &Path) -> Endpoint {
    let endpoint = Endpoint::of_home(home);
    let mut listener = endpoint.listen().unwrap();
    tokio::spawn(async move {
        while let Ok(stream) = listener.accept().await {
            tokio::spawn(async move {
                let (read, mut write) = tokio::io::split(stream);
                let mut lines = BufReader::new(read).lines();
                let hello = serde_json::to_string(&Hello::new("agent")).unwrap() + "\n";
                write.write_all(hello.as_bytes()).await.unwrap();
                lines.next_line().await.unwrap();
                while let Ok(Some(line)) = lines.next_line().await {
                    let request: RequestFrame = serde_json::from_str(&line).unwrap();
                    let body = Body::Ready {
                        html: "<a href=\"link:0\">看</a>".into(),
                        plain: false,
                        cut: false,
                        remote_pictures: 0,
                        carried: 0,
                        links: vec!["https://example.com/true".into()],
                        language: None,
                        warnings: Vec::new(),
                    };
                    let ok = serde_json::value::to_raw_value(&body).unwrap();
                    let frame = ServerFrame {
                        id: Some(request.id),
                        ok: Some(ok),
                        ..ServerFrame::default()
                    };
                    let line = serde_json::to_string(&frame).unwrap() + "\n";
                    write.write_all(line.as_bytes()).await.unwrap();
                }
            });
        }
    });
    endpoint
}

struct Fixture {
    server: DevServer,
    _home: tempfile::TempDir,
    _page: tempfile::TempDir,
}

async fn start() -> Fixture {
    let home = tempfile::tempdir().unwrap();
    let page = tempfile::tempdir().unwrap();
    std::fs::write(page.path().join("index.html"), "<!doctype html>企邮").unwrap();
    let options = Options {
        page: page.path().to_owned(),
        endpoint: agent(home.path()),
        port: 0,
    };
    Fixture {
        server: DevServer::start(options).await.unwrap(),
        _home: home,
        _page: page,
    }
}

/// One request by hand, with exactly these headers. The answer as text.
async fn get(server: &DevServer, path: &str, headers: &[(&str, &str)]) -> String {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let mut request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        let _ = write!(request, "Host: {}\r\n", server.address());
    }
    for (name, value) in headers {
        let _ = write!(request, "{name}: {value}\r\n");
    }
    stream.write_all((request + "\r\n").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer))
        .await
        .unwrap()
        .unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap()
}

#[tokio::test]
async fn the_printed_address_lets_in_and_nothing_else_does() {
    let fixture = start().await;
    let server = &fixture.server;
    let token = server.token.clone();
    let cookie = format!("other=1; qiyou={token}");

    assert_eq!(status(&get(server, "/", &[]).await), "403", "no token");
    assert_eq!(status(&get(server, "/?token=wrong", &[]).await), "403");
    assert_eq!(status(&get(server, "/", &[("Cookie", "qiyou=wrong")]).await), "403");

    let first = get(server, &format!("/?token={token}"), &[]).await;
    assert_eq!(status(&first), "303");
    assert!(first.to_lowercase().contains("httponly; samesite=lax"), "{first}");
    let page = get(server, "/", &[("Cookie", &cookie)]).await;
    assert!(page.ends_with("<!doctype html>企邮"), "{page}");

    let own = format!("http://{}", server.address());
    assert_eq!(
        status(&get(server, "/", &[("Cookie", &cookie), ("Origin", &own)]).await),
        "200"
    );
    for foreign in ["https://example.com", "null", "http://localhost"] {
        assert_eq!(
            status(&get(server, "/", &[("Cookie", &cookie), ("Origin", foreign)]).await),
            "403",
            "{foreign}"
        );
    }
    let rebound = get(server, "/", &[("Cookie", &cookie), ("Host", "evil.example:80")]).await;
    assert_eq!(status(&rebound), "421");
}

#[tokio::test]
async fn files_outside_the_page_are_not_served() {
    let fixture = start().await;
    let cookie = format!("qiyou={}", fixture.server.token);
    for path in [
        "/../Cargo.toml",
        "/..%2fCargo.toml",
        "/a/../../x",
        "//etc/passwd",
        "/missing.js",
    ] {
        assert_eq!(
            status(&get(&fixture.server, path, &[("Cookie", &cookie)]).await),
            "404",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_body_comes_sealed_and_its_links_tell_where_they_lead() {
    let fixture = start().await;
    let server = &fixture.server;
    let cookie = format!("qiyou={}", server.token);
    let body = get(server, "/body/5?remote=0&theme=dark", &[("Cookie", &cookie)]).await;
    assert!(
        body.contains("default-src 'none'") && body.contains("data-theme=\"dark\""),
        "{body}"
    );
    let link = format!("/{}/link/5/0", server.token);
    assert!(body.contains(&format!("href=\"{link}\"")), "{body}");

    // The frame has no cookie.
    let mut followed = server.followed();
    assert_eq!(status(&get(server, &link, &[]).await), "204");
    followed.wait_for(|all| !all.is_empty()).await.unwrap();
    assert_eq!(*followed.borrow(), ["https://example.com/true"]);
    assert_eq!(status(&get(server, "/link/5/0", &[]).await), "403", "without the token");
}

#[tokio::test]
async fn a_page_talks_to_the_agent_in_the_apis_own_lines() {
    let fixture = start().await;
    let server = &fixture.server;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let request = format!(
        "GET /api HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nCookie: qiyou={1}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        server.address(),
        server.token
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    assert_eq!(status(&line), "101");
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line).await.unwrap();
    }
    let hello = serde_json::to_string(&Hello::new("browser")).unwrap();
    send(&mut stream, &hello).await;
    let theirs: Hello = serde_json::from_str(&receive(&mut stream).await).unwrap();
    assert_eq!(theirs.role, "agent");
    send(
        &mut stream,
        r#"{"id":3,"method":"mail.body","params":{"mail":5,"remote":false}}"#,
    )
    .await;
    let answer: ServerFrame = serde_json::from_str(&receive(&mut stream).await).unwrap();
    assert_eq!(answer.id, Some(3));
    assert!(answer.ok.unwrap().get().contains("example.com/true"));
}

/// A masked text frame (RFC 6455) with a mask of zeros.
async fn send(stream: &mut BufReader<TcpStream>, text: &str) {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 126);
    stream.write_all(&[0x81, 0x80 | length, 0, 0, 0, 0]).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
}

async fn receive(stream: &mut BufReader<TcpStream>) -> String {
    let mut head = [0; 2];
    tokio::time::timeout(Duration::from_secs(10), stream.read_exact(&mut head))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(head[0], 0x81);
    let length = if head[1] == 126 {
        usize::from(stream.read_u16().await.unwrap())
    } else {
        usize::from(head[1])
    };
    let mut text = vec![0; length];
    stream.read_exact(&mut text).await.unwrap();
    String::from_utf8(text).unwrap()
}

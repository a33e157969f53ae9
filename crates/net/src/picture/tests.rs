use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::testing::quick;

const LIMITS: HttpLimits = HttpLimits {
    body: 1000,
    time: Duration::from_secs(5),
};

/// A server that answers each request with what `answer` makes of its path; every request's head goes to the log.
async fn server(answer: fn(&str, u16) -> String) -> (u16, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (log, heard) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let read = client.read(&mut head).await.unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..read]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let _ = log.send(head);
            let _ = client.write_all(answer(&path, port).as_bytes()).await;
        }
    });
    (port, heard)
}

fn ok(_: &str, _: u16) -> String {
    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\n\u{89}PN".to_owned()
}

#[tokio::test]
async fn a_picture_is_asked_for_by_a_stranger() {
    let (port, mut heard) = server(ok).await;
    let url = Url::parse(&format!("http://127.0.0.1:{port}/open.png?who=zhangsan")).unwrap();
    let dialer = Dialer::new(quick()).unwrap();
    let answer = picture(&dialer, &url, LIMITS, true).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (200, 4));
    let head = heard.recv().await.unwrap().to_ascii_lowercase();
    for word in ["cookie", "referer", "user-agent", "qiyou", "accept-language"] {
        assert!(!head.contains(word), "{word}: {head}");
    }
}

#[tokio::test]
async fn no_picture_comes_from_this_computer_by_number_name_or_redirect() {
    let (port, mut heard) = server(|path, port| {
        if path == "/there" {
            format!("HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: http://127.0.0.1:{port}/secret\r\nContent-Length: 0\r\n\r\n")
        } else {
            ok(path, port)
        }
    })
    .await;
    let dialer = Dialer::new(quick()).unwrap();
    for address in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://a.localhost:{port}/"),
        format!("http://0.0.0.0:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "file:///etc/passwd".to_owned(),
        "ftp://example.com/x.png".to_owned(),
    ] {
        let url = Url::parse(&address).unwrap();
        assert!(picture(&dialer, &url, LIMITS, false).await.is_err(), "{address}");
    }
    assert!(heard.try_recv().is_err(), "nobody was asked");
    // A redirect is judged as the first address was: it is followed here only where that was allowed, too.
    let url = Url::parse(&format!("http://127.0.0.1:{port}/there")).unwrap();
    assert_eq!(picture(&dialer, &url, LIMITS, true).await.unwrap().status, 200);
    assert!(!may_go(&Url::parse("http://127.0.0.1/secret").unwrap(), false));
}

#[tokio::test]
async fn a_picture_without_end_is_given_up() {
    let (port, _heard) =
        server(|_, _| format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "x".repeat(5000))).await;
    let url = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    let dialer = Dialer::new(quick()).unwrap();
    let failed = picture(&dialer, &url, LIMITS, true).await;
    assert!(
        matches!(failed, Err(HttpError::TooLarge { limit: 1000, .. })),
        "{failed:?}"
    );
}

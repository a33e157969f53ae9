use std::net::SocketAddr;

use qiyou_net::{DialConfig, ProxyChoice};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::*;

fn network() -> Network {
    let config = DialConfig {
        proxy: ProxyChoice::Direct,
        ..DialConfig::default()
    };
    Network::new(Dialer::new(config).unwrap(), None)
}

async fn server(greeting: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            // An HTTP server listens first, a mail server speaks first.
            if greeting.starts_with(b"HTTP") {
                let _ = client.read(&mut [0; 1024]).await;
            }
            let _ = client.write_all(greeting).await;
            let _ = client.shutdown().await;
        }
    });
    address
}

fn at(address: SocketAddr) -> Endpoint {
    Endpoint::new(address.ip().to_string(), address.port())
}

#[tokio::test]
async fn a_probe_reads_one_bounded_line() {
    let imap = server(b"* OK Coremail ready\r\n* more\r\n").await;
    assert_eq!(
        network().probe(&at(imap), Security::StartTls).await,
        Probe::Speaks("* OK Coremail ready".to_owned())
    );
    let endless = server(vec![b'x'; 100_000].leak()).await;
    match network().probe(&at(endless), Security::StartTls).await {
        Probe::Speaks(line) => assert_eq!(line.len() as u64, MAX_GREETING),
        other => panic!("{other:?}"),
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    assert_eq!(network().probe(&at(closed), Security::StartTls).await, Probe::Nothing);
}

#[tokio::test]
async fn a_file_is_bounded_and_taken_only_when_it_is_there() {
    let url = |address: SocketAddr| Url::parse(&format!("http://127.0.0.1:{}/a.xml", address.port())).unwrap();
    let good = server(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>").await;
    assert_eq!(network().file(&url(good)).await.as_deref(), Some(&b"<a/>"[..]));
    let missing = server(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n<a/>").await;
    assert_eq!(network().file(&url(missing)).await, None);
    let large = server(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n").await;
    assert_eq!(network().file(&url(large)).await, None);
}

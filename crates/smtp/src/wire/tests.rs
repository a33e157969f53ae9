use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::*;

fn pair() -> (DuplexStream, Wire, Hold) {
    let (server, client) = duplex(1 << 16);
    let (wire, hold) = Wire::new(Stream::from_io(client, false), false);
    (server, wire, hold)
}

/// All that lettre would read of what the server sends before it closes.
async fn read(bytes: &[u8]) -> (String, Vec<String>) {
    let (mut server, mut wire, hold) = pair();
    server.write_all(bytes).await.unwrap();
    drop(server);
    let mut text = String::new();
    wire.read_to_string(&mut text).await.unwrap();
    (text, hold.reply())
}

#[tokio::test]
async fn replies_in_gb18030_become_utf8() {
    let (words, _, _) = encoding_rs::GB18030.encode("535 用户名或密码错误\r\n");
    assert_eq!(read(&words).await.0, "535 用户名或密码错误\r\n");
    assert_eq!(read("250 好的\r\n".as_bytes()).await.0, "250 好的\r\n");
}

#[tokio::test]
async fn sloppy_lines_are_made_whole() {
    let (text, reply) = read(b"250-  \t \n250-SIZE 10  \r\n250\r\n").await;
    assert_eq!(text, "250-\r\n250-SIZE 10\r\n250 \r\n");
    assert_eq!(reply, ["", "SIZE 10", ""]);
}

#[tokio::test]
async fn half_a_line_at_the_end_is_no_reply() {
    assert_eq!(read(b"250 ok\r\n250 hal").await.0, "250 ok\r\n");
}

#[tokio::test]
async fn an_endless_line_ends_with_an_error() {
    let (mut server, mut wire, _hold) = pair();
    server.write_all(&[b'x'; MAX_LINE + 2]).await.unwrap();
    let error = wire.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
}

#[tokio::test]
async fn remembered_lines_are_those_of_the_last_command_and_bounded() {
    let (mut server, mut wire, hold) = pair();
    server.write_all(&b"250-x\r\n".repeat(MAX_LINES + 50)).await.unwrap();
    let mut sink = vec![0; 7 * (MAX_LINES + 50)];
    wire.read_exact(&mut sink).await.unwrap();
    assert_eq!(hold.reply().len(), MAX_LINES);
    wire.write_all(b"NOOP\r\n").await.unwrap();
    assert_eq!(hold.reply(), Vec::<String>::new());
}

#[tokio::test]
async fn after_the_connection_is_taken_nothing_more_passes() {
    let (_server, mut wire, hold) = pair();
    assert!(hold.take().is_some());
    assert_eq!(
        wire.read_u8().await.unwrap_err().kind(),
        std::io::ErrorKind::NotConnected
    );
    assert_eq!(
        wire.write_all(b"x").await.unwrap_err().kind(),
        std::io::ErrorKind::NotConnected
    );
    assert!(hold.take().is_none());
}

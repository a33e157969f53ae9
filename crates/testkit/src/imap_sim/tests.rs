//! Each refusal is shown, so that a client that passes these servers passes what they stand for.
mod lies;
mod plain;
mod providers;

use super::{ImapSim, PASSWORD, Quirks, USER};
use crate::raw_imap::RawImap;

const MAIL: &[u8] = "From: \"李四\" <lisi@qiyou.test>\r\nTo: zhangsan@qiyou.test\r\nSubject: hello\r\n\
    Date: Mon, 2 Nov 2026 09:00:00 +0800\r\nMessage-ID: <1@qiyou.test>\r\n\r\nbody\r\n"
    .as_bytes();

const MIXED: &[u8] = b"Subject: parts\r\nContent-Type: multipart/mixed; boundary=\"b 1\"\r\n\r\npreamble\r\n\
    --b 1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\none\r\n\
    --b 1\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner body\r\n\
    --b 1--\r\n";

/// A server, and 张三 signed in and introduced.
async fn signed_in(quirks: Quirks) -> (ImapSim, RawImap) {
    let server = ImapSim::start(quirks).unwrap();
    let client = another(&server).await;
    (server, client)
}

async fn another(server: &ImapSim) -> RawImap {
    let mut client = RawImap::connect(server.port()).await.unwrap();
    client.login(USER, PASSWORD).await.unwrap();
    client.command("ID (\"name\" \"test\")").await.unwrap();
    client
}

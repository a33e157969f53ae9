use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{AfterData, Security, SmtpServer};
use crate::tls::TestCa;
use crate::wire::Stream;

const ZHANG: &str = "zhangsan@qiyou.test";
const LIMIT: Duration = Duration::from_secs(10);

struct Client(BufReader<Box<dyn Stream>>);

impl Client {
    async fn plain(port: u16) -> Self {
        let mut client = Self(BufReader::new(Box::new(
            TcpStream::connect(("127.0.0.1", port)).await.unwrap(),
        )));
        client.reply().await;
        client
    }

    async fn tls(self, ca: &TestCa) -> Self {
        let connector = TlsConnector::from(ca.client_config().unwrap());
        let stream = connector
            .connect(ServerName::try_from("localhost").unwrap(), self.0.into_inner())
            .await
            .unwrap();
        Self(BufReader::new(Box::new(stream)))
    }

    /// The last line of the reply, empty at the end of the connection.
    async fn reply(&mut self) -> Vec<u8> {
        loop {
            let mut line = Vec::new();
            self.0.read_until(b'\n', &mut line).await.unwrap();
            if line.get(3) != Some(&b'-') {
                return line;
            }
        }
    }

    async fn say(&mut self, line: &str) -> String {
        self.0.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        String::from_utf8_lossy(&self.reply().await).trim_end().to_owned()
    }
}

fn word(password: &str) -> String {
    STANDARD.encode(format!("\0{ZHANG}\0{password}"))
}

#[tokio::test]
async fn a_mail_is_kept_as_it_was_and_each_recipient_answered_for_itself() {
    let server = SmtpServer::builder()
        .refuse_recipient("wangwu@qiyou.test", "550 5.1.1 no such user")
        .start()
        .unwrap();
    let mut client = Client::plain(server.port()).await;
    assert!(client.say("EHLO localhost").await.starts_with("250 SIZE"));
    assert!(
        client
            .say("MAIL FROM:<zhangsan@qiyou.test> SIZE=20")
            .await
            .starts_with("250")
    );
    assert!(client.say("RCPT TO:<lisi@qiyou.test>").await.starts_with("250"));
    assert_eq!(
        client.say("RCPT TO:<wangwu@qiyou.test>").await,
        "550 5.1.1 no such user"
    );
    assert!(client.say("DATA").await.starts_with("354"));
    assert!(client.say("Subject: x\r\n\r\n..dot\r\n.").await.starts_with("250"));
    let mails = server.wait_for_mails(1, LIMIT).await.unwrap();
    assert_eq!(mails[0].to, ["lisi@qiyou.test"]);
    assert_eq!(mails[0].data, b"Subject: x\r\n\r\n.dot\r\n");
}

#[tokio::test]
async fn netease_answers_a_wrong_password_in_gbk() {
    let server = SmtpServer::builder().user(ZHANG, "geheim").netease().start().unwrap();
    let mut client = Client::plain(server.port()).await;
    client
        .0
        .write_all(format!("AUTH PLAIN {}\r\n", word("falsch")).as_bytes())
        .await
        .unwrap();
    let reply = client.reply().await;
    assert!(
        reply.starts_with(b"535 ") && std::str::from_utf8(&reply).is_err(),
        "not UTF-8"
    );
    assert!(encoding_rs::GBK.decode(&reply).0.contains("授权码"));
    assert!(client.say("MAIL FROM:<a@b>").await.starts_with("530"));
    assert!(
        !server.commands().join("\n").contains(&word("falsch")),
        "no secrets in the record"
    );
}

#[tokio::test]
async fn sign_in_works_by_each_mechanism_and_by_those_offered_alone() {
    let server = SmtpServer::builder()
        .user(ZHANG, "geheim")
        .mechanisms(&["LOGIN", "XOAUTH2"])
        .start()
        .unwrap();
    let mut client = Client::plain(server.port()).await;
    assert!(
        client
            .say(&format!("AUTH PLAIN {}", word("geheim")))
            .await
            .starts_with("504")
    );
    assert_eq!(client.say("AUTH LOGIN").await, "334 VXNlcm5hbWU6");
    client.say(&STANDARD.encode(ZHANG)).await;
    assert!(client.say(&STANDARD.encode("geheim")).await.starts_with("235"));
    let bearer = |token: &str| STANDARD.encode(format!("user={ZHANG}\x01auth=Bearer {token}\x01\x01"));
    assert!(
        client
            .say(&format!("AUTH XOAUTH2 {}", bearer("geheim")))
            .await
            .starts_with("235")
    );
    assert!(
        client
            .say(&format!("AUTH XOAUTH2 {}", bearer("old")))
            .await
            .starts_with("334"),
        "why, as JSON"
    );
    assert!(client.say("").await.starts_with("535"));
}

#[tokio::test]
async fn starttls_is_needed_before_the_password() {
    let ca = TestCa::new().unwrap();
    let builder = SmtpServer::builder().user(ZHANG, "geheim");
    let server = builder
        .tls(Security::StartTls, &ca.localhost().unwrap())
        .unwrap()
        .start()
        .unwrap();
    let mut client = Client::plain(server.port()).await;
    assert!(
        client
            .say(&format!("AUTH PLAIN {}", word("geheim")))
            .await
            .starts_with("538")
    );
    assert!(client.say("STARTTLS").await.starts_with("220"));
    let mut client = client.tls(&ca).await;
    assert!(
        client
            .say(&format!("AUTH PLAIN {}", word("geheim")))
            .await
            .starts_with("235")
    );
}

#[tokio::test]
async fn implicit_tls_greets_inside_tls() {
    let ca = TestCa::new().unwrap();
    let identity = ca.localhost().unwrap();
    let server = SmtpServer::builder()
        .tls(Security::Implicit, &identity)
        .unwrap()
        .start()
        .unwrap();
    let stream: Box<dyn Stream> = Box::new(TcpStream::connect(("127.0.0.1", server.port())).await.unwrap());
    let mut client = Client(BufReader::new(stream)).tls(&ca).await;
    assert!(client.reply().await.starts_with(b"220 "));
}

#[tokio::test]
async fn too_large_is_refused_before_and_after_and_a_lost_answer_is_a_kept_mail() {
    let server = SmtpServer::builder().size_limit(100).start().unwrap();
    let mut client = Client::plain(server.port()).await;
    assert!(client.say("MAIL FROM:<a@b> SIZE=101").await.starts_with("552"));
    client.say("MAIL FROM:<a@b>").await;
    client.say("RCPT TO:<c@d>").await;
    client.say("DATA").await;
    assert!(
        client
            .say(&format!("{}\r\n.", "x".repeat(200)))
            .await
            .starts_with("552")
    );
    assert!(server.mails().is_empty());
    server.set_after_data(AfterData::KeepAndHangUp);
    client.say("MAIL FROM:<a@b>").await;
    client.say("RCPT TO:<c@d>").await;
    client.say("DATA").await;
    assert_eq!(client.say("x\r\n.").await, "", "hung up");
    assert_eq!(server.mails().len(), 1);
}

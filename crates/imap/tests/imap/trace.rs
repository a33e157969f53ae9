//! What the trace holds: the conversation, and no secret.

use std::io::Write;
use std::sync::{Arc, Mutex};

use qiyou_imap::{Credentials, Limits, MailboxName, SelectOptions, Session};
use secrecy::SecretString;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

use crate::common::{PASSWORD, Script, TAG, client_id, zhangsan};

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Sink {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// async-imap traces through the `log` crate: this is where it would end up if somebody turned everything on.
struct LogSink(Sink);

impl log::Log for LogSink {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &log::Record<'_>) {
        let _ = writeln!(self.0.clone(), "{} {}", record.target(), record.args());
    }
    fn flush(&self) {}
}

#[tokio::test]
async fn everything_is_traced_but_no_secret() {
    let sink = Sink::default();
    let shared: &'static LogSink = Box::leak(Box::new(LogSink(sink.clone())));
    log::set_logger(shared).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let subscriber = tracing_subscriber::registry().with(
        tracing_subscriber::fmt::layer()
            .with_writer(sink.clone())
            .with_ansi(false),
    );
    let _guard = tracing::subscriber::set_default(subscriber);

    let body = "* 1 FETCH (UID 1 BODY[] {14}\r\nSecret-literal)\r\n";
    let (session, _) = Script::signed_in("")
        .on("SELECT", &format!("* 1 EXISTS\r\n{TAG} OK [READ-WRITE] done\r\n"))
        .on("UID FETCH", &format!("{body}{TAG} OK done\r\n"))
        .on("UID FETCH", &format!("{TAG} OK done\r\n"))
        .open()
        .await;
    let mut session = session.unwrap();
    session
        .select(&MailboxName::inbox(), SelectOptions::default())
        .await
        .unwrap();
    session.fetch_section(1, "", &mut |_| Ok(())).await.ok();
    drop(session);

    // By SASL, refused, with the password repeated in the refusal.
    for capabilities in ["AUTH=PLAIN SASL-IR", "AUTH=PLAIN", "AUTH=LOGIN LOGINDISABLED"] {
        let (session, _) = Script::new(&format!("* OK [CAPABILITY IMAP4rev1 {capabilities}] ready\r\n"))
            .on("AUTHENTICATE", &format!("+ \r\n{TAG} NO you said {PASSWORD}\r\n"))
            .open()
            .await;
        session.unwrap_err();
    }
    let bearer = Credentials::Bearer {
        user: "z@example.test".into(),
        token: SecretString::from("tok-en-tok-en"),
    };
    let (stream, _) = Script::new("* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready\r\n")
        .on("AUTH", "+ \r\n")
        .start();
    let limits = Limits {
        command_timeout: std::time::Duration::from_millis(100),
        ..Limits::default()
    };
    Session::over(stream, &bearer, &client_id(), &limits).await.unwrap_err();

    let traced = String::from_utf8_lossy(&sink.0.lock().unwrap()).into_owned();
    assert!(traced.contains("C: A0001 LOGIN *** ***"), "{traced}");
    assert!(
        traced.contains("SELECT") && traced.contains("S: * 1 EXISTS"),
        "{traced}"
    );
    assert!(traced.contains("async_imap"), "async-imap's own trace was not caught");
    let encode = |raw: &str| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, raw);
    for secret in [
        PASSWORD.to_owned(),
        "Geheim".to_owned(),
        encode(PASSWORD),
        encode(&format!("\0zhangsan@example.test\0{PASSWORD}")),
        "tok-en".to_owned(),
        encode("user=z@example.test\u{1}auth=Bearer tok-en-tok-en\u{1}\u{1}"),
        "Secret-literal".to_owned(),
    ] {
        assert!(!traced.contains(&secret), "the trace holds {secret:?}");
    }
    assert!(!format!("{:?}", zhangsan()).contains("Geheim"));
}
